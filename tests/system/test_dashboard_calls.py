"""The live page in a browser: calls, queues, names that look like markup, and events of old Asterisks."""

from harness.dashboard import HOSTILE, log_in
from harness.telephony import ALICE, BOB, answer, caller_of, end, list_channels, ring

# -- calls and queues


def test_a_call(live, asterisk):
    _, page = live
    assert "No calls" in page.text("#calls")
    first, _ = ring(asterisk)
    page.wait_for_text("#calls-list", "Alice Able")
    page.wait_for_text("#calls-list", "Ringing")
    row = page.text(".call")
    assert "0301234 · PJSIP/trunk" in row and "Bob Baker" in row and page.texts(".call")[1:] == []
    answer(asterisk)
    page.wait_for_text(".call .pill", "Talking")
    page.wait_for_text(".call .clock", "talk 0:0")
    before = page.text(".call .clock b")
    page.wait(f"document.querySelector('.call .clock b').innerText !== '{before}'")  # it ticks
    page.click(".call .end")
    page.wait_for_text(".call .end", "Sure?")
    assert asterisk.actions == []
    page.click(".call .end")
    hangup = asterisk.expect(Action="Hangup")
    assert hangup["Channel"] == first
    hangup.reply("Success", Message="Channel Hungup")
    page.wait_for_text("#toast", "Channel Hungup")
    end(asterisk)
    page.wait_for_text(".call .pill", "Ended")  # rows under the pointer stay where they are
    assert page.text(".call .end") == ""
    page.click("#calls-find")
    page.wait_for_text("#calls", "No calls")
    assert page.text("#tile-calls") == "0" and page.errors == []


def test_a_queue(live, asterisk):
    _, page = live
    assert page.text("#queues-list .facts") == (
        "Waiting\n0\nLongest\n–\nFree\n1 of 2\nLevel\n–\nDone\n7\nLost\n2\nØ wait\n0:00\nØ talk\n0:00"
    )
    assert page.texts("#queues-list .members li") == ["Agent 101\nFree", "Agent 102\nPaused"]
    joined = caller_of("PJSIP/trunk-00000003", "3.1", state=6, **ALICE)
    asterisk.event("Newchannel", **joined)
    asterisk.event("QueueCallerJoin", "agent,all", Queue="support", Position=1, Count=1, **joined)
    asterisk.event(
        "QueueMemberStatus",
        "agent,all",
        Queue="support",
        MemberName="Agent 101",
        Interface="PJSIP/101",
        Status=6,
        Paused=0,
    )
    page.wait_for_text(".waiting", "Alice Able")
    page.wait_for_text("#queues-list .members", "Ringing")
    page.wait("document.getElementById('tile-longest').innerText >= '0:01'")
    assert (
        page.text("#tile-waiting") == "1" and "Queue support" in page.text(".call") and "Waiting" in page.text(".call")
    )
    asterisk.event("QueueCallerLeave", "agent,all", Queue="support", Position=1, Count=0, **joined)
    page.wait_for_text(".waiting", "Nobody waits")
    asterisk.event("QueueCallerAbandon", "agent,all", Queue="support", Position=1, **joined)
    page.wait_for_text("#queues-list .facts", "Lost\n3")
    assert page.errors == []


def test_hostile_names_stay_text(live, asterisk):
    _, page = live
    ring(asterisk, alice={"number": "1", "caller": HOSTILE})
    asterisk.event(
        "QueueMemberAdded", "agent,all", Queue=HOSTILE, MemberName=HOSTILE, Interface="PJSIP/9", Status=1, Paused=0
    )
    asterisk.event("UserEvent", "user,all", UserEvent=HOSTILE, Channel="PJSIP/x-1", Uniqueid="7.7", ChannelState=6)
    page.wait_for_text("#calls-list", HOSTILE)
    page.wait_for_text("#queues-list", HOSTILE)
    page.wait_for_text("#events-list", HOSTILE)
    asterisk.answers["CoreStatus"] = lambda action: action.reply("Success", CoreCurrentCalls=HOSTILE)
    page.click("#send-button")
    page.wait_for_text("#answer", HOSTILE)
    assert page.run("document.querySelectorAll('img, script').length") == 1 and page.run("window.hit") is None
    assert page.texts(".call")[1:] == []  # an event of a user makes no channel
    assert page.errors == []


def old_channels():
    """Two channels of a call as Asterisk 1.8 lists them."""
    return [
        {
            "Channel": f"SIP/{name}-0000000{i}",
            "UniqueID": f"9.{i}",
            "ChannelState": 6,
            "CallerIDnum": name,
            "BridgedUniqueID": f"9.{3 - i}",
            "Duration": "00:00:09",
        }
        for i, name in ((1, "201"), (2, "202"))
    ]


def test_an_old_asterisk(serve, asterisk, page):
    """1.8: no Linkedid, no bridges with names, other names of events."""
    asterisk.answers["CoreShowChannels"] = list_channels(*old_channels())
    proxy = serve({"pbx1": asterisk})
    log_in(page, proxy)
    page.wait_for_text("#calls-list", "201")
    assert page.texts(".call")[1:] == [] and page.text(".call .pill") == "Talking" and "202" in page.text(".call .to")
    for uid in ("9.1", "9.2"):
        asterisk.event("Hangup", Channel="SIP/x", Uniqueid=uid, Cause=16)
    page.wait_for_text("#calls", "No calls")
    for name, uid, state, caller in (("SIP/trunk-00000001", "1.1", 4, ALICE), ("SIP/101-00000002", "1.2", 5, BOB)):
        asterisk.event(
            "Newchannel",
            Channel=name,
            ChannelState=state,
            Uniqueid=uid,
            CallerIDNum=caller["number"],
            CallerIDName=caller["caller"],
        )
    asterisk.event(
        "Join",
        "call,all",
        Channel="SIP/trunk-00000001",
        Uniqueid="1.1",
        Queue="support",
        Position=1,
        Count=1,
        CallerIDNum=ALICE["number"],
        CallerIDName=ALICE["caller"],
    )
    asterisk.event(
        "Dial",
        SubEvent="Begin",
        Channel="SIP/trunk-00000001",
        Destination="SIP/101-00000002",
        UniqueID="1.1",
        DestUniqueID="1.2",
    )
    page.wait_for_text(".call .to", "Bob Baker")
    page.wait_for_text(".waiting", "Alice Able")
    asterisk.event("Leave", "call,all", Channel="SIP/trunk-00000001", Uniqueid="1.1", Queue="support", Count=0)
    asterisk.event(
        "Bridge",
        Bridgestate="Link",
        Bridgetype="core",
        Channel1="SIP/trunk-00000001",
        Channel2="SIP/101-00000002",
        Uniqueid1="1.1",
        Uniqueid2="1.2",
    )
    page.wait_for_text(".call .pill", "Talking")
    assert page.text("#tile-waiting") == "0" and page.texts(".call")[1:] == [] and page.errors == []
