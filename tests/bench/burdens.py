"""What one client may cost the others (a big answer, a reader that has stopped), and what many cost the machine (TLS,
sessions that only wait)."""

import contextlib
import os
import statistics
import threading
import time

import programs
from programs import Clients, Proxy, Simulator

LISTENERS = 50  # who must not notice
RATE = 500  # events a second to each of them
ITEMS, LINES = 10_000, 50_000
BACKLOG = 32 << 20  # of the slow reader
LAGGARDS, LAGGARDS_BACKLOG = 400, 64 << 20
WARM_UP_RATE = 10_000  # events a second, until the kernel takes no more for the laggards
SESSIONS = 10_000
LAST = 19  # nice: gets what processor time the others leave


def read_answer(client, action, end):
    """Asks, and reads until `end`. @return bytes"""
    head = "".join(f"{name}: {value}\r\n" for name, value in action.items())
    client.socket.sendall(f"{head}ActionID: big\r\n\r\n".encode())
    size, tail = 0, b""
    while end not in tail:
        received = client.socket.recv(1 << 18)
        if not received:
            raise programs.BenchError("the client with the big answer was closed")
        size += len(received)
        tail = (tail + received)[-400:]
    return size


class Asker(threading.Thread):
    """Asks for a big answer again and again while others listen."""

    def __init__(self, port, action, end, gives_way=False):
        super().__init__()
        self.client, self.action, self.end, self.gives_way = programs.Ami(port), action, end, gives_way
        self.size, self.answers, self.stopped, self.failure = 0, 0, threading.Event(), None

    def run(self):
        if self.gives_way:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LAST)
        try:
            while not self.stopped.is_set():
                self.size = read_answer(self.client, self.action, self.end)
                self.answers += 1
                self.stopped.wait(0.2)
        except (OSError, programs.BenchError) as error:
            self.failure = error

    def finish(self):
        self.stopped.set()
        self.join(programs.RUN_SECONDS)
        self.client.close()
        if self.failure is not None:
            raise programs.BenchError(f"big answer: {self.failure}")


def big_answers(bench):
    """Rows (what, bytes of one answer, answers, KiB by which the proxy grew, figures of the listeners). The answers are
    another server's than the events: one server does one thing after the other. Each is also asked past the proxy: what
    the listeners then notice is the machine's. And each is asked where that server and the asker give way to all others:
    else four programs want two processors, and the listeners also wait for one. These rows are the last, as only root
    could raise the server's priority again."""
    big = [
        (f"list of {ITEMS:,} items", {"Action": "CoreShowChannels"}, b"EventList: Complete"),
        (f"Command of {LINES:,} lines", {"Action": "Command", "Command": f"lines {LINES}"}, b"\r\n\r\n"),
    ]
    kinds = [("nothing", None, b"", True, False)]
    for name, action, end in big:
        kinds.append((name, {**action, "Server": "other"}, end, True, False))
        kinds.append((f"{name}, past the proxy", action, end, False, False))
    for name, action, end in big:
        kinds.append((f"{name}, who asks and answers gives way", {**action, "Server": "other"}, end, True, True))
    rows = []
    events = RATE * (1 if bench.quick else 4)
    with Simulator(bench.folder, "--lists", str(ITEMS)) as other:
        for name, action, end, through, gives_way in kinds:
            if gives_way:
                os.setpriority(os.PRIO_PROCESS, other.process.pid, LAST)
            with (
                Proxy(bench.folder, bench.simulator, bench.probe, bench.workers, other=other) as proxy,
                Clients(bench.folder, proxy.port, LISTENERS, raw=False) as clients,
            ):
                asker = Asker(proxy.port if through else other.port, action, end, gives_way) if action else None
                bench.emit(f"warm-up: {name}", proxy, clients, RATE, RATE)
                before = proxy.memory_kib("VmHWM")
                if asker:
                    asker.start()
                result = bench.emit(f"big answers: {name}", proxy, clients, RATE, events)
                if asker:
                    asker.finish()
                rows.append(
                    (
                        name,
                        asker.size if asker else 0,
                        asker.answers if asker else 0,
                        proxy.memory_kib("VmHWM") - before,
                        result,
                    )
                )
    return rows


def slow_reader(bench):
    """Rows (name, figures of 100 clients at full speed, most memory of the proxy in KiB)."""
    rows = []
    for name in ("all read", "one of 101 does not"):
        with (
            Proxy(
                bench.folder, bench.simulator, bench.probe, bench.workers, limits=f"output_backlog: {BACKLOG >> 20}MiB"
            ) as proxy,
            Clients(bench.folder, proxy.port, 100, raw=False) as clients,
        ):
            slow = programs.Ami(proxy.port) if name != "all read" else None
            if slow:
                slow.ask(Action="Events", EventMask="on")
            rows.append((name, bench.flood(f"slow reader: {name}", proxy, clients, 100), proxy.memory_kib("VmHWM")))
            if slow:
                slow.close()
    return rows


def laggards(bench):
    """Rows (name, medians of the listeners' p50 and p99 in µs, CPU seconds of the proxy, KiB that the kernel holds for
    the laggards). Two proxies at the same time, as the machine is not always the same: one has laggards."""
    found = {"all read": [], f"{LAGGARDS} more do not": []}
    limits = f"output_backlog: {LAGGARDS_BACKLOG >> 20}MiB"
    with contextlib.ExitStack() as stack:
        sides = []
        for name in found:
            proxy = stack.enter_context(Proxy(bench.folder, bench.simulator, bench.probe, bench.workers, limits=limits))
            clients = stack.enter_context(Clients(bench.folder, proxy.port, LISTENERS, raw=False))
            slow = [programs.Ami(proxy.port) for _ in range(0 if name == "all read" else LAGGARDS)]
            for client in slow:
                stack.callback(client.close)
                client.ask(Action="Events", EventMask="on")
            sides.append((name, proxy, clients, slow))
        for turn in range(2 if bench.quick else 6):
            events = RATE * (1 if bench.quick else 2) if turn > 0 else 2000  # first, till the kernel takes no more
            before = [proxy.cpu_seconds() for _, proxy, _, _ in sides]
            for _, _, clients, _ in sides:
                clients.arm(events)
            bench.simulator.emit(RATE if turn > 0 else WARM_UP_RATE, events)
            for (name, proxy, clients, slow), cpu in zip(sides, before, strict=True):
                result = bench.judge(f"laggards: {name}", clients.result())
                held = unsent_bytes(proxy.port) >> 10 if slow else 0
                if turn > 0:
                    found[name].append((result["p50_us"], result["p99_us"], proxy.cpu_seconds() - cpu, held))
    return [(name, *map(statistics.median, zip(*figures, strict=True))) for name, figures in found.items()]


def unsent_bytes(port):
    """What the kernel holds of connections to `port` of this machine that was not sent or not acknowledged."""
    with open("/proc/net/tcp", encoding="ascii") as lines:
        rows = [line.split() for line in list(lines)[1:]]
    return sum(int(row[4].split(":")[0], 16) for row in rows if int(row[1].split(":")[1], 16) == port)


def workers_under_tls(bench):
    """Rows (workers, figures of 50 clients over TLS, CPU seconds of the busiest thread for each byte of all rounds)."""
    rows = []
    for workers in (1, 2):
        with (
            Proxy(bench.folder, bench.simulator, bench.probe, workers) as proxy,
            Clients(bench.folder, proxy.tls_port, 50, raw=False, shape="tls") as clients,
        ):
            busy = proxy.busiest_thread_seconds()
            result = bench.flood(f"TLS, {workers} workers", proxy, clients, 50)
            busy = (proxy.busiest_thread_seconds() - busy) / (result["bytes"] * bench.rounds)
            rows.append((workers, result, busy))
    return rows


def many_sessions(bench):
    """Milliseconds to the start; sessions, KiB of the proxy before and with them, seconds in which they came."""
    count = SESSIONS // 10 if bench.quick else SESSIONS
    with Proxy(bench.folder, bench.simulator, bench.probe, bench.workers, limits="sessions: 20000") as proxy:
        before, started = proxy.memory_kib("VmRSS"), time.monotonic()
        with Clients(bench.folder, proxy.port, count, raw=False):
            return proxy.start_ms, count, before, proxy.memory_kib("VmRSS"), time.monotonic() - started
