"""What servers really send: ends of messages, lines, values and texts. The bytes are those of Asterisk's source and of
public reports. tests/unit/ami/test_parser_lines.c and test_parser_follows.c test the parser alone; these tests go
through the whole program."""

import csv
import io
import json
import xml.etree.ElementTree as ElementTree

import pytest

from harness import ctl
from harness.limits import Deadline
from harness.proxy import secret_of
from harness.web import ALL_PLUGINS

FORMATS = [
    {"address": "127.0.0.1", "port": 0, "input": "standard", "output": output, "tls": "off"}
    for output in ("standard", "json", "xml", "csv")
]


def through(client):
    """All that came until the server has answered a Ping: what it sent before has been delivered."""
    client.send(Action="Ping", Server="pbx1", ActionID="through")
    return client.collect_until(ActionID="through")[:-1]


def read_raw(client, end):
    deadline = Deadline()
    while end not in client.buffer:
        client._fill(deadline, end)
    data, client.buffer = client.buffer.split(end, 1)
    return data + end


def raw_login(proxy, index, name="dave", events="off"):
    client = proxy.connect(index)
    client.send(Action="Login", Username=name, Secret=secret_of(name), Events=events)
    read_raw(client, b"Authentication accepted")
    read_raw(client, {1: b"\n", 2: b"</AsteriskManagerProxyOutput>\r\n\r\n", 3: b"\r\n"}[index])
    return client


# --- ends of messages (17)


@pytest.mark.parametrize("end", [b"\r\n\n", b"\n\n", b"\n\r\n", b"\r\n\r\n\r\n", b"\n\r\n\r\n"])
def test_f17_what_follows_is_a_message_of_its_own(proxy, pbx, end):
    """CoreShowChannelMap of 18.19 and 20.4 ends its items in CR LF LF. The next event was taken as part of the item:
    users who may not see its class saw it, with the ActionID of another client's action."""
    asker, other = proxy.login("dave", Events="off"), proxy.login("viewer", Events="call")
    asker.send(Action="CoreShowChannelMap", Channel="SIP/1-0", ActionID="map")
    action = pbx.expect(Action="CoreShowChannelMap")
    own = action.id.encode()
    action.connection.send(
        b"Response: Success\r\nActionID: "
        + own
        + b"\r\nEventList: start\r\nMessage: Channel map will follow"
        + end
        + b"Event: CoreShowChannelMap\r\nActionID: "
        + own
        + b"\r\nChannel: SIP/1-0\r\nConnectedChannel: SIP/2-0"
        + end
        + b"Event: CoreShowChannelMapComplete\r\nActionID: "
        + own
        + b"\r\nEventList: Complete\r\nListItems: 1"
        + end
        + b"Event: Newchannel\r\nPrivilege: call,all\r\nChannel: SIP/3-0"
        + end
        + b"Event: VoicemailPasswordChange\r\nPrivilege: system,user,all\r\nNewPassword: 1234"
        + end
    )
    pbx.event("Hangup", Channel="SIP/3-0")
    answer = [asker.read_message() for _ in range(3)]
    assert [message.get("ConnectedChannel") for message in answer] == [None, "SIP/2-0", None]
    assert all(message["ActionID"] == "map" and message.last == ("Server", "pbx1") for message in answer)
    seen = [other.read_message() for _ in range(2)]
    assert [message["Event"] for message in seen] == ["Newchannel", "Hangup"]
    assert all("NewPassword" not in message.text and "ActionID" not in message for message in seen + through(other))
    assert through(asker) == []


def test_f17_the_last_message_does_not_wait_for_the_next(proxy, pbx):
    """Behind a bare LF a blank line may be part of a value: if nothing follows, it was the end."""
    client = proxy.login("dave", Events="off")
    client.send(Action="Park", Channel="SIP/1-0", ActionID="p")
    action = pbx.expect(Action="Park")
    action.connection.send(
        b"Response: Success\r\nActionID: " + action.id.encode() + b"\r\nMessage: Park successful\n\r\n"
    )
    assert client.response("p")["Message"] == "Park successful"


# --- ends of lines, beginnings of values (19, 20)

ITEM = (
    b"Event: Agents\r\nAgent: 1001\r\nTalkingToChan: n/a\r\nCallStarted: 1700000000\nLoggedInTime: 5\r\n"
    b"Note:   three blanks\r\nText: one\ntwo\n\nfour\r\nReturn: a\rb\r\n"
)
EXPECTED = {
    "Agent": "1001",
    "TalkingToChan": "n/a",
    "CallStarted": "1700000000",
    "LoggedInTime": "5",
    "Note": "  three blanks",
    "Text": "one\ntwo\n\nfour",
    "Return": "a\rb",
    "ActionID": "a",
    "Server": "pbx1",
}


def agents(action):
    own = b"ActionID: " + action.id.encode() + b"\r\n"
    action.connection.send(
        b"Response: Success\r\n"
        + own
        + b"EventList: start\r\n\r\n"
        + ITEM
        + own
        + b"\r\n"
        + b"Event: AgentsComplete\r\n"
        + own
        + b"EventList: Complete\r\nListItems: 1\r\n\r\n"
    )


def as_json(data):
    return json.loads(data)


def as_xml(data):
    return {child.tag: child.get("Value") for child in ElementTree.fromstring(data)}


def as_csv(data):
    fields = next(csv.reader(io.StringIO(data.decode(), newline="")))
    return dict(field.split(": ", 1) for field in fields)


@pytest.mark.parametrize(
    "index,end,read", [(1, b"\n", as_json), (2, b"</AsteriskManagerOutput>\r\n\r\n", as_xml), (3, b'"\r\n', as_csv)]
)
def test_f19_every_format_reads_the_same_headers(start_proxy, pbx, index, end, read):
    proxy = start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS, listen=FORMATS)
    pbx.answers["Agents"] = agents
    client = raw_login(proxy, index)
    client.send(Action="Agents", ActionID="a")
    read_raw(client, end)
    item = read(read_raw(client, end))
    item.pop("Event")
    assert item == EXPECTED


def test_f19_standard_output_keeps_the_bytes(proxy, pbx):
    pbx.answers["Agents"] = agents
    client = proxy.login("dave", Events="off")
    client.send(Action="Agents", ActionID="a")
    client.read_message()
    assert client.read_message().raw == ITEM + b"ActionID: a\r\nServer: pbx1"


def test_f19_rights_and_filters_read_the_same_headers(start_proxy, pbx):
    """The channel's name follows a bare LF: a user who may not see the channel does not, and a filter finds it."""
    proxy = start_proxy(
        {"pbx1": pbx},
        users=[
            {"name": "dave", "secret": secret_of("dave")},
            {"name": "tenant", "secret": "tenant-SECRET-W", "channel": "SIP/1"},
        ],
    )
    tenant = proxy.connect()
    tenant.login("tenant", "tenant-SECRET-W", Events="call")
    picky = proxy.login("dave", Events="call")
    picky.ask(Action="Filter", Operation="Add", Filter="SIP/1-0", MatchCriteria="header(Channel),method(exact)")
    for number in (2, 1):
        pbx.send_raw(
            b"Event: Newchannel\r\nPrivilege: call,all\r\nUniqueid: %d\nChannel: SIP/%d-0\nContext: x\r\n\r\n"
            % (number, number)
        )
    assert tenant.read_message()["Uniqueid"].startswith("1")
    assert "SIP/1-0" in picky.read_message().text
    assert through(picky) == [] and tenant.fence() == []


def test_f20_ampctl_shows_what_the_console_showed(proxy, pbx):
    """Columns of `queue show`: `Output: ` and a line, which may begin with blanks."""
    lines = [
        "support has 0 calls (max unlimited)",
        "   Members: ",
        "      Local/1@x (ringinuse enabled)",
        "   No Callers",
        "",
    ]
    pbx.answers["Command"] = lambda action: action.reply(
        "Success", ("Message", "Command output follows"), *[("Output", line) for line in lines]
    )
    asked = ("--connect", "%s:%d" % proxy.address, "-u", "dave", "send", "Action=Command", "Command=queue show")
    env = ctl.environment(AMPCTL_SECRET=secret_of("dave"))
    result = ctl.run(*asked, env=env)
    shown = [line.split(": ", 1)[1] for line in result.out.splitlines() if line.startswith("Output: ")]
    assert shown[:4] == lines[:4], result
    assert json.loads(ctl.run(*asked, "--json", env=env).out.splitlines()[0])["Output"] == lines


def test_f20_blanks_of_actions_are_judged_as_asterisk_does(start_proxy, pbx):
    """It skips blanks in front of the values of actions: so do the rules, whatever the format."""
    proxy = start_proxy(
        {"pbx1": pbx},
        plugins=ALL_PLUGINS,
        listen=[{**FORMATS[0], "input": "auto"}],
        users=[
            {"name": "dave", "secret": secret_of("dave")},
            {"name": "tenant", "secret": "tenant-SECRET-W", "channel": "SIP/1", "write": ["call", "system"]},
        ],
    )
    client = proxy.connect(banner=False)
    client.send_raw(
        json.dumps({"Action": "Login", "Username": "tenant", "Secret": "tenant-SECRET-W", "Events": "off"}).encode()
        + b"\n"
    )
    read_raw(client, b"Authentication accepted")
    for channel, passes in (("  \t SIP/1-0", True), ("   SIP/2-0", False)):
        client.send_raw(json.dumps({"Action": "  Hangup", "Channel": channel, "ActionID": "h"}).encode() + b"\n")
        if passes:
            action = pbx.expect(Action="Hangup")
            assert action["Channel"] == "SIP/1-0"
            action.reply()
            read_raw(client, b"Success")
        else:
            read_raw(client, b"Error")
    assert not [action for action in pbx.actions if action["Action"] == "Hangup"]


# --- the header that decides (27)


@pytest.mark.parametrize(
    "front",
    [b"Privilege: call,all\r\n", b"Privilege: call,all\r\nServer: far\r\n", b": no name\r\nPrivilege: call,all\r\n"],
)
def test_f27_an_event_may_begin_with_another_header(proxy, pbx, front):
    client, other = proxy.login("dave", Events="call"), proxy.login("dave", Events="cdr")
    pbx.send_raw(front + b"Event: Newchannel\r\nChannel: SIP/1-0\r\n\r\n")
    assert client.read_message()["Event"] == "Newchannel"
    assert through(other) == []


def test_f27_a_response_may_begin_with_its_action_id(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="c")
    action = pbx.expect(Action="CoreStatus")
    action.send(("ActionID", action.id), ("Response", "Success"), ("Event", "none"), ("CoreCurrentCalls", "0"))
    answer = client.read_message()
    assert answer["CoreCurrentCalls"] == "0" and answer.headers[0] == ("ActionID", "c")
