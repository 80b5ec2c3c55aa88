"""What a tied user sees of answers with `autofilter: off`: their own, and of others' nothing but their own channels."""

import pytest

from harness.proxy import USERS
from harness.tied import SECRET, login

TIED = [
    {"name": "alpha", "secret": SECRET, "channel": "SIP/1"},
    {"name": "more", "secret": SECRET, "channel": "SIP/1", "more_events": True},
    {"name": "sales", "secret": SECRET, "in_context": "Sales"},
    {"name": "blind", "secret": SECRET, "read": []},
]


@pytest.fixture
def tied(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, users=USERS + TIED)


def seen(client):
    """What came until now."""
    client.send(Action="Ping", Server="pbx1", ActionID="seen")
    return client.collect_until(ActionID="seen")[:-1]


def test_autofilter_off_shows_nothing_of_others_answers(tied, pbx):
    alpha, free = login(tied, "alpha"), tied.login("dave", Events="off")
    alpha.ask(ProxyAction="SetAutoFilter", AutoFilter="off")
    free.send(Action="Status", ActionID="s")
    action = pbx.expect(Action="Status")
    action.start_list()
    action.item("Status", Channel="SIP/2-0", Uniqueid="20", Linkedid="20")
    action.item("Status", Channel="SIP/1-0", Uniqueid="10", Linkedid="10")
    action.end_list("StatusComplete", 2)
    free.collect_until(EventList="Complete")
    assert [m.get("Channel") for m in seen(alpha)] == ["SIP/1-0"]


def test_autofilter_off_counts_the_items_that_were_shown(tied, pbx):
    alpha = login(tied, "alpha")
    alpha.ask(ProxyAction="SetAutoFilter", AutoFilter="off")
    alpha.send(Action="Status", ActionID="s")
    action = pbx.expect(Action="Status")
    action.start_list()
    for number in ("1", "2", "3"):
        action.item("Status", Channel=f"SIP/{number}-0", Uniqueid=f"{number}0", Linkedid=f"{number}0")
    action.item("StatusComplete", EventList="Complete", ListItems=3, Items=3)
    answer = alpha.collect_until(EventList="Complete")
    assert [m.get("Channel") for m in answer] == [None, "SIP/1-0", None]
    assert (answer[-1]["ListItems"], answer[-1]["Items"]) == ("1", "1")


@pytest.mark.parametrize("name", ["more", "sales"])
def test_answers_to_others_are_not_more_events(tied, pbx, name):
    """Neither `more_events` nor a context opens what a server told somebody else: variables, dialplans, mailboxes."""
    client, free = login(tied, name), tied.login("dave", Events="off")
    client.ask(ProxyAction="SetAutoFilter", AutoFilter="off")
    free.send(Action="Getvar", Variable="PIN", ActionID="g")
    pbx.expect(Action="Getvar").reply("Success", Variable="PIN", Value="1234", Context="Sales")
    assert free.response("g")["Value"] == "1234"
    free.send(Action="ShowDialPlan", ActionID="s")
    action = pbx.expect(Action="ShowDialPlan")
    action.start_list()
    action.item("ListDialplan", Context="Sales", Extension="1")
    action.item("VoicemailUserEntry", VoiceMailbox="200", Email="b@example")
    action.item("AuthList", ObjectType="auth", ObjectName="1", Password="word")
    action.end_list("ShowDialPlanComplete", 3)
    free.collect_until(EventList="Complete")
    assert seen(client) == []


def test_who_may_read_nothing_gets_no_answers_to_others(tied, pbx):
    """A `read: []`, or a token without `Events`."""
    blind, free = login(tied, "blind"), tied.login("dave", Events="off")
    blind.ask(ProxyAction="SetAutoFilter", AutoFilter="off")
    free.send(Action="Getvar", Variable="PIN", ActionID="g")
    pbx.expect(Action="Getvar").reply("Success", Variable="PIN", Value="1234")
    assert free.response("g")["Value"] == "1234"
    assert seen(blind) == []
    blind.send(Action="Getvar", Variable="MINE", ActionID="b")
    pbx.expect(Action="Getvar").reply("Success", Variable="MINE", Value="5")
    assert blind.response("b")["Value"] == "5"
