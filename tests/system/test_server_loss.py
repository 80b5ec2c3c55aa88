"""Asterisk comes, goes, stalls and flaps: sessions stay, clients are told, and nothing waits without end."""

import time
from itertools import pairwise

import pytest

from harness.limits import scaled
from harness.proxy import Proxy, configuration, secret_of, server_entry

FAST = {"ping_interval": "1s"}


def error(action_id, text):
    return f"Response: Error\nActionID: {action_id}\nMessage: {text}"


def test_c44_no_server_is_up(start_proxy, pbx):
    pbx.refuse_connections = True
    proxy = start_proxy({"pbx1": pbx}, up=[])
    client = proxy.login("dave")
    client.send(Action="CoreStatus", ActionID="1")
    assert client.read_message().text == error("1", "No server is up")


def test_c42_named_server_is_down(start_proxy, scripted):
    up, down = scripted(), scripted()
    down.refuse_connections = True
    proxy = start_proxy({"pbx1": up, "pbx2": down}, up=["pbx1"])
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", Server="pbx2", ActionID="1")
    assert client.read_message().text == error("1", "Server pbx2 is down")
    assert up.actions == []


def test_c43_users_own_server_is_down(start_proxy, scripted):
    up, down = scripted(), scripted()
    down.refuse_connections = True
    proxy = start_proxy({"pbx1": up, "pbx2": down}, up=["pbx1"])
    client = proxy.login("bound", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    assert client.read_message()["Response"] == "Error"
    assert up.actions == []


def test_c41_next_server_is_taken_when_the_first_is_down(start_proxy, scripted):
    first, second = scripted(), scripted()
    proxy = start_proxy({"pbx1": first, "pbx2": second})
    client = proxy.login("dave")
    first.go_down()
    client.read_until(Event="ServerDown", Server="pbx1")
    client.send(Action="CoreStatus", ActionID="1")
    second.expect(Action="CoreStatus").reply()
    assert client.response("1").last == ("Server", "pbx2")
    first.go_up()
    client.read_until(Event="ServerUp", Server="pbx1")
    client.send(Action="CoreStatus", ActionID="2")
    first.expect(Action="CoreStatus").reply()
    assert client.response("2").last == ("Server", "pbx1")


def test_server_down_and_up_are_told(proxy, pbx):
    client, masked = proxy.login("dave"), proxy.login("viewer")
    pbx.go_down()
    down = client.read_until(Event="ServerDown")
    assert [name for name, _ in down.headers][:2] == ["Event", "Privilege"]
    assert down["Privilege"] == "system,all" and down["Server"] == "pbx1" and down["Reason"]
    pbx.go_up()
    up = client.read_until(Event="ServerUp")
    assert up["Privilege"] == "system,all" and up["Server"] == "pbx1"
    assert client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    pbx.event("Newchannel", "call,all")
    assert masked.read_message()["Event"] == "Newchannel"


def test_c45_greeting_and_login_of_a_server_reach_no_client(proxy, pbx):
    client = proxy.login("dave")
    pbx.go_down()
    client.read_until(Event="ServerDown")
    pbx.go_up()
    before = client.collect_until(Event="ServerUp")
    pbx.event("Newchannel")
    seen = before + client.collect_until(Event="Newchannel")
    assert not [m for m in seen if m.kind == "response" or "Manager" in m.text]


def test_c44_r05_actions_in_flight_get_an_error(proxy, pbx):
    """All are answered within a second, each with its own ActionID; nothing is sent again after the reconnect."""
    count = scaled(10, 2)
    clients = [proxy.login("dave") for _ in range(20)]
    for client in clients:
        for number in range(count):
            client.send(Action="Setvar", Variable="x", ActionID=f"f{number}")
    pbx.expect_all(count * len(clients))
    begin = time.monotonic()
    pbx.go_down()
    for client in clients:
        errors = [m for m in client.collect_until(ActionID=f"f{count - 1}") if m.kind == "response"]
        assert [m["ActionID"] for m in errors] == [f"f{number}" for number in range(count)]
        assert all(m["Message"].startswith("Server pbx1 was lost: ") for m in errors)
        assert all(m.headers[1][0] == "ActionID" for m in errors)
    assert time.monotonic() - begin < 15
    pbx.go_up()
    clients[0].read_until(Event="ServerUp")
    assert clients[0].ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert pbx.actions == []


def test_c44_started_list_is_cancelled(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="QueueStatus", ActionID="q1")
    action = pbx.expect(Action="QueueStatus")
    action.start_list()
    action.item("QueueParams", Queue="a")
    client.read_until(Event="QueueParams")
    pbx.go_down()
    end = client.read_message()
    assert end.kind == "event" and end["Event"] == "QueueStatusComplete"
    assert end["ActionID"] == "q1" and end["EventList"] == "Cancelled"
    client.send(Action="Ping", ActionID="p")
    assert client.read_message()["ActionID"] == "p"


def test_c44_list_not_yet_started_gets_an_error(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="QueueStatus", ActionID="q1")
    pbx.expect(Action="QueueStatus")
    pbx.drop_connections(reset=True)
    assert client.read_message()["Message"].startswith("Server pbx1 was lost: ")


def test_half_a_message_at_the_loss_is_forgotten(proxy, pbx):
    client = proxy.login("dave")
    pbx.send_raw(b"Event: Half\r\nPrivilege: system,all\r\nX: ")
    pbx.drop_connections()
    seen = client.collect_until(Event="ServerUp")
    pbx.event("Whole", "system,all")
    seen += client.collect_until(Event="Whole")
    assert not [m for m in seen if "Half" in m.text]
    assert seen[-1].text == "Event: Whole\nPrivilege: system,all\nServer: pbx1"


def test_r06_silent_peer_is_found_by_its_pings(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, more=FAST)
    client = proxy.login("dave")
    client.send(Action="CoreStatus", ActionID="1")
    pbx.expect(Action="CoreStatus")
    pbx.stall()
    assert client.response("1")["Message"].startswith("Server pbx1 was lost: ")
    client.read_until(Event="ServerDown")


def test_r06_idle_line_is_asked(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, more=FAST)
    client = proxy.login("dave", Events="off")
    pings = pbx.pings
    pbx.wait(lambda: pbx.pings >= pings + 2, "two keep-alive Pings")
    assert client.fence() == []


def test_c46_server_that_sends_no_fully_booted(start_proxy, pbx):
    pbx.fully_booted = False
    proxy = start_proxy({"pbx1": pbx})
    assert proxy.login("dave", Events="off").ask(Action="Ping", Server="pbx1")["Response"] == "Success"


def test_wrong_credentials_are_told_apart(start_proxy, pbx):
    pbx.refuse_login = True
    proxy = start_proxy({"pbx1": pbx}, up=[])
    pbx.wait(lambda: len(pbx.login_actions) >= 2, "login tried again")
    proxy.wait_for_line("server=pbx1", "Authentication failed")
    client = proxy.login("dave")
    pbx.refuse_login = False
    client.read_until(Event="ServerUp")


@pytest.mark.parametrize("method, header", [("md5", "Key"), ("plain", "Secret")])
def test_login_method_and_events(start_proxy, pbx, method, header):
    start_proxy({"pbx1": pbx}, more={"login": method})
    login = pbx.login_actions[0]
    assert header in login and ("Secret" in login) == (method == "plain")
    assert login.get("Events") in (None, "on") and login["Username"] == "proxy"


def test_one_connection_whatever_the_clients_do(proxy, pbx):
    clients = [proxy.login("dave") for _ in range(20)]
    for client in clients:
        client.ask(Action="Events", EventMask="off")
        client.ask(Action="Ping", Server="pbx1")
        client.send(Action="Logoff")
        client.read_to_end()
    assert pbx.accepted == 1 and pbx.logins == 1 and pbx.logoffs == 0


def test_c10_never_ends_for_want_of_a_server(start_proxy, pbx):
    pbx.refuse_connections = True
    proxy = start_proxy({"pbx1": pbx}, up=[])
    first = proxy.login("dave")
    first.send(Action="Logoff")
    first.read_to_end()
    pbx.wait(lambda: pbx.accepted >= 4, "further attempts")
    client = proxy.login("dave")
    pbx.go_up()
    client.read_until(Event="ServerUp")


def test_no_server_configured_at_all(start_proxy):
    proxy = start_proxy({})
    client = proxy.login("dave")
    client.send(Action="CoreStatus", ActionID="1")
    assert client.read_message().text == error("1", "No server is up")


def test_retry_attempts_are_bounded_when_asked(start_proxy, pbx):
    pbx.refuse_connections = True
    proxy = start_proxy({"pbx1": pbx}, up=[], retry={"interval": "50ms", "max_interval": "100ms", "attempts": 3})
    pbx.wait(lambda: pbx.accepted >= 3, "three attempts")
    proxy.wait_for_line("server=pbx1", "attempts")
    assert proxy.login("dave").fence() == []
    assert pbx.accepted <= 4


def test_r30_waits_double_up_to_the_limit(start_proxy, pbx):
    """The times of the attempts: each wait at most the limit, the later ones longer than the first."""
    pbx.refuse_connections = True
    times = []
    original = pbx.changed.notify_all

    def note():
        if len(times) < pbx.accepted:
            times.append(time.monotonic())
        original()

    pbx.changed.notify_all = note
    start_proxy({"pbx1": pbx}, up=[], retry={"interval": "50ms", "max_interval": "800ms"})
    pbx.wait(lambda: pbx.accepted >= 8, "eight attempts")
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert all(wait < 1.2 for wait in waits), waits
    assert waits[0] < 0.3 and max(waits[4:]) >= 0.4, waits


def test_r31_flapping_server(proxy, pbx):
    """Each change is announced once, and nothing is left behind."""
    client = proxy.login("dave")
    client.read_until(Event="FullyBooted")
    descriptors = proxy.descriptors()
    for _ in range(scaled(8, 2)):
        pbx.go_down()
        changes = [m["Event"] for m in client.collect_until(Event="ServerDown")]
        pbx.go_up()
        changes += [m["Event"] for m in client.collect_until(Event="ServerUp")]
        assert [name for name in changes if name.startswith("Server")] == ["ServerDown", "ServerUp"]
    assert proxy.descriptors() <= descriptors + 1


def test_r28_strays_reach_nobody(proxy, pbx):
    client = proxy.login("dave", Events="call")
    client.send(Action="CoreStatus", ActionID="1")
    action = pbx.expect(Action="CoreStatus")
    action.reply("Success", Value="first")
    assert client.read_message()["Value"] == "first"
    pbx.send_raw(b"Response: Success\r\nActionID: amp1-unknown\r\nValue: x\r\n\r\n")
    pbx.send_raw(b"Response: Success\r\nValue: without id\r\n\r\n")
    client.send(Action="CoreStatus", ActionID="2")
    pbx.expect(Action="CoreStatus").reply("Success", Value="second")
    assert client.read_message()["Value"] == "second"
    assert client.fence() == []


def test_r28_exchange_timeout(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"exchange_timeout": "1s"})
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="single")
    single = pbx.expect(Action="CoreStatus")
    answer = client.read_message()
    assert answer["Response"] == "Error" and answer["ActionID"] == "single"
    single.reply("Success", Value="too late")
    client.send(Action="QueueStatus", ActionID="list")
    action = pbx.expect(Action="QueueStatus")
    action.start_list()
    got = client.collect_until(EventList="Cancelled")
    assert got[0]["EventList"] == "start" and got[-1]["ActionID"] == "list"
    action.end_list("QueueStatusComplete", 0)
    client.send(Action="CoreStatus", ActionID="next")
    pbx.expect(Action="CoreStatus").reply("Success", Value="v")
    assert client.read_message()["ActionID"] == "next"


def test_r29_clients_leave_with_actions_in_flight(proxy, pbx):
    stays = proxy.login("dave", Events="off")
    for number in range(scaled(50)):
        client = proxy.connect()
        client.login("bill", "bill-SECRET-2", Events="off")
        client.send(Action="CoreShowChannels", ActionID="gone")
        action = pbx.expect(Action="CoreShowChannels")
        client.reset() if number % 2 else client.close()
        action.start_list()
        action.item("CoreShowChannel", Channel="x")
        action.end_list("CoreShowChannelsComplete", 1)
    assert stays.fence() == []
    assert stays.ask(Action="Ping", Server="pbx1")["Response"] == "Success"


def test_server_that_speaks_no_ami(start_proxy, scripted):
    good, odd = scripted(), scripted()
    odd.banner = "HTTP/1.1 400 Bad Request"
    proxy = start_proxy({"pbx1": good, "pbx2": odd}, up=["pbx1"])
    assert proxy.login("dave", Events="off").ask(Action="Ping", Server="pbx1")["Response"] == "Success"


def test_proxy_behind_a_proxy(start_proxy, pbx, tmp_path, launch, workers):
    """Another astmanproxy is a server like any other: it speaks AMI too."""
    inner = start_proxy({"pbx1": pbx})
    folder = tmp_path / "outer"
    folder.mkdir()
    entry = {**server_entry(inner, "inner"), "username": "dave", "secret": secret_of("dave")}
    outer = launch(Proxy, str(folder), configuration([entry], workers))
    outer.wait_for_server("inner")
    client = outer.login("bill", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    pbx.expect(Action="CoreStatus").reply("Success", Value="v")
    assert client.read_message().text == "Response: Success\nActionID: 1\nValue: v\nServer: pbx1\nServer: inner"


def test_event_for_an_action_of_our_own_is_dropped(start_proxy, pbx):
    """No Asterisk sends an event with the ActionID of a Challenge; a broken peer ended the proxy with one."""

    def odd(action):
        action.send(("Event", "Odd"), ("ActionID", action.id))
        action.reply("Success", Challenge=action.connection.challenge)

    pbx._on_challenge = odd
    proxy = start_proxy({"pbx1": pbx})
    assert proxy.login("dave", Events="off").ask(Action="Ping", Server="pbx1")["Response"] == "Success"
