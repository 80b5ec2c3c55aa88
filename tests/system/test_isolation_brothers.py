"""More ways to reach channels of others: headers in unusual places, what Asterisk cuts off, what Asterisk does by
itself."""

import pytest

from harness.proxy import USERS
from harness.tied import SECRET, is_refused, is_sent, login
from harness.web import ALL_PLUGINS, Web, basic, listeners

TIED = [
    {"name": "alpha", "secret": SECRET, "channel": "SIP/1"},
    {"name": "beta", "secret": SECRET, "channel": "SIP/2"},
    {"name": "opened", "secret": SECRET, "channel": "SIP/1", "write": ["call", "reporting", "agent", "originate"]},
    {"name": "lists", "secret": SECRET, "channel": "SIP/1", "read": ["call", "agent", "reporting"]},
    {"name": "dialler", "secret": SECRET, "channel": "SIP/1", "out_context": "out"},
    {"name": "only", "secret": SECRET, "in_context": "sales"},
    {
        "name": "onlygranted",
        "secret": SECRET,
        "in_context": "sales",
        "write": ["agent", "reporting", "system", "originate"],
    },
    {"name": "outonly", "secret": SECRET, "out_context": "out"},
    {"name": "with", "secret": SECRET, "channel": "SIP/1", "out_context": "out", "filterlocal": "allowwith"},
    {"name": "enforced", "secret": SECRET, "channel": "SIP/1", "out_context": "out", "filterlocal": "enforce"},
    {"name": "payer", "secret": SECRET, "account": "mine"},
]
ORIGINATE = {"Action": "Originate", "Channel": "SIP/1", "Exten": "1", "Priority": "1"}


@pytest.fixture
def tied(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, users=USERS + TIED)


# -- what stands in an unexpected place

FOREIGN = [
    ("Uniqueid", "2.2"),
    ("DestUniqueid", "2.2"),
    ("Device", "SIP/2"),
    ("Location", "SIP/2"),
    ("Interface", "SIP/2"),
    ("BridgeUniqueid", "x"),
    ("Channel", "SIP/2-0"),
    ("Event", "Hangup"),
    ("Privilege", "call,all"),
]


def test_f05_the_first_header_of_a_user_event_is_judged_too(tied, pbx):
    alpha, watcher = login(tied, "alpha"), tied.login("dave")
    pbx.event("Newchannel", "call,all", Channel="SIP/2-0", Uniqueid="2.2", Linkedid="2.2")
    watcher.read_until(Event="Newchannel")
    for header in FOREIGN:
        assert is_refused(alpha, pbx, header, ("Action", "UserEvent"), ("UserEvent", "Hello")), header
        assert is_refused(alpha, pbx, ("ActionID", "t"), header, ("Action", "UserEvent"), ("UserEvent", "Hello")), (
            header
        )
    assert is_sent(alpha, pbx, ("UserEvent", "Hello"), ("Action", "UserEvent"), ("Uniqueid", "")) is not None


# -- what Asterisk acts upon by itself


def test_f03_all_variables_of_a_channel(tied, pbx):
    """Status shows them all, whatever `Variables` names."""
    for user in ("alpha", "opened"):
        client = login(tied, user)
        for value in ("true", "yes", "on", "1"):
            assert is_refused(client, pbx, Action="Status", Channel="SIP/1-0", AllVariables=value)
            assert is_refused(client, pbx, Action="Status", allvariables=value)


PROGRAMS = [
    "MONITOR_EXEC",
    "MONITOR_EXEC_ARGS",
    "MONITOR_FILENAME",
    "MONITOR_OPTIONS",
    "MEETME_AGI_BACKGROUND",
    "AUTO_MONITOR",
    "DUNDIDIALARGS",
    "MVM_FILENAME",
    "MVM_FORMAT",
]
PLACES = [
    "TRANSFER_CONTEXT",
    "GOTO_ON_BLINDXFR",
    "CONNECTED_LINE_SEND_SUB",
    "REDIRECTING_SEND_SUB",
    "GOSUB_RESULT",
    "MACRO_RESULT",
    "CONNECTED_LINE_CALLEE_SEND_MACRO",
    "REDIRECTING_CALLER_SEND_MACRO",
    "EXITCONTEXT",
    "TRANSFER_EXTEN",
    "WHILE_0",
    "END_WHILE_0",
    "IF_0",
    "END_IF_0",
    "~GOSUB~STACK~",
]
REACHING = [
    "TOUCH_MONITOR",
    "TOUCH_MIXMONITOR_FORMAT",
    "MEETME_RECORDINGFILE",
    "PARKINGLOT",
    "PARKINGDYNPOS",
    "BLINDTRANSFER",
    "ATTENDEDTRANSFER",
    "DYNAMIC_FEATURES",
    "BRIDGE_PLAY_SOUND",
    "ATTENDED_TRANSFER_COMPLETE_SOUND",
    "LIMIT_CONNECT_FILE",
    "LIMIT_TIMEOUT_FILE",
    "CONF_LIMIT_WARNING_FILE",
    "AGENTGOODBYE",
    "CALLWAITDELUXEANNOUNCEMENT",
]


def test_f03_variables_that_asterisk_acts_upon(tied, pbx):
    alpha, dialler, opened = login(tied, "alpha"), login(tied, "dialler"), login(tied, "opened")
    for name in PROGRAMS + REACHING + PLACES:
        for spelling in (name, name.lower(), "_" + name, "___" + name):
            setvar = {"Action": "Setvar", "Channel": "SIP/1-0", "Variable": spelling, "Value": "x"}
            originate = {**ORIGINATE, "Context": "out", "Variable": f"A=1,{spelling}=x"}
            assert is_refused(dialler, pbx, **setvar) and is_refused(dialler, pbx, **originate), name
            for client, may in ((alpha, name in PLACES), (opened, name not in PROGRAMS)):
                for action in (setvar, originate):
                    assert is_sent(client, pbx, **action) if may else is_refused(client, pbx, **action), name
    for name in ("MONITORING", "CALL_NOTE", "PARKING_NOTE", "CONTEXTS", "SUB", "WHILE", "FILE"):
        assert is_sent(dialler, pbx, Action="Setvar", Channel="SIP/1-0", Variable="__" + name, Value="x")


# -- what Asterisk cuts off


def test_f09_a_context_that_asterisk_cuts_off(tied, pbx):
    """Older ones keep 79 bytes behind `Local/`, all of them 255 of the dial string: the rest of a context is then
    another's."""
    for length in (76, 79, 80, 240, 245, 250):
        for user, tail in (
            ("with", "@out"),
            ("with", "@out/n"),
            ("enforced", ""),
            ("enforced", "@other"),
            ("enforced", "/n"),
        ):
            client = login(tied, user)
            channel = "Local/" + "5" * length + tail
            assert is_refused(client, pbx, **{**ORIGINATE, "Channel": channel, "Context": "out"}), (length, user, tail)
    for user in ("with", "enforced"):
        channel = "Local/" + "5" * 70 + "@out"
        assert (
            is_sent(login(tied, user), pbx, **{**ORIGINATE, "Channel": channel, "Context": "out"})["Channel"] == channel
        )


def test_f09_an_account_that_asterisk_does_not_read(tied, pbx):
    """Asterisk reads 128 lines: the user's own account must be one of them."""
    payer = login(tied, "payer")
    full = [*ORIGINATE.items(), *(("Variable", f"A{number}=1") for number in range(127 - len(ORIGINATE)))]
    assert is_refused(payer, pbx, *full, message="Too many lines in message or allocation failure")
    assert is_sent(payer, pbx, *full[:-1])["Account"] == "mine"
    assert is_sent(payer, pbx, *full[:-1], ("account", "x")).all("Account") == ["mine"]


ACCOUNTS = [
    "ARRAY(CDR(account\\\\code))=x",
    'ARRAY(CDR(account\\"code))=x',
    "CDR(ACCOUNTCODE)=x",
    "A=1,ARRAY(B,CHANNEL(a\\\\\\\\ccountcode))=x",
]


def test_f03_an_account_behind_quotes(tied, pbx):
    payer = login(tied, "payer")
    for variable in ACCOUNTS:
        assert is_refused(payer, pbx, **ORIGINATE, Variable=variable)
        assert is_refused(
            payer, pbx, Action="Setvar", Channel="SIP/1-0", Variable=variable.rsplit("=", 1)[0], Value="x"
        )


def test_f03_an_application_of_old_that_sets_the_account(tied, pbx):
    payer = login(tied, "payer")
    assert is_refused(payer, pbx, Action="Originate", Channel="SIP/1", Application="SetAccount", Data="other")
    assert is_refused(
        payer, pbx, Action="Originate", Channel="SIP/1", Application="Set", Data="CDR(account\\code)=other"
    )


@pytest.mark.parametrize(
    "header, value",
    [("Peer", "2"), ("Endpoint", "2"), ("Interface", "SIP/2"), ("peer", "SIP/2"), ("TalkingToChan", "SIP/2-0")],
)
def test_f05_devices_of_another_in_actions_that_nobody_knows(start_proxy, pbx, header, value):
    users = [{"name": "full", "secret": SECRET, "channel": "SIP/1", "write": ["all"]}]
    full = login(start_proxy({"pbx1": pbx}, users=USERS + users), "full")
    assert is_refused(full, pbx, ("Action", "VendorAction"), (header, value))
    assert is_sent(full, pbx, ("Action", "VendorAction"), (header, value.replace("2", "1"))) is not None


def test_f05_a_queue_member_is_a_way_into_a_context(start_proxy, pbx):
    users = [
        {"name": "sales", "secret": SECRET, "in_context": "sales", "out_context": "sales", "write": ["agent"]},
        {"name": "local", "secret": SECRET, "channel": "Local/*", "out_context": "sales"},
    ]
    proxy = start_proxy({"pbx1": pbx}, users=USERS + users)
    sales, local = login(proxy, "sales"), login(proxy, "local")
    assert is_refused(local, pbx, Action="QueueAdd", Queue="q", Interface="Local/1@other")
    assert is_sent(local, pbx, Action="QueueAdd", Queue="q", Interface="Local/1@sales")
    for device in (
        "Local/1@other",
        "local/1",
        "Local/1/n@sales",
        "Local/1@sales@other",
        "LOCAL/1@Sales/n",
        "Local/$1@sales",
        f"Local/{'1' * 74}@sales",
    ):
        assert is_refused(sales, pbx, Action="QueueAdd", Queue="q", Interface=device), device
    for device in ("Local/1@sales/n", "SIP/7"):
        assert is_sent(sales, pbx, Action="QueueAdd", Queue="q", Interface=device)


# -- what is nobody's


def list_queues(action):
    action.start_list()
    action.item("QueueParams", Queue="q", Max="0")
    action.item("QueueMember", Queue="q", Location="SIP/2", Name="Bob")
    action.item("QueueMember", Queue="q", Location="SIP/1", Name="Ann")
    action.item("QueueMember", Queue="q", Location="", Name="Eve")
    action.item("QueueEntry", Queue="q", Channel="SIP/2-0", Uniqueid="2.2")
    action.end_list("QueueStatusComplete", 5)


def test_f07_items_that_name_nothing(tied, pbx):
    pbx.answers["QueueStatus"] = list_queues
    for user, shown in (
        ("alpha", ["Ann"]),
        ("only", []),
        ("lists", ["q", "Ann", "Eve"]),
        ("opened", ["q", "Ann", "Eve"]),
    ):
        for more in ({}, {"Server": "*"}):
            client = login(tied, user)
            client.send(Action="QueueStatus", ActionID="q", **more)
            *messages, end = client.collect_until(Event="QueueStatusComplete")
            items = [message for message in messages if "Event" in message]
            assert [item.get("Name") or item["Queue"] for item in items] == shown
            assert end["ListItems"] == str(len(shown))


def list_agents(action):
    action.start_list()
    action.item("Agents", Agent="1", Status="AGENT_ONCALL", TalkingToChan="SIP/2-0")
    action.item("Agents", Agent="2", Status="AGENT_ONCALL", LoggedInChan="SIP/2-0", TalkingToChan="n/a")
    action.item("Agents", Agent="3", Status="AGENT_LOGGEDOFF", LoggedInChan="n/a", TalkingToChan="n/a")
    action.item("Agents", Agent="4", Status="AGENT_ONCALL", TalkingToChan="SIP/1-0")
    action.end_list("AgentsComplete", 4)


def test_f07_agents_who_talk_to_others(tied, pbx):
    """A grant to list agents shows those who are off and those who talk to the user, but nobody else's calls."""
    pbx.answers["Agents"] = list_agents
    watcher = tied.login("dave")
    for device in ("1", "2"):
        pbx.event("Newchannel", "call,all", Channel=f"SIP/{device}-0", Uniqueid=device, Linkedid=device)
        watcher.read_until(Event="Newchannel")
    for more in ({}, {"Server": "*"}):
        client = login(tied, "opened")
        client.send(Action="Agents", ActionID="a", **more)
        *messages, end = client.collect_until(Event="AgentsComplete")
        assert [item["Agent"] for item in messages if "Agent" in item] == ["3", "4"]
        assert end["ListItems"] == "2"


def list_peers(action):
    action.start_list()
    for technology, more in (
        ("SIP", {"Channeltype": "SIP"}),
        ("IAX", {"Channeltype": "IAX"}),
        ("PJSIP", {"ObjectType": "endpoint"}),
    ):
        action.item("PeerEntry", Mark=technology, **more, ObjectName="1")
    action.end_list("PeerlistComplete", 3)


def test_f09_peers_of_another_technology(start_proxy, pbx):
    """`100` of SIP is another device than `100` of PJSIP or IAX."""
    users = [
        {"name": kind, "secret": SECRET, "channel": f"{kind}/1", "write": ["system", "reporting"]}
        for kind in ("SIP", "PJSIP", "IAX2")
    ]
    proxy = start_proxy({"pbx1": pbx}, users=USERS + users)
    pbx.answers["SIPpeers"] = list_peers
    for user, mark in (("SIP", "SIP"), ("PJSIP", "PJSIP"), ("IAX2", "IAX")):
        client = login(proxy, user)
        client.send(Action="SIPpeers", ActionID="p")
        assert [item["Mark"] for item in client.collect_until(Event="PeerlistComplete") if "Mark" in item] == [mark]
        for action in ("SIPpeerstatus", "SIPpeers"):
            pbx.answers.pop(action, None)
        for peer in ("1", "SIP/1"):
            action = {"Action": "SIPpeerstatus", "Peer": peer}
            assert is_sent(client, pbx, **action) if user == "SIP" else is_refused(client, pbx, **action), (user, peer)
        pbx.answers["SIPpeers"] = list_peers


def test_f07_lists_that_older_releases_write_as_text(tied, pbx):
    assert is_refused(login(tied, "alpha"), pbx, Action="IAXpeers")
    assert is_sent(login(tied, "opened"), pbx, Action="IAXpeers") is not None


def test_f05_devices_of_who_has_none(tied, pbx):
    """A user who is tied by a context only owns no device."""
    only, granted, outonly = login(tied, "only"), login(tied, "onlygranted"), login(tied, "outonly")
    assert is_sent(outonly, pbx, Action="QueuePause", Interface="SIP/2", Paused="1")  # they see all calls
    for action in (
        {"Action": "QueueAdd", "Queue": "q", "Interface": "SIP/2"},
        {"Action": "QueueRemove", "Queue": "q", "Interface": "SIP/2"},
        {"Action": "QueuePause", "Interface": "SIP/2", "Paused": "1"},
        {"Action": "SIPshowpeer", "Peer": "2"},
        {"Action": "QueueLog", "Queue": "q", "Event": "X", "Interface": "SIP/2"},
    ):
        assert is_sent(granted, pbx, **action)
        only.send(**action, ActionID="t")
        assert only.response("t")["Message"] in ("Action Filtered", "Permission denied"), action
    assert pbx.actions == []
    assert is_sent(only, pbx, **{**ORIGINATE, "Channel": "SIP/2", "Context": "sales"})


# -- who uses the connection next


def test_f01_filters_are_of_who_has_set_them(start_proxy, pbx):
    """A kept HTTP connection, as a proxy in front has them: one user's `Action: Filter` is not the next one's."""
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS)
    client = Web(proxy.addresses[1], basic("dave"))
    proxy.clients.append(client)
    assert client.get("/?Action=Filter&Operation=Add&Filter=!Event:%20.*").status == 200
    for user in ("bill", "dave"):  # dave has logged in again: dave's are gone, too
        client.auth = basic(user)
        pbx.answers["QueueReset"] = lambda action: (action.reply(), pbx.event("Reload", "system,all", Module="All"))
        answer = client.get("/?Action=QueueReset", X_Until_Event="Reload")
        assert '"Event":"Reload"' in answer.text.replace(": ", ":"), (user, answer)
