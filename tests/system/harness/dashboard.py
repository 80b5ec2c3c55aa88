"""The live page, served by the proxy and shown in a browser."""

import os
import shutil

import pytest

from .browser import Browser
from .process import BUILD, SOURCE
from .proxy import USERS, secret_of
from .telephony import list_channels, list_queues
from .web import ALL_PLUGINS, listeners

FOLDER = os.path.join(SOURCE, "examples", "dashboard")
OUTPUT = os.path.join(BUILD, "test-output")
ADMINS = [dict(user, admin=user["name"] == "bill") for user in USERS]
HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
COMMANDS = {
    "Hangup": "system,call,all",
    "CoreShowChannels": "system,reporting,all",
    "Status": "system,call,reporting,all",
    "QueueStatus": "<none>",
    "Ping": "<none>",
    "ListCommands": "<none>",
    "CoreStatus": "system,reporting,all",
}
SUPERVISOR = {
    **COMMANDS,
    "Redirect": "call,all",
    "Originate": "originate,all",
    "QueuePause": "agent,all",
    "PJSIPShowRegistrationsOutbound": "system,reporting,all",
}


@pytest.fixture
def site(tmp_path):
    """The page in a folder that the proxy may read."""
    root = tmp_path / "site"
    shutil.copytree(FOLDER, root)
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return root


@pytest.fixture
def serve(start_for_scripts, site):
    """serve({"pbx1": server}) -> a proxy that serves the page, at the second of its addresses."""

    def start(servers, port=0, **sections):
        both = listeners()
        both[1]["port"] = port
        return start_for_scripts(
            servers, listen=both, plugins=ALL_PLUGINS, http={"document_root": str(site)}, **sections
        )

    return start


@pytest.fixture
def browser(tmp_path):
    started = Browser(tmp_path)
    yield started
    started.close()


@pytest.fixture
def page(browser):
    return browser.page()


@pytest.fixture
def asterisk(pbx):
    """A server that answers what the page asks for."""
    pbx.answers.update(CoreShowChannels=list_channels(), QueueStatus=list_queues())
    return pbx


def log_in(page, proxy, name="dave", secret=None):
    host, port = proxy.addresses[1]
    page.resize(1440, 1000)
    page.go(f"http://{host}:{port}/")
    page.type("#user", name)
    page.type("#secret", secret or secret_of(name))
    page.key("Enter")


@pytest.fixture
def live(serve, asterisk, page):
    """(proxy, page) of dave, who sees everything."""
    proxy = serve({"pbx1": asterisk})
    log_in(page, proxy)
    page.wait_for_text("#connection", "Live")
    page.wait_for_text("#queues-list", "support")
    return proxy, page


def supervise(serve, asterisk, page, **sections):
    """dave sees the page and may do all that it offers. @return the proxy"""
    asterisk.commands = SUPERVISOR
    asterisk.answers.setdefault("PJSIPShowRegistrationsOutbound", lambda action: action.reply("Error"))
    proxy = serve({"pbx1": asterisk}, **sections)
    log_in(page, proxy)
    page.wait_for_text("#queues-list", "support")
    page.wait("document.documentElement.dataset.loaded === 'yes'")
    return proxy


def member_event(asterisk, name="QueueMemberStatus", number=101, **headers):
    told = {"Queue": "support", "MemberName": f"Agent {number}", "Interface": f"PJSIP/{number}", "Paused": 0, **headers}
    asterisk.event(name, "agent,all", **told)
