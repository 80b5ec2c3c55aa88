"""m.call: what a filter knows of a call."""

import pytest

from harness.proxy import USERS

QUEUE = """return { stateful = true, message = function(m)
  local call = m.call
  if call and m.Queue == QUEUE then call.wanted = true end
  return call ~= nil and call.wanted == true
end }"""


def channel(pbx, event, number, call, **headers):
    pbx.event(event, "call,agent,all", Channel=f"SIP/{number}", Uniqueid=f"{number}.1", Linkedid=f"{call}.1", **headers)


@pytest.fixture
def queues(start_proxy, pbx, scripts):
    root = scripts(
        filter_support=QUEUE.replace("QUEUE", '"support"'),
        filter_sales=QUEUE.replace("QUEUE", '"sales"'),
    )
    filters = {"dave": ["support"], "bill": ["sales"]}
    users = [dict(user, filters=filters.get(user["name"], [])) for user in USERS]
    proxy = start_proxy({"pbx1": pbx}, up=[], users=users, scripts={"path": root})
    proxy.wait_for_server(user="caller")  # who sees its ServerUp
    return proxy


def test_i18_call_only_calls_that_were_in_a_queue(queues, pbx):
    """Also those that were there before the login; no user has a part in the tables of another."""
    early = queues.login("dave", Events="call,agent")
    channel(pbx, "QueueCallerJoin", 1, 1, Queue="support")
    assert early.read_message()["Event"] == "QueueCallerJoin"
    dave, bill = queues.login("dave", Events="call,agent"), queues.login("bill", Events="call,agent")
    channel(pbx, "QueueCallerJoin", 2, 2, Queue="sales")
    channel(pbx, "Newchannel", 3, 1)
    channel(pbx, "Newchannel", 4, 2)
    channel(pbx, "Newchannel", 5, 5)
    channel(pbx, "Hangup", 1, 1)
    channel(pbx, "Newstate", 3, 1)
    channel(pbx, "Hangup", 3, 1)
    for client, expected in (
        (dave, [("Newchannel", "SIP/3"), ("Hangup", "SIP/1"), ("Newstate", "SIP/3"), ("Hangup", "SIP/3")]),
        (bill, [("QueueCallerJoin", "SIP/2"), ("Newchannel", "SIP/4")]),
    ):
        got = [client.read_message() for _ in expected]
        assert [(message["Event"], message["Channel"]) for message in got] == expected
        assert client.fence() == []
