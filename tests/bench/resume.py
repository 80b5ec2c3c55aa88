#!/usr/bin/env python3
"""What `resume` costs those who do not come back: the latency of 100 clients and the memory of an idle session, with and
without it in turn. `resume.py` (with AMP_BUILD) runs it; `event_instructions.py --resume` counts instructions."""

import statistics
import sys

import programs
from programs import BenchError, Clients, Proxy, Simulator, run_measurement

TURNS, CLIENTS, RATE, EVENTS, IDLE = 5, 100, 2000, 2000, 1000
PROBE = {"Action": "Getvar", "Variable": "BENCH"}


def run(folder, simulator, shape, more):
    """@return (p99 in µs, KiB of an idle session)"""
    with Proxy(folder, simulator, PROBE, 1, more=more) as proxy:
        port = proxy.http_port if shape == "sse" else proxy.port
        with Clients(folder, port, CLIENTS, raw=False, shape=shape) as clients:
            clients.arm(EVENTS)
            simulator.emit(RATE, EVENTS)
            result = clients.result()
        if not result["ok"]:
            raise BenchError(f"wrong events: {result}")
        before = proxy.memory_kib("VmRSS")
        with Clients(folder, proxy.port, IDLE, raw=False):
            return result["p99_us"], (proxy.memory_kib("VmRSS") - before) / IDLE


def measure(folder):
    with Simulator(folder) as simulator:
        for shape in ("standard", "sse"):
            found = {"": [], programs.RESUME: []}
            for _ in range(TURNS):
                for more, figures in found.items():
                    figures.append(run(folder, simulator, shape, more))
            (off, idle_off), (on, idle_on) = (map(statistics.median, zip(*all, strict=True)) for all in found.values())
            print(
                f"{shape}: p99 {on:.0f} µs with resume, {off:.0f} without: {on / off:.2f}; "
                f"an idle session {idle_on:.2f} and {idle_off:.2f} KiB",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(run_measurement("resume.py", measure))
