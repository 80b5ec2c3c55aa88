"""AJAM's guards: pages of other sites, actions by GET, cookies that are guessed, foreign or expired, and its limits."""

import time
import urllib.parse

import pytest

from harness.ajam import Ajam, start_ajam
from harness.client import md5_key
from harness.limits import poll
from harness.proxy import USERS, secret_of

DENIED = b"Response: Error\r\nMessage: Permission denied\r\n\r\n"
NO_ACTION = b"Response: Error\r\nMessage: Missing action in request\r\n\r\n"
ORIGINATE = {"action": "Originate", "channel": "SIP/1", "application": "Echo"}
STEERED = [dict(user, admin=user["name"] == "bill") for user in USERS]
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def begin(start_proxy, pbx):
    """begin(ajam={…}, allow_get=…, …) -> a client of a proxy with these settings of http."""

    def start(ajam=None, sections=None, **http):
        return Ajam(start_ajam(start_proxy, {"pbx1": pbx}, ajam, http, **{"users": STEERED, **(sections or {})}))

    return start


def wait_for_the_end(client):
    """Returns once an administrator sees their own session alone."""
    bill = client.proxy.login("bill", Events="off")
    assert poll(lambda: len(bill.ask(ProxyAction="ListSessions").all("ProxyClientId")) == 1)


def victim_sessions(proxy):
    """The numbers of all sessions there are."""
    return proxy.login("bill", Events="off").ask(ProxyAction="ListSessions").all("ProxyClientId")


def log_in_by_post(client):
    answer = client.post({"action": "login", "username": "dave", "secret": secret_of("dave")})
    assert b"Authentication accepted" in answer.body, answer


def assert_nothing_was_done(client, pbx):
    """Whatever a client sent before has reached the server if this has."""
    answer = client.post({"action": "Ping", "server": "pbx1", "actionid": "fence"})
    assert b"Response: Success" in answer.body, answer
    received = b"".join(connection.received for connection in pbx.connections)
    assert b"originate" not in received.lower(), received


# -- pages of other sites

FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Referer": "http://evil.example/page?x"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "none", "Referer": "about:blank"},
]


def test_i16_ajam_foreign_pages_are_refused_before_any_action(begin, pbx):
    client = begin(allow_get=True)
    client.login()
    cookie = client.cookie
    for headers in FOREIGN:
        for method in ("GET", "HEAD", "POST"):
            name = dict(headers)
            body = b"action=Originate&channel=SIP/1&application=Echo" if method == "POST" else None
            if body is not None:
                name["Content-Type"] = FORM
            target = "/rawman" if body else "/rawman?" + client.query(**ORIGINATE)
            web = client.send_to(target, method, name, body)
            answer = web.read(bodiless=method == "HEAD")
            assert answer.status == 403 and answer.get("Set-Cookie") is None, (headers, method, answer)
            assert answer.get("Access-Control-Allow-Origin") is None, answer
    assert_nothing_was_done(client, pbx)
    assert client.cookie == cookie


def test_i16_ajam_a_foreign_page_cannot_log_in_or_off(begin, pbx):
    client = begin()
    client.login()
    for headers in FOREIGN:
        for query in ("action=logoff", f"action=login&username=dave&secret={secret_of('dave')}"):
            answer = client.send_to(f"/asterisk/mxml?{query}", headers=headers).read()
            assert answer.status == 403 and answer.get("Set-Cookie") is None, (headers, answer)
    assert_nothing_was_done(client, pbx)


def test_i16_ajam_foreign_host_is_refused(begin, pbx):
    """A name of another site that resolves to this address (DNS rebinding): its pages count as the same origin."""
    client = begin()
    client.login()
    web = client.connect()
    cookie = f"Cookie: mansession_id={client.cookie}"
    web.send_raw(f"GET /rawman?{client.query(**ORIGINATE)} HTTP/1.1\r\nHost: evil.example\r\n{cookie}\r\n\r\n")
    answer = web.read()
    assert answer.status == 403 and answer.get("Set-Cookie") is None, answer
    assert_nothing_was_done(client, pbx)


def test_i16_ajam_listed_page_may_act_and_read(begin, pbx):
    client = begin(origins=["http://panel.example"])
    client.login()
    headers = {"Origin": "http://panel.example", "Sec-Fetch-Site": "cross-site"}
    answer = client.receive(client.send(headers=headers, Action="Ping"))
    assert answer.status == 200 and b"Ping: Pong" in answer.body
    assert answer.get("Access-Control-Allow-Origin") == "http://panel.example"


# -- allow_get

HIDDEN = [
    "action=Originate&channel=SIP/1&application=Echo",
    "action=&action=Originate&channel=SIP/1&application=Echo",
    "action=Ping&action=Originate&channel=SIP/1&application=Echo",
    "action=CoreStatus&action=Originate&channel=SIP/1&application=Echo",
    "action=Originate&action=Ping&channel=SIP/1&application=Echo",
    "action=Ping%0d%0aAction:%20Originate",
    "action=Ping&x%0d%0aAction:Originate%0d%0ay=1",
    "action=Ping&action%20=Originate",
    "%20action=Originate",
    "action:=Originate",
    "action=Ping%00&action=Originate",
    "action=%20Originate",
    "actionid=1%0aaction:%20Originate&action=Ping",
]
BESIDE = ["Ping", "Logoff", "WaitEvent", "Challenge", "CoreStatus", "Login", ""]


@pytest.mark.parametrize("value", ["read", False])
def test_i16_ajam_get_may_not_act_with_a_cookie(begin, pbx, value):
    pbx.answers["CoreStatus"] = lambda action: action.reply()
    client = begin(allow_get=value)
    log_in_by_post(client)
    for method in ("GET", "HEAD"):
        answer = client.send(method=method, **ORIGINATE).read(bodiless=method == "HEAD")
        assert answer.status == 403 and answer.get("Set-Cookie") is None, answer
    for query in HIDDEN:
        answer = client.send_to(f"/rawman?{query}").read()
        assert answer.status in (200, 400, 403), (query, answer)
    assert_nothing_was_done(client, pbx)
    login = client.send(Action="login", Username="dave", Secret=secret_of("dave")).read()
    assert login.status == 403 and login.get("Set-Cookie") is None, login
    ping = client.send(Action="ping").read()
    assert ping.status == (403 if value is False else 200), ping


@pytest.mark.parametrize("value", ["read", False])
def test_i16_ajam_get_may_not_act_by_a_proxy_action_beside_an_action(begin, value):
    """An Action beside it must not make the request one that reads: both in one request are refused."""
    client = begin(allow_get=value)
    client.post({"action": "login", "username": "bill", "secret": secret_of("bill")})
    victim = client.proxy.login("dave", Events="off")
    sessions = victim_sessions(client.proxy)
    for action in BESIDE:
        for session in sessions:
            query = f"action={action}&proxyaction=KickSession&session={session}"
            answer = client.send_to(f"/rawman?{query}").read()
            assert answer.status == (400 if action else 403) and answer.get("Set-Cookie") is None, (query, answer)
    assert victim.ask(Action="Ping")["Response"] == "Success"


def test_i16_ajam_get_may_not_act_by_a_proxy_action_where_nobody_logs_in(begin):
    client = begin(sections={"auth": {"required": False}})
    for action in BESIDE:
        answer = client.send_to(f"/rawman?action={action}&proxyaction=KickSession&session=1").read()
        assert answer.status == (400 if action else 403), (action, answer)


def test_i16_ajam_a_refusal_of_head_has_no_body(begin):
    """Else the next response on the connection would begin in the middle of a page."""
    client = begin(allow_get="read")
    log_in_by_post(client)
    cookie = {"Cookie": f"mansession_id={client.cookie}"}
    web = client.connect()
    for target, status in ((f"/rawman?{client.query(**ORIGINATE)}", 403), ("/mxml?action=%zz", 400)):
        web.send_raw(web.head("HEAD", target, cookie))
        assert web.read(bodiless=True).status == status
        web.send_raw(web.head("GET", "/rawman?action=Ping", cookie))
        answer = web.read()
        assert answer.status == 200 and b"Ping: Pong" in answer.body, answer


def test_i16_ajam_get_may_act_after_a_login_if_nothing_is_set(begin, pbx):
    client = begin()
    client.login()
    client.send(**ORIGINATE)
    pbx.expect(Action="Originate").reply("Success", Message="Originate successfully queued")
    answer = client.receive()
    assert b"Originate successfully queued" in answer.body, answer


def test_i16_ajam_get_may_only_read_where_nobody_logs_in(begin, pbx):
    client = begin(sections={"auth": {"required": False}})
    assert client.send(**ORIGINATE).read().status == 403
    ping = client.ask(Action="Ping")
    assert b"Ping: Pong" in ping.body, ping
    assert client.send(**ORIGINATE).read().status == 403
    assert_nothing_was_done(client, pbx)


# -- cookies


def test_i16_ajam_no_guess_finds_a_session(begin):
    """10,000 guesses, some near a cookie that holds: each is denied and given an id of its own, none is another's."""
    client = begin()
    client.login()
    cookie = client.cookie
    near = [f"{int(cookie, 16) ^ 1 << bit:032x}" for bit in range(128)]
    guesses = near + ["", cookie[:-1], cookie + "0", cookie[:31] + "g", '"' + cookie, cookie[:16]]
    guesses += [f"{number:032x}" for number in range(10000 - len(guesses))]
    given = set()
    for start in range(0, len(guesses), 500):
        web = client.connect()
        some = guesses[start : start + 500]
        for guess in some:  # one after the other: what is awaited has room in no buffer of a socket
            web.send_raw(web.head("GET", "/rawman?action=CoreStatus", {"Cookie": f"mansession_id={guess}"}))
            answer = web.read()
            assert answer.status == 200 and answer.body == DENIED, (guess, answer)
            given.add(answer.get("Set-Cookie").split('"')[1])
        web.close()
    assert len(given) == len(guesses) and not given & {cookie, *guesses}
    assert b"Pong" in client.ask(Action="Ping").body and client.cookie == cookie


def test_i16_ajam_a_client_cannot_choose_its_cookie(begin):
    client = begin()
    client.cookie = "0123456789abcdef" * 2
    client.login()
    assert client.cookie != "0123456789abcdef" * 2
    victim = Ajam(client.proxy, cookie="0123456789abcdef" * 2)
    assert victim.ask(Action="Ping").body == DENIED


def test_i16_ajam_cookie_is_never_logged(begin):
    client = begin()
    client.login()
    seen = [client.cookie]
    client.post({"action": "Ping"})
    assert client.send(headers={"Origin": "http://evil.example"}, Action="Ping").read().status == 403
    assert client.send_to("/rawman?action=%zz").read().status == 400
    client.ask(Action="Logoff")
    client.ask(Action="Ping")
    seen.append(client.cookie)
    client.proxy.wait_for_line("session closed", "user=dave")
    assert client.proxy.log_contains("session state")  # at level debug
    text = client.proxy.log().lower()
    assert not [cookie for cookie in seen if cookie[:12] in text or cookie[-12:] in text]


def test_i16_ajam_session_expires(begin):
    client = begin(ajam={"timeout": "1s"})
    assert "Max-Age=1;" in client.login().get("Set-Cookie")
    cookie = client.cookie
    client.web.close()
    wait_for_the_end(client)
    assert client.ask(Action="Ping").body == DENIED and client.cookie != cookie


def test_i16_ajam_session_without_a_login_expires(begin):
    client = begin(ajam={"timeout": "1h"})
    assert b"Challenge: " in client.ask(Action="Challenge", AuthType="MD5").body
    cookie = client.cookie
    client.web.close()
    wait_for_the_end(client)
    assert client.ask(Action="Ping").body == DENIED and client.cookie != cookie


def test_i16_ajam_failed_login_keeps_no_session(begin):
    client = begin()
    began = time.monotonic()
    answer = client.ask(Action="Login", Username="dave", Secret="wrong")
    assert time.monotonic() - began >= 0.95  # as in Asterisk
    assert answer.status == 200 and answer.body == b"Response: Error\r\nMessage: Authentication failed\r\n\r\n", answer
    assert client.ask(Action="Ping").body == DENIED


def test_i16_ajam_challenge_holds_for_its_cookie_alone(begin):
    client = begin()
    text = client.ask(Action="Challenge", AuthType="MD5").text
    challenge = text.split("Challenge: ")[1].split("\r\n")[0]
    cookie = client.cookie
    other = Ajam(client.proxy)
    other.ask(Action="Challenge", AuthType="MD5")
    login = {"Action": "Login", "AuthType": "MD5", "Username": "dave", "Key": md5_key(challenge, secret_of("dave"))}
    assert b"Authentication failed" in other.ask(**login).body
    assert b"Authentication failed" in Ajam(client.proxy).ask(**login).body
    assert b"Authentication accepted" in client.ask(**login).body
    assert client.cookie == cookie and b"Pong" in client.ask(Action="Ping").body


def test_i16_ajam_sessions_are_limited(begin):
    first = begin(ajam={"sessions": 2})
    second, third = Ajam(first.proxy), Ajam(first.proxy)
    first.login()
    second.login()
    full = third.ask(Action="Login", Username="dave", Secret=secret_of("dave"))
    assert full.status == 200 and b"Response: Error\r\nMessage: Too many AJAM sessions" in full.body, full
    assert b"Pong" in first.ask(Action="Ping").body and b"Pong" in second.ask(Action="Ping").body
    assert b"Goodbye" in first.ask(Action="Logoff").body
    third.login()


def test_i16_ajam_challenges_do_not_take_the_place_of_logins(begin):
    """Who asks for challenges and never logs in pushes out others of that kind, not those who have logged in."""
    first = begin(ajam={"sessions": 3}, sections={"limits": {"unauthenticated": 100}})
    first.login()
    flood = [Ajam(first.proxy) for _ in range(12)]
    for one in flood:
        assert b"Challenge: " in one.ask(Action="Challenge", AuthType="MD5").body
    second = Ajam(first.proxy)
    second.login()
    assert b"Pong" in first.ask(Action="Ping").body and b"Pong" in second.ask(Action="Ping").body
    first.proxy.wait_for_line('session closed reason="made room for another"')
    cookie = flood[0].cookie
    assert flood[0].ask(Action="Ping").body == DENIED and flood[0].cookie != cookie
    third = Ajam(first.proxy)
    third.login()
    full = Ajam(first.proxy).ask(Action="Challenge", AuthType="MD5")
    assert b"Message: Too many AJAM sessions" in full.body, full


# -- requests that are refused


def test_i16_ajam_statuses(begin):
    client = begin()
    client.login()
    assert client.send_to("/rawman?action=%zz").read().status == 400
    assert client.post(b"action=%z").status == 400
    for twice in ("action=Ping&action=Ping", "action=Ping&proxyaction=Stats", "proxyaction=Stats&ProxyAction=Stats"):
        assert client.send_to(f"/rawman?{twice}").read().status == 400, twice
    for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = client.send_to("/rawman?action=ping", method).read()
        assert answer.status == 501 and b"<h1>Not Implemented</h1>" in answer.body, answer
    assert client.post(b"action=Ping&x=" + b"y" * (40960 - 14)).status == 200
    answer = client.post(b"action=Ping&x=" + b"y" * (40961 - 14))
    assert answer.status == 413 and b"<h1>Request Entity Too Large</h1>" in answer.body, answer
    web = client.send_to("/rawman", "POST", {"Content-Type": FORM, "Transfer-Encoding": "chunked"})
    web.send_raw(b"a002\r\n" + b"y" * 0xA002 + b"\r\n0\r\n\r\n")
    assert web.read().status == 413
    for path in ("/arawman", "/amxml", "/amanager", "/asterisk/arawman"):
        assert client.send_to(path).read().status == 404, path
    assert b"Pong" in client.ask(Action="Ping").body


def test_i16_ajam_form_of_the_page_works(begin):
    """The page of /manager sends both its fields `action`, one of them empty."""
    client = begin()
    login = {"action": ["login", ""], "command": "", "username": "dave", "secret": secret_of("dave")}
    for fields, shown in (
        (login, b"<tr><td>Message</td><td>Authentication accepted</td></tr>"),
        ({"action": ["", "ping"], "command": "", "username": "", "secret": ""}, b"<tr><td>Ping</td><td>Pong</td></tr>"),
    ):
        answer = client.post(urllib.parse.urlencode(fields, doseq=True).encode(), target="/asterisk/manager")
        assert answer.status == 200 and shown in answer.body, answer


def test_i16_ajam_post_counts_its_form_alone(begin, pbx):
    client = begin()
    client.login()
    act = b"action=Originate&channel=SIP/1&application=Echo"
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        answer = client.post(act, kind, target=f"/rawman?{act.decode()}")
        assert answer.status == 200 and answer.body == NO_ACTION, (kind, answer)
    assert client.post(b"", target=f"/rawman?{act.decode()}").body == NO_ACTION
    answer = client.post(b"action=Ping&actionid=body", f"{FORM}; charset=UTF-8", target=f"/rawman?{act.decode()}")
    assert b"ActionID: body\r\nPing: Pong" in answer.body, answer
    assert_nothing_was_done(client, pbx)
