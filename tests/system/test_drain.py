"""SIGTERM: no new sessions, answers to actions in flight, a message to clients in their format, all within
limits.drain."""

import base64
import json
import signal
import socket
import subprocess
import time

import pytest

from harness.limits import DEADLINE, promised
from harness.proxy import BINARY, secret_of
from harness.web import ALL_PLUGINS, Web, basic, listeners

TOLD = "ProxyMessage: Proxy Shutting Down"
GOING = "The proxy is going down"


@pytest.fixture
def start_all(start_proxy, pbx):
    """A proxy with all formats: AMI first, HTTP second."""

    def start(**sections):
        sections.setdefault("limits", {"drain": "4s"})
        return start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS, **sections)

    return start


def test_no_new_sessions(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    action = pbx.expect(Action="CoreStatus")
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_drain()
    client.send(Action="Ping", ActionID="p")  # once it is refused nothing, the sockets are closed
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(proxy.address, DEADLINE)
    action.reply()
    assert client.response("1")["Response"] == "Success"
    assert client.response("p")["Ping"] == "Pong"
    assert client.read_to_end()[-1].text == TOLD
    assert proxy.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_r36_in_flight_is_answered_and_new_actions_are_refused(proxy, pbx, number):
    client, idle = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    action = pbx.expect(Action="CoreStatus")
    proxy.signal(number)
    proxy.wait_for_drain()
    assert idle.read_to_end()[-1].text == TOLD  # does not wait for others
    for name, headers in (
        ("2", {"Action": "CoreSettings"}),
        ("3", {"ProxyAction": "ListServers"}),
        ("4", {"Action": "Events"}),
    ):
        client.send(ActionID=name, **headers)
    action.reply("Success", Tag="late")
    assert client.response("1")["Tag"] == "late"
    for name in ("2", "3", "4"):
        answer = client.response(name)
        assert answer["Response"] == "Error" and answer["Message"] == GOING
    assert client.read_to_end()[-1].text == TOLD
    assert proxy.wait() == 0
    assert not [action for action in pbx.actions if action["Action"] == "CoreSettings"]


def test_told_by_an_event_of_its_own(proxy, pbx):
    """Never Asterisk's `Shutdown`: Asterisk goes on."""
    listener, deaf, callonly = (
        proxy.login("dave"),
        proxy.login("dave", Events="off"),
        proxy.login("dave", Events="call"),
    )
    proxy.signal(signal.SIGTERM)
    ends = [client.read_to_end() for client in (listener, deaf, callonly)]
    assert [messages[-1].text for messages in ends] == [TOLD] * 3
    assert ends[0][-2].headers == [("Event", "ProxyShutdown"), ("Privilege", "system,all")]
    assert all(not message.matches({"Event": "ProxyShutdown"}) for messages in ends[1:] for message in messages)
    assert all(not message.matches({"Event": "Shutdown"}) for messages in ends for message in messages)
    assert proxy.wait() == 0
    assert pbx.logoffs == 1


def test_login_of_a_connection_that_has_just_come(proxy, pbx):
    """An Error would be taken for a wrong secret."""
    busy, fresh = proxy.login("dave", Events="off"), proxy.connect()
    busy.send(Action="CoreStatus", ActionID="1")
    action = pbx.expect(Action="CoreStatus")
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_drain()
    assert fresh.login("bill", secret_of("bill"), Events="off")["Response"] == "Success"
    assert fresh.read_to_end()[-1].text == TOLD
    action.reply()
    assert busy.read_to_end()[-1].text == TOLD
    assert proxy.wait() == 0


def test_unanswered_actions_end_with_an_error_at_half_of_the_time(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"drain": "2s"})
    client = proxy.login("dave", Events="off")
    for name in ("1", "2"):
        client.send(Action="CoreStatus", ActionID=name)
    client.send(Action="QueueStatus", ActionID="3")
    pbx.expect_all(2)
    pbx.expect(Action="QueueStatus").start_list()
    begin = time.monotonic()
    proxy.signal(signal.SIGTERM)
    assert "has not answered" in client.response("1")["Message"]
    assert time.monotonic() - begin > 0.9
    assert "pbx1" in client.response("2")["Message"]
    messages = client.read_to_end()
    assert any(message.matches({"EventList": "Cancelled", "ActionID": "3"}) for message in messages)
    assert messages[-1].text == TOLD
    assert proxy.wait() == 0
    assert time.monotonic() - begin < promised(8)


def test_client_that_does_not_read_holds_up_nobody(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"drain": "2s"})
    slow = proxy.login("dave", receive_buffer=4096, Events="call")
    for _number in range(3000):
        pbx.event("Tick", "call,all", Fill="x" * 1000)
    slow.read_until(Event="Tick")
    other = proxy.login("dave", Events="off")
    begin = time.monotonic()
    proxy.signal(signal.SIGTERM)
    assert other.read_to_end()[-1].text == TOLD
    assert proxy.wait() == 0
    assert time.monotonic() - begin < promised(8)
    proxy.wait_for_line("some clients did not read their last message in time")


def test_held_actions_and_scripts_are_answered(start_proxy, pbx):
    """A WaitEvent ends; what waits behind another action is refused in its turn."""
    proxy = start_proxy({"pbx1": pbx})
    client, waiting = proxy.login("dave", Events="off"), proxy.login("dave", Events="call")
    waiting.fence()
    waiting.send(Action="WaitEvent", ActionID="w")
    client.send(Action="CoreStatus", ActionID="1")
    client.send(Action="CoreSettings", Server="nosuch", ActionID="2")  # another lane: waits for the first
    action = pbx.expect(Action="CoreStatus")
    proxy.login("bill", Events="off").fence()
    proxy.signal(signal.SIGTERM)
    assert waiting.read_until(Event="WaitEventComplete")["ActionID"] == "w"
    proxy.wait_for_drain()
    action.reply()
    assert [client.response(name)["Response"] for name in ("1", "2")] == ["Success", "Error"]
    assert client.read_to_end()[-1].text == TOLD
    assert waiting.read_to_end()[-1].text == TOLD
    assert proxy.wait() == 0


def test_r36_second_signal_while_actions_are_in_flight(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"drain": "1m"})
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    pbx.expect(Action="CoreStatus")
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_drain()
    begin = time.monotonic()
    proxy.signal(signal.SIGINT)
    assert proxy.wait() == 2
    assert time.monotonic() - begin < 25  # an action has half of the minute


def test_r36_drain_under_load(start_proxy, pbx):
    """50 clients with actions in flight and events: each action has one answer, and each client is told of the end, in
    order."""
    proxy = start_proxy({"pbx1": pbx})
    clients = [proxy.login("dave", Events="call") for _ in range(50)]
    for number, client in enumerate(clients):
        for serial in range(4):
            client.send(Action="CoreStatus", ActionID=f"{number}-{serial}")
    actions = pbx.expect_all(200)
    for number in range(300):
        pbx.event("Tick", "call,all", Number=number)
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_drain()
    for action in actions:
        action.reply("Success")
    for client in clients:
        client.send(Action="CoreSettings", ActionID="new")
    for number, client in enumerate(clients):
        messages = client.read_to_end()
        answers = [m["ActionID"] for m in messages if m.kind == "response" and m.get("ActionID") != "new"]
        assert answers == [f"{number}-{serial}" for serial in range(4)]
        new = [m for m in messages if m.get("ActionID") == "new"]
        assert [m["Message"] for m in new] in ([GOING], [])  # [] : it came behind the last word
        ticks = [int(m["Number"]) for m in messages if m.get("Event") == "Tick"]
        assert ticks == list(range(len(ticks))) and messages[-1].text == TOLD
    assert proxy.wait() == 0
    assert not pbx.actions


# -- over HTTP


def upgrade(web, protocol="ami.json"):
    web.send_raw(
        web.head(
            "GET",
            "/ws",
            {
                "Upgrade": "websocket",
                "Connection": "Upgrade",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": base64.b64encode(b"0123456789abcdef").decode(),
                "Sec-WebSocket-Protocol": protocol,
            },
        )
    )
    assert web.read_head().status == 101


def frames(data):
    """(opcode, payload) of frames without a mask."""
    found = []
    while data:
        length, start = data[1] & 127, 2
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        found.append((data[0] & 15, data[start : start + length]))
        data = data[start + length :]
    return found


def test_websocket_ends_with_its_close_frame(start_all):
    proxy = start_all()
    web = Web(proxy.addresses[1], basic())
    upgrade(web)
    proxy.signal(signal.SIGTERM)
    received = frames(web.read_to_end())
    web.close()
    assert received[-1][0] == 8 and received[-1][1][:2] == (1001).to_bytes(2, "big")
    texts = [json.loads(payload) for opcode, payload in received if opcode == 1]
    assert texts[-1] == {"ProxyMessage": "Proxy Shutting Down"} and texts[-2]["Event"] == "ProxyShutdown"
    assert proxy.wait() == 0


def test_server_sent_events_end_with_the_event(start_all):
    proxy = start_all()
    web = Web(proxy.addresses[1], basic())
    web.send_raw(web.head("GET", "/events"))
    assert web.read_head().status == 200
    web.until(b"\n\n")
    proxy.signal(signal.SIGTERM)
    text = web.read_to_end().decode()
    web.close()
    assert "event: ProxyShutdown\n" in text and text.rstrip().endswith('data: {"ProxyMessage":"Proxy Shutting Down"}')
    assert proxy.wait() == 0


def test_keep_alive_connections_end(start_all, pbx):
    """A connection between requests is closed; an answer in progress carries `Connection: close`."""
    proxy = start_all()
    idle, busy = Web(proxy.addresses[1], basic()), Web(proxy.addresses[1], basic())
    assert idle.get("/?Action=Ping").status == busy.get("/?Action=Ping").status == 200
    busy.send_raw(busy.head("GET", "/?Action=CoreStatus"))
    action = pbx.expect(Action="CoreStatus")
    proxy.signal(signal.SIGTERM)
    assert idle.read_to_end() == b""
    proxy.wait_for_drain()
    action.reply("Success", Tag="x")
    answer = busy.read()
    assert answer.status == 200 and answer.get("Connection") == "close" and answer.json()["Tag"] == "x"
    assert busy.read_to_end() == b""
    for web in (idle, busy):
        web.close()
    assert proxy.wait() == 0


def test_request_on_a_fresh_connection_is_refused_in_its_own_words(start_all, pbx):
    proxy = start_all()
    client, fresh = proxy.login("dave", Events="off"), Web(proxy.addresses[1], basic())
    client.send(Action="CoreStatus", ActionID="1")
    action = pbx.expect(Action="CoreStatus")
    proxy.wait_until(lambda lines: sum("session opened" in line for line in lines) >= 3, "both are there")
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_drain()
    answer = fresh.get("/?Action=CoreSettings")
    fresh.close()
    assert answer.status == 503 and GOING in answer.text and answer.get("Connection") == "close"
    action.reply()
    assert client.response("1")["Response"] == "Success"
    assert proxy.wait() == 0


@pytest.mark.parametrize(
    "name, first",
    [("json", b'"Proxy Shutting Down"'), ("xml", b"Proxy Shutting Down"), ("csv", b"Proxy Shutting Down")],
)
def test_told_in_each_format(start_all, name, first):
    proxy = start_all()
    client = proxy.login("dave", Events="off")
    client.send(ProxyAction="SetOutputFormat", OutputFormat=name)
    client.send(Action="Ping")
    while b"Pong" not in client.buffer:
        client.buffer += client.socket.recv(4096)
    proxy.signal(signal.SIGTERM)
    while chunk := client.socket.recv(4096):
        client.buffer += chunk
    assert first in client.buffer.split(b"Pong", 1)[1] and b"Event: ProxyShutdown" not in client.buffer
    client.close()
    assert proxy.wait() == 0


# -- the setting


@pytest.mark.parametrize("value, found", [("50ms", "50ms"), ("10", "10"), ("2h", "2h"), ("soon", "soon")])
def test_limit_that_is_wrong_is_named_by_place(tmp_path, pbx, value, found):
    path = tmp_path / "bad.yaml"
    path.write_text(f"limits:\n  sessions: 10\n  drain: {value}\n")
    result = subprocess.run(
        [BINARY, "-t", "-c", str(path)], capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert result.returncode == 1
    assert "bad.yaml:3:10: limits.drain" in result.stderr and found in result.stderr
