"""AJAM: sessions that all wait (WaitEvent), and events that each end the wait of one of them. `ajam.py --sessions N
--rate N --seconds N` (with AMP_BUILD) measures these rows alone: the time from the event's origin to the answer, and
what a session that waits costs in memory."""

import argparse
import os
import selectors
import shutil
import socket
import sys
import tempfile
import threading
import time
import urllib.parse

import programs
from programs import SECRET, USER, BenchError, Proxy, Simulator

SETTLED_SECONDS = 3  # the first wait of all, in which memory is measured
PROBE = {"Action": "Getvar", "Variable": "BENCH"}


class Client:
    """A session of AJAM with one connection, which always has one request on its way."""

    def __init__(self, port, number):
        self.number = number
        self.cookie = None
        self.buffer = b""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, **parameters):
        cookie = f"Cookie: mansession_id={self.cookie}\r\n" if self.cookie else ""
        query = urllib.parse.urlencode(parameters)
        self.socket.sendall(f"GET /rawman?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n".encode())

    def body(self):
        """Takes a response that is complete. None: more bytes are needed."""
        self.buffer += self.socket.recv(65536)
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        if len(rest) < length:
            return None
        if self.cookie is None:
            self.cookie = head.split(b'mansession_id="')[1].split(b'"')[0].decode()
        self.buffer = rest[length:]
        return rest[:length]

    def ask(self, **parameters):
        self.send(**parameters)
        while (body := self.body()) is None:
            pass
        return body

    def log_in(self):
        if b"Success" not in self.ask(action="login", username=USER, secret=SECRET, events="user"):
            raise BenchError("an AJAM login was refused")

    def choose(self):
        """Wants its own events alone."""
        target = f"Target: s{self.number:05}"
        if b"Success" not in self.ask(action="Filter", operation="Add", filter=target):
            raise BenchError("a filter was refused")

    def wait(self, seconds=50):
        self.send(action="waitevent", timeout=seconds)


class Origin(threading.Thread):
    """Has the simulator send an event for one session after the other, at a steady rate."""

    def __init__(self, simulator, sessions, rate, count):
        super().__init__(daemon=True)
        self.simulator, self.sessions, self.rate, self.count = simulator, sessions, rate, count

    def run(self):
        due = time.monotonic()
        for number in range(self.count):
            due += 1 / self.rate
            threading.Event().wait(max(0, due - time.monotonic()))
            target = f"s{number * 7919 % self.sessions:05}"
            self.simulator.control.ask(
                Action="UserEvent", UserEvent="Bench", Target=target, Time=time.monotonic_ns(), Number=number
            )


def begin(proxy, sessions):
    """Opens the sessions. @return clients, each of which waits; KiB that a session and its connection cost meanwhile"""
    warm = Client(proxy.http_port, 0)
    warm.log_in()
    before = proxy.memory_kib("VmRSS")
    clients = [Client(proxy.http_port, number) for number in range(sessions)]
    for client in clients:
        client.log_in()
    for client in clients:
        client.wait(SETTLED_SECONDS)
    warm.ask(action="ping")
    cost = (proxy.memory_kib("VmRSS") - before) / sessions
    for client in clients:
        while client.body() is None:
            pass
        client.choose()
    for client in clients:
        client.wait()
    warm.ask(action="ping")
    return clients, cost


def measure(folder, sessions, rate, seconds, workers="auto"):
    """@return latencies in ms, sorted; KiB that a session that waits costs"""
    limits = "sessions: 9000, unauthenticated: 9000, unauthenticated_per_address: 9000"
    settings = "http: {ajam: {sessions: 9000}}\n"
    with Simulator(folder) as simulator, Proxy(folder, simulator, PROBE, workers, "", settings, limits) as proxy:
        clients, cost = begin(proxy, sessions)
        time_limit = time.monotonic() + seconds + 30
        events, found = int(rate * seconds), {}
        Origin(simulator, sessions, rate, events).start()
        with selectors.DefaultSelector() as selector:
            for client in clients:
                selector.register(client.socket, selectors.EVENT_READ, client)
            while len(found) < events and time.monotonic() < time_limit:
                for key, _ in selector.select(1):
                    take(key.data, found)
    if len(found) != events:
        raise BenchError(f"{events - len(found)} of {events} events are missing")
    return sorted(found.values()), cost


def take(client, found):
    body = client.body()
    if body is None:
        return
    now = time.monotonic_ns()
    for event in body.split(b"Event: UserEvent\r\n")[1:]:
        headers = dict(line.split(b": ", 1) for line in event.split(b"\r\n\r\n")[0].split(b"\r\n"))
        number = int(headers[b"Number"])
        if number in found or headers[b"Target"] != f"s{client.number:05}".encode():
            raise BenchError(f"event {number} came twice, or to another session")
        found[number] = (now - int(headers[b"Time"])) / 1e6
    client.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", default="auto")
    options = parser.parse_args()
    if not programs.BUILD:
        parser.error("AMP_BUILD names no build")
    folder = tempfile.mkdtemp(prefix="amp-bench-")
    os.chmod(folder, 0o755)
    try:
        latencies, cost = measure(folder, options.sessions, options.rate, options.seconds, options.workers)
    except BenchError as error:
        print(f"ajam.py: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    places = {
        name: latencies[min(int(len(latencies) * part), len(latencies) - 1)]
        for name, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
    }
    print(
        f"{options.sessions} sessions wait, {options.rate:g} events/s: "
        + ", ".join(f"{name} {value:.2f} ms" for name, value in places.items())
        + f"; {cost:.1f} KiB a session"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
