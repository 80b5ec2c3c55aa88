"""The live page goes on after a short loss, without asking for everything again, and says so."""

from harness.dashboard import ADMINS, asterisk, browser, log_in, page, serve, site  # noqa: F401
from harness.telephony import ring


def lists(pbx):
    return sum(action.get("Action") in ("QueueStatus", "CoreShowChannels") for action in pbx.actions)


def test_i16_resume_of_the_live_page(serve, asterisk, page):  # noqa: F811
    proxy = serve({"pbx1": asterisk}, users=ADMINS, resume={"keep": "60s"})
    log_in(page, proxy)
    page.wait_for_text("#queues-list", "support")
    page.wait("document.documentElement.dataset.loaded === 'yes'")
    bill = proxy.login("bill")
    before = lists(asterisk)
    sessions = bill.ask(ProxyAction="ListSessions")
    number = next(
        id
        for user, id in zip(sessions.all("ProxyClientUser"), sessions.all("ProxyClientId"), strict=True)
        if user == "dave"
    )
    bill.ask(ProxyAction="KickSession", Session=number)
    page.wait_for_text("#connection", "Reconnecting")
    ring(asterisk)
    page.wait_for_text("#connection", "Live")
    page.wait_for_text("#calls-list", "Alice Able")
    page.wait_for_text("#toast", "Back: ")  # what came meanwhile, or nothing: the page is quick
    assert lists(asterisk) == before and page.errors == []
