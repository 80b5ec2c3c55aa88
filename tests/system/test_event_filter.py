"""`Action: Filter` and `Action: WaitEvent`: of one session, never of the shared connection."""

import json
import signal
import threading
import time
import urllib.request

import pytest

from harness.limits import Deadline
from harness.proxy import secret_of
from harness.web import ALL_PLUGINS, Web, basic, listeners

COMPILE = "Filter did not compile.  Check the syntax of the filter given."
FORMAT = "Filter was formatted incorrectly.  Check the syntax of the filter given."


def add(client, expression, criteria=None):
    more = [] if criteria is None else [("MatchCriteria", criteria)]
    client.send(("Action", "Filter"), ("ActionID", "f"), ("Operation", "Add"), ("Filter", expression), *more)
    return client.response("f")["Message"]


def until_now(client):
    """All that the server said before now, to that client."""
    client.send(Action="Ping", Server="pbx1", ActionID="now")
    return client.collect_until(ActionID="now")[:-1]


def seen(client, pbx):
    for name, pairs in (
        ("Newchannel", {"Channel": "SIP/1-0", "Exten": "100"}),
        ("Newchannel", {"Channel": "SIP/2-0"}),
        ("Hangup", {"Channel": "SIP/1-0", "Cause": "16"}),
        ("Reload", {"Module": "x"}),
    ):
        pbx.event(name, "call,all", **pairs)
    return [m["Event"][:1] + m.get("Channel", "-")[4:5] for m in until_now(client) if "Event" in m]


ALL = ["N1", "N2", "H1", "R"]


@pytest.mark.parametrize(
    "filters, expected",
    [
        ([], ALL),
        (["Event: Newchannel"], ["N1", "N2"]),
        (["!Event: Newchannel"], ["H1", "R"]),
        (["Event: (Hangup|Reload)"], ["H1", "R"]),
        (["Channel: SIP/1", "!Hangup"], ["N1"]),
        (["^Event"], ALL),
        (["event"], []),
        (["Channel: SIP/1-0.*Cause"], ["H1"]),
        (["Reload", "Hangup"], ["H1", "R"]),
        ([("", "name(Hangup)")], ["H1"]),
        ([("", "action(exclude),name(Hangup)")], ["N1", "N2", "R"]),
        ([("SIP/1-0", "header(Channel),method(exact)")], ["N1", "H1"]),
        ([("SIP/", "header(Channel),method(starts_with)")], ["N1", "N2", "H1"]),
        ([("-0", "method(ends_with),header(Channel),name(Newchannel)")], ["N1", "N2"]),
        ([("P/2", "header(Channel),method(contains)")], ["N2"]),
        ([("", "header(Exten)")], ["N1"]),
        ([("!SIP/1", "header(Channel),method(regex)")], ["N2", "R"]),
        ([("^SIP/[12]-0$", "header(Channel),method(regex)")], ["N1", "N2", "H1"]),
        ([("", "name(newchannel)")], []),
    ],
)
def test_filters_choose_events(proxy, pbx, filters, expected):
    client = proxy.login("dave", Events="call")
    client.fence()
    for one in filters:
        expression, criteria = one if isinstance(one, tuple) else (one, None)
        assert add(client, expression, criteria) == "Success"
    assert seen(client, pbx) == expected
    assert pbx.actions == []


@pytest.mark.parametrize(
    "expression, criteria, message",
    [
        ("(", None, COMPILE),
        ("", None, COMPILE),
        ("!", None, COMPILE),
        ("(a)\\1", None, COMPILE),
        ("a{1001}", None, COMPILE),
        ("((a{30}){30}){30}", None, COMPILE),
        ("(" + "a?" * 20 + "){1000}", None, COMPILE),
        ("x" * 600, None, COMPILE),
        ("x", "bogus", FORMAT),
        ("x", "action(maybe)", FORMAT),
        ("x", "name(Hangup)", FORMAT),
        ("", "method(exact),name(Hangup)", FORMAT),
        ("", "action(include)", FORMAT),
        ("", "", COMPILE),
        ("", "name(a b)", FORMAT),
        ("", "name(a),name(b)", FORMAT),
        ("x", "method(fuzzy)", FORMAT),
        ("", "name(Hangup)x", FORMAT),
    ],
)
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
    assert [m.get("Channel") for m in filtered.collect_until(EventList="Complete") if m.get("ActionID") == "s"] == [
        None,
        "SIP/1-0",
        None,
    ]


def test_a_filter_outlives_a_change_of_mask(proxy, pbx):
    client = proxy.login("dave", Events="call")
    assert add(client, "Hangup") == "Success"
    client.ask(Action="Events", EventMask="off")
    client.ask(Action="Events", EventMask="on")
    assert seen(client, pbx) == ["H1"]


def test_a_filter_outlives_a_login(start_proxy, pbx):
    client = start_proxy({"pbx1": pbx}, auth={"required": False}).connect()  # who is logged in logs in no more
    assert add(client, "Hangup") == "Success"
    assert client.login("bill", secret_of("bill"), Events="call")["Response"] == "Success"
    client.fence()
    assert seen(client, pbx) == ["H1"]


def test_a_login_is_told_that_servers_are_ready_whatever_its_filters(start_proxy, pbx):
    client = start_proxy({"pbx1": pbx}, auth={"required": False}).connect()
    assert add(client, "!FullyBooted") == "Success"
    client.login("dave", secret_of("dave"), Events="on")
    assert client.read_message()["Event"] == "FullyBooted"


@pytest.mark.parametrize(
    "expression, mine, others",
    [
        ("UserEvent", ["u1"], [None]),
        ("ActionID: u1", ["u1"], []),
        ("!ActionID: u2", ["u1"], [None]),
        ("!ActionID: u1", [None], [None]),
        ("!UserEvent", [], []),
    ],
)
def test_an_event_that_one_raised_oneself_is_judged_with_its_id(proxy, pbx, expression, mine, others):
    raiser, other = proxy.login("dave", Events="user"), proxy.login("dave", Events="user")
    for client in (raiser, other):
        assert add(client, expression) == "Success"
    raiser.send(Action="UserEvent", UserEvent="Hello", ActionID="u1")
    action = pbx.expect(Action="UserEvent")
    action.reply("Success", Message="Event Sent")
    pbx.event("UserEvent", "user,all", ("UserEvent", "Hello"), ("ActionID", action.id))
    assert [m.get("ActionID") for m in until_now(raiser) if "Event" in m] == mine
    assert [m.get("ActionID") for m in until_now(other) if "Event" in m] == others


def test_what_became_of_an_originate_is_an_answer_to_who_asked(proxy, pbx):
    client = proxy.login("dave", Events="call")
    assert add(client, "!OriginateResponse") == "Success"
    client.send(Action="Originate", Async="true", Channel="SIP/1", Application="Echo", ActionID="o")
    action = pbx.expect(Action="Originate")
    action.reply()
    pbx.event("OriginateResponse", "call,all", ("ActionID", action.id), Response="Success")
    assert client.read_until(Event="OriginateResponse")["ActionID"] == "o"


def test_filters_leave_answers_of_others_alone_under_autofilter_off(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, listen={"autofilter": "off"})
    client, other = proxy.login("dave", Events="call"), proxy.login("dave", Events="off")
    assert add(client, "!pbx1") == "Success"
    client.fence()
    other.send(Action="CoreStatus", ActionID="theirs")
    pbx.expect(Action="CoreStatus").reply("Success", Value="v")
    assert client.read_until(Value="v")["Server"] == "pbx1"
    pbx.event("Hangup", "call,all")
    assert [m for m in until_now(client) if m.get("Event") == "Hangup"] == []


def until(client, text):
    """Reads on, whatever the format is."""
    deadline = Deadline()
    while text not in client.buffer:
        client._fill(deadline, text)


@pytest.mark.parametrize("name", ["xml", "json", "csv"])
def test_filters_hold_in_every_format(start_proxy, pbx, name):
    proxy = start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS)
    client = proxy.login("dave", Events="call")
    client.fence()
    assert add(client, "", "name(Hangup)") == "Success"
    client.send(ProxyAction="SetOutputFormat", OutputFormat=name)
    client.send(Action="Ping", ActionID="changed")
    until(client, b"changed")
    for event in ("Newchannel", "Hangup", "Reload"):
        pbx.event(event, "call,all")
    client.send(Action="Ping", Server="pbx1", ActionID="last-of-all")
    until(client, b"last-of-all")
    assert [word in client.buffer for word in (b"Newchannel", b"Hangup", b"Reload")] == [False, True, False]


def test_many_sessions_with_equal_filters(proxy, pbx):
    clients = [proxy.login("dave", Events="call") for _ in range(100)]
    others = [proxy.login("dave", Events="call") for _ in range(10)]
    for number, client in enumerate(clients):
        assert add(client, "!Reload") == "Success" and add(client, "", "name(Tick)") == "Success"
        if number % 10 == 0:
            client.close()  # the others go on reading what they share
    for number, client in enumerate(others):
        assert add(client, f"Number: {number}[^0-9]") == "Success"
    for number in range(50):
        pbx.event("Tick", "call,all", Number=number)
        pbx.event("Reload", "call,all", Number="x")
    for number, client in enumerate(clients):
        if number % 10 != 0:
            assert [m["Number"] for m in until_now(client)] == [str(n) for n in range(50)]
    for number, client in enumerate(others):
        assert [m["Number"] for m in until_now(client)] == [str(number)]


def test_the_costliest_filters_hold_up_nobody(proxy, pbx):
    """Each of ten sessions has the largest expression that is taken; none lets others wait for long."""
    watcher = proxy.login("dave", Events="call")
    hostile = [proxy.login("dave", Events="call") for _ in range(10)]
    watcher.fence()
    for number, client in enumerate(hostile):
        assert add(client, "!(.?){%d}(.|[a-z]){80}~" % (320 + number)) == "Success"
    started = time.monotonic()
    for number in range(20):
        pbx.event("Newexten", "call,all", AppData="x" * 200, Number=number)
    assert [watcher.read_message()["Number"] for _ in range(20)] == [str(n) for n in range(20)]
    assert time.monotonic() - started < 15


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


def test_wait_event_ends_with_a_reload_and_filters_stay(proxy, pbx):
    client = proxy.login("dave", Events="call")
    client.fence()
    assert add(client, "Hangup") == "Success"
    client.send(Action="WaitEvent", ActionID="w")
    proxy.login("dave", Events="off").fence()
    proxy.make_readable()
    proxy.hang_up()
    assert [m.headers[0][1] for m in client.collect_until(Event="WaitEventComplete")] == [
        "Success",
        "WaitEventComplete",
    ]
    assert seen(client, pbx) == ["H1"]


def test_wait_event_ends_with_the_proxy(proxy):
    client = proxy.login("dave", Events="call")
    client.fence()
    client.send(Action="WaitEvent", ActionID="w")
    proxy.signal(signal.SIGTERM)
    assert client.read_to_end()[-1].text == "ProxyMessage: Proxy Shutting Down"
    assert proxy.wait() == 0
