"""Live feeds over WebSockets, by clients of other authors and by hand."""

import json
import socket
import struct
import time

import pytest

from harness.limits import DEADLINE
from harness.proxy import secret_of
from harness.streams import CLOSE, PING, PONG, TEXT, Socket, connect, node
from harness.web import basic


@pytest.fixture
def proxy(start_feeds):
    return start_feeds()


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


def test_r51_a_message_in_many_frames(proxy):
    """As many as there may be, and of each message anew."""
    client = Socket(proxy)
    text = json.dumps({"Action": "Ping", "ActionID": "f" * 990}).encode()
    for _ in range(3):
        parts = [client.frame(0, text[at : at + 1], fin=at == len(text) - 1) for at in range(1, len(text))]
        client.web.send_raw(client.frame(TEXT, text[:1], fin=False) + b"".join(parts))
        while b"f" * 990 not in client.read()[1]:
            pass


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
        "too many parts": (client.frame(TEXT, b"x", fin=False) + client.frame(0, b"x", fin=False) * 1024, 1009),
        "parts of nothing": (client.frame(TEXT, b"", fin=False) + client.frame(0, b"", fin=False) * 5000, 1009),
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


def test_websocket_pings_and_silent_clients(start_feeds):
    proxy = start_feeds(http={"ping_interval": "200ms"})
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
