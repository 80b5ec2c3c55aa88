"""Filters with a state judge every event once in each worker, whoever is logged in, and keep what they want to keep
over a reload."""

import pytest

from harness.proxy import USERS

COUNTER = """
    local count = 0
    return {
      stateful = true,
      events = { "Newchannel", "Newstate", "UserEvent", "Hangup" },
      otherwise = true,
      save = function() return { count = count } end,
      restore = function(kept) count = kept.count end,
      message = function(m)
        count = count + 1
        m.Count = count
      end,
    }
"""


def users(*filters, **more):
    return [dict(USERS[0], filters=list(filters), **more), *USERS[1:]]


def number_of(client, **wanted):
    return int(client.read_until(**wanted)["Count"])


def event(pbx, number, name="Newchannel"):
    pbx.event(name, "call,all", Channel=f"SIP/{number}", Uniqueid=f"1.{number}", Linkedid=f"1.{number}")


def test_f47_five_sessions_see_the_same_numbers(start_proxy, pbx, scripts):
    """Sessions come one by one, to any worker; none is there for the first events."""
    proxy = start_proxy({"pbx1": pbx}, up=[], users=users("counter"), scripts={"path": scripts(filter_counter=COUNTER)})
    proxy.wait_for_server(user="bill")
    bill = proxy.login("bill", Events="call")
    for number in range(1, 4):
        event(pbx, number)
        bill.read_until(Channel=f"SIP/{number}")  # the proxy has had it
    sessions = []
    for number in range(4, 9):
        sessions.append(proxy.login("dave", Events="call"))
        event(pbx, number)
        assert [number_of(session, Channel=f"SIP/{number}") for session in sessions] == [number] * len(sessions)
    quiet = proxy.login("dave", Events="off")  # wants none: they are counted all the same
    for session in sessions:
        session.ask(Action="Events", EventMask="off")
    for number in range(9, 12):
        event(pbx, number)
        bill.read_until(Channel=f"SIP/{number}")
    for session in [*sessions, quiet]:
        session.ask(Action="Events", EventMask="call")
    event(pbx, 12)
    assert [number_of(session, Channel="SIP/12") for session in [*sessions, quiet]] == [12] * 6


def test_f47_a_reload_keeps_what_is_saved(reloadable, pbx, scripts):
    forgetful = COUNTER.replace("save = function() return { count = count } end,", "").replace(
        "restore = function(kept) count = kept.count end,", ""
    )
    root = scripts(filter_counter=COUNTER, filter_forgetful=forgetful)
    both = [dict(USERS[0], filters=["counter"]), dict(USERS[1], filters=["forgetful"]), *USERS[2:]]
    proxy, change = reloadable(users=both, scripts={"path": root})
    dave, bill = proxy.login("dave", Events="call"), proxy.login("bill", Events="call")
    for number in range(1, 4):
        event(pbx, number)
        assert [number_of(client, Channel=f"SIP/{number}") for client in (dave, bill)] == [number] * 2
    change(users=both, scripts={"path": root})
    proxy.hang_up()
    event(pbx, 4)
    assert [number_of(client, Channel="SIP/4") for client in (dave, bill)] == [4, 1]
    change(users=both, scripts={"path": root})
    proxy.hang_up()
    event(pbx, 5)
    assert [number_of(client, Channel="SIP/5") for client in (dave, bill)] == [5, 1]


def test_f47_the_askers_own_copy_is_no_second_event(start_proxy, pbx, scripts):
    """An event with an ActionID reaches the client that asked with it and the others without it; it is judged once."""
    proxy = start_proxy({"pbx1": pbx}, up=[], users=users("counter"), scripts={"path": scripts(filter_counter=COUNTER)})
    proxy.wait_for_server(user="bill")
    dave, other = (proxy.login("dave", Events="call,user") for _ in range(2))
    for client in (dave, other):  # with `on`, an ActionID that was sent hides events without it
        client.ask(ProxyAction="SetAutoFilter", AutoFilter="unique")
    dave.send(Action="UserEvent", UserEvent="mine", ActionID="mine")
    action = pbx.expect(Action="UserEvent")
    pbx.event("UserEvent", "user,all", ActionID=action["ActionID"], UserEvent="mine")
    action.reply()
    own = dave.read_until(Event="UserEvent")
    assert (own["ActionID"], own["Count"]) == ("mine", "1")
    theirs = other.read_until(Event="UserEvent")
    assert (theirs.get("ActionID"), theirs["Count"]) == (None, "1")
    event(pbx, 2)
    assert [number_of(client, Channel="SIP/2") for client in (dave, other)] == [2, 2]


def test_f47_other_peoples_answers_do_not_count(start_proxy, pbx, scripts):
    """A session that is shown all answers (autofilter off) is on one worker only."""
    proxy = start_proxy({"pbx1": pbx}, up=[], users=users("counter"), scripts={"path": scripts(filter_counter=COUNTER)})
    proxy.wait_for_server(user="bill")
    dave, other, bill = (proxy.login(name, Events="call") for name in ("dave", "dave", "bill"))
    assert dave.ask(ProxyAction="SetAutoFilter", AutoFilter="off")["AutoFilter"] == "0"
    bill.send(Action="Status", ActionID="s")
    action = pbx.expect(Action="Status")
    action.start_list()
    action.item("Newchannel", Channel="SIP/9")
    action.end_list("StatusComplete", 1)
    bill.read_until(Event="StatusComplete")
    event(pbx, 1)
    assert [number_of(client, Channel="SIP/1") for client in (dave, other)] == [1, 1]


@pytest.mark.parametrize("early", [True, False])
def test_f47_calls_that_become_visible_are_judged_once(start_proxy, pbx, scripts, early):
    """A user tied to a channel: earlier events of a call that becomes theirs are judged in every worker, too."""
    proxy = start_proxy(
        {"pbx1": pbx},
        up=[],
        users=users("counter", channel="SIP/100"),
        scripts={"path": scripts(filter_counter=COUNTER)},
    )
    proxy.wait_for_server(user="bill")
    bill = proxy.login("bill", Events="call")
    sessions = [proxy.login("dave", Events="call") for _ in range(3)] if early else []
    pbx.event("Newchannel", "call,all", Channel="SIP/200-1", Uniqueid="1.1", Linkedid="1.1")
    pbx.event("Newchannel", "call,all", Channel="SIP/100-2", Uniqueid="1.2", Linkedid="1.1")
    pbx.event("Newstate", "call,all", Channel="SIP/100-2", Uniqueid="1.2", Linkedid="1.1")
    bill.read_until(Event="Newstate")
    sessions += [proxy.login("dave", Events="call") for _ in range(2)]
    pbx.event("Newstate", "call,all", Channel="SIP/200-1", Uniqueid="1.1", Linkedid="1.1", ChannelState="6")
    numbers = {number_of(session, ChannelState="6", Channel="SIP/200-1") for session in sessions}
    assert len(numbers) == 1, numbers


def test_f47_snapshot_and_state_do_not_go_together(start_proxy, tmp_path, scripts):
    import subprocess

    from harness.proxy import BINARY, configuration, write_configuration

    path = str(tmp_path / "bad.yaml")
    write_configuration(
        path,
        configuration([], users=users("counter", snapshot=True), scripts={"path": scripts(filter_counter=COUNTER)}),
    )
    result = subprocess.run([BINARY, "-t", "-c", path], capture_output=True, text=True, timeout=20)
    assert result.returncode == 1 and "user dave: snapshot" in result.stderr, result.stderr
