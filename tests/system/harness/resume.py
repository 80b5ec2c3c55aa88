"""Clients of a stream that lose their connection and come back with the id of what they received last: one for each way to be
sent a stream, all with the same methods."""

import csv
import json
import socket
import struct
import xml.etree.ElementTree as ElementTree

import pytest

from . import streams
from .client import Client
from .limits import Deadline
from .message import Message
from .proxy import secret_of
from .web import ALL_PLUGINS, basic, listeners

KEEP = {"keep": "60s", "memory": "64MiB"}
ABOUT = ("ResumePoint", "Resumed", "EventsSkipped")


@pytest.fixture
def resumable(start_proxy, pbx):
    """resumable(**sections) -> a proxy of `pbx` that keeps what was sent, with the listeners that the clients below need."""

    def run(**sections):
        return start_proxy({"pbx1": pbx}, **keeping(sections))

    return run


@pytest.fixture
def resumable_lasting(lasting):
    """resumable_lasting(servers, **sections) -> one that can be taken over, too."""

    def run(servers=None, **sections):
        return lasting(servers, **keeping(sections))

    return run


def keeping(sections):
    return {"listen": resume_listeners(), "plugins": ALL_PLUGINS, "resume": KEEP, **sections}


def resume_listeners():
    """AMI, HTTP, then one for each of Formatted.FORMATS."""
    more = [
        {"address": "127.0.0.1", "port": 0, "input": "standard", "output": output, "tls": "off"}
        for output in Formatted.FORMATS
    ]
    return listeners() + more


def tell(pbx, first, count, **headers):
    """Events with the marks from `first` on."""
    for mark in range(first, first + count):
        pbx.event("Newexten", "call,all", Mark=mark, **headers)


def tell_both(pbx, first, count):
    """The same to both processes, while one takes over from the other."""
    for mark in range(first, first + count):
        pbx.event_for_all("Newexten", "call,all", Mark=mark)


def marks(items):
    return [int(item.headers["Mark"]) for item in items]


class Item:
    """What was received: the name of the event, all headers, the id (None: it has none), and the bytes without the id."""

    def __init__(self, headers, id, body):
        self.headers = headers
        self.name = headers.get("Event")
        self.id = id
        self.body = body

    def __repr__(self):
        return f"<{self.headers} id={self.id}>"


def pairs_of(format, text):
    """The headers of a message in one of the formats."""
    if format == "json":
        return list(json.loads(text).items())
    if format == "csv":
        return [tuple(field.split(": ", 1)) for field in next(csv.reader([text])) if ": " in field]
    if format == "xml":
        return [(item.tag, item.get("Value")) for item in ElementTree.fromstring(text)]
    return Message(text.replace("\r\n", "\n").replace("\n", "\r\n").encode("latin-1")).headers


def item_of(pairs, id=None):
    """Makes what was received of a message. @param id  if it is not a header of the message"""
    others = [(name, value) for name, value in pairs if name not in ("ResumeID", ":id")]
    headers = dict(pairs)
    return Item(dict(others), id or headers.get("ResumeID") or headers.get(":id"), repr(others))


class Stream:
    """The base of all clients: `id` is the last one received; connect() resumes from it, and `how` is what the proxy
    says of the resumption."""

    def __init__(self, proxy, name="dave"):
        self.proxy = proxy
        self.name = name
        self.id = None
        self.how = None
        self.client = None

    def connect(self, id=None):
        """Returns the event that says how the resumption went."""
        self.open(self.id if id is None else id)
        self.how = self._until(lambda item: item.name in ABOUT)
        return self.how

    def _until(self, wanted):
        deadline = Deadline()
        item = self.read()
        while not wanted(item):
            assert not deadline.passed(), item
            item = self.read()
        return item

    def read(self):
        item = self.read_item()
        if item.id is not None:
            self.id = item.id
        return item

    def event(self):
        """The next event of a server."""
        return self._until(lambda item: "Mark" in item.headers)

    def take(self, count):
        return [self.event() for _ in range(count)]

    def drop(self):
        """Closes the connection without a Logoff."""
        self.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.client.close()


class Events(Stream):
    """GET /events."""

    def __init__(self, proxy, name="dave", query="", format="json"):
        super().__init__(proxy, name)
        self.query = query or f"?format={format}"
        self.format = format

    def open(self, id):
        self.client = streams.connect(self.proxy, basic(self.name))
        headers = {} if id is None else {"Last-Event-ID": id}
        self.client.send_raw(self.client.head("GET", "/events" + self.query, headers))
        head = self.client.read_head()
        assert head.status == 200, head
        assert self.client.until(b"\n\n").startswith(b"retry: ")

    def read_item(self):
        block = self.client.until(b"\n\n").decode()
        while block.startswith(":"):
            block = self.client.until(b"\n\n").decode()
        lines = [line.split(": ", 1) for line in block.split("\n")]
        id = next((value for field, value in lines if field == "id"), None)
        data = "\n".join(value for field, value in lines if field == "data")
        headers = dict(pairs_of(self.format, data))
        return Item(headers, id, "\n".join(": ".join(line) for line in lines if line[0] != "id"))


class Socket(Stream):
    """GET /ws?ids=1."""

    def __init__(self, proxy, name="dave", query="", format="json"):
        super().__init__(proxy, name)
        self.query = query
        self.format = format
        self.socket = None

    def open(self, id):
        target = "/ws?ids=1" + self.query + ("" if id is None else "&resume=" + id)
        self.socket = streams.Socket(self.proxy, target, basic(self.name), "ami." + self.format)
        self.client = self.socket.web
        assert self.socket.head.status == 101, self.socket.head

    def read_item(self):
        _, payload = self.socket.read()
        charset = "latin-1" if self.format == "standard" else "utf-8"
        return item_of(pairs_of(self.format, payload.decode(charset).rstrip("\r\n")))


class Plain(Stream):
    """AMI on the socket: SetResume, and Resume: in the Login."""

    def open(self, id):
        self.client = Client(self.proxy.addresses[0])
        self.proxy.clients.append(self.client)
        headers = {} if id is None else {"Resume": id}
        answer = self.client.login(self.name, secret_of(self.name), **headers)
        assert answer["Response"] == "Success", answer
        if id is None:
            self.client.send(ProxyAction="SetResume", IDs="on")

    def read_item(self):
        return item_of(self.client.read_message().headers)


class Formatted(Stream):
    """Another format on the socket: the actions are AMI, what comes back is not."""

    FORMATS = ("json", "csv", "xml")
    ENDS = {"json": b"\n", "csv": b"\r\n", "xml": b"Output>\r\n\r\n"}

    def __init__(self, proxy, name="dave", format="json"):
        super().__init__(proxy, name)
        self.format = format

    def open(self, id):
        self.client = Client(self.proxy.addresses[2 + self.FORMATS.index(self.format)], banner=False)
        self.proxy.clients.append(self.client)
        self.client.read_line()
        resume = {} if id is None else {"Resume": id}
        self.client.send(Action="Login", Username=self.name, Secret=secret_of(self.name), **resume)
        if id is None:
            self.client.send(ProxyAction="SetResume", IDs="on")

    def read_item(self):
        end, deadline = self.ENDS[self.format], Deadline()
        while end not in self.client.buffer:
            self.client._fill(deadline, end)
        body, self.client.buffer = self.client.buffer.split(end, 1)
        return item_of(pairs_of(self.format, (body + end).decode()))


KINDS = {"events": Events, "socket": Socket, "plain": Plain, "json": Formatted}


@pytest.fixture(params=KINDS, ids=list(KINDS))
def kind(request):
    """Each kind of client. A module that needs others has a fixture of its own."""
    return KINDS[request.param]
