"""How a node proves to the NATS servers who it is (password, nkey, credentials file, certificate), and which NATS servers
it accepts (TLS). The number of workers does not matter for that."""

import os

import pytest

from harness.nkeys import Key, Operator

SECRET = "node-SECRET-8"
pytestmark = pytest.mark.parametrize("workers", [1], indirect=True)


@pytest.fixture
def start_node(start_proxy, pbx):
    """start_node(nats, **keys of the section `cluster`): its Asterisk is not waited for."""

    def start(nats, **keys):
        return start_proxy({"pbx1": pbx}, up=[], cluster=nats.section("n1", **keys))

    return start


def users(secret=SECRET):
    return {"authorization": {"users": [{"user": "nodes", "password": secret}]}}


def connects(proxy):
    proxy.wait_for_line("bus connected")


def refused(proxy, *words):
    """Told as an error, and once."""
    proxy.wait_for_line(" error ", "bus not connected", "does not accept this node", *words)
    return sum(" error " in line and "bus not connected" in line for line in proxy.lines)


def secret_file(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    return path


def test_a_password(start_node, nats_servers, tmp_path):
    nats = nats_servers(**users())
    path = secret_file(tmp_path, "secret", SECRET + "\n")
    connects(start_node(nats, user="nodes", secret_file=path))


def test_a_wrong_password_is_told_once_and_tried_again(start_node, nats_servers):
    nats = nats_servers(**users("another"))
    proxy = start_node(nats, user="nodes", secret=SECRET)
    assert refused(proxy, 'reason="Authorization Violation"') == 1
    proxy.wait_for_line(" debug ", "bus not connected")  # tried again
    assert SECRET not in proxy.log()
    nats.servers[0].kill()
    nats.servers[0].more = users()
    nats.servers[0].start()
    connects(proxy)
    assert refused(proxy) == 1


def test_no_password(start_node, nats_servers):
    nats = nats_servers(**users())
    refused(start_node(nats), 'reason="Authorization Violation"')


def test_an_nkey(start_node, nats_servers, tmp_path):
    key = Key(str(tmp_path), "user")
    nats = nats_servers(authorization={"users": [{"nkey": key.public}]})
    path = secret_file(tmp_path, "seed", key.seed)
    connects(start_node(nats, nkey=key.public, nkey_seed_file=path))


def test_an_nkey_with_the_seed_of_another(start_node, nats_servers, tmp_path):
    key, other = Key(str(tmp_path), "user"), Key(str(tmp_path), "user")
    nats = nats_servers(authorization={"users": [{"nkey": key.public}]})
    proxy = start_node(nats, nkey=key.public, nkey_seed=other.seed)
    refused(proxy, 'reason="Authorization Violation"')
    assert other.seed not in proxy.log()


def test_a_credentials_file(start_node, nats_servers, tmp_path):
    operator = Operator(str(tmp_path))
    nats = nats_servers(**operator.sections)
    path = secret_file(tmp_path, "node.creds", operator.credentials())
    connects(start_node(nats, credentials_file=path))


def test_a_credentials_file_of_another_account(start_node, nats_servers, tmp_path):
    operator, other = Operator(str(tmp_path)), Operator(str(tmp_path))
    nats = nats_servers(**operator.sections)
    path = secret_file(tmp_path, "node.creds", other.credentials())
    refused(start_node(nats, credentials_file=path))


# --- TLS


def server_tls(authority, alternatives="IP:127.0.0.1", **more):
    pem = authority.issue("nats", alternatives)
    return {"tls": {"cert_file": pem, "key_file": pem, **more}}


def test_tls_with_an_authority(start_node, nats_servers, authority):
    nats = nats_servers(**server_tls(authority))
    connects(start_node(nats, tls={"ca": authority.certificate}))


def test_tls_of_an_unknown_authority(start_node, nats_servers, authority):
    nats = nats_servers(**server_tls(authority))
    refused(start_node(nats), "unable to get local issuer certificate")


def test_tls_with_the_name_of_another(start_node, nats_servers, authority):
    nats = nats_servers(**server_tls(authority, "DNS:other.example,IP:192.0.2.1"))
    proxy = start_node(nats, tls={"ca": authority.certificate})
    refused(proxy, "mismatch")


def test_tls_that_is_not_checked(start_node, nats_servers, authority):
    nats = nats_servers(**server_tls(authority, "DNS:other.example"))
    connects(start_node(nats, tls={"verify": False}))


@pytest.mark.parametrize("has_one", [True, False])
def test_tls_with_a_certificate_of_the_node(start_node, nats_servers, authority, has_one):
    nats = nats_servers(**server_tls(authority, ca_file=authority.certificate, verify=True))
    tls = {"ca": authority.certificate}
    if has_one:
        tls["certificate"] = authority.issue("node")
    proxy = start_node(nats, tls=tls)
    if has_one:
        connects(proxy)
    else:
        proxy.wait_for_line("bus not connected")


def test_tls_at_a_server_without(start_node, nats, authority):
    urls = [url.replace("nats:", "tls:") for url in nats.urls]
    proxy = start_node(nats, bus=urls, tls={"ca": authority.certificate})
    proxy.wait_for_line("bus not connected")
