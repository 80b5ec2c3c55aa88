"""Where an answer begins and ends: lists without ActionIDs, lists that begin with an error, answers that come twice."""

import pytest

from harness.web import ALL_PLUGINS, Web, basic

HTTP = [
    {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"},
    {"address": "127.0.0.1", "port": 0, "input": "http", "output": "json", "tls": "off", "reports": True},
]


def through(client):
    """All that came until the server has answered a Ping: what it sent before has been delivered."""
    client.send(Action="Ping", Server="pbx1", ActionID="through")
    return client.collect_until(ActionID="through")[:-1]


# --- items that say nothing of whose they are (21)


def peer(action, name):
    action.send(("Event", "PeerEntry"), ("Channeltype", "IAX"), ("ObjectName", name))


@pytest.mark.parametrize("complete_has_id", [True, False])
def test_f21_items_without_id_are_the_askers_alone(proxy, pbx, complete_has_id):
    """IAXpeers (channels/chan_iax2.c): neither ActionID nor Privilege in its items."""
    asker, other = proxy.login("dave", Events="on"), proxy.login("bill", Events="on")
    asker.fence(), other.fence()
    asker.send(Action="IAXpeers", ActionID="i")
    action = pbx.expect(Action="IAXpeers")
    action.start_list("Peer status list will follow")
    peer(action, "one")
    peer(action, "two")
    end = [("Event", "PeerlistComplete"), ("EventList", "Complete"), ("ListItems", "2")]
    action.send(*end, *([("ActionID", action.id)] if complete_has_id else []))
    pbx.event("Newchannel", Channel="SIP/1-0")
    answer = asker.collect_until(Event="Newchannel")
    assert [message.get("ObjectName") for message in answer] == [None, "one", "two", None, None]
    assert all(message["ActionID"] == "i" and message.last == ("Server", "pbx1") for message in answer[:-1])
    assert other.read_message()["Event"] == "Newchannel"
    assert through(asker) == [] and through(other) == []


def test_f21_one_after_the_other(proxy, pbx):
    """Two ask at once: Asterisk answers in turn, so items are of the list that has begun last."""
    one, two = proxy.login("dave", Events="on"), proxy.login("bill", Events="on")
    one.fence(), two.fence()
    one.send(Action="IAXpeers", ActionID="1")
    first = pbx.expect(Action="IAXpeers")
    two.send(Action="IAXpeers", ActionID="2")
    second = pbx.expect(Action="IAXpeers")
    for action, name in ((first, "a"), (second, "b")):
        action.start_list()
        pbx.event("Newstate", Channel=name)  # for everybody: it has a Privilege
        peer(action, name)
        action.send(("Event", "PeerlistComplete"), ("ListItems", "1"))
    for client, action_id, name in ((one, "1", "a"), (two, "2", "b")):
        messages = through(client)
        assert [message.get("ObjectName") for message in messages if message.get("ActionID") == action_id] == [
            None,
            name,
            None,
        ]
        assert [message["Channel"] for message in messages if "ActionID" not in message] == ["a", "b"]
        assert len(messages) == 5


def test_f21_items_of_a_list_that_was_given_up_are_nobodys(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"exchange_timeout": "1s"})
    asker, other = proxy.login("dave", Events="on"), proxy.login("bill", Events="on")
    asker.fence(), other.fence()
    asker.send(Action="IAXpeers", ActionID="i")
    action = pbx.expect(Action="IAXpeers")
    action.start_list()
    assert asker.read_until(Event="PeerlistComplete")["EventList"] == "Cancelled"
    peer(action, "late")
    action.send(("Event", "PeerlistComplete"), ("ListItems", "1"))
    pbx.event("Newchannel", Channel="SIP/1-0")
    assert other.read_message()["Event"] == "Newchannel" and asker.read_message()["Event"] == "Newchannel"


def test_f21_without_a_list_an_event_is_everybodys(proxy, pbx):
    client = proxy.login("dave", Events="on")
    client.fence()
    pbx.send_raw(b"Event: Oddity\r\nX: 1\r\n\r\n")
    assert client.read_message()["Event"] == "Oddity"


# --- lists that say Error (26)


def break_list(action):
    action.start_list("Channel map will follow")
    action.item("CoreShowChannelMap", Channel="SIP/1-0", ConnectedChannel="SIP/2-0")
    action.reply("Error", Message="Could not complete channel map\n")


def test_f26_http_is_answered_when_the_list_has_broken(start_proxy, pbx):
    """It waited 30 s for a completion that never comes."""
    proxy = start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS, listen=HTTP, limits={"exchange_timeout": "1h"})
    pbx.answers["CoreShowChannelMap"] = break_list
    answer = Web(proxy.addresses[1], basic()).get("/?Action=CoreShowChannelMap&Channel=SIP/1-0")
    messages = answer.json()
    assert [message.get("Response", message.get("Event")) for message in messages] == [
        "Success",
        "CoreShowChannelMap",
        "Error",
        "CoreShowChannelMapComplete",
    ]
    assert messages[-1]["EventList"] == "Cancelled" and messages[-1]["ListItems"] == "1"


@pytest.mark.parametrize("silent", [False, True])
def test_f26_a_broken_list_ends_once(start_proxy, pbx, silent):
    """With the answer to the proxy's Ping; or after a short silence, should that not be answered."""
    proxy = start_proxy({"pbx1": pbx}, limits={"exchange_timeout": "1h"})
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreShowChannelMap", ActionID="m")
    action = pbx.expect(Action="CoreShowChannelMap")
    pbx.silent = silent
    break_list(action)
    assert client.read_until(ActionID="m", Event="CoreShowChannelMapComplete")["EventList"] == "Cancelled"
    pbx.silent = False
    assert through(client) == []


def test_f26_what_comes_behind_the_error_is_still_passed_on(proxy, pbx):
    """PJSIPShowEndpoint goes on after an Error, to its end."""
    client = proxy.login("dave", Events="off")
    client.send(Action="PJSIPShowEndpoint", Endpoint="1", ActionID="p")
    action = pbx.expect(Action="PJSIPShowEndpoint")
    action.start_list()
    action.connection.send(
        b"".join(
            b"\r\n".join(line.encode() for line in lines) + b"\r\n\r\n"
            for lines in (
                ["Response: Error", f"ActionID: {action.id}", "Message: Unable to format endpoint 1"],
                ["Event: EndpointDetail", f"ActionID: {action.id}", "ObjectName: 1"],
                ["Event: EndpointDetailComplete", f"ActionID: {action.id}", "EventList: Complete", "ListItems: 1"],
            )
        )
    )
    answer = client.collect_until(Event="EndpointDetailComplete")
    assert [message.headers[0] for message in answer] == [
        ("Response", "Success"),
        ("Response", "Error"),
        ("Event", "EndpointDetail"),
        ("Event", "EndpointDetailComplete"),
    ]
    assert answer[-1]["EventList"] == "Complete"
    assert through(client) == []


def test_f26_of_all_servers_one_has_broken(start_proxy, scripted):
    """`Server: *`: the items of the other servers come, and the error comes once."""
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    proxy = start_proxy(servers)
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreShowChannelMap", Channel="SIP/1-0", ActionID="m", Server="*")
    broken, whole = (pbx.expect(Action="CoreShowChannelMap") for pbx in servers.values())
    break_list(broken)
    whole.start_list()
    whole.item("CoreShowChannelMap", Channel="SIP/1-0", ConnectedChannel="SIP/3-0")
    whole.end_list("CoreShowChannelMapComplete", 1)
    answer = client.collect_until(Event="CoreShowChannelMapComplete")
    assert sorted(message["ConnectedChannel"] for message in answer[1:-1]) == ["SIP/2-0", "SIP/3-0"]
    assert answer[-1]["ListItems"] == "2"
    assert answer[-1].all("ServerErrors") == ["pbx1: Could not complete channel map"]


# --- answers that come again (28)

TIMES = 1000


def send_again(action, pairs):
    data = b"".join(f"{name}: {value}\r\n".encode() for name, value in pairs) + b"\r\n"
    action.connection.send(data * TIMES)


@pytest.mark.parametrize(
    "name,passed",
    [("CoreStatus", 1), ("Setvar", 1), ("ThirdParty", 1), ("JabberSend", 2), ("ModuleLoad", 3), ("PRIDebugSet", 2)],
)
def test_f28_an_answer_is_passed_on_once(start_proxy, pbx, name, passed):
    """Or as often as Asterisk's source says that it answers the action."""
    proxy = start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS, listen=HTTP)
    client = proxy.login("dave", Events="off")
    client.send(Action=name, ActionID="a")
    action = pbx.expect(Action=name)
    send_again(action, [("Response", "Success"), ("ActionID", action.id), ("Message", "done")])
    client.send(Action="CoreSettings", ActionID="next")
    last = pbx.expect(Action="CoreSettings")
    action.connection.send(
        f"Response: Success\r\nActionID: {last.id}\r\n\r\n".encode() if last.connection is action.connection else b""
    )
    if last.connection is not action.connection:
        last.reply()
    answers = client.collect_until(ActionID="next")[:-1]
    text = Web(proxy.addresses[1]).get("/metrics").text
    if last.connection is action.connection:
        assert len(answers) == passed
        assert f'messages_dropped_total{{server="pbx1",reason="late"}} {TIMES - passed}' in text
        assert sum("answered before" in line for line in proxy.lines) == 1


def test_f28_a_list_is_passed_on_once(proxy, pbx):
    """Its beginning, its items and its end, each a thousand times behind its end."""
    client = proxy.login("dave", Events="off")
    client.send(Action="QueueStatus", ActionID="q")
    action = pbx.expect(Action="QueueStatus")
    action.start_list()
    send_again(
        action, [("Response", "Success"), ("ActionID", action.id), ("EventList", "start")]
    )  # it has begun before
    action.item("QueueParams", Queue="q")
    action.end_list("QueueStatusComplete", 1)
    for pairs in (
        [("Response", "Success"), ("EventList", "start")],
        [("Event", "QueueParams"), ("Queue", "q")],
        [("Event", "QueueStatusComplete"), ("EventList", "Complete"), ("ListItems", "1")],
    ):
        send_again(action, [pairs[0], ("ActionID", action.id), *pairs[1:]])
    messages = through(client)
    assert [message.headers[0][1] for message in messages] == ["Success", "QueueParams", "QueueStatusComplete"]


def test_f28_an_originate_tells_once_how_it_went(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="Originate", Channel="Local/1@x", Application="Wait", Async="true", ActionID="o")
    action = pbx.expect(Action="Originate")
    result = [
        ("Event", "OriginateResponse"),
        ("Privilege", "call,all"),
        ("ActionID", action.id),
        ("Response", "Success"),
        ("Uniqueid", "1.1"),
    ]
    action.send(*result)  # before the response: threads of Asterisk
    send_again(action, result)
    action.reply()
    send_again(action, result)
    messages = through(client)
    assert sorted(message.headers[0] for message in messages) == [
        ("Event", "OriginateResponse"),
        ("Response", "Success"),
    ]


def test_f28_events_of_an_unknown_action_still_come(proxy, pbx):
    """A module of others may list in its own way; its end ends it."""
    client = proxy.login("dave", Events="off")
    client.send(Action="SCCPListDevices", ActionID="s")
    action = pbx.expect(Action="SCCPListDevices")
    action.reply()
    for number in range(50):
        action.item("SCCPDeviceEntry", Number=number)
    send_again(action, [("Event", "SCCPListDevicesComplete"), ("ActionID", action.id)])
    messages = through(client)
    assert len(messages) == 52 and messages[-1]["Event"] == "SCCPListDevicesComplete"
