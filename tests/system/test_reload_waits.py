"""Scripts that wait while the configuration changes: sessions of removed users end, all others are answered."""

import time

import pytest

from harness.limits import Deadline
from harness.proxy import USERS

ADMIN = [dict(user, admin=user["name"] == "dave") for user in USERS]
WITHOUT_DAVE = [user for user in USERS if user["name"] != "dave"]
WITHOUT_BILL = [user for user in ADMIN if user["name"] != "bill"]
REPLACED = "The scripts were reloaded while this proxy action waited"
ACTIONS = {
    "action_sleeps": """
        return { name = "Sleeps", timeout = "1h", run = function(a, reply, session)
          amp.sleep("1h") reply:ok{ Woken = "yes" }
        end }""",
    "action_lists": """
        return { name = "Lists", timeout = "1h", run = function(a, reply, session)
          reply:begin() reply:item{ Event = "One", N = 1 } amp.sleep("1h") reply:item{ Event = "One", N = 2 }
        end }""",
    "action_asks": """
        return { name = "Asks", timeout = "1h", run = function(a, reply, session)
          local got = amp.call{ Action = "CoreStatus", timeout = "1h" }
          session:send{ Event = "Told" }
          if got.ok then reply:ok{ Mark = got.response.Mark } else reply:error(got.reason) end
        end }""",
    "action_again": """
        return { name = "Again", timeout = "1h", run = function(a, reply, session)
          while true do amp.call{ Action = "CoreStatus", timeout = "1h" } amp.sleep("1h") end
        end }""",
    "filter_waits": """
        return { action = function(a, s) if a.Action == "QueueStatus" then amp.call{ Action = "CoreSettings" } end end }""",
}


@pytest.fixture
def waiting(reloadable, scripts):
    """A proxy with the actions above; bill's QueueStatus waits for a judgement. -> (proxy, change, users of all)"""
    section = {"path": scripts(**ACTIONS), "proxy_actions": ["stock", "sleeps", "lists", "asks", "again"]}

    def filtered(users):
        return [dict(user, filters=["waits"]) if user["name"] == "bill" else user for user in users]

    proxy, change = reloadable(users=filtered(ADMIN), scripts=section)
    return proxy, lambda users: change(users=filtered(users), scripts=section)


def test_f02_admin_whose_own_entry_is_gone_reloads(waiting, pbx):
    proxy, change = waiting
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    change(WITHOUT_DAVE)
    dave.send(ProxyAction="Reload", ActionID="r")
    dave.read_to_end()
    proxy.wait_for_line("configuration reloaded")
    assert bill.ask(Action="Ping")["Response"] == "Success"
    assert proxy.login("caller", Events="off").ask(ProxyAction="ListSessions")["ProxyResponse"] == "Success"


def test_f02_users_go_while_their_scripts_wait(waiting, pbx):
    proxy, change = waiting
    for _turn in range(2):
        clients = [proxy.login("bill", Events="on") for _ in range(8)]
        for client, what in zip(clients, ["Sleeps", "Lists", "Asks", "Again"] * 2, strict=True):
            client.send(ProxyAction=what, ActionID="b")
            client.send(Action="Ping", ActionID="behind")
        judged = [proxy.login("bill", Events="off") for _ in range(4)]
        for client in judged:
            client.send(Action="QueueStatus", ActionID="j")
        actions = pbx.expect_all(4 + len(judged))
        change(WITHOUT_BILL)
        proxy.hang_up()
        for client in clients + judged:
            client.read_to_end()
        others = [proxy.login("dave", Events="on") for _ in range(12)]
        for action in actions:
            action.reply(Mark="bill's")
        for other in others:
            assert not any(m.get("Event") == "Told" for m in other.fence())
            other.close()
        change(ADMIN)
        proxy.hang_up()
        assert not pbx.actions


def test_f02_what_waits_too_long_over_a_reload_is_answered(waiting, pbx):
    proxy, change = waiting
    names = ["Sleeps", "Lists", "Asks", "Again"]
    clients = {name: proxy.login("caller", Events="off") for name in names}
    for name, client in clients.items():
        client.send(ProxyAction=name, ActionID="w")
        client.send(Action="Ping", ActionID="p")
        client.send(Action="Hangup", Channel="SIP/1", ActionID="c")
    pbx.expect_all(2)  # of Asks and Again
    change(ADMIN)
    before = time.monotonic()
    proxy.hang_up()
    proxy.hang_up()  # and once more: two generations of scripts wait
    answers = {}
    for name, client in clients.items():
        client.deadline = 60
        messages = client.collect_until(ActionID="p")
        assert [m.get("ActionID") for m in messages[-2:]] == ["w", "p"]
        answers[name] = messages[-2]
    assert time.monotonic() - before >= 9
    assert answers["Sleeps"]["Response"] == "Error" and answers["Sleeps"]["Message"] == REPLACED
    assert answers["Again"]["Message"] == REPLACED
    assert (answers["Asks"]["Response"], answers["Asks"]["Message"]) == ("Error", "reloading")
    assert (answers["Lists"]["Event"], answers["Lists"]["EventList"]) == ("ListsComplete", "Cancelled")
    questions = [pbx.expect(Action="Hangup") for _ in names]
    for question in questions:
        question.reply()
    for client in clients.values():
        assert client.response("c")["Response"] == "Success"
        assert client.ask(ProxyAction="ListSessions")["ProxyResponse"] == "Success"


def test_f02_what_is_answered_in_time_over_a_reload(waiting, pbx):
    proxy, change = waiting
    caller, bill = proxy.login("caller", Events="off"), proxy.login("bill", Events="off")
    caller.send(ProxyAction="Asks", ActionID="w")
    first = pbx.expect(Action="CoreStatus")
    bill.send(Action="QueueStatus", ActionID="j")
    second = pbx.expect(Action="CoreSettings")
    change(ADMIN)
    proxy.hang_up()
    first.reply(Mark="caller's")
    assert caller.response("w")["Mark"] == "caller's"
    second.reply()  # of a judgement that is made anew
    pbx.expect(Action="CoreSettings").reply()
    asked = pbx.expect(Action="QueueStatus")
    asked.start_list()
    asked.end_list("QueueStatusComplete", 0)
    assert bill.read_until(Event="QueueStatusComplete")["ActionID"] == "j"
    assert not pbx.actions


def test_f02_sessions_end_while_retired_scripts_wait(waiting, pbx):
    """Their clients go between the reload and the end of the scripts; then everything else goes on."""
    proxy, change = waiting
    clients = [proxy.login("caller", Events="on") for _ in range(8)]
    for client, what in zip(clients, ["Sleeps", "Asks"] * 4, strict=True):
        client.send(ProxyAction=what, ActionID="b")
    actions = pbx.expect_all(4)
    change(ADMIN)
    proxy.hang_up()
    for client in clients:
        client.reset()
    deadline = Deadline()
    probe = proxy.login("dave", Events="on")
    while "caller" in probe.ask(ProxyAction="ListSessions").text:
        assert not deadline.passed()
    for action in actions:
        action.reply(Mark="late")
    others = [proxy.login("bill", Events="on") for _ in range(8)]
    assert not any(m.get("Event") == "Told" for other in others for m in other.fence())


CALL = {"Action": "Originate", "Channel": "SIP/1", "Application": "Wait", "Data": "1", "Timeout": "25000"}
CHANGED = {
    "write": {"write": ["system", "call"]},
    "tied": {"channel": "SIP/2"},
    "account": {"account": "other"},
    "server": {"server": "pbx2"},
}


@pytest.mark.parametrize("what", [*CHANGED, "nothing"])
def test_f11_what_waits_is_judged_by_the_rules_of_a_reload(reloadable, scripted, what):
    """A right that is taken away is not used any more, be it by an action that came in before."""
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    bill = {"name": "bill", "secret": next(user["secret"] for user in USERS if user["name"] == "bill")}
    others = [user for user in ADMIN if user["name"] != "bill"]
    proxy, change = reloadable(servers, users=[*others, bill])
    callers, waiter = [proxy.login("dave", Events="off") for _ in range(2)], proxy.login("bill", Events="off")
    for client in callers:
        client.send(**CALL, ActionID="first")
    first = servers["pbx1"].expect_all(2)
    waiter.send(**CALL, ActionID="waits")
    proxy.wait_until(lambda lines: sum("action waits" in line for line in lines) >= 3, "what waits")
    change(servers, users=[*others, dict(bill, **CHANGED.get(what, {}))])
    proxy.hang_up()
    if what != "nothing":
        answer = waiter.response("waits")
        assert answer["Message"] == "Permission denied since a reload: the action was not sent"
        assert waiter.ask(Action="Ping")["Response"] == "Success"
    for action in first:
        action.reply(Message="Originate successfully queued")
    for client in callers:
        assert client.response("first")["Response"] == "Success"
    if what == "nothing":
        servers["pbx1"].expect(Action="Originate").reply(Message="Originate successfully queued")
        assert waiter.response("waits")["Response"] == "Success"
    callers[0].send(Action="Command", Command="fence", ActionID="fence")
    servers["pbx1"].expect(Action="Command").reply(Message="Command output follows")
    callers[0].response("fence")
    assert not any(action["Action"] == "Originate" for server in servers.values() for action in server.actions)
