"""AJAM's digest authentication (RFC 2617 and 2069): /arawman, /amxml, /amanager."""

import re
import subprocess
import time

import pytest

from harness.ajam import CHALLENGE, Ajam, Digest, start_ajam
from harness.limits import DEADLINE
from harness.proxy import BINARY, USERS, configuration, secret_of, server_entry, write_configuration
from harness.web import ALL_PLUGINS, listeners

HASH = "$5$rounds=1000$abcdefgh$6ViLVTDiLqfkhDRA/CJY8BTTPeWKQHmKeTMYYpYl2b5"
PAGE = (
    b'<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\r\n<html><head>\r\n<title>401 Unauthorized</title>\r\n'
    b"</head><body>\r\n<h1>Unauthorized</h1>\r\n<p></p>\r\n<hr />\r\n<address>astmanproxy</address>\r\n"
    b"</body></html>\r\n"
)


@pytest.fixture
def begin(start_proxy, pbx):
    """begin(**sections) -> a proxy that takes digests."""

    def start(ajam=None, http=None, **sections):
        return start_ajam(start_proxy, {"pbx1": pbx}, {"digest": True, **(ajam or {})}, http, **sections)

    return start


@pytest.fixture
def client(begin):
    return Digest(begin()).challenge()


def sent_to(pbx, action):
    return b"".join(connection.received for connection in pbx.connections).lower().count(b"action: " + action.lower())


# -- bytes


def test_i16_digest_challenge_is_asterisks(begin):
    proxy = begin()
    for path in ("/arawman", "/asterisk/AMXML/", "/amanager"):
        answer = Ajam(proxy, path).send(Action="Ping").read()
        assert answer.status == 401 and answer.reason == "Unauthorized" and answer.body == PAGE, answer
        names = [name for name, _ in answer.headers]
        order = ["Server", "Date", "Cache-Control", "WWW-authenticate", "Content-type", "Content-Length"]
        assert [name for name in names if name in order] == order
        assert CHALLENGE.fullmatch(answer.get("WWW-Authenticate")).group(2) is None
        assert answer.get("Content-type") == "text/html" and answer.get("Set-Cookie") is None


def test_i16_digest_answers_have_no_cookie(client):
    answer = client.ask(Action="Ping", ActionID="h1")
    assert answer.status == 200 and answer.body.startswith(b"Response: Success\r\nActionID: h1\r\nPing: Pong\r\n"), (
        answer
    )
    names = [name for name, _ in answer.headers]
    order = ["Server", "Date", "Cache-Control", "Content-type", "Content-Length"]
    assert [name for name in names if name in order] == order
    assert answer.get("Set-Cookie") is None and answer.get("Pragma") is None


def test_i16_digest_xml_and_html(client):
    xml = client.ask("/amxml", Action="Ping", ajaxdest="box", ajaxobjtype="peer")
    assert xml.body.startswith(
        b"<ajax-response>\n<response type='object' id='box'><peer response='Success' ping='Pong'"
    )
    html = client.ask("/amanager", Action="Ping")
    assert html.get("Content-type") == "text/html"
    assert html.body.startswith(b"<!DOCTYPE HTML PUBLIC") and b"<tr><td>Ping</td><td>Pong</td></tr>\n" in html.body
    assert html.body.endswith(b"</table></form></body></html>\r\n")
    assert client.challenges == client.challenges[:1]  # one session all the time


# -- nonces


@pytest.mark.parametrize("old", [False, True], ids=["rfc2617", "rfc2069"])
def test_i16_digest_one_session_over_many_requests(begin, pbx, old):
    proxy = begin()
    client, watcher = Digest(proxy, old=old).challenge(), proxy.login("dave")
    assert b"Pong" in client.ask(Action="Ping").body
    pbx.event("Hold", "call,all", Channel="SIP/1")
    watcher.read_until(Event="Hold")
    answer = client.ask(Action="WaitEvent", ActionID="w1", Timeout=30)
    assert b"Event: Hold\r\n" in answer.body and b"WaitEventComplete" in answer.body, answer
    for _ in range(4):
        assert b"Pong" in client.ask(Action="Ping").body
    assert len(client.challenges) == (6 if old else 1)  # without a number a nonce is good for one request


def test_i16_digest_replay_is_not_executed(client, pbx):
    target = "/arawman?action=Originate&channel=SIP%2F1&application=Echo"
    header = {"Authorization": client.authorization("GET", target)}
    web = client.send_to(target, headers=header)
    pbx.expect(Action="Originate").reply("Success", Message="Originate successfully queued")
    assert b"successfully queued" in client.receive(web).body
    for _ in range(3):
        answer = client.send_to(target, headers=header).read()
        assert answer.status == 401 and answer.get("WWW-Authenticate").endswith(", stale=true"), answer
    assert b"Goodbye" in client.ask(Action="Logoff").body
    answer = client.send_to(target, headers=header).read()  # its session is over: it begins no other
    assert answer.status == 401 and answer.get("WWW-Authenticate").endswith(", stale=true"), answer
    assert b"Pong" in client.ask(Action="Ping", Server="pbx1").body
    assert sent_to(pbx, b"originate") == 1


def test_i16_digest_smaller_number_is_stale(client):
    client.count = 7
    assert b"Pong" in client.ask(Action="Ping").body
    client.count = 6
    answer = client.receive(client.send(Action="Ping"))
    assert answer.status == 401 and client.challenges[-1].endswith(", stale=true")
    assert b"Pong" in client.ask(Action="Ping").body


def test_i16_digest_nonce_of_another_proxy_is_stale(client):
    for nonce in ("0" * 80, "1234abcd", client.nonce[:-1] + ("0" if client.nonce[-1] != "0" else "1"), "x"):
        client.nonce = nonce
        answer = client.receive(client.send(Action="Ping"))
        assert answer.status == 401 and client.challenges[-1].endswith(", stale=true"), answer
    assert b"Pong" in client.ask(Action="Ping").body


def test_i16_digest_key_of_a_session_is_no_cookie(client):
    assert b"Pong" in client.ask(Action="Ping").body
    for start in range(0, 49, 8):
        guess = Ajam(client.proxy, cookie=client.nonce[start : start + 32])
        assert b"Permission denied" in guess.ask(Action="CoreStatus").body
    assert b"Permission denied" in Ajam(client.proxy, cookie=client.nonce[16:48]).ask(Action="Ping").body


def test_i16_digest_logoff_ends_the_session(client):
    assert client.ask(Action="Logoff").body == b"Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n"
    answer = client.receive(client.send(Action="Ping"))
    assert answer.status == 401 and client.challenges[-1].endswith(", stale=true")
    assert b"Pong" in client.ask(Action="Ping").body


def test_i16_digest_session_of_another_user(begin):
    client = Digest(begin()).challenge()
    assert b"Pong" in client.ask(Action="Ping").body
    other = Digest(client.proxy, "caller")
    other.nonce, other.count = client.nonce, 5
    answer = other.receive(other.send(Action="Ping"))
    assert answer.status == 401 and not other.challenges[-1].endswith("stale=true"), answer
    assert b"Pong" in client.ask(Action="Ping").body and len(client.challenges) == 1


# -- who may not


def test_i16_digest_wrong_secret_is_refused_after_a_second(begin):
    proxy = begin()
    for user, secret in (("dave", "wrong"), ("nobody", "x")):
        client = Digest(proxy, user, secret=secret).challenge()
        began = time.monotonic()
        answer = client.receive(client.send(Action="Ping"))
        assert answer.status == 401 and answer.body == PAGE and time.monotonic() - began >= 0.95
        assert not client.challenges[-1].endswith("stale=true")
    assert proxy.log_contains('login refused username="dave" reason=wrong')
    assert b"Pong" in Digest(proxy).challenge().ask(Action="Ping").body


def test_i16_digest_failures_are_limited(begin):
    proxy = begin(auth={"failures_per_minute": 3})
    client = Digest(proxy, secret="wrong").challenge()
    statuses = [client.receive(client.send(Action="Ping")).status for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    answer = Digest(proxy).challenge().ask(Action="Ping")
    assert answer.status == 429 and answer.get("Retry-After") == "60"  # the right secret, too
    login = Ajam(proxy).ask(Action="Login", Username="dave", Secret=secret_of("dave"))
    assert b"Too many failed logins" in login.body  # one count for all ways in
    assert b"Pong" in Digest(proxy, "caller").challenge().ask(Action="Ping").body


def test_i16_digest_user_of_another_address(begin):
    users = [dict(user, address=["192.0.2.0/24"]) if user["name"] == "caller" else user for user in USERS]
    proxy = begin(users=users)
    answer = Digest(proxy, "caller").challenge().ask(Action="Ping")
    assert answer.status == 403 and b"<h1>Permission denied</h1>" in answer.body, answer
    wrong = Digest(proxy, "caller", secret="wrong").challenge()
    assert wrong.ask(Action="Ping").status == 401  # who does not know the secret learns nothing


def test_i16_digest_too_many_sessions(begin):
    proxy = begin(ajam={"sessions": 2}, limits={"per_user": 1})
    assert b"Pong" in Digest(proxy).challenge().ask(Action="Ping").body
    second = Digest(proxy).challenge().ask(Action="Ping")
    assert second.status == 200 and second.body.startswith(b"Response: Error\r\n"), second
    assert b"Message: Too many sessions of this user" in second.body
    assert b"Pong" in Digest(proxy, "caller").challenge().ask(Action="Ping").body
    full = Digest(proxy, "viewer").challenge().ask(Action="Ping")
    assert b"Message: Too many AJAM sessions" in full.body, full


BROKEN = [
    "Digest",
    "Digest ",
    "Digest username",
    'Digest username="dave',
    "Basic ZGF2ZTp4",
    'Digest username="dave", username="dave"',
    'Digest username="dave" realm="asterisk"',
    'Digest =, ==,"',
]
CHANGES = [
    {"algorithm": "MD5-sess"},
    {"algorithm": "SHA-256"},
    {"qop": "auth-int"},
    {"nc": "x"},
    {"nc": "123456789"},
    {"cnonce": None},
    {"nc": None},
    {"response": "0" * 31},
    {"response": ""},
    {"realm": "other"},
    {"username": ""},
]


def test_i16_digest_headers_that_are_none(client):
    """They are not even a try: a challenge at once, and nothing is counted."""
    target = "/arawman?action=Ping"
    headers = list(BROKEN)
    for change in CHANGES:
        real = {name: value if value is not None else "" for name, value in change.items()}
        header = client.authorization("GET", target, **real)
        headers += [header if None not in change.values() else header.replace(', cnonce=""', "").replace(", nc=,", ",")]
    for header in headers:
        answer = client.send_to(target, headers={"Authorization": header}).read()
        assert answer.status == 401 and not answer.get("WWW-Authenticate").endswith("stale=true"), (header, answer)
    assert not client.proxy.log_contains("login refused")
    assert b"Pong" in client.ask(Action="Ping").body


def test_i16_digest_of_another_request(client, pbx):
    target = "/arawman?action=Originate&channel=SIP/1"
    for uri in ("/arawman?action=Ping", "/arawman", "/", "http://x/arawman", "http://x", "x"):
        header = client.authorization("GET", uri)
        answer = client.send_to(target, headers={"Authorization": header}).read()
        assert answer.status == 400, (uri, answer)
    header = client.authorization("GET", target)  # another method
    answer = client.receive(client.send_to(target, "POST", {"Authorization": header}, b""))
    assert answer.status == 401
    assert b"Pong" in client.ask(Action="Ping", Server="pbx1").body and sent_to(pbx, b"originate") == 0


def test_i16_digest_whole_url_and_escaped_name(begin):
    users = [*USERS, {"name": 'q"\\b', "secret": "s-S-1"}]
    proxy = begin(users=users)
    client = Digest(proxy, 'q"\\b', secret="s-S-1").challenge()
    target = "/arawman?action=Ping"
    header = client.authorization("GET", target, uri=f"http://{proxy.addresses[1][0]}{target}")
    header = header.replace('q"\\b', 'q\\"\\\\b')
    assert b"Pong" in client.send_to(target, headers={"Authorization": header}).read().body


def test_i16_digest_paths_are_not_there_when_it_is_off(begin):
    proxy = begin(ajam={"digest": False})
    for path in ("/arawman", "/asterisk/amxml", "/amanager"):
        assert Ajam(proxy, path).send().read().status == 404, path


def test_i16_digest_guards_hold(begin, pbx):
    proxy = begin(http={"allow_get": "read"})
    client = Digest(proxy).challenge()
    assert client.receive(client.send(Action="Originate", Channel="SIP/1")).status == 403
    answer = client.receive(client.send(headers={"Origin": "http://evil.example"}, Action="Ping"))
    assert answer.status == 403 and answer.get("WWW-Authenticate") is None
    assert b"Pong" in client.ask(Action="Ping", Server="pbx1").body and sent_to(pbx, b"originate") == 0


def test_i16_digest_users_with_a_hash(begin, tmp_path, pbx):
    users = [*USERS, {"name": "hashed", "secret": HASH}]
    proxy = begin(users=users)
    proxy.wait_for_line("the user's secret is a hash", "key=http.ajam.digest", 'user="hashed"')
    assert not proxy.log_contains("key=http.ajam.digest", "dave")
    assert Digest(proxy, "hashed", secret=HASH).challenge().ask(Action="Ping").status == 401
    config = configuration([server_entry(pbx)], listen=listeners(), plugins=ALL_PLUGINS, users=users)
    for digest, warns in ((True, True), (False, False)):
        config["http"] = {"ajam": {"digest": digest}}
        path = str(tmp_path / "checked.yaml")
        write_configuration(path, config)
        checked = subprocess.run([BINARY, "-t", "-c", path], capture_output=True, text=True, timeout=DEADLINE)
        assert checked.returncode == 0, checked
        assert ("no digest can be compared" in checked.stdout + checked.stderr) is warns, checked


# -- clients of others


def curl(client, *arguments, path="/asterisk/arawman"):
    done = subprocess.run(
        ["curl", "-sS", "--max-time", str(int(DEADLINE)), "--noproxy", "*", *arguments]
        + [f"http://{client.web.host}{path}"],
        capture_output=True,
        timeout=DEADLINE,
        check=True,
    )
    return done.stdout


def test_i16_digest_curl(client):
    login = ["--digest", "-u", f"dave:{secret_of('dave')}"]
    assert b"ActionID: c1\r\nPing: Pong" in curl(client, *login, path="/arawman?action=ping&actionid=c1")
    post = ["-d", "action=ping", "-d", "actionid=c 2"]
    assert b"ActionID: c 2\r\nPing: Pong" in curl(client, *login, *post)
    assert b"<tr><td>Ping</td><td>Pong</td></tr>" in curl(client, *login, path="/amanager?action=ping")
    wrong = curl(client, "--digest", "-u", "dave:wrong", "-w", "%{http_code}", "-o", "/dev/null")
    assert wrong == b"401"


def test_i16_digest_curl_waits_for_an_event(client, pbx):
    """curl takes a new nonce for each request, and so a new session: it hears what happens while it waits."""
    login = ["curl", "-sS", "--max-time", str(int(DEADLINE)), "--noproxy", "*", "--digest", "-u"]
    target = f"http://{client.web.host}/asterisk/arawman?action=waitevent&timeout=30"
    with subprocess.Popen([*login, f"dave:{secret_of('dave')}", target], stdout=subprocess.PIPE) as waiting:
        opened = client.proxy.wait_for_line("session opened without a connection")
        number = re.search(r"session=\d+ ", opened)[0]
        client.proxy.wait_for_line("login accepted", number)
        pbx.event("Hold", "call,all", Channel="SIP/1")
        text = waiting.communicate(timeout=DEADLINE)[0]
    assert b"Event: Hold\r\n" in text and b"Event: WaitEventComplete\r\n" in text, text
