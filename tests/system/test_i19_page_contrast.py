"""The live page can be read: each text has a contrast of 4.5 to 1 at least, light and dark, whatever happens."""

import pytest

from harness.contrast import look, unreadable
from harness.dashboard import HOSTILE, log_in, member_event, supervise
from harness.telephony import ALICE, answer, caller_of, end, ring


@pytest.mark.parametrize("colour,contrast", [("#767676", 4.54), ("rgb(0 0 0 / 54%)", 4.6), ("#000", 21), ("#fff", 1)])
def test_i19_contrast_is_that_of_wcag(page, colour, contrast):
    page.run(f"document.body.style.color = '{colour}'; document.body.textContent = 'x'")
    assert look(page)[0]["contrast"] == pytest.approx(contrast, abs=0.05)
    page.run("document.body.style.opacity = '0.5'")
    assert look(page)[0]["contrast"] <= 4
    page.run("document.body.style.backgroundImage = 'linear-gradient(red, blue)'")
    assert look(page)[0]["contrast"] == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_i19_contrast_of_the_login(serve, asterisk, page, scheme):
    page.prefer(scheme)
    log_in(page, serve({"pbx1": asterisk}), "dave", "wrong")
    page.wait_for_text("#login-error", "wrong")
    page.run("document.getElementById('login-plain').hidden = false")
    assert unreadable(page) == []


def fill(asterisk, page):
    """Something of everything: states, alarms, kinds of events, errors."""
    member_event(asterisk, Status=2, CallsTaken=3)
    member_event(asterisk, "QueueMemberPause", 102, Status=1, Paused=1, PausedReason=HOSTILE)
    for number, state in ((103, 6), (104, 1), (105, 5)):
        member_event(asterisk, "QueueMemberAdded", number, Status=state)
    waiting = caller_of("PJSIP/trunk-00000007", "7.1", state=6, **ALICE)
    asterisk.event("Newchannel", **waiting)
    asterisk.event("QueueCallerJoin", "agent,all", Queue="support", Position=1, Count=1, **waiting)
    asterisk.event("AgentConnect", "agent,all", Queue="support", HoldTime=99, Interface="PJSIP/101")
    asterisk.event("PeerStatus", "system,all", ChannelType="PJSIP", Peer="PJSIP/trunk", PeerStatus="Unreachable")
    asterisk.event("Cdr", "cdr,all", Channel="PJSIP/trunk-00000007")
    ring(asterisk, 2)
    ring(asterisk)
    answer(asterisk)
    page.wait_for_text("#calls-list", "Talking")
    page.wait_for_text("#alarms", "Unreachable")
    page.type("#filter", "=")
    page.wait_for_text("#filter-error", "expected")
    page.type("#action", "nonsense")
    page.click("#send-button")
    page.wait_for_text("#answer-state", "Expected")


DIALOGS = [("#settings", "settings"), (".agent button", "pause"), (".call .more", "call"), ("#call-hangup", "ask")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_i19_contrast(serve, asterisk, page, scheme):
    page.prefer(scheme)
    proxy = supervise(serve, asterisk, page)
    fill(asterisk, page)
    assert unreadable(page) == []
    page.run("document.documentElement.classList.add('wall')")
    assert unreadable(page) == []
    page.run(
        "document.documentElement.classList.remove('wall'); document.getElementById('board').classList.add('stale')"
    )
    assert unreadable(page) == []
    page.run("document.getElementById('board').classList.remove('stale')")
    for button, name in DIALOGS:
        page.click(button)
        page.wait(f"document.getElementById('{name}-dialog').open")
        assert unreadable(page) == [], name
        if name != "call":
            page.run(f"document.getElementById('{name}-dialog').close()")
    page.run("document.getElementById('call-dialog').close()")
    page.click(".call .end")
    assert unreadable(page) == []
    end(asterisk)
    page.choose("#calls-which", "ended")
    page.wait_for_text("#calls-list", "Ended")
    asterisk.go_down()
    page.wait_for_text("#alarms", "down")
    assert unreadable(page) == []
    proxy.stop()
    page.wait_for_text("#lost", "lost")
    assert unreadable(page) == []
