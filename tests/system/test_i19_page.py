"""The live page as a supervisor uses it: agents, one call's life, actions, search, trunks, alarms, CSV."""

import csv
import io
import json

from harness.dashboard import COMMANDS, HOSTILE, log_in, member_event, supervise
from harness.telephony import ALICE, BOB, answer, caller_of, end, ring


def agent(number):
    return f"[...document.querySelectorAll('.agent')].find((row) => row.innerText.includes('Agent {number}')).innerText"


def test_i19_agents(serve, asterisk, page):
    supervise(serve, asterisk, page)
    assert page.texts(".agent .pill") == ["Free", "Paused"]
    member_event(asterisk, Status=2, CallsTaken=12)
    page.wait(f"{agent(101)}.includes('In call') && {agent(101)}.includes('12 calls')")
    page.wait(f"/0:0[1-9]/.test({agent(101)})")  # time in this state
    member_event(asterisk, Status=1, CallsTaken=13)
    page.wait(f"{agent(101)}.includes('Free') && {agent(101)}.includes('13 calls')")
    member_event(asterisk, "QueueMemberPause", Status=1, Paused=1, PausedReason=HOSTILE)
    page.wait(f"{agent(101)}.includes('Paused') && {agent(101)}.includes({json.dumps(HOSTILE[:20])})")
    page.wait_for_text("#agents-sum", "0 free, 0 in calls, 2 paused")
    page.click(".agent button")  # Continue
    action = asterisk.expect(Action="QueuePause")
    assert (action["Interface"], action["Paused"]) == ("PJSIP/101", "false")
    action.reply("Success", Message="Interface unpaused successfully")
    page.wait_for_text("#toast", "unpaused")
    member_event(asterisk, "QueueMemberPause", Status=1, Paused=0)
    page.wait_for_text(".agent button", "Pause")
    page.click(".agent button")
    page.wait_for_text("#pause-title", "Pause Agent 101")
    page.type("#pause-reason", "Lunch")
    page.key("Enter")
    action = asterisk.expect(Action="QueuePause")
    assert (action["Paused"], action["Reason"]) == ("true", "Lunch")
    action.reply("Success", Message="Interface paused successfully")
    page.type("#agents-find", "paused 102")
    page.wait("document.querySelectorAll('.agent').length === 1")
    assert page.errors == []


def test_i19_one_calls_life_and_what_may_be_done(serve, asterisk, page):
    supervise(serve, asterisk, page)
    first, second = ring(asterisk)
    answer(asterisk)
    page.wait_for_text(".call .pill", "Talking")
    page.click(".call .from")
    page.wait_for_text("#call-title", "Alice Able with Bob Baker")
    life = page.text("#call-life")
    for sentence in (
        "Alice Able begins at PJSIP/trunk, dials 101",
        "Bob Baker is called",
        "Bob Baker rings",
        "can speak",
    ):
        assert sentence in life, sentence
    page.choose("#transfer-channel", second)
    page.type("#transfer-exten", "200")
    page.key("Enter")
    page.wait_for_text("#ask-text", "Transfer Bob Baker to 200?")
    assert page.run("document.activeElement.id") == "ask-no" and asterisk.actions == []
    page.click("#ask-no")
    page.click("#transfer-form button")
    page.click("#ask-yes")
    action = asterisk.expect(Action="Redirect")
    told = [action[name] for name in ("Channel", "Exten", "Context", "Priority")]
    assert told == [second, "200", "internal", "1"]
    action.reply("Success", Message="Redirect successful")
    page.type("#spy-phone", "PJSIP/999")
    page.click("#spy-form button")
    action = asterisk.expect(Action="Originate")
    assert [action[name] for name in ("Channel", "Application", "Data")] == ["PJSIP/999", "ChanSpy", f"{first},q"]
    action.reply("Success", Message="Originate successfully queued")
    page.click("#call-hangup")
    page.wait_for_text("#ask-text", "Hang up Alice Able with Bob Baker?")
    page.click("#ask-yes")
    action = asterisk.expect(Action="Hangup")
    assert action["Channel"] == first
    action.reply("Success", Message="Channel Hungup")
    end(asterisk)
    page.wait_for_text("#call-state", "Ended")
    page.wait_for_text("#call-life", "has hung up: Normal Clearing")
    assert page.text("#call-hangup") == "" and page.errors == []


def test_i19_who_may_not_act_has_no_buttons(serve, asterisk, page):
    asterisk.commands = COMMANDS
    log_in(page, serve({"pbx1": asterisk}))
    page.wait("document.documentElement.dataset.loaded === 'yes'")
    page.wait("document.querySelector('.agent button').hidden")
    ring(asterisk)
    page.wait_for_text("#calls-list", "Alice Able")
    page.click(".call .more")
    page.wait_for_text("#call-hangup", "Hang up")  # this one it may
    assert page.text("#transfer-form") == page.text("#spy-form") == "" and page.errors == []


def test_i19_calls_are_searched_sorted_and_kept(serve, asterisk, page):
    supervise(serve, asterisk, page)
    for number, name in ((1, "Zoe Zander"), (2, "Alice Able"), (3, "Max Muster")):
        ring(asterisk, number, {"number": f"030{number}", "caller": name})
    page.wait("document.querySelectorAll('.call').length === 3")
    shown = "[...document.querySelectorAll('.call .from b')].map((node) => node.innerText).join()"
    assert page.run(shown) == "Zoe Zander,Alice Able,Max Muster"
    for order, wanted in (
        ("newest", "Max Muster,Alice Able,Zoe Zander"),
        ("from", "Alice Able,Max Muster,Zoe Zander"),
        ("longest", "Zoe Zander,Alice Able,Max Muster"),
    ):
        page.choose("#calls-sort", order)
        page.wait(f"{shown} === '{wanted}'")
    page.type("#calls-find", "ringing 0303")
    page.wait(f"{shown} === 'Max Muster'")
    page.type("#calls-find", "nobody")
    page.wait_for_text("#calls-empty", "No call matches")
    page.run("document.getElementById('calls-find').value = ''")
    page.type("#calls-find", "alice")
    end(asterisk, 2)
    page.wait_for_text("#calls-count", "0")
    page.choose("#calls-which", "ended")
    page.wait_for_text("#calls-list", "Ended")
    assert "Bob Baker" in page.text(".call .to") and page.text(".call .end") == "" and page.errors == []


def test_i19_trunks(serve, asterisk, page):
    def registrations(action):
        action.start_list("Following are Events for each Outbound registration")
        action.item(
            "OutboundRegistrationDetail", ObjectName="provider", ServerUri="sip:sip.example", Status="Registered"
        )
        action.end_list("OutboundRegistrationDetailComplete", 1)

    asterisk.answers["PJSIPShowRegistrationsOutbound"] = registrations
    supervise(serve, asterisk, page)
    page.wait_for_text("#trunks-list", "provider")
    assert "Registered" in page.text("#trunks-list")
    ring(asterisk)
    page.wait_for_text("#trunks-list", "PJSIP/trunk\n1 channel")
    asterisk.event("PeerStatus", "system,all", ChannelType="PJSIP", Peer="PJSIP/trunk", PeerStatus="Unreachable")
    page.wait_for_text("#trunks-list", "Unreachable")
    page.wait_for_text("#alarms", "Trunk PJSIP/trunk: Unreachable")
    assert page.errors == []


def test_i19_alarms_have_thresholds_a_title_and_a_sound(serve, asterisk, page):
    supervise(serve, asterisk, page)
    assert page.text("#alarms") == "No alarms"
    page.click("#settings")
    page.type("#set-late", "1")
    page.type("#set-waiting", "2")
    page.key("Enter")
    page.click("#sound")
    page.wait("document.documentElement.dataset.beeps === '1'")
    joined = caller_of("PJSIP/trunk-00000003", "3.1", state=6, **ALICE)
    asterisk.event("Newchannel", **joined)
    asterisk.event("QueueCallerJoin", "agent,all", Queue="support", Position=1, Count=1, **joined)
    page.wait_for_text("#alarms", "support: a caller waits for 0:0")
    page.wait("document.title.startsWith('(1) support: a caller waits')")
    page.wait("document.documentElement.dataset.beeps === '2'")  # once, however long it lasts
    second = caller_of("PJSIP/trunk-00000004", "4.1", state=6, **BOB)
    asterisk.event("QueueCallerJoin", "agent,all", Queue="support", Position=2, Count=2, **second)
    page.wait("document.title.startsWith('(2) ')")
    asterisk.go_down()
    page.wait_for_text("#alarms", "Server pbx1 is down")
    page.wait(
        "/Lost|lost|closed|reset|end|refused/.test(document.querySelector('#servers-list').innerText)"
    )  # the reason
    asterisk.go_up()
    page.wait_for_text("#alarms", "No alarms", 60)
    assert page.run("document.title") == "astmanproxy"
    assert page.run("JSON.parse(localStorage['astmanproxy-settings']).late") == 1 and page.errors == []


def saved(page, button):
    """The file that a button saves, as rows."""
    page.run("""(() => {
        const create = URL.createObjectURL;
        URL.createObjectURL = (blob) => { window.saved = blob; return create.call(URL, blob); };
    })()""")
    page.click(button)
    text = page.run("window.saved.text()")
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))


def test_i19_csv_fields_are_no_formulas(serve, asterisk, page):
    supervise(serve, asterisk, page)
    for number, name in enumerate(
        ('=HYPERLINK("http://x";"y")', "+1", "-1", "@SUM(A1)", " =1", "\t=1", 'say "hi", Bob'), 1
    ):
        ring(asterisk, number, {"number": "1", "caller": name})
    page.wait("document.querySelectorAll('.call').length === 7")
    end(asterisk, 2)
    rows = saved(page, "#calls-csv")
    assert rows[0][:2] == ["State", "From"] and len(rows) == 8
    names = {row[1] for row in rows[1:]}
    assert names == {'\'=HYPERLINK("http://x";"y")', "'+1", "'-1", "'@SUM(A1)", "'=1", 'say "hi", Bob'}
    member_event(asterisk, "QueueMemberAdded", 109, MemberName="=cmd", Interface="PJSIP/109", Status=1)
    page.wait("document.querySelectorAll('.agent').length === 3")
    assert "'=cmd" in [row[0] for row in saved(page, "#agents-csv")]
    asterisk.event("AgentConnect", "agent,all", Queue="support", HoldTime=7, Interface="PJSIP/101")
    page.wait_for_text("#tile-level", "100 %")
    rows = saved(page, "#history-csv")
    assert [row[4] for row in rows if row[1] == "support"] == ["1"] and page.errors == []


def test_i19_level_and_averages_of_the_last_hour(serve, asterisk, page):
    supervise(serve, asterisk, page)
    for hold, talk in ((10, 60), (30, 120), (20, 90)):
        asterisk.event("AgentConnect", "agent,all", Queue="support", HoldTime=hold, Interface="PJSIP/101")
        asterisk.event(
            "AgentComplete", "agent,all", Queue="support", HoldTime=hold, TalkTime=talk, Interface="PJSIP/101"
        )
    asterisk.event("QueueCallerAbandon", "agent,all", Queue="support", Uniqueid="7.1", Channel="PJSIP/trunk-00000009")
    page.wait_for_text(".facts", "Level\n50 %\nDone\n10\nLost\n3\nØ wait\n0:20\nØ talk\n1:30")
    assert page.text("#tile-level") == "50 %"
    page.choose("#history-what", "answered")
    page.wait_for_text("#history-legend", "support")
    page.wait("document.getElementById('history-svg').getAttribute('aria-label').includes('support now 3, at most 3')")
    assert page.errors == []
