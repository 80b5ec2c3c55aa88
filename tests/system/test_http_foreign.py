"""What pages of other sites can make a browser send, and what they cannot make the proxy do."""

import base64
import os

import pytest

from harness.proxy import PROXY_KEY
from harness.web import ALL_PLUGINS, Web, basic, listeners

KEY = base64.b64encode(os.urandom(16)).decode()
SOCKET = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY}


@pytest.fixture
def start_web(start_proxy, pbx):
    """start_web(http=…, **sections): HTTP on the second listener; what changes something is answered by the server, and
    kept."""
    pbx.taken = []

    def answer(action):
        pbx.taken.append(action["Action"])
        action.reply()

    pbx.answers.update(
        dict.fromkeys(("Originate", "CoreStatus", "corestatus", "Command", "UserEvent", "DBPut", "Unheard"), answer)
    )

    def start(http=None, listen=None, **sections):
        return start_proxy(
            {"pbx1": pbx}, listen=listeners(**(listen or {})), plugins=ALL_PLUGINS, http=http or {}, **sections
        )

    return start


def connect(proxy, auth=None):
    client = Web(proxy.addresses[1], auth)
    proxy.clients.append(client)
    return client


def ask(client, method, target, *headers, body=""):
    """Headers as they are, doubled ones too."""
    lines = [f"{method} {target} HTTP/1.1"] + [f"{name}: {value}" for name, value in headers]
    if not any(name.lower() == "host" for name, _ in headers):
        lines.insert(1, f"Host: {client.host}")
    if client.auth is not None:
        lines.append(f"Authorization: {client.auth}")
    if method == "POST":
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/x-www-form-urlencoded"]
    client.send_raw("\r\n".join(lines) + "\r\n\r\n" + body)
    return client.read_head() if target in ("/events", "/ws") else client.read(bodiless=method == "HEAD")


# -- who is offered Basic

BROWSERS = [
    [("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0")],
    [("user-agent", "mozilla/4.0")],
    [("Origin", "OURS")],
    [("Sec-Fetch-Mode", "navigate")],
    [("sec-fetch-dest", "image")],
    [("Sec-Fetch-Site", "none")],
    [("User-Agent", "x"), ("User-Agent", "Mozilla/5.0")],
]
PROGRAMS = [
    [],
    [("User-Agent", "Wget/1.21.3")],
    [("User-Agent", "curl/7.88.1")],
    [("User-Agent", "NotMozilla/5.0")],
    [("User-Agent", "")],
    [("Sec-Fetch", "x")],
]


def schemes(answer):
    assert answer.status == 401
    return sorted(value.split(" ")[0] for value in answer.all("WWW-Authenticate"))


@pytest.mark.parametrize("mode", ["auto", "always", "never"])
def test_f10_browsers_are_not_asked_for_a_password(start_web, mode):
    proxy = start_web(http={} if mode == "auto" else {"basic_challenge": mode})
    for headers, is_browser in [(headers, True) for headers in BROWSERS] + [(headers, False) for headers in PROGRAMS]:
        offers_basic = mode == "always" or (mode == "auto" and not is_browser)
        for method, target in (
            ("GET", "/?Action=Ping"),
            ("POST", "/"),
            ("GET", "/events"),
            ("GET", "/?ProxyAction=ListServers"),
        ):
            client = connect(proxy)
            given = [(name, f"http://{client.host}" if value == "OURS" else value) for name, value in headers]
            answer = ask(client, method, target, *given, body="Action=Ping" if method == "POST" else "")
            assert schemes(answer) == (["Basic", "Bearer"] if offers_basic else ["Bearer"]), (headers, method, target)
            client.close()


def test_f10_a_wrong_secret_of_a_browser(start_web):
    """The other places that answer 401: after a failed Login, for a header that is none."""
    proxy = start_web()
    for auth in (basic("dave", "wrong"), "Basic !", "Digest x"):
        client = connect(proxy, auth)
        assert schemes(ask(client, "GET", "/?Action=Ping", ("User-Agent", "Mozilla/5.0"))) == ["Bearer"]
        assert schemes(ask(connect(proxy, auth), "GET", "/?Action=Ping")) == ["Basic", "Bearer"]


@pytest.mark.parametrize("mode", ["auto", "always", "never"])
def test_f10_basic_that_comes_is_taken(start_web, pbx, mode):
    proxy = start_web(http={"basic_challenge": mode})
    for agent in ("Mozilla/5.0", "Wget/1"):
        client = connect(proxy, basic())
        assert ask(client, "GET", "/?Action=Originate&Channel=SIP/1", ("User-Agent", agent)).status == 200
    assert pbx.taken == ["Originate"] * 2


# -- pages of other sites

FOREIGN = [
    "http://evil.example/",
    "http://evil.example",
    "https://evil.example/page?x=http://OURS/",
    "http://OURS.evil.example/",
    "http://OURS@evil.example/",
    "http://user@OURS/",
    "http://evil.example/http://OURS/",
    "https://OURS/",
    "http://127.0.0.1/",
    "http://127.0.0.1:1/",
    "http://localhost:1/",
    "null",
    "about:srcdoc",
    "file:///tmp/x.html",
    "data:text/html,x",
    "ftp://OURS/",
    "//OURS/",
    "/page",
    "OURS",
    "http:/OURS/",
    "http://",
    "http://OURS\\@evil.example/",
    "android-app://x",
    "https://panel.example.evil/",
    "https://panel.example:444/",
    "http://panel.example/",
]
OWN = [
    "http://OURS/",
    "http://OURS",
    "http://OURS/page?x=1#y",
    "HTTP://OURS/",
    "http://OURS?x",
    "https://panel.example/some/page",
    "https://panel.example",
    "about:blank",
    "",
]
REQUESTS = [
    ("GET", "/?Action=CoreStatus", ()),
    ("POST", "/", ()),
    ("GET", "/events", ()),
    ("GET", "/ws", tuple(SOCKET.items())),
    ("HEAD", "/page.html", ()),
    ("GET", "/page.html", ()),
    ("GET", "/metrics", ()),
]


@pytest.fixture
def open_web(start_web, tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    (root / "page.html").write_text("a page")
    for folder in (tmp_path, root):
        folder.chmod(0o755)
    return start_web(
        {"origins": ["https://panel.example"], "document_root": str(root)}, {"reports": True}, auth={"required": False}
    )


def status(proxy, method, target, headers):
    client = connect(proxy)
    given = [(name, value.replace("OURS", client.host)) for name, value in headers]
    answer = ask(client, method, target, *given, body="Action=CoreStatus" if method == "POST" else "")
    client.close()
    return answer.status


@pytest.mark.parametrize(
    "method, target, more", REQUESTS, ids=[f"{method}-{target[:4]}".replace("/", "_") for method, target, _ in REQUESTS]
)
def test_f10_a_foreign_referer_is_refused(open_web, pbx, method, target, more):
    for referer in FOREIGN:
        assert status(open_web, method, target, [*more, ("Referer", referer)]) == 403, referer
    assert pbx.taken == []
    for referer in OWN:
        assert status(open_web, method, target, [*more, ("Referer", referer)]) in (101, 200), referer
    assert status(open_web, method, target, more) in (101, 200)


@pytest.mark.parametrize(
    "name, good, bad",
    [
        ("Sec-Fetch-Site", "same-origin", "cross-site"),
        ("Referer", "http://OURS/", "http://evil.example/"),
        ("Origin", "http://OURS", "http://evil.example"),
        ("Host", "OURS", "evil.example"),
        ("Authorization", basic(), basic("dave", "wrong")),
    ],
)
def test_f10_what_is_judged_is_there_once(open_web, pbx, name, good, bad):
    """Whichever of the two somebody in front of us would read."""
    refusals = {"Host": 400, "Authorization": 401}
    for method, target, more in REQUESTS[:4]:
        assert status(open_web, method, target, [*more, (name, good)]) in (101, 200)
        for first, second in ((good, bad), (bad, good), (good, good)):
            found = status(open_web, method, target, [*more, (name, first), (name.lower(), second)])
            assert found == refusals.get(name, 403), (method, target, first, second)
    assert pbx.taken == ["CoreStatus"] * 2  # the two that were good


# -- where no login is required

READS = [
    "Action=CoreStatus",
    "Action=Ping",
    "Action=corestatus",
    "ProxyAction=ListServers",
    "ProxyAction=ListSessions",
    "ProxyAction=Stats",
    "ProxyAction=ListIOHandlers",
]
ACTS = [
    "Action=Originate",
    "Action=originate",
    "Action=DBPut",
    "Action=Command&Command=core%20stop%20now",
    "Action=UserEvent&UserEvent=x",
    "Action=Status&Variables=SHELL(ls)",
    "Variables=&variables=CURL(http://x/)&Action=Status",
    "Action=Unheard",
    "ProxyAction=Reload",
    "ProxyAction=AddServer",
    "ProxyAction=KickSession",
    "ProxyAction=Unheard",
    "Action=Originate&ProxyKey=x",
]


BOTH = [
    "ProxyAction=ListServers&Action=Originate",
    "Action=CoreStatus&ProxyAction=Reload",
    "Action=Ping&ProxyAction=ListServers",
]


def test_i16_action_beside_a_proxy_action_is_refused(start_web, pbx):
    """An AMI client's Action would be ignored without a word; over HTTP there is a status that says so."""
    client = connect(start_web({}, auth={"required": False}))
    for query in BOTH:
        for answer in (client.get(f"/?{query}"), client.post(query)):
            assert answer.status == 400, (query, answer)
            assert "Action and ProxyAction in one request: please send one of them" in answer.text
    for query in ("Action=&ProxyAction=ListServers", "ProxyAction=&Action=Ping"):
        assert client.get(f"/?{query}").status == 200, query
    assert pbx.taken == []


@pytest.mark.parametrize(
    "allow, reads, acts", [(None, 200, 403), ("true", 200, 200), ("read", 200, 403), ("false", 405, 405)]
)
def test_f10_without_a_login_get_only_reads(start_web, pbx, allow, reads, acts):
    proxy = start_web({} if allow is None else {"allow_get": allow}, auth={"required": False})
    client = connect(proxy)
    for query in READS:
        assert client.get(f"/?{query}").status == reads, query
    taken = len(pbx.taken)
    if acts == 200:
        assert client.get("/?Action=Originate").status == 200
        return
    for query in ACTS:
        assert client.get(f"/?{query}").status == acts, query
    assert len(pbx.taken) == taken
    assert client.post("Action=Originate").status == 200  # a page cannot: it would have to say Origin


def test_f10_get_with_credentials_acts(start_web, pbx):
    """The old program's way stays: with a login, required or not; but not for the next request, which has none."""
    for required in (True, False):
        proxy = start_web(auth={"required": required, "proxy_key": PROXY_KEY})
        client = connect(proxy, basic())
        assert client.get("/?Action=Originate").status == 200
        client.auth = None
        assert client.get("/?Action=Originate").status == (401 if required else 403)
        client.auth = basic("dave", "wrong")
        assert client.get("/?Action=Originate").status == 401
        proxy.finish()
    assert pbx.taken == ["Originate"] * 2


def test_f10_get_with_a_proxy_key_acts(start_web, pbx):
    client = connect(start_web(auth={"proxy_key": PROXY_KEY}))
    assert client.get(f"/?Action=Originate&ProxyKey={PROXY_KEY}").status == 200
    assert pbx.taken == ["Originate"]


@pytest.mark.parametrize("allow, told", [("true", "GET, POST, OPTIONS"), ("false", "POST, OPTIONS")])
def test_f38_what_a_405_allows(start_web, allow, told):
    """HEAD is for files only; the methods in `Allow` do work."""
    client = connect(start_web({"allow_get": allow}, auth={"required": False}))
    answer = ask(client, "HEAD", "/?Action=Ping")
    assert (answer.status, answer.get("Allow")) == (405, told)
    answer = ask(client, "HEAD", "/ws")
    assert (answer.status, answer.get("Allow")) == (405, "GET, OPTIONS")
    answer = client.get("/?Action=Ping")
    assert answer.status == (200 if allow == "true" else 405)
    if allow == "false":
        assert answer.get("Allow") == told
