#!/usr/bin/env python3
"""Counts what one event costs the proxy for each of its clients: instructions, and blocks of memory taken from the C
library. The proxy runs under callgrind and passes on a flood of N events, then one of 2 N; the difference is the cost
of N. Counts repeat, so this works on a busy machine. Needs valgrind. See README.md."""

import argparse
import os
import shutil
import sys
import tempfile

from flood import PROBE, Flood
from instructions import read_profile

import programs
from programs import BenchError, Clients, Program, Proxy, Simulator

RULE = "channel: PJSIP/*, more_events: true"
CLAUSE = '{drop: {events: ["*"], where: {Channel: nothing}}}'
WAYS = {  # clients, their format, filters and rules of each
    "one client": (1, "sums", [], ""),
    "100 clients": (100, "sums", [], ""),
    "100 users with a rule": (100, "sums", [], RULE),
    "100 users with a native filter": (100, "sums", [CLAUSE], ""),
    "10 clients, standard": (10, "standard", [], ""),
    "10 clients, json": (10, "json", [], ""),
    "10 clients, sse": (10, "sse", [], ""),
    "10 clients, websocket": (10, "websocket", [], ""),
}


class Made(Simulator):
    """The simulator as a flood, for clients that do not check sums."""

    def emit(self, events):
        return super().emit(10_000_000, events)


def run(folder, way, events, more=""):
    """One proxy under callgrind that passes `events` on. `more`: further lines of its configuration.

    @return (instructions, blocks)
    """
    count, shape, filters, rules = way
    path = os.path.join(folder, "callgrind.out")
    wrapper = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={path}"]
    own = bool(filters or rules)
    users = programs.users_with(filters, count, rules) if own else ""
    source = Flood if shape == "sums" else Made
    with source(folder) as flood, Proxy(folder, flood, PROBE, 1, users, more, wrapper=wrapper) as proxy:
        os.chmod(path, 0o666)  # valgrind made it before the proxy changed its user, and fills it at the end
        port = proxy.http_port if shape in ("sse", "websocket") else proxy.port
        user = programs.USER + ("#" if own else "")
        with Clients(folder, port, count, raw=False, shape=shape, user=user) as clients:
            clients.arm(events)
            flood.emit(events)
            result = clients.result()
        if not result["ok"]:
            raise BenchError(f"wrong events: {result}")
    return read_profile(path)


def measure(folder, way, events, more=""):
    """What one event costs for one client. @return (instructions, blocks)"""
    once = run(folder, way, events, more)
    twice = run(folder, way, 2 * events, more)
    return tuple((more - less) / (way[0] * events) for less, more in zip(once, twice, strict=True))


def main():
    parser = argparse.ArgumentParser(description="What one event costs; AMP_BUILD names the build folder.")
    parser.add_argument("--deliveries", type=int, default=50_000, help="N, of all clients together")
    parser.add_argument("--way", default="", help="only the ways whose name contains this")
    parser.add_argument("--resume", action="store_true", help="the proxy keeps events for clients that come back")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the last profile")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="amp-instructions-")
    os.chmod(folder, 0o755)
    code = 0
    try:
        for name, way in WAYS.items():
            if options.way in name:
                events = max(options.deliveries // way[0], 500)
                count, blocks = measure(folder, way, events, programs.RESUME if options.resume else "")
                print(f"{name}: {count:,.0f} instructions, {blocks:.2f} blocks of memory", flush=True)
    except (BenchError, OSError) as error:
        print(f"event_instructions: {error}", file=sys.stderr)
        code = 2
    finally:
        for program in reversed(Program.started):
            program.stop()
        if options.keep:
            print(f"the last profile is in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
