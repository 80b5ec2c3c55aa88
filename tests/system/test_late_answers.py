"""Answers that come after their session has ended reach no other session, and no freed memory is used."""

import itertools

import pytest

from harness.gone import ADMIN, EVERY_LINE, are_free_of, come_and_go, late_answers, originate, settle, wait_for_ends
from harness.limits import scaled
from harness.proxy import USERS
from harness.web import ALL_PLUGINS, Web, basic, listeners


@pytest.mark.parametrize("how", ["close", "reset"])
def test_f01_originate_response_of_a_gone_client(start_proxy, pbx, memory, how):
    proxy = start_proxy({"pbx1": pbx}, env=memory, log=EVERY_LINE)
    for turn in range(scaled(4)):
        clients = [proxy.login("bill", Events="off") for _ in range(8)]
        actions = [originate(client, pbx, f"bill-{turn}-{n}") for n, client in enumerate(clients)]
        before = proxy.log().count("session closed")
        for client in clients:
            getattr(client, how)()
        wait_for_ends(proxy, before + len(clients))
        others = come_and_go(proxy, 12)
        for action in actions:
            late_answers(action)
        settle(proxy, pbx)
        for other in others:
            messages = other.fence()
            assert not any(m.get("Event") == "OriginateResponse" and "ActionID" in m for m in messages)
            assert not any("bill-" in m.text or "once more" in m.text for m in messages)
        for other in others:
            other.close()


def test_f01_originate_response_of_a_living_client_comes_once(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    bill, dave = proxy.login("bill", Events="off"), proxy.login("dave", Events="off")
    late_answers(originate(bill, pbx, "mine"))
    settle(proxy, pbx)
    messages = [m for m in bill.fence() if m.get("Event") == "OriginateResponse"]
    assert messages and all(m["ActionID"] == "mine" for m in messages)
    assert are_free_of([dave], "bill's")


def test_f01_http_client_is_gone(start_proxy, pbx, memory):
    proxy = start_proxy({"pbx1": pbx}, env=memory, log=EVERY_LINE, listen=listeners(), plugins=ALL_PLUGINS)
    for turn in range(scaled(3)):
        webs = [Web(proxy.addresses[1], basic("bill")) for _ in range(6)]
        actions = []
        for n, web in enumerate(webs):
            web.send_raw(web.head("GET", f"/?Action=Originate&Channel=SIP/1&Async=true&ActionID=bill-{turn}-{n}"))
            actions.append(pbx.expect(Action="Originate"))
            actions[-1].reply(Message="queued")
            assert web.read().status == 200
        before = proxy.log().count("session closed")
        for web in webs:
            web.close()
        wait_for_ends(proxy, before + len(webs))
        others = come_and_go(proxy, 6)
        fresh = [Web(proxy.addresses[1], basic("dave")) for _ in range(6)]
        for action in actions:
            late_answers(action)
        settle(proxy, pbx)
        for web in fresh:
            assert "bill-" not in web.get("/?Action=Ping").text
            web.close()
        for other in others:
            assert not any("bill-" in m.text for m in other.fence())
            other.close()


def test_f01_next_user_of_a_kept_connection(start_proxy, pbx):
    """A reverse proxy sends requests of several users over one connection: what was bill's is not dave's."""
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS)
    web = Web(proxy.addresses[1], basic("bill"))
    web.send_raw(web.head("GET", "/?Action=Originate&Channel=SIP/1&Async=true&ActionID=bill-1"))
    action = pbx.expect(Action="Originate")
    action.reply(Message="queued")
    assert "bill-1" in web.read().text
    web.auth = basic("dave")
    web.send_raw(
        web.head(
            "GET", "/?Action=Originate&Channel=SIP/2&Async=true&ActionID=dave-1", {"X-Until-Event": "OriginateResponse"}
        )
    )
    own = pbx.expect(Action="Originate")
    late_answers(action)
    own.reply(Message="queued")
    own.send(("Event", "OriginateResponse"), ("Privilege", "call,all"), ("ActionID", own.id), ("Mark", "dave's"))
    text = web.read().text
    assert "dave's" in text and "bill" not in text
    web.auth = basic("bill")  # and the user who asked does not come back to it either
    web.send_raw(web.head("GET", "/?Action=Ping&ActionID=again"))
    assert "bill's" not in web.read().text
    web.close()


def test_f01_unanswered_when_the_client_goes(start_proxy, pbx, memory):
    """Not the late answers alone: the first ones, lists, texts, merged ones of several servers."""
    proxy = start_proxy({"pbx1": pbx}, env=memory, log=EVERY_LINE)
    for turn in range(scaled(3)):
        clients = [proxy.login("bill", Events="off") for _ in range(8)]
        for n, client in enumerate(clients):
            client.send(Action="QueueStatus", ActionID=f"bill-{turn}-{n}")
        actions = pbx.expect_all(len(clients))
        for action in actions[::2]:
            action.start_list()
        before = proxy.log().count("session closed")
        for client in clients:
            client.reset()
        wait_for_ends(proxy, before + len(clients))
        others = come_and_go(proxy, 8)
        for n, action in enumerate(actions):
            if n % 2:
                action.start_list()
            action.item("QueueParams", Queue="q", Mark="bill's")
            action.end_list("QueueStatusComplete", 1)
            action.end_list("QueueStatusComplete", 1)
            action.reply("Error", Message="bill's")
        settle(proxy, pbx)
        assert are_free_of(others, "bill")
        for other in others:
            other.close()


def test_f01_merged_answers_of_a_gone_client(start_proxy, scripted, memory):
    servers = {"pbx1": scripted(), "pbx2": scripted(), "pbx3": scripted()}
    proxy = start_proxy(servers, env=memory, log=EVERY_LINE)
    for turn in range(scaled(3)):
        clients = [proxy.login("bill", Events="off") for _ in range(4)]
        for n, client in enumerate(clients):
            client.send(Action="CoreStatus", Server="*", ActionID=f"bill-{turn}-{n}")
        asked = [server.expect_all(len(clients)) for server in servers.values()]
        for action in asked[0]:
            action.reply(Mark="bill's")
        before = proxy.log().count("session closed")
        for client in clients:
            client.reset()
        for action in asked[1]:
            action.reply(Mark="bill's")
        wait_for_ends(proxy, before + len(clients))
        others = come_and_go(proxy, 6)
        for action in asked[2]:
            action.reply(Mark="bill's")
            action.reply(Mark="bill's")
            late_answers(action)
        for action in itertools.chain(*asked):
            late_answers(action)
        settle(proxy, servers["pbx1"])
        assert not any("bill-" in m.text or "once more" in m.text for other in others for m in other.fence())
        for other in others:
            other.close()


@pytest.mark.parametrize("who", ["first", "second"])
def test_f01_shared_answers_of_a_gone_client(start_proxy, pbx, memory, who):
    """Two asked the same; one of them goes before the answer, whichever of them it was that asked."""
    proxy = start_proxy({"pbx1": pbx}, env=memory, log=EVERY_LINE, share={"in_flight": True})
    for _turn in range(scaled(3)):
        first, second = proxy.login("bill", Events="off"), proxy.login("bill", Events="off")
        first.send(Action="QueueStatus", ActionID="first")
        action = pbx.expect(Action="QueueStatus")
        action.start_list()
        assert first.response("first")["Response"] == "Success"
        second.send(Action="QueueStatus", ActionID="second")
        assert second.response("second")["Response"] == "Success"  # it has joined
        goes, stays = (first, second) if who == "first" else (second, first)
        before = proxy.log().count("session closed")
        goes.reset()
        wait_for_ends(proxy, before + 1)
        others = come_and_go(proxy, 6)
        action.item("QueueParams", Queue="q", Mark="bill's")
        action.end_list("QueueStatusComplete", 1)
        assert [m.get("Mark") for m in stays.collect_until(Event="QueueStatusComplete")].count("bill's") == 1
        late_answers(action)
        settle(proxy, pbx)
        assert not any("bill's" in m.text and "ActionID" in m for other in others for m in other.fence())
        for client in (stays, *others):
            client.close()


def test_f01_scripts_of_gone_sessions(start_proxy, pbx, memory, scripts):
    """Proxy actions, filters' verdicts and amp.on that wait for a server, or for a time, when their session goes."""
    folder = scripts(
        action_slowly="""
            return { name = "Slowly", arguments = { How = "optional" }, run = function(a, reply, session)
              if a.How == "sleep" then amp.sleep("100ms") else amp.call{ Action = "CoreStatus" } end
              session:send{ Event = "Told", Mark = session.user }
              reply:ok{ Mark = session.user }
            end }""",
        filter_waits="""
            local kept = {}
            amp.on("session.login", function(s) kept[#kept + 1] = s amp.sleep("50ms") end)
            amp.on("session.closed", function(s)
              for _, one in ipairs(kept) do if one.alive then one:send{ Event = "Gone", Mark = "closed" } end end
            end)
            return { action = function(a, s) if a.Action == "QueueStatus" then amp.call{ Action = "CoreSettings" } end end }""",
    )
    users = [dict(user, filters=["waits"]) if user["name"] == "bill" else user for user in USERS]
    proxy = start_proxy(
        {"pbx1": pbx},
        env=memory,
        log=EVERY_LINE,
        users=users,
        scripts={"path": folder, "proxy_actions": ["stock", "slowly"]},
    )
    for _turn in range(scaled(3)):
        clients = [proxy.login("bill", Events="off") for _ in range(9)]
        for client in clients[::3]:
            client.send(ProxyAction="Slowly", ActionID="bill-1")
        for client in clients[1::3]:
            client.send(ProxyAction="Slowly", How="sleep", ActionID="bill-2")
        for client in clients[2::3]:
            client.send(Action="QueueStatus", ActionID="bill-3")
        actions = pbx.expect_all(6)
        before = proxy.log().count("session closed")
        for client in clients:
            client.reset()
        wait_for_ends(proxy, before + len(clients))
        others = come_and_go(proxy, 8)
        for action in actions:
            action.reply(Mark="bill's")
            late_answers(action)
        settle(proxy, pbx)
        for other in others:
            assert not any("bill-" in m.text or m.get("Event") in ("Told", "Gone") for m in other.fence())
            other.close()
        assert not pbx.actions


def test_f01_checks_of_gone_sessions(start_proxy, pbx, memory):
    """A client leaves while its secret is compared with a hash: the result is dropped."""
    slow = "$2b$08$abcdefghijklmnopqrstuuxJ93Kkq4DqU0wTPYKgZPsnkPjrUg1Ay"  # of nothing that is sent here
    proxy = start_proxy({"pbx1": pbx}, env=memory, log=EVERY_LINE, users=USERS + [{"name": "hilda", "secret": slow}])
    for _ in range(scaled(3)):
        before = proxy.log().count("session closed")
        clients = [proxy.connect() for _ in range(8)]
        for n, client in enumerate(clients):
            client.send(Action="Login", Username="hilda", Secret=f"not this {n}", ActionID="hilda-1")
        for client in clients:
            client.reset()
        others = come_and_go(proxy, 8)
        wait_for_ends(proxy, before + len(clients))
        for other in others:
            assert not any("hilda" in m.text or m.get("Message") == "Authentication failed" for m in other.fence())
            other.close()


def test_f01_kicked_while_everything_is_in_flight(start_proxy, pbx, memory):
    proxy = start_proxy({"pbx1": pbx}, env=memory, log=EVERY_LINE, users=ADMIN)
    dave = proxy.login("dave", Events="off")
    for turn in range(scaled(3)):
        clients = [proxy.login("bill", Events="on") for _ in range(6)]
        actions = [originate(client, pbx, f"bill-{turn}") for client in clients]
        for client in clients[::2]:
            client.send(Action="WaitEvent", Timeout="30", ActionID="bill-w")
        for client in clients[1::2]:
            client.send(Action="CoreStatus", ActionID="bill-c")
        actions += pbx.expect_all(3)
        headers = dave.ask(ProxyAction="ListSessions").headers
        users = [value for name, value in headers if name == "ProxyClientUser"]
        ids = [value for name, value in headers if name == "ProxyClientId"]
        for number in [number for name, number in zip(users, ids, strict=True) if name == "bill"]:
            assert dave.ask(ProxyAction="KickSession", Session=number)["Response"] == "Success"
        for client in clients:
            client.read_to_end()
        others = come_and_go(proxy, 8)
        for action in actions:
            late_answers(action)
        settle(proxy, pbx)
        assert not any("bill-" in m.text for other in others for m in other.fence())
        for other in others:
            other.close()


def test_f01_streams_that_end_while_events_come(start_proxy, pbx, memory):
    """Feeds over HTTP end in the midst of events and of answers to what their users asked elsewhere."""
    proxy = start_proxy({"pbx1": pbx}, env=memory, log=EVERY_LINE, listen=listeners(), plugins=ALL_PLUGINS)
    for _turn in range(scaled(3)):
        bill = proxy.login("bill", Events="off")
        action = originate(bill, pbx, "bill-1")
        webs = [Web(proxy.addresses[1], basic("bill")) for _ in range(6)]
        for web in webs:
            web.send_raw(web.head("GET", "/events", {"Accept": "text/event-stream"}))
            assert web.read_head().status == 200
        before = proxy.log().count("session closed")
        for n, web in enumerate(webs):
            pbx.event("Newchannel", "call,all", Channel=f"SIP/{n}", Mark="all's")
            late_answers(action)
            web.close()
        wait_for_ends(proxy, before + len(webs))
        bill.close()
        others = come_and_go(proxy, 6)
        late_answers(action)
        settle(proxy, pbx)
        assert not any("bill-" in m.text for other in others for m in other.fence())
        for other in others:
            other.close()


def test_f01_a_server_goes_while_askers_go(start_proxy, scripted, memory):
    pbx1, pbx2 = scripted(), scripted()
    proxy = start_proxy({"pbx1": pbx1, "pbx2": pbx2}, env=memory, log=EVERY_LINE, users=ADMIN)
    dave = proxy.login("dave", Events="off")
    for turn in range(scaled(2)):
        clients = [proxy.login("bill", Events="off") for _ in range(6)]
        for client in clients:
            client.send(Action="CoreStatus", Server="pbx2" if turn % 2 else "*", ActionID="bill-1")
        actions = pbx2.expect_all(len(clients))
        for client in clients[::2]:
            client.reset()
        pbx2.drop_connections(reset=True)
        others = come_and_go(proxy, 4)
        for action in actions:
            late_answers(action)
        if turn % 2 == 0:
            for action in pbx1.expect_all(len(clients)):
                action.reply()
        for client in clients[1::2]:  # who stayed is answered, once
            assert client.response("bill-1").get("ActionID") == "bill-1"
        settle(proxy, pbx1)
        assert are_free_of(others, "bill-1")
        for client in (*others, *clients):
            client.close()
        proxy.wait_for_server("pbx2")
    assert dave.ask(Action="Ping")["Response"] == "Success"


def test_f01_all_servers_tell_how_their_calls_went(start_proxy, scripted):
    """`Server: *`: each OriginateResponse reaches its asker alone, with the ActionID of the asker and its `Server:`."""
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    proxy = start_proxy(servers)
    client, other = proxy.login("dave", Events="on"), proxy.login("bill", Events="on")
    client.send(Action="Originate", Channel="SIP/1", Async="true", ActionID="all", Server="*")
    actions = {name: server.expect(Action="Originate") for name, server in servers.items()}
    actions["pbx1"].reply(Message="Originate successfully queued")
    actions["pbx1"].send(
        ("Event", "OriginateResponse"),
        ("Privilege", "call,all"),
        ("ActionID", actions["pbx1"].id),
        ("Response", "Failure"),
    )
    early = client.read_until(Event="OriginateResponse")  # the other server has not even answered
    actions["pbx2"].reply(Message="Originate successfully queued")
    queued = client.read_until(Event="OriginateQueued", Server="pbx2")
    assert queued["ActionID"] == client.read_until(EventList="Complete")["ActionID"] == "all"
    actions["pbx2"].send(
        ("Event", "OriginateResponse"),
        ("Privilege", "call,all"),
        ("ActionID", actions["pbx2"].id),
        ("Response", "Success"),
    )
    late = client.read_until(Event="OriginateResponse")
    assert [(event["ActionID"], event["Server"], event["Response"]) for event in (early, late)] == [
        ("all", "pbx1", "Failure"),
        ("all", "pbx2", "Success"),
    ]
    assert are_free_of([other], "OriginateResponse")
