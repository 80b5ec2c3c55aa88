#!/usr/bin/env python3
"""Counts what one forwarded action, and one item of a list, costs the proxy: instructions, and blocks of memory taken
from the C library. The proxy runs under callgrind and answers a script of N actions, then one of 2 N; the difference is
the cost of N. Counts repeat, so this works on a busy machine. Needs valgrind. See README.md."""

import argparse
import os
import re
import shutil
import sys
import tempfile

from bench import PROBES

import programs
from programs import BenchError, Program, Proxy, Simulator, run_actions

ALLOCATORS = ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc")
ITEMS, LIST = 1000, {"Action": "CoreShowChannels"}
WAYS = {"one at a time": (1, 1), "16 in flight": (1, 16), "20 clients with 16 in flight each": (20, 16)}


def read_profile(path):
    """Instructions of a whole run, and calls of the functions that take memory."""
    names, calls, total, callee = {}, 0, 0, ""
    for line in programs.read_text(path).splitlines():
        if line.startswith("cfn="):
            number, name = re.match(r"cfn=\((\d+)\) ?(.*)", line).groups()
            callee = names.setdefault(number, name) if name else names.get(number, "")
        elif line.startswith("fn="):
            number, name = re.match(r"fn=\((\d+)\) ?(.*)", line).groups()
            names.setdefault(number, name)
        elif line.startswith("calls=") and callee in ALLOCATORS:
            calls += int(line.split()[0][6:])
        elif line.startswith("totals:"):
            total = int(line.split()[1])
    return total, calls


def run(folder, simulator, probe, clients, depth, answers):
    """One proxy under callgrind that answers `answers` actions of each client. @return (instructions, blocks)"""
    path = os.path.join(folder, "callgrind.out")
    wrapper = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={path}"]
    with Proxy(folder, simulator, probe, workers=1, wrapper=wrapper) as proxy:
        os.chmod(path, 0o666)  # valgrind made it before the proxy changed its user, and fills it at the end
        result = run_actions(proxy.port, clients, depth, answers, probe)
        if not result["ok"]:
            raise BenchError(f"wrong answers: {result}")
    return read_profile(path)


def measure(folder, simulator, probe, clients, depth, answers):
    """What one action costs. @return (instructions, blocks)"""
    once = run(folder, simulator, probe, clients, depth, answers)
    twice = run(folder, simulator, probe, clients, depth, 2 * answers)
    return tuple((more - less) / (clients * answers) for less, more in zip(once, twice, strict=True))


def show(name, costs):
    count, blocks = costs
    print(f"{name}: {count:,.0f} instructions, {blocks:.2f} blocks of memory", flush=True)


def show_item(folder):
    """What one item of a list costs that 20 clients ask for."""
    with Simulator(folder, "--lists", str(ITEMS)) as simulator:
        costs = measure(folder, simulator, LIST, 20, 1, 2)
    parts = ITEMS + 2  # the response and the end are messages, too
    show(f"an item of a list of {ITEMS:,}", (cost / parts for cost in costs))


def show_actions(folder, actions):
    with Simulator(folder) as simulator:
        for name, (clients, depth) in WAYS.items():
            show(name, measure(folder, simulator, PROBES[0], clients, depth, actions // clients))


def main():
    parser = argparse.ArgumentParser(description="What one action costs; AMP_BUILD names the build folder.")
    parser.add_argument("--actions", type=int, default=2000, help="N, of all clients together")
    parser.add_argument("--list", action="store_true", help="only what an item of a list costs")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the last profile")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="amp-instructions-")
    os.chmod(folder, 0o755)
    code = 0
    try:
        show_item(folder)
        if not options.list:
            show_actions(folder, options.actions)
    except (BenchError, OSError) as error:
        print(f"instructions: {error}", file=sys.stderr)
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
