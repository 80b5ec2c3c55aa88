"""Address rules: who may connect to a listener, and where a user may log in from."""

import socket
import ssl

import pytest

from harness.client import md5_key
from harness.limits import DEADLINE
from harness.proxy import USERS, configuration, secret_of, server_entry, write_configuration
from harness.tls import TlsClient, trusting
from harness.web import ALL_PLUGINS, Web, basic, listeners

OPEN = {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"}
FAILED = "Authentication failed"
HERE, THERE = "127.0.0.1", "127.0.0.2"


def at_home(name, *networks):
    """The users, one of whom may log in only from there."""
    return [{**user, **({"address": list(networks)} if user["name"] == name else {})} for user in USERS]


def is_served(address, source):
    """Is a client greeted (True), or closed without a byte (False)?"""
    client = socket.create_connection(address, DEADLINE, source_address=(source, 0))
    with client:
        try:
            return client.recv(100) != b""
        except ConnectionError:
            return False


@pytest.mark.parametrize(
    "rules, here, there",
    [
        ({"allow": ["127.0.0.1"]}, True, False),
        ({"allow": ["127.0.0.0/8"], "deny": ["127.0.0.1/32"]}, False, True),
        ({"deny": ["127.0.0.2"]}, True, False),
        ({"allow": ["0.0.0.0/0"], "deny": ["0.0.0.0/0"]}, False, False),
        ({"allow": ["10.0.0.0/8", "::ffff:127.0.0.2/128"]}, False, True),
        ({"allow": ["::/0"]}, False, False),
        ({"deny": ["::/0"]}, True, True),
    ],
    ids=range(7),
)
def test_r44_listener_rules(start_proxy, pbx, rules, here, there):
    proxy = start_proxy({"pbx1": pbx}, listen=[OPEN, {**OPEN, **rules}])
    assert is_served(proxy.addresses[1], HERE) is here
    assert is_served(proxy.addresses[1], THERE) is there
    assert is_served(proxy.addresses[0], HERE) and is_served(proxy.addresses[0], THERE)


def test_r44_mapped_addresses_are_ipv4(start_proxy, pbx):
    """A socket for both families sees IPv4 clients as IPv6."""
    proxy = start_proxy(
        {"pbx1": pbx},
        listen=[OPEN, {**OPEN, "address": "*", "allow": ["127.0.0.2"]}],
        users=at_home("bill", "127.0.0.2/32"),
    )
    address = (HERE, proxy.addresses[1][1])
    assert not is_served(address, HERE)
    assert is_served(address, THERE)
    proxy.addresses[1] = address
    assert proxy.connect(1, source=THERE).login("bill", secret_of("bill"))["Response"] == "Success"


def test_refused_connections_are_said_once_a_minute(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, listen=[OPEN, {**OPEN, "deny": [HERE]}])
    for _ in range(20):
        assert not is_served(proxy.addresses[1], HERE)
    assert proxy.login("dave", Events="off").fence() == []
    assert proxy.log().count("connection refused by address") == 1
    line = proxy.wait_for_line("connection refused by address")
    assert f"listener={HERE}:{proxy.addresses[1][1]}" in line and f"address={HERE}:" in line


def test_listener_rules_come_before_tls(start_proxy, pbx, authority):
    certificate = authority.issue("proxy")
    proxy = start_proxy(
        {"pbx1": pbx}, tls={"certificate": certificate}, listen=[OPEN, {**OPEN, "tls": "required", "deny": [THERE]}]
    )
    assert TlsClient(proxy.addresses[1], trusting(authority)).banner
    client = socket.create_connection(proxy.addresses[1], DEADLINE, source_address=(THERE, 0))
    with client, pytest.raises((ssl.SSLError, OSError)):
        trusting(authority).wrap_socket(client, server_hostname="localhost")
    assert not proxy.log_contains("session opened", THERE)


# -- users


def test_r44_user_rules(start_proxy, pbx):
    """The answer is that of a wrong secret; other users are not concerned."""
    proxy = start_proxy({"pbx1": pbx}, users=at_home("bill", THERE, "2001:db8::/32"))
    here = proxy.connect()
    here.send(Action="Login", Username="bill", Secret=secret_of("bill"), ActionID="l")
    assert here.read_message().text == f"Response: Error\nActionID: l\nMessage: {FAILED}"
    line = proxy.wait_for_line("login refused", "bill")
    assert "may not log in from this address" in line and secret_of("bill") not in line
    here = proxy.connect()
    key = md5_key(here.challenge(), secret_of("bill"))
    assert here.ask(Action="Login", AuthType="MD5", Username="bill", Key=key)["Message"] == FAILED
    assert proxy.connect().login("dave", secret_of("dave"))["Response"] == "Success"
    assert proxy.connect(source=THERE).login("bill", "wrong")["Message"] == FAILED
    assert proxy.connect(source=THERE).login("bill", secret_of("bill"))["Response"] == "Success"


def test_r18_logins_from_elsewhere_are_counted(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=at_home("bill", THERE), auth={"failures_per_minute": 2})
    for _ in range(2):
        assert proxy.connect().login("bill", secret_of("bill"))["Message"] == FAILED
    assert proxy.connect().login("bill", secret_of("bill"))["Message"].startswith("Too many failed logins")
    assert proxy.connect().login("dave", secret_of("dave"))["Response"] == "Success"
    assert proxy.connect(source=THERE).login("bill", secret_of("bill"))["Response"] == "Success"


def test_user_rules_over_http(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=at_home("bill", THERE), listen=listeners(), plugins=ALL_PLUGINS, up=[])
    assert Web(proxy.addresses[1], basic("bill")).get("/?Action=Ping").status == 401
    assert Web(proxy.addresses[1], basic("dave")).get("/?Action=Ping").status == 200


def test_a_reload_is_for_those_who_come_after_it(start_proxy, pbx, workers):
    proxy = start_proxy({"pbx1": pbx}, listen=[OPEN, dict(OPEN)])
    on_first, on_second = proxy.login("bill", Events="off"), proxy.login("dave", index=1, Events="off")
    changed = configuration(
        [server_entry(pbx, "pbx1")], workers, users=at_home("bill", THERE), listen=[OPEN, {**OPEN, "allow": [THERE]}]
    )
    write_configuration(proxy.path, changed)
    proxy.make_readable()
    proxy.hang_up()
    assert on_first.fence() == [] and on_second.fence() == []
    assert not is_served(proxy.addresses[1], HERE) and is_served(proxy.addresses[1], THERE)
    assert proxy.connect().login("bill", secret_of("bill"))["Message"] == FAILED
    assert proxy.connect(1, source=THERE).login("bill", secret_of("bill"))["Response"] == "Success"
    assert on_first.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
