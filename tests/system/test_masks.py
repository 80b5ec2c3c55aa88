"""Event masks and classes are the client's own and never Asterisk's; what a user may read and write."""

import pytest

from harness.proxy import secret_of


def seen(client, pbx, kinds=("system", "call", "user")):
    """Sends one event of each class and one that all may see. @return those that came"""
    for kind in kinds:
        pbx.event("Event-" + kind, kind + ",all")
    client.send(Action="Ping", Server="pbx1", ActionID="seen")
    got = client.collect_until(ActionID="seen")[:-1]
    return [m["Event"][6:] for m in got if m.get("Event", "").startswith("Event-")]


@pytest.mark.parametrize(
    "mask, classes",
    [
        ("on", ["system", "call", "user"]),
        ("YES", ["system", "call", "user"]),
        ("all", ["system", "call", "user"]),
        ("off", []),
        ("0", []),
        ("False", []),
        ("call", ["call"]),
        ("call,user", ["call", "user"]),
        ("1", ["system"]),
        ("66", ["call", "user"]),
        ("Call", []),
        ("c,user", ["call", "user"]),
        (",call", ["system", "call", "user"]),
        ("none", []),
        ("bogus", []),
    ],
)
def test_c25_events_at_login(proxy, pbx, mask, classes):
    client = proxy.login("dave", Events=mask)
    assert seen(client, pbx) == classes


def test_c25_events_action(proxy, pbx):
    client = proxy.login("dave", Events="off")
    for mask, word, classes in (("on", "On", ["system", "call", "user"]), ("off", "Off", []), ("call", "On", ["call"])):
        client.send(Action="Events", EventMask=mask, ActionID="e")
        assert client.read_message().text == f"Response: Success\nActionID: e\nEvents: {word}"
        assert seen(client, pbx) == classes


def test_c25_on_even_if_the_user_may_read_none_of_it(proxy, pbx):
    client = proxy.connect()
    client.login("viewer", secret_of("viewer"), Events="off")
    client.send(Action="Events", EventMask="system", ActionID="e")
    assert client.read_message()["Events"] == "On"
    assert seen(client, pbx) == []


@pytest.mark.parametrize("mask", ["", "4294967295"])
def test_c25_invalid_mask_changes_nothing(proxy, pbx, mask):
    client = proxy.login("dave", Events="call")
    client.send(Action="Events", EventMask=mask, ActionID="e")
    assert client.read_message().text == "Response: Error\nActionID: e\nMessage: Invalid event mask"
    assert seen(client, pbx) == ["call"]


def test_c25_one_clients_mask_is_not_anothers(proxy, pbx):
    quiet, loud = proxy.login("dave", Events="on"), proxy.login("dave", Events="on")
    loud.read_until(Event="FullyBooted")
    quiet.ask(Action="Events", EventMask="off")
    pbx.event("Newchannel", "call,all")
    assert loud.read_message()["Event"] == "Newchannel"
    assert quiet.fence() == []
    assert [a["Action"] for a in pbx.actions] == []


def test_all_classes_of_an_event_are_needed(proxy, pbx):
    client = proxy.login("dave", Events="system")
    client.read_until(Event="FullyBooted")
    pbx.event("Both", "system,user,all")
    pbx.event("One", "system,all")
    assert client.read_message()["Event"] == "One"


def test_read_classes_bound_the_mask(proxy, pbx):
    client = proxy.connect()
    client.login("viewer", secret_of("viewer"), Events="on")
    pbx.event("Hidden", "system,all")
    pbx.event("Shown", "call,all")
    assert client.read_message()["Event"] == "Shown"


def test_list_items_and_answers_pass_any_mask(proxy, pbx):
    """Status items carry a Privilege, yet they are an answer."""
    client = proxy.login("caller", Events="off")
    client.send(Action="Status", ActionID="s")
    action = pbx.expect(Action="Status")
    action.start_list()
    action.item("Status", Privilege="Call", Channel="SIP/1")
    action.end_list("StatusComplete", 1)
    assert [m.headers[0][1] for m in client.collect_until(EventList="Complete")] == [
        "Success",
        "Status",
        "StatusComplete",
    ]


@pytest.mark.parametrize(
    "user, action, allowed",
    [
        ("caller", "Hangup", True),
        ("caller", "Command", False),
        ("caller", "Reload", False),
        ("caller", "QueueAdd", False),
        ("viewer", "Hangup", False),
        ("viewer", "BridgeList", True),
        ("dave", "Command", True),
    ],
)
def test_c58_write_classes(proxy, pbx, user, action, allowed):
    client = proxy.login(user)
    client.send(Action=action, ActionID="w")
    if allowed:
        pbx.expect(Action=action).reply("Error", Message="No such channel")
        assert client.response("w")["Message"] == "No such channel"
        return
    assert client.response("w").text == "Response: Error\nActionID: w\nMessage: Permission denied"
    assert pbx.actions == []


def test_order_of_events_is_kept(proxy, pbx):
    clients = [proxy.login("dave", Events="call") for _ in range(5)]
    for number in range(2000):
        pbx.event("Tick", "call,all", Number=number)
    for client in clients:
        assert [client.read_message()["Number"] for _ in range(2000)] == [str(number) for number in range(2000)]


def test_an_answer_stands_where_it_arrived_among_the_events(proxy, pbx):
    client = proxy.login("dave", Events="call")
    client.send(Action="CoreStatus", ActionID="a")
    action = pbx.expect(Action="CoreStatus")
    pbx.event("Before")
    action.reply()
    pbx.event("After")
    assert [m.headers[0][1] for m in client.collect_until(Event="After")] == ["Before", "Success", "After"]


def test_c60_large_event_is_not_cut(proxy, pbx):
    client = proxy.login("dave", Events="call")
    pairs = [(f"Header{number}", "v" * 3000) for number in range(400)]
    pbx.event("Large", "call,all", *pairs)
    assert client.read_message().headers == [("Event", "Large"), ("Privilege", "call,all"), *pairs, ("Server", "pbx1")]


def test_c59_odd_lines_of_a_server_are_kept(proxy, pbx):
    client = proxy.login("dave", Events="call")
    lines = [
        "Event: Odd",
        "Privilege: call,all",
        "no colon here",
        "Twice: 1",
        "Twice: 2",
        "Empty: ",
        "Bytes: \x01\xff\t",
    ]
    pbx.send_raw(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    assert client.read_message().text == "\n".join(lines + ["Server: pbx1"])
