"""The tables of the benchmark, as Markdown."""

import os
import platform


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}" if theirs > 0 else "–"


def latency(result):
    return [f"{result[name]:,.0f}" for name in ("p50_us", "p99_us", "max_us")]


def mib(kib):
    return f"{kib / 1024:.1f}"


def table(heads, rows, texts=0):
    """Prints a table; all columns but the first `texts` are numbers."""
    print("| " + " | ".join(heads) + " |")
    print("|" + " --- |" * texts + " ---: |" * (len(heads) - texts))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def print_machine(workers, quick, rounds):
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        models = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    print(
        f"{os.cpu_count()} × {model}, {platform.system()} {platform.release()}; workers: {workers}; "
        f"{'quick run' if quick else f'medians of {rounds} rounds'}; "
        "all programs share these processors.\n"
    )


def flood_row(row):
    ours, reference = row["flood"], row["reference"]
    return [
        f"{row['count']}",
        f"{ours['events']:,}",
        f"{ours['per_second']:,.0f}",
        f"{ours['bytes'] / ours['seconds'] / 1e6:,.0f}",
        f"{ours['program_cpu_s']:.2f}",
        f"{ours['cpu_us']:.2f}",
        mib(row["rss_peak"]),
        f"{reference['per_second']:,.0f}",
        f"{reference['cpu_us']:.2f}",
        ratio(ours["per_second"], reference["per_second"]),
        ratio(ours["cpu_us"], reference["cpu_us"]),
    ]


def paced_row(row):
    ours, reference, direct = row["paced"], row["reference_paced"], row["direct_paced"]
    return [
        f"{row['count']}",
        f"{row['rate']:,}",
        *latency(ours),
        f"{ours['program_cpu_s']:.2f}",
        mib(row["rss_steady"]),
        *latency(reference)[:2],
        *latency(direct)[:2],
        ratio(ours["p99_us"], reference["p99_us"]),
        ratio(ours["p99_us"], direct["p99_us"]),
    ]


def print_events(rows):
    print("Events at full speed (deliveries: events × clients; CPU: of the proxy or the reference; µs: per delivery)\n")
    table(
        [
            "clients",
            "deliveries",
            "deliveries/s",
            "MB/s",
            "CPU s",
            "CPU µs",
            "peak RSS MiB",
            "reference/s",
            "its CPU µs",
            "speed ratio",
            "CPU ratio",
        ],
        map(flood_row, rows),
    )
    print("Latency at a steady rate (from the simulator's making to the client's reading, µs)\n")
    table(
        [
            "clients",
            "events/s",
            "p50",
            "p99",
            "most",
            "CPU s",
            "peak RSS MiB",
            "reference p50",
            "p99",
            "direct p50",
            "p99",
            "p99 ratio to reference",
            "to direct",
        ],
        map(paced_row, rows),
    )
    most = max(rows, key=lambda row: row["count"])
    empty, idle = most["rss_empty"], most["rss_idle"]
    each = (idle - empty) / most["count"]
    print(
        f"Memory: {mib(empty)} MiB without clients, {mib(idle)} MiB with {most['count']} idle ones: "
        f"{each:.2f} KiB for each.\n"
    )


def print_filters(rows):
    print("100 users, each with filters of its own, plain AMI (CPU of the proxy, of each user and event)\n")
    base = rows[0][1]
    table(
        ["filters of each user", "deliveries/s", "CPU µs each", "speed ratio", "judging, ns"],
        [
            [
                name,
                f"{result['per_second']:,.0f}",
                f"{result['cpu_us']:.2f}",
                ratio(result["per_second"], base["per_second"]),
                f"{max(result['cpu_us'] - base['cpu_us'], 0) * 1000:,.0f}" if result is not base else "–",
            ]
            for name, result in rows
        ],
        texts=1,
    )


def print_formats(rows):
    print("Formats and feeds at full speed (CPU of the proxy; ratios to standard with as many clients)\n")
    standard = {count: result for count, shape, result in rows if shape == "standard"}
    table(
        ["format", "clients", "deliveries/s", "MB/s", "CPU µs each", "speed ratio", "CPU ratio", "ratio of bytes"],
        [
            [
                shape,
                f"{count}",
                f"{result['per_second']:,.0f}",
                f"{result['bytes'] / result['seconds'] / 1e6:,.0f}",
                f"{result['cpu_us']:.2f}",
                ratio(result["per_second"], standard[count]["per_second"]),
                ratio(result["cpu_us"], standard[count]["cpu_us"]),
                ratio(result["bytes"] / result["events"], standard[count]["bytes"] / standard[count]["events"]),
            ]
            for count, shape, result in rows
        ],
        texts=1,
    )


def print_http(rows):
    print("HTTP requests, JSON answers, connections that stay open (CPU of the proxy)\n")
    table(
        ["action", "connections", "in flight on each", "requests/s", "CPU µs each"],
        [
            [what, f"{connections}", f"{depth}", f"{result['per_second']:,.0f}", f"{result['cpu_us']:.1f}"]
            for what, connections, depth, result in rows
        ],
        texts=1,
    )


def print_actions(action, single, many):
    print(f"Round trips of `{action}` (CPU: of the program in between; direct: of the simulator)\n")
    table(
        ["clients × in flight", "way", "answers/s", "p50 µs", "p99 µs", "most µs", "CPU µs per answer"],
        [
            [title, way, f"{result['per_second']:,.0f}", *latency(result), f"{result['cpu_us']:.1f}"]
            for title, results in (("1 × 1", single), ("100 × 16", many))
            for way, result in results.items()
        ],
        texts=2,
    )
    slower = ratio(single["proxy"]["p50_us"], single["direct"]["p50_us"])
    print(f"1 × 1: the median through the proxy is {slower} × that of the direct way.")
    if "haproxy" in single:
        slower = ratio(single["haproxy"]["p50_us"], single["direct"]["p50_us"])
        print(f"1 × 1: that through haproxy is {slower} × it.")
    if "haproxy" in many:
        ours, theirs = many["proxy"], many["haproxy"]
        speed, cost = ratio(ours["per_second"], theirs["per_second"]), ratio(ours["cpu_us"], theirs["cpu_us"])
        print(f"100 × 16: the proxy gives {speed} × the answers per second of haproxy for {cost} × its CPU time.")
    else:
        print("haproxy is not installed: its row is left out.")
    print()


def exchange_row(name, way, result, haproxy):
    return [
        name,
        way,
        f"{result['per_second']:,.0f}",
        *latency(result)[:2],
        f"{result['cpu_us']:,.1f}",
        ratio(result["per_second"], haproxy["per_second"]) if haproxy else "–",
        ratio(result["cpu_us"], haproxy["cpu_us"]) if haproxy else "–",
    ]


def print_exchanges(big, logins, pings, memory):
    print("Long answers, one in flight at each client (CPU: of the program in between; direct: of the simulator)\n")
    table(
        [
            "asked for",
            "way",
            "answers/s",
            "p50 µs",
            "p99 µs",
            "CPU µs per answer",
            "speed to haproxy",
            "CPU to haproxy",
        ],
        [exchange_row(name, way, result, ways.get("haproxy")) for name, ways in big for way, result in ways.items()],
        texts=2,
    )
    print("One client after the other connects, waits for the banner, logs in and off\n")
    theirs = dict(logins).get("haproxy", dict(logins)["direct"])
    table(
        ["way", "logins/s", "p50 µs", "p99 µs", "most µs", "to haproxy"],
        [
            [way, f"{result['per_second']:,.0f}", *latency(result), ratio(result["per_second"], theirs["per_second"])]
            for way, result in logins
        ],
        texts=1,
    )
    print("50 clients that receive 1,000 events/s send one Ping after the other\n")
    straight = dict(pings)["direct"]
    table(
        ["way", "answers/s", "p50 µs", "p99 µs", "to direct"],
        [
            [way, f"{one['per_second']:,.0f}", *latency(one)[:2], ratio(one["per_second"], straight["per_second"])]
            for way, one in pings
        ],
        texts=1,
    )
    before, after, result = memory
    print(
        f"Memory: {mib(before)} MiB before, {mib(after)} MiB at most while 100 clients had 16 actions in flight each, "
        f"{result['answers']:,} in {result['seconds']:.1f} s.\n"
    )


def print_sharing(rows):
    print("200 clients poll a list of 1,000 items\n")
    base = rows[0]
    table(
        ["share", "actions that the server sees", "its CPU s", "ratio", "the proxy's CPU s", "seconds"],
        [
            [name, f"{seen:,}", f"{cpu:.2f}", ratio(cpu, base[2]), f"{own:.2f}", f"{seconds:.2f}"]
            for name, seen, cpu, own, seconds, _ in rows
        ],
        texts=1,
    )


def print_big_answers(rows):
    print("One client asks for big answers again and again; 50 others read 500 events/s (µs)\n")
    table(
        ["asked for", "KiB of an answer", "answers", "memory grew by KiB", "others' p50", "p99", "most"],
        [
            [name, f"{size / 1024:,.0f}", f"{answers}", f"{grown:,}", *latency(result)]
            for name, size, answers, grown, result in rows
        ],
        texts=1,
    )


def print_slow_reader(rows):
    print("100 clients at full speed, and one that never reads (output_backlog: 32MiB)\n")
    base = rows[0]
    table(
        ["clients", "deliveries/s", "ratio", "CPU µs each", "CPU ratio", "peak RSS MiB"],
        [
            [
                name,
                f"{result['per_second']:,.0f}",
                ratio(result["per_second"], base[1]["per_second"]),
                f"{result['cpu_us']:.2f}",
                ratio(result["cpu_us"], base[1]["cpu_us"]),
                mib(peak),
            ]
            for name, result, peak in rows
        ],
        texts=1,
    )


def print_laggards(rows):
    print("50 clients read 500 events/s, with and without 400 that do not read, at the same time (µs)\n")
    table(
        ["clients", "p50", "p99", "ratio", "CPU s", "KiB in the kernel"],
        [
            [name, f"{p50:,.0f}", f"{p99:,.0f}", ratio(p99, rows[0][2]), f"{cpu:.2f}", f"{held:,.0f}"]
            for name, p50, p99, cpu, held in rows
        ],
        texts=1,
    )


def print_tls(rows):
    print("50 clients over TLS at full speed (CPU of the proxy; the clients decrypt on the same processors)\n")
    base, most = rows[0][1:]
    table(
        [
            "workers",
            "deliveries/s",
            "MB/s",
            "ratio",
            "CPU ns for each byte",
            "of the busiest thread",
            "what that allows",
        ],
        [
            [
                f"{workers}",
                f"{result['per_second']:,.0f}",
                f"{result['bytes'] / result['seconds'] / 1e6:,.0f}",
                ratio(result["per_second"], base["per_second"]),
                f"{result['program_cpu_s'] / result['bytes'] * 1e9:.2f}",
                f"{busy * 1e9:.2f}",
                ratio(most, busy),
            ]
            for workers, result, busy in rows
        ],
    )


def print_sessions(start_ms, count, before, after, seconds):
    print(
        f"Start: {start_ms:.0f} ms until the last port listens. {count:,} sessions came in {seconds:.1f} s and take "
        f"{mib(after - before)} MiB: {(after - before) / count:.2f} KiB for each.\n"
    )
