"""The live page, examples/dashboard, in a browser: login, log, actions, restarts and layout."""

import os
import pathlib
import re
import socket
import ssl
import urllib.request

import pytest
import yaml

from harness.certificates import Authority
from harness.dashboard import ADMINS, COMMANDS, FOLDER, OUTPUT, log_in
from harness.process import BUILD, SOURCE
from harness.proxy import USERS, Proxy, secret_of, server_entry
from harness.telephony import caller_of, list_channels, list_queues, ring

# -- the file


def test_the_page_allows_its_own_scripts_and_styles_alone():
    """Files of the page's own folder; nothing is written into the page as markup."""
    with open(os.path.join(FOLDER, "index.html"), encoding="utf-8") as file:
        page = file.read()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page).group(1)
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "script-src 'self'; style-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'" in policy
    assert "<style" not in page and re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
    text = page
    for path in pathlib.Path(FOLDER).rglob("*.[jc]s*"):
        text += path.read_text(encoding="utf-8")
        assert str(path.relative_to(FOLDER)) in page or path.suffix == ".js"
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=", " onclick"):
        assert word not in text, word
    assert set(re.findall(r"https?://[^'\"\s]+", text)) == {"http://www.w3.org/2000/svg"}  # the name of a namespace


def test_each_file_of_the_page_is_short():
    for path in pathlib.Path(FOLDER).rglob("*.*"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


# -- in and out


def test_login(serve, asterisk, page):
    held = caller_of("PJSIP/205-00000009", "9.1", state=6, number="205", caller="Carol Cook")
    asterisk.answers["CoreShowChannels"] = list_channels({**held, "Duration": "00:01:05", "Application": "Echo"})
    proxy = serve({"pbx1": asterisk})
    log_in(page, proxy, secret="wrong")
    page.wait_for_text("#login-error", "User or secret is wrong.")
    assert page.text("#board") == "" and page.run("document.activeElement.id") == "secret"
    page.type("#secret", secret_of("dave"))
    page.click("#login-button")
    page.wait_for_text("#connection", "Live")
    page.wait_for_text("#calls-list", "Carol Cook")
    page.wait(
        r"/\b1:0[5-9]\b|\b1:[1-5]/.test(document.querySelector('#calls-list .clock').innerText)"
    )  # since 65 seconds
    page.wait_for_text("#servers-list", "pbx1")
    assert page.text("#servers-list .pill") == "up" and page.text("#me") == "dave" and page.text("#sessions") == ""
    assert secret_of("dave") not in page.run(
        "JSON.stringify([localStorage, sessionStorage, document.cookie, location.href]) + "
        "document.documentElement.outerHTML + document.getElementById('secret').value"
    )
    page.click("#logout")
    page.wait_for_text("#login", "Log in")
    assert page.text("#board") == "" and page.run("document.getElementById('secret').value") == ""
    assert page.errors == []


def test_a_user_who_may_little_and_one_who_may_all(serve, asterisk, page):
    asterisk.commands = COMMANDS
    proxy = serve({"pbx1": asterisk}, users=ADMINS)
    log_in(page, proxy, "viewer")
    page.wait_for_text("#calls-note", "your user may not list channels")
    ring(asterisk)
    page.wait_for_text("#calls-list", "Alice Able")
    page.wait("document.querySelector('.call .end').hidden")
    assert page.text("#sessions") == ""
    viewer = proxy.login("caller")
    page.click("#logout")
    page.type("#user", "bill")
    page.type("#secret", secret_of("bill"))
    page.key("Enter")
    page.wait_for_text("#sessions-list", "caller")
    row = "[...document.querySelectorAll('#sessions-list li')].find((row) => row.innerText.includes('caller'))"
    page.run(f"{row}.querySelector('button').id = 'kick'")
    page.click("#kick")
    page.wait_for_text("#toast", "Press again")
    page.click("#kick")
    page.wait_for_text("#toast", "Kicked")
    viewer.read_to_end()
    page.wait(f"!{row}")
    assert page.errors == []


def test_the_newest_of_many_sessions_and_their_number(serve, asterisk, page):
    """Also if they are more than one answer of ListSessions has."""
    many = {"unauthenticated": 1000, "unauthenticated_per_address": 1000}
    proxy = serve({"pbx1": asterisk}, users=ADMINS, limits=many, auth={"timeout": "10m"})
    others = [socket.create_connection(proxy.address) for _ in range(450)]
    log_in(page, proxy, "bill")
    page.wait_for_text("#sessions-count", "451")
    assert page.run("document.querySelectorAll('#sessions-list li').length") == 50
    assert page.text("#sessions-note") == "and 401 more"
    assert page.errors == []
    for other in others:
        other.close()


# -- the log, and actions


def test_the_log(live, asterisk):
    _, page = live
    ring(asterisk, 1)
    ring(asterisk, 2)
    page.wait_for_text("#events-list", "DialBegin")
    for filter, wanted in (
        ("Event=Newstate Channel~pjsip/101", ["Newstate", "Newstate"]),
        ("event=dial*", ["DialBegin", "DialBegin"]),
        ('CallerIDName="Bob Baker" !Event=Newchannel Uniqueid=2.*', ["Newstate"]),
        ("DialBegin Channel!~00000001", ["DialBegin"]),
    ):
        page.type("#filter", filter)
        page.wait(
            f"[...document.querySelectorAll('.event b')].map((node) => node.innerText).join() === '{','.join(wanted)}'"
        )
    page.type("#filter", '"open')
    page.wait_for_text("#filter-error", "not closed")
    page.type("#filter", "Event=Newstate")
    page.wait("document.querySelectorAll('.event').length === 2 && document.getElementById('filter-error').hidden")
    page.click(".event summary")
    page.wait_for_text(".event pre", "ChannelStateDesc: Ringing")
    page.wait_for_text("#pause", "Continue")  # who reads an event does not want it to scroll away
    ring(asterisk, 3)
    page.wait_for_text("#pause", "Continue (4 more)")
    assert len(page.texts(".event")) == 2
    page.click("#pause")
    page.wait("document.querySelectorAll('.event').length === 3")
    page.click("#clear")
    page.wait("document.querySelectorAll('.event').length === 0")
    assert page.errors == []


def test_actions(live, asterisk):
    _, page = live
    page.type("#action", "Action: SIPpeers\nActionID: mine")
    page.choose("#target", "pbx1")
    page.click("#send-button")
    action = asterisk.expect(Action="SIPpeers")
    action.start_list("Peer status list will follow")
    action.item("PeerEntry", ObjectName="101")
    action.item("PeerEntry", ObjectName="102")
    page.wait_for_text("#answer-state", "Waiting")
    action.end_list("PeerlistComplete", 2)
    page.wait_for_text("#answer-state", "Success, 4 messages")
    assert "ObjectName: 101" in page.text("#answer") and "ObjectName: 102" in page.text("#answer")
    page.type("#action", "Action: Nonsense")
    page.click("#send-button")
    asterisk.expect(Action="Nonsense").reply("Error", Message="Invalid/unknown command: Nonsense")
    page.wait_for_text("#answer-state", "Error")
    page.wait_for_text("#answer", "Invalid/unknown command: Nonsense")
    for text, complaint in (
        ("Server: pbx1", 'Expected a line "Action: …"'),
        ("Action Ping", 'found "Action Ping"'),
        ("Action: Logoff", "Use the buttons"),
    ):
        page.type("#action", text)
        page.click("#send-button")
        page.wait_for_text("#answer-state", complaint)
    page.choose("#preset", "ProxyAction: Stats")
    page.click("#send-button")
    page.wait_for_text("#answer", "ServersUp: 1")
    assert page.errors == [] and asterisk.actions == []


# -- loss


def test_a_restart_of_the_proxy(serve, asterisk, page):
    proxy = serve({"pbx1": asterisk})
    log_in(page, proxy)
    page.wait_for_text("#queues-list", "support")  # what there was is asked for: the list of calls lacks the next one
    ring(asterisk, 1)
    page.wait_for_text("#calls-list", "Alice Able")
    assert page.errors == []
    assert proxy.stop() == 0
    page.wait_for_text("#connection", "Reconnecting")
    page.wait_for_text("#lost", "The connection was lost")
    assert "Alice Able" in page.text("#calls-list") and page.run("document.querySelector('.call .end').disabled")
    page.click("#retry")  # sooner than it would by itself; nobody is there yet
    page.wait_for_text("#lost", "Next try in")
    channel = caller_of("PJSIP/205-00000009", "9.1", state=6, number="205", caller="Carol Cook")
    asterisk.answers["CoreShowChannels"] = list_channels({**channel, "Duration": "00:00:03"})
    asterisk.answers["QueueStatus"] = list_queues([{**channel, "Position": 1, "Wait": 75}])
    serve({"pbx1": asterisk}, port=proxy.addresses[1][1])
    page.wait_for_text("#connection", "Live", 30)
    page.wait_for_text("#calls-list", "Carol Cook")
    page.wait("!document.getElementById('calls-list').innerText.includes('Alice Able')")  # it ended meanwhile
    page.wait("document.getElementById('tile-longest').innerText >= '1:15'")
    assert page.run("document.getElementById('lost').hidden")
    ring(asterisk, 2)
    page.wait_for_text("#calls-list", "Alice Able")


def test_a_server_that_goes_and_comes(live, asterisk):
    _, page = live
    ring(asterisk)
    page.wait_for_text("#calls-list", "Alice Able")
    asterisk.go_down()
    page.wait_for_text("#servers-list", "down")
    page.wait_for_text("#calls-lost", "pbx1 was lost at ")
    page.wait_for_text("#calls-lost", "what became of its 1 call is not known")
    assert page.text(".call .pill") == "Server lost" and page.run("document.querySelector('.call .end').hidden")
    assert page.text("#connection") == "Live"
    channel = caller_of("PJSIP/205-00000009", "9.1", state=6, number="205", caller="Carol Cook")
    asterisk.answers["CoreShowChannels"] = list_channels(channel)
    asterisk.go_up()
    page.wait_for_text("#calls-list", "Carol Cook")
    page.wait("!document.getElementById('calls-list').innerText.includes('Alice Able')")  # it ended meanwhile
    page.wait_for_text("#servers-list", "up")
    assert page.text("#calls-lost") == "" and page.errors == []


def test_many_events_do_not_freeze_it(serve, simulator, page):
    sim = simulator("--seed", "1", "--rate", "2000", "--calls", "5")
    proxy = serve({"sim": sim})
    page.run("0")
    log_in(page, proxy)
    page.wait_for_text("#connection", "Live")
    page.run("""(() => {
        window.gap = 0;
        let last = performance.now();
        const beat = (now) => { window.gap = Math.max(window.gap, now - last); last = now; requestAnimationFrame(beat); };
        requestAnimationFrame(beat);
    })()""")
    page.wait("Number(document.getElementById('events-count').innerText) > 8000", 60)
    # It still takes a press: of a key, as calls come and go above the button. A mouse that misses it may hit an event,
    # which pauses as well.
    page.run("document.getElementById('pause').focus()")
    page.key("Enter")
    page.wait_for_text("#pause", "Continue")
    assert page.run("window.gap") < 5000  # milliseconds between two frames, on a busy machine
    assert 0 < page.run("document.querySelectorAll('.event').length") <= 200
    assert page.run("document.querySelectorAll('.call').length") <= 100
    assert page.text("#connection") == "Live" and page.errors == []


# -- how it looks


def shot(page, name):
    os.makedirs(OUTPUT, exist_ok=True)
    page.screenshot(os.path.join(OUTPUT, f"dashboard-{name}.png"))


def background(page):
    return page.run("getComputedStyle(document.body).backgroundColor")


NO_SCROLL = "document.documentElement.scrollWidth <= 360"


def test_desk_phone_and_dark(serve, simulator, page):
    sim = simulator("--seed", "1", "--calls", "7")
    proxy = serve({"sim": sim}, users=ADMINS)
    page.prefer("light")
    log_in(page, proxy, "bill", "wrong")
    page.wait_for_text("#login-error", "wrong")
    page.resize(360, 740, True)
    assert page.run(NO_SCROLL)
    shot(page, "login-phone")
    page.resize(1440, 1000)
    page.type("#secret", secret_of("bill"))
    page.key("Enter")
    page.wait_for_text("#calls-list", "Talking", 30)
    page.wait_for_text("#sessions-list", "bill")
    shot(page, "desktop")
    light = background(page)
    page.prefer("dark")
    assert background(page) != light
    shot(page, "dark")
    page.click("#theme")
    assert background(page) == light
    page.resize(360, 740, True)
    page.run("scrollTo(0, 0)")
    shot(page, "phone")
    page.click("#theme")
    page.click('nav.tabs a[href="#events"]')
    shot(page, "phone-dark")
    ugly = "x" * 120
    page.type("#filter", ugly)
    page.type("#action", f"Action: UserEvent\nUserEvent: {ugly}\nHeader: {ugly}")
    page.click("#send-button")
    page.wait_for_text("#answer-state", "Success")
    assert page.run(NO_SCROLL)
    unlabelled = page.run("""[...document.querySelectorAll('button, input, select, textarea')].filter((node) =>
        !(node.labels && node.labels.length) && !node.getAttribute('aria-label') && !node.innerText.trim() &&
        node.getClientRects().length > 0).map((node) => node.id)""")
    assert unlabelled == [] and page.errors == []


# -- the configuration for production


def test_the_sample_for_production_serves_it_over_tls(launch, asterisk, site, tmp_path):
    authority = Authority(tmp_path)
    with open(os.path.join(SOURCE, "config", "dashboard.yaml"), encoding="utf-8") as file:
        config = yaml.safe_load(file)
    certificate = authority.issue("pbx", "DNS:pbx.example,IP:127.0.0.1")
    config["listen"][0]["port"] = 0
    config["listen"][1].update(address="127.0.0.1", port=0, allow=["127.0.0.1"])
    config["tls"] = {"certificate": certificate}
    config["servers"] = [server_entry(asterisk)]
    del config["users_file"]
    config.update(
        workers=1,
        users=USERS,
        plugins={"path": os.path.join(BUILD, "plugins")},
        scripts={"path": os.path.join(SOURCE, "lua")},
        insecure_permissions="allow",
        process={"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {},
    )
    config["http"]["document_root"] = str(site)
    proxy = launch(Proxy, str(tmp_path), config)
    host, port = proxy.addresses[1]
    context = ssl.create_default_context(cafile=authority.certificate)
    context.verify_flags |= ssl.VERIFY_X509_STRICT  # as Python 3.13 does by itself
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    request = urllib.request.Request(f"https://{host}:{port}/", headers={"Host": f"pbx.example:{port}"})
    with opener.open(request, timeout=15) as reply:
        assert reply.status == 200 and reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert b"<title>astmanproxy</title>" in reply.read()
    with pytest.raises(urllib.error.HTTPError):  # by no other name
        opener.open(
            urllib.request.Request(f"https://{host}:{port}/", headers={"Host": f"other.example:{port}"}), timeout=15
        )
