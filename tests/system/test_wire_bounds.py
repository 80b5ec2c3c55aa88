"""What servers send without an end: how much is read before the login, of a text, and of an answer."""

import socket
import threading

import pytest

from harness.limits import Deadline
from harness.web import ALL_PLUGINS, Web

FORMATS = [
    {"address": "127.0.0.1", "port": 0, "input": "standard", "output": output, "tls": "off"}
    for output in ("standard", "json", "xml", "csv")
]


# --- texts (18)


def begin_text(action):
    action.connection.send(
        b"Response: Follows\r\nPrivilege: Command\r\nActionID: " + action.id.encode() + b"\r\nfirst\n\n  second\n"
    )


@pytest.mark.parametrize("lanes", [1, 4])
def test_f18_a_text_without_its_marker_ends(start_proxy, pbx, lanes):
    """Nothing else comes on the lane: the proxy sends a Ping, whose answer shows that the text was over."""
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": lanes})
    client, listener = proxy.login("dave", Events="off"), proxy.login("viewer", Events="call")
    client.send(Action="Command", Command="x", ActionID="text")
    action = pbx.expect(Action="Command")
    begin_text(action)
    if lanes == 1:  # swallowed, as Asterisk goes on with what there is
        pbx.event("Newchannel", Channel="SIP/1-0")
        pbx.event("Reload", "system,all", Module="x")
    text = client.read_until(ActionID="text")
    assert text["Response"] == "Follows" and "  second" in text.text and "Newchannel" not in text.text
    if lanes == 1:
        assert listener.read_message()["Event"] == "Newchannel"
        assert listener.fence() == []
    client.send(Action="CoreStatus", ActionID="next")
    pbx.expect(Action="CoreStatus").reply()
    assert client.read_until(ActionID="next")["Response"] == "Success"


def test_f18_a_connection_without_whole_messages_is_given_up(start_proxy, pbx):
    """A text without an end, and no Ping is answered."""
    proxy = start_proxy({"pbx1": pbx}, more={"ping_interval": "1s", "lanes": 1})
    client, listener = proxy.login("dave", Events="off"), proxy.login("dave", Events="system")
    listener.fence()
    client.send(Action="Command", Command="x", ActionID="text")
    action = pbx.expect(Action="Command")
    pbx.silent = True
    begin_text(action)
    over = threading.Event()

    def go_on():
        while not over.wait(0.05) and action.connection.open:
            action.connection.send(b"more of it\n")

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        answer = client.read_until(ActionID="text")
        pbx.silent = False
    finally:
        over.set()
        thread.join()
    assert answer["Response"] == "Error" and "pbx1 was lost" in answer["Message"]
    listener.read_until(Event="ServerDown")
    listener.read_until(Event="ServerUp")


# --- how much (15)


class Flood:
    """A server that sends one thing without end, whoever connects; `sent` bytes of it were taken."""

    def __init__(self, greeting, flood):
        self.greeting, self.flood = greeting, flood
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = self.socket.getsockname()
        self.changed = threading.Condition()
        self.sent = []  # of the connections that were closed by the proxy
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.pour, args=(connection,), daemon=True).start()

    def pour(self, connection):
        sent = 0
        try:
            connection.sendall(self.greeting)
            while sent < 64 << 20:
                connection.sendall(self.flood)
                sent += len(self.flood)
        except OSError:
            pass
        connection.close()
        with self.changed:
            self.sent.append(sent)
            self.changed.notify_all()

    def wait_for(self, count):
        deadline = Deadline()
        with self.changed:
            while len(self.sent) < count:
                assert not deadline.passed(), "the proxy goes on reading"
                self.changed.wait(deadline.left())

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes accept(): see harness/scripted.py
        self.thread.join()
        self.socket.close()


@pytest.mark.parametrize(
    "greeting,flood",
    [
        (b"", b"x" * 4096),
        (b"Asterisk Call Manager/9.0.0\r\n", b"x" * 4096),
        (b"Asterisk Call Manager/9.0.0\r\n", b"Event: A\r\nPrivilege: call,all\r\n\r\n" * 100),
        (b"Asterisk Call Manager/9.0.0\r\n", b"X: y\r\n" * 500),
        (b"Asterisk Call Manager/9.0.0\r\n", b"\r\n" * 2000),
    ],
)
def test_f15_before_the_login_little_is_read(start_proxy, pbx, greeting, flood):
    flooder = Flood(greeting, flood)
    try:
        proxy = start_proxy({"pbx1": pbx, "bad": flooder}, up=["pbx1"])
        flooder.wait_for(2)  # it is tried again, and again it is closed
        assert max(flooder.sent) < 32 << 20  # what the kernel holds, too
        proxy.wait_until(
            lambda lines: any("message dropped" in line and "it sent" in line for line in lines), "the reason"
        )
        client = proxy.login("dave", Events="off")
        assert client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    finally:
        flooder.close()


def pour(action, piece):
    """Sends an answer without end until the connection is closed."""
    action.connection.send(
        b"Response: Success\r\nActionID: " + action.id.encode() + b"\r\nMessage: Command output follows\r\n"
    )
    try:
        for _ in range((96 << 20) // len(piece)):
            action.connection.socket.sendall(piece)
    except OSError:
        return
    raise AssertionError("the proxy has read all of it")


@pytest.mark.parametrize(
    "piece", [b"Output: one more line of a long answer\r\n" * 1000, b"x" * 65536], ids=["lines", "a line"]
)
def test_f15_an_endless_answer_is_dropped_and_told(start_proxy, scripted, piece):
    first, second = scripted(), scripted()
    proxy = start_proxy(
        {"pbx1": first, "pbx2": second},
        limits={"server_message_bytes": "1MiB"},
        plugins=ALL_PLUGINS,
        listen=[
            FORMATS[0],
            {"address": "127.0.0.1", "port": 0, "input": "http", "output": "json", "tls": "off", "reports": True},
        ],
    )
    client, other, listener = (proxy.login("dave", Events=mask) for mask in ("off", "off", "system"))
    client.send(Action="CoreSettings", ActionID="big", Server="pbx1")
    action = first.expect(Action="CoreSettings")
    thread = threading.Thread(target=pour, args=(action, piece))
    thread.start()
    assert other.ask(Action="Ping", Server="pbx2")["Response"] == "Success"
    answer = client.response("big")
    assert answer["Response"] == "Error"
    assert answer["Message"] in [
        f"Server pbx1 was lost: it sent a {what} of more than 1048576 bytes; the action may have been executed"
        for what in ("message", "line")
    ]
    thread.join()
    listener.read_until(Event="ServerUp", Server="pbx1")  # anew
    client.send(Action="CoreStatus", ActionID="next", Server="pbx1")
    first.expect(Action="CoreStatus").reply()
    assert client.response("next")["Response"] == "Success"
    assert 'messages_dropped_total{server="pbx1",reason="too_long"} 1' in Web(proxy.addresses[1]).get("/metrics").text


def test_f15_a_large_answer_below_the_limit_passes_whole(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreSettings", ActionID="big")
    action = pbx.expect(Action="CoreSettings")
    lines = [("Output", f"{number} " + "x" * 500) for number in range(8000)]
    action.reply("Success", *lines)
    answer = client.read_message()
    assert [value for name, value in answer.headers if name == "Output"] == [value for _, value in lines]
