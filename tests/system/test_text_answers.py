"""Answers of raw text (Queues of old servers, IAXnetstats) carry neither Response nor ActionID: only their order tells
whose they are, and only the answer to the next action tells where they end."""

import xml.etree.ElementTree as ElementTree

import pytest

from harness.web import Web, basic

LINES = [
    "default has 0 calls (max unlimited) in 'ringall' strategy (0s holdtime, 0s talktime), W:0, C:0, A:0, SL:0.0% within 0s",
    "   Members: ",
    "      SIP/1 (ringinuse enabled) (dynamic) has taken no calls yet",
    "Action: Reload",
    "   No Callers",
]
TEXT = "".join(line + "\r\n" for line in LINES).encode() + b"\r\n"


def test_text_is_text_in_each_format(web, pbx):
    """Its colons make no headers of it."""
    pbx.answers["Queues"] = lambda action: action.connection.send(TEXT)
    target = "/actions/Queues?ActionID=5"
    message = web().post("", target=target, Accept="application/json").json()
    assert message == {"UnparsedText": LINES, "ActionID": "5", "Server": "pbx1"}
    root = ElementTree.fromstring(web().post("", target=target, Accept="text/xml").body)
    assert [element.get("Value") for element in root.iter("UnparsedText")] == LINES
    assert {element.tag for element in root} == {"UnparsedText", "ActionID", "Server"}
    plain = web().post("", target=target, Accept="text/plain")
    assert plain.get("Content-Type").startswith("text/plain")
    assert [line for line in plain.text.split("\r\n")[:-2] if line not in ("ActionID: 5", "Server: pbx1")] == LINES


def test_text_of_all_servers(start_web, scripted):
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    proxy = start_web(servers)
    for pbx in servers.values():
        pbx.answers["Queues"] = lambda action: action.connection.send(TEXT)
    client = Web(proxy.addresses[1], basic())
    proxy.clients.append(client)
    messages = client.post("", target="/actions/Queues?Server=*").json()
    texts = [message for message in messages if "UnparsedText" in message]
    assert sorted(text["Server"] for text in texts) == ["pbx1", "pbx2"]
    assert all(text["UnparsedText"] == LINES for text in texts)


def test_text_stays_as_it_is_over_ami(proxy, pbx):
    pbx.answers["Queues"] = lambda action: action.connection.send(TEXT)
    client = proxy.login("dave", Events="off")
    client.send(Action="Queues")
    lines = [client.read_line() for _ in range(len(LINES) + 2)]
    assert lines == [*LINES, "Server: pbx1", ""]


def test_text_of_several_blocks_is_one_answer(proxy, pbx):
    pbx.answers["IAXnetstats"] = lambda action: action.connection.send(b"first table\r\n\r\nsecond table\r\n\r\n")
    client = proxy.login("dave", Events="off")
    client.send(Action="IAXnetstats", ActionID="t")
    client.send(Action="CoreStatus", ActionID="next")
    pbx.expect(Action="CoreStatus").reply()
    first, second = client.read_message(), client.read_message()
    assert first.headers[0] == ("", "first table") and second.headers[0] == ("", "second table")
    assert client.read_message()["ActionID"] == "next"


def test_late_text_goes_to_nobody(start_proxy, pbx):
    """The action has timed out for its client; the next client must not get its answer."""
    proxy = start_proxy({"pbx1": pbx}, limits={"exchange_timeout": "1s"})
    client, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    pbx.silent = True  # not a Ping either: Asterisk is busy
    client.send(Action="IAXnetstats", ActionID="late")
    action = pbx.expect(Action="IAXnetstats")
    assert client.response("late")["Response"] == "Error"
    other.send(Action="IAXnetstats", ActionID="mine")
    pbx.expect(Action="IAXnetstats")
    pbx.silent = False
    action.connection.send(b"of the first\r\n\r\n")
    pings = action.connection.received.split(b"\r\n\r\n")
    ids = [block.split(b"ActionID: ")[1].split(b"\r\n")[0] for block in pings if b"Action: Ping" in block]
    action.connection.send(
        b"Response: Success\r\nActionID: "
        + ids[-2]
        + b"\r\n\r\nof the second\r\n\r\n"
        + b"Response: Success\r\nActionID: "
        + ids[-1]
        + b"\r\n\r\n"
    )
    assert other.read_message().headers[0] == ("", "of the second")


@pytest.mark.parametrize("action", ["FAXStats"])
def test_one_event_answers_of_all_servers(start_proxy, scripted, action):
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    proxy = start_proxy(servers)
    client = proxy.login("dave", Events="off")
    client.send(Action=action, ActionID="all", Server="*")
    for pbx in servers.values():
        asked = pbx.expect(Action=action)
        asked.reply("Success", Message="FAX statistics")
        asked.item(action, CurrentSessions="3")
    assert client.read_message()["EventList"] == "start"
    items = [client.read_message(), client.read_message()]
    assert sorted(item["Server"] for item in items) == ["pbx1", "pbx2"]
    assert all(item["Event"] == action and item["CurrentSessions"] == "3" for item in items)
    assert client.read_message()["ListItems"] == "2"
