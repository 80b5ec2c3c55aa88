"""What ampctl shows an operator of servers, sessions and filters, and what they change."""

import json

import pytest

from harness import ctl
from harness.limits import Deadline, poll
from harness.process import SOURCE, readable
from harness.proxy import USERS
from harness.steering import ADMINS, at_terminal
from harness.web import ALL_PLUGINS


def listed(proxy, *arguments):
    result = ctl.run("-c", proxy.config, *arguments, "--json")
    assert result.code == 0, result
    return json.loads(result.out)


def server_of(proxy, name="pbx1"):
    return next(each for each in listed(proxy, "servers") if each["name"] == name)


# -- servers


def test_why_a_server_is_down_since_when_and_when_it_is_tried_again(steered, scripted):
    other = scripted()
    other.refuse_connections = True
    proxy = steered({"pbx1": scripted(), "pbx2": other}, up=["pbx1"], retry={"interval": "20s", "max_interval": "30s"})
    down = server_of(proxy, "pbx2")
    assert down["status"] == "down" and down["reason"] != ""
    assert 0 < down["next_try_ms"] <= 20000 and down["lanes"] == 0 and down["round_trip_us"] is None
    up = server_of(proxy, "pbx1")
    assert up["status"] == "up" and up["reason"] == "" and up["next_try_ms"] is None and up["lanes"] == 1
    assert abs(up["since"] - down["since"]) < 120


def test_a_server_that_refuses_the_login_says_so(steered, scripted):
    other = scripted()
    other.refuse_login = True
    proxy = steered({"pbx1": scripted(), "pbx2": other}, up=["pbx1"])
    assert poll(lambda: server_of(proxy, "pbx2")["reason"] == "Authentication failed")


def test_round_trip_actions_in_flight_and_counts(steered, pbx):
    proxy = steered()
    client = proxy.login("dave", Events="off")
    for _ in range(3):
        client.send(Action="CoreStatus")
    asked = pbx.expect_all(3)
    shown = server_of(proxy)
    assert shown["in_flight"] == 3 and shown["waiting"] == 0
    for action in asked:
        action.reply("Success")
    assert poll(lambda: server_of(proxy)["actions_answered"] - shown["actions_answered"] == 3)
    pbx.event("Newchannel", Channel="x")
    assert poll(lambda: server_of(proxy)["events_seen"] > shown["events_seen"])


def test_round_trip_of_the_last_ping(start_proxy, pbx, steered):
    proxy = steered(more={"ping_interval": "1s"})
    assert poll(lambda: (server_of(proxy)["round_trip_us"] or 0) > 0)


def test_drain_and_resume(steered, scripted):
    first, second = scripted(), scripted()
    proxy = steered({"pbx1": first, "pbx2": second})
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="before")
    waiting = first.expect(Action="CoreStatus")
    result = ctl.run("-c", proxy.config, "server", "drain", "pbx1")
    assert result.code == 0 and result.out == "Drained pbx1\n"
    assert server_of(proxy)["status"] == "drained"
    waiting.reply("Success")
    assert client.response("before")["Response"] == "Success"  # what is in flight is answered

    client.send(Action="CoreStatus", ActionID="other")
    second.expect(Action="CoreStatus").reply("Success")
    assert client.response("other")["Response"] == "Success"
    assert client.ask(Action="CoreStatus", Server="pbx1")["Message"] == "Server pbx1 is drained"
    assert ctl.run("-c", proxy.config, "server", "drain", "pbx2").code == 0
    assert client.ask(Action="CoreStatus")["Message"] == "Every server that is up is drained"
    watcher = proxy.login("bill")
    first.event("Newchannel", Channel="still")
    watcher.read_until(Event="Newchannel", Channel="still")  # its events go on

    again = ctl.run("-c", proxy.config, "server", "drain", "pbx1")
    assert again.code == 1 and "Server pbx1 is drained already" in again.err
    assert ctl.run("-c", proxy.config, "reload").code in (0, 1)
    assert server_of(proxy)["status"] == "drained"  # a reload that keeps its entry keeps this
    assert ctl.run("-c", proxy.config, "server", "resume", "pbx1").code == 0
    client.send(Action="CoreStatus", ActionID="last")
    first.expect(Action="CoreStatus").reply("Success")
    assert client.response("last")["Response"] == "Success"
    assert "There is no server pbx9" in ctl.run("-c", proxy.config, "server", "resume", "pbx9").err
    assert ctl.run("-c", proxy.config, "server", "stop", "pbx1").code == 2


# -- sessions


def test_age_rate_backlog_format_and_last_action(steered, pbx):
    proxy = steered()
    bill = proxy.login("bill", Events="off")
    bill.send(Action="QueueStatus")
    pbx.expect(Action="QueueStatus")
    proxy.login("caller", Events="off").ask(ProxyAction="SetOutputFormat", OutputFormat="standard")
    sessions = {each["user"]: each for each in listed(proxy, "sessions")}
    assert sessions["bill"]["last_action"] == "QueueStatus" and sessions["bill"]["in_flight"] == 1
    assert sessions["caller"]["last_action"] == "SetOutputFormat" and sessions["caller"]["last_action_age"] < 60
    assert sessions["dave"]["last_action"] == "SessionStatus"
    assert sessions["bill"]["output"] == "standard" and sessions["bill"]["sent"] > 0
    assert sessions["bill"]["backlog"] == 0 and sessions["bill"]["slow"] == "no" and sessions["bill"]["age"] < 600


def test_a_client_that_does_not_read_has_a_backlog(steered, pbx):
    proxy = steered(limits={"output_backlog": "64MiB"})
    proxy.login("bill", receive_buffer=4096)

    def backlog():
        for number in range(200):
            pbx.event("Filler", Number=number, Text="x" * 5000)
        return [each for each in listed(proxy, "sessions") if each["user"] == "bill" and each["backlog"] > 1 << 20]

    assert poll(backlog)
    assert poll(lambda: any(each["slow"] == "yes" for each in listed(proxy, "sessions") if each["user"] == "bill"))


def test_reports_are_for_admins_and_others_get_the_lists(steered):
    proxy = steered()
    caller = proxy.login("caller", Events="off")
    actions = ["ServerStatus", "SessionStatus", "ScriptStatus", "DrainServer", "ResumeServer", "ReleaseFilter"]
    for action in [*actions, "SetLogLevel", "UnlockAddress"]:
        answer = caller.ask(ProxyAction=action, Server="pbx1", Level="trace", Filter="x", Address="127.0.0.1")
        assert "Response: Error" in answer.text and answer["Message"] == "Permission denied", action
    rows = ctl.run("-c", proxy.config, "-u", "caller", "servers").rows
    assert [row[:2] for row in rows] == [["pbx1", "up"]]


def test_wrong_arguments_of_the_reports(steered):
    dave = steered().login("dave", Events="off")
    for arguments, text in [
        ({"Sort": "speed"}, "Sort: expected newest, traffic or backlog"),
        ({"Most": "0"}, "Most: expected a number from 1 to 400"),
        ({"Most": "401"}, "Most: expected a number from 1 to 400"),
        ({"Before": "x"}, "Before: expected a session's number"),
        ({"Before": "99999999999999999999"}, "Before: expected a session's number"),
    ]:
        assert dave.ask(ProxyAction="SessionStatus", **arguments)["Message"] == text


# -- filters, the log, failed logins


@pytest.fixture
def failing(steered, tmp_path):
    """A proxy whose filter fails for bill at once, and for good until it is released."""
    folder = tmp_path / "own" / "filters"
    folder.mkdir(parents=True)
    (folder / "broken.lua").write_text('return { events = { "Bad" }, message = function(m) error("so it is") end }\n')
    scripts = {"path": [readable(str(tmp_path / "own")), readable(f"{SOURCE}/lua")], "quarantine": 3}
    users = [dict(user, filters=["broken"]) if user["name"] == "bill" else user for user in ADMINS]
    return steered(scripts=scripts, users=users)


def filter_of(proxy, name):
    return next(each for each in listed(proxy, "filters") if each["name"] == name)


def test_filters_and_the_end_of_a_quarantine(failing, pbx, workers):
    proxy = failing
    assert filter_of(proxy, "broken")["state"] == "active" and filter_of(proxy, "broken")["uses"] == workers
    assert all(each["kind"] == "filter" for each in listed(proxy, "filters"))
    proxy.login("bill")

    def stands_still():
        pbx.event("Bad")
        return filter_of(proxy, "broken")["state"] == "quarantined"

    assert poll(stands_still)
    shown = filter_of(proxy, "broken")
    assert shown["errors"] >= 3 and shown["quarantined"] == 1
    result = ctl.run("-c", proxy.config, "filters", "release", "broken")
    assert result.code == 0 and result.out == "Released broken\n"
    assert filter_of(proxy, "broken")["state"] == "active"
    again = ctl.run("-c", proxy.config, "filters", "release", "broken")
    assert again.code == 1 and "No filter of that name is in quarantine" in again.err
    assert poll(stands_still)  # it fails as before
    assert ctl.run("-c", proxy.config, "filters", "nonsense").code == 2


def test_level_of_the_log(steered, pbx):
    proxy = steered(log={"level": "info"})
    assert ctl.run("-c", proxy.config, "log", "debug").out == "The log's level is debug\n"
    proxy.login("bill", Events="off")
    assert (
        proxy.wait_until(lambda lines: any(" debug session=" in line for line in lines), "a line of debug") is not False
    )
    assert ctl.run("-c", proxy.config, "log", "ERROR").code == 0
    assert sum("log level changed to=" in line for line in proxy.lines) == 2
    assert ctl.run("-c", proxy.config, "log", "loud").code == 1


def test_unlock(steered):
    proxy = steered(auth={"failures_per_minute": 2})
    for _ in range(2):
        assert proxy.connect().login("bill", "wrong")["Response"] == "Error"
    locked = proxy.connect().login("bill", next(user["secret"] for user in USERS if user["name"] == "bill"))
    assert "Too many failed logins" in locked["Message"]
    assert ctl.run("-c", proxy.config, "unlock", "192.0.2.1").code == 1
    result = ctl.run("-c", proxy.config, "unlock", "127.0.0.1")
    assert result.code == 0 and result.out == "Unlocked 127.0.0.1\n"
    proxy.login("bill").close()
    assert "expected an IPv4 or IPv6 address" in ctl.run("-c", proxy.config, "unlock", "localhost").err


def test_json_everywhere(steered):
    proxy = steered()
    for arguments in (
        ["server", "drain", "pbx1"],
        ["server", "resume", "pbx1"],
        ["log", "debug"],
        ["drop", "pbx1"],
    ):
        shown = listed(proxy, *arguments)
        assert "Success" in (shown.get("Response"), shown.get("ProxyResponse")) and shown["Message"], shown


def test_tables_for_people(steered, started):
    proxy = steered(plugins=ALL_PLUGINS)
    lines = at_terminal(started, "-c", proxy.config, "servers").out.splitlines()
    assert lines[0].split()[:8] == ["NAME", "STATUS", "ADDRESS", "HOST", "PORT", "USER", "EVENTS", "FOR"]
    assert "NODE" not in lines[0] and "NEXT TRY" not in lines[0] and "REASON" not in lines[0]  # nothing to tell
    lines = at_terminal(started, "-c", proxy.config, "sessions").out.splitlines()
    assert "AGE" in lines[0] and "LAST ACTION" in lines[0] and " B/s " in lines[1] + lines[-1]


def at_80_columns(started, proxy, *arguments):
    return (
        started(ctl.Terminal, "-c", proxy.config, *arguments, env=ctl.environment(NO_COLOR="1"), width=80).finish().out
    )


def test_tables_fit_a_narrow_terminal(steered, started, pbx, scripted):
    """Columns that matter least are left out, and named."""
    down = scripted()
    down.refuse_login = True
    proxy = steered(
        {"pbx-in-the-first-place": pbx, "pbx2": down}, up=["pbx-in-the-first-place"], scripts={"filters": ["novar"]}
    )
    for command, first, last, gone in (
        ("servers", "NAME STATUS", "REASON", "ADDRESS"),
        ("sessions", "SESSION USER ADDRESS", "LAST ACTION", "INPUT"),
        ("filters", "NAME STATE", "QUARANTINED", "KIND"),
    ):
        text = at_80_columns(started, proxy, command)
        lines = text.splitlines()
        assert max(map(len, lines)) <= 80, text
        heading = " ".join(lines[0].split())
        assert heading.startswith(first) and last in heading and lines[-1].startswith(f"(no room for: {gone}")
    wide = started(ctl.Terminal, "-c", proxy.config, "servers", width=200).finish().out
    assert "ADDRESS" in wide and "no room" not in wide


def test_nothing_is_left_out_of_an_empty_table(steered, started):
    assert at_80_columns(started, steered(), "filters") == ""


# -- top


def pictures(proxy, count, started, *arguments):
    running = started(ctl.Started, "-c", proxy.config, "top", "--json", *arguments)
    deadline = Deadline()
    while running.out.data.count(b"\n") < count and not deadline.passed():
        running.out.fill(0.1)
    running.interrupt()
    result = running.finish()
    assert result.code == 0 and result.err == "", result
    return [json.loads(line) for line in result.out.splitlines()]


def test_top_shows_rates_between_two_pictures(failing, pbx, started):
    proxy = failing
    bill = proxy.login("bill")
    for number in range(50):
        pbx.event("Filler", Number=number)
    bill.read_until(Event="Filler", Number="49")
    first, second, *_ = pictures(proxy, 2, started)
    assert first["servers"][0]["name"] == "pbx1" and first["servers"][0]["events_per_second"] > 0
    assert second["servers"][0]["events_per_second"] == 0 and 0.5 < second["seconds"] < 60
    assert first["sessions"][0]["user"] == "bill" and first["sessions_logged_in"] == 2  # who was sent most comes first
    assert [each["name"] for each in second["scripts"] if each["kind"] == "filter"] == ["broken"]
    assert second["scripts"][0]["cpu_ms_per_second"] >= second["scripts"][-1]["cpu_ms_per_second"]


def test_top_is_one_screen_with_the_slow_in_front(steered, started, pbx):
    """A client that does not read is sent nothing, and is what an operator looks for among busy ones."""
    proxy = steered(plugins=ALL_PLUGINS, limits={"output_backlog": "64MiB"})
    proxy.login("bill", receive_buffer=4096)
    watchers = [proxy.login("dave") for _ in range(20)]

    def lag():
        for _ in range(100):
            pbx.event("Filler", Text="x" * 5000)
        pbx.event("Mark")
        for watcher in watchers:
            watcher.read_until(Event="Mark")
        return any(each["slow"] == "yes" for each in listed(proxy, "sessions"))

    assert poll(lag)
    text = at_80_columns(started, proxy, "top", "--interval", "0").removeprefix("\x1b[H\x1b[2J")
    lines = text.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("SESSION"))
    assert lines[place + 1].split()[1] == "bill" and " yes " in lines[place + 1], text
    assert max(map(len, lines)) <= 80 and len(lines) == 23, text  # of 24: the cursor is on the last one


def test_top_once_and_at_a_terminal(steered, started):
    proxy = steered()
    result = ctl.run("-c", proxy.config, "top", "--interval", "0")
    assert result.code == 0 and result.out.splitlines()[1] == "(means since the start)"
    shown = at_terminal(started, "-c", proxy.config, "top", "--interval", "0").out
    assert shown.startswith("\x1b[H\x1b[2Jup ") and "EVENTS/S" in shown and "BYTES/S" in shown and "CPU MS/S" in shown
    denied = ctl.run("-c", proxy.config, "-u", "caller", "top")
    assert denied.code == 1 and "Permission denied" in denied.err
