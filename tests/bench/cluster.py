#!/usr/bin/env python3
"""What a cluster costs: three nodes, a nats-server, one Asterisk (or many). `cluster.py` (with AMP_BUILD) runs it.

- `events`: the delay of events at clients of the owner and of other nodes, in the same run; the CPU time of the threads
  of the bus (the proxy's and libnats's have the name `bus`) and of the rest, for 10,000 events;
- `servers`: the delay with four servers and 100 clients, beside one node that has all of them, at the same time;
- `slow`: the delay at two nodes beside a third one that runs a tenth of the time, and beside one that does not, at the
  same time;
- `many`: with 200 servers, what an idle node costs, and how the owners are spread.

Words on the command line choose; without one all are measured."""

import collections
import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time

from programs import Ami, BenchError, Clients, Program, Proxy, Simulator, read_text, run_measurement, wait_for

NODES, CLIENTS, RATE, EVENTS, FULL_SPEED, BURST = 3, 33, 400, 4000, 1000000, 50000
SERVERS, IDLE_SECONDS, LONG_SECONDS = 200, 10, 60
FEW, FEW_RATE, FEW_EVENTS = 4, 100, 1500  # servers; events of each, a second and in all
ROUNDS = 5
PROBE = {"Action": "Getvar", "Variable": "BENCH"}


class Nats(Program):
    def __init__(self, folder):
        ports = os.path.join(folder, "ports")
        os.mkdir(ports)
        binary = shutil.which("nats-server") or "/usr/sbin/nats-server"
        super().__init__(folder, "nats", [binary, "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", ports])
        path = os.path.join(ports, f"nats-server_{self.process.pid}.ports")
        text = wait_for(lambda: read_text(path) if read_text(path).endswith("}") else None, "the nats-server's port")
        self.url = json.loads(text)["nats"][0]


class Node(Proxy):
    """A proxy, in the cluster of `nats` unless that is None. `names`: further names for the same simulator."""

    def __init__(self, folder, simulator, nats, name, names=(), beside=(), cluster="bench"):
        self.own = os.path.join(folder, name)
        os.mkdir(self.own)
        os.chmod(self.own, 0o755)
        more = f"cluster: {{name: {cluster}, node: {name}, bus: ['{nats.url}']}}\n" if nats else ""
        super().__init__(self.own, simulator, PROBE, 1, more=more, names=names, beside=beside)

    def bus_seconds(self):
        """CPU time of the threads of the bus, and of all others."""
        times = collections.Counter()
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            head, _, rest = read_text(f"{tasks}/{task}/stat").rpartition(")")
            values = rest.split()
            if values:
                times["bus" if head.endswith("(bus") else "rest"] += int(values[11]) + int(values[12])
        ticks = os.sysconf("SC_CLK_TCK")
        return times["bus"] / ticks, times["rest"] / ticks

    def await_servers(self, names):
        client = Ami(self.port)
        for name in names:
            wait_for(
                lambda name=name: "Response: Success" in client.ask(**PROBE, Server=name),
                f"server {name}",
                LONG_SECONDS,
            )
        client.close()

    def owners(self):
        """How many servers each node owns, as this one knows."""
        client = Ami(self.port)
        client.socket.sendall(b"ProxyAction: ListServers\r\n\r\n")
        text = b""
        while b"ProxyListServer" not in text or not text.endswith(b"\r\n\r\n"):
            text += client.socket.recv(1 << 16)
        client.close()
        return collections.Counter(re.findall(r"Node: (\S+)", text.decode()))


def start_nodes(folder, simulator, nats, count=NODES, **options):
    """Starts them at the same time, as an owner keeps what it has when others come."""
    folder = tempfile.mkdtemp(dir=folder)
    os.chmod(folder, 0o755)
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda at: Node(folder, simulator, nats, f"n{at + 1}", **options), range(count)))


def stop_all(programs):
    for program in programs:
        program.stop()


def owner_first(nodes):
    """The node that owns the one server, then the others."""
    name = next(iter(nodes[0].owners()))
    return sorted(nodes, key=lambda node: node.own.endswith(name), reverse=True)


def run_events(folder, simulator, nodes, rate, events):
    """@return for each node what its clients say, and (bus, rest) of CPU seconds"""
    clients = [Clients(node.own, node.port, CLIENTS, raw=False) for node in nodes]
    before = [node.bus_seconds() for node in nodes]
    for group in clients:
        group.arm(events)
    simulator.emit(rate, events)
    results = [group.result() for group in clients]
    stop_all(clients)
    if not all(result["ok"] for result in results):
        raise BenchError(f"wrong events: {results}")
    after = [node.bus_seconds() for node in nodes]
    return results, [(b[0] - a[0], b[1] - a[1]) for a, b in zip(before, after, strict=True)]


def measure_events(folder, nats):
    with Simulator(folder) as simulator:
        alone = start_nodes(folder, simulator, None, 1)
        (result,), _ = run_events(folder, simulator, alone, RATE, EVENTS)
        _, ((_, single),) = run_events(folder, simulator, alone, FULL_SPEED, BURST)
        stop_all(alone)
        print(
            f"alone: p50 {result['p50_us']:.0f} us, p99 {result['p99_us']:.0f} us; "
            f"{1000 * single * 10000 / BURST:.0f} ms of CPU for 10,000 events"
        )
        nodes = owner_first(start_nodes(folder, simulator, nats))
        results, _ = run_events(folder, simulator, nodes, RATE, EVENTS)
        _, times = run_events(folder, simulator, nodes, FULL_SPEED, BURST)
        for role, result, (bus, rest) in zip(("owner", "other", "other"), results, times, strict=True):
            print(
                f"{role}: p50 {result['p50_us']:.0f} us, p99 {result['p99_us']:.0f} us at {RATE} events/s, {CLIENTS} "
                f"clients; for 10,000 events in a burst {1000 * bus * 10000 / BURST:.0f} ms of CPU of the bus's threads, "
                f"{1000 * rest * 10000 / BURST:.0f} ms of the rest",
                flush=True,
            )
        stop_all(nodes)


def run_side_by_side(groups, simulators, rate, events):
    """Each simulator sends `events`, which all clients get. @return for each group of clients what it says"""
    for group in groups:
        group.arm(events * len(simulators))
    for simulator in simulators:
        simulator.emit(rate, events)
    results = [group.result() for group in groups]
    if not all(result["ok"] for result in results):
        raise BenchError(f"wrong events: {results}")
    return results


def median_of(rounds, groups, field):
    """Of each round the group that waited longest; the median of the rounds."""
    return statistics.median(max(results[group][field] for group in groups) for results in rounds)


def measure_servers(folder, nats):
    with contextlib.ExitStack() as stack:
        first, *rest = (stack.enter_context(Simulator(folder)) for _ in range(FEW))
        names = [f"sim{number}" for number in range(2, FEW + 1)]
        alone = start_nodes(folder, first, None, 1, beside=rest)
        nodes = start_nodes(folder, first, nats, beside=rest, cluster="few")
        for node in alone + nodes:
            node.await_servers(names)
        counts = [100 // NODES + (at < 100 % NODES) for at in range(NODES)]
        groups = [Clients(folder, alone[0].port, 100, raw=False, shape="servers")]
        groups += [
            Clients(folder, node.port, count, raw=False, shape="servers")
            for node, count in zip(nodes, counts, strict=True)
        ]
        rounds = [run_side_by_side(groups, [first, *rest], FEW_RATE, FEW_EVENTS) for _ in range(ROUNDS)]
        p50, p99 = ([median_of(rounds, part, field) for part in ((0,), range(1, 4))] for field in ("p50_us", "p99_us"))
        print(
            f"{FEW} servers with {FEW_RATE} events/s, 100 clients, at the same time on one node and on {NODES} "
            f"(owners {dict(nodes[0].owners())}): p50 {p50[0]:.0f} and {p50[1]:.0f} us, p99 {p99[0]:.0f} and "
            f"{p99[1]:.0f} us: {p99[1] - p99[0]:.0f} us more",
            flush=True,
        )
        stop_all([*groups, *nodes, *alone])


class Throttle:
    """A program that runs for a tenth of the time only, in the block."""

    def __init__(self, program):
        self.process = program.process
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self.ended.wait(0.01):
            self.process.send_signal(signal.SIGSTOP)
            self.ended.wait(0.09)
            self.process.send_signal(signal.SIGCONT)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def measure_slow(folder, nats):
    with Simulator(folder) as simulator:
        clusters = [owner_first(start_nodes(folder, simulator, nats, cluster=name)) for name in ("calm", "slow")]
        nodes = [node for nodes in clusters for node in nodes]
        groups = [Clients(node.own, node.port, CLIENTS, raw=False) for node in nodes]
        with Throttle(nodes[-1]):
            rounds = [run_side_by_side(groups, [simulator], RATE, EVENTS) for _ in range(ROUNDS)]
        p50, p99 = (
            [median_of(rounds, part, field) for part in ((0, 1), (3, 4), (5,))] for field in ("p50_us", "p99_us")
        )
        print(
            f"two nodes at {RATE} events/s beside a third one, and at the same time beside one that is slow: p50 "
            f"{p50[0]:.0f} and {p50[1]:.0f} us (the slow one {p50[2]:.0f}), p99 {p99[0]:.0f} and {p99[1]:.0f} us (the "
            f"slow one {p99[2]:.0f}): {p99[1] / p99[0]:.2f} times",
            flush=True,
        )
        stop_all([*groups, *nodes])


def idle_share(node):
    """(bus, rest): shares of a processor, in per cent, while nothing happens."""
    before = node.bus_seconds()
    end = time.monotonic() + IDLE_SECONDS
    wait_for(lambda: time.monotonic() >= end, "the end", LONG_SECONDS)
    after = node.bus_seconds()
    return tuple(100 * (b - a) / IDLE_SECONDS for a, b in zip(before, after, strict=True))


def measure_many(folder, nats):
    names = [f"pbx{number}" for number in range(1, SERVERS)]
    with Simulator(folder) as simulator:
        alone = start_nodes(folder, simulator, None, 1, names=names)
        alone[0].await_servers(names)
        print(f"{SERVERS} servers, alone: {sum(idle_share(alone[0])):.1f} % of a processor")
        stop_all(alone)
        nodes = start_nodes(folder, simulator, nats, names=names)
        for node in nodes:
            node.await_servers(names)
        bus, rest = idle_share(nodes[0])
        print(f"{SERVERS} servers, {NODES} nodes: {bus:.1f} % bus, {rest:.1f} % rest; owners {dict(nodes[0].owners())}")
        stop_all(nodes)


PARTS = {"events": measure_events, "servers": measure_servers, "slow": measure_slow, "many": measure_many}


def measure(folder):
    with Nats(folder) as nats:
        for part in sys.argv[1:] or PARTS:
            PARTS[part](folder, nats)


if __name__ == "__main__":
    if not set(sys.argv[1:]) <= set(PARTS):
        sys.exit(f"usage: cluster.py [{' | '.join(PARTS)}]…")
    sys.exit(run_measurement("cluster.py", measure))
