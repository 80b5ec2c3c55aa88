"""A tied user tries to reach channels of others: by lists with commas, by chosen ids, with a ProxyKey."""

import json

import pytest

from harness.proxy import USERS

SECRET = "tied-SECRET-T"
TIED = [
    {"name": "alpha", "secret": SECRET, "channel": "SIP/1"},
    {"name": "sales", "secret": SECRET, "in_context": "sales"},
    {"name": "second", "secret": SECRET, "in_context": "sales", "server": "pbx2"},
    {"name": "opened", "secret": SECRET, "channel": "SIP/1", "write": ["call", "reporting"], "variables": ["MY_PIN"]},
    {"name": "lists", "secret": SECRET, "channel": "SIP/1", "read": ["call", "reporting"]},
    {"name": "reader", "secret": SECRET, "channel": "SIP/1", "read": ["call"]},
]


@pytest.fixture
def tied(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, users=USERS + TIED)


def login(proxy, name):
    client = proxy.connect()
    assert client.login(name, SECRET, Events="off")["Response"] == "Success"
    return client


def is_refused(client, pbx, *pairs, **headers):
    """Sends it. Was it refused here, without a word to the server?"""
    client.send(*pairs, *headers.items(), ("ActionID", "t"))
    answer = client.response("t")
    assert answer["Message"] == "Action Filtered", answer
    return answer["Response"] == "Error" and pbx.actions == []


def is_sent(client, pbx, **headers):
    pbx.answers[headers["Action"]] = lambda action: action.reply("Success")
    client.send(**headers, ActionID="t")
    return client.response("t")["Response"] == "Success"


ORIGINATE = {"Action": "Originate", "Channel": "SIP/1", "Context": "c", "Exten": "1", "Priority": "1"}


ASSIGNMENTS = [
    "A=1,FILE(/tmp/x)=owned",
    'A=1,FI"LE"(/tmp/x)=owned',
    "A=1,\\FILE(/tmp/x)=owned",
    'A="1,FILE(/tmp/x)=owned',
    "A=[,FILE(/tmp/x)=owned]",
    "A=1|FILE(/tmp/x)=owned",
    "A=1,__FILE(/tmp/x)=owned",
]


def test_f03_assignments_behind_a_comma(tied, pbx):
    alpha = login(tied, "alpha")
    for value in ASSIGNMENTS:
        assert is_refused(alpha, pbx, **ORIGINATE, Variable=value)
        assert is_refused(alpha, pbx, *ORIGINATE.items(), ("Variable", "A=1"), ("variable", value))


def test_f03_lists_of_variables(tied, pbx):
    alpha = login(tied, "alpha")
    for value in ("CALLERID(num),ENV(PATH)", "CALLERID(num),IMPORT(SIP/2-0,PIN)", "EXTEN,SECRET", "SECRET"):
        assert is_refused(alpha, pbx, Action="Status", Variables=value)
        assert is_refused(alpha, pbx, Action="Getvar", Channel="SIP/1-0", Variable=value)


def test_f03_what_may_be_read_and_set(tied, pbx):
    alpha, opened = login(tied, "alpha"), login(tied, "opened")
    assert is_sent(alpha, pbx, Action="Getvar", Channel="SIP/1-0", Variable="EXTEN")
    assert is_sent(alpha, pbx, **ORIGINATE, Variable='A=1,B="x,y"')
    assert is_sent(opened, pbx, Action="Getvar", Channel="SIP/1-0", Variable="MY_PIN")


def test_f04_ids_that_a_client_chooses(tied, pbx):
    alpha = login(tied, "alpha")
    for header in ("ChannelId", "channelid", "OtherChannelId", "OTHERCHANNELID"):
        assert is_refused(alpha, pbx, **ORIGINATE, Async="true", **{header: "pbx-1.2"})


CLOSED = [
    "DBGet",
    "DBGetTree",
    "BridgeDestroy",
    "QueueReset",
    "AgentLogoff",
    "MessageSend",
    "VoicemailRemove",
    "LoggerRotate",
    "PJSIPUnregister",
    "Setvar",
    "NoSuchAction",
]


def test_f05_an_own_channel_is_no_key(tied, pbx):
    alpha = login(tied, "alpha")
    for action in CLOSED:
        for header, value in (("Channel", "SIP/1-0"), ("Interface", "SIP/1"), ("channel", "SIP/1")):
            alpha.send(("Action", action), ("Channel", ""), (header, value), ("Variable", "x"), ("ActionID", "t"))
            assert alpha.response("t")["Message"] in ("Action Filtered", "Permission denied"), (action, header)
    assert pbx.actions == []


def test_f05_in_other_formats_too(start_proxy, pbx):
    proxy = start_proxy(
        {"pbx1": pbx}, users=USERS + TIED, plugins={"load": ["json", "standard"]}, listen={"input": "auto"}
    )
    client = proxy.connect(banner=False)
    login_line = json.dumps({"Action": "Login", "Username": "alpha", "Secret": SECRET, "Events": "off"})
    client.send_raw(login_line.encode() + b"\n")
    for number, action in enumerate(
        [
            {"Action": "DBGet", "Channel": "SIP/1-0", "Family": "x", "Key": "y"},
            {**ORIGINATE, "Variable": ["A=1", "B=2,FILE(x)=3"]},
            {"Action": "Hangup", "Channel": ["SIP/1-0", "SIP/2-0"]},
            {"Action": "Hangup", "Channel": "  SIP/2-0"},
            {"Action": "Setvar", "Channel": "  ", "channel": "SIP/1-0", "Variable": "x", "Value": "1"},
            {"Action": "Hangup", "Channel": "SIP/2-0", "Server": []},
        ]
    ):
        client.send_raw(json.dumps({**action, "ActionID": f"n{number}"}).encode() + b"\n")
        assert client.response(f"n{number}")["Message"] == "Action Filtered", action
    assert pbx.actions == []


def test_f06_judged_where_it_is_sent(start_proxy, scripted):
    """`SIP/7-0` is the user's on pbx2 and another's on pbx1, where actions without a server's name go."""
    one, two = scripted(), scripted()
    proxy = start_proxy({"pbx1": one, "pbx2": two}, users=USERS + TIED)
    watcher, sales, second = proxy.login("dave"), login(proxy, "sales"), login(proxy, "second")
    for pbx, context in ((one, "other"), (two, "sales")):
        pbx.event(
            "Newchannel",
            "call,all",
            Channel="SIP/7-0",
            Uniqueid=f"{context}.1",
            Linkedid=f"{context}.1",
            Context=context,
        )
        watcher.read_until(Event="Newchannel")
    for name in ("pbx1", "pbx2"):  # both workers have heard of it
        for client in (sales, second):
            client.send(Action="Ping", Server=name, ActionID="p")
            client.response("p")
    for header in ({}, {"Server": ""}, {"Server": "pbx1"}, {"SERVER": "PBX1"}):
        for target in ("SIP/7-0", "sales.1"):
            assert is_refused(sales, one, Action="Hangup", Channel=target, **header)
        assert is_sent(second, two, Action="Hangup", Channel="SIP/7-0", **header)  # the user's own server wins
    assert is_refused(sales, one, Action="Hangup", Channel="SIP/7-0", Server="*")
    assert is_sent(sales, two, Action="Hangup", Channel="SIP/7-0", Server="pbx2")
    assert one.actions == []


LISTS = [
    "ShowDialPlan",
    "VoicemailUsersList",
    "Agents",
    "ExtensionState",
    "ExtensionStateList",
    "MailboxStatus",
    "QueueSummary",
    "Parkinglots",
    "MailboxCount",
    "PresenceStateList",
]


def test_f07_lists_of_what_is_nobodys(tied, pbx):
    alpha, reader, lists, opened = (login(tied, name) for name in ("alpha", "reader", "lists", "opened"))
    for name in LISTS:
        for client in (alpha, reader):
            client.send(Action=name, Channel="SIP/1-0", ActionID="t")
            assert client.response("t")["Message"] in ("Action Filtered", "Permission denied"), name
    assert pbx.actions == []
    assert is_sent(opened, pbx, Action="MailboxStatus", Mailbox="1")
    assert is_sent(lists, pbx, Action="MailboxStatus", Mailbox="1")


# -- after a script

SHARED = ["Logoff", "Events", "Login", "Challenge", "Filter", "WaitEvent", "lOGOFF"]
HOOK = """
    return { action = function(a, session)
      local wanted = a.Become
      if wanted then a.Become = nil; a.Action = wanted end
      if a.Touch then a.Channel = a.Touch; a.Touch = nil end
      if a.Add then a.Variable = a.Add; a.Add = nil end
      return true
    end }
"""


@pytest.fixture
def hooked(start_proxy, pbx, scripts):
    judged = ("dave", "caller", "alpha")
    users = [{**user, "filters": ["hook"]} if user["name"] in judged else user for user in USERS + TIED]
    root = scripts(filter_hook=HOOK)
    return start_proxy({"pbx1": pbx}, users=users, scripts={"path": root})


def test_f08_a_script_makes_no_action_of_the_connection(hooked, pbx):
    dave, bill = hooked.login("dave", Events="off"), hooked.login("bill", Events="call")
    for action in SHARED:
        assert dave.ask(Action="Hangup", Become=action, EventMask="off")["Response"] == "Error", action
        assert dave.ask(Action="Hangup", Become=action, EventMask="off", Server="*")["Response"] == "Error", action
    pbx.event("Newchannel", "call,all", Channel="SIP/1-0", Uniqueid="1", Linkedid="1")
    assert bill.read_until(Event="Newchannel")["Channel"] == "SIP/1-0"
    assert pbx.logoffs == 0 and pbx.accepted == 1


def test_f08_what_a_script_made_is_judged_again(hooked, pbx):
    alpha, caller = login(hooked, "alpha"), hooked.login("caller", Events="off")
    assert is_refused(alpha, pbx, Action="Hangup", Channel="SIP/1-0", Touch="SIP/2-0")
    assert is_refused(alpha, pbx, Action="Hangup", Channel="SIP/1-0", Become="QueueReset")
    assert is_refused(alpha, pbx, **ORIGINATE, Add="A=1,FILE(x)=2")
    caller.send(Action="Hangup", Channel="SIP/1-0", Become="DBPut", ActionID="c")
    assert caller.response("c")["Message"] == "Permission denied"
    caller.send(Action="Hangup", Channel="SIP/1-0", Become="Getvar", Add="SHELL(ls)", ActionID="g")
    assert caller.response("g")["Response"] == "Error"
    assert pbx.actions == []
    assert is_sent(alpha, pbx, Action="Hangup", Channel="SIP/1-0")


def test_f08_scripts_do_not_ask_it_either(start_proxy, pbx, scripts):
    root = scripts(
        filter_asker="""
        return { action = function(a)
          local got = amp.call{ Action = a.Ask, EventMask = "off" }
          return false, got.ok and "it was sent" or "it was refused"
        end }"""
    )
    users = [{**user, "filters": ["asker"]} if user["name"] == "bill" else user for user in USERS]
    proxy = start_proxy({"pbx1": pbx}, users=users, scripts={"path": root})
    bill = proxy.login("bill", Events="off")
    for action in SHARED:
        assert bill.ask(Action="Hangup", Ask=action)["Message"] == "it was refused", action
    assert pbx.actions == [] and pbx.logoffs == 0
