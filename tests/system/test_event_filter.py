"""`Action: Filter` belongs to one session and never reaches the shared connection."""

import time

import pytest

from harness.limits import Deadline
from harness.proxy import secret_of
from harness.web import ALL_PLUGINS

COMPILE = "Filter did not compile.  Check the syntax of the filter given."
FORMAT = "Filter was formatted incorrectly.  Check the syntax of the filter given."


def add(client, expression, criteria=None):
    more = [] if criteria is None else [("MatchCriteria", criteria)]
    client.send(("Action", "Filter"), ("ActionID", "f"), ("Operation", "Add"), ("Filter", expression), *more)
    return client.response("f")["Message"]


def until_now(client):
    """All messages that the server has sent to this client until now."""
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
