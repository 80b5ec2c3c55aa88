"""Lanes: an action that blocks a server's connection delays only the clients that asked for it."""

import threading

import pytest


def expect_on_slow_lane(pbx, action):
    main = pbx.main_lane()
    found = pbx.expect(Action=action)
    assert found.connection is not main
    return found


@pytest.mark.parametrize(
    "headers",
    [
        {"Action": "Command", "Command": "core show channels"},
        {"Action": "Reload"},
        {"Action": "Originate", "Channel": "Local/1@x", "Application": "Wait"},
        {"Action": "ModuleLoad", "LoadType": "load", "Module": "x"},
    ],
)
def test_blocking_action_goes_to_a_lane_of_its_own(proxy, pbx, headers):
    client, other = proxy.login("dave", Events="call"), proxy.login("bill", Events="call")
    client.send(ActionID="slow", **headers)
    blocked = expect_on_slow_lane(pbx, headers["Action"])
    assert blocked.connection.events == "off"
    pbx.event("Newchannel", Channel="SIP/1")
    assert other.read_message()["Event"] == "Newchannel"
    assert client.read_message()["Event"] == "Newchannel"
    assert other.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    blocked.reply("Success", Message="done")
    answer = client.read_message()
    assert answer["ActionID"] == "slow" and answer["Message"] == "done" and answer.last == ("Server", "pbx1")


def test_asynchronous_originate_stays_on_the_main_lane(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="Originate", Channel="Local/1@x", Application="Wait", Async="yes", ActionID="o")
    action = pbx.expect(Action="Originate")
    assert action.connection is pbx.main_lane()
    action.reply()
    assert client.read_message()["ActionID"] == "o"
    assert pbx.accepted == 1


def test_own_actions_wait_behind_a_blocking_one(proxy, pbx):
    """A session's actions keep their order, whatever the lane."""
    client = proxy.login("dave", Events="off")
    client.send(Action="Command", Command="x", ActionID="1")
    client.send(Action="CoreStatus", ActionID="2")
    client.send(Action="Ping", ActionID="3")
    command = pbx.expect(Action="Command")
    command.reply("Success", Message="Command output follows")
    pbx.expect(Action="CoreStatus").reply()
    assert [client.read_message()["ActionID"] for _ in range(3)] == ["1", "2", "3"]


def test_blocking_action_waits_for_earlier_ones_of_its_session(proxy, pbx):
    client, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    client.send(Action="Setvar", Variable="x", ActionID="1")
    client.send(Action="Command", Command="x", ActionID="2")
    earlier = pbx.expect(Action="Setvar")
    assert other.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert not [action for action in pbx.actions if action["Action"] == "Command"]
    earlier.reply()
    pbx.expect(Action="Command").reply("Success", Message="Command output follows")
    assert [client.read_message()["ActionID"] for _ in range(2)] == ["1", "2"]


def test_slow_lane_is_one_and_used_again(proxy, pbx):
    client = proxy.login("dave", Events="off")
    for number in range(5):
        client.send(Action="Command", Command="x", ActionID=f"c{number}")
        pbx.expect(Action="Command").reply("Success", Message="Command output follows")
        assert client.read_message()["ActionID"] == f"c{number}"
        assert len(pbx.lanes()) <= 2


def test_lanes_1_forces_a_single_connection(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 1})
    client = proxy.login("dave", Events="off")
    client.send(Action="Command", Command="x", ActionID="c")
    action = pbx.expect(Action="Command")
    assert action.connection is pbx.main_lane()
    action.reply("Success", Message="Command output follows")
    assert client.read_message()["ActionID"] == "c"
    assert pbx.accepted == 1


def test_lost_slow_lane_answers_its_asker_only(proxy, pbx):
    client, other = proxy.login("dave", Events="off"), proxy.login("bill")
    other.read_until(Event="FullyBooted")
    client.send(Action="Command", Command="x", ActionID="c")
    other.send(Action="CoreStatus", ActionID="s")
    command = expect_on_slow_lane(pbx, "Command")
    status = pbx.expect(Action="CoreStatus")
    command.drop_connection()
    answer = client.read_message()
    assert answer["Response"] == "Error" and answer["ActionID"] == "c"
    status.reply()
    assert other.read_message()["Response"] == "Success"
    client.send(Action="Command", Command="y", ActionID="d")
    pbx.expect(Action="Command", Command="y").reply("Success", Message="Command output follows")
    assert client.read_message()["Response"] == "Success"


def test_lost_main_lane_loses_the_server(proxy, pbx):
    client = proxy.login("dave")
    client.read_until(Event="FullyBooted")
    client.send(Action="Command", Command="x", ActionID="c")
    expect_on_slow_lane(pbx, "Command")
    pbx.refuse_connections = True
    pbx.main_lane().close()
    got = [client.read_message(), client.read_message()]
    assert {m.get("Event") or m["ActionID"] for m in got} == {"ServerDown", "c"}
    pbx.go_up()
    client.read_until(Event="ServerUp")


def test_r27_huge_command_output(proxy, pbx):
    """It arrives whole; meanwhile others are served."""
    client, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="call")
    client.send(Action="Command", Command="x", ActionID="big")
    action = pbx.expect(Action="Command")
    lines = [("Output", f"{number:06d} " + "x" * 1000) for number in range(4000)]
    writer = threading.Thread(target=action.reply, args=("Success", ("Message", "Command output follows"), *lines))
    writer.start()
    pbx.event("Newchannel")
    assert other.read_message()["Event"] == "Newchannel"
    assert other.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    answer = client.read_message()
    writer.join()
    assert answer.headers[3:-1] == lines


def test_blocking_action_outlasts_the_keep_alive(start_proxy, pbx):
    """Three Pings may be missed; behind an action that Asterisk still works on none is expected."""
    proxy = start_proxy({"pbx1": pbx}, more={"ping_interval": "1s", "lanes": 2})
    client, watcher = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    client.send(Action="Command", Command="sleep", ActionID="long")
    action = pbx.expect(Action="Command")
    with pbx.changed:  # Pings of the main lane, once an interval, measure the time
        pbx.wait(lambda: pbx.pings >= 5, "five Pings")
    assert watcher.fence() == []
    action.reply("Success", Message="Command output follows", Output="done")
    assert client.response("long")["Output"] == "done"


def test_lane_behind_a_given_up_action_is_not_idle(start_proxy, pbx):
    """Asterisk still works on an action that has timed out for its client: the next action must not wait on that
    lane."""
    proxy = start_proxy({"pbx1": pbx}, limits={"exchange_timeout": "1s"})
    client, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    client.send(Action="Command", Command="hangs", ActionID="1")
    stuck = expect_on_slow_lane(pbx, "Command")
    assert client.response("1")["Response"] == "Error"
    other.send(Action="Command", Command="quick", ActionID="2")
    quick = expect_on_slow_lane(pbx, "Command")
    assert quick.connection is not stuck.connection
    quick.reply("Success", Message="Command output follows")
    assert other.response("2")["Response"] == "Success"


def test_blocking_actions_keep_their_order_without_a_slow_lane(proxy, pbx):
    """What could not get a lane of its own goes to the main one; what comes next waits until that is answered."""
    pbx.refuse_connections = True
    client = proxy.login("dave", Events="off")
    client.send(Action="Command", Command="a", ActionID="1")
    first = pbx.expect(Action="Command", Command="a")
    assert first.connection is pbx.main_lane()
    pbx.refuse_connections = False
    client.send(Action="Command", Command="b", ActionID="2")
    proxy.wait_until(lambda lines: sum("action waits" in line for line in lines) >= 2, "b waits")
    assert not [action for action in pbx.actions if action["Action"] == "Command"]
    first.reply("Success", Message="Command output follows")
    second = pbx.expect(Action="Command", Command="b")
    second.reply("Success", Message="Command output follows")
    assert [client.read_message()["ActionID"] for _ in range(2)] == ["1", "2"]
