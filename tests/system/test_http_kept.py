"""HTTP connections that are kept: what a request finds of those before it, and clients that do not read their answers."""

import socket
from base64 import b64encode

import pytest
import yaml

from harness.limits import Deadline
from harness.process import LEAN, allowed_kib
from harness.proxy import USERS, secret_of, write_configuration
from harness.web import ALL_PLUGINS, Web, basic, listeners

FILE = 1 << 20


def connect(proxy, auth=None):
    client = Web(proxy.addresses[1], auth)
    proxy.clients.append(client)
    return client


@pytest.fixture
def site(start_proxy, pbx, tmp_path):
    (tmp_path / "site").mkdir(mode=0o755)
    (tmp_path / "site" / "large").write_bytes(bytes(FILE))
    return start_proxy(
        {"pbx1": pbx},
        env=LEAN,
        listen=listeners(reports=True),
        plugins=ALL_PLUGINS,
        http={"document_root": "site", "idle_timeout": "60s"},
    )


# -- requests that are sent together


@pytest.mark.parametrize("ends", [False, True], ids=["goes on", "shuts its side"])
@pytest.mark.parametrize("target, count", [("/large", 48), ("/openapi.json", 250)])
def test_answers_that_nobody_reads_are_not_gathered(site, target, count, ends):
    """The next request is begun when the answers before it are read: whoever asks for a file a thousand times in one
    packet must not make the proxy hold it a thousand times. All are answered, if they are read after all."""
    length = len(connect(site).get(target).body)
    before = site.memory_kib()
    client = connect(site)
    client.send_raw(client.head("GET", target) * count)
    if ends:
        client.socket.shutdown(socket.SHUT_WR)
    assert connect(site).get("/healthz").status == 200
    assert client.fill(Deadline())
    assert site.memory_kib() - before < allowed_kib(4 * 1024)
    for _ in range(count):
        answer = client.read()
        assert (answer.status, len(answer.body)) == (200, length)
    if ends:
        assert client.read_to_end() == b""
    else:
        assert client.get(target).status == 200


# -- credentials after a reload


def change_user(proxy, **changes):
    with open(proxy.path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    config["users"] = [dict(USERS[0], **changes)] + USERS[1:]
    write_configuration(proxy.path, config)
    proxy.make_readable()
    proxy.hang_up()


@pytest.mark.parametrize(
    "changes", [{"secret": "other-SECRET"}, {"address": ["192.0.2.0/24"]}], ids=["secret", "address"]
)
def test_credentials_are_judged_by_the_configuration_in_use(start_proxy, pbx, changes):
    """Each request has its own credentials: a connection that is kept does not make those of an earlier configuration
    last. An AMI client gives them once: it stays logged in, and only another login with them fails."""
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS)
    kept, other = connect(proxy, basic()), connect(proxy, basic("bill"))
    session = proxy.login("dave", Events="off")
    assert [client.get("/?Action=Ping").status for client in (kept, kept, other)] == [200] * 3
    change_user(proxy, **changes)
    assert kept.get("/?Action=Ping").status == 401
    assert other.get("/?Action=Ping").status == 200
    assert proxy.connect().login("dave", secret_of("dave"))["Message"] == "Authentication failed"
    session.send(Action="CoreStatus", ActionID="stays")
    pbx.expect(Action="CoreStatus").reply()
    assert session.response("stays")["Response"] == "Success"
    if "secret" in changes:
        kept.auth = "Basic " + b64encode(b"dave:other-SECRET").decode()
        assert kept.get("/?Action=Ping").status == 200
    change_user(proxy)
    kept.auth = basic()
    assert kept.get("/?Action=Ping").status == 200
