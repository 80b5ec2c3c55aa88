"""Frames of a session's own (struct amp_protocol, own_frame), with tests/plugins/subscriber.c, a protocol like STOMP."""

import os
import re
import socket

import pytest

from harness.limits import DEADLINE, scaled
from harness.process import BUILD
from harness.proxy import secret_of

LISTEN = {"address": "127.0.0.1", "port": 0, "tls": "off"}
NUL = b"\0"


class Message:
    """A MESSAGE frame: its headers, and the AMI headers of its body."""

    def __init__(self, head, body):
        assert head.startswith("MESSAGE\n"), head
        self.headers = dict(line.split(":", 1) for line in head.splitlines()[1:])
        self.body = dict(line.split(": ", 1) for line in body.split("\r\n") if line)


class Subscriber:
    """A client of the protocol: reads frames strictly, as a STOMP library does."""

    def __init__(self, address, number, user="dave", receive_buffer=None):
        self.id = str(number)
        self.socket = socket.socket(socket.AF_INET)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(address)
        self.file = self.socket.makefile("rb")
        self.count, self.may_skip = 0, False
        self.socket.sendall(f"subscribe {self.id} {user} {secret_of(user)}\n".encode())
        assert self.head() == "CONNECTED\n"

    def head(self):
        lines = []
        while not lines or lines[-1] != b"\n":
            lines.append(self.file.readline())
            assert lines[-1], f"closed after {lines}"
        return b"".join(lines[:-1]).decode()

    def read(self):
        """The next message. Its frame is complete, the session's own, and the next in its count."""
        head = self.head()
        length = int(re.search(r"^content-length:(\d+)$", head, re.M)[1])
        body = self.file.read(length)
        assert len(body) == length and self.file.read(2) == NUL + b"\n"
        message = Message(head, body.decode())
        number = int(message.headers["number"])
        assert message.headers["subscription"] == self.id
        assert number == self.count + 1 or (self.may_skip and number > self.count)
        self.count = number
        assert message.headers["message-id"] == message.headers["same-serial"]
        assert int(message.headers["framed"]) == len(head[head.index("message-id") :]) + 1 + length + 1
        return message

    def until(self, **headers):
        while True:
            message = self.read()
            if all(message.body.get(name) == value for name, value in headers.items()):
                return message

    def rest(self):
        try:
            return self.file.read()
        except ConnectionError:
            return b""

    def close(self):
        self.file.close()
        self.socket.close()


@pytest.fixture
def start(start_proxy, pbx, tmp_path):
    """A proxy with the subscriber plugins: AMI, then the protocol of today, then the one of 1.1."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    os.chmod(tmp_path, 0o755)
    for name, source in (("standard", "plugins"), ("subscriber", "tests/plugins"), ("subscriber_1_1", "tests/plugins")):
        os.symlink(os.path.join(BUILD, source, f"{name}.so"), folder / f"{name}.so")
    clients = []

    def begin(**sections):
        listen = [dict(LISTEN, input=name, output="standard") for name in ("standard", "subscriber", "subscriber-1-1")]
        proxy = start_proxy(
            {"pbx1": pbx},
            listen=listen,
            plugins={"path": str(folder), "load": ["standard", "subscriber", "subscriber_1_1"]},
            **sections,
        )

        def subscribe(number, **options):
            clients.append(Subscriber(proxy.addresses[1], number, **options))
            return clients[-1]

        proxy.subscribe = subscribe
        return proxy

    yield begin
    for client in clients:
        client.close()


def test_f56_each_session_has_its_own_frame(start, pbx):
    """Sessions share the feed; each sees its own subscription around the same messages, in the same order."""
    proxy = start()
    subscribers = [proxy.subscribe(number) for number in range(8)]
    plain = proxy.login("dave", Events="call")
    for number in range(100):
        pbx.event("Tick", "call,all", Number=number)
    serials = []
    for subscriber in subscribers:
        seen = [subscriber.until(Event="Tick", Number=str(number)) for number in range(100)]
        serials.append([int(message.headers["message-id"]) for message in seen])
        assert serials[-1] == sorted(set(serials[-1])) and 0 not in serials[-1]
    assert all(one == serials[0] for one in serials)
    assert plain.read_until(Event="Tick", Number="99")


def test_f56_answers_and_own_copies_are_framed(start, pbx):
    """An answer has serial 0; the event that an action raised has the asker's ActionID, and one frame."""
    proxy = start()
    asker, other = proxy.subscribe("asker"), proxy.subscribe("other")
    asker.socket.sendall(b"ask CoreStatus\n")
    action = pbx.expect(Action="CoreStatus")
    pbx.event("Tick", "call,all", Number=1)
    pbx.event("Raised", "call,all", ActionID=action["ActionID"])
    action.reply("Success", Message="done")
    pbx.event("Tick", "call,all", Number=2)
    raised = asker.until(Event="Raised")
    assert raised.body["ActionID"] == "asker" and raised.headers["message-id"] != "0"
    answer = asker.until(Message="done")
    assert answer.body["ActionID"] == "asker" and answer.headers["message-id"] == "0"
    asker.until(Event="Tick", Number="2")
    assert "ActionID" not in other.until(Event="Raised").body
    other.until(Event="Tick", Number="2")


def test_f56_skip_leaves_whole_frames(start, pbx):
    """A slow client loses whole messages, never a part of a frame, and is told their number."""
    proxy = start(limits={"output_backlog": "64KiB", "slow_client": "skip"})
    reader, slow = proxy.subscribe("reader"), proxy.subscribe("slow", receive_buffer=4096)
    slow.may_skip = True
    count = scaled(6000, 3000)
    for number in range(count):
        pbx.event("Tick", "call,all", Number=number, Filler="x" * 900)
        if number % 100 == 99:
            reader.until(Event="Tick", Number=str(number))
    ticks, dropped = [], 0
    while len(ticks) + dropped < count:
        body = slow.read().body
        if body["Event"] == "EventsSkipped":
            dropped += int(body["Dropped"])
        else:
            ticks.append(int(body["Number"]))
    assert dropped > 0 and ticks == sorted(set(ticks)) and len(ticks) + dropped == count
    pbx.event("Last", "call,all")
    assert slow.read().body["Event"] == "Last"


def test_f56_a_plugin_of_1_1_streams_as_before(start, pbx):
    """What lies behind its shorter description is not called: only the shared frame is there."""
    proxy = start()
    client = socket.create_connection(proxy.addresses[2], DEADLINE)
    with client, client.makefile("rb") as file:
        client.sendall(f"subscribe old dave {secret_of('dave')}\n".encode())
        assert file.readline() == b"CONNECTED\n" and file.readline() == b"\n"
        for number in range(3):
            pbx.event("Tick", "call,all", Number=number)
        seen = 0
        while seen < 3:
            assert file.readline().startswith(b"message-id:")
            length = int(file.readline().split(b":")[1])
            assert file.readline() == b"\n"
            seen += b"Event: Tick" in file.read(length)
            assert file.read(1) == NUL


@pytest.mark.parametrize("wrong", ["write", "encode", "stream", "finish", "logout", "input", "much", "null"])
def test_f56_an_own_frame_that_does_what_none_may(start, pbx, wrong):
    """Its session ends and the log names the plugin; others with the same feed go on."""
    proxy = start()
    good, bad, more = proxy.subscribe("good"), proxy.subscribe(f"bad-{wrong}"), proxy.subscribe("more")
    pbx.event("Tick", "call,all", Number=1)
    bad.rest()
    proxy.wait_for_line("plugin failed", "plugin=subscriber", "own_frame()")
    pbx.event("Tick", "call,all", Number=2)
    for subscriber in (good, more):
        subscriber.until(Event="Tick", Number="1")
        subscriber.until(Event="Tick", Number="2")
    assert proxy.login("bill", Events="off").ask(Action="Ping")["Response"] == "Success"
