"""Sessions of AJAM, which have no connection, as those see them who operate the proxy: lists, metrics, ampctl."""

import json

import pytest

from harness import ctl
from harness.ajam import Ajam
from harness.limits import poll
from harness.metrics import scrape
from harness.proxy import USERS, secret_of
from harness.web import ALL_PLUGINS, listeners

STEERED = [dict(user, admin=user["name"] == "bill") for user in USERS]
DETACHED = "astmanproxy_sessions_detached"
DENIED = b"Response: Error\r\nMessage: Permission denied\r\n\r\n"


@pytest.fixture
def client(start_proxy, pbx):
    proxy = start_proxy(
        {"pbx1": pbx}, listen=listeners(reports=True), plugins=ALL_PLUGINS, http={"ajam": {}}, users=STEERED
    )
    client = Ajam(proxy)
    client.login()
    return client


def run(client, *arguments):
    host, port = client.proxy.address[:2]
    env = ctl.environment(AMPCTL_SECRET=secret_of("bill"))
    return ctl.run("--connect", f"{host}:{port}", "-u", "bill", *arguments, env=env)


def test_i16_ajam_session_is_marked_in_the_list(client):
    bill = client.proxy.login("bill", Events="off")
    headers = bill.ask(ProxyAction="ListSessions").headers
    at = headers.index(("ProxyClientUser", "dave"))
    assert headers[at + 2] == ("ProxyClientConnection", "none"), headers
    assert [name for name, _ in headers].count("ProxyClientConnection") == 1


def test_i16_ajam_session_is_counted_until_it_is_kicked(client):
    bill = client.proxy.login("bill", Events="off")
    headers = bill.ask(ProxyAction="ListSessions").headers
    number = headers[headers.index(("ProxyClientUser", "dave")) + 1][1]
    assert scrape(client.proxy).value(DETACHED) == 1
    assert bill.ask(ProxyAction="KickSession", Session=number)["Response"] == "Success"
    assert poll(lambda: scrape(client.proxy).value(DETACHED) == 0)
    assert client.ask(Action="Ping").body == DENIED


def test_i16_ampctl_lists_and_kicks_a_session_of_ajam(client):
    listed = json.loads(run(client, "sessions", "--json").out)
    marked = [each for each in listed if each["connection"] == "none"]
    assert [each["user"] for each in marked] == ["dave"], listed
    assert sum("none" in row for row in run(client, "sessions").rows) == 1
    assert run(client, "kick", str(marked[0]["session"])).code == 0
    assert poll(lambda: client.ask(Action="Ping").body == DENIED)
