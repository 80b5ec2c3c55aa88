"""The flood: events that were made before and carry sums, from a sender that outruns every program under test. Rows of
the proxy beside the bare sender, alternately, so that both see the same machine. `flood.py --rounds N --clients N`
(with AMP_BUILD) runs these rows alone."""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import programs
import tables
from programs import BenchError, Clients, Program, Proxy, Reference, read_text

EVENTS = {1: 400_000, 10: 150_000, 100: 20_000, 1000: 2_000}
PROBE = {"Action": "Getvar", "Variable": "BENCH"}


class Flood(Program):
    """bench_flood: looks like the simulator to Proxy and Reference."""

    def __init__(self, folder):
        path = os.path.join(folder, f"flood-{len(Program.started)}.port")
        command = [os.path.join(programs.BUILD, "bench", "bench_flood"), path]
        super().__init__(folder, "flood", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.await_port(lambda: read_text(path).strip()))

    def emit(self, events):
        """@return the moment at which it began, nanoseconds of CLOCK_MONOTONIC"""
        self.process.stdin.write(f"flood {events}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise BenchError(f"the flood ended:\n{read_text(self.log_path)}")
        return int(line)


def run(judge, what, flood, program, clients, events):
    """One flood. @return the clients' figures with `per_second` and `cpu_us` of `program`, both per delivery"""
    clients.arm(events)
    cpu = program.cpu_seconds()
    start = flood.emit(events)
    result = judge(what, clients.result())
    result["seconds"] = max((result["end_ns"] or start) - start, 1) / 1e9
    result["per_second"] = result["events"] / result["seconds"]
    result["cpu_us"] = (program.cpu_seconds() - cpu) / max(result["events"], 1) * 1e6
    return result


def middle(results):
    chosen = dict(sorted(results, key=lambda result: result["per_second"])[len(results) // 2])
    chosen["cpu_us"] = statistics.median(one["cpu_us"] for one in results)
    return chosen


def measure(folder, judge, counts, workers, rounds, share=1):
    """Rows (clients, the proxy's figures, the reference's)."""
    return [(count, *beside(folder, judge, count, workers, rounds, EVENTS[count] // share)) for count in counts]


def beside(folder, judge, count, workers, rounds, events):
    """Proxy and bare sender in turn, each with a flood of its own. @return the figures of the median rounds"""
    ours, theirs = [], []
    with (
        Flood(folder) as first,
        Flood(folder) as second,
        Proxy(folder, first, PROBE, workers) as proxy,
        Reference(folder, second, count) as reference,
        Clients(folder, proxy.port, count, raw=False, shape="sums") as clients,
        Clients(folder, reference.port, count, raw=True, shape="sums") as bare,
    ):
        for _ in range(rounds):
            ours.append(run(judge, f"flood to {count}, proxy", first, proxy, clients, events))
            theirs.append(run(judge, f"flood to {count}, bare sender", second, reference, bare, events))
    return middle(ours), middle(theirs)


def print_rows(rows):
    print(
        "The flood: events of 540 bytes with sums, made before (CPU: of the proxy or the bare sender, per delivery)\n"
    )
    tables.table(
        ["clients", "deliveries", "deliveries/s", "CPU µs", "bare sender/s", "its CPU µs", "speed ratio", "CPU ratio"],
        [
            [
                f"{count}",
                f"{ours['events']:,}",
                f"{ours['per_second']:,.0f}",
                f"{ours['cpu_us']:.2f}",
                f"{theirs['per_second']:,.0f}",
                f"{theirs['cpu_us']:.2f}",
                tables.ratio(ours["per_second"], theirs["per_second"]),
                tables.ratio(ours["cpu_us"], theirs["cpu_us"]),
            ]
            for count, ours, theirs in rows
        ],
    )


def main():
    parser = argparse.ArgumentParser(description="The flood alone; AMP_BUILD names the build folder.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", default="auto")
    parser.add_argument("--clients", type=int, action="append", choices=sorted(EVENTS))
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="amp-flood-")
    wrong = []

    def judge(what, result):
        if not result["ok"]:
            wrong.append(f"{what}: {result}")
        return result

    try:
        print_rows(measure(folder, judge, options.clients or sorted(EVENTS), options.workers, options.rounds))
    finally:
        for program in reversed(Program.started):
            program.stop()
        shutil.rmtree(folder)
    for text in wrong:
        print(f"WRONG: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
