#!/usr/bin/env python3
"""What a cluster costs: three nodes, a nats-server, one Asterisk (or many). `cluster.py` (with AMP_BUILD) runs it.

- the delay of events at clients of the owner and of other nodes, in the same run;
- the CPU time of the threads of the bus (the proxy's and libnats's have the name `bus`) and of the rest, for 10,000
  events;
- with 200 servers, what an idle node costs, and how the owners are spread."""

import collections
import concurrent.futures
import json
import os
import re
import shutil
import sys
import tempfile
import time

from programs import Ami, BenchError, Clients, Program, Proxy, Simulator, read_text, run_measurement, wait_for

NODES, CLIENTS, RATE, EVENTS, FULL_SPEED, BURST = 3, 33, 400, 4000, 1000000, 50000
SERVERS, IDLE_SECONDS, LONG_SECONDS = 200, 10, 60
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

    def __init__(self, folder, simulator, nats, name, names=()):
        self.own = os.path.join(folder, name)
        os.mkdir(self.own)
        os.chmod(self.own, 0o755)
        more = f"cluster: {{name: bench, node: {name}, bus: ['{nats.url}']}}\n" if nats else ""
        super().__init__(self.own, simulator, PROBE, 1, more=more, names=names)

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


def start_nodes(folder, simulator, nats, count=NODES, names=()):
    """Starts them at the same time, as an owner keeps what it has when others come."""
    folder = tempfile.mkdtemp(dir=folder)
    os.chmod(folder, 0o755)
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda at: Node(folder, simulator, nats, f"n{at + 1}", names), range(count)))


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
        print(f"alone: p99 {result['p99_us']:.0f} us; {1000 * single * 10000 / BURST:.0f} ms of CPU for 10,000 events")
        nodes = owner_first(start_nodes(folder, simulator, nats))
        results, _ = run_events(folder, simulator, nodes, RATE, EVENTS)
        _, times = run_events(folder, simulator, nodes, FULL_SPEED, BURST)
        for role, result, (bus, rest) in zip(("owner", "other", "other"), results, times, strict=True):
            print(
                f"{role}: p99 {result['p99_us']:.0f} us at {RATE} events/s, {CLIENTS} clients; for 10,000 events in a "
                f"burst {1000 * bus * 10000 / BURST:.0f} ms of CPU of the bus's threads, "
                f"{1000 * rest * 10000 / BURST:.0f} ms of the rest",
                flush=True,
            )
        stop_all(nodes)


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
        alone = start_nodes(folder, simulator, None, 1, names)
        alone[0].await_servers(names)
        print(f"{SERVERS} servers, alone: {sum(idle_share(alone[0])):.1f} % of a processor")
        stop_all(alone)
        nodes = start_nodes(folder, simulator, nats, names=names)
        for node in nodes:
            node.await_servers(names)
        bus, rest = idle_share(nodes[0])
        print(f"{SERVERS} servers, {NODES} nodes: {bus:.1f} % bus, {rest:.1f} % rest; owners {dict(nodes[0].owners())}")
        stop_all(nodes)


def measure(folder):
    with Nats(folder) as nats:
        measure_events(folder, nats)
        measure_many(folder, nats)


if __name__ == "__main__":
    sys.exit(run_measurement("cluster.py", measure))
