"""Autofilter: off, on and unique, with the meanings of the old README."""

import pytest


@pytest.fixture
def filtered(start_proxy, pbx):
    return lambda mode: start_proxy({"pbx1": pbx}, listen={"autofilter": mode})


def names(messages):
    return [(message.headers[0][1], message.get("ActionID")) for message in messages]


def show(pbx):
    """An event without ActionID and a marker that everybody is asked to wait for."""
    pbx.event("Newchannel", Channel="SIP/1")


def answer(pbx, value="v"):
    pbx.expect(Action="CoreStatus").reply("Success", Value=value)


def test_c49_unique_own_answers_and_events(filtered, pbx):
    proxy = filtered("unique")
    asker, other = proxy.login("dave", Events="call"), proxy.login("bill", Events="call")
    for action_id in ("same", None):
        asker.send(Action="CoreStatus", **({"ActionID": action_id} if action_id else {}))
        answer(pbx)
        assert names([asker.read_message()]) == [("Success", action_id)]
    show(pbx)
    assert names([asker.read_message()]) == names([other.read_message()]) == [("Newchannel", None)]


def test_c47_off_shows_everything(filtered, pbx):
    proxy = filtered("off")
    asker, other = proxy.login("dave", Events="call"), proxy.login("bill", Events="call")
    asker.send(Action="CoreStatus", ActionID="mine")
    answer(pbx)
    assert names([asker.read_message()]) == [("Success", "mine")]
    foreign = other.read_message()
    assert foreign["Value"] == "v" and foreign.last == ("Server", "pbx1")
    show(pbx)
    assert names([asker.read_message()]) == names([other.read_message()]) == [("Newchannel", None)]


def test_c47_off_does_not_show_answers_before_login(filtered, pbx):
    proxy = filtered("off")
    asker, stranger = proxy.login("dave", Events="off"), proxy.connect()
    asker.send(Action="CoreStatus", ActionID="mine")
    answer(pbx)
    asker.read_message()
    stranger.send(Action="Ping", ActionID="p")
    assert stranger.read_message()["Message"] == "Permission denied"


def test_c48_on_shows_events_until_an_action_id_was_sent(filtered, pbx):
    proxy = filtered("on")
    client = proxy.login("dave", Events="call")
    silent = proxy.connect()
    silent.send(Action="Login", Username="bill", Secret="bill-SECRET-2", Events="call")
    assert silent.read_message()["Response"] == "Success"
    show(pbx)
    assert names([silent.read_message()]) == [("Newchannel", None)]
    client.read_until(Event="Newchannel")
    client.send(Action="CoreStatus", ActionID="first")
    answer(pbx)
    assert names([client.read_message()]) == [("Success", "first")]
    show(pbx)
    silent.read_message()
    client.send(Action="CoreStatus", ActionID="second")
    answer(pbx)
    assert names([client.read_message()]) == [("Success", "second")]


def test_c48_on_shows_only_the_last_action_id(filtered, pbx):
    proxy = filtered("on")
    client = proxy.login("dave", Events="call")
    client.send(Action="Originate", Channel="Local/1", Application="Wait", Async="true", ActionID="old")
    first = pbx.expect(Action="Originate")
    first.reply("Success", Message="Originate successfully queued")
    assert client.read_message()["ActionID"] == "old"
    client.send(Action="CoreStatus", ActionID="new")
    answer(pbx)
    assert client.read_message()["ActionID"] == "new"
    pbx.event("OriginateResponse", "call,all", ("ActionID", first.id), Response="Success")
    client.send(Action="CoreStatus", ActionID="new")
    answer(pbx)
    assert names([client.read_message()]) == [("Success", "new")]


def test_c48_on_keeps_others_answers_away(filtered, pbx):
    proxy = filtered("on")
    one, two = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    one.send(Action="CoreStatus", ActionID="same")
    answer(pbx, "one")
    assert one.read_message()["Value"] == "one"
    two.send(Action="CoreStatus", ActionID="same")
    answer(pbx, "two")
    assert two.read_message()["Value"] == "two"
    one.send(Action="CoreStatus", ActionID="same")
    answer(pbx, "three")
    assert one.read_message()["Value"] == "three"


def test_user_event_is_seen_by_all_and_owned_by_its_raiser(proxy, pbx):
    raiser, other = proxy.login("dave", Events="user"), proxy.login("bill", Events="user")
    raiser.send(Action="UserEvent", UserEvent="Hello", Text="x", ActionID="u1")
    action = pbx.expect(Action="UserEvent")
    action.reply("Success", Message="Event Sent")
    pbx.event("UserEvent", "user,all", ("UserEvent", "Hello"), ("ActionID", action.id), ("Text", "x"))
    got = [raiser.read_message(), raiser.read_message()]
    assert sorted(names(got)) == [("Success", "u1"), ("UserEvent", "u1")]
    seen = other.read_message()
    assert seen.text == "Event: UserEvent\nPrivilege: user,all\nUserEvent: Hello\nText: x\nServer: pbx1"


def test_event_with_a_foreign_action_id_is_not_taken_for_ones_own(proxy, pbx):
    """A client of Asterisk itself uses the ActionID `1`, and so does a client here: `unique` shows that event to
    neither."""
    client = proxy.login("dave", Events="call")
    client.send(Action="CoreStatus", ActionID="1")
    answer(pbx)
    client.read_message()
    pbx.event("OriginateResponse", "call,all", ("ActionID", "1"), Response="Success")
    show(pbx)
    assert names([client.read_message()]) == [("Newchannel", None)]


def test_c49_a_forged_id_reaches_nobody(proxy, pbx):
    """The old prefix could be guessed: an ActionID that looks like another's must not send text to it."""
    victim, forger = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    victim.send(Action="CoreStatus", ActionID="v")
    wire = pbx.expect(Action="CoreStatus")
    forger.send(Action="CoreStatus", ActionID=wire.id)
    forged = pbx.expect(Action="CoreStatus")
    assert forged.id != wire.id
    forged.reply("Success", Value="forged")
    assert forger.read_message()["ActionID"] == wire.id
    wire.reply("Success", Value="right")
    assert victim.read_message()["Value"] == "right"
