"""Every event that Asterisk 18 to 24 documents goes through every format, rule, stock filter and the tenants."""

import os
import re

import pytest
from test_foreign_parsers import as_csv, as_json, as_xml, read_csv, read_json, read_standard, read_xml

from harness.documented import SECRETS, Maker, read_table
from harness.limits import Deadline
from harness.message import encode
from harness.process import SOURCE
from harness.proxy import USERS

EVENTS = read_table()
SECRET = "tenant-SECRET-T"
STOCK = sorted(name[:-4] for name in os.listdir(os.path.join(SOURCE, "lua", "filters")) if name.endswith(".lua"))
OPTIONS = {
    "only": {"events": ["Hangup"]},
    "drop": {"events": ["Hangup"]},
    "rename": {"headers": {"Cause": "Ursache"}},
    "queues": {"names": ["vQueue"]},
}
RULED = {
    "by-phone": {"channel": "PJSIP/acme-*"},
    "by-context": {"in_context": "acme"},
    "by-tenant": {"tenant": "acme"},
    "by-both": {"tenant": "acme", "channel": "PJSIP/acme-*"},
    "by-all": {"tenant": "acme", "channel": "PJSIP/acme-*", "in_context": "acme", "account": "other"},
    "bolts-phone": {"channel": "PJSIP/bolt-*"},
    "bolts-context": {"in_context": "bolt"},
    "bolts-tenant": {"tenant": "bolt"},
    "more": {"tenant": "bolt", "more_events": True},
}
READERS = {"standard": read_standard, "json": read_json, "csv": read_csv, "xml": read_xml}
AS = {"standard": lambda message: message, "json": as_json, "csv": as_csv, "xml": as_xml}
ENDINGS = {"standard": b"\r\n\r\n", "json": b"\n", "xml": b">\r\n\r\n", "csv": b"\r\n"}


@pytest.fixture
def proxy(start_proxy, pbx):
    users = [{"name": name, "secret": SECRET, "read": ["all"], **rule} for name, rule in RULED.items()]
    for name in STOCK:
        users.append({"name": "f-" + name, "secret": SECRET, "filters": [{name: OPTIONS.get(name, {})}]})
    return start_proxy(
        {"pbx1": pbx},
        users=USERS + users,
        plugins={"load": list(READERS)},
        scripts={"path": os.path.join(SOURCE, "lua")},
    )


def login(proxy, name, secret=SECRET):
    client = proxy.connect()
    assert client.login(name, secret)["Response"] == "Success"
    client.fence()
    return client


def seen(client):
    client.send(Action="Ping", Server="pbx1", ActionID="seen")
    return [message for message in client.collect_until(ActionID="seen")[:-1] if "Mark" in message]


def names_channels(event, pairs):
    """Does it name a channel, as far as its blocks and its other headers tell?"""
    return bool(event["channels"]) or any(str(value).startswith(("PJSIP/", "d.")) for _, value in pairs)


def test_the_table():
    assert len(EVENTS) > 180 and len({event["name"] for event in EVENTS}) == len(EVENTS)
    by_name = {event["name"]: event for event in EVENTS}
    for name, since, until in (
        ("Newchannel", "-", "-"),
        ("PJSIPMaintenanceStatus", "20.20 22.10 23.4 24.0", "-"),
        ("VoicemailPasswordChange", "18.21 20.6 21.1 22.0", "-"),
        ("MonitorStart", "-", "20"),
    ):
        assert (by_name[name]["since"], by_name[name]["until"]) == (since, until)
    assert "TechCause=20.17" in by_name["Hangup"]["later"]


def test_each_event_by_each_rule(proxy, pbx):
    """Of acme's channels, of acme's and bolt's (the last one), and of bolt's."""
    clients = {name: login(proxy, name) for name in RULED}
    free, maker, sent = login(proxy, "dave", "dave-SECRET-1"), Maker(), []
    for event in EVENTS:
        for owner, last in (("acme", None), ("acme", "bolt"), ("bolt", None)):
            if last and len(event["channels"]) < 2:
                continue
            pairs = maker.make(event, len(sent), owner, last)
            sent.append((event, owner, last, pairs))
            pbx.send_raw(encode(maker.announce()) + encode(pairs))
    assert [int(message["Mark"]) for message in seen(free)] == list(range(len(sent)))
    for name, client in clients.items():
        got = {int(message["Mark"]) for message in seen(client)}
        own = "acme" if name.startswith("by-") else "bolt"
        for mark, (event, owner, last, pairs) in enumerate(sent):
            if not names_channels(event, pairs):
                if "tenant" in RULED[name] and name != "more" and "phone" not in name:
                    assert mark not in got or "Context" in dict(pairs), (name, pairs)
                continue
            if last and "tenant" not in RULED[name]:
                continue  # one call of both phones, whose event both may see
            is_own = owner == own and last is None
            assert (mark in got) == (is_own and event["name"] != "LogChannel"), (name, pairs)


@pytest.mark.parametrize("style", list(READERS))
def test_each_event_in_each_format(proxy, pbx, style):
    client = login(proxy, "dave", "dave-SECRET-1")
    client.send(ProxyAction="SetOutputFormat", OutputFormat=style, ActionID="format")
    deadline, maker = Deadline(), Maker()
    while not (b"format" in client.buffer and client.buffer.endswith(ENDINGS[style])):
        client._fill(deadline, "the new format")
    client.buffer = b""
    sent = [maker.make(event, mark, "acme") for mark, event in enumerate(EVENTS)]
    sent.append([("Event", "TheLast"), ("Privilege", "call,all"), ("Mark", "last")])
    pbx.send_raw(b"".join(encode(pairs) for pairs in sent))
    while not (b"TheLast" in client.buffer and client.buffer.endswith(ENDINGS[style])):
        client._fill(deadline, "all events")
    expected = [
        AS[style]([(name.encode(), str(value).encode()) for name, value in [*pairs, ("Server", "pbx1")]])
        for pairs in sent
    ]
    assert READERS[style](client.buffer) == expected


@pytest.mark.parametrize("name", STOCK)
def test_each_event_by_each_stock_filter(proxy, pbx, name):
    client, maker = login(proxy, "f-" + name), Maker()
    sent = [maker.make(event, mark, "acme") for mark, event in enumerate(EVENTS)]
    pbx.send_raw(b"".join(encode(pairs) for pairs in sent))
    got = seen(client)
    for message in got:
        pairs = sent[int(message["Mark"])]
        renamed = {"Cause": "Ursache"} if name == "rename" else {}
        assert {key for key, _ in message.headers} == {renamed.get(key, key) for key, _ in pairs} | {"Server"}
        if name == "mask":
            assert "s3cr3t" not in message.text
        elif name != "rename":
            assert message.headers[:-1] == [(key, str(value)) for key, value in pairs]
    shown = {message["Event"] for message in got}
    everything = {event["name"] for event in EVENTS}
    exact = {"only": {"Hangup"}, "drop": everything - {"Hangup"}, "cdronly": {"Cdr"}, "mask": everything}
    exact |= {"rename": everything, "novar": everything - {"VarSet"}}
    assert shown == exact.get(name, shown) and shown <= everything
    assert not any("filter failed" in line or "script" in line and " error " in line for line in proxy.lines)


def test_secrets_are_there_to_be_masked(proxy, pbx):
    """The test of `mask` above is not empty: without it they are shown."""
    client, maker = login(proxy, "dave", "dave-SECRET-1"), Maker()
    pbx.send_raw(b"".join(encode(maker.make(event, 1, "acme")) for event in EVENTS))
    text = "".join(message.text for message in seen(client))
    assert set(re.findall("s3cr3t([A-Za-z0-9]+)", text)) == SECRETS | {"Response"}
