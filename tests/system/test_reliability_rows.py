"""Rows of the list of reliability tests that have no other test of their id. AMP_SCALE makes the long forms of those
that count."""

import os
import re
import signal

from harness.client import Client
from harness.limits import DEADLINE, Deadline, scaled
from harness.process import LEAN, SOURCE, allowed_kib
from harness.proxy import Proxy, configuration, server_entry


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def sources(*roots):
    for root in roots:
        for folder, _, names in os.walk(os.path.join(SOURCE, root)):
            yield from (os.path.join(folder, name) for name in names if name.endswith((".c", ".h")))


def test_f44_r04_every_reader_of_foreign_bytes_is_fuzzed():
    """A target with a kept corpus for each format that reads, and for what reads servers, configurations and filters."""
    formats = [
        name
        for name in os.listdir(os.path.join(SOURCE, "plugins"))
        if any(".decode =" in read(path) or ".input =" in read(path) for path in sources(f"plugins/{name}"))
    ]
    assert {"standard", "xml", "csv", "json", "http"} <= set(formats)
    for name in [*formats, "parser", "config", "event_filter", "expression"]:
        assert os.path.exists(os.path.join(SOURCE, f"tests/fuzz/fuzz_{name}.c")), name
        assert os.listdir(os.path.join(SOURCE, f"tests/fuzz/corpus/{name}")), name
    build = read("tests/fuzz/libfuzzer.cmake")
    assert "-fsanitize=fuzzer,address,undefined" in build or re.search(r"-fsanitize=\S*fuzzer", build)


def test_f44_r13_the_suite_runs_under_the_sanitizers():
    run, presets = read("tests/run.sh"), read("CMakePresets.json")
    assert '"AMP_SANITIZE": "address,undefined"' in presets and '"AMP_SANITIZE": "thread"' in presets
    assert "build dev" in run and "build tsan" in run
    listed = set(re.findall(r"^(test_\w+\.py)$", read("tests/system/threads.txt"), re.M))
    assert len(listed) >= 10 and all(os.path.exists(os.path.join(SOURCE, "tests/system", name)) for name in listed)


def test_f44_r12_churn_leaves_memory_and_descriptors_as_they_were(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, env=LEAN, log={"repeat_lines": 0})  # each line is counted here
    witness = proxy.login("dave", Events="system")

    def churn(count):
        for index in range(count):
            client = proxy.login("bill", Events="on")
            pbx.event("UserEvent", UserEvent=f"Churn{index}")
            client.read_until(Event="UserEvent", UserEvent=f"Churn{index}")
            client.reset() if index % 2 else client.close()

    def sessions():
        return sum("session opened" in line for line in proxy.lines) - sum(
            "session closed" in line for line in proxy.lines
        )

    churn(100)  # the allocator's pools are filled
    proxy.wait_until(lambda lines: sessions() == 1, "the end of all other sessions")
    growths = []
    while not growths or growths[-1] > allowed_kib(
        1024
    ):  # what leaks grows each time; a new peak of a busy machine does not
        assert len(growths) < 5, growths
        before = proxy.memory_kib(), proxy.descriptors()
        churn(scaled(300))
        proxy.wait_until(lambda lines: sessions() == 1, "the end of all other sessions")
        deadline = Deadline()
        while proxy.descriptors() > before[1]:  # a descriptor is closed just after its line in the log
            witness.fence()
            assert not deadline.passed(), (proxy.descriptors(), before[1])
        growths.append(proxy.memory_kib() - before[0])
    assert witness.ask(Action="Ping")["Response"] == "Success"


def test_f44_r32_servers_that_stall_or_have_no_name_hold_up_nobody(start_proxy, scripted, launch, tmp_path, workers):
    good, stalled = [scripted() for _ in range(3)], scripted()
    entries = [server_entry(server, f"good{index}") for index, server in enumerate(good)]
    entries += [server_entry(stalled, "stalled"), dict(server_entry(stalled, "nameless"), host="no-such-name.invalid")]
    proxy = launch(Proxy, str(tmp_path), configuration(entries, workers))
    for name in ("good0", "good1", "good2", "stalled"):
        proxy.wait_for_server(name)
    stalled.stall()
    client = proxy.login("dave", Events="call")
    client.send(Action="CoreStatus", Server="stalled", ActionID="never")
    for index in range(scaled(50)):
        server = index % 3
        good[server].event("Newchannel", Channel=f"SIP/{index}-00000001", Uniqueid=f"{index}.1")
        client.read_until(Event="Newchannel", Uniqueid=f"{index}.1")
    other = proxy.login("bill", Events="off")  # a session's own answers keep their order: another one asks
    for server in range(3):
        other.send(Action="CoreStatus", Server=f"good{server}", ActionID=str(server))
        good[server].expect(Action="CoreStatus").reply()
        assert other.response(str(server))["Response"] == "Success"
    assert other.ask(Action="CoreStatus", Server="nameless")["Response"] == "Error"


def test_f44_r37_killed_and_started_again(launch, tmp_path, pbx, workers):
    config = configuration([server_entry(pbx)], workers)
    proxy = launch(Proxy, str(tmp_path), config)
    proxy.wait_for_server("pbx1")
    client = proxy.login("dave", Events="off")
    config["listen"][0]["port"] = proxy.address[1]
    proxy.process.send_signal(signal.SIGKILL)
    proxy.process.wait(DEADLINE)
    proxy.stopped = True
    client.read_to_end()
    again = launch(Proxy, str(tmp_path), config)  # says that it listens before anything else is asked of it
    assert again.address == proxy.address
    assert again.login("dave", Events="off").ask(Action="Ping")["Response"] == "Success"
    again.wait_for_server("pbx1")


def test_f44_r47_no_time_limit_follows_the_wall_clock():
    """The clock that can be set is asked for time stamps alone: in these places, and nowhere else."""
    stamps = {
        "core/base/clock.c": r"CLOCK_REALTIME",  # clock_wall() itself
        "core/auth/revocations.c": r"revocations_write\(path, &all, \(uint64_t\)time\(NULL\)",  # the end of a token
        "core/run/reload.c": r"reload_s, \(uint64_t\)time\(NULL\)",  # the metric "when"
        "plugins/http/response.c": r"response_date\(time\(NULL\)",  # the header Date
        "plugins/http/ajam_response.c": r"response_date\(time\(NULL\)",  # the same
    }
    for path in sources("core", "plugins"):
        name, text = os.path.relpath(path, SOURCE), read(path)
        found = re.findall(r"\btime\(NULL\)|\bCLOCK_REALTIME\b|\bgettimeofday\b", text)
        allowed = re.findall(stamps[name], text) if name in stamps else []
        assert len(found) == len(allowed), f"{name}: {found}"
    for path in sources("core"):
        if "clock_wall(" in read(path):
            assert os.path.relpath(path, SOURCE) in {
                "core/base/clock.c",
                "core/base/clock.h",
                "core/base/log.c",
                "core/base/log_socket.c",
                "core/base/audit_text.c",
                "core/exports/post.c",  # what is signed
                "core/auth/revocations.c",  # the end of tokens, in the three that follow, too
                "core/session/access/by_token.c",
                "core/session/scripting/token_host.c",
                "core/session/connection/local_actions.c",
                "core/hub/cluster_beat.c",  # for people, and which process of a node is the younger
                "core/script/amp.c",
                "core/server/describe.c",  # since when, for people
                "core/hub/certificates.c",  # the end of certificates
            }, path


def test_f44_r49_many_connects_starve_nobody(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"unauthenticated": 10000})
    witness = proxy.login("dave", Events="call")
    for round_number in range(scaled(20)):
        crowd = [Client(proxy.address) for _ in range(25)]
        pbx.event("Newchannel", Channel="SIP/1-00000001", Uniqueid=f"{round_number}.1")
        witness.read_until(Event="Newchannel", Uniqueid=f"{round_number}.1")
        for client in crowd:
            assert client.banner.startswith("Asterisk Call Manager/")
            client.reset()
    deadline = Deadline()
    assert proxy.login("bill", Events="off").ask(Action="Ping")["Response"] == "Success" and not deadline.passed()


def test_f44_r24_many_slow_clients_stay_within_a_bound_of_memory(start_proxy, pbx):
    """What they have not read is kept once for all, and no longer than `limits.output_backlog` allows."""
    proxy = start_proxy(
        {"pbx1": pbx}, limits={"output_backlog": "1MiB", "sessions": 1000, "per_user": 0}, log={"repeat_lines": 0}
    )
    slow = [proxy.login("dave", receive_buffer=4096, Events="call") for _ in range(scaled(100))]
    witness = proxy.login("bill", Events="off")
    before = proxy.memory_kib()
    event = (
        b"Event: Newchannel\r\nPrivilege: call,all\r\nChannel: SIP/1-00000001\r\nPadding: " + b"x" * 900 + b"\r\n\r\n"
    )
    for _ in range(64):
        pbx.send_raw(event * 256)  # 16 MiB in all
        assert witness.ask(Action="Ping")["Response"] == "Success"
    assert proxy.memory_kib() - before <= allowed_kib(64 * 1024)
    proxy.wait_until(
        lambda lines: sum('reason="slow client"' in line for line in lines) >= len(slow), "the end of the slow clients"
    )
    assert proxy.login("dave", Events="off").ask(Action="Ping")["Response"] == "Success"
