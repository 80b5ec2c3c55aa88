"""The live page over F5, a lost connection and on a wall."""

from harness.dashboard import ADMINS, log_in
from harness.limits import poll
from harness.proxy import secret_of
from harness.telephony import ring
from harness.tokens import create, login

LOADED = "document.documentElement.dataset.loaded === 'yes'"
STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"


def reload(page):
    page.run("window.isOld = true")
    page.command("Page.reload")
    page.wait("!window.isOld && document.readyState === 'complete'")


def test_i19_f5_keeps_who_is_logged_in_and_the_history(serve, asterisk, page, vault):
    proxy = serve({"pbx1": asterisk}, auth=vault.auth, resume={"keep": "60s"})
    log_in(page, proxy)
    page.wait(LOADED)
    page.wait("'astmanproxy-session' in sessionStorage")
    asterisk.event("AgentConnect", "agent,all", Queue="support", HoldTime=7, Interface="PJSIP/101")
    page.wait_for_text("#tile-level", "100 %")
    reload(page)
    page.wait_for_text("#connection", "Live")
    page.wait(LOADED)
    page.wait_for_text("#tile-level", "100 %")
    assert page.text("#login") == "" and page.text("#me") == "dave"
    assert secret_of("dave") not in page.run(STORED)
    ring(asterisk)
    page.wait_for_text("#calls-list", "Alice Able")
    token = page.run("JSON.parse(sessionStorage['astmanproxy-session']).token")
    page.click("#logout")
    page.wait_for_text("#login", "Log in")
    assert page.run("sessionStorage.length") == 0
    assert poll(lambda: login(proxy, token, "dave")[1]["Response"] == "Error")  # nobody who has copied it may use it
    reload(page)
    assert page.text("#board") == "" and page.errors == []


def test_i19_a_logout_ends_the_token_before_f5_too(serve, asterisk, page, vault):
    proxy = serve({"pbx1": asterisk}, auth=vault.auth)
    log_in(page, proxy)
    page.wait("'astmanproxy-session' in sessionStorage")
    token = page.run("JSON.parse(sessionStorage['astmanproxy-session']).token")
    page.click("#logout")
    page.wait_for_text("#login", "Log in")
    assert poll(lambda: login(proxy, token, "dave")[1]["Response"] == "Error")


def test_i19_f5_keeps_the_rights_of_an_admin(serve, asterisk, page, vault):
    log_in(page, serve({"pbx1": asterisk}, auth=vault.auth, users=ADMINS), "bill")
    page.wait_for_text("#sessions", "bill")
    page.wait("'astmanproxy-session' in sessionStorage")
    reload(page)
    page.wait(LOADED)
    page.wait_for_text("#sessions", "bill")
    assert page.text("#me") == "bill" and page.errors == []


def test_i19_f5_without_tokens_leads_to_the_login(serve, asterisk, page):
    log_in(page, serve({"pbx1": asterisk}))
    page.wait(LOADED)
    reload(page)
    page.wait_for_text("#login", "Log in")
    assert page.run("'astmanproxy-session' in sessionStorage") is False and page.errors == []


def test_i19_a_login_whose_token_has_ended_says_so(serve, asterisk, page, vault):
    proxy = serve({"pbx1": asterisk}, auth=vault.auth)
    log_in(page, proxy)
    page.wait("'astmanproxy-session' in sessionStorage")
    label = proxy.login("dave").ask(ProxyAction="RevokeToken", Label="*")
    assert label["Response"] == "Success", label
    reload(page)
    page.wait_for_text("#login-error", "This login has ended")
    assert page.run("sessionStorage.length") == 0


def test_i19_events_of_a_loss_are_counted_when_they_happened(serve, asterisk, page):
    proxy = serve({"pbx1": asterisk}, users=ADMINS, resume={"keep": "60s"})
    log_in(page, proxy)
    page.wait(LOADED)
    bill = proxy.login("bill")
    sessions = bill.ask(ProxyAction="ListSessions")
    numbers = zip(sessions.all("ProxyClientUser"), sessions.all("ProxyClientId"), strict=True)
    bill.ask(ProxyAction="KickSession", Session=next(id for user, id in numbers if user == "dave"))
    for _ in range(5):
        asterisk.event("AgentConnect", "agent,all", Queue="support", HoldTime=99, Interface="PJSIP/101")
    page.wait_for_text("#connection", "Live")
    page.wait_for_text("#tile-level", "0 %")
    assert page.run("import('/js/history.js').then((it) => it.sums(undefined, Date.now() / 1000).answered)") == 5
    assert page.errors == []


def test_i19_wall(serve, asterisk, page, vault):
    proxy = serve({"pbx1": asterisk}, auth=vault.auth)
    token = create(proxy.login("bill"), ReadOnly="yes")
    host, port = proxy.addresses[1]
    page.resize(1920, 1080)
    page.command("Page.navigate", url=f"http://{host}:{port}/?wall&late=7&token={token}")
    page.wait_for_text("#connection", "Live")
    page.wait_for_text("#queues-list", "support")
    assert token not in page.run("location.href + history.length") and page.run("location.search") == "?wall&late=7"
    ring(asterisk)
    page.wait_for_text("#calls-list", "Alice Able")
    assert page.run("""[...document.querySelectorAll('button')].filter((node) => node.getClientRects().length > 0)
        .map((node) => node.id).join()""") in ("sound,theme", "sound,theme,")
    assert page.run("import('/js/settings.js').then((it) => it.settings.late)") == 7
    reload(page)  # the wall's computer starts it anew
    page.wait_for_text("#connection", "Live")
    assert page.errors == []
