"""HTTP attacks: request smuggling, header injection, pages of other sites, slow requests and requests without an end."""

import random
import time

import pytest

from harness.limits import scaled
from harness.web import ALL_PLUGINS, Web, basic, listeners

TARGETS = {"localhost", "127.0.0.1"}


@pytest.fixture
def start_web(start_proxy):
    def start(servers, http=None, **sections):
        return start_proxy(servers, listen=listeners(), plugins=ALL_PLUGINS, http=http or {}, **sections)

    return start


@pytest.fixture
def open_web(start_web, pbx):
    """No login is needed: what gets through would be done."""
    return start_web({"pbx1": pbx}, auth={"required": False}, http={"request_timeout": "1s", "idle_timeout": "1s"})


def connect(proxy, auth=None):
    client = Web(proxy.addresses[1], auth)
    proxy.clients.append(client)
    return client


def ask_raw(proxy, data):
    """All that is answered to `data`, the client saying nothing more."""
    client = connect(proxy)
    client.send_raw(data.replace("HOST", client.host) if isinstance(data, str) else data)
    return client.read_to_end()


HIDDEN = "GET /?Action=Hidden HTTP/1.1\r\nHost: HOST\r\n\r\n"
AMBIGUOUS = [
    "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nContent-Length: 60\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0, 60\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: +0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0x0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length:\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 18446744073709551616\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length : 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\n Content-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nX: y\r\n Content-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nX: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\n: y\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nX\0: y\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nX: \0\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: HOST\r\nno colon\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.0\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST /\r\nHost: HOST\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\nHost: HOST\nContent-Length: 0\n\n",
    "GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5\r\n\r\nxxxxx",
    "GET / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET http://evil.example/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "GET\t/ HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "GET /\t HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "GET / HTTP/1.1 HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "GET / HTTP/1.1\r\r\nHost: HOST\r\n\r\n",
    "GET / HTTP/11\r\nHost: HOST\r\n\r\n",
]
CHUNKS = [
    "000000000\r\n\r\n",
    "0\n\r\n",
    "0\r\n\n",
    "0 \r\n\r\n",
    "0x0\r\n\r\n",
    "-0\r\n\r\n",
    "\r\n\r\n",
    "0;\n\r\n\r\n",
    "1\r\nxx0\r\n\r\n",
    "1\r\nx\n0\r\n\r\n",
    "1\nx\r\n0\r\n\r\n",
    "fffffffffffffffff\r\nx\r\n0\r\n\r\n",
    "0\r\nX : y\r\n\r\n",
    "0\r\nX: y\n\r\n",
    "0\r\n X: y\r\n\r\n",
    "0\r\nTransfer-Encoding\r\n\r\n",
]


def test_r14_smuggling_matrix(open_web, pbx):
    """One answer, 400, then the end: what stands behind is never a request."""
    requests = AMBIGUOUS + [
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n" + body for body in CHUNKS
    ]
    for request in requests:
        answer = ask_raw(open_web, request + HIDDEN)
        assert answer.startswith(b"HTTP/1.1 400 "), (request, answer)
        assert answer.count(b"HTTP/1.1 ") == 1 and b"\r\nConnection: close\r\n" in answer, (request, answer)
    assert pbx.actions == []


def injections(rng):
    """Values and names with line ends in them, in every way in which HTTP can carry them."""
    end = rng.choice(["\r\n", "\n", "\r", "\0", "\r\n\r\n", "\n\n"])
    text = (
        rng.choice(["x", ""])
        + end
        + rng.choice(["Action: Hidden", "Variable: y", "", "\r\n\r\nAction: Hidden\r\n\r\n"])
    )
    quoted = "".join(f"%{ord(byte):02x}" if rng.random() < 0.7 or not byte.isalnum() else byte for byte in text)
    escaped = text.encode("unicode_escape").decode().replace("\\x", "\\u00").replace('"', '\\"')
    xml = "".join(f"&#{ord(byte)};" for byte in text)
    return rng.choice(
        [
            ("GET", "", f"/?Action=Ping&ActionID={quoted}"),
            ("GET", "", f"/?Action=Ping&{quoted}=x"),
            ("GET", "", f"/?Action={quoted}"),
            ("application/x-www-form-urlencoded", f"Action=CoreStatus&Variable={quoted}", "/"),
            ("application/x-www-form-urlencoded", f"{quoted}=1&Action=CoreStatus", "/"),
            ("application/json", '{"Action":"CoreStatus","Variable":"%s"}' % escaped, "/"),
            ("application/json", '{"Action":"CoreStatus","Variable":["a","%s"]}' % escaped, "/"),
            ("application/json", '{"Action":"CoreStatus","%s":"a"}' % escaped, "/"),
            (
                "text/xml",
                f'<AsteriskManagerInput><Action Value="CoreStatus"/><Variable Value="{xml}"/></AsteriskManagerInput>',
                "/",
            ),
            ("text/csv", '"Action: CoreStatus","Variable: %s"' % text, "/"),
        ]
    )


def test_r01_line_ends_never_reach_the_server(open_web, pbx):
    pbx.answers["CoreStatus"] = lambda action: action.reply("Success")
    rng = random.Random(20260301)
    client = connect(open_web)
    for number in range(scaled(400)):
        kind, body, target = injections(rng)
        answer = client.get(target) if kind == "GET" else client.post(body, kind, target)
        assert answer.status == 400, (number, kind, body, target, answer)
        if answer.get("Connection") == "close":
            client = connect(open_web)
    assert pbx.actions == []
    received = b"".join(lane.received for lane in pbx.lanes())
    assert b"Hidden" not in received and b"CoreStatus" not in received


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://127.0.0.1"},
    {"Origin": "http://127.0.0.1"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Host": "evil.example"},
    {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
    {"Host": "127.0.0.1.evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=range(len(FOREIGN)))
def test_r15_foreign_pages(open_web, pbx, headers):
    for method, target in (
        ("GET", "/?Action=CoreStatus"),
        ("POST", "/"),
        ("GET", "/ws"),
        ("GET", "/events"),
        ("OPTIONS", "/"),
    ):
        client = connect(open_web)
        body = "Action=CoreStatus" if method == "POST" else ""
        lines = {"Host": client.host, **headers, **({"Content-Length": len(body)} if body else {})}
        client.send_raw(
            f"{method} {target} HTTP/1.1\r\n"
            + "".join(f"{key}: {value}\r\n" for key, value in lines.items())
            + "\r\n"
            + body
        )
        answer = client.read()
        assert answer.status == 403 and answer.get("Access-Control-Allow-Origin") is None
    assert pbx.actions == []
    open_web.wait_for_line("warn", "protocol says")


def test_r15_our_own_page_and_listed_ones(start_web, pbx):
    proxy = start_web(
        {"pbx1": pbx}, auth={"required": False}, http={"origins": ["https://panel.example"], "hosts": ["pbx.example"]}
    )
    client = connect(proxy)
    assert client.get("/?Action=Ping", Origin=f"http://{client.host}", Sec_Fetch_Site="same-origin").status == 200
    assert client.get("/?Action=Ping", Sec_Fetch_Site="none").status == 200
    answer = client.get("/?Action=Ping", Origin="https://panel.example", Sec_Fetch_Site="cross-site")
    assert answer.status == 200 and answer.get("Access-Control-Allow-Origin") == "https://panel.example"
    client.send_raw(
        client.head("OPTIONS", "/", {"Origin": "https://panel.example", "Access-Control-Request-Method": "POST"})
    )
    answer = client.read()
    assert answer.status == 204 and "Authorization" in answer.get("Access-Control-Allow-Headers")
    for host in ("pbx.example", "PBX.example:8088", "panel.example", f"localhost:{proxy.addresses[1][1]}"):
        client.send_raw(f"GET /?Action=Ping HTTP/1.1\r\nHost: {host}\r\n\r\n")
        assert client.read().status == 200


@pytest.mark.parametrize("allow, statuses", [("true", (200, 200)), ("read", (200, 403)), ("false", (405, 405))])
def test_allow_get(start_web, pbx, allow, statuses):
    proxy = start_web({"pbx1": pbx}, auth={"required": False}, http={"allow_get": allow})
    for name in ("CoreStatus", "Originate"):
        pbx.answers[name] = lambda action: action.reply("Success")
    client = connect(proxy)
    assert (client.get("/?Action=CoreStatus").status, client.get("/?Action=Originate").status) == statuses
    assert client.post("Action=Originate").status == 200


def test_r26_sizes(open_web, pbx):
    before = open_web.memory_kib()
    for request, status in [
        (f"GET /?{'x' * 8200} HTTP/1.1\r\nHost: HOST\r\n\r\n", 414),
        ("GET /" + "x" * 1000000, 414),
        (f"GET / HTTP/1.1\r\nHost: HOST\r\nX: {'y' * 1000000}", 431),
        ("GET / HTTP/1.1\r\nHost: HOST\r\n" + "X: y\r\n" * 100 + "\r\n", 431),
        ("POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 65537\r\n\r\n", 413),
        (
            "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "8000\r\n"
            + "x" * 32768
            + "\r\n8001\r\n",
            413,
        ),
        (
            "GET /?" + "&".join(f"a{number}=b" for number in range(200)) + "&Action=Ping HTTP/1.1\r\n"
            "Host: HOST\r\nConnection: close\r\n\r\n",
            400,
        ),
    ]:
        answer = ask_raw(open_web, request)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode()), (request[:100], answer)
    assert open_web.memory_kib() < before + 64 * 1024
    assert pbx.actions == []


@pytest.mark.parametrize(
    "start",
    [
        "",
        "G",
        "GET / HTTP/1.1\r\nX: ",
        "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 100\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n1",
    ],
    ids=["silent", "line", "head", "body", "chunk"],
)
def test_r21_slow_requests(open_web, start):
    """One byte now and then buys no time: the whole request has its deadline."""
    started = time.monotonic()
    client = connect(open_web)
    client.send_raw(start.replace("HOST", client.host))
    client.socket.settimeout(0.2)
    data, ended = b"", False
    while not ended and time.monotonic() - started < 30:
        try:
            part = client.socket.recv(65536)
            data, ended = data + part, not part
        except TimeoutError:
            if start:
                try:
                    client.send_raw("1")
                except OSError:
                    ended = True
        except ConnectionError:
            ended = True
    assert 0.9 <= time.monotonic() - started < 20
    assert data.startswith(b"HTTP/1.1 408 ") if start else data == b""


def test_idle_connections_are_closed(open_web):
    client = connect(open_web)
    assert client.get("/?Action=Ping").status == 200
    started = time.monotonic()
    assert client.read_to_end() == b"" and time.monotonic() - started < 20


def test_thousand_requests_on_a_connection(open_web):
    client = connect(open_web)
    for number in range(1000):
        answer = client.get("/?Action=Ping")
        assert answer.status == 200
        assert (answer.get("Connection") == "close") == (number == 999)
    assert client.read_to_end() == b""


def test_two_clients_with_one_connection_of_a_proxy_do_not_share_a_login(start_web, pbx):
    """Requests of several people on one connection, as a proxy in front of us sends them."""
    proxy = start_web({"pbx1": pbx})
    client = connect(proxy)
    pbx.answers["Originate"] = lambda action: action.reply("Success")
    rng = random.Random(1)
    for _ in range(40):
        client.auth = rng.choice([None, basic("dave"), basic("viewer"), basic("caller")])
        expected = {None: 401, basic("viewer"): 403}.get(client.auth, 200)
        assert client.get("/?Action=Originate&Channel=SIP/1").status == expected


def test_r25_any_segmentation(start_web, pbx):
    proxy = start_web({"pbx1": pbx})
    client = connect(proxy, basic())
    request = (
        client.head("GET", "/?Action=Ping&ActionID=1")
        + client.head("POST", "/", {"Content-Length": 22})
        + "Action=Ping&ActionID=2"
        + client.head("POST", "/", {"Transfer-Encoding": "chunked"})
        + "b\r\nAction=Ping\r\nb\r\n&ActionID=3\r\n0\r\n\r\n"
    )
    for size in (1, 2, 3, 7, 100):
        for start in range(0, len(request), size):
            client.send_raw(request[start : start + size])
        assert [client.read().json()["ActionID"] for _ in range(3)] == ["1", "2", "3"]
