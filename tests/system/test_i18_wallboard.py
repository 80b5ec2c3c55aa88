"""The wallboard in examples/wallboard, which is written with the client alone: the state, then what changes it."""

import os
import shutil

import pytest

from harness.contrast import unreadable
from harness.javascript import FOLDER, kick
from harness.proxy import secret_of
from harness.resume import KEEP
from harness.telephony import list_queues

WALLBOARD = os.path.join(FOLDER, os.pardir, "wallboard", "index.html")
PEOPLE = [{"name": "dave", "secret": "dave-SECRET-1"}, {"name": "bill", "secret": "bill-SECRET-2", "admin": True}]


def shows(page, *cells):
    """Waits until there is one row with these cells."""
    page.wait(f"document.querySelector('tbody').innerText.split(/\\s+/).join(' ').trim() === {' '.join(cells)!r}")


@pytest.fixture
def wallboard(start_site, client_site, pbx, page):
    def start(**sections):
        shutil.copy(WALLBOARD, client_site / "index.html")
        (client_site / "index.html").chmod(0o644)
        pbx.answers["QueueStatus"] = list_queues([{"Uniqueid": "1.1", "Wait": 0}])
        proxy = start_site(users=PEOPLE, **sections)
        page.go("http://{}:{}/#user=dave&secret={}".format(*proxy.addresses[1], secret_of("dave")))
        return proxy

    return start


def test_i18_wallboard_is_short():
    with open(WALLBOARD, encoding="utf-8") as file:
        assert len(file.readlines()) <= 60


def test_i18_wallboard_follows_queues(wallboard, pbx, page):
    wallboard()
    page.wait("document.querySelector('tbody tr')?.cells[1].innerText === '1'")
    pbx.event("QueueCallerLeave", "agent,all", Queue="support", Uniqueid="1.1")
    shows(page, "support", "0", "0", "s", "1", "0", "1")
    pbx.event("QueueMemberStatus", "agent,all", Queue="support", Interface="PJSIP/101", Status=2, Paused=0)
    shows(page, "support", "0", "0", "s", "0", "1", "1")
    pbx.event("QueueMemberPause", "agent,all", Queue="support", Interface="PJSIP/102", Status=1, Paused=0)
    shows(page, "support", "0", "0", "s", "1", "1", "0")
    pbx.event("QueueMemberRemoved", "agent,all", Queue="support", Interface="PJSIP/101")
    shows(page, "support", "0", "0", "s", "1", "0", "0")
    for name in ("", "stale"):
        page.run(f"document.body.className = '{name}'")
        assert unreadable(page) == [], name
    assert page.errors == []


@pytest.mark.parametrize("sections", [{}, {"resume": KEEP}], ids=["asks again", "resumes"])
def test_i18_wallboard_comes_back(wallboard, pbx, page, sections):
    """What has changed while the connection was lost is shown."""
    proxy = wallboard(**sections)
    page.wait("document.querySelector('tbody tr')?.cells[1].innerText === '1'")
    pbx.answers["QueueStatus"] = list_queues()
    kick(proxy)
    pbx.event("QueueCallerLeave", "agent,all", Queue="support", Uniqueid="1.1")
    shows(page, "support", "0", "0", "s", "1", "0", "1")
    page.wait("!document.body.classList.contains('stale')")
