"""The demo's page in Chromium, which keeps connections in reserve: loaded, left alone until the server has closed all
silent connections, loaded again."""

import os

import pytest
import yaml

from harness.browser import Browser
from harness.process import BUILD, SOURCE
from harness.proxy import Proxy
from harness.telephony import list_channels, list_queues

ROUNDS = 3


@pytest.fixture
def demo(launch, tmp_path, pbx):
    """The demo's configuration as contrib/demo.sh completes it, on ports of the kernel's choice, with a scripted
    server."""
    pbx.secret = "proxysecret"
    pbx.answers.update(CoreShowChannels=list_channels(), QueueStatus=list_queues())
    with open(os.path.join(SOURCE, "config", "demo.yaml"), encoding="utf-8") as file:
        config = yaml.safe_load(file)
    for listener in config["listen"]:
        listener["port"] = 0
    config["servers"][0]["port"] = pbx.address[1]
    page = os.path.join(SOURCE, "examples", "dashboard")
    config.update(
        plugins={"path": os.path.join(BUILD, "plugins")},
        scripts={"path": os.path.join(SOURCE, "lua")},
        http={"document_root": page, "idle_timeout": "2s"},
        workers=1,
    )
    if os.geteuid() == 0:
        config["process"] = {"user": "nobody", "group": "nogroup"}
    proxy = launch(Proxy, str(tmp_path), config)
    proxy.pages = [index for index, listener in enumerate(config["listen"]) if listener.get("input") == "http"]
    return proxy


def all_are_closed(lines):
    opened, closed = (sum(f"session {what}" in line for line in lines) for what in ("opened", "closed"))
    return opened == closed > 0


def test_f30_the_demos_page_is_loaded_again_after_a_while(demo, pbx, tmp_path):
    assert len(demo.pages) == 1, "the demo has a listener for browsers"
    host, port = demo.addresses[demo.pages[0]]
    url = f"http://{host}:{port}/"
    browser = Browser(tmp_path)
    try:
        page = browser.page()
        page.go(url)
        for _ in range(ROUNDS):
            page.run("window.loadedBefore = true")
            demo.wait_until(all_are_closed, "the end of all silent connections")
            page.command("Page.reload", ignoreCache=True)
            page.wait("document.readyState === 'complete' && !window.loadedBefore")
            assert page.run("document.title") == "astmanproxy" and page.run("location.href") == url
            assert page.run("document.querySelector('#user') !== null")
    finally:
        browser.close()
    assert not any("(detect_timeout)" in line for line in demo.lines)
