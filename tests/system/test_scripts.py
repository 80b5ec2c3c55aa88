"""Lua in the running program: filters of users, judgement of actions, proxy actions."""

import pytest

from harness.process import delays_signals
from harness.proxy import USERS


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


WAITS = """
    return { name = "Waits", summary = "x", run = function(a, reply)
      local got = amp.call{ Action = "CoreStatus" }
      reply:ok{ Got = tostring(got.ok), Reason = got.reason }
    end }
"""


def test_end_while_a_script_waits(start_proxy, pbx, scripts):
    """The drain waits a short time for answers, then ends waiting actions with an error; nothing hangs or leaks."""
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
        "SetResume",
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
