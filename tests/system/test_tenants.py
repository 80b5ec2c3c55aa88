"""Users with `tenant`: they see and act on calls with their Tenantid only, whatever the other tenant or a client does."""

import os

import pytest

from harness.message import Message
from harness.proxy import USERS, configuration, server_entry, write_configuration

SECRET = "tenant-SECRET-T"
BY_HAND = os.path.join(os.path.dirname(__file__), "..", "data", "by-hand", "two-tenants.txt")
TENANTS = [
    {"name": "acme", "secret": SECRET, "tenant": "acme", "out_context": "acme"},
    {"name": "bolt", "secret": SECRET, "tenant": "bolt", "out_context": "bolt", "snapshot": True},
    {"name": "phone", "secret": SECRET, "tenant": "acme", "channel": "PJSIP/acme-101"},
    {"name": "granted", "secret": SECRET, "tenant": "acme", "write": ["all"]},
]


@pytest.fixture
def proxy(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, users=USERS + TENANTS, plugins={"load": ["json", "standard"]})


def login(proxy, name, **headers):
    client = proxy.connect()
    assert client.login(name, SECRET, **headers)["Response"] == "Success"
    client.fence()
    return client


def seen(client):
    client.send(Action="Ping", Server="pbx1", ActionID="seen")
    return [message for message in client.collect_until(ActionID="seen")[:-1] if "Event" in message]


def channel(pbx, event, name, uid, tenant=None, linked=None, **more):
    if tenant is not None:
        more["Tenantid"] = tenant
    pbx.event(event, "call,all", Channel=name, Uniqueid=uid, Linkedid=linked or uid, **more)


def short(messages):
    return [(m["Event"], (m.get("Uniqueid") or "").rpartition(".")[2]) for m in messages]


# -- a stream of two tenants

IDS = ("Uniqueid", "DestUniqueid", "LocalOneUniqueid", "LocalTwoUniqueid", "SourceUniqueid", "TransfererUniqueid")
IDS += ("TransfereeUniqueid", "TargetUniqueid")
OWNS = {"acme": {"1", "2", "7"}, "bolt": {"3", "4", "5", "6"}, "phone": {"7"}}


def due(messages, user):
    """What the user is due: by the numbers of the channels, as the stream was written."""
    numbers = {m["Channel"]: m["Uniqueid"].rpartition(".")[2] for m in messages if m["Event"] == "Newchannel"}
    result, is_bolts, created = [], False, None
    for message in messages:
        named = {message[header].rpartition(".")[2] for header in IDS if header in message}
        if message["Event"] == "Cdr":
            named |= {numbers[message[h]] for h in ("Channel", "DestinationChannel") if message[h]}
        if "3" in named and not is_bolts:  # before its tenant is known
            created = message if message["Event"] == "Newchannel" else created
            if "Tenantid" not in message:
                continue
            is_bolts = True
            result += [created] if user == "bolt" else []
        if not named:
            result += [message] if user == "acme" else []  # the bridge of its call
        elif named <= OWNS[user]:
            result.append(message)
    return short(result)


def test_a_stream_of_two_tenants(proxy, pbx):
    clients = {name: login(proxy, name) for name in ("acme", "bolt", "phone")}
    with open(BY_HAND, "rb") as file:
        stream = file.read()
    messages = [Message(block) for block in stream.split(b"\r\n\r\n")[:-1]]
    pbx.send_raw(stream)
    for name, client in clients.items():
        shown = seen(client)
        assert short(shown) == due(messages, name), name
        other = "acme" if name == "bolt" else "bolt"
        for message in shown:
            assert f"enantid: {other}" not in message.text and f"PJSIP/{other}-" not in message.text, message
    assert len(short(messages)) == len(messages) == 69


# -- actions


def is_refused(client, pbx, *pairs, **headers):
    client.send(*pairs, *headers.items(), ("ActionID", "t"))
    answer = client.response("t")
    assert answer["Message"] in ("Action Filtered", "Permission denied"), answer
    return pbx.actions == []


def is_sent(client, pbx, *pairs, **headers):
    name = dict([*pairs, *headers.items()])["Action"]
    pbx.answers[name] = lambda action: action.reply("Success")
    client.send(*pairs, *headers.items(), ("ActionID", "t"))
    answer = client.response("t")
    del pbx.answers[name]
    return answer["Response"] == "Success"


@pytest.fixture
def talking(proxy, pbx):
    free = proxy.login("dave")
    channel(pbx, "Newchannel", "PJSIP/acme-1-0", "a.1", "acme")
    channel(pbx, "Newchannel", "PJSIP/bolt-1-0", "b.1", "bolt")
    channel(pbx, "Newchannel", "PJSIP/trunk-0", "n.1")
    free.read_until(Uniqueid="n.1")
    return {name: login(proxy, name) for name in ("acme", "bolt", "granted")}


def test_who_acts_on_which_channel(talking, pbx):
    acme, bolt = talking["acme"], talking["bolt"]
    for own, other, client in (("acme-1-0", "bolt-1-0", acme), ("bolt-1-0", "acme-1-0", bolt)):
        assert is_sent(client, pbx, Action="Hangup", Channel="PJSIP/" + own)
        for target in ("PJSIP/" + other, other[0] + ".1", "PJSIP/trunk-0", "n.1", "PJSIP/nobody-0", "/.*/", "all"):
            assert is_refused(client, pbx, Action="Hangup", Channel=target), target
            assert is_refused(client, pbx, Action="Redirect", Channel="PJSIP/" + own, ExtraChannel=target, Context="x")
            assert is_refused(client, pbx, Action="Bridge", Channel1="PJSIP/" + own, Channel2=target), target
    for device in ("PJSIP/acme-1", "PJSIP/bolt-1", "Local/1@bolt", "Local/1"):
        assert is_refused(acme, pbx, Action="Originate", Channel=device, Context="acme", Exten="1", Priority="1")
        assert is_refused(acme, pbx, Action="QueueAdd", Queue="q", Interface=device)
    originate = {"Action": "Originate", "Context": "acme", "Exten": "1", "Priority": "1"}
    assert is_sent(acme, pbx, **originate, Channel="Local/1@acme")
    assert is_sent(talking["granted"], pbx, **originate, Channel="PJSIP/acme-1")
    assert is_refused(talking["granted"], pbx, Action="Hangup", Channel="PJSIP/bolt-1-0")


def test_the_same_names_on_two_servers(start_proxy, scripted):
    """What is acme's on the one server is bolt's on the other: an action must be allowed on each server that gets it."""
    one, two = scripted(), scripted()
    proxy = start_proxy({"one": one, "two": two}, users=USERS + TENANTS)
    free, acme = proxy.login("dave"), login(proxy, "acme")
    for pbx, tenant in ((one, "acme"), (two, "bolt")):
        channel(pbx, "Newchannel", "PJSIP/x-0", "x.1", tenant)
        free.read_until(Uniqueid="x.1", Server="one" if pbx is one else "two")
    for target in ("PJSIP/x-0", "x.1"):
        for server in ("two", "TWO", "*", " *"):
            assert is_refused(acme, two, Action="Hangup", Channel=target, Server=server), server
        for server in ("two", "*"):  # the first one counts
            pairs = (("Action", "Hangup"), ("Channel", target), ("Server", server), ("Server", "one"))
            assert is_refused(acme, two, *pairs), server
        for more in ({}, {"Server": "one"}, {"Server": "ONE"}):
            assert is_sent(acme, one, Action="Hangup", Channel=target, **more), more
    assert [action for action in two.actions if action["Action"] == "Hangup"] == []


SPOOFS = ["CHANNEL(tenantid)", "__CHANNEL(tenantid)", "CHANNEL(tenantid)=bolt,A", "CDR(tenantid)", "MASTER_CHANNEL(x)"]


def test_no_action_gives_a_channel_another_tenant(talking, pbx):
    for name in ("acme", "granted"):
        client, call = talking[name], {"Action": "Originate", "Channel": "Local/1@acme", "Context": "acme"}
        for variable in SPOOFS:
            assert is_refused(client, pbx, Action="Setvar", Channel="PJSIP/acme-1-0", Variable=variable, Value="bolt")
            for value in (f"{variable}=bolt", f"A=1,{variable}=bolt"):
                assert is_refused(client, pbx, **call, Exten="1", Priority="1", Variable=value)
        for header in ("ChannelId", "OtherChannelId"):
            assert is_refused(client, pbx, **call, Exten="1", Priority="1", **{header: "b.1"})
    tell = {"Action": "UserEvent", "UserEvent": "Hello"}
    for header, value in (
        ("Tenantid", "bolt"),
        ("TENANTID", "bolt"),
        ("DestTenantid", "bolt"),
        ("Tenantid", "Acme"),
        ("Tenantid", "acme\t"),
        ("Uniqueid", "b.1"),
        ("Channel", "PJSIP/bolt-1-0"),
    ):
        assert is_refused(talking["acme"], pbx, **tell, **{header: value}), (header, value)
    assert is_refused(talking["acme"], pbx, *tell.items(), ("Tenantid", "acme"), ("tenantid", "bolt"))
    assert is_sent(talking["acme"], pbx, **tell, Tenantid="acme", Channel="PJSIP/acme-1-0")


def test_rights_follow_the_channel(talking, pbx):
    """Judged on what is up now: a channel that got another tenant is lost."""
    acme, bolt = talking["acme"], talking["bolt"]
    channel(pbx, "Newstate", "PJSIP/acme-1-0", "a.1", "bolt")
    assert short(seen(bolt))[-1] == ("Newstate", "1")
    seen(acme)
    assert is_refused(acme, pbx, Action="Hangup", Channel="PJSIP/acme-1-0")
    assert is_sent(bolt, pbx, Action="Hangup", Channel="PJSIP/acme-1-0")
    channel(pbx, "Hangup", "PJSIP/acme-1-0", "a.1", "bolt")
    assert seen(acme) == [] and short(seen(bolt)) == [("Hangup", "1")]


def test_a_script_sends_no_action_for_another_tenant(start_proxy, pbx, scripts):
    root = scripts(filter_hook="return { action = function(a) a.Channel = 'PJSIP/bolt-1-0'; return true end }")
    users = [{**TENANTS[0], "filters": ["hook"]}]
    proxy = start_proxy({"pbx1": pbx}, users=USERS + users, scripts={"path": root})
    free, acme = proxy.login("dave"), login(proxy, "acme")
    channel(pbx, "Newchannel", "PJSIP/acme-1-0", "a.1", "acme")
    channel(pbx, "Newchannel", "PJSIP/bolt-1-0", "b.1", "bolt")
    free.read_until(Uniqueid="b.1")
    seen(acme)
    assert is_refused(acme, pbx, Action="Hangup", Channel="PJSIP/acme-1-0")


# -- lists, snapshots, reloads


def list_channels(action):
    action.start_list()
    for number, tenant in enumerate(("acme", "bolt", "", "acme ", "ACME"), 1):
        more = [("Tenantid", tenant)] if tenant else []
        action.item(
            "CoreShowChannel", *more, Channel=f"PJSIP/x-{number}", Uniqueid=f"x.{number}", Linkedid=f"x.{number}"
        )
    action.item("CoreShowChannel", Channel="PJSIP/x-6", Uniqueid="x.6", Linkedid="a.1")
    action.end_list("CoreShowChannelsComplete", 6)


def test_items_of_lists(talking, pbx):
    pbx.answers["CoreShowChannels"] = list_channels
    for name, expected in (("acme", ["x.1", "x.6"]), ("bolt", ["x.2"]), ("granted", ["x.1", "x.6"])):
        client = talking[name]
        client.send(Action="CoreShowChannels", ActionID="l")
        *items, end = client.collect_until(Event="CoreShowChannelsComplete")
        assert [item["Uniqueid"] for item in items if "Uniqueid" in item] == expected
        assert end["ListItems"] == str(len(expected))


def test_channels_that_were_up_before_the_proxy(start_proxy, pbx):
    pbx.lists_channels = [
        ("PJSIP/bolt-1-0", "b.1", "b.1", ("Tenantid", "bolt")),
        ("PJSIP/trunk-0", "n.1", "b.1"),
        ("PJSIP/acme-1-0", "a.1", "a.1", ("Tenantid", "acme")),
    ]
    proxy = start_proxy({"pbx1": pbx}, users=USERS + TENANTS)
    proxy.login("dave").fence()
    client = proxy.connect()
    assert client.login("bolt", SECRET)["Response"] == "Success"
    shown = [message for message in client.fence() if message.get("Event") == "Newchannel"]
    assert [message["Uniqueid"] for message in shown] == ["b.1", "n.1"]
    assert shown[0]["Tenantid"] == "bolt" and "Tenantid" not in shown[1]


def test_another_tenant_after_a_reload(start_proxy, pbx, workers):
    proxy = start_proxy({"pbx1": pbx}, users=USERS + TENANTS)
    acme = login(proxy, "acme")
    channel(pbx, "Newchannel", "PJSIP/acme-1-0", "a.1", "acme")
    channel(pbx, "Newchannel", "PJSIP/bolt-1-0", "b.1", "bolt")
    assert [m["Uniqueid"] for m in seen(acme)] == ["a.1"]
    users = USERS + [{**TENANTS[0], "tenant": "bolt"}, *TENANTS[1:]]
    write_configuration(proxy.path, configuration([server_entry(pbx, "pbx1")], workers, users=users))
    proxy.make_readable()
    proxy.hang_up()
    for name, uid in (("acme", "a.1"), ("bolt", "b.1")):
        channel(pbx, "Newstate", f"PJSIP/{name}-1-0", uid, name)
    assert [m["Uniqueid"] for m in seen(acme) if m["Event"] == "Newstate"] == ["b.1"]
    assert is_refused(acme, pbx, Action="Hangup", Channel="PJSIP/acme-1-0")
