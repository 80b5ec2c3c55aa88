"""Clients of live feeds: server-sent events and WebSockets."""

import json
import os
import struct
import subprocess

import pytest

from .limits import Deadline
from .process import BUILD, SOURCE
from .web import ALL_PLUGINS, Web, basic, listeners

CLIENTS = os.path.join(SOURCE, "tests", "clients")
NODE_MODULES = os.path.join(BUILD, "clients", "node_modules")
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
DAVE = basic()
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


@pytest.fixture
def start_feeds(start_proxy, pbx):
    """start_feeds(**sections) -> a proxy with one server and HTTP on its second listener."""

    def start(**sections):
        return start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS, **sections)

    return start


def connect(proxy, auth=DAVE):
    """`proxy`: where to connect, or a connection that is there (Web)."""
    if isinstance(proxy, Web):
        return proxy
    client = Web(proxy.addresses[1], auth)
    proxy.clients.append(client)
    return client


# -- server-sent events


class Stream:
    """GET /events, its head read. A balancer makes chunks of it."""

    def __init__(self, proxy, target="/events", auth=DAVE, **headers):
        self.web = connect(proxy, auth)
        self.web.send_raw(self.web.head("GET", target, headers))
        self.head = self.web.read_head()
        assert self.head.status == 200, self.head
        self.unchunked = b"" if self.head.get("Transfer-Encoding") == "chunked" else None
        assert self._read().startswith(b"retry: 2000\n")

    def _read(self):
        if self.unchunked is None:
            return self.web.until(b"\n\n")
        while b"\n\n" not in self.unchunked:
            chunk = self.web.chunk()
            assert chunk, f"ended; rest {self.unchunked!r}"
            self.unchunked += chunk
        found, self.unchunked = self.unchunked.split(b"\n\n", 1)
        return found

    def block(self):
        """The next block: a list of (field, value)."""
        return [tuple(line.split(": ", 1)) for line in self._read().decode().split("\n")]

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


def node(script, *arguments):
    if not os.path.isdir(os.path.join(NODE_MODULES, "ws")):
        pytest.skip(f"ws and eventsource are not installed in {NODE_MODULES}: tests/run.sh does it (npm ci)")
    environment = dict(os.environ, NODE_PATH=NODE_MODULES)
    return subprocess.Popen(
        ["node", os.path.join(CLIENTS, script), *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )


# -- WebSockets


class Socket:
    """GET /ws, upgraded."""

    def __init__(self, proxy, target="/ws", auth=DAVE, protocol=None, **headers):
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
