"""AJAM: Asterisk's own HTTP manager, spoken by the http plugin. What each answer looks like, byte for byte."""

import re

import pytest

from harness.ajam import COOKIE, Ajam, start_ajam

LOGGED_IN = b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n"


@pytest.fixture
def proxy(start_proxy, pbx):
    return start_ajam(start_proxy, {"pbx1": pbx})


@pytest.fixture
def client(proxy):
    return Ajam(proxy)


def test_i16_ajam_login_action_logoff(client):
    login = client.login()
    assert login.body.startswith(LOGGED_IN)
    first = client.cookie
    ping = client.ask(Action="ping", ActionID="h1")
    assert re.fullmatch(
        rb"Response: Success\r\nActionID: h1\r\nPing: Pong\r\nTimestamp: \d+\.\d{6}\r\n\r\n", ping.body
    ), ping
    assert client.cookie == first
    goodbye = client.ask(Action="logoff")
    assert goodbye.body == b"Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n"
    assert COOKIE.fullmatch(goodbye.get("Set-Cookie")).group(1) == first
    over = client.ask(Action="ping")
    assert over.body == b"Response: Error\r\nMessage: Permission denied\r\n\r\n"
    assert client.cookie != first


def test_i16_ajam_headers_stand_as_asterisk_sends_them(client):
    head = client.login().headers
    names = [name for name, _ in head]
    order = ["Server", "Date", "Cache-Control", "Content-type", "Set-Cookie", "Pragma", "Content-Length"]
    assert [name for name in names if name in order] == order
    values = dict(head)
    assert values["Cache-Control"] == "no-cache, no-store" and values["Pragma"] == "SuppressEvents"
    assert values["Content-type"] == "text/plain"
    assert COOKIE.fullmatch(values["Set-Cookie"]).group(2) == "60"


def test_i16_ajam_waitevent_is_answered_when_an_event_comes(client, pbx):
    client.login()
    web = client.send(Action="WaitEvent", ActionID="w1", Timeout=30)
    web.socket.settimeout(0.3)
    pbx.event("PeerStatus", "system,all", Peer="SIP/1")
    answer = client.receive(web)
    assert answer.body == (
        b"Response: Success\r\nActionID: w1\r\nMessage: Waiting for Event completed.\r\n\r\n"
        b"Event: PeerStatus\r\nPrivilege: system,all\r\nPeer: SIP/1\r\nServer: pbx1\r\n\r\n"
        b"Event: WaitEventComplete\r\nActionID: w1\r\n\r\n"
    ), answer
