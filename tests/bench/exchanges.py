"""What clients ask beside one answer at a time: lists, long answers, logins, and a Ping between many events."""

import contextlib

import programs
from programs import Haproxy, Proxy, Simulator, run_actions, run_logins

ITEMS, LINES = 1_000, 5_000
PINGERS, EVENTS_A_SECOND = 50, 1_000
STEADY_SECONDS = 3


def big(bench):
    """Rows (what, {way: figures}): 20 clients ask for a list again and again, then 4 for a Command."""
    kinds = [
        (f"20 clients: a list of {ITEMS:,} items", 20, {"Action": "CoreShowChannels"}, 40),
        (f"4 clients: a Command of {LINES:,} lines", 4, {"Action": "Command", "Command": f"lines {LINES}"}, 100),
    ]
    rows = []
    with contextlib.ExitStack() as stack:
        simulator = stack.enter_context(Simulator(bench.folder, "--lists", str(ITEMS)))
        proxy = stack.enter_context(Proxy(bench.folder, simulator, bench.probe, bench.workers))
        ways = {"direct": (simulator.port, simulator), "proxy": (proxy.port, proxy)}
        if Haproxy.binary() is not None:
            haproxy = stack.enter_context(Haproxy(bench.folder, simulator))
            ways = {"direct": ways["direct"], "haproxy": (haproxy.port, haproxy), "proxy": ways["proxy"]}
        for name, clients, action, answers in kinds:
            answers = answers // 4 if bench.quick else answers
            rows.append((name, bench.ask(ways, clients, 1, answers, action)))
    return rows


def logins(bench):
    """Rows (way, figures): one client after the other waits for the banner, logs in and off."""
    count = 200 if bench.quick else 2000
    listeners = "  - {address: 127.0.0.1, port: 0, input: auto, output: standard, tls: off}\n"
    rows = []
    with Proxy(bench.folder, bench.simulator, bench.probe, bench.workers, listeners=listeners) as proxy:
        ways = [("direct", bench.simulator.port, count)]
        with contextlib.ExitStack() as stack:
            if Haproxy.binary() is not None:
                ways.append(("haproxy", stack.enter_context(Haproxy(bench.folder, bench.simulator)).port, count))
            ways.append(("proxy, input: standard", proxy.port, count))
            ways.append(("proxy, input: auto", proxy.other_ports[0], 10))
            for way, port, number in ways:
                rounds = [run_logins(port, number) for _ in range(bench.rounds)]
                rows.append((way, sorted(rounds, key=lambda one: one["per_second"])[len(rounds) // 2]))
    return rows


def pings(bench):
    """Rows (way, figures): 50 clients that get 1,000 events a second send a Ping after the other."""
    rows = []
    with Proxy(bench.folder, bench.simulator, bench.probe, bench.workers) as proxy:
        for way, port in (("direct", bench.simulator.port), ("proxy", proxy.port)):
            rounds = []
            for _ in range(bench.rounds):
                seconds = 1 if bench.quick else STEADY_SECONDS
                bench.simulator.emit(EVENTS_A_SECOND, EVENTS_A_SECOND * seconds)
                rounds.append(
                    bench.judge(
                        f"pings {way}",
                        run_actions(port, PINGERS, 1, 800 * seconds, {"Action": "Ping"}, events="on"),
                    )
                )
            rows.append((way, sorted(rounds, key=lambda one: one["per_second"])[len(rounds) // 2]))
    return rows


def memory(bench):
    """KiB of the proxy before and after 100 clients have had 16 actions in flight each, and the answers meanwhile."""
    each = 1_000 if bench.quick else 12_000
    with Proxy(bench.folder, bench.simulator, bench.probe, bench.workers) as proxy:
        before = proxy.memory_kib("VmRSS")
        result = bench.judge("memory", run_actions(proxy.port, 100, 16, each, bench.probe))
        return before, proxy.memory_kib("VmHWM"), result


def measure(bench):
    """All of them. @return (big, logins, pings, memory)"""
    if not programs.BUILD:
        raise programs.BenchError("AMP_BUILD is not set")
    return big(bench), logins(bench), pings(bench), memory(bench)
