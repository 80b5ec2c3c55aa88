"""Equal questions are asked once: `share.in_flight`, `share.keep`. Each client gets its own ActionID, by its own rules."""

import pytest

from harness.limits import Deadline
from harness.proxy import USERS

RULED = {"name": "tenant", "secret": "tenant-SECRET-S", "channel": "SIP/1"}


@pytest.fixture
def sharing(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, users=USERS + [RULED], share={"in_flight": True})


@pytest.fixture
def keeping(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, users=USERS + [RULED], share={"keep": [{"action": "QueueStatus", "for": "1h"}]})


def answer(action, items=(("SIP/1-0", "1"), ("SIP/2-0", "2"))):
    action.start_list()
    for channel, uid in items:
        action.item("QueueEntry", Queue="q", Channel=channel, Uniqueid=uid)
    action.end_list("QueueStatusComplete", len(items))


def channels(client, action_id):
    messages = client.collect_until(EventList="Complete")
    assert all(m.get("ActionID") == action_id for m in messages)
    assert messages[0]["Response"] == "Success"
    return [m["Channel"] for m in messages[1:-1]]


def asked(pbx):
    return sum(a["Action"] == "QueueStatus" for a in pbx.actions)


def settled(pbx, *clients):
    """All that these clients have asked so far has reached the hub: one more question of each goes there and comes
    back. A client of another worker would prove nothing: only what one session asks is known to arrive in its order."""
    pbx.answers["CoreSettings"] = lambda action: action.reply("Success", AMIversion="5.0.2")
    for client in clients:
        client.send(Action="CoreSettings", ActionID="settled")
        client.response("settled")


def test_equal_questions_in_flight_are_one(sharing, pbx):
    clients = [sharing.login("dave", Events="off") for _ in range(20)]
    clients[0].send(Action="QueueStatus", ActionID="c0")
    action = pbx.expect(Action="QueueStatus")
    for number, client in enumerate(clients[1:], 1):
        client.send(Action="QueueStatus", ActionID=f"c{number}")
    deadline = Deadline()
    action.start_list()
    action.item("QueueEntry", Queue="q", Channel="SIP/1-0", Uniqueid="1")
    for client in clients[1:]:  # each has joined once its answer has begun
        assert client.read_message(deadline)["Response"] == "Success"
    action.item("QueueEntry", Queue="q", Channel="SIP/2-0", Uniqueid="2")
    action.end_list("QueueStatusComplete", 2)
    assert channels(clients[0], "c0") == ["SIP/1-0", "SIP/2-0"]
    for number, client in enumerate(clients[1:], 1):
        rest = client.collect_until(EventList="Complete")
        assert [m["ActionID"] for m in rest] == [f"c{number}"] * 3
        assert [m.get("Channel") for m in rest] == ["SIP/1-0", "SIP/2-0", None]
    assert asked(pbx) == 0


def test_each_users_own_rules_judge_the_shared_answer(sharing, pbx):
    free = sharing.login("dave", Events="off")
    tenants = [sharing.connect() for _ in range(2)]
    for tenant in tenants:
        tenant.login("tenant", RULED["secret"], Events="off")
    tenants[0].send(Action="QueueStatus", ActionID="t")
    action = pbx.expect(Action="QueueStatus")
    tenants[1].send(Action="QueueStatus", ActionID="u")
    action.start_list()
    assert tenants[1].read_message()["ActionID"] == "u"
    action.item("QueueEntry", Queue="q", Channel="SIP/1-0", Uniqueid="1")
    action.item("QueueEntry", Queue="q", Channel="SIP/2-0", Uniqueid="2")
    action.end_list("QueueStatusComplete", 2)
    assert channels(tenants[0], "t") == ["SIP/1-0"]
    rest = tenants[1].collect_until(EventList="Complete")
    assert [m.get("Channel") for m in rest] == ["SIP/1-0", None] and rest[-1]["ListItems"] == "1"
    free.send(Action="QueueStatus", ActionID="f")  # other rights, or later: asked anew
    answer(pbx.expect(Action="QueueStatus"))
    assert channels(free, "f") == ["SIP/1-0", "SIP/2-0"]


@pytest.mark.parametrize(
    "second",
    [{"Action": "QueueStatus", "Queue": "other"}, {"Action": "Getvar", "Variable": "x"}, {"Action": "QueueReset"}],
)
def test_other_questions_are_asked(sharing, pbx, second):
    one, two = sharing.login("dave", Events="off"), sharing.login("dave", Events="off")
    first = {"Action": "QueueStatus"} if second["Action"] == "QueueStatus" else second
    one.send(**first, ActionID="1")
    pbx.expect(Action=first["Action"])
    two.send(**second, ActionID="2")
    pbx.expect(Action=second["Action"])


def test_nobody_joins_across_a_change(sharing, pbx):
    one, two = sharing.login("dave", Events="off"), sharing.login("dave", Events="off")
    one.send(Action="QueueStatus", ActionID="1")
    first = pbx.expect(Action="QueueStatus")
    two.send(Action="QueuePause", Interface="SIP/1", Paused="true", ActionID="p")
    pbx.expect(Action="QueuePause").reply()
    two.response("p")
    two.send(Action="QueueStatus", ActionID="2")
    second = pbx.expect(Action="QueueStatus")
    answer(first, [("SIP/1-0", "1")])
    answer(second, [("SIP/2-0", "2")])
    assert channels(one, "1") == ["SIP/1-0"]
    assert channels(two, "2") == ["SIP/2-0"]


def test_those_who_share_outlive_the_first(sharing, pbx):
    one, two = sharing.login("dave", Events="off"), sharing.login("dave", Events="off")
    one.send(Action="QueueStatus", ActionID="1")
    action = pbx.expect(Action="QueueStatus")
    two.send(Action="QueueStatus", ActionID="2")
    settled(pbx, two)
    one.close()
    answer(action)
    assert channels(two, "2") == ["SIP/1-0", "SIP/2-0"]


def test_r05_a_lost_server_is_told_to_all(sharing, pbx):
    clients = [sharing.login("dave", Events="off") for _ in range(5)]
    clients[0].send(Action="QueueStatus", ActionID="0")
    pbx.expect(Action="QueueStatus")
    for number, client in enumerate(clients[1:], 1):
        client.send(Action="QueueStatus", ActionID=str(number))
    settled(pbx, *clients[1:])
    pbx.drop_connections()
    for number, client in enumerate(clients):
        assert client.response(str(number))["Response"] == "Error"


def test_kept_answers_serve_until_something_changes(keeping, pbx):
    one, two = keeping.login("dave", Events="off"), keeping.login("dave", Events="off")
    one.send(Action="QueueStatus", ActionID="1")
    answer(pbx.expect(Action="QueueStatus"))
    assert channels(one, "1") == ["SIP/1-0", "SIP/2-0"]
    for number in range(50):
        client = (one, two)[number % 2]
        client.send(Action="QueueStatus", ActionID=f"k{number}")
        assert channels(client, f"k{number}") == ["SIP/1-0", "SIP/2-0"]
    assert asked(pbx) == 0
    two.send(Action="QueueAdd", Queue="q", Interface="SIP/3", ActionID="a")
    pbx.expect(Action="QueueAdd").reply()
    two.response("a")
    one.send(Action="QueueStatus", ActionID="2")
    answer(pbx.expect(Action="QueueStatus"), [("SIP/3-0", "3")])
    assert channels(one, "2") == ["SIP/3-0"]
    listener = keeping.login("dave", Events="system")
    pbx.event("Reload", "system,all", Module="app_queue")
    listener.read_until(Event="Reload")
    one.send(Action="QueueStatus", ActionID="3")
    answer(pbx.expect(Action="QueueStatus"), [])
    assert channels(one, "3") == []


def test_an_error_is_not_kept(keeping, pbx):
    client = keeping.login("dave", Events="off")
    client.send(Action="QueueStatus", ActionID="1")
    pbx.expect(Action="QueueStatus").reply("Error", Message="no")
    assert client.response("1")["Response"] == "Error"
    client.send(Action="QueueStatus", ActionID="2")
    answer(pbx.expect(Action="QueueStatus"))
    assert channels(client, "2") == ["SIP/1-0", "SIP/2-0"]


def lose(action, pbx):
    pbx.drop_connections()


def say_error(action, pbx):
    action.reply("Error", Message="no memory")
    action.end_list("QueueStatusComplete", 1)


def cancel(action, pbx):
    action.item("QueueStatusComplete", EventList="Cancelled", ListItems=1)


def say_nothing(action, pbx):
    pass


@pytest.mark.parametrize("end", [say_nothing, lose, say_error, cancel])
def test_f23_a_list_without_its_end_is_not_kept(start_proxy, pbx, end):
    proxy = start_proxy(
        {"pbx1": pbx},
        share={"keep": [{"action": "QueueStatus", "for": "1h"}]},
        limits={"exchange_timeout": "1s"} if end is say_nothing else {},
    )
    client, listener = proxy.login("dave", Events="off"), proxy.login("dave", Events="system")
    client.send(Action="QueueStatus", ActionID="1")
    action = pbx.expect(Action="QueueStatus")
    action.start_list()
    action.item("QueueEntry", Queue="q", Channel="SIP/1-0", Uniqueid="1")
    end(action, pbx)
    client.read_until(Event="QueueStatusComplete", ActionID="1")
    if end is lose:
        listener.read_until(Event="ServerUp")
    client.send(Action="QueueStatus", ActionID="2")
    answer(pbx.expect(Action="QueueStatus"))
    assert channels(client, "2") == ["SIP/1-0", "SIP/2-0"]


def test_without_it_each_is_asked(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    for number in range(3):
        proxy.login("dave", Events="off").send(Action="QueueStatus", ActionID=str(number))
    for _ in range(3):
        pbx.expect(Action="QueueStatus")
