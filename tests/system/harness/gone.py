"""Sessions that leave before their answers come."""

import os

import pytest

from .proxy import USERS

# Freed memory is used again at once, as it is without a sanitizer: what is left of a session becomes another's.
REUSING = dict(
    os.environ,
    ASAN_OPTIONS=":".join(
        filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=0", "thread_local_quarantine_size_kb=0"])
    ),
)
EVERY_LINE = {"repeat_lines": 0}
ADMIN = [dict(user, admin=user["name"] == "dave") for user in USERS]


@pytest.fixture(params=[None, REUSING], ids=["kept", "reused"])
def memory(request):
    """Ways to treat freed memory: poisoned, so that each use is found, or given out again at once."""
    return request.param


def originate(client, pbx, action_id, **headers):
    """An asynchronous Originate whose first answer has come. -> the action, whose OriginateResponse is due."""
    client.send(Action="Originate", Channel="SIP/1", Async="true", ActionID=action_id, **headers)
    action = pbx.expect(Action="Originate")
    action.reply(Message="Originate successfully queued")
    assert client.response(action_id)["Response"] == "Success"
    return action


def late_answers(action, mark="bill's"):
    """All that may still come with its ActionID."""
    action.reply("Success", Message="once more", Mark=mark)
    action.send(("Event", "DTMFBegin"), ("ActionID", action.id), ("Mark", mark))
    action.send(("Event", "Hangup"), ("Privilege", "call,all"), ("ActionID", action.id), ("Cause", "everybody's"))
    action.send(("Event", "OriginateResponse"), ("Privilege", "call,all"), ("ActionID", action.id), ("Mark", mark))
    action.send(("Event", "OriginateResponse"), ("ActionID", action.id), ("Mark", mark), ("Response", "Failure"))


def are_free_of(clients, word):
    """Have these clients received nothing with that word until now?"""
    for client in clients:
        for message in client.fence():
            assert word not in message.text, message
    return True


def settle(proxy, pbx):
    """Waits until the proxy has delivered what the server has sent so far: a later message of the server has come."""
    client = proxy.login("dave", Events="user")
    number = settle.number = settle.number + 1
    pbx.event("UserEvent", "user,all", Settled=number)
    client.read_until(Event="UserEvent", Settled=str(number))
    client.close()


settle.number = 0


def come_and_go(proxy, count):
    """Sessions in the places of those that went. -> those that stay"""
    for _ in range(count):
        proxy.login("dave", Events="off").close()
    return [proxy.login("dave", Events="on") for _ in range(count)]


def wait_for_ends(proxy, count):
    proxy.wait_until(lambda lines: sum("session closed" in line for line in lines) >= count, f"{count} ends")
