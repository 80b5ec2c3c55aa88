"""The example examples/plugin-cloudevents: what it writes is valid by CloudEvents 1.0, in exports and over HTTP."""

import json
import os
import re
from datetime import datetime

import pytest

from harness.installation import EXAMPLES, build_test, run
from harness.process import SOURCE
from harness.receiver import export
from harness.resume import KEEP
from harness.streams import Socket, Stream, connect, data_of
from harness.web import listeners

CAPTURES = os.path.join(SOURCE, "tests", "data", "captures")
CLOUDEVENTS = os.path.join(EXAMPLES, "plugin-cloudevents")
SOURCES = [os.path.join(CLOUDEVENTS, name) for name in ("cloudevents.c", "json_text.c")]
# Section 3.1 of the specification: names of attributes, and characters that a String may not have.
NAME = re.compile(r"[a-z0-9]{1,20}")
NO_STRING = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
URI = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TYPE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def checked(event):
    """The event, if it is valid by the rules of the specification (attributes) and of its JSON format."""
    attributes = {name: value for name, value in event.items() if name not in ("data", "data_base64")}
    for name, value in attributes.items():
        assert NAME.fullmatch(name), event
        assert isinstance(value, str) and value and not NO_STRING.search(value), (name, event)
    assert event["specversion"] == "1.0" and event["id"] and event["type"], event
    assert URI.fullmatch(event["source"]), event
    assert event["datacontenttype"] == "application/json" and isinstance(event["data"], dict), event
    if "time" in event:
        assert TIME.fullmatch(event["time"]), event
        datetime.fromisoformat(event["time"].replace("Z", "+00:00"))
    return event


@pytest.fixture
def start(installed, start_installed):
    """start(**sections) -> the installed proxy with the plugin; HTTP is its second listener."""
    if not installed.has(installed.plugins, "cloudevents.so"):
        installed.cmake_example("plugin-cloudevents")

    def start(**sections):
        return start_installed("http", "json", "cloudevents", listen=listeners("cloudevents"), **sections)

    return start


# --- the tests of its own


def test_i18_cloudevents_test_themselves_with_cmake(installed):
    build = installed.cmake_example("plugin-cloudevents")
    assert "100% tests passed" in run("ctest", "--test-dir", build, "--output-on-failure")


def test_i18_cloudevents_test_themselves_by_hand(installed):
    path, environment = build_test(installed, "ce_test", os.path.join(CLOUDEVENTS, "cloudevents_test.c"), *SOURCES)
    assert run(path, env=environment) == ""


# --- exports


def test_i18_cloudevents_are_exported(start, pbx, receiver):
    start(exports=[export(receiver, format="cloudevents", events=["call"])])
    event = {"Channel": "PJSIP/7-1", "Uniqueid": "1.2", "Linkedid": "1.1", "Timestamp": "1767225600.012345"}
    pbx.event("Hangup", "call,all", **event)
    pbx.event("Hangup", "call,all", **event)
    posts = receiver.expect(2)
    events = [checked(json.loads(post.body)) for post in posts]
    assert [post.headers["Content-Type"] for post in posts] == [TYPE, TYPE]
    assert [event["id"] for event in events] == [post.id for post in posts]
    assert events[0]["id"] != events[1]["id"]  # equal events are two
    assert {name: events[0][name] for name in ("source", "type", "time", "subject", "partitionkey", "server")} == {
        "source": "/asterisk/pbx1",
        "type": "org.asterisk.ami.event.Hangup",
        "time": "2026-01-01T00:00:00.012345Z",
        "subject": "PJSIP/7-1",
        "partitionkey": "1.1",
        "server": "pbx1",
    }
    assert events[0]["data"] == {"Event": "Hangup", "Privilege": "call,all", **event, "Server": "pbx1"}


def test_i18_cloudevents_are_exported_in_batches(start, pbx, receiver):
    settings = {"source": "https://pbx.example/", "type": "example.pbx", "subject": ["Exten"]}
    start(exports=[export(receiver, format="cloudevents", batch=10, batch_wait="50ms")], cloudevents=settings)
    pbx.event("Newexten", "dialplan,all", Channel="SIP/1", Exten="100")
    post = receiver.wait(lambda posts: next((post for post in posts if b"Newexten" in post.body), None), "an event")
    events = [checked(event) for event in json.loads(post.body)]
    assert post.headers["Content-Type"] == BATCH
    event = next(event for event in events if event["data"].get("Event") == "Newexten")
    assert (event["source"], event["type"], event["subject"]) == (
        "https://pbx.example/pbx1",
        "example.pbx.event.Newexten",
        "100",
    )


# --- HTTP


def test_i18_cloudevents_answer_actions(start, pbx):
    web = connect(start())
    pbx.answers["CoreStatus"] = lambda action: action.reply("Success", CoreCurrentCalls=3)

    def channels(action):
        action.start_list()
        action.item("CoreShowChannel", ("ChanVariable", "x=1"), ("ChanVariable", "y=2"), Channel="SIP/2")
        action.end_list("CoreShowChannelsComplete", 1)

    pbx.answers["CoreShowChannels"] = channels
    answer = web.get("/?Action=CoreStatus&ActionID=7")
    event = checked(answer.json())
    assert answer.get("Content-Type") == TYPE + "; charset=utf-8"
    assert event["type"] == "org.asterisk.ami.response.Success" and event["actionid"] == "7"
    assert event["data"]["CoreCurrentCalls"] == "3"
    answer = web.get("/?Action=CoreShowChannels")
    events = [checked(event) for event in answer.json()]
    assert answer.get("Content-Type") == BATCH + "; charset=utf-8"
    assert [event["type"].rsplit(".", 1)[1] for event in events] == [
        "Success",
        "CoreShowChannel",
        "CoreShowChannelsComplete",
    ]
    assert events[1]["data"]["ChanVariable"] == ["x=1", "y=2"]
    refused = web.get("/?Action=Ping&Server=nowhere&format=cloudevents")
    assert checked(refused.json())["type"] == "org.asterisk.ami.response.Error"


def test_i18_cloudevents_are_server_sent(start, pbx):
    stream = Stream(start(), "/events?format=cloudevents&events=call")
    pbx.event("Hangup", "call,all", ("Channel", "SIP/\x7f\xff1"))
    event = checked(json.loads(data_of(stream.event("Hangup"))))
    assert event["subject"].startswith("SIP/\ufffd") and event["data"]["Channel"].startswith("SIP/\x7f")


@pytest.mark.parametrize("target", ["/ws", "/ws?ids=1"])
def test_i18_cloudevents_fill_a_websocket(start, pbx, target):
    """The client's actions are JSON, since the format only writes; with ids, the id is the event's."""
    socket = Socket(start(resume=KEEP), target, protocol="ami.cloudevents")
    assert socket.head.get("Sec-WebSocket-Protocol") == "ami.cloudevents"
    socket.send({"Action": "Ping", "ActionID": "p"})

    def until(type):
        while True:
            event = checked(socket.message())
            if event["type"].endswith(type):
                return event

    assert until(".Success")["actionid"] == "p"
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    ids = [until(".Hangup")["id"] for _ in range(2)]
    assert ("ids" in target) == (ids[0] != ids[1])


def captured_events():
    """Events that real Asterisks sent, as they came."""
    for name in sorted(os.listdir(CAPTURES)):
        with open(os.path.join(CAPTURES, name), "rb") as file:
            for block in re.split(rb"\r?\n\r?\n", file.read()):
                if block.startswith(b"Event: ") and b"\nActionID: " not in block:
                    yield block.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n\r\n"


def test_i18_cloudevents_of_captured_events_are_valid(start, pbx, receiver):
    start(exports=[export(receiver, format="cloudevents", batch=1000)])
    blocks = list(captured_events())
    for block in blocks:
        pbx.connections[0].send(block)
    pbx.event("LastOne", "call,all")
    receiver.wait(lambda posts: any(b'"LastOne"' in post.body for post in posts), "the last event")
    events = [checked(event) for event in receiver.messages()]
    assert len({event["id"] for event in events}) == len(events) > len(blocks) > 100
