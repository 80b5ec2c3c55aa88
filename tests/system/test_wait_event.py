"""`Action: WaitEvent`: what ends it, over each protocol."""

import json
import signal
import threading
import urllib.request

import pytest

from harness.limits import Deadline
from harness.web import ALL_PLUGINS, Web, basic, listeners


def add(client, expression, criteria=None):
    more = [] if criteria is None else [("MatchCriteria", criteria)]
    client.send(("Action", "Filter"), ("ActionID", "f"), ("Operation", "Add"), ("Filter", expression), *more)
    return client.response("f")["Message"]


# --- WaitEvent


def test_wait_event_ends_with_the_next_event(proxy, pbx):
    client = proxy.login("dave", Events="call")
    assert add(client, "!Reload") == "Success"
    client.send(Action="WaitEvent", ActionID="w")
    other = proxy.login("dave", Events="off")
    other.fence()
    pbx.event("Reload", "call,all")
    pbx.event("Hangup", "system,all")
    pbx.event("Hangup", "call,all", Cause="1")
    got = [client.read_message() for _ in range(3)]
    assert got[0].text == "Response: Success\nActionID: w\nMessage: Waiting for Event completed."
    assert got[1]["Event"] == "Hangup" and got[1]["Cause"] == "1"
    assert got[2].text == "Event: WaitEventComplete\nActionID: w"
    assert client.fence() == []
    assert pbx.actions == []


@pytest.mark.parametrize("end", ["timeout", "input"])
def test_wait_event_ends_without_an_event(proxy, end):
    client = proxy.login("dave", Events="call")
    client.fence()
    client.send(Action="WaitEvent", Timeout="0" if end == "timeout" else "60", ActionID="w")
    if end == "input":
        client.send(Action="Ping", ActionID="p")
    assert client.read_message()["Message"] == "Waiting for Event completed."
    assert client.read_message()["Event"] == "WaitEventComplete"
    assert len(client.fence()) == (1 if end == "input" else 0)


def test_a_client_that_leaves_while_it_waits(proxy, pbx):
    listener = proxy.login("dave", Events="call")
    listener.fence()
    for _ in range(20):
        client = proxy.login("dave", Events="call")
        client.send(Action="WaitEvent", ActionID="w")
        client.close()
    pbx.event("Hangup", "call,all")
    listener.read_until(Event="Hangup")  # it is past: nobody who comes now is sent it
    last = proxy.login("dave", Events="call")
    last.send(Action="WaitEvent", ActionID="w")
    last.send(Action="Logoff")
    assert [m.get("Response") or m["Event"] for m in last.read_to_end()] == ["Success", "WaitEventComplete", "Goodbye"]


def test_wait_event_over_http(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, plugins={"load": ["standard", "json", "http"]}, listen={"input": "auto"})
    proxy.wait_for_server()
    deadline = Deadline()
    answer = {}

    def ask():
        request = urllib.request.Request("http://%s:%d/?Action=WaitEvent&Timeout=20&format=json" % proxy.address)
        request.add_header("Authorization", "Basic ZGF2ZTpkYXZlLVNFQ1JFVC0x")
        answer["body"] = urllib.request.urlopen(request, timeout=30).read()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    while thread.is_alive() and not deadline.passed():
        pbx.event("Hangup", "call,all", Cause="7")  # until one comes while it waits
        thread.join(0.05)
    messages = json.loads(answer["body"])
    assert [m.get("Response") or m["Event"] for m in messages] == ["Success", "Hangup", "WaitEventComplete"]


def test_wait_event_over_http_ends_in_time(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS)
    client = Web(proxy.addresses[1], basic())
    answer = client.get("/?Action=WaitEvent&ActionID=w", X_Maxtime="300")
    assert answer.status == 200
    assert [(m.get("Response") or m["Event"], m["ActionID"]) for m in answer.json()] == [
        ("Success", "w"),
        ("WaitEventComplete", "w"),
    ]
    assert client.get("/?Action=Ping").json()["Ping"] == "Pong"  # and the connection is of use still
    client.close()


@pytest.mark.parametrize("timeout", ["", "-7", "soon", "99999999999999999"])
def test_wait_event_without_a_timeout_waits_for_an_event(proxy, pbx, timeout):
    client = proxy.login("dave", Events="call")
    client.fence()
    client.send(Action="WaitEvent", Timeout=timeout, ActionID="w")
    other = proxy.login("dave", Events="off")
    other.send(Action="WaitEvent", Timeout="1")  # what had a timeout would be over before this one is
    other.read_until(Event="WaitEventComplete")
    pbx.event("Hangup", "call,all")
    assert [m.headers[0][1] for m in client.collect_until(Event="WaitEventComplete")] == [
        "Success",
        "Hangup",
        "WaitEventComplete",
    ]


def test_wait_event_behind_an_action_and_before_another(proxy, pbx):
    client = proxy.login("dave", Events="call")
    client.fence()
    client.send_raw(
        b"Action: CoreStatus\r\nActionID: 1\r\n\r\nAction: WaitEvent\r\nActionID: 2\r\n\r\n"
        b"Action: WaitEvent\r\nActionID: 3\r\n\r\nAction: Ping\r\nActionID: 4\r\n\r\n"
    )
    pbx.expect(Action="CoreStatus").reply()
    assert [(m.headers[0], m["ActionID"]) for m in client.collect_until(Ping="Pong")] == [
        (("Response", "Success"), "1"),
        (("Response", "Success"), "2"),
        (("Event", "WaitEventComplete"), "2"),
        (("Response", "Success"), "3"),
        (("Event", "WaitEventComplete"), "3"),
        (("Response", "Success"), "4"),
    ]


@pytest.mark.parametrize("behind", [b"", b"Action: CoreStatus\r\n\r\n"])
def test_no_session_that_waited_outlives_its_client(proxy, pbx, behind):
    watcher = proxy.login("dave", Events="off")
    for _ in range(10):
        client = proxy.login("bill", Events="off")
        client.send_raw(behind + b"Action: WaitEvent\r\nActionID: w\r\n\r\n")
        client.close()
    if behind:
        for _ in range(10):
            pbx.expect(Action="CoreStatus").reply()
    proxy.wait_until(
        lambda lines: sum("user=bill" in line and "session closed" in line for line in lines) == 10,
        "ten sessions that end",
    )
    watcher.fence()


def test_wait_event_of_a_user_without_events(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="WaitEvent", Timeout="1", ActionID="w")
    other = proxy.login("dave", Events="call")
    other.fence()
    pbx.event("Hangup", "call,all")
    assert other.read_message()["Event"] == "Hangup"
    assert [m.headers[0][1] for m in client.collect_until(Event="WaitEventComplete")] == [
        "Success",
        "WaitEventComplete",
    ]


def test_wait_event_ends_with_the_proxy(proxy):
    client = proxy.login("dave", Events="call")
    client.fence()
    client.send(Action="WaitEvent", ActionID="w")
    proxy.signal(signal.SIGTERM)
    assert client.read_to_end()[-1].text == "ProxyMessage: Proxy Shutting Down"
    assert proxy.wait() == 0
