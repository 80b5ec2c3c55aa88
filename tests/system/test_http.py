"""HTTP: actions by GET and POST, and credentials."""

import json
import subprocess

import pytest

from harness.http import lists
from harness.limits import DEADLINE
from harness.proxy import PROXY_KEY, secret_of
from harness.web import ALL_PLUGINS, Web, basic, listeners

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
