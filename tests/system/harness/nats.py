"""nats-servers (Debian's package) on loopback, alone or as a cluster of their own, and a client that sees every message.

nats = nats_servers(3)                 # the fixture; they know each other when it returns
proxy = start_proxy({…}, cluster=nats.section("n1"))
nats.servers[0].kill(), .start(), .freeze(), .thaw()
"""

import json
import os
import shutil
import signal
import socket

import pytest

from .limits import DEADLINE, Deadline, poll
from .process import Process
from .relay import Relay

BINARY = shutil.which("nats-server") or "/usr/sbin/nats-server"


def _word(value):
    """A value in the syntax of NATS's configuration, which takes JSON's."""
    return json.dumps(value)


class NatsProcess(Process):
    """One run of a nats-server."""

    def finish(self):
        if self.running():
            self.signal(signal.SIGCONT)
            self.process.kill()
        self.wait()


class NatsServer:
    """A nats-server whose ports stay when it is started again. `more`: sections of its configuration."""

    def __init__(self, launch, folder, name, routes=(), **more):
        self.launch, self.folder, self.name = launch, folder, name
        self.routes = list(routes)
        self.more = more
        self.port = self.cluster_port = -1  # the kernel chooses
        self.process = None
        self.start()

    @property
    def url(self):
        return f"{'tls' if 'tls' in self.more else 'nats'}://127.0.0.1:{self.port}"

    @property
    def route(self):
        return f"nats://127.0.0.1:{self.cluster_port}"

    def start(self):
        """Starts it, perhaps again, and waits until it takes clients."""
        path = os.path.join(self.folder, f"{self.name}.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"server_name: {_word(self.name)}\nlisten: {_word(f'127.0.0.1:{self.port}')}\n")
            file.write(f"ports_file_dir: {_word(self.folder)}\n")
            cluster = {"name": "c", "listen": f"127.0.0.1:{self.cluster_port}", "routes": self.routes}
            cluster["no_advertise"] = True  # who is told of others by one of them would connect to them directly
            for section, value in {"cluster": cluster, **self.more}.items():
                file.write(f"{section}: {_word(value)}\n")
        self.process = self.launch(NatsProcess, [BINARY, "-c", path])
        ports = os.path.join(self.folder, f"nats-server_{self.process.process.pid}.ports")
        found = poll(lambda: os.path.exists(ports) and self._read(ports))
        assert found, self.process.tail()
        self.port = int(found["nats"][0].rsplit(":", 1)[1])
        self.cluster_port = int(found["cluster"][0].rsplit(":", 1)[1])

    @staticmethod
    def _read(path):
        try:
            with open(path, encoding="utf-8") as file:
                return json.load(file)
        except ValueError:  # not whole yet
            return None

    def kill(self):
        """kill -9."""
        self.process.process.kill()
        self.process.wait()

    def freeze(self):
        """SIGSTOP: its sockets take bytes, but nobody answers."""
        self.process.signal(signal.SIGSTOP)

    def thaw(self):
        self.process.signal(signal.SIGCONT)


class Nats:
    """Some nats-servers, each connected to all others. `delay`: so many seconds away."""

    def __init__(self, launch, folder, count, delay=0, **more):
        self.servers, self.relays = [], []
        for number in range(count):
            routes = [self._route_to(server, delay) for server in self.servers]
            self.servers.append(NatsServer(launch, folder, f"nats{number}", routes, **more))
        for server in self.servers:  # for when it is started again
            server.routes = [other.route for other in self.servers if other is not server]
        for server in self.servers:
            server.process.wait_until(self._has_routes, "routes to the others")

    def _route_to(self, server, delay):
        if delay == 0:
            return server.route
        self.relays.append(Relay("127.0.0.1", server.cluster_port, delay))
        return f"nats://127.0.0.1:{self.relays[-1].port}"

    def close(self):
        for relay in self.relays:
            relay.close()

    def _has_routes(self, lines):
        return sum("Route connection created" in line for line in lines) >= len(self.servers) - 1

    @property
    def urls(self):
        return [server.url for server in self.servers]

    def section(self, node, **more):
        """The section `cluster` of a proxy."""
        return {"name": "c1", "node": node, "bus": self.urls, **more}


@pytest.fixture
def nats_servers(launch, tmp_path):
    """nats_servers(count=1, delay=0, **sections of their configuration) -> Nats"""
    made = []

    def start(count=1, **more):
        folder = tmp_path / "nats"
        folder.mkdir(exist_ok=True)
        made.append(Nats(launch, str(folder), count, **more))
        return made[-1]

    yield start
    for nats in made:
        nats.close()


@pytest.fixture
def nats(nats_servers):
    """One nats-server."""
    return nats_servers()


class Message:
    """What a client got: subject, reply (or None), headers as a dictionary, status ("503": nobody listens), body."""

    def __init__(self, subject, reply, head, body):
        self.subject, self.reply, self.body = subject, reply, body
        first, *lines = head.decode().split("\r\n") if head else [""]
        self.status = first.removeprefix("NATS/1.0").strip()
        self.headers = dict(line.split(":", 1) for line in lines if ":" in line)
        self.headers = {name: value.strip() for name, value in self.headers.items()}

    def __repr__(self):
        return f"{self.subject} {self.reply} {self.status} {self.headers} {self.body[:200]!r}"


class NatsClient:
    """A client of NATS's protocol (docs.nats.io, client protocol), over plain TCP."""

    def __init__(self, server, **connect):
        self.socket = socket.create_connection(("127.0.0.1", server.port), DEADLINE)
        self.bytes = b""
        self.count = 0
        self.waiting = []  # messages that flush() has met
        assert self._line().startswith(b"INFO ")
        options = {"verbose": False, "headers": True, "no_responders": True, "echo": False, **connect}
        self._send(f"CONNECT {json.dumps(options)}\r\n".encode())
        self.flush()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _send(self, data):
        self.socket.sendall(data)

    def _line(self, deadline=None):
        deadline = deadline or Deadline()
        while b"\r\n" not in self.bytes:
            self._more(deadline)
        line, self.bytes = self.bytes.split(b"\r\n", 1)
        return line

    def _more(self, deadline):
        self.socket.settimeout(max(0.001, deadline.left()))
        data = self.socket.recv(1 << 16)
        assert data, "NATS has closed the connection"
        self.bytes += data

    def _exactly(self, count, deadline):
        while len(self.bytes) < count:
            self._more(deadline)
        data, self.bytes = self.bytes[:count], self.bytes[count:]
        return data

    def flush(self):
        """Returns when NATS has done all that was sent."""
        self._send(b"PING\r\n")
        while (message := self._next(Deadline())) is not None:
            self.waiting.append(message)

    def _next(self, deadline):
        """The next message, None of a PONG."""
        while True:
            word, _, rest = self._line(deadline).decode().partition(" ")
            if word == "PONG":
                return None
            if word == "PING":
                self._send(b"PONG\r\n")
            elif word in ("MSG", "HMSG"):
                subject, _, *reply, sizes = self._sizes(word, rest)
                head, total = sizes
                data = self._exactly(total + 2, deadline)[:-2]
                return Message(subject, reply[0] if reply else None, data[:head], data[head:])
            else:
                assert word in ("INFO", "+OK"), f"{word} {rest}"

    @staticmethod
    def _sizes(word, rest):
        *names, last = rest.split()
        head = int(names.pop()) if word == "HMSG" else 0
        return [*names, (head, int(last))]

    def subscribe(self, subject, queue=""):
        """From when it returns on, messages come."""
        self.count += 1
        self._send(f"SUB {subject} {queue} {self.count}\r\n".encode())
        self.flush()

    def publish(self, subject, body=b"", reply="", **headers):
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        if head:
            head = f"NATS/1.0\r\n{head}\r\n".encode()
            line = f"HPUB {subject} {reply} {len(head)} {len(head) + len(body)}\r\n"
        else:
            head, line = b"", f"PUB {subject} {reply} {len(body)}\r\n"
        self._send(line.encode() + head + body + b"\r\n")

    def receive(self, seconds=None):
        """The next message; fails if none comes in time."""
        while not self.waiting:
            message = self._next(Deadline(seconds))
            if message is not None:
                self.waiting.append(message)
        return self.waiting.pop(0)

    def expect(self, subject, seconds=None):
        """The next message on that subject; others are dropped."""
        deadline = Deadline(seconds)
        while (message := self.receive(deadline.left())).subject != subject:
            pass
        return message
