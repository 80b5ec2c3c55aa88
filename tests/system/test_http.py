"""HTTP: actions by GET and POST, the end of answers, formats, credentials, status codes, files."""

import csv
import json
import os
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from harness.limits import DEADLINE
from harness.proxy import PROXY_KEY, secret_of
from harness.web import ALL_PLUGINS, Web, basic, listeners


@pytest.fixture
def start_web(start_proxy):
    """start_web(servers, output=…, http={…}, **sections) -> Proxy; its HTTP is at addresses[1]."""

    def start(servers, output="json", listen=None, **sections):
        return start_proxy(servers, listen=listen or listeners(output), plugins=ALL_PLUGINS, **sections)

    return start


@pytest.fixture
def web(start_web, pbx):
    """Connections to a proxy with one server: web() -> Web, logged in as dave."""
    proxy = start_web({"pbx1": pbx})

    def connect(auth=basic()):
        client = Web(proxy.addresses[1], auth)
        proxy.clients.append(client)
        return client

    connect.proxy = proxy
    return connect


def lists(action):
    action.start_list()
    action.item("CoreShowChannel", Channel="SIP/1", CallerIDName='a "b" <c> & d, e')
    action.item("CoreShowChannel", ("ChanVariable", "x=1"), ("ChanVariable", "y=2"), Channel="SIP/2")
    action.end_list("CoreShowChannelsComplete", 2)


# -- the request


def test_c67_get(web):
    answer = web().get("/?Action=Ping&ActionID=Foo")
    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.json()["ActionID"] == "Foo" and answer.json()["Ping"] == "Pong"


def test_every_answer_has_the_headers_that_browsers_need(web):
    for target in ("/?Action=Ping", "/nothing", "/?Action=Bogus&ActionID=%0a"):
        answer = web().get(target)
        assert answer.get("Date", "").endswith(" GMT") and answer.get("Server") == "astmanproxy"
        assert answer.get("Cache-Control") == "no-store"
        assert answer.get("X-Content-Type-Options") == "nosniff" and answer.get("Referrer-Policy") == "no-referrer"
        assert "charset=utf-8" in answer.get("Content-Type") and answer.get("Content-Length") == str(len(answer.body))


@pytest.mark.parametrize("path", ["/", "/manager", "/rawman", "/a/b/c.html", "/events", "/ws"])
def test_c67_any_path(web, path):
    assert web().get(path + "?action=ping&actionid=a").json()["ActionID"] == "a"


@pytest.mark.parametrize(
    "content_type, body",
    [
        ("application/x-www-form-urlencoded", "Action=Originate&Channel=SIP%2F1&Variable=a%3D1&Variable=b+c"),
        ("application/json", '{"Action":"Originate","Channel":"SIP/1","Variable":["a=1","b c"]}'),
        ("application/json; charset=utf-8", '{"Action":"Originate",\n"Channel":"SIP/1",\n"Variable":["a=1","b c"]}\n'),
        (
            "text/xml",
            '<AsteriskManagerInput><Action Value="Originate"/><Channel Value="SIP/1"/>'
            '<Variable Value="a=1"/><Variable Value="b c"/></AsteriskManagerInput>',
        ),
        (
            "application/xml",
            '<AsteriskManagerInput>\n <Action Value="Originate"/>\n <Channel Value="SIP/1"/>\n'
            ' <Variable Value="a=1"/>\n <Variable Value="b c"/>\n</AsteriskManagerInput>\n\n',
        ),
        ("text/csv", '"Action: Originate","Channel: SIP/1","Variable: a=1","Variable: b c"\r\n'),
        ("text/csv", '"Action: Originate","Channel: SIP/1","Variable: a=1","Variable: b c"'),
        ("text/plain", "Action: Originate\r\nChannel: SIP/1\r\nVariable: a=1\r\nVariable: b c\r\n\r\n"),
        ("text/plain", "Action: Originate\nChannel: SIP/1\nVariable: a=1\nVariable: b c"),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("size", [1, 10000])
def test_c67_post(web, pbx, content_type, body, size):
    pbx.answers["Originate"] = lambda action: action.reply("Success", Message="Originate successfully queued")
    client = web()
    data = (
        client.head("POST", "/", {"Content-Type": content_type, "Content-Length": len(body)}).encode() + body.encode()
    )
    got = []
    pbx.answers["Originate"] = lambda action: (got.append(action), action.reply("Success"))
    for start in range(0, len(data), size):
        client.send_raw(data[start : start + size])
    assert client.read().status == 200
    assert got[0]["Channel"] == "SIP/1" and got[0].all("Variable") == ["a=1", "b c"]


def test_chunked_body_and_pipelining(web, pbx):
    """Requests that come together are answered one by one, in their order."""
    pbx.answers["CoreShowChannels"] = lists
    client = web()
    client.send_raw(
        client.head("POST", "/", {"Transfer-Encoding": "chunked"})
        + "7\r\nAction=\r\n10;x=y\r\nCoreShowChannels\r\n0\r\nX-Trailer: 1\r\n\r\n"
        + client.head("GET", "/?Action=Ping&ActionID=2")
        + client.head("GET", "/?Action=CoreShowChannels")
        + client.head("GET", "/?Action=Ping&ActionID=4", {"Connection": "close"})
    )
    first, second, third, fourth = (client.read() for _ in range(4))
    assert len(first.json()) == 4 and second.json()["ActionID"] == "2"
    assert len(third.json()) == 4 and fourth.json()["ActionID"] == "4"
    assert fourth.get("Connection") == "close" and client.read_to_end() == b""


def test_http_1_0(web):
    client = web()
    client.send_raw("GET /?Action=Ping HTTP/1.0\r\nConnection: keep-alive\r\nAuthorization: " + basic() + "\r\n\r\n")
    answer = client.read()
    assert answer.status == 200 and answer.get("Connection") == "keep-alive"
    client.send_raw("GET /?Action=Ping HTTP/1.0\r\nAuthorization: " + basic() + "\r\n\r\n")
    assert client.read().get("Connection") == "close" and client.read_to_end() == b""


def test_expect_100_continue(web):
    client = web()
    client.send_raw(client.head("POST", "/", {"Content-Length": 11, "Expect": "100-continue"}))
    assert client.read().status == 100
    client.send_raw("Action=Ping")
    assert client.read().status == 200


def test_one_action_in_a_request(web, pbx):
    client = web()
    for content_type, body in [
        ("application/json", '{"Action":"CoreStatus"}\n{"Action":"CoreStatus"}'),
        ("text/plain", "Action: CoreStatus\n\nAction: CoreStatus\n\n"),
        ("text/csv", '"Action: CoreStatus"\r\n"Action: CoreStatus"\r\n'),
        ("application/x-www-form-urlencoded", "Action=CoreStatus&Action=CoreStatus"),
    ]:
        assert client.post(body, content_type).status == 400
    assert client.get("/?Action=Ping").status == 200
    assert pbx.actions == []


@pytest.mark.parametrize("body", ["{", "[]", "nonsense", "", '{"Action":"Ping"', '{"Action":{"a":1}}'])
def test_bodies_that_are_no_action(web, pbx, body):
    assert web().post(body, "application/json").status == 400
    assert pbx.actions == []


def test_c69_methods(web):
    client = web()
    client.send_raw(client.head("HEAD", "/?Action=Ping"))
    answer = client.read(bodiless=True)
    assert answer.status == 405 and answer.get("Allow") == "GET, POST, OPTIONS"
    client.send_raw(client.head("OPTIONS", "*"))
    answer = client.read()
    assert answer.status == 204 and answer.get("Allow") == "GET, HEAD, POST, OPTIONS"
    assert client.post("x", "image/png").status == 415
    for method, status in (("DELETE", 405), ("BREW", 501)):
        client = web()
        client.send_raw(client.head(method, "/"))
        assert client.read().status == status
        client.read_to_end()


# -- the answer


@pytest.mark.parametrize("how", ["field", "accept", "listener"])
@pytest.mark.parametrize(
    "name, media", [("json", "application/json"), ("xml", "text/xml"), ("csv", "text/csv"), ("standard", "text/plain")]
)
def test_c71_list_in_every_format(start_web, pbx, how, name, media):
    pbx.answers["CoreShowChannels"] = lists
    proxy = start_web({"pbx1": pbx}, output=name if how == "listener" else "standard" if name != "standard" else "json")
    client = Web(proxy.addresses[1], basic())
    proxy.clients.append(client)
    answer = client.get(
        "/?Action=CoreShowChannels" + (f"&format={name}" if how == "field" else ""),
        **({"Accept": f"text/html;q=0.9, {media}, */*;q=0.1"} if how == "accept" else {}),
    )
    assert answer.status == 200 and answer.get("Content-Type").startswith(media)
    if name == "json":
        messages = answer.json()
        assert messages[2]["ChanVariable"] == ["x=1", "y=2"]
        assert messages[1]["CallerIDName"] == 'a "b" <c> & d, e'
    elif name == "xml":
        messages = list(ElementTree.fromstring(answer.body))
    elif name == "csv":
        messages = [row for row in csv.reader(answer.text.splitlines()) if row]
    else:
        messages = answer.text.split("\r\n\r\n")[:-1]
    assert len(messages) == 4


def test_single_message_is_bare(web):
    assert isinstance(web().get("/?Action=Ping&format=json").json(), dict)
    assert ElementTree.fromstring(web().get("/?Action=Ping&format=xml").body).tag == "AsteriskManagerProxyOutput"


def test_unknown_format(web):
    assert web().get("/?Action=Ping&format=bogus").status == 400
    assert web().get("/?Action=Ping", Accept="image/png").json()["Ping"] == "Pong"


def test_long_answers_are_chunked(web, pbx):
    def answer_long(action):
        action.start_list()
        for number in range(2000):
            action.item("CoreShowChannel", Channel=f"SIP/{number}", Data="x" * 100)
        action.end_list("CoreShowChannelsComplete", 2000)

    pbx.answers["CoreShowChannels"] = answer_long
    client = web()
    answer = client.get("/?Action=CoreShowChannels")
    assert answer.get("Transfer-Encoding") == "chunked"
    assert [message.get("Channel") for message in answer.json()[1:-1]] == [f"SIP/{number}" for number in range(2000)]
    assert client.get("/?Action=Ping").status == 200


def test_c71_long_command_output(web, pbx):
    pbx.answers["Command"] = lambda action: action.send(
        ("Response", "Success"),
        ("ActionID", action.id),
        ("Message", "Command output follows"),
        *[("Output", f"line {number} " + "x" * 100) for number in range(5000)],
    )
    answer = web().get("/?Action=Command&Command=core+show+help")
    assert len(answer.json()["Output"]) == 5000


def test_c70_until_event(web, pbx):
    client = web()
    client.send_raw(
        client.head("GET", "/?Action=Originate&Channel=SIP/1&Async=true&ActionID=me", {"X-Until-Event": "Hangup"})
    )
    action = pbx.expect(Action="Originate")
    action.reply("Success", Message="Originate successfully queued")
    pbx.event("Newchannel", "call,all", Channel="SIP/1")
    pbx.event("Hangup", "call,all", Channel="SIP/1", Cause="16")
    messages = client.read().json()
    assert [message.get("Event") for message in messages] == [None, "Newchannel", "Hangup"]
    assert client.get("/?Action=Ping").status == 200


def test_c70_requests_behind_one_that_waits_for_an_event(web, pbx):
    client = web()
    client.send_raw(
        client.head("GET", "/?Action=CoreStatus", {"X-Until-Event": "Hangup"})
        + client.head("GET", "/?Action=Ping&ActionID=2")
    )
    pbx.expect(Action="CoreStatus").reply("Success")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert client.read().json()[-1]["Event"] == "Hangup"
    assert client.read().json()["ActionID"] == "2"


def test_c70_maxtime(web, pbx):
    client = web()
    assert client.get("/?Action=CoreStatus", X_Maxtime="200").status == 504
    assert client.read_to_end() == b""
    pbx.expect(Action="CoreStatus").reply("Success")
    client = web()
    client.send_raw(client.head("GET", "/?Action=CoreStatus", {"X-Maxtime": 500, "X-Until-Event": "Never"}))
    pbx.expect(Action="CoreStatus").reply("Success", CoreCurrentCalls="0")
    answer = client.read()
    assert answer.status == 200 and answer.json()["CoreCurrentCalls"] == "0"
    assert client.get("/?Action=Ping").status == 200


def test_max_wait(start_web, pbx):
    proxy = start_web({"pbx1": pbx}, http={"max_wait": "200ms"})
    client = Web(proxy.addresses[1], basic())
    assert client.get("/?Action=CoreStatus", X_Maxtime="60000").status == 504
    client.close()


def test_c69_status_codes(web, pbx):
    assert web(None).get("/?Action=Ping").status == 401
    viewer = web(basic("viewer"))
    assert viewer.get("/?Action=Originate&Channel=x").status == 403
    assert web().get("/?Action=Ping&Server=nowhere").status == 503
    assert web().get("/?Action=" + "x" * 1100).status == 400
    pbx.answers["CoreStatus"] = lambda action: action.reply("Error", Message="Asterisk says no")
    answer = web().get("/?Action=CoreStatus")
    assert answer.status == 200 and answer.json()["Message"] == "Asterisk says no"
    pbx.answers["CoreStatus"] = lambda action: action.drop_connection()
    client = web()
    assert client.get("/?Action=CoreStatus").status in (502, 503)
    assert client.get("/?Action=CoreStatus").status in (502, 503)


def test_c69_no_server(start_web, pbx):
    pbx.refuse_connections = True
    proxy = start_web({"pbx1": pbx}, up=[])
    client = Web(proxy.addresses[1], basic())
    answer = client.get("/?Action=CoreStatus")
    assert answer.status == 503 and int(answer.get("Retry-After")) > 0
    client.close()


# -- credentials


def test_c72_no_login_outlives_its_request(web):
    client = web()
    assert client.get("/?Action=Ping").status == 200
    client.auth = None
    answer = client.get("/?Action=Ping")
    assert answer.status == 401
    assert any(value.startswith("Basic realm=") for value in answer.all("WWW-Authenticate"))
    assert any(value.startswith("Bearer") for value in answer.all("WWW-Authenticate"))
    client.auth = basic("viewer")
    assert client.get("/?Action=Ping").status == 200
    assert client.get("/?Action=Originate").status == 403
    client.auth = basic("dave", "wrong")
    assert client.get("/?Action=Ping").status == 401


def test_c72_login_once_for_a_connection(web):
    client = web()
    for _ in range(20):
        assert client.get("/?Action=Ping").status == 200
    web.proxy.wait_for_line("login accepted", str(client.socket.getsockname()[1]))
    lines = [
        line for line in web.proxy.lines if "login accepted" in line and str(client.socket.getsockname()[1]) in line
    ]
    assert len(lines) == 1


@pytest.mark.parametrize("token", [f"dave:{secret_of('dave')}", basic().split()[1], basic().split()[1].rstrip("=")])
def test_c72_bearer(web, token):
    assert web("Bearer " + token).get("/?Action=Ping").status == 200


def test_c72_proxy_key(start_web, pbx):
    proxy = start_web({"pbx1": pbx}, auth={"proxy_key": PROXY_KEY, "failures_per_minute": 1000})
    client = Web(proxy.addresses[1])
    proxy.clients.append(client)
    assert client.get(f"/?Action=Ping&ProxyKey={PROXY_KEY}").status == 200
    assert client.get("/?Action=Ping").status == 401
    assert client.post(json.dumps({"Action": "Ping", "ProxyKey": PROXY_KEY}), "application/json").status == 200
    assert client.get("/?Action=Ping&ProxyKey=wrong").status == 401


def test_c72_username_and_secret_are_headers_of_the_action(web):
    assert web(None).get(f"/?Action=Ping&Username=dave&Secret={secret_of('dave')}").status == 401


def test_login_as_an_action_lasts_for_that_request(web):
    client = web(None)
    assert client.get(f"/?Action=Login&Username=dave&Secret={secret_of('dave')}").status == 200
    assert client.get("/?Action=Ping").status == 401


def test_no_login_required(start_web, pbx):
    proxy = start_web({"pbx1": pbx}, auth={"required": False})
    client = Web(proxy.addresses[1])
    assert client.get("/?Action=Ping").status == 200
    assert client.get("/?Action=Ping&ActionID=x").json()["ActionID"] == "x"
    client.close()


def test_r41_query_strings_are_not_logged(web):
    client = web(None)
    client.get("/?Action=Ping&Password=QUERY-SECRET-9")
    client.get("/nothing?Password=QUERY-SECRET-9")
    assert "QUERY-SECRET-9" not in web.proxy.log()


# -- files


@pytest.fixture
def site(start_web, pbx, tmp_path):
    root = tmp_path / "site"
    (root / "sub").mkdir(parents=True)
    (root / "index.html").write_text("<h1>hello</h1>")
    (root / "sub" / "page.js").write_text("1")
    (root / ".hidden").write_text("no")
    (tmp_path / "outside").write_text("no")
    os.symlink("../outside", root / "link")
    os.symlink("/etc", root / "etc")
    for folder in (root, root / "sub"):
        folder.chmod(0o755)
    proxy = start_web({"pbx1": pbx}, http={"document_root": "site"})
    client = Web(proxy.addresses[1])
    proxy.clients.append(client)
    return client


def test_files(site):
    answer = site.get("/")
    assert answer.text == "<h1>hello</h1>" and answer.get("Content-Type") == "text/html; charset=utf-8"
    assert answer.get("Cache-Control") == "no-cache" and answer.get("X-Content-Type-Options") == "nosniff"
    assert answer.get("Content-Security-Policy") == "frame-ancestors 'self'"
    changed = answer.get("Last-Modified")
    assert site.get("/index.html", If_Modified_Since=changed).status == 304
    assert site.get("/sub/page.js").get("Content-Type") == "text/javascript; charset=utf-8"
    site.send_raw(site.head("HEAD", "/index.html"))
    answer = site.read(bodiless=True)
    assert answer.status == 200 and answer.get("Content-Length") == "14"
    assert site.get("/?x=y").status == 200


def test_listed_pages_may_frame_files(start_web, pbx, tmp_path):
    (tmp_path / "site").mkdir(mode=0o755)
    (tmp_path / "site" / "index.html").write_text("hello")
    proxy = start_web(
        {"pbx1": pbx}, http={"document_root": "site", "origins": ["https://panel.example", "http://b.example:81"]}
    )
    client = Web(proxy.addresses[1])
    proxy.clients.append(client)
    assert (
        client.get("/").get("Content-Security-Policy")
        == "frame-ancestors 'self' https://panel.example http://b.example:81"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/../outside",
        "/%2e%2e/outside",
        "/sub/../../outside",
        "/link",
        "/etc/passwd",
        "/.hidden",
        "//index.html",
        "/sub",
        "/%00",
        "/sub/",
        "/sub%2f..%2f..%2foutside",
        "/..%5coutside",
        "/index.html%00.js",
        "/./index.html",
    ],
)
def test_no_way_out_of_the_document_root(site, path):
    answer = site.get(path)
    assert answer.status == 404 and "no\n" != answer.text


# -- configuration


def test_mistakes_in_the_configuration_are_told(start_proxy, pbx):
    with pytest.raises(AssertionError) as failure:
        start_proxy(
            {"pbx1": pbx},
            listen=listeners(),
            plugins=ALL_PLUGINS,
            http={"allow_get": "maybe", "document_root": "missing", "max_wait": "soon", "bogus": 1},
        )
    for words in ("allow_get", "document_root", "max_wait", "bogus"):
        assert words in str(failure.value)


# -- a foreign client


def test_curl(web, tmp_path):
    url = f"http://{web.proxy.addresses[1][0]}:{web.proxy.addresses[1][1]}/"
    user = tmp_path / "user"
    user.write_text(f'user = "dave:{secret_of("dave")}"\n')
    for options in (
        ["-G"],
        [],
        ["-H", "Transfer-Encoding: chunked"],
        ["--http1.0"],
        ["-H", "Expect: 100-continue"],
        ["--http2"],
    ):
        result = subprocess.run(
            [
                "curl",
                "-sS",
                "-K",
                str(user),
                *options,
                "--data-urlencode",
                "Action=Ping",
                "--data-urlencode",
                "ActionID=a b&c",
                url,
            ],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=True,
        )
        assert json.loads(result.stdout)["ActionID"] == "a b&c"
