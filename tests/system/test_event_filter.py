"""`Action: Filter` and `Action: WaitEvent`: of one session, never of the shared connection."""
import json
import urllib.request

import pytest

from harness.limits import Deadline

COMPILE = "Filter did not compile.  Check the syntax of the filter given."
FORMAT = "Filter was formatted incorrectly.  Check the syntax of the filter given."


def add(client, expression, criteria=None):
    more = [] if criteria is None else [("MatchCriteria", criteria)]
    client.send(("Action", "Filter"), ("ActionID", "f"), ("Operation", "Add"), ("Filter", expression), *more)
    return client.response("f")["Message"]


def seen(client, pbx):
    for name, pairs in (("Newchannel", {"Channel": "SIP/1-0", "Exten": "100"}), ("Newchannel", {"Channel": "SIP/2-0"}),
                        ("Hangup", {"Channel": "SIP/1-0", "Cause": "16"}), ("Reload", {"Module": "x"})):
        pbx.event(name, "call,all", **pairs)
    client.send(Action="Ping", Server="pbx1", ActionID="seen")
    return [m["Event"][:1] + m.get("Channel", "-")[4:5] for m in client.collect_until(ActionID="seen")[:-1] if "Event" in m]


ALL = ["N1", "N2", "H1", "R"]


@pytest.mark.parametrize("filters, expected", [
    ([], ALL), (["Event: Newchannel"], ["N1", "N2"]), (["!Event: Newchannel"], ["H1", "R"]),
    (["Event: (Hangup|Reload)"], ["H1", "R"]), (["Channel: SIP/1", "!Hangup"], ["N1"]), (["^Event"], ALL), (["event"], []),
    (["Channel: SIP/1-0.*Cause"], ["H1"]), (["Reload", "Hangup"], ["H1", "R"]),
    ([("", "name(Hangup)")], ["H1"]), ([("", "action(exclude),name(Hangup)")], ["N1", "N2", "R"]),
    ([("SIP/1-0", "header(Channel),method(exact)")], ["N1", "H1"]), ([("SIP/", "header(Channel),method(starts_with)")], ["N1", "N2", "H1"]),
    ([("-0", "method(ends_with),header(Channel),name(Newchannel)")], ["N1", "N2"]), ([("P/2", "header(Channel),method(contains)")], ["N2"]),
    ([("", "header(Exten)")], ["N1"]), ([("!SIP/1", "header(Channel),method(regex)")], ["N2", "R"]),
    ([("^SIP/[12]-0$", "header(Channel),method(regex)")], ["N1", "N2", "H1"]),
    ([("", "name(newchannel)")], []),
])
def test_filters_choose_events(proxy, pbx, filters, expected):
    client = proxy.login("dave", Events="call")
    client.fence()
    for one in filters:
        expression, criteria = one if isinstance(one, tuple) else (one, None)
        assert add(client, expression, criteria) == "Success"
    assert seen(client, pbx) == expected
    assert pbx.actions == []


@pytest.mark.parametrize("expression, criteria, message", [
    ("(", None, COMPILE), ("", None, COMPILE), ("!", None, COMPILE), ("(a)\\1", None, COMPILE), ("a{1001}", None, COMPILE),
    ("((a{30}){30}){30}", None, COMPILE), ("x" * 600, None, COMPILE), ("x", "bogus", FORMAT), ("x", "action(maybe)", FORMAT),
    ("x", "name(Hangup)", FORMAT), ("", "method(exact),name(Hangup)", FORMAT), ("", "action(include)", FORMAT), ("", "", FORMAT),
    ("", "name(a b)", FORMAT), ("", "name(a),name(b)", FORMAT), ("x", "method(fuzzy)", FORMAT), ("", "name(Hangup)x", FORMAT)])
def test_wrong_filters_change_nothing(proxy, pbx, expression, criteria, message):
    client = proxy.login("dave", Events="call")
    client.fence()
    assert add(client, expression, criteria) == message
    assert seen(client, pbx) == ALL


def test_unknown_operations_and_too_many(proxy, pbx):
    client = proxy.login("dave", Events="call")
    assert client.ask(Action="Filter", Operation="Remove", Filter="x")["Message"] == "Unknown operation"
    for _ in range(64):
        assert add(client, "!never") == "Success"
    assert add(client, "!never") == "Too many filters"


def test_filters_are_of_one_session_and_leave_answers_alone(proxy, pbx):
    filtered, free = proxy.login("dave", Events="call"), proxy.login("dave", Events="call")
    equal = [proxy.login("dave", Events="call") for _ in range(5)]
    for client in [filtered, *equal]:
        assert add(client, "!Channel") == "Success"
    assert seen(filtered, pbx) == ["R"]
    assert seen(free, pbx) == ALL * 2
    for client in equal:
        assert seen(client, pbx)[-1] == "R"
    filtered.send(Action="Status", ActionID="s")
    action = pbx.expect(Action="Status")
    action.start_list()
    action.item("Status", Channel="SIP/1-0")
    action.end_list("StatusComplete", 1)
    assert [m.get("Channel") for m in filtered.collect_until(EventList="Complete") if m.get("ActionID") == "s"] == \
        [None, "SIP/1-0", None]


def test_a_filter_outlives_a_change_of_mask(proxy, pbx):
    client = proxy.login("dave", Events="call")
    assert add(client, "Hangup") == "Success"
    client.ask(Action="Events", EventMask="off")
    client.ask(Action="Events", EventMask="on")
    assert seen(client, pbx) == ["H1"]


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
    for _ in range(20):
        client = proxy.login("dave", Events="call")
        client.send(Action="WaitEvent", ActionID="w")
        client.close()
    pbx.event("Hangup", "call,all")
    last = proxy.login("dave", Events="call")
    last.send(Action="WaitEvent", ActionID="w")
    last.send(Action="Logoff")
    assert [m.get("Response") or m["Event"] for m in last.read_to_end()] == ["Success", "WaitEventComplete", "Goodbye"]


def test_wait_event_over_http(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, plugins={"load": ["standard", "json", "http"]}, listen={"input": "auto"})
    proxy.wait_for_server()
    deadline = Deadline()
    import threading
    answer = {}

    def ask():
        request = urllib.request.Request("http://%s:%d/?Action=WaitEvent&Timeout=20&format=json" % proxy.address)
        request.add_header("Authorization", "Basic ZGF2ZTpkYXZlLVNFQ1JFVC0x")
        answer["body"] = urllib.request.urlopen(request, timeout=30).read()
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    while thread.is_alive() and not deadline.passed():
        pbx.event("Hangup", "call,all", Cause="7")   # until one comes while it waits
        thread.join(0.05)
    messages = json.loads(answer["body"])
    assert [m.get("Response") or m["Event"] for m in messages] == ["Success", "Hangup", "WaitEventComplete"]
