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


def page(status, title, text):
    return (
        f'<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\r\n<html><head>\r\n<title>{status} {title}</title>\r\n'
        f"</head><body>\r\n<h1>{title}</h1>\r\n<p>{text}</p>\r\n<hr />\r\n<address>astmanproxy</address>\r\n"
        "</body></html>\r\n"
    ).encode()


@pytest.mark.parametrize("root", [False, True], ids=["", "files"])
def test_i16_ajam_unknown_paths_are_answered_as_asterisk_does(start_proxy, pbx, tmp_path, root):
    http = {"document_root": str(tmp_path)} if root else {}
    client = Ajam(start_ajam(start_proxy, {"pbx1": pbx}, http=http))
    for path in ("/asterisk/httpstatus", "/ASTERISK/static/ajamdemo.html", "/asterisk/", "/asterisk/rawman/x"):
        answer = client.send_to(path).read()
        assert answer.status == 404 and answer.reason == "Not Found", (path, answer)
        assert answer.body == page(404, "Not Found", "The requested URL was not found on this server."), answer
        assert answer.get("Content-type") == "text/html" and answer.get("Cache-Control") == "no-cache, no-store"
        assert answer.get("Set-Cookie") is None
    for path in ("/asteriskx", "/httpstatus"):  # not below the prefix: as without AJAM
        assert b"<html>" not in client.send_to(path).read().body


def test_i16_ajam_refusals_are_asterisks_pages(client):
    client.login()
    answer = client.send_to("/rawman?action=ping", "PUT").read()
    text = "Attempt to use unimplemented / unsupported method"
    assert answer.status == 501 and answer.body == page(501, "Not Implemented", text), answer
    answer = client.post(b"action=Ping&x=" + b"y" * 40960)
    assert answer.status == 413 and answer.body == page(413, "Request Entity Too Large", "Body too large"), answer


def test_i16_ajam_parameters_are_headers_in_their_order(client, pbx):
    """`+` is a blank, repeated ones stay, names keep their case; a POST's query does not count."""
    client.login()
    client.send_to("/rawman?Action=Originate&Variable=a%3D1&Channel=SIP/1+2&variable=b%3d2&Variable=c")
    question = pbx.expect(Action="Originate")
    names = [(name, value) for name, value in question.headers if name.lower() in ("variable", "channel")]
    assert names == [("Variable", "a=1"), ("Channel", "SIP/1 2"), ("variable", "b=2"), ("Variable", "c")], names
    question.reply("Success", Message="Originate successfully queued")
    assert b"successfully queued" in client.receive().body


def test_i16_ajam_unknown_action_and_denied_are_200(client, pbx):
    """An Error of the server is no error of HTTP, either; each answer names the session."""
    denied = client.ask(Action="CoreStatus", ActionID="d")
    assert denied.status == 200
    assert denied.body == b"Response: Error\r\nActionID: d\r\nMessage: Permission denied\r\n\r\n", denied
    client.login()
    missing = client.send_to("/rawman").read()
    assert missing.status == 200
    assert missing.body == b"Response: Error\r\nMessage: Missing action in request\r\n\r\n", missing
    client.send(Action="Nonsense", ActionID="u")
    pbx.expect(Action="Nonsense").reply("Error", Message="Invalid/unknown command: Nonsense.")
    unknown = client.receive()
    assert unknown.status == 200, unknown
    assert unknown.body == (
        b"Response: Error\r\nActionID: u\r\nMessage: Invalid/unknown command: Nonsense.\r\nServer: pbx1\r\n\r\n"
    ), unknown
    for answer in (denied, missing, unknown):
        assert COOKIE.fullmatch(answer.get("Set-Cookie")), answer


def test_i16_ajam_session_is_bound_to_no_address(client):
    client.login()
    other = Ajam(client.proxy, cookie=client.cookie, source="127.0.0.2")
    assert b"Ping: Pong" in other.ask(Action="Ping").body and other.cookie == client.cookie


def test_i16_ajam_login_is_followed_by_fullybooted(client):
    """In the same answer, as in the capture; not if the mask has no system events."""
    answer = client.login()
    assert re.fullmatch(
        re.escape(LOGGED_IN + b"Event: FullyBooted\r\nPrivilege: system,all\r\n") + rb"([A-Z][^\r]*\r\n)*\r\n",
        answer.body,
    ), answer
    assert Ajam(client.proxy).login(Events="call").body == LOGGED_IN


SPELLINGS = [
    ("mansession_id={key}", True),
    ('mansession_id="{key}"', True),
    ("MANSESSION_ID = {key}", True),
    ('$Version="1"; mansession_id="{key}"; $Path="/"', True),
    ("a;b;;=;mansession_id={key}", True),
    ("filler=" + "y" * 9000 + "; mansession_id={key}", True),
    ("mansession_id={key}; mansession_id=" + "0" * 32, True),  # the first one counts, as in Asterisk
    ("mansession_id=" + "0" * 32 + "; mansession_id={key}", False),
    ('mansession_id="{key}', False),
    ("mansession_id='{key}'", False),
    ("mansession_id={key},", False),
    ("mansession_id={key}\x80", False),
    ("xmansession_id={key}", False),
]


def test_i16_ajam_spellings_of_the_cookie(client):
    client.login()
    for spelling, is_found in SPELLINGS:
        web = client.connect()
        web.send_raw(
            web.head("GET", "/rawman?action=Ping", {"Cookie": spelling.format(key=client.cookie)}).encode("latin1")
        )
        answer = web.read()
        assert answer.status == 200, (spelling, answer)
        assert (b"Ping: Pong" in answer.body) is is_found, (spelling, answer)


def test_i16_ajam_markup_in_the_names_of_a_request_is_escaped(client):
    client.login()
    for name in ("'><script>alert(1)</script>", 'a&b"', "x" * 2000, "%00", "\x01"):
        answer = client.ask("/mxml", Action="Ping", ActionID=name, ajaxdest=name, ajaxobjtype=name)
        assert answer.status == 200 and answer.body.count(b"<") == 5, (name, answer)  # the document's own


def test_i16_ajam_requests_to_two_sessions_over_one_connection(client):
    other = Ajam(client.proxy)
    client.login()
    other.login("caller")
    cookies, web = [client.cookie, other.cookie], client.connect()
    web.send_raw(
        "".join(
            web.head("GET", f"/rawman?action=Ping&actionid=p{i}", {"Cookie": f"mansession_id={cookies[i % 2]}"})
            for i in range(40)
        )
    )
    for i in range(40):
        answer = web.read()
        assert f"ActionID: p{i}\r\n".encode() in answer.body, answer
        assert COOKIE.fullmatch(answer.get("Set-Cookie")).group(1) == cookies[i % 2]


def test_i16_ajam_head_of_a_wait_has_no_body(client):
    client.login()
    web = client.send(method="HEAD", Action="WaitEvent", Timeout=0)
    answer = web.read(bodiless=True)
    assert answer.status == 200 and int(answer.get("Content-Length")) > 0
    web.send_raw(web.head("GET", "/rawman?action=Ping", {"Cookie": f"mansession_id={client.cookie}"}))
    assert b"Ping: Pong" in web.read().body
