#!/usr/bin/env python3
"""The benchmark: delivery of events to 1 … 1000 clients beside a bare fan-out, memory, round trips of actions beside
haproxy. Prints tables in Markdown. Exit code 0: nothing lost, repeated, reordered or misrouted; 1: something was, or a
benchmark program says so; 2: it could not run. No figure ever decides. See README.md."""

import argparse
import base64
import os
import resource
import shutil
import signal
import statistics
import sys
import tempfile

import exchanges
import flood

import burdens
import programs
import sharing
import tables
from programs import BenchError, Clients, Haproxy, Program, Proxy, Reference, Simulator, run_actions, run_http

FULL_SPEED = 10_000_000  # events a second that nothing reaches: as fast as the simulator can
LIMIT_SECONDS = 900
# clients: events at full speed (in bytes less than what the simulator holds for one connection, 100 MiB), then events a
# second and events of the latency run
LOADS = {1: (200_000, 2000, 6000), 10: (200_000, 2000, 6000), 100: (40_000, 2000, 6000), 1000: (8_000, 50, 200)}
PROBES = [{"Action": "Getvar", "Variable": "BENCH"}, {"Action": "CoreStatus"}, {"Action": "CoreSettings"}]

SHAPES = ["standard", "xml", "json", "csv", "sse", "websocket"]

FAULTS = (
    "missing",
    "surplus",
    "gaps",
    "steps_back",
    "uneven_starts",
    "closed",
    "misrouted",
    "repeated",
    "failures",
    "wrong_sums",
)


class Bench:
    def __init__(self, options, folder):
        self.folder = folder
        self.quick = options.quick
        self.workers = options.workers
        self.rounds = 1 if options.quick else 3
        self.counts = options.clients
        self.wrong = []
        self.simulator = Simulator(folder)
        self.probe = next((probe for probe in PROBES if "Success" in self.simulator.control.ask(**probe)), None)
        if self.probe is None:
            raise BenchError("the simulator answers none of the actions that could be measured")

    def proxy(self):
        return Proxy(self.folder, self.simulator, self.probe, self.workers)

    def judge(self, what, result):
        if not result["ok"]:
            bad = {name: value for name, value in result.items() if value and name in FAULTS}
            self.wrong.append(f"{what}: {bad}")
            print(f"bench: WRONG: {self.wrong[-1]}", file=sys.stderr)
        return result

    # Events

    def emit(self, what, program, clients, rate, events):
        """One run; the figures of the clients with the CPU time of `program` and the seconds it took."""
        clients.arm(events)
        cpu = program.cpu_seconds()
        start = self.simulator.emit(rate, events)
        result = self.judge(what, clients.result())
        result["program_cpu_s"] = program.cpu_seconds() - cpu
        result["seconds"] = max((result["end_ns"] or start) - start, 1) / 1e9
        result["per_second"] = result["events"] / result["seconds"]
        return result

    def flood(self, name, program, clients, count):
        """Full speed, some rounds: the median one by events per second, and the CPU time of the median one by that."""
        events = max(LOADS.get(count, LOADS[100])[0] // (4 if self.quick else 1), 500)
        rounds = [
            self.emit(f"{name}, {count} clients, full speed", program, clients, FULL_SPEED, events)
            for _ in range(self.rounds)
        ]
        middle = sorted(rounds, key=lambda result: result["per_second"])[len(rounds) // 2]
        middle["cpu_us"] = statistics.median(one["program_cpu_s"] / max(one["events"], 1) * 1e6 for one in rounds)
        return middle

    def paced(self, name, program, clients, count):
        rate, events = LOADS[count][1:]
        return self.emit(
            f"{name}, {count} clients, {rate}/s", program, clients, rate, events // 3 if self.quick else events
        )

    def deliver(self, count):
        """The row of `count` clients: the proxy, then the reference."""
        row = {"count": count, "rate": LOADS[count][1]}
        with self.proxy() as proxy:
            row["rss_empty"] = proxy.memory_kib("VmRSS")
            with Clients(self.folder, proxy.port, count, raw=False) as clients:
                row["rss_idle"] = proxy.memory_kib("VmRSS")
                row["paced"] = self.paced("proxy", proxy, clients, count)
                row["rss_steady"] = proxy.memory_kib("VmHWM")
                row["flood"] = self.flood("proxy", proxy, clients, count)
                row["rss_peak"] = proxy.memory_kib("VmHWM")
        with Clients(self.folder, self.simulator.port, count, raw=False) as clients:
            row["direct_paced"] = self.paced("direct", self.simulator, clients, count)
        with (
            Reference(self.folder, self.simulator, count) as reference,
            Clients(self.folder, reference.port, count, raw=True) as clients,
        ):
            row["reference_paced"] = self.paced("reference", reference, clients, count)
            row["reference"] = self.flood("reference", reference, clients, count)
        return row

    # Filters

    def measure_filters(self):
        """100 users, each with the same filters in a view of its own: what judging costs beside sending."""
        script = os.path.join(self.folder, "touch.lua")
        with open(script, "w", encoding="utf-8") as file:
            file.write('return { message = function(m) return m.Event ~= "NothingSuch" end }\n')
        for folder in (self.folder, script):
            os.chmod(folder, 0o755)
        kinds = [
            ("none", []),
            ("native, not subscribed", ["drop: {events: [NothingSuch]}"]),
            ("native, one clause", ['drop: {events: ["*"], where: {Channel: nothing}}']),
            ("Lua, one header", [script]),
        ]
        kinds = [(name, [f"{{{entry}}}" if ":" in entry else entry for entry in filters]) for name, filters in kinds]
        kinds.append(("five of them", [kinds[1][1][0], kinds[2][1][0], script, '{only: {events: ["*"]}}', "mask"]))
        kinds = [(name, filters, "", 100) for name, filters in kinds]
        rule = "channel: PJSIP/load*, more_events: true"  # every channel of the stream is each user's own
        kinds[1:1] = [("native rule, channel", [], rule, 100), ("the same, 200 users", [], rule, 200)]
        rows = []
        for name, filters, rules, count in kinds:
            users = programs.users_with(filters, count, rules)
            with (
                Proxy(self.folder, self.simulator, self.probe, self.workers, users) as proxy,
                Clients(self.folder, proxy.port, count, raw=False, user=programs.USER + "#") as clients,
            ):
                rows.append((name, self.flood(f"filters: {name}", proxy, clients, count)))
        return rows

    # Formats

    def measure_formats(self):
        """Fan-out in each format, and over HTTP: all at one proxy, one after the other."""
        rows = []
        with self.proxy() as proxy:
            for count in [10, 100]:
                for shape in SHAPES:
                    port = proxy.http_port if shape in ("sse", "websocket") else proxy.port
                    with Clients(self.folder, port, count, raw=False, shape=shape) as clients:
                        rows.append((count, shape, self.flood(shape, proxy, clients, count)))
        return rows

    def measure_http(self):
        """Requests a second: one that the proxy answers, one that goes to the server."""
        rows = []
        with self.proxy() as proxy:
            credentials = base64.b64encode(f"{programs.USER}:{programs.SECRET}".encode()).decode()
            head = f"Host: 127.0.0.1:{proxy.http_port}\r\nAuthorization: Basic {credentials}\r\n"
            query = "&".join(f"{name}={value}" for name, value in self.probe.items())
            for what, path in (("Ping", "/?Action=Ping"), (self.probe["Action"], f"/?{query}")):
                for connections, depth in ((1, 1), (32, 1), (32, 8)):
                    cpu = proxy.cpu_seconds()
                    each = (20_000 if connections == 1 else 1000) // (4 if self.quick else 1)
                    each = min(each, 990)  # the plugin closes a connection after 1,000 requests
                    result = run_http(proxy.http_port, connections, depth, each, f"GET {path} HTTP/1.1\r\n{head}\r\n")
                    result["cpu_us"] = (proxy.cpu_seconds() - cpu) / result["requests"] * 1e6
                    rows.append((what, connections, depth, result))
        return rows

    # Actions

    def ask(self, ways, clients, depth, answers, action=None):
        """Round trips over each way in turn, some rounds. @return for each way the median round by p50, and CPU µs"""
        found = {name: [] for name in ways}
        for _ in range(self.rounds):
            for name, (port, program) in ways.items():
                cpu = program.cpu_seconds()
                result = self.judge(
                    f"actions {name}, {clients} × {depth}",
                    run_actions(port, clients, depth, answers, action or self.probe),
                )
                result["cpu_us"] = (program.cpu_seconds() - cpu) / max(result["answers"], 1) * 1e6
                found[name].append(result)
        return {
            name: sorted(results, key=lambda result: result["p50_us"])[len(results) // 2]
            for name, results in found.items()
        }

    def measure_actions(self):
        with self.proxy() as proxy:
            direct = (self.simulator.port, self.simulator)
            ways = {"direct": direct, "proxy": (proxy.port, proxy)}
            if Haproxy.binary() is None:
                return self.ask_one_and_many(ways)
            with Haproxy(self.folder, self.simulator) as haproxy:
                ways = {"direct": direct, "haproxy": (haproxy.port, haproxy), "proxy": (proxy.port, proxy)}
                return self.ask_one_and_many(ways)

    def ask_one_and_many(self, ways):
        return (
            self.ask(ways, 1, 1, 3000 if self.quick else 10_000),
            self.ask(ways, 100, 16, 100 if self.quick else 1000),
        )

    def measure_burdens(self):
        tables.print_big_answers(burdens.big_answers(self))
        tables.print_slow_reader(burdens.slow_reader(self))
        tables.print_laggards(burdens.laggards(self))
        tables.print_tls(burdens.workers_under_tls(self))
        tables.print_sessions(*burdens.many_sessions(self))

    def run(self):
        tables.print_machine(self.workers, self.quick, self.rounds)
        rows = [self.deliver(count) for count in self.counts]
        if rows:
            tables.print_events(rows)
        flood.print_rows(
            flood.measure(self.folder, self.judge, self.counts, self.workers, self.rounds, share=4 if self.quick else 1)
        )
        tables.print_filters(self.measure_filters())
        tables.print_formats(self.measure_formats())
        tables.print_http(self.measure_http())
        tables.print_actions(self.probe["Action"], *self.measure_actions())
        tables.print_exchanges(*exchanges.measure(self))
        self.measure_burdens()
        rows = sharing.measure(self.folder, self.probe, self.workers, rounds=1 if self.quick else 3)
        self.wrong += [text for row in rows for text in row[-1]]
        tables.print_sharing(rows)


def parse_options():
    parser = argparse.ArgumentParser(description="Benchmark of astmanproxy; AMP_BUILD names the build folder.")
    parser.add_argument("--quick", action="store_true", help="about 30 seconds: fewer events, one round")
    parser.add_argument("--workers", default="auto", help="worker threads of the proxy (default: auto)")
    parser.add_argument(
        "--clients", type=int, action="append", choices=sorted(LOADS), help="only these counts; repeatable"
    )
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs of all programs")
    options = parser.parse_args()
    options.clients = options.clients or sorted(LOADS)
    return options


def check_build():
    for name in (
        "astmanproxy",
        "astmansim",
        "bench/bench_clients",
        "bench/bench_actions",
        "bench/bench_http",
        "bench/bench_logins",
        "bench/bench_reference",
        "bench/bench_flood",
    ):
        if not os.access(os.path.join(programs.BUILD, name), os.X_OK):
            raise BenchError(f"AMP_BUILD ({programs.BUILD or 'not set'}) has no {name}: build first, or use run.sh")


def on_alarm(*_):
    raise BenchError(f"not done in {LIMIT_SECONDS} s")


def main():
    options = parse_options()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard != resource.RLIM_INFINITY else 65536, hard))
    signal.signal(signal.SIGALRM, on_alarm)
    signal.alarm(LIMIT_SECONDS)
    folder = tempfile.mkdtemp(prefix="amp-bench-")
    bench, code = None, 2
    try:
        check_build()
        bench = Bench(options, folder)
        bench.run()
        code = 1 if bench.wrong else 0
    except (BenchError, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        code = 1 if bench is not None and bench.wrong else 2
    finally:
        for program in reversed(Program.started):
            program.stop()
        if options.keep or code != 0:
            print(f"bench: logs are in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)
    print(
        {0: "Right: nothing lost, repeated, reordered or misrouted.", 2: "The benchmark did not finish."}.get(
            code, "WRONG:\n" + "\n".join(bench.wrong if bench else [])
        )
    )
    return code


if __name__ == "__main__":
    sys.exit(main())
