"""KickSession: an administrator ends another client's session. Stats reports version, uptime and events."""

import re

import pytest

from harness.proxy import USERS


@pytest.fixture
def steered(start_proxy, pbx):
    """A proxy that dave may steer."""
    return start_proxy({"pbx1": pbx}, users=[dict(user, admin=user["name"] == "dave") for user in USERS])


def ids_of(client, user):
    headers = client.ask(ProxyAction="ListSessions").headers
    users = [value for name, value in headers if name == "ProxyClientUser"]
    ids = [value for name, value in headers if name == "ProxyClientId"]
    return [number for name, number in zip(users, ids, strict=True) if name == user]


def test_kicked_session_ends_and_the_others_stay(steered, pbx):
    dave = steered.login("dave", Events="off")
    clients = [steered.login("bill", Events="off") for _ in range(8)]  # of all workers
    others = [steered.login("caller", Events="off") for _ in range(4)]
    ids = ids_of(dave, "bill")
    assert len(ids) == len(clients)
    for number in ids:
        answer = dave.ask(ProxyAction="KickSession", Session=number)
        assert (answer["Response"], answer["Message"]) == ("Success", f"Kicked {number}")
    for client in clients:
        client.read_to_end()
    assert all(other.ask(Action="Ping")["Response"] == "Success" for other in others)
    assert ids_of(dave, "bill") == []
    steered.wait_for_line("session closed", "user=bill", "an operator ended it")
    steered.wait_for_line("kicked session=", "by=dave")


def test_kicked_session_with_an_action_in_flight(steered, pbx):
    dave, bill = steered.login("dave", Events="off"), steered.login("bill", Events="off")
    bill.send(Action="CoreStatus", ActionID="c")
    question = pbx.expect(Action="CoreStatus")
    assert dave.ask(ProxyAction="KickSession", Session=ids_of(dave, "bill")[0])["Response"] == "Success"
    bill.read_to_end()
    question.reply()
    assert dave.ask(Action="Ping", Server="pbx1")["Response"] == "Success"


@pytest.mark.parametrize(
    "number, text",
    [
        ("999999", "There is no session 999999"),
        ("x", "expected a number"),
        ("-1", "expected a number"),
        ("18446744073709551617", "expected a number"),
        ("9223372036854775807", "There is no session 9223372036854775807"),
    ],
)
def test_session_that_is_none(steered, number, text):
    answer = steered.login("dave", Events="off").ask(ProxyAction="KickSession", Session=number)
    assert answer["Response"] == "Error" and text in answer["Message"]


def test_kick_needs_a_session_and_an_admin(steered):
    dave, bill = steered.login("dave", Events="off"), steered.login("bill", Events="off")
    assert dave.ask(ProxyAction="KickSession")["Response"] == "Error"
    number = ids_of(dave, "dave")[0]
    assert bill.ask(ProxyAction="KickSession", Session=number)["Message"] == "Permission denied"
    assert dave.ask(Action="Ping")["Response"] == "Success"


def test_an_admin_may_end_himself(steered):
    dave = steered.login("dave", Events="off")
    answer = dave.ask(ProxyAction="KickSession", Session=ids_of(dave, "dave")[0])
    assert answer["Response"] == "Success"
    dave.read_to_end()


def test_stats_tell_version_uptime_and_events(steered, pbx):
    dave = steered.login("dave", Events="call")
    before = int(dave.ask(ProxyAction="Stats")["Events"])
    for number in range(10):
        pbx.event("Hangup", "call,all", Number=number)
    dave.read_until(Event="Hangup", Number="9")
    stats = dave.ask(ProxyAction="Stats")
    assert int(stats["Events"]) == before + 10
    assert re.fullmatch(r"\d+\.\d+\.\d+", stats["Version"]) and 0 <= int(stats["Uptime"]) < 600
