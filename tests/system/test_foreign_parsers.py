"""R52: parsers by other authors accept what the proxy sends as json, csv and xml, and read the same content as the
standard client. The proxy reads what writers by other authors send."""

import csv
import glob
import io
import json
import os
import random
import re
import socket
import threading
import xml.etree.ElementTree as ElementTree

import pytest

from harness.client import Client
from harness.limits import Deadline, scaled
from harness.message import CHARSET, encode
from harness.proxy import secret_of

FORMATS = ["standard", "json", "csv", "xml"]
BEGIN, END = b"ReplayBegins", b"ReplayEnds"
CAPTURES = os.path.join(os.path.dirname(__file__), "..", "data", "captures", "*.txt")


class Sink(threading.Thread):
    """A client that is logged in, and keeps all that it is sent."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.client = Client(address)
        self.data = bytearray()
        self.more = threading.Condition()
        self.ended = False
        self.start()
        self.client.send(Action="Login", Username="dave", Secret=secret_of("dave"))
        self.wait_for(b"Authentication accepted")

    def run(self):
        while not self.ended:
            try:
                data = self.client.socket.recv(1 << 18)
            except TimeoutError:
                continue
            except OSError:
                data = b""
            with self.more:
                self.ended = not data
                self.data += data
                self.more.notify_all()

    def wait_for(self, mark):
        deadline, seen = Deadline(), 0
        with self.more:
            while self.data.find(mark, max(0, seen - len(mark))) == -1:
                assert not self.ended and not deadline.passed(), f"no {mark} in …{bytes(self.data[-500:])}"
                if len(self.data) > seen:
                    deadline = Deadline()  # as long as something comes
                seen = len(self.data)
                self.more.wait(deadline.left())

    def finish(self):
        """All that came; the connection is closed by the proxy."""
        self.client.send(Action="Logoff")
        self.join(Deadline().left())
        assert self.ended, "not closed after Logoff"
        self.client.close()
        return bytes(self.data)


# -- what each format says, as a list of messages, each a list of (name, value); a line that is no header has no name


def read_line(line):
    """A line of AMI, as bytes. One blank in front of a value is no part of it."""
    name, _, value = line.partition(b":")
    return (name, value.removeprefix(b" ")) if b":" in line[1:] and name else (b"", line)


def read_standard(data):
    blocks = data.split(b"\r\n\r\n")
    assert blocks[-1] == b""
    return [[read_line(line) for line in block.split(b"\r\n")] for block in blocks[:-1]]


def read_json(data):
    text = data.decode("utf-8")  # strict
    assert text.endswith("}\n")
    return [json.loads(line, object_pairs_hook=lambda pairs: pairs) for line in text[:-1].split("\n")]


def read_csv(data):
    text = data.decode(CHARSET)
    assert text.endswith('"\r\n')
    csv.field_size_limit(1 << 30)
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def read_xml(data):
    messages = []
    for message in ElementTree.fromstring(b"<all>" + data + b"</all>"):
        assert message.tag in ("AsteriskManagerOutput", "AsteriskManagerProxyOutput")
        assert not (message.text or "").strip()
        messages.append([])
        for header in message:
            names = {"Header": header.get("Name"), "UnparsedText": ""}
            assert len(header) == 0 and set(header.keys()) <= {"Value", "Name"}
            messages[-1].append((names.get(header.tag, header.tag), header.get("Value")))
    return messages


# -- what each format must make of a message of the standard client


def text_of(value, forbidden):
    """Characters that the format cannot hold, and bytes that are none, are U+FFFD."""
    return re.sub(forbidden, "\ufffd", value.decode("utf-8", "replace"))


def as_json(message):
    keys = {}
    for name, value in message:
        keys.setdefault(text_of(name or b"UnparsedText", "\0"), []).append(text_of(value, "\0"))
    return [(key, values if len(values) > 1 else values[0]) for key, values in keys.items()]


def as_csv(message):
    return [(name + b": " * bool(name) + value).decode(CHARSET) for name, value in message]


def as_xml(message):
    forbidden = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    return [(text_of(name, forbidden), text_of(value, forbidden)) for name, value in message]


# -- what is played


def blocks_of(path):
    """The messages of a capture, as lists of lines."""
    with open(path, "rb") as file:
        data = file.read().replace(b"\r\n", b"\n")
    if data.startswith(b"Asterisk Call Manager"):
        data = data.partition(b"\n")[2]
    return [block.split(b"\n") for block in re.split(rb"\n\n+", data.strip(b"\n"))]


def has(block, line):
    return any(one.lower() == line for one in block)


def read_captures():
    """(events, answers): an answer is a response, and the items of its list up to their end."""
    events, answers, open_list = [], [], None
    for path in sorted(glob.glob(CAPTURES)):
        if path.endswith("ajam-http.txt"):
            continue  # no AMI stream
        for block in blocks_of(path):
            if block[0].startswith(b"Response:"):
                answers.append([block])
                open_list = answers[-1] if has(block, b"eventlist: start") else None
            elif open_list is not None and any(line.startswith(b"ActionID:") for line in block):
                open_list.append(block)
                if has(block, b"eventlist: complete"):
                    open_list = None
            else:  # an ActionID that the proxy did not give is nobody's, and so is text that is no event
                event = [line.replace(b"ActionID:", b"CaptureID:") for line in block]
                events.append(event if event[0].startswith(b"Event:") else [b"Event: CapturedText", *event])
        assert open_list is None, path
    return events, answers


def with_id(block, action_id):
    rest = [line for line in block[1:] if not line.startswith(b"ActionID:")]
    return b"\r\n".join([block[0], b"ActionID: " + action_id.encode(), *rest]) + b"\r\n\r\n"


def play(pbx, events):
    for start in range(0, len(events), 200):
        pbx.send_raw(b"".join(b"\r\n".join(event) + b"\r\n\r\n" for event in events[start : start + 200]))


def compare(data):
    """All that came between the marks, of every format against the standard client's. @return the standard messages"""
    readers = {"standard": read_standard, "json": read_json, "csv": read_csv, "xml": read_xml}
    makers = {"json": as_json, "csv": as_csv, "xml": as_xml}
    read = {name: readers[name](data[name]) for name in FORMATS}
    played = {}
    for name in FORMATS:
        marks = [
            index
            for index, message in enumerate(read[name])
            if BEGIN.decode() in str(message) or END.decode() in str(message)
        ]
        assert len(marks) == 2, (name, marks)
        played[name] = read[name][marks[0] : marks[1] + 1]
    for name, make in makers.items():
        assert len(played[name]) == len(played["standard"]), name
        for got, sent in zip(played[name], played["standard"], strict=True):
            assert got == make(sent), name
    return played["standard"]


def listener(input="standard", output="standard"):
    return {"address": "127.0.0.1", "port": 0, "input": input, "output": output, "tls": "off"}


@pytest.fixture
def listeners(start_proxy, scripted):
    """(scripted server, sinks by format): a client of each format, all of the same user."""
    pbx = scripted()
    listen = [listener(output=name) for name in FORMATS]
    proxy = start_proxy(
        {"pbx1": pbx}, more={"lanes": 1}, listen=listen, plugins={"load": FORMATS}, limits={"output_backlog": "1GiB"}
    )
    sinks = {name: Sink(proxy.addresses[index]) for index, name in enumerate(FORMATS)}
    pbx.event(BEGIN.decode())
    yield pbx, sinks
    for sink in sinks.values():
        sink.client.close()


def test_r52_captures(listeners):
    pbx, sinks = listeners
    events, answers = read_captures()
    assert len(events) > 5000 and len(answers) > 40
    answers.append([[b"Response: Success", b"Message: " + END]])

    def answer(action):
        for block in answers[int(action["Number"])]:
            action.connection.send(with_id(block, action.id))

    pbx.answers["Capture"] = answer
    play(pbx, events)
    for sink in sinks.values():
        for number in range(len(answers)):
            sink.client.send(Action="Capture", Number=number, ActionID=f"capture-{number}")
        sink.wait_for(END)
    played = compare({name: sink.finish() for name, sink in sinks.items()})
    expected = [[read_line(line) for line in event] for event in events]
    expected += [
        read_standard(with_id(block, f"capture-{number}"))[0]
        for number, answer in enumerate(answers)
        for block in answer
    ]
    for got, sent in zip(played[1:], expected, strict=True):
        assert got == [*sent, (b"Server", b"pbx1")]
    assert len(played) == len(expected) + 1


def random_text(dice, most):
    pools = [
        "abc XYZ019",
        "\"',;:<>&\\/{}[]=%",
        "".join(map(chr, range(1, 32))) + "\x7f",
        "äß€日📞\ufffd\ufffe\uffff\u2028",
        "\0",
    ]
    text = b""
    for _ in range(dice.randrange(most)):
        if dice.random() < 0.1:
            text += bytes([dice.randrange(128, 256)])
        else:
            text += dice.choice(dice.choices(pools, [60, 20, 5, 14, 1])[0]).encode("utf-8")
    return text.replace(b"\r", b"").replace(b"\n", b"")


def random_event(dice):
    lines = [b"Event: " + random_text(dice, 10), b"Privilege: call,all"]
    for _ in range(dice.randrange(8)):
        name = dice.choice([b"Variable", b"variable", b"Output", b"Header", b"UnparsedText", random_text(dice, 6)])
        line = name + dice.choice([b": ", b":", b": ", b" ", b"="]) + random_text(dice, 40)
        if line.strip(b" ") and not re.match(rb"(?i)(actionid|response|privilege|server)", line):
            lines.append(line)
    return lines


def test_r52_random_messages(listeners):
    pbx, sinks = listeners
    dice = random.Random(52)
    events = [random_event(dice) for _ in range(scaled(5000))]
    play(pbx, events)
    pbx.send_raw(encode([("Event", END.decode()), ("Privilege", "call,all")]))
    for sink in sinks.values():
        sink.wait_for(END)
    played = compare({name: sink.finish() for name, sink in sinks.items()})
    assert len(played) == len(events) + 2
    for got, sent in zip(played[1:-1], events, strict=True):
        assert got[:-1] == [read_line(line) for line in sent]


# -- the other way: Python's modules write actions


def write_json(pairs):
    keys = {}
    for name, value in pairs:
        keys.setdefault(name, []).append(value)
    return (json.dumps({key: values if len(values) > 1 else values[0] for key, values in keys.items()}) + "\n").encode()


def write_csv(pairs):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow(f"{name}: {value}" for name, value in pairs)
    return text.getvalue().encode()


@pytest.fixture(params=[("json", write_json), ("csv", write_csv)], ids=["json", "csv"])
def writer(request, start_proxy, pbx):
    """(client that is logged in, write()): the client sends the format, and gets AMI."""
    name, write = request.param
    listen = [listener(), listener(input=name)]
    proxy = start_proxy({"pbx1": pbx}, listen=listen, plugins={"load": ["standard", name]})
    client = proxy.connect(1, banner=False)
    login = {"Action": "Login", "Username": "dave", "Secret": secret_of("dave"), "Events": "off", "ActionID": "login"}
    client.send_raw(write(login.items()))
    assert client.response("login")["Response"] == "Success"
    return client, write


def test_actions_of_foreign_writers(writer, pbx):
    client, write = writer
    pairs = [
        ("Action", "Originate"),
        ("Channel", "SIP/1"),
        ("CallerID", '"A, ""B" <1>'),
        ("Variable", "a=\\1"),
        ("Variable", "b=ö€📞"),
        ("Async", "true"),
    ]
    client.send_raw(write([*pairs, ("ActionID", "o")]))
    action = pbx.expect(Action="Originate")
    got = [(name, value.encode(CHARSET).decode()) for name, value in action.headers if name != "ActionID"]
    assert got == pairs
    action.reply(Message="Originate successfully queued")
    assert client.response("o")["Message"] == "Originate successfully queued"


@pytest.mark.parametrize("bad", ["\r\nAction: Logoff", "\n", "\r", "\0"])
def test_r01_line_ends_in_values_reach_no_server(writer, pbx, bad):
    client, write = writer
    client.send_raw(
        write([("Action", "Hangup"), ("Channel", "x" + bad), ("ActionID", "bad")])
        + write([("Action", "Hangup"), ("Channel", "good"), ("ActionID", "good")])
    )
    answer = client.response("bad")
    assert answer["Response"] == "Error" and answer["Message"].startswith("Failed to parse")
    action = pbx.expect(Action="Hangup")
    assert action["Channel"] == "good" and pbx.actions == []
    action.reply()
    assert client.response("good")["Response"] == "Success"


def test_the_last_action_needs_no_end(writer, pbx):
    client, write = writer
    client.send_raw(write([("Action", "Ping"), ("ActionID", "last")]).rstrip(b"\r\n"))
    client.socket.shutdown(socket.SHUT_WR)
    assert client.response("last")["Response"] == "Success"


def test_c66_legacy_csv(start_proxy, pbx):
    listen = [listener(), listener(output="csv")]
    proxy = start_proxy({"pbx1": pbx}, listen=listen, plugins={"load": ["standard", "csv"]}, csv={"legacy": True})
    data = Sink(proxy.addresses[1]).finish()
    assert data.startswith(b'"Response: Success", "Message: Authentication accepted"\r\n\r\n"')
    assert data.endswith(b'"\r\n\r\n')
