"""Answers reach the session that asked: ActionIDs, lists, late answers, the choice of the server, order."""

import random

import pytest

from harness.limits import scaled
from harness.message import encode


def ask_and_answer(client, pbx, action_id):
    client.send(Action="CoreStatus", ActionID=action_id)
    pbx.expect(Action="CoreStatus").reply("Success", Value=action_id[:20])
    return client.read_until(Response="Success")


@pytest.mark.parametrize(
    "action_id", ["1", "x" * 500, "blank inside ", "amp1-1", "ümläut".encode().decode("latin-1"), ":;%\t"]
)
def test_c50_action_id_comes_back_as_sent(proxy, pbx, action_id):
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID=action_id)
    action = pbx.expect(Action="CoreStatus")
    assert action.id != action_id and action.id.startswith("amp") and len(action.id) <= 64
    assert action.headers[1][0] == "ActionID"
    action.reply("Success", Value="v")
    answer = client.read_message()
    assert answer.text == f"Response: Success\nActionID: {action_id}\nValue: v\nServer: pbx1"


def test_c49_no_action_id_means_none_in_the_answer(proxy, pbx):
    client, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    client.send(Action="CoreStatus")
    pbx.expect(Action="CoreStatus").reply("Success", Value="v")
    assert client.read_message().text == "Response: Success\nValue: v\nServer: pbx1"
    assert other.fence() == []


def test_c50_ids_on_the_wire_are_unique(proxy, pbx):
    clients = [proxy.login("dave", Events="off") for _ in range(5)]
    for client in clients:
        for _ in range(20):
            client.send(Action="CoreStatus", ActionID="same")
    actions = pbx.expect_all(100)
    assert len({action.id for action in actions}) == 100
    for action in actions:
        action.reply()


def test_action_is_forwarded_whole_and_in_order(proxy, pbx):
    client = proxy.login("dave", Events="off")
    pairs = [
        ("action", "setvar"),
        ("Channel", "SIP/1"),
        ("Variable", "a=1"),
        ("Variable", "b=,2 "),
        ("Value", ""),
        ("Odd-Name/(0)", "caf\xe9 \x01\x7f"),
    ]
    client.send(*pairs, ActionID="1")
    action = pbx.expect(action="setvar")
    assert action.headers == [("Action", "setvar"), ("ActionID", action.id)] + pairs[1:]
    action.reply()


def test_c40_c41_server_header_is_not_forwarded(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", Server="PBX1", ActionID="1")
    action = pbx.expect(Action="CoreStatus")
    assert "Server" not in action
    action.reply("Success", Value="v")
    assert client.read_message().last == ("Server", "pbx1")


def test_list_with_its_items_goes_to_the_asker_alone(proxy, pbx):
    client, other = proxy.login("dave", Events="off"), proxy.login("bill")
    client.send(Action="CoreShowChannels", ActionID="list")
    action = pbx.expect(Action="CoreShowChannels")
    action.start_list()
    for number in range(3):
        action.item("CoreShowChannel", Channel=f"SIP/{number}")
    action.end_list("CoreShowChannelsComplete", 3)
    got = client.collect_until(EventList="Complete")
    assert [message.get("Channel") for message in got] == [None, "SIP/0", "SIP/1", "SIP/2", None]
    assert all(message["ActionID"] == "list" and message.last == ("Server", "pbx1") for message in got)
    assert not [message for message in other.fence() if "Channel" in message or "EventList" in message]


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.3", "2.5.0"])
def test_list_without_event_list_headers(start_proxy, scripted, version):
    """Asterisk up to 13.1: a plain Success, items, and an event whose name ends the list."""
    pbx = scripted(banner="Asterisk Call Manager/" + version)
    proxy = start_proxy({"pbx1": pbx})
    client = proxy.login("dave", Events="off")
    client.send(Action="QueueStatus", ActionID="q")
    client.send(Action="Ping", ActionID="after")
    action = pbx.expect(Action="QueueStatus")
    action.reply("Success", Message="Queue status will follow")
    action.send(("Event", "QueueParams"), ("Queue", "support"), ("ActionID", action.id))
    action.send(("Event", "QueueStatusComplete"), ("ActionID", action.id))
    got = client.collect_until(ActionID="after")
    assert [message.headers[0][1] for message in got] == ["Success", "QueueParams", "QueueStatusComplete", "Success"]
    assert got[1].text == "Event: QueueParams\nQueue: support\nActionID: q\nServer: pbx1"


def test_c61_follows_body_of_an_old_server(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="Command", Command="core show help", ActionID="c")
    action = pbx.expect(Action="Command")
    body = "line one\n\nEvent: no event\nActionID: none\n\nlast--END COMMAND--"
    head = f"Response: Follows\r\nPrivilege: Command\r\nActionID: {action.id}\r\n"
    action.connection.send((head + body + "\r\n\r\n").encode())
    assert client.read_message().text == ("Response: Follows\nPrivilege: Command\nActionID: c\nServer: pbx1\n" + body)
    assert client.fence() == []


def test_c59_modern_command_output(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="Command", Command="x", ActionID="c")
    lines = [("Output", "a: b"), ("Output", ""), ("Output", "Event: x"), ("Output", "\x1b[0m\xff")]
    pbx.expect(Action="Command").reply("Success", ("Message", "Command output follows"), *lines)
    assert client.read_message().headers[3:-1] == lines


def test_late_originate_response_goes_to_the_asker(proxy, pbx):
    client, other = proxy.login("dave"), proxy.login("bill")
    client.send(Action="Originate", Channel="Local/1@x", Application="Wait", Async="true", ActionID="o1")
    action = pbx.expect(Action="Originate")
    action.reply("Success", Message="Originate successfully queued")
    pbx.event("Newchannel", Channel="Local/1@x")
    pbx.event("OriginateResponse", "call,all", ("ActionID", action.id), Response="Success", Reason="4")
    pbx.event("Marker")
    mine = client.collect_until(Event="Marker")
    assert [m["ActionID"] for m in mine if m.headers[0] == ("Event", "OriginateResponse")] == ["o1"]
    assert not [m for m in other.collect_until(Event="Marker") if m.get("Event") == "OriginateResponse"]


def test_kind_is_told_by_the_first_header_only(proxy, pbx):
    client = proxy.login("dave", Events="call,user")
    pbx.event("UserEvent", "user,all", ("UserEvent", "x"), ("Response", "Success"), ("Event", "QueueStatusComplete"))
    event = client.read_message()
    assert event.kind == "event" and event.all("Event") == ["UserEvent", "QueueStatusComplete"]


def test_actions_of_a_session_are_answered_in_order(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    client.send(Action="Ping", ActionID="2")
    client.send(Action="Bogus\r\nEvents: x", ActionID="3")
    client.send(Action="Events", EventMask="off", ActionID="4")
    client.send(Action="CoreSettings", ActionID="5")
    pbx.expect(Action="CoreStatus").reply()
    pbx.expect(Action="Bogus").reply("Error", Message="Invalid/unknown command: Bogus.")
    pbx.expect(Action="CoreSettings").reply()
    assert [message["ActionID"] for message in client.collect_until(ActionID="5")] == ["1", "2", "3", "4", "5"]


def test_answers_in_another_order_find_their_askers(proxy, pbx):
    """A server may answer different sessions in any order; a session's own answers keep the order of its actions."""
    clients = [proxy.login("dave", Events="off") for _ in range(6)]
    for client in clients:
        client.send(Action="CoreStatus", ActionID="id")
    actions = pbx.expect_all(6)
    for number, action in reversed(list(enumerate(actions))):
        action.reply("Success", Number=number, Wire=action.id)
    answers = [client.read_message() for client in clients]
    assert sorted(answer["Number"] for answer in answers) == list("012345")
    assert all(answer["ActionID"] == "id" for answer in answers)


def test_r03_one_action_id_for_all_and_answers_shuffled(proxy, pbx):
    """Each client numbers its actions in a header that the server repeats: an answer that strays is seen by its number."""
    clients = [proxy.login("dave", Events="off") for _ in range(scaled(40, 2))]
    rounds, seed = scaled(25, 2), random.randrange(1 << 30)
    print("seed", seed)
    shuffle = random.Random(seed).shuffle
    for turn in range(rounds):
        for number, client in enumerate(clients):
            client.send_raw(encode([("Action", "CoreStatus"), ("ActionID", "same"), ("Mark", f"{number}/{turn}")]))
        actions = pbx.expect_all(len(clients))
        shuffle(actions)
        for action in actions:
            action.reply("Success", Mark=action["Mark"])
        for number, client in enumerate(clients):
            answer = client.read_message()
            assert (answer["ActionID"], answer["Mark"]) == ("same", f"{number}/{turn}")
    assert all(client.fence() == [] for client in clients)


def pipeline(proxy, pbx, order):
    """Clients send 50 actions each at once; the server answers in an order of its own. What each client got."""
    clients = [proxy.login("dave", Events="off") for _ in range(scaled(20, 2))]
    for number, client in enumerate(clients):
        client.send_raw(
            b"".join(
                encode([("Action", "CoreStatus"), ("ActionID", "same"), ("Mark", f"{number}/{turn}")])
                for turn in range(50)
            )
        )
    actions = pbx.expect_all(50 * len(clients))
    order(actions)
    for action in actions:
        action.reply("Success", Mark=action["Mark"])
    for number, client in enumerate(clients):
        yield [f"{number}/{turn}" for turn in range(50)], [client.read_message()["Mark"] for _ in range(50)]
        assert client.fence() == []


def test_r03_pipelined_answers_come_in_order(proxy, pbx):
    for asked, got in pipeline(proxy, pbx, lambda actions: None):
        assert got == asked


def test_r03_pipelined_and_shuffled_answers_come_once(proxy, pbx):
    """Asterisk answers a connection's actions in turn; a server that does not still cannot mislead an answer."""
    for asked, got in pipeline(proxy, pbx, random.Random(7).shuffle):
        assert sorted(got) == sorted(asked)


# -- which server


@pytest.fixture
def two(start_proxy, scripted):
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    proxy = start_proxy(servers)
    proxy.pbx1, proxy.pbx2 = servers.values()
    return proxy


def test_c41_server_is_chosen_by_header_user_or_order(two):
    client = two.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    two.pbx1.expect(Action="CoreStatus").reply()
    assert client.read_message().last == ("Server", "pbx1")
    client.send(Action="CoreStatus", Server="pbx2", ActionID="2")
    two.pbx2.expect(Action="CoreStatus").reply()
    assert client.read_message().last == ("Server", "pbx2")


def test_c43_a_users_server_wins(two):
    client = two.login("bound", Events="off")
    for headers in ({}, {"Server": "pbx1"}):
        client.send(Action="CoreStatus", **headers)
        two.pbx2.expect(Action="CoreStatus").reply()
        assert client.read_message().last == ("Server", "pbx2")


def test_c42_unknown_server_is_an_error(two):
    client = two.login("dave", Events="off")
    client.send(Action="CoreStatus", Server="pbx3", ActionID="1")
    assert client.read_message().text == "Response: Error\nActionID: 1\nMessage: Unknown server: pbx3"
    assert two.pbx1.actions == two.pbx2.actions == []


def test_events_of_all_servers_with_their_names(two):
    client = two.login("dave", Events="call")
    two.pbx1.event("Newchannel", Channel="a")
    assert client.read_message().last == ("Server", "pbx1")
    two.pbx2.event("Newchannel", Channel="b")
    assert client.read_message().last == ("Server", "pbx2")


def test_all_servers_at_once_merges_the_answers(two):
    client = two.login("dave", Events="off")
    client.send(Action="CoreShowChannels", Server="*", ActionID="all")
    for pbx, count in ((two.pbx1, 1), (two.pbx2, 2)):
        action = pbx.expect(Action="CoreShowChannels")
        assert "Server" not in action
        action.start_list()
        for number in range(count):
            action.item("CoreShowChannel", Channel=f"SIP/{number}")
        action.end_list("CoreShowChannelsComplete", count)
    got = client.collect_until(EventList="Complete")
    assert [m.kind for m in got] == ["response"] + ["event"] * 4
    assert all(m["ActionID"] == "all" for m in got)
    assert sorted(m["Server"] for m in got if m.get("Event") == "CoreShowChannel") == ["pbx1", "pbx2", "pbx2"]
    assert got[-1]["ListItems"] == "3"
    assert client.fence() == []


def in_order(client, *ids):
    """The ActionIDs of what comes, each once: an answer ends before the next one begins."""
    got = [m["ActionID"] for m in client.collect_until(ActionID=ids[-1]) if "ActionID" in m]
    return [action_id for number, action_id in enumerate(got) if got[number - 1 : number] != [action_id]]


@pytest.mark.parametrize("server", ["*", "pbx2"])
def test_what_all_servers_answer_keeps_its_place(two, server):
    """pbx2 has answered both actions while pbx1 works on the first."""
    client = two.login("dave", Events="off")
    two.pbx2.answers["CoreStatus"] = lambda action: action.reply()
    client.send(Action="CoreStatus", Server="*", ActionID="1")
    client.send(Action="CoreStatus", Server=server, ActionID="2")
    first = two.pbx1.expect(Action="CoreStatus")
    client.read_until(Event="CoreStatusResponse", Server="pbx2")
    two.pbx1.answers["CoreStatus"] = lambda action: action.reply()
    first.reply()
    assert in_order(client, "1", "2") == ["1", "2"]


def test_a_server_that_comes_back_does_not_overtake(start_proxy, scripted):
    """It is the first that is up again, while the second works on an earlier action."""
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    servers["pbx1"].go_down()
    proxy = start_proxy(servers, up=["pbx2"])
    client, other = proxy.login("dave", Events="system"), proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    first = servers["pbx2"].expect(Action="CoreStatus")
    servers["pbx1"].answers["CoreStatus"] = lambda action: action.reply()
    servers["pbx1"].go_up()
    client.read_until(Event="ServerUp", Server="pbx1")
    client.send(Action="CoreStatus", ActionID="2")
    client.send(Action="CoreStatus", ActionID="3")
    for _ in range(3):
        assert other.ask(Action="CoreStatus")["Server"] == "pbx1"  # meanwhile pbx1 would have answered
    first.reply()
    assert in_order(client, "1", "2", "3") == ["1", "2", "3"]


def test_all_servers_at_once_with_single_answers(two):
    client = two.login("dave", Events="off")
    client.send(Action="CoreStatus", Server="*", ActionID="all")
    two.pbx2.expect(Action="CoreStatus").reply("Success", Value="2")
    two.pbx1.expect(Action="CoreStatus").reply("Success", Value="1")
    responses = [m for m in client.fence() if m.kind == "response"]
    assert len(responses) == 1 and responses[0]["ActionID"] == "all"


def test_ping_is_local_unless_a_server_is_named(proxy, pbx):
    client = proxy.login("dave", Events="off")
    pings = pbx.pings
    client.send(Action="Ping", ActionID="1")
    local = client.read_message()
    assert [name for name, _ in local.headers] == ["Response", "ActionID", "Ping", "Timestamp"]
    assert pbx.pings == pings
    far = client.ask(Action="Ping", Server="pbx1")
    assert far["Timestamp"] == "1700000000.000001" and far.last == ("Server", "pbx1")
    assert pbx.pings == pings + 1


def test_r25_split_and_glued_at_every_byte(proxy, pbx):
    pbx.cut = 1
    client = proxy.login("dave", Events="call")
    wire = encode([("Action", "CoreStatus"), ("ActionID", "a")]) + encode([("Action", "CoreStatus"), ("ActionID", "b")])
    for at in range(1, len(wire)):
        client.send_raw(wire[:at])
        client.send_raw(wire[at:])
        for action_id in "ab":
            pbx.expect(Action="CoreStatus").reply("Success", Value=at)
            answer = client.read_message()
            assert (answer["ActionID"], answer["Value"]) == (action_id, str(at))
    for byte in range(len(wire)):
        client.send_raw(wire[byte : byte + 1])
    for action_id in "ab":
        pbx.expect(Action="CoreStatus").reply()
        assert client.read_message()["ActionID"] == action_id
