"""Live feeds over HTTP: server-sent events and WebSockets, by clients of others and by hand."""

import base64
import json
import os
import socket
import struct
import subprocess
import time

import pytest

from harness.limits import DEADLINE, Deadline
from harness.process import BUILD
from harness.proxy import PROXY_KEY, secret_of
from harness.web import ALL_PLUGINS, Web, basic, listeners

CLIENTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "clients")
NODE_MODULES = os.path.join(BUILD, "clients", "node_modules")
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


@pytest.fixture
def start_web(start_proxy, pbx):
    def start(**sections):
        return start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS, **sections)

    return start


@pytest.fixture
def proxy(start_web):
    return start_web()


def connect(proxy, auth=basic()):
    client = Web(proxy.addresses[1], auth)
    proxy.clients.append(client)
    return client


# -- server-sent events


class Stream:
    """GET /events, its head read."""

    def __init__(self, proxy, target="/events", auth=basic(), **headers):
        self.web = connect(proxy, auth)
        self.web.send_raw(self.web.head("GET", target, headers))
        self.head = self.web.read_head()
        assert self.head.status == 200, self.head
        assert self.web.until(b"\n\n").startswith(b"retry: 2000\n")

    def block(self):
        """The next block: a list of (field, value)."""
        return [tuple(line.split(": ", 1)) for line in self.web.until(b"\n\n").decode().split("\n")]

    def event(self, name):
        """The next event of that name."""
        while True:
            block = self.block()
            if ("event", name) in block:
                return block

    def close(self):
        self.web.close()


def data_of(block):
    return "\n".join(value for field, value in block if field == "data")


def test_events(proxy, pbx):
    stream = Stream(proxy)
    assert stream.head.get("Content-Type") == "text/event-stream; charset=utf-8"
    assert stream.head.get("Cache-Control") == "no-store" and stream.head.get("X-Accel-Buffering") == "no"
    pbx.event("Newchannel", "call,all", Channel="SIP/1", CallerIDName='"<&')
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    first, second = stream.event("Newchannel"), stream.event("Hangup")
    assert json.loads(data_of(first))["CallerIDName"] == '"<&'
    assert int(dict(second)["id"]) > int(dict(first)["id"]) > 0


@pytest.mark.parametrize(
    "name, start", [("xml", "<AsteriskManagerOutput>"), ("csv", '"Event: Hangup"'), ("standard", "Event: Hangup")]
)
def test_events_in_other_formats(proxy, pbx, name, start):
    stream = Stream(proxy, f"/events?format={name}")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    text = data_of(stream.event("Hangup"))
    assert text.startswith(start) and "SIP/1" in text


def test_events_have_the_same_ids_for_everybody(proxy, pbx):
    streams = [Stream(proxy) for _ in range(3)] + [Stream(proxy, "/events?events=call", basic("viewer"))]
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert len({tuple(stream.event("Hangup")[:2]) for stream in streams}) == 1


def test_event_mask_and_rights(proxy, pbx):
    masked, viewer = Stream(proxy, "/events?events=agent"), Stream(proxy, auth=basic("viewer"))
    pbx.event("Newchannel", "call,all", Channel="SIP/1")
    pbx.event("AgentCalled", "agent,all", Agent="a")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert ("event", "AgentCalled") in masked.block()
    assert ("event", "Newchannel") in viewer.block() and ("event", "Hangup") in viewer.block()


@pytest.mark.parametrize(
    "query",
    [
        f"username=dave&secret={secret_of('dave')}",
        f"events=call&Username=dave&Secret={secret_of('dave')}",
        f"proxykey={PROXY_KEY}",
    ],
)
def test_credentials_in_the_query(start_web, pbx, query):
    proxy = start_web(auth={"proxy_key": PROXY_KEY, "failures_per_minute": 1000})
    stream = Stream(proxy, "/events?" + query, None)
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    stream.event("Hangup")


def test_events_need_a_login(start_web):
    proxy = start_web(auth={"proxy_key": PROXY_KEY, "failures_per_minute": 1000})
    assert connect(proxy, None).get("/events").status == 401
    assert connect(proxy, basic("dave", "wrong")).get("/events").status == 401
    assert connect(proxy, None).get("/events?proxykey=wrong").status == 401
    assert connect(proxy).get("/events?format=bogus").status == 400


def test_names_of_events_are_only_names(proxy, pbx):
    stream = Stream(proxy)
    pbx.send_raw(b"Event: a: b\tc\xff\r\nPrivilege: call,all\r\nX: y\r\n\r\n")
    block = stream.event("a__b_c_")
    assert json.loads(data_of(block))["X"] == "y"


def test_keep_alive_comment(start_web):
    stream = Stream(start_web(http={"keep_alive": "200ms"}))
    for _ in range(3):
        assert stream.web.until(b"\n\n") == b": keep-alive"


def test_events_after_requests_on_the_same_connection(proxy, pbx):
    client = connect(proxy)
    assert client.get("/?Action=Ping").status == 200
    client.send_raw(client.head("GET", "/events"))
    assert client.read_head().status == 200
    client.until(b"\n\n")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert b"event: Hangup\n" in client.until(b"\n\n")


def node(script, *arguments):
    if not os.path.isdir(os.path.join(NODE_MODULES, "ws")):
        pytest.skip(f"ws and eventsource are not installed in {NODE_MODULES}: tests/run.sh does it (npm ci)")
    environment = dict(os.environ, NODE_PATH=NODE_MODULES)
    return subprocess.Popen(
        ["node", os.path.join(CLIENTS, script), *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_npm_eventsource(proxy, pbx):
    with node("eventsource_session.js", f"http://{connect(proxy).host}/events", basic(), "2") as client:
        assert json.loads(client.stdout.readline()) == {"open": True}
        pbx.event("Newchannel", "call,all", Channel="SIP/1")
        pbx.event("Hangup", "call,all", Channel="SIP/1")
        first, second = (json.loads(client.stdout.readline()) for _ in range(2))
        assert client.wait(DEADLINE) == 0
    assert (first["type"], second["type"]) == ("Newchannel", "Hangup")
    assert first["data"]["Channel"] == "SIP/1" and int(second["id"]) > int(first["id"])


# -- WebSockets


class Socket:
    """GET /ws, upgraded."""

    def __init__(self, proxy, target="/ws", auth=basic(), protocol=None, **headers):
        self.web = connect(proxy, auth)
        more = {"Sec-WebSocket-Protocol": protocol} if protocol else {}
        self.web.send_raw(
            self.web.head(
                "GET",
                target,
                {
                    "Connection": "Upgrade",
                    "Upgrade": "websocket",
                    "Sec-WebSocket-Version": 13,
                    "Sec-WebSocket-Key": KEY,
                    **more,
                    **headers,
                },
            )
        )
        self.head = self.web.read_head()
        if self.head.status == 101:
            assert self.head.get("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    def frame(self, opcode, payload=b"", fin=True, mask=b"\x12\x34\x56\x78", rsv=0, length=None):
        payload = payload.encode() if isinstance(payload, str) else payload
        size = len(payload) if length is None else length
        flag = 0x80 if mask else 0
        head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
        if size < 126:
            head += bytes([flag | size])
        else:
            head += (
                bytes([flag | 126]) + struct.pack(">H", size)
                if size < 65536
                else bytes([flag | 127]) + struct.pack(">Q", size)
            )
        body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)) if mask else payload
        return head + (mask or b"") + body

    def send(self, action, **options):
        self.web.send_raw(
            self.frame(TEXT, action if isinstance(action, (str, bytes)) else json.dumps(action), **options)
        )

    def read(self):
        """One frame: (opcode, payload). The server's are never fragments, never masked."""
        deadline = Deadline()
        first, size = self.web.take(2, deadline)
        assert first & 0xF0 == 0x80 and size & 0x80 == 0, (first, size)
        if size == 126:
            size = struct.unpack(">H", self.web.take(2, deadline))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.web.take(8, deadline))[0]
        return first & 0xF, self.web.take(size, deadline)

    def message(self):
        opcode, payload = self.read()
        assert opcode == TEXT, (opcode, payload)
        return json.loads(payload)

    def until(self, **wanted):
        while True:
            message = self.message()
            if all(message.get(name) == value for name, value in wanted.items()):
                return message

    def close_code(self):
        """Reads on until the close frame, and the end of the connection."""
        while True:
            opcode, payload = self.read()
            if opcode == CLOSE:
                assert self.web.read_to_end() == b""
                return struct.unpack(">H", payload[:2])[0] if payload else None


def test_websocket(proxy, pbx):
    client = Socket(proxy)
    client.send({"Action": "Ping", "ActionID": "1"})
    assert client.until(ActionID="1")["Ping"] == "Pong"
    pbx.event("Hangup", "call,all", Channel="SIP/1", CallerIDName="ü")
    assert client.until(Event="Hangup")["CallerIDName"]
    client.web.send_raw(client.frame(CLOSE, struct.pack(">H", 1000)))
    assert client.close_code() == 1000


def test_websocket_with_login_over_the_socket(proxy, pbx):
    client = Socket(proxy, auth=None)
    client.send({"Action": "CoreStatus", "ActionID": "no"})
    assert client.message()["Message"] == "Permission denied"
    client.send({"Action": "Login", "Username": "dave", "Secret": secret_of("dave"), "ActionID": "in"})
    assert client.message()["Message"] == "Authentication accepted"
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert client.until(Event="Hangup")["Channel"] == "SIP/1"


@pytest.mark.parametrize(
    "protocol, chosen",
    [
        ("ami.json", "ami.json"),
        ("chat, json", "json"),
        ("ami.xml, ami.json", "ami.xml"),
        ("csv", "csv"),
        ("ami.standard", "ami.standard"),
        ("chat", None),
    ],
)
def test_websocket_subprotocols(proxy, pbx, protocol, chosen):
    client = Socket(proxy, protocol=protocol)
    assert client.head.get("Sec-WebSocket-Protocol") == chosen
    name = (chosen or "json").replace("ami.", "")
    client.send(
        {
            "json": '{"Action":"Ping","ActionID":"a1"}',
            "csv": '"Action: Ping","ActionID: a1"',
            "xml": '<AsteriskManagerInput><Action Value="Ping"/><ActionID Value="a1"/></AsteriskManagerInput>',
            "standard": "Action: Ping\r\nActionID: a1",
        }[name]
    )
    marks = {"json": b"{", "xml": b"<Ast", "csv": b'"', "standard": b"Response: "}
    while True:
        _, payload = client.read()
        assert payload.startswith(marks[name]) or b"Event: " in payload
        if b"a1" in payload:
            break


def test_websocket_refusals(proxy):
    assert connect(proxy).get("/ws").status == 426
    assert Socket(proxy, **{"Sec-WebSocket-Version": 8}).head.status == 426
    assert Socket(proxy, **{"Sec-WebSocket-Version": 8}).head.get("Sec-WebSocket-Version") == "13"
    assert Socket(proxy, **{"Sec-WebSocket-Key": "short"}).head.status == 400
    assert Socket(proxy, auth=basic("dave", "wrong")).head.status == 401
    assert Socket(proxy, Origin="http://evil.example").head.status == 403


def test_websocket_messages_that_are_no_action(proxy, pbx):
    client = Socket(proxy)
    for wrong in (
        "nonsense",
        "{}",
        '{"Action":"CoreStatus"}\n{"Action":"CoreStatus"}',
        '{"Action":"CoreStatus","X":"a\\nb"}',
    ):
        client.send(wrong)
        answer = client.until(Response="Error")
        assert answer["Message"], answer
    client.send({"Action": "Ping", "ActionID": "1"})
    assert client.until(ActionID="1")
    assert pbx.actions == []


def test_r51_fragments_and_control_frames_between_them(proxy):
    client = Socket(proxy)
    text = json.dumps({"Action": "Ping", "ActionID": "f" * 300})
    data = client.frame(TEXT, text[:5], fin=False) + client.frame(PING, b"one") + client.frame(0, text[5:9], fin=False)
    data += client.frame(PING, b"") + client.frame(PONG, b"x") + client.frame(0, text[9:])
    for start in range(len(data)):
        client.web.send_raw(data[start : start + 1])
    pongs, answered = [], False
    while len(pongs) < 2 or not answered:  # a pong may come behind the answer
        opcode, payload = client.read()
        if opcode == PONG:
            pongs.append(payload)
        answered = answered or b'"' + b"f" * 300 in payload
    assert pongs == [b"one", b""]


def broken(client):
    """Name -> (bytes, close code) of what breaks RFC 6455."""
    return {
        "unmasked": (client.frame(TEXT, "{}", mask=b""), 1002),
        "reserved bit": (client.frame(TEXT, "{}", rsv=4), 1002),
        "reserved opcode": (client.frame(3, "{}"), 1002),
        "reserved control": (client.frame(11, ""), 1002),
        "long ping": (client.frame(PING, b"x" * 126), 1002),
        "split ping": (client.frame(PING, b"x", fin=False), 1002),
        "continuation of nothing": (client.frame(0, "{}"), 1002),
        "new message within one": (client.frame(TEXT, "{", fin=False) + client.frame(TEXT, "}"), 1002),
        "no utf-8": (client.frame(TEXT, b"\xff\xfe"), 1007),
        "too long": (client.frame(TEXT, b"x" * 65537), 1009),
        "too long in parts": (client.frame(TEXT, b"x" * 40000, fin=False) + client.frame(0, b"x" * 40000), 1009),
        "length of 2^62": (client.frame(TEXT, b"x", length=1 << 62), 1009),
        "length of 2^63": (client.frame(TEXT, b"x", length=1 << 63), 1002),
        "close code 1005": (client.frame(CLOSE, struct.pack(">H", 1005)), 1002),
        "close of one byte": (client.frame(CLOSE, b"x"), 1002),
        "close with bad text": (client.frame(CLOSE, struct.pack(">H", 1000) + b"\xff"), 1007),
    }


def test_r51_what_breaks_the_rules_is_closed_with_the_right_code(proxy):
    for name, (data, code) in broken(Socket(proxy)).items():
        client = Socket(proxy, auth=None)
        client.web.send_raw(data)
        got = client.close_code()
        assert got == code, (name, got)


def test_r51_ping_flood(proxy):
    client = Socket(proxy, auth=None)
    client.web.send_raw(client.frame(PING, b"x" * 100) * 5000)
    assert all(client.read() == (PONG, b"x" * 100) for _ in range(5000))


def test_websocket_pings_and_silent_clients(start_web):
    proxy = start_web(http={"ping_interval": "200ms"})
    client = Socket(proxy)
    for _ in range(4):
        while client.read()[0] != PING:
            pass
        client.web.send_raw(client.frame(PONG))
    started = time.monotonic()
    assert client.close_code() == 1008
    assert time.monotonic() - started < 15


def test_websocket_many_actions_at_once(proxy):
    """More than a session may have in flight: nothing is lost, nothing is doubled."""
    client = Socket(proxy)
    client.web.send_raw(
        b"".join(
            client.frame(TEXT, json.dumps({"Action": "Ping", "Server": "pbx1", "ActionID": f"n{n}"}))
            for n in range(1000)
        )
    )
    ids = []
    while len(ids) < 1000:
        message = client.message()
        if "Response" in message:
            ids.append(message["ActionID"])
    assert ids == [f"n{n}" for n in range(1000)]


def test_websocket_ends_with_its_client(proxy, pbx):
    client = Socket(proxy)
    client.web.socket.shutdown(socket.SHUT_WR)
    assert client.web.read_to_end() is not None
    client = Socket(proxy)
    client.web.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    client.web.close()
    assert Socket(proxy).head.status == 101


def test_npm_ws(proxy, pbx):
    def answer_list(action):
        action.start_list()
        action.item("CoreShowChannel", Channel="SIP/1")
        action.end_list("CoreShowChannelsComplete", 1)

    pbx.answers["CoreShowChannels"] = answer_list
    pbx.answers["UserEvent"] = lambda action: (
        action.reply("Success"),
        pbx.event("UserEvent", "user,all", UserEvent="Goodbye"),
    )
    with node("websocket_session.js", f"ws://{connect(proxy).host}/ws", "dave", secret_of("dave")) as client:
        lines = [json.loads(line) for line in client.stdout]
        assert client.wait(DEADLINE) == 0
    assert lines[0] == {"protocol": "ami.json"} and lines[-1] == {"closed": 1000}
    assert {"pong": "hello"} in lines
    messages = [line["message"] for line in lines if "message" in line]
    assert [message["Channel"] for message in messages if message.get("Event") == "CoreShowChannel"] == ["SIP/1"]


def test_npm_ws_is_refused(proxy):
    address = connect(proxy).host
    with node("websocket_session.js", f"ws://dave:wrong@{address}/ws", "dave", "x") as client:
        assert json.loads(client.stdout.readline()) == {"refused": 401}


def test_feeds_are_shared(proxy, pbx):
    """Both kinds beside AMI clients: all get the same events, in the same order."""
    clients = [Socket(proxy) for _ in range(3)]
    streams = [Stream(proxy) for _ in range(3)]
    plain = proxy.login("dave")
    for number in range(200):
        pbx.event("Hangup", "call,all", Channel=f"SIP/{number}")
    expected = [f"SIP/{number}" for number in range(200)]
    assert [plain.read_until(Event="Hangup")["Channel"] for _ in expected] == expected
    for client in clients:
        assert [client.until(Event="Hangup")["Channel"] for _ in expected] == expected
    for stream in streams:
        assert [json.loads(data_of(stream.event("Hangup")))["Channel"] for _ in expected] == expected


def test_r15_key_of_the_query_is_not_logged(proxy):
    token = base64.b64encode(b"QUERY-SECRET").decode().rstrip("=")
    connect(proxy, None).get(f"/events?username=dave&secret={token}")
    assert token not in proxy.log()


def test_f37_logins_over_http(proxy):
    """Each request logs in for itself: nothing is closed, and one that logs in twice stays who its credentials say."""
    web = connect(proxy, basic("dave", "wrong"))
    assert web.get("/?Action=Ping").status == 401
    web.auth = basic("viewer")
    answer = web.post(f"Action=Login&Username=dave&Secret={secret_of('dave')}&format=json")
    assert answer.status == 200 and "Already authenticated" in answer.text
    assert web.post("Action=CoreStatus").status == 403
    web.auth = None
    assert web.post("Action=Login&Username=dave&Secret=wrong").status == 401
    assert web.post("Action=Ping").status == 401


def test_f37_logins_over_websockets(proxy):
    """A session like any other."""
    socket = Socket(proxy, auth=None)
    socket.send({"Action": "Login", "Username": "viewer", "Secret": secret_of("viewer")})
    assert socket.until(Response="Success")["Message"] == "Authentication accepted"
    socket.send({"Action": "Login", "Username": "dave", "Secret": secret_of("dave"), "ActionID": "again"})
    assert socket.until(ActionID="again")["Message"] == "Already authenticated"
    wrong = Socket(proxy, auth=None)
    wrong.send({"Action": "Login", "Username": "viewer", "Secret": "wrong"})
    wrong.send({"Action": "Login", "Username": "viewer", "Secret": secret_of("viewer")})
    assert wrong.until(Response="Error")["Message"] == "Authentication failed"
    assert b"Authentication accepted" not in wrong.web.read_to_end()
