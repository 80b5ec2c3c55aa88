"""A reload changes scripts, users and servers; what fails to load changes nothing; scripts that wait meanwhile."""

import os

import pytest

from harness.process import allowed_kib
from harness.proxy import USERS, write_configuration


def users(**filters):
    """The test's users, those named with filters."""
    return [dict(user, filters=filters[user["name"]]) if user["name"] in filters else user for user in USERS]


def admin():
    return [dict(user, admin=user["name"] == "dave") for user in USERS]


# --- reload


def test_r10_reload_keeps_sessions_and_changes_their_filters(reloadable, pbx):
    proxy, change = reloadable(users=admin())
    dave, bill = proxy.login("dave", Events="call"), proxy.login("bill", Events="call")
    change(users=users(bill=["novar", {"drop": {"events": ["Hangup"]}}]))
    proxy.hang_up()
    pbx.event("Hangup", Channel="SIP/1")
    pbx.event("Newchannel", Channel="SIP/2")
    assert [dave.read_message()["Event"] for _ in range(2)] == ["Hangup", "Newchannel"]
    assert bill.read_message()["Event"] == "Newchannel"
    assert pbx.accepted == 1  # the server's entry is the same: its connection stays


def test_reload_by_proxy_action_and_its_answer(reloadable, pbx):
    proxy, change = reloadable(users=admin())
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    assert bill.ask(ProxyAction="Reload")["Message"] == "Permission denied"
    change(users=[dict(user, admin=True) for user in USERS if user["name"] != "bill"])
    answer = dave.ask(ProxyAction="Reload")
    assert "Success" in (answer.get("ProxyResponse"), answer.get("Response"))
    assert bill.read_to_end() == []  # its user was removed
    assert dave.ask(Action="Ping")["Ping"] == "Pong"


@pytest.mark.parametrize("broken", ["key", "script", "listen"])
def test_r11_wrong_reload_changes_nothing(reloadable, pbx, broken, scripts):
    root = scripts(filter_bad="return { message = function(m) this is no Lua end }")
    proxy, change = reloadable(users=users(dave=["novar"]), scripts={"path": root})
    dave = proxy.login("dave", Events="dialplan,call")
    if broken == "key":
        change(limits={"nonsense": 1}, users=admin())
    elif broken == "script":
        change(users=users(bill=["bad"]), scripts={"path": root})
    else:
        change(listen={"address": "192.0.2.1"})  # not an address of this machine
    proxy.hang_up("configuration not reloaded")
    if broken == "script":
        proxy.wait_for_line("bad.lua:1:")
    pbx.event("VarSet", "dialplan,all", Variable="X")
    pbx.event("Newchannel", Channel="SIP/2")
    assert dave.read_message()["Event"] == "Newchannel"


def test_reload_exchanges_servers(reloadable, pbx, scripted):
    second = scripted()
    proxy, change = reloadable(users=admin())
    dave = proxy.login("dave", Events="system")
    change(servers={"pbx2": second}, users=admin())
    proxy.hang_up()
    events = [dave.read_until(Event="ServerDown")["Server"], dave.read_until(Event="ServerUp")["Server"]]
    assert events == ["pbx1", "pbx2"]
    pbx.wait(lambda: pbx.logoffs == 1 and pbx.connections == [], "its Logoff")


def test_script_that_does_not_load_stops_the_start(start_proxy, pbx, scripts, tmp_path):
    import subprocess

    from harness.proxy import BINARY, configuration

    root = scripts(filter_bad="return { mesage = function(m) return true end }")
    path = str(tmp_path / "bad.yaml")
    write_configuration(path, configuration([], users=users(dave=["bad"]), scripts={"path": root}))
    result = subprocess.run([BINARY, "-t", "-c", path], capture_output=True, text=True, timeout=20)
    assert result.returncode == 1 and "bad.lua" in result.stderr and "mesage" in result.stderr


WAITS = """
    return { name = "Waits", summary = "x", run = function(a, reply)
      local got = amp.call{ Action = "CoreStatus" }
      reply:ok{ Got = tostring(got.ok), Reason = got.reason }
    end }
"""


def test_reload_while_a_script_waits(reloadable, pbx, scripts):
    """What waits goes on in the old scripts; what comes after it runs in the new ones."""
    root = scripts(action_waits=WAITS)
    waiting = {"path": root, "proxy_actions": ["stock", "waits"]}
    proxy, change = reloadable(users=admin(), scripts=waiting)
    dave = proxy.login("dave", Events="off")
    dave.send(ProxyAction="Waits", ActionID="w")
    dave.send(Action="Ping", ActionID="p")
    question = pbx.expect(Action="CoreStatus")
    change(users=admin(), scripts=waiting)
    proxy.hang_up()
    question.reply()
    assert dave.response("w")["Got"] == "true"
    assert dave.response("p")["Ping"] == "Pong"


JUDGES = """
    return { message = function(m) end, action = function(a)
      if a.Action == "QueueSummary" then return amp.call{ Action = "CoreSettings" }.ok end
    end }
"""


def test_reloads_while_a_filter_judges_an_action(reloadable, pbx, scripts):
    """The new scripts judge it again; reloads that come faster than a verdict do not hold it up for ever."""
    section = {"path": scripts(filter_judges=JUDGES)}
    judged = [dict(user, filters=["judges"]) if user["name"] == "bill" else user for user in admin()]
    proxy, change = reloadable(users=judged, scripts=section)
    change(users=judged, scripts=section)
    bill = proxy.login("bill", Events="off")
    bill.send(Action="QueueSummary", ActionID="once")
    pbx.expect(Action="CoreSettings")
    proxy.hang_up()
    pbx.expect(Action="CoreSettings").reply()
    question = pbx.expect(Action="QueueSummary")
    question.start_list()
    question.end_list("QueueSummaryComplete", 0)
    assert bill.response("once")["Response"] == "Success"
    bill.read_until(Event="QueueSummaryComplete")
    bill.send(Action="QueueSummary", ActionID="often")
    for _ in range(10):
        pbx.expect(Action="CoreSettings")
        proxy.hang_up()
    answer = bill.response("often")
    assert answer["Response"] == "Error" and "reloaded again and again" in answer["Message"]
    assert bill.ask(Action="Ping")["Ping"] == "Pong"


def test_r46_many_reloads_keep_nothing(reloadable, pbx):
    """Old scripts are let go of, sessions and the server's connection stay, memory is flat."""
    options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"  # what was freed would grow to 256 MiB
    proxy, change = reloadable(users=admin(), env=dict(os.environ, ASAN_OPTIONS=options))
    dave = proxy.login("dave", Events="call")
    change(users=users(dave=["novar", "mask"]))
    for _ in range(20):
        proxy.hang_up()
    before = proxy.memory_kib()
    for _ in range(60):
        proxy.hang_up()
    pbx.event("Newchannel", Channel="SIP/1")
    assert dave.read_message()["Channel"] == "SIP/1"
    assert pbx.accepted == 1
    assert proxy.memory_kib() <= before + allowed_kib(3072)  # what is kept shows at once: a state is 100 KiB
