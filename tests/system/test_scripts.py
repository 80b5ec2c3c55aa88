"""Lua in the running program: filters of users, judgement of actions, proxy actions, and reload."""

import pytest

from harness.process import allowed_kib, delays_signals
from harness.proxy import PROXY_KEY, USERS, write_configuration
from harness.web import ALL_PLUGINS, Web, basic, listeners


def users(**filters):
    """The test's users, those named with filters."""
    return [dict(user, filters=filters[user["name"]]) if user["name"] in filters else user for user in USERS]


def admin():
    return [dict(user, admin=user["name"] == "dave") for user in USERS]


# --- filters


def test_stock_filter_of_one_user(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=users(dave=["novar"]))
    dave, bill = proxy.login("dave", Events="dialplan,call"), proxy.login("bill", Events="dialplan,call")
    pbx.event("VarSet", "dialplan,all", Variable="X", Value="1")
    pbx.event("Newchannel", Channel="SIP/1")
    assert dave.read_message()["Event"] == "Newchannel"
    assert [bill.read_message()["Event"] for _ in range(2)] == ["VarSet", "Newchannel"]


def test_global_filters_come_before_the_users_own(start_proxy, pbx, scripts):
    root = scripts(
        filter_first='return { message = function(m) m.Trace = "first" return true end }',
        filter_second='return { message = function(m) m.Trace = m.Trace .. ",second" return true end }',
    )
    proxy = start_proxy({"pbx1": pbx}, users=users(dave=["second"]), scripts={"path": root, "filters": ["first"]})
    dave, bill = proxy.login("dave", Events="call"), proxy.login("bill", Events="call")
    pbx.event("Newchannel", Channel="SIP/1")
    assert dave.read_message()["Trace"] == "first,second"
    assert bill.read_message()["Trace"] == "first"


def test_options_and_formats(start_proxy, pbx):
    """One verdict for all formats of a user; each user's options are its own."""
    formats = {"load": ["xml", "json", "csv", "standard"]}
    proxy = start_proxy(
        {"pbx1": pbx},
        plugins=formats,
        up=[],
        users=users(dave=[{"only": {"events": ["Newchannel", "Queue*"]}}], bill=[{"drop": {"events": ["Newchannel"]}}]),
    )
    proxy.wait_for_server(user="caller")  # who sees its ServerUp
    dave, other, bill = (proxy.login(name, Events="call,agent") for name in ("dave", "dave", "bill"))
    other.send(ProxyAction="SetOutputFormat", OutputFormat="json")
    for name in ("Newchannel", "Hangup", "QueueCallerJoin", "Newstate"):
        pbx.event(name, "call,agent,all", Channel="SIP/1")
    assert [dave.read_message()["Event"] for _ in range(2)] == ["Newchannel", "QueueCallerJoin"]
    assert [bill.read_message()["Event"] for _ in range(3)] == ["Hangup", "QueueCallerJoin", "Newstate"]
    assert dave.fence() == [] and bill.fence() == []
    while other.buffer.count(b"\n") < 3:
        other._fill(__import__("harness.limits", fromlist=["Deadline"]).Deadline(), "three lines")
    assert [b'"Newchannel"' in other.buffer, b'"QueueCallerJoin"' in other.buffer, b'"Hangup"' in other.buffer] == [
        True,
        True,
        False,
    ]


def test_failing_filter_withholds_and_tells(start_proxy, pbx, scripts):
    root = scripts(
        filter_broken='return { events = { "Newchannel" }, otherwise = true, '
        "message = function(m) return nothing.here end }"
    )
    proxy = start_proxy({"pbx1": pbx}, users=users(dave=["broken"]), scripts={"path": root}, up=["pbx1"])
    dave = proxy.login("dave", Events="call")
    pbx.event("Newchannel", Channel="SIP/secret")
    pbx.event("Hangup", Channel="SIP/1")
    assert dave.read_message()["Event"] == "Hangup"
    proxy.wait_until(
        lambda lines: any("broken" in line and ":1:" in line for line in lines), "the script's name and line"
    )


@pytest.mark.skipif(delays_signals(), reason="the thread sanitizer delays the signal that ends the script")
def test_r09_endless_filter_is_ended(start_proxy, pbx, scripts):
    root = scripts(filter_endless="return { message = function(m) while true do end end }")
    proxy = start_proxy({"pbx1": pbx}, users=users(dave=["endless"]), scripts={"path": root}, up=[])
    proxy.wait_for_server(user="bill")
    dave, bill = proxy.login("dave", Events="call"), proxy.login("bill", Events="call")
    pbx.event("Newchannel", Channel="SIP/1")
    assert bill.read_message()["Channel"] == "SIP/1"
    assert dave.fence() == []


# --- judgement of actions

JUDGE = """
    return { action = function(a, session)
      if a.Action == "Originate" then return false, "Not at night" end
      if a.Action == "Setvar" then a.Value = "changed" end
      if a.Action == "Redirect" then
        local got = amp.call{ Action = "CoreStatus" }
        return got.ok, "no status"
      end
      return true
    end }
"""


def test_actions_are_judged_changed_and_refused(start_proxy, pbx, scripts):
    proxy = start_proxy({"pbx1": pbx}, users=users(dave=["judge"]), scripts={"path": scripts(filter_judge=JUDGE)})
    dave = proxy.login("dave", Events="off")
    refused = dave.ask(Action="Originate", Channel="SIP/1")
    assert refused["Response"] == "Error" and refused["Message"] == "Not at night"
    dave.send(Action="Setvar", Variable="x", Value="mine", ActionID="s")
    action = pbx.expect(Action="Setvar")
    assert action["Value"] == "changed"
    action.reply()
    assert dave.response("s")["Response"] == "Success"
    assert [action["Action"] for action in pbx.actions] == []


def test_judgement_may_ask_the_server_and_order_stays(start_proxy, pbx, scripts):
    proxy = start_proxy({"pbx1": pbx}, users=users(dave=["judge"]), scripts={"path": scripts(filter_judge=JUDGE)})
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    dave.send(Action="Redirect", Channel="SIP/1", ActionID="1")
    dave.send(Action="Ping", ActionID="2")
    question = pbx.expect(Action="CoreStatus")
    assert bill.ask(Action="Ping")["Ping"] == "Pong"  # the loop is free meanwhile
    assert not [action for action in pbx.actions if action["Action"] == "Redirect"]
    question.reply()
    pbx.expect(Action="Redirect").reply()
    assert [dave.read_message()["ActionID"] for _ in range(2)] == ["1", "2"]


def test_session_that_leaves_while_it_is_judged(start_proxy, pbx, scripts):
    proxy = start_proxy({"pbx1": pbx}, users=users(dave=["judge"]), scripts={"path": scripts(filter_judge=JUDGE)})
    dave = proxy.login("dave", Events="off")
    dave.send(Action="Redirect", Channel="SIP/1", ActionID="1")
    question = pbx.expect(Action="CoreStatus")
    dave.reset()
    proxy.wait_until(
        lambda lines: any("session closed" in line and "user=dave" in line for line in lines[-3:]), "its end"
    )
    question.reply()
    assert proxy.login("bill", Events="off").ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert pbx.actions == []


# --- proxy actions


def test_c33_list_sessions_and_servers(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=admin())
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    answer = dave.ask(ProxyAction="ListSessions")
    assert answer.headers[0] == ("ProxyResponse", "Success")
    assert answer.all("ProxyClientSession") == ["127.0.0.1"] * 2
    assert set(answer.all("ProxyClientUser")) == {"dave", "bill"}
    assert answer.all("ProxyServerSession") == ["127.0.0.1"]
    assert bill.ask(ProxyAction="ListSessions").all("ProxyClientUser") == ["bill"]
    dave.send(ProxyAction="ListServers")
    lines = dave.read_message().text.split("\n")
    assert lines[1] == f"ProxyListServer I: 127.0.0.1 H: 127.0.0.1 U: proxy P: {pbx.address[1]} E: on "  # C36


def test_c34_autofilter_is_answered_by_its_number(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    dave = proxy.login("dave", Events="off")
    assert [
        dave.ask(ProxyAction="SetAutoFilter", AutoFilter=word)["AutoFilter"] for word in ("off", "on", "unique", "On")
    ] == ["0", "1", "2", "1"]


def test_c39_servers_are_added_and_dropped_by_admins(start_proxy, pbx, scripted, localhost):
    second = scripted()
    proxy = start_proxy({"pbx1": pbx}, users=admin())
    dave, bill = proxy.login("dave", Events="system"), proxy.login("bill", Events="off")
    assert bill.ask(ProxyAction="DropServer", Server="pbx1")["Message"] == "Permission denied"
    added = dave.ask(
        ProxyAction="AddServer",
        Server=localhost,
        Port=str(second.address[1]),
        Username="proxy",
        Secret=second.secret,
        Events="on",
    )
    assert added["ProxyResponse"] == "Success" and added["Message"] == "Added localhost"
    dave.read_until(Event="ServerUp", Server="localhost")
    dave.send(Action="CoreStatus", Server="localhost", ActionID="s")
    status = second.expect(Action="CoreStatus")
    dropped = bill.ask(ProxyAction="ListServers")
    assert dropped.text.count("ProxyListServer") == 2
    other = proxy.login("dave", Events="off")
    assert other.ask(ProxyAction="AddServer", Server="localhost")["ProxyResponse"] == "Failure"
    assert other.ask(ProxyAction="DropServer", Server="localhost")["Message"] == "Dropped localhost"
    lost = dave.response("s")
    assert lost["Response"] == "Error" and status is not None
    assert dave.ask(ProxyAction="DropServer", Server="localhost")["ProxyResponse"] == "Failure"
    second.wait(lambda: second.connections == [], "the end of its connections")
    dave.send(Action="CoreStatus", ActionID="first")
    pbx.expect(Action="CoreStatus").reply()
    assert dave.response("first")["Response"] == "Success"


COUNT = """
    return { name = "CountCalls", summary = "Counts", run = function(a, reply, session)
      local asked = {}
      for _, s in ipairs(amp.servers()) do
        if s.up then asked[#asked + 1] = { server = s.name, Action = "CoreShowChannels" } end
      end
      local count = 0
      for _, got in ipairs(amp.call_all(asked)) do
        if not got.ok then return reply:error(got.reason) end
        for e in got:events("CoreShowChannel") do count = count + 1 end
      end
      reply:ok{ Calls = count }
    end }
"""


def test_proxy_action_that_asks_all_servers(start_proxy, scripted, scripts):
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    proxy = start_proxy(
        servers, scripts={"path": scripts(action_countcalls=COUNT), "proxy_actions": ["stock", "countcalls"]}
    )
    dave = proxy.login("dave", Events="off")
    dave.send(ProxyAction="CountCalls", ActionID="c")
    dave.send(Action="Ping", ActionID="p")
    for number, pbx in enumerate(servers.values(), 1):
        action = pbx.expect(Action="CoreShowChannels")
        action.start_list()
        for _ in range(number):
            action.item("CoreShowChannel", Channel="SIP/1")
        action.end_list("CoreShowChannelsComplete", number)
    answer = dave.read_message()
    assert answer["ActionID"] == "c" and answer["Calls"] == "3"
    assert dave.read_message()["ActionID"] == "p"


def test_failing_proxy_action_answers_error(start_proxy, pbx, scripts):
    root = scripts(action_broken='return { name = "Broken", summary = "x", run = function() error({}) end }')
    proxy = start_proxy({"pbx1": pbx}, scripts={"path": root, "proxy_actions": ["stock", "broken"]})
    dave = proxy.login("dave", Events="off")
    answer = dave.ask(ProxyAction="Broken")
    assert "Error" in (answer.get("Response"), answer.get("ProxyResponse")) and "lua" not in answer.text
    assert dave.ask(Action="Ping")["Ping"] == "Pong"


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


def test_f39_where_the_servers_are_is_for_admins(start_proxy, pbx, scripted):
    """Names and states for all, addresses and accounts for admins and the ProxyKey alone, in every list and message."""
    second = scripted(fully_booted=True)
    proxy = start_proxy({"pbx1": pbx, "pbx2": second}, users=admin(), auth={"proxy_key": PROXY_KEY})
    secrets = ["127.0.0.1", str(pbx.address[1]), str(second.address[1]), " U: proxy"]
    place = f"ProxyListServer I: 127.0.0.1 H: 127.0.0.1 U: proxy P: {pbx.address[1]} E: on "
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="system")
    bill.fence()
    assert place in dave.ask(ProxyAction="ListServers").text
    assert "ProxyServerSession: 127.0.0.1" in dave.ask(ProxyAction="ListSessions").text
    shown = bill.ask(ProxyAction="ListServers").text
    assert shown.splitlines()[2:] == [
        f"ProxyListServer I: {name} H: {name} U: - P: - E: - S: up " for name in ("pbx1", "pbx2")
    ]
    second.go_down()
    down = bill.read_until(Event="ServerDown", Server="pbx2")
    shown += down.text + bill.ask(ProxyAction="ListServers").text + bill.ask(ProxyAction="Stats").text
    shown += bill.ask(Action="CoreStatus", Server="pbx2").text + bill.ask(Action="CoreStatus", Server="nowhere").text
    assert "H: pbx2 U: - P: - E: - S: down " in shown
    sessions = bill.ask(ProxyAction="ListSessions").text
    shown += sessions.split("ProxyServerSession", 1)[1]  # in front of it stands the user's own address
    assert "ProxyServerName: pbx2\nProxyServerStatus: down" in sessions
    assert [secret for secret in secrets if secret in shown] == []
    keyed = proxy.connect()
    assert place in keyed.ask(ProxyAction="ListServers", ProxyKey=PROXY_KEY).text
    assert "ProxyServerSession: 127.0.0.1" in keyed.ask(ProxyAction="ListSessions").text


def test_f39_without_a_login_it_is_not_shown_either(start_proxy, pbx):
    client = start_proxy({"pbx1": pbx}, auth={"required": False}).connect()
    answer = client.ask(ProxyAction="ListServers").text
    assert "H: pbx1 U: - P: - E: - S: up " in answer and "127.0.0.1" not in answer


@pytest.mark.parametrize("form", ["json", "xml", "csv", "standard"])
def test_f39_in_every_format(start_proxy, pbx, form):
    proxy = start_proxy({"pbx1": pbx}, users=admin(), listen=listeners(), plugins=ALL_PLUGINS)
    shown = [
        Web(proxy.addresses[1], auth=basic(name)).get(f"/?ProxyAction=ListServers&format={form}").text
        for name in ("dave", "bill")
    ]
    assert "127.0.0.1" in shown[0] and str(pbx.address[1]) in shown[0] and "U: proxy" in shown[0]
    assert "127.0.0.1" not in shown[1] and str(pbx.address[1]) not in shown[1] and "U: -" in shown[1]


def test_proxy_key_may_steer_where_there_are_no_users(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, up=[], users=[], auth={"proxy_key": PROXY_KEY})
    client = proxy.connect()
    assert client.ask(ProxyAction="ListServers", ProxyKey=PROXY_KEY)["ProxyResponse"] == "Success"
    assert client.ask(ProxyAction="DropServer", Server="pbx1")["ProxyResponse"] == "Success"


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


def test_end_while_a_script_waits(start_proxy, pbx, scripts):
    """The end waits a little for answers, then tells who waits; nothing hangs or leaks."""
    proxy = start_proxy(
        {"pbx1": pbx}, users=admin(), scripts={"path": scripts(action_waits=WAITS), "proxy_actions": ["stock", "waits"]}
    )
    dave = proxy.login("dave", Events="off")
    dave.send(ProxyAction="Waits", ActionID="w")
    pbx.expect(Action="CoreStatus")
    assert proxy.stop() == 0


def test_client_that_leaves_while_its_proxy_action_waits(start_proxy, pbx, scripts):
    proxy = start_proxy(
        {"pbx1": pbx}, users=admin(), scripts={"path": scripts(action_waits=WAITS), "proxy_actions": ["stock", "waits"]}
    )
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    dave.send(ProxyAction="Waits", ActionID="w")
    question = pbx.expect(Action="CoreStatus")
    dave.reset()
    proxy.wait_until(
        lambda lines: any("session closed" in line and "user=dave" in line for line in lines[-3:]), "its end"
    )
    question.reply()
    assert bill.ask(Action="Ping", Server="pbx1")["Response"] == "Success"


def test_lists_of_scripts_and_counters(start_proxy, pbx):
    proxy = start_proxy(
        {"pbx1": pbx}, users=[dict(user, admin=user["name"] == "dave", filters=["novar"]) for user in USERS]
    )
    dave = proxy.login("dave", Events="off")
    listed = dave.ask(ProxyAction="ListProxyActions").text
    for name in (
        "AddServer",
        "DropServer",
        "ListIOHandlers",
        "ListProxyActions",
        "ListScripts",
        "ListServers",
        "KickSession",
        "ListSessions",
        "Logoff",
        "Reload",
        "SetAutoFilter",
        "SetInputFormat",
        "SetOutputFormat",
        "Stats",
    ):
        assert name in listed, name
    dave.send(ProxyAction="ListScripts", ActionID="l")
    assert any("novar" in message.text for message in dave.collect_until(EventList="Complete"))
    stats = dave.ask(ProxyAction="Stats")
    assert stats["Sessions"] == "1" and stats["ServersUp"] == "1"


def test_observed_filter_changes_nothing(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=users(dave=[{"novar": {"mode": "observe"}}]))
    dave = proxy.login("dave", Events="dialplan")
    pbx.event("VarSet", "dialplan,all", Variable="X")
    assert dave.read_message()["Variable"] == "X"


def test_half_closed_client_still_gets_its_proxy_action(start_proxy, pbx, scripts):
    """`printf … | nc -N`: what was asked before the end of the input is answered, also by a script that waits."""
    proxy = start_proxy(
        {"pbx1": pbx}, users=admin(), scripts={"path": scripts(action_waits=WAITS), "proxy_actions": ["stock", "waits"]}
    )
    dave = proxy.login("dave", Events="off")
    dave.send(ProxyAction="Waits", ActionID="w")
    dave.socket.shutdown(1)
    pbx.expect(Action="CoreStatus").reply()
    assert dave.response("w")["Got"] == "true"
    assert dave.read_to_end() == []


def test_c39_neither_an_open_proxy_nor_a_key_beside_users_may_steer_it(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, auth={"proxy_key": PROXY_KEY, "required": False})
    client = proxy.connect()
    assert client.ask(ProxyAction="ListServers")["ProxyResponse"] == "Success"
    assert client.ask(ProxyAction="DropServer", Server="pbx1")["Message"] == "Permission denied"
    assert client.ask(ProxyAction="DropServer", Server="pbx1", ProxyKey=PROXY_KEY)["Message"] == "Permission denied"


def test_r46_many_reloads_keep_nothing(reloadable, pbx):
    """Old scripts are let go of, sessions and the server's connection stay, memory is flat."""
    proxy, change = reloadable(users=admin())
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
