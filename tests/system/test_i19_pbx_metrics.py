"""`pbx_metrics: true`: calls, queues and members of the servers, from the events that the proxy gets anyway."""

import subprocess

from harness.limits import DEADLINE
from harness.metrics import REPORTS, grown, scrape, settled
from harness.web import ALL_PLUGINS

LISTEN = [REPORTS[0], {**REPORTS[1], "pbx_metrics": True}]


def answer_queues(action):
    """One queue with a caller who has waited for 40 s, and two members."""
    action.start_list()
    action.item("QueueParams", Queue="sales", Max="0", Calls="1", ServiceLevel="30")
    action.item("QueueMember", Queue="sales", Name="A", Location="PJSIP/a", Status="1", Paused="0")
    action.item("QueueMember", Queue="sales", Name="B", Location="PJSIP/b", Status="1", Paused="1")
    action.item("QueueEntry", Queue="sales", Position="1", Channel="SIP/w", Uniqueid="w", Wait="40")
    action.end_list("QueueStatusComplete", 4)


def count_questions(pbx):
    pbx.questions = []

    def answer(action):
        pbx.questions.append(action)
        answer_queues(action)

    pbx.answers["QueueStatus"] = answer


def asked(pbx):
    return len(pbx.questions)


def start(start_proxy, pbx, **sections):
    count_questions(pbx)
    pbx.lists_channels = [("SIP/old-1", "old", "old", ("ChannelState", "6"), ("Seconds", "100"))]
    return start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS, **{"listen": LISTEN, **sections})


def test_channels_and_calls(start_proxy, pbx):
    proxy = start(start_proxy, pbx)
    settled(proxy, "pbx_channels", 1, server="pbx1", state="up")  # was there before the proxy
    settled(proxy, "pbx_calls", 1, server="pbx1")
    before = scrape(proxy)
    pbx.event("Newchannel", "call,all", Channel="SIP/1", ChannelState="0", Uniqueid="1", Linkedid="1")
    pbx.event("Newchannel", "call,all", Channel="SIP/2", ChannelState="5", Uniqueid="2", Linkedid="1")
    pbx.event("Newstate", "call,all", Channel="SIP/1", ChannelState="6", Uniqueid="1", Linkedid="1")
    settled(proxy, "pbx_channels", 2, server="pbx1", state="up")
    settled(proxy, "pbx_channels", 1, server="pbx1", state="ringing")
    settled(proxy, "pbx_channels", 3, server="pbx1")
    settled(proxy, "pbx_calls", 2, server="pbx1")  # two channels are one call
    pbx.event("BridgeEnter", "call,all", Channel="SIP/2", ChannelState="6", Uniqueid="2", Linkedid="old")
    pbx.event("Hangup", "call,all", Channel="SIP/1", Uniqueid="1", Linkedid="1")
    pbx.event("Hangup", "call,all", Channel="SIP/old-1", Uniqueid="old", Linkedid="old")
    settled(proxy, "pbx_calls", 1, server="pbx1")  # the second channel has gone over to the old call
    pbx.event("Hangup", "call,all", Channel="SIP/2", Uniqueid="2", Linkedid="old")
    settled(proxy, "pbx_calls", 0, server="pbx1")
    settled(proxy, "pbx_channels", 0, server="pbx1")
    grown(proxy, before, "pbx_calls_ended_total", 2, server="pbx1")
    assert scrape(proxy).sum("astmanproxy_pbx_call_seconds_total", server="pbx1") >= 100


def test_queues_and_members(start_proxy, pbx):
    proxy = start(start_proxy, pbx)
    queue = {"server": "pbx1", "queue": "sales"}
    settled(proxy, "pbx_queue_waiting", 1, **queue)
    assert 40 <= scrape(proxy).sum("astmanproxy_pbx_queue_longest_wait_seconds", **queue) < 100
    settled(proxy, "pbx_queue_members", 1, **queue, state="not_in_use")
    settled(proxy, "pbx_queue_members", 1, **queue, state="paused")
    for uid in ("x", "y"):
        pbx.event("QueueCallerJoin", "agent,all", Queue="sales", Uniqueid=uid, Count="2")
    settled(proxy, "pbx_queue_waiting", 3, **queue)
    pbx.event("AgentConnect", "agent,all", Queue="sales", Uniqueid="x", Interface="PJSIP/a", HoldTime="12")
    pbx.event("QueueCallerLeave", "agent,all", Queue="sales", Uniqueid="x", Count="2")
    pbx.event("AgentConnect", "agent,all", Queue="sales", Uniqueid="w", Interface="PJSIP/a", HoldTime="45")
    pbx.event("QueueCallerLeave", "agent,all", Queue="sales", Uniqueid="w", Count="1")
    pbx.event("QueueCallerAbandon", "agent,all", Queue="sales", Uniqueid="y", HoldTime="3")
    pbx.event("QueueCallerLeave", "agent,all", Queue="sales", Uniqueid="y", Count="0")
    pbx.event("QueueMemberStatus", "agent,all", Queue="sales", Interface="PJSIP/a", Status="2", Paused="0")
    pbx.event("QueueMemberRemoved", "agent,all", Queue="sales", Interface="PJSIP/b")
    settled(proxy, "pbx_queue_members", 1, **queue, state="in_use")
    settled(proxy, "pbx_queue_members", 1, **queue)
    settled(proxy, "pbx_queue_waiting", 0, **queue)
    now = scrape(proxy)
    assert now.sum("astmanproxy_pbx_queue_longest_wait_seconds", **queue) == 0
    assert now.sum("astmanproxy_pbx_queue_answered_total", **queue) == 2
    assert now.sum("astmanproxy_pbx_queue_answered_in_time_total", **queue) == 1
    assert now.sum("astmanproxy_pbx_queue_abandoned_total", **queue) == 1
    assert now.sum("astmanproxy_pbx_queue_hold_seconds_total", **queue) == 57
    result = subprocess.run(
        ["promtool", "check", "metrics"], input=now.text, capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert result.returncode == 0 and result.stderr == "", result.stderr


def test_nothing_is_asked_twice_and_a_gap_begins_anew(start_proxy, pbx):
    proxy = start(start_proxy, pbx)
    settled(proxy, "pbx_queue_waiting", 1, server="pbx1")
    pbx.event("Newchannel", "call,all", Channel="SIP/1", ChannelState="6", Uniqueid="1", Linkedid="1")
    settled(proxy, "pbx_channels", 2, server="pbx1")
    assert asked(pbx) == 1
    watcher = proxy.login("dave")
    pbx.go_down()
    watcher.read_until(Event="ServerDown")
    settled(proxy, "pbx_channels", 0, server="pbx1")
    settled(proxy, "pbx_queue_waiting", 0, server="pbx1")
    pbx.go_up()
    watcher.read_until(Event="ServerUp")
    settled(proxy, "pbx_channels", 1, server="pbx1")
    settled(proxy, "pbx_queue_waiting", 1, server="pbx1")
    assert asked(pbx) == 2


def test_off_it_asks_for_nothing_and_shows_nothing(start_proxy, pbx):
    proxy = start(start_proxy, pbx, listen=REPORTS)
    assert not [name for name in scrape(proxy).names() if "_pbx_" in name]
    assert asked(pbx) == 0


def test_a_reload_turns_it_on_and_off(reloadable, pbx):
    count_questions(pbx)
    proxy, change = reloadable(plugins=ALL_PLUGINS, listen=REPORTS[:2])
    change(plugins=ALL_PLUGINS, listen=LISTEN)
    proxy.hang_up()
    settled(proxy, "pbx_queue_waiting", 1, server="pbx1")
    change(plugins=ALL_PLUGINS, listen=REPORTS[:2])
    proxy.hang_up()
    assert not [name for name in scrape(proxy).names() if "_pbx_" in name]
    assert asked(pbx) == 1
