"""Which actions the hooks of filters see, what they may do with each, and what is hidden from them."""

import os

import pytest

from harness.process import SOURCE
from harness.proxy import PROXY_KEY, USERS

SEES = """
    return { action = function(a, session, by)
      local name = a.ProxyAction and "proxy " .. a.ProxyAction or a.Action
      amp.log.info("hook=" .. name .. " by=" .. tostring(by))
      if a.Refuse or a.Family == "refused" then return false, "not " .. name end
    end }
"""


def read(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def dave(*filters, **more):
    return [dict(USERS[0], filters=list(filters), **more), *USERS[1:]]


@pytest.fixture
def start(start_proxy, pbx, scripts):
    def begin(users, actions=(), **files):
        proxy = start_proxy(
            {"pbx1": pbx}, up=[], users=users, scripts={"path": scripts(**files), "proxy_actions": ["stock", *actions]}
        )
        proxy.wait_for_server(user="bill")
        return proxy

    return begin


@pytest.mark.parametrize(
    "headers, hook",
    [
        ({"Action": "ping"}, "Ping"),
        ({"Action": "Events", "EventMask": "on"}, "Events"),
        ({"Action": "Filter", "Operation": "Add", "Filter": "x"}, "Filter"),
        ({"Action": "WaitEvent", "Timeout": "1"}, "WaitEvent"),
        ({"Action": "Ping", "Server": "pbx1"}, "Ping"),
        ({"Action": "CoreStatus"}, "CoreStatus"),
        ({"ProxyAction": "stats"}, "proxy Stats"),
        ({"ProxyAction": "SETAUTOFILTER", "AutoFilter": "off"}, "proxy SetAutoFilter"),
    ],
)
def test_f53_hooks_see_what_they_need_to_refuse(start, pbx, headers, hook):
    proxy = start(dave("sees"), filter_sees=SEES)
    client = proxy.login("dave", Events="off")
    answer = client.ask(**headers, Refuse="yes")
    assert (answer["Response"], answer["Message"]) == ("Error", f"not {hook}")
    proxy.wait_for_line(f"hook={hook} by=nil")
    assert pbx.actions == [] or all(action["Action"] == "Ping" for action in pbx.actions)
    assert client.ask(Action="Ping")["Ping"] == "Pong"  # what is not refused goes on


def test_f53_leaving_is_never_asked(start):
    proxy = start(dave("no"), filter_no='return { action = function() return false, "no" end }')
    client = proxy.login("dave", Events="off")
    assert client.ask(Action="Ping")["Message"] == "no"
    client.send(Action="Logoff")
    assert client.read_message()["Response"] == "Goodbye"
    assert client.read_to_end() == []
    other = proxy.login("dave", Events="off")
    assert other.ask(ProxyAction="Stats")["Message"] == "no"
    other.send(ProxyAction="Logoff")
    assert other.read_message()["Response"] == "Goodbye"


def test_f53_order_stays_while_a_hook_waits(start, pbx):
    """What the proxy answers itself waits for a hook as well, and what comes behind it."""
    waits = 'return { action = function(a) if a.ProxyAction == "Stats" then amp.sleep("200ms") end end }'
    client = start(dave("waits"), filter_waits=waits).login("dave", Events="off")
    client.send(ProxyAction="Stats", ActionID="1")
    client.send(Action="Ping", ActionID="2")
    client.send(Action="CoreStatus", ActionID="3")
    pbx.expect(Action="CoreStatus").reply()
    assert [client.read_message()["ActionID"] for _ in range(3)] == ["1", "2", "3"]


def test_f53_headers_may_change_but_not_the_action(start):
    change = """
        return { action = function(a)
          if a.Action == "Events" then a.EventMask = "off" end
          if a.ProxyAction == "SetAutoFilter" then a.AutoFilter = "unique" end
          if a.Action == "Ping" then a.Action = "Logoff" end
          if a.Action == "WaitEvent" then a.ProxyAction = "Stats" end
          if a.ProxyAction == "Stats" then a.ProxyAction = "ListScripts" end
          if a.Action == "CoreStatus" then a.ProxyAction = "ListScripts" end
        end }
    """
    client = start(dave("change"), filter_change=change).login("dave", Events="on")
    assert client.ask(Action="Events", EventMask="on")["Events"] == "Off"
    assert client.ask(ProxyAction="SetAutoFilter", AutoFilter="off")["AutoFilter"] == "2"
    for headers in (
        {"Action": "Ping"},
        {"Action": "WaitEvent", "Timeout": "1"},
        {"ProxyAction": "Stats"},
        {"Action": "CoreStatus"},
    ):
        assert client.ask(**headers)["Message"] == "Action Filtered", headers


def test_f53_secrets_are_not_shown(start, pbx):
    tells = """
        return { action = function(a)
          local seen = {}
          for name, value in pairs(a) do seen[#seen + 1] = name .. "=" .. value end
          amp.log.info("seen " .. table.concat(seen, ";") .. tostring(a) .. tostring(a:copy()) .. tostring(a.Secret) ..
            tostring(a:get("secret")) .. #a:all("Secret") .. tostring(a.ProxyKey) .. tostring(a:contains("Secret", "e")))
          a.Note = "x"
          amp.log.info("changed " .. tostring(a) .. (pcall(function() a.Secret = "y" end) and "written" or "kept"))
        end }
    """
    proxy = start(dave("tells", admin=True), filter_tells=tells)
    client = proxy.login("dave", Events="off")
    added = client.ask(
        ProxyAction="AddServer",
        Server="127.0.0.1",
        Port=str(pbx.address[1]),
        Username="proxy",
        Secret=pbx.secret,
        Events="on",
    )
    assert added["Message"] == "Added 127.0.0.1"  # the action itself has it
    client.ask(Action="Ping", ProxyKey=PROXY_KEY)
    line = proxy.wait_for_line("changed ", "Ping")
    assert "kept" in line
    proxy.wait_for_line("seen ", "AddServer", "nilnil0nilfalse")
    assert pbx.secret not in proxy.log() and PROXY_KEY not in proxy.log()


ASKS = """
    return { name = "Asks", summary = "x", run = function(a, reply)
      local got = amp.call{ Action = "DBGet", Family = a.Of, Key = "k", server = a.At, timeout = "5s" }
      reply:ok{ Ok = got.ok, Reason = got.reason }
    end }
"""


def test_f53_what_a_proxy_action_sends_is_judged_for_its_session(start, pbx):
    proxy = start(dave("sees", write=["call"]), ["asks"], filter_sees=SEES, action_asks=ASKS)
    client, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    refused = client.ask(ProxyAction="Asks", Of="refused")
    assert (refused["Ok"], refused["Reason"]) == ("false", "not DBGet")
    proxy.wait_for_line("hook=DBGet by=Asks")
    assert not [a for a in pbx.actions if a["Action"] == "DBGet"]
    # rights are not checked: dave may not send DBGet, but the proxy action may
    client.send(ProxyAction="Asks", Of="open", At="pbx1", ActionID="a")
    pbx.expect(Action="DBGet").reply()
    assert client.response("a")["Ok"] == "true"
    other.send(ProxyAction="Asks", Of="refused", ActionID="b")  # bill has no such filter
    pbx.expect(Action="DBGet").reply()
    assert other.response("b")["Ok"] == "true"


def test_f53_click_to_call_does_not_pass_the_hours(start, pbx):
    users = [dict(USERS[0], filters=[{"afterhours": {"from": 0, "to": 0, "allowed": ["030777"]}}]), *USERS[1:]]
    proxy = start(
        users,
        ["ClickToCall"],
        filter_afterhours=read("examples/filters/afterhours.lua"),
        action_ClickToCall=read("examples/proxyactions/ClickToCall.lua"),
    )
    client = proxy.login("dave", Events="off")
    assert client.ask(ProxyAction="ClickToCall", Phone="100", Number="030123")["Message"] == "No calls at this hour"
    assert not [action for action in pbx.actions if action["Action"] == "Originate"]
    client.send(ProxyAction="ClickToCall", Phone="100", Number="030777", ActionID="c")
    pbx.expect(Action="Originate").reply()
    assert client.response("c")["Message"] == "Calling"


def test_f53_a_call_that_is_judged_when_its_session_goes(start, pbx):
    slow = 'return { action = function(a, _, by) if by then amp.sleep("300ms") end end }'
    proxy = start(dave("slow"), ["asks"], filter_slow=slow, action_asks=ASKS)
    client = proxy.login("dave", Events="off")
    client.send(ProxyAction="Asks", Of="x")
    client.reset()
    proxy.wait_for_line("session closed", "user=dave")
    other = proxy.login("dave", Events="off")
    other.send(ProxyAction="Asks", Of="y", ActionID="o")
    question = pbx.expect(Action="DBGet")
    assert question["Family"] == "y"
    question.reply()
    assert other.response("o")["Ok"] == "true"
