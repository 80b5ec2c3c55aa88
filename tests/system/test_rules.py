"""The rules of a user's entry: the calls that they see, the actions that they may send, their account."""

import pytest

from harness.limits import poll
from harness.proxy import USERS

FIRST, SECOND = "alpha-SECRET-A", "beta-SECRET-B"
RULED = [
    {"name": "alpha", "secret": FIRST, "channel": "SIP/1"},
    {"name": "beta", "secret": SECOND, "channel": "SIP/2"},
    {"name": "more", "secret": FIRST, "channel": "SIP/1", "more_events": True},
    {"name": "early", "secret": FIRST, "channel": "SIP/1", "snapshot": True},
    {"name": "all", "secret": FIRST, "snapshot": True},
    {"name": "sales", "secret": FIRST, "in_context": "Sales", "out_context": "Sales"},
    {"name": "payer", "secret": FIRST, "account": "MyAccount"},
    {"name": "granted", "secret": FIRST, "channel": "SIP/1", "write": ["all"]},
    {"name": "dialler", "secret": FIRST, "channel": "SIP/1", "out_context": "out"},
    {"name": "allow", "secret": FIRST, "channel": "SIP/1", "filterlocal": "allow"},
    {"name": "allowwith", "secret": FIRST, "channel": "SIP/1", "out_context": "out", "filterlocal": "allowwith"},
    {"name": "enforce", "secret": FIRST, "channel": "SIP/1", "out_context": "out", "filterlocal": "enforce"},
]
SECRETS = {user["name"]: user["secret"] for user in RULED}


@pytest.fixture
def ruled(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, users=USERS + RULED)


def login(proxy, name, **headers):
    client = proxy.connect()
    assert client.login(name, SECRETS[name], **headers)["Response"] == "Success"
    client.fence()
    return client


def channel(pbx, event, name, uid, linked=None, **more):
    pbx.event(event, "call,all", Channel=name, Uniqueid=uid, Linkedid=linked or uid, **more)


def names(messages):
    return [(m["Event"], m.get("Uniqueid")) for m in messages if m.get("Event") not in (None, "FullyBooted")]


def seen(client, pbx):
    """What came until now, of the server's events."""
    client.send(Action="Ping", Server="pbx1", ActionID="seen")
    return names(client.collect_until(ActionID="seen")[:-1])


def test_c52_own_calls_and_nothing_of_others(ruled, pbx):
    alpha, beta, free = login(ruled, "alpha"), login(ruled, "beta"), ruled.login("dave")
    free.fence()
    for name, uid in (("SIP/1-0", "10"), ("SIP/2-0", "20")):
        channel(pbx, "Newchannel", name, uid)
        pbx.event("VarSet", "dialplan,all", Channel=name, Uniqueid=uid, Variable="x", Value=name)
        channel(pbx, "Hangup", name, uid)
        pbx.event("Cdr", "cdr,all", Channel=name, UniqueID=uid)
    pbx.event("PeerStatus", "system,all", Peer="SIP/3")
    expected = ["Newchannel", "VarSet", "Hangup", "Cdr"]
    assert [event for event, _ in seen(alpha, pbx)] == expected
    assert [event for event, _ in seen(beta, pbx)] == expected
    assert len(seen(free, pbx)) == 9


def test_c57_newchannel_and_newstate_of_the_other_leg_come_first(ruled, pbx):
    alpha = login(ruled, "alpha")
    channel(pbx, "Newchannel", "SIP/trunk-0", "50", CallerIDNum="0123")
    channel(pbx, "Newstate", "SIP/trunk-0", "50", ChannelState="4")
    channel(pbx, "Newstate", "SIP/trunk-0", "50", ChannelState="6")
    channel(pbx, "Newchannel", "SIP/1-0", "10", "50")
    messages = [alpha.read_message() for _ in range(3)]
    assert names(messages) == [("Newchannel", "50"), ("Newstate", "50"), ("Newchannel", "10")]
    assert messages[0].text == (
        "Event: Newchannel\nPrivilege: call,all\nChannel: SIP/trunk-0\nUniqueid: 50\nLinkedid: 50\n"
        "CallerIDNum: 0123\nServer: pbx1"
    )
    assert messages[1]["ChannelState"] == "6"


def test_c57_the_mask_holds_for_what_is_replayed(ruled, pbx):
    alpha = login(ruled, "alpha", Events="agent")
    channel(pbx, "Newchannel", "SIP/trunk-0", "50")
    channel(pbx, "Newchannel", "SIP/1-0", "10", "50")
    pbx.event("QueueCallerJoin", "agent,all", Channel="SIP/trunk-0", Uniqueid="50", Linkedid="50")
    assert seen(alpha, pbx) == [("QueueCallerJoin", "50")]


def test_c53_more_events(ruled, pbx):
    alpha, more = login(ruled, "alpha"), login(ruled, "more")
    pbx.event("Registry", "system,all", Domain="x")
    pbx.event("QueueMemberStatus", "agent,all", Queue="q", Interface="SIP/1")
    assert seen(alpha, pbx) == [("QueueMemberStatus", None)]
    assert seen(more, pbx) == [("Registry", None), ("QueueMemberStatus", None)]


def test_snapshot_at_login(ruled, pbx):
    free = ruled.login("dave")
    channel(pbx, "Newchannel", "SIP/1-0", "10")
    channel(pbx, "Newchannel", "SIP/2-0", "20")
    channel(pbx, "Newstate", "SIP/1-0", "10", ChannelState="6")
    channel(pbx, "Newchannel", "SIP/1-1", "11")
    channel(pbx, "Hangup", "SIP/1-1", "11")
    free.read_until(Event="Hangup")
    for name, expected in (
        ("early", [("Newchannel", "10"), ("Newstate", "10")]),
        ("all", [("Newchannel", "10"), ("Newstate", "10"), ("Newchannel", "20")]),
        ("alpha", []),
    ):
        client = ruled.connect()
        assert client.login(name, SECRETS[name])["Response"] == "Success"
        assert names(client.fence()) == expected


def test_channels_that_were_up_before_the_proxy(start_proxy, pbx):
    pbx.lists_channels = [("SIP/trunk-0", "50", "50"), ("SIP/1-0", "10", "50"), ("SIP/2-0", "20", "20")]
    proxy = start_proxy({"pbx1": pbx}, users=USERS + RULED)
    alpha = login(proxy, "alpha")
    channel(pbx, "Newstate", "SIP/trunk-0", "50", "50")
    assert ("Newstate", "50") in seen(alpha, pbx)
    client = proxy.connect()
    client.login("early", SECRETS["early"])
    messages = client.fence()
    assert names(messages) == [("Newchannel", "50"), ("Newstate", "50"), ("Newchannel", "10")]
    assert messages[-1].text == (
        "Event: Newchannel\nPrivilege: call,all\nChannel: SIP/1-0\nUniqueid: 10\nLinkedid: 50\nServer: pbx1"
    )


def test_channels_that_went_while_the_server_was_away(ruled, pbx):
    alpha = login(ruled, "alpha", Events="call")
    channel(pbx, "Newchannel", "SIP/1-0", "10")
    alpha.read_until(Event="Newchannel")
    pbx.lists_channels = [("SIP/1-1", "11", "11")]
    pbx.drop_connections()
    shown = alpha.read_until(Event="Newchannel")
    assert shown["Uniqueid"] == "11"

    def snapshot():
        client = ruled.connect()
        client.login("early", SECRETS["early"])
        return names(client.fence())

    assert poll(lambda: snapshot() == [("Newchannel", "11")])  # once that client's worker has the end of the list


def test_list_items_are_judged_and_counted(ruled, pbx):
    alpha = login(ruled, "alpha", Events="off")
    alpha.send(Action="Status", ActionID="s")
    action = pbx.expect(Action="Status")
    action.start_list()
    for name, uid in (("SIP/1-0", "10"), ("SIP/2-0", "20"), ("SIP/3-0", "30")):
        action.item("Status", Privilege="Call", Channel=name, Uniqueid=uid, Linkedid=uid)
    action.end_list("StatusComplete", 3)
    answer = alpha.collect_until(EventList="Complete")
    assert [m.get("Channel") for m in answer] == [None, "SIP/1-0", None]
    assert answer[-1]["ListItems"] == "1"


@pytest.mark.parametrize("name, action", [("alpha", "CoreStatus"), ("granted", "VendorAction")])
def test_responses_of_several_servers_are_the_users_own(start_proxy, scripted, name, action):
    """Of actions of the catalogue, and of others."""
    one, two = scripted(), scripted()
    proxy = start_proxy({"pbx1": one, "pbx2": two}, users=USERS + RULED)
    client = login(proxy, name)
    client.send(Action=action, ActionID="all", Server="*")
    for server in (one, two):
        server.expect(Action=action).reply("Success", CoreCurrentCalls="7")
    answer = client.collect_until(EventList="Complete")
    assert [m.get("CoreCurrentCalls") for m in answer] == [None, "7", "7", None]
    assert answer[-1]["ListItems"] == "2"


def test_c51_contexts_are_exact(ruled, pbx):
    sales = login(ruled, "sales")
    channel(pbx, "Newchannel", "SIP/7-0", "70", Context="sales")
    channel(pbx, "Newexten", "SIP/7-0", "70", Context="Sales")
    channel(pbx, "Newexten", "SIP/7-0", "70", Context="other")
    channel(pbx, "Newchannel", "SIP/8-0", "80", Context="other")
    pbx.event("Cdr", "cdr,all", Channel="SIP/7-0", UniqueID="70")
    pbx.event("Cdr", "cdr,all", Channel="SIP/8-0", UniqueID="80")
    assert [event for event, _ in seen(sales, pbx)] == ["Newexten", "Cdr"]
    sales.send(Action="Redirect", Channel="SIP/7-0", Context="Sales", Exten="1", Priority="1", ActionID="r")
    pbx.expect(Action="Redirect").reply()
    assert sales.response("r")["Response"] == "Success"
    for headers in ({"Context": "sales"}, {"Context": "Sales", "ExtraContext": "other", "ExtraChannel": "SIP/7-0"}):
        sales.send(Action="Redirect", Channel="SIP/7-0", Exten="1", Priority="1", ActionID="r", **headers)
        assert sales.response("r")["Message"] == "Action Filtered"


def test_c54_account_is_forced_and_hides_others(ruled, pbx):
    payer, free = login(ruled, "payer"), ruled.login("dave")
    free.fence()
    payer.send(
        ("Action", "Originate"),
        ("Channel", "SIP/1"),
        ("Account", "stolen"),
        ("account", "twice"),
        ("Exten", "1"),
        ("Context", "c"),
        ("Priority", "1"),
        ("ActionID", "o"),
    )
    action = pbx.expect(Action="Originate")
    assert [value for name, value in action.headers if name.lower() == "account"] == ["MyAccount"]
    action.reply()
    assert payer.response("o")["Response"] == "Success"
    channel(pbx, "Newchannel", "SIP/2-0", "20", AccountCode="others", DestAccountCode="more", PeerAccount="")
    shown = payer.read_until(Event="Newchannel")
    assert (shown["AccountCode"], shown["DestAccountCode"], shown["PeerAccount"]) == ("MyAccount", "MyAccount", "")
    assert free.read_until(Event="Newchannel")["AccountCode"] == "others"
    payer.send(Action="Setvar", Channel="SIP/1-0", Variable="CDR(accountcode)", Value="x", ActionID="v")
    assert payer.response("v")["Message"] == "Action Filtered"


REFUSED = [
    {"Action": "Hangup", "Channel": "SIP/2-0"},
    {"Action": "Hangup", "Channel": "20"},
    {"Action": "Hangup", "Channel": "/^SIP/"},
    {
        "Action": "Redirect",
        "Channel": "SIP/1-0",
        "ExtraChannel": "SIP/2-0",
        "Context": "c",
        "Exten": "1",
        "Priority": "1",
    },
    {"Action": "Getvar", "Channel": "SIP/2-0", "Variable": "x"},
    {"Action": "Getvar", "Variable": "x"},
    {"Action": "Getvar", "Channel": "SIP/1-0", "Variable": "IMPORT(SIP/2-0,x)"},
    {"Action": "Setvar", "Variable": "x", "Value": "1"},
    {"Action": "Setvar", "Channel": "SIP/1-0", "Variable": "GLOBAL(x)", "Value": "1"},
    {"Action": "Originate", "Channel": "SIP/2", "Context": "c", "Exten": "1", "Priority": "1"},
    {"Action": "Originate", "Channel": "SIP/1&SIP/2", "Context": "c", "Exten": "1", "Priority": "1"},
    {"Action": "Originate", "Channel": "SIP/1", "Application": "ChanSpy", "Data": "SIP/2-0"},
    {"Action": "Originate", "Channel": "Local/1@c", "Context": "c", "Exten": "1", "Priority": "1"},
    {
        "Action": "Originate",
        "Channel": "SIP/1",
        "Context": "c",
        "Exten": "1",
        "Priority": "1",
        "Variable": "SHELL(x)=1",
    },
    {"Action": "QueueAdd", "Queue": "q", "Interface": "SIP/2"},
    {"Action": "ConfbridgeKick", "Conference": "1", "Channel": "all"},
    {"Action": "ConfbridgeLock", "Conference": "1"},
    {"Action": "DBGet", "Family": "cidname", "Key": "2"},
    {"Action": "QueueReset"},
    {"Action": "BridgeDestroy", "BridgeUniqueid": "x"},
]


@pytest.mark.parametrize("action", REFUSED, ids=lambda action: "-".join(list(action.values())[:2]).replace("/", "_"))
def test_c28_c58_what_is_anothers_is_refused(ruled, pbx, action):
    alpha = login(ruled, "alpha", Events="off")
    channel(pbx, "Newchannel", "SIP/2-0", "20")
    alpha.send(**action, ActionID="x")
    assert alpha.response("x").text == "Response: Error\nActionID: x\nMessage: Action Filtered"
    assert [a["Action"] for a in pbx.actions] == []


@pytest.mark.parametrize(
    "command, allowed",
    [
        ("core show channel SIP/1-0", True),
        ("core show channel SIP/2-0", False),
        ("core show channels", False),
        ("core stop now", False),
    ],
)
def test_commands_of_a_tied_user(ruled, pbx, command, allowed):
    client = login(ruled, "granted", Events="off")
    client.send(Action="Command", Command=command, ActionID="c")
    if allowed:
        pbx.expect(Action="Command").reply()
        assert client.response("c")["Response"] == "Success"
    else:
        assert client.response("c")["Message"] == "Action Filtered"


def test_the_other_leg_of_ones_own_call_may_be_acted_upon(ruled, pbx):
    alpha = login(ruled, "alpha", Events="off")
    channel(pbx, "Newchannel", "SIP/trunk-0", "50")
    channel(pbx, "Newchannel", "SIP/1-0", "10", "50")
    alpha.fence()
    for target in ("SIP/1-0", "SIP/trunk-0", "50"):
        alpha.send(Action="Hangup", Channel=target, ActionID="h")
        pbx.expect(Action="Hangup", Channel=target).reply()
        assert alpha.response("h")["Response"] == "Success"
    channel(pbx, "Hangup", "SIP/trunk-0", "50", "50")
    alpha.fence()
    alpha.send(Action="Ping", Server="pbx1", ActionID="p")
    alpha.response("p")
    alpha.send(Action="Hangup", Channel="SIP/trunk-0", ActionID="h")
    assert alpha.response("h")["Message"] == "Action Filtered"


@pytest.mark.parametrize(
    "user, channel_, sent",
    [
        ("alpha", "Local/5@x", None),
        ("allow", "Local/5@x", "Local/5@x"),
        ("allowwith", "Local/5@x", None),
        ("allowwith", "Local/5", None),
        ("allowwith", "Local/5@out/n", "Local/5@out/n"),
        ("enforce", "Local/5@x", "Local/5@out"),
        ("enforce", "Local/5", "Local/5@out"),
        ("enforce", "Local/5@x/n", "Local/5@out/n"),
        ("enforce", "local/5/n", "local/5@out/n"),
        ("enforce", "SIP/1", "SIP/1"),
        ("enforce", "SIP/2", None),
        ("dialler", "Local/5@out", None),
    ],
)
def test_c56_filterlocal(ruled, pbx, user, channel_, sent):
    client = login(ruled, user, Events="off")
    client.send(Action="Originate", Channel=channel_, Context="out", Exten="1", Priority="1", ActionID="o")
    if sent is None:
        assert client.response("o")["Message"] == "Action Filtered"
        return
    action = pbx.expect(Action="Originate")
    assert action["Channel"] == sent
    action.reply()
    assert client.response("o")["Response"] == "Success"


def test_originate_needs_the_users_context(ruled, pbx):
    client = login(ruled, "dialler", Events="off")
    for more in ({}, {"Context": "other"}, {"Context": "Out"}):
        client.send(Action="Originate", Channel="SIP/1", Exten="1", Priority="1", ActionID="o", **more)
        assert client.response("o")["Message"] == "Action Filtered"


def test_originate_response_comes_back(ruled, pbx):
    alpha = login(ruled, "alpha", Events="off")
    alpha.send(Action="Originate", Channel="SIP/1", Context="c", Exten="1", Priority="1", Async="true", ActionID="o")
    action = pbx.expect(Action="Originate")
    action.reply(Message="Originate successfully queued")
    assert alpha.response("o")["Response"] == "Success"
    action.item("OriginateResponse", Privilege="call,all", Response="Failure", Channel="SIP/1", Uniqueid="<null>")
    assert alpha.read_until(Event="OriginateResponse")["ActionID"] == "o"


def test_asterisks_own_rules_without_the_class_system(ruled, pbx):
    client = ruled.login("caller", Events="off")
    for headers, text in (
        ({"Application": "System", "Data": "x"}, "Originate Access Forbidden: app or data blacklisted"),
        ({"Application": "Playback", "Data": "${SHELL(x)}"}, "Originate Access Forbidden: app or data blacklisted"),
    ):
        client.send(Action="Originate", Channel="SIP/1", ActionID="o", **headers)
        assert client.response("o")["Message"] == text
    client.send(Action="Getvar", Variable="SHELL(ls)", ActionID="g")
    assert client.response("g")["Message"] == "GetVar Access Forbidden: Variable"


def test_reload_changes_what_is_seen(reloadable, pbx):
    ruled, change = reloadable(users=USERS + RULED)
    alpha = login(ruled, "alpha")
    channel(pbx, "Newchannel", "SIP/2-0", "20")
    channel(pbx, "Newchannel", "SIP/1-0", "10")
    assert seen(alpha, pbx) == [("Newchannel", "10")]
    change(users=USERS + [{**user, "channel": "SIP/2"} if user["name"] == "alpha" else user for user in RULED])
    ruled.hang_up()
    channel(pbx, "Newstate", "SIP/2-0", "20")
    channel(pbx, "Newstate", "SIP/1-0", "10")
    assert seen(alpha, pbx) == [("Newstate", "20")]
