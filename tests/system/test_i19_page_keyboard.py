"""The live page without a mouse, and as a screen reader is told of it."""

from harness.dashboard import log_in, supervise
from harness.telephony import answer, ring

# What the Tab key should reach: controls that are shown and can be used.
CONTROLS = """[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter((node) => node.getClientRects().length > 0 && node.checkVisibility({ visibilityProperty: true }) && !node.disabled)"""
FOCUSED = """(() => {
    const node = document.activeElement, style = getComputedStyle(node), all = window.controls;
    if (node === document.body)
        return [0, true]; // behind the last one
    return [all.indexOf(node), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1];
})()"""
NAMED = ("button", "textbox", "searchbox", "combobox", "spinbutton", "link", "dialog", "region", "log", "image")


def unnamed(page):
    """@return roles of what a screen reader would announce without a name"""
    page.command("Accessibility.enable")
    nodes = page.command("Accessibility.getFullAXTree")["nodes"]
    roles = [(node.get("role", {}).get("value"), node.get("name", {}).get("value", "")) for node in nodes]
    assert any(role == "button" for role, _ in roles)
    return [role for role, name in roles if role in NAMED and not name.strip()]


def walk(page):
    """Presses Tab from the first control on until it comes again; each shows that it has the focus.
    @return positions in `window.controls`"""
    page.run(f"window.controls = {CONTROLS}; window.controls[0].focus()")
    found = [0]
    for _ in range(page.run("window.controls.length") + 2):
        page.key("Tab")
        place, marked = page.run(FOCUSED)
        if place in found:
            break
        assert marked, page.run("document.activeElement.outerHTML")[:200]
        assert place >= 0, page.run("document.activeElement.outerHTML")[:200]
        found.append(place)
    return found


def test_i19_tab_reaches_every_control_and_shows_where_it_is(serve, asterisk, page):
    supervise(serve, asterisk, page)
    ring(asterisk)
    answer(asterisk)
    page.wait_for_text("#calls-list", "Talking")
    page.wait_for_text("#trunks-list", "1 channel")
    page.click("#pause")  # so that no rows of events come
    page.wait_for_text("#pause", "Continue")
    page.wait(
        "document.querySelectorAll('.still > .event').length === Number(document.getElementById('events-count').innerText)"
    )
    found = walk(page)
    missing = page.run("window.controls.map((node) => node.outerHTML.slice(0, 120))")
    missing = [text for place, text in enumerate(missing) if place not in found]
    assert missing == [] and found == sorted(found)  # in the order in which they are read
    assert unnamed(page) == [] and page.errors == []


def test_i19_a_call_by_keys_alone(serve, asterisk, page):
    supervise(serve, asterisk, page)
    ring(asterisk)
    answer(asterisk)
    page.wait_for_text("#calls-list", "Talking")
    page.run("document.querySelector('.skip').focus()")  # the first that Tab reaches
    page.key("Enter")
    page.wait("location.hash === '#calls'")
    page.run("document.querySelector('.call .more').focus()")
    page.key("Enter")
    page.wait("document.getElementById('call-dialog').open")
    assert unnamed(page) == []
    page.run("document.getElementById('call-hangup').focus()")
    page.key("Enter")
    page.wait_for_text("#ask-text", "Hang up")
    assert page.run("document.activeElement.id") == "ask-no"
    page.key("Escape")
    page.wait("!document.getElementById('ask-dialog').open && document.activeElement.id === 'call-hangup'")
    page.key("Escape")
    page.wait("!document.getElementById('call-dialog').open && document.activeElement.matches('.call .more')")
    assert asterisk.actions == [] and page.errors == []


def test_i19_the_login_by_keys_alone(serve, asterisk, page):
    log_in(page, serve({"pbx1": asterisk}), "dave", "wrong")
    page.wait_for_text("#login-error", "wrong")
    assert page.run("document.activeElement.id") == "secret" and unnamed(page) == []
    found = walk(page)
    assert len(found) == page.run("window.controls.length")
