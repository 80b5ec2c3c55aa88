"""GET /healthz and /readyz: a proxy without servers, one that ends, and one whose loop hangs."""

import concurrent.futures
import os
import re
import shutil

import pytest

from harness.limits import poll
from harness.process import SOURCE, delays_signals
from harness.web import Web

# -- health


def test_readiness_follows_servers(reporting, pbx):
    proxy = reporting()
    web = Web(proxy.addresses[1])
    for target in ("/healthz/ready", "/healthz?ready"):
        answer = web.get(target)
        assert (answer.status, answer.text) == (200, "ready\n")
    watcher = proxy.login("dave")
    pbx.go_down()
    proxy.wait_for_line("server lost")
    watcher.read_until(Event="ServerDown")
    answer = web.get("/healthz/ready")
    assert answer.status == 503 and answer.text == "no server is up, of 1\n" and answer.get("Retry-After") == "5"
    assert web.get("/healthz").status == 200  # it lives all the same
    pbx.go_up()
    watcher.read_until(Event="ServerUp")
    assert web.get("/healthz/ready").status == 200


def test_a_proxy_that_ends_is_not_ready(reporting, pbx):
    """Connections between requests end at once; one that has just come may still ask."""
    proxy = reporting()
    web = Web(proxy.addresses[1])
    assert web.get("/healthz/ready").status == 200
    dave = proxy.login("dave")
    dave.send(Action="Getvar", Variable="x", ActionID="held")  # keeps the end waiting
    held = pbx.expect(Action="Getvar")
    opened = sum("session opened" in line for line in proxy.lines)
    fresh = [Web(proxy.addresses[1]) for _ in range(2)]
    proxy.wait_until(lambda lines: sum("session opened" in line for line in lines) >= opened + 2, "both are there")
    proxy.signal(15)
    proxy.wait_for_drain()
    answer = fresh[0].get("/healthz/ready")
    assert answer.status == 503 and answer.text.startswith("ending:")
    assert fresh[1].get("/healthz").status == 200
    assert web.read_to_end() == b""
    held.reply("Success", Value="1")
    assert dave.response("held")["Response"] == "Success"
    assert proxy.wait() == 0


def test_a_loop_that_hangs_is_told(reporting, tmp_path, workers):
    """A script that may run for ten seconds holds up its worker: the other workers report it."""
    if workers == 1 or delays_signals():
        pytest.skip("with one worker nobody is left to answer; a script must be ended in time")
    root = tmp_path / "lua"
    shutil.copytree(os.path.join(SOURCE, "lua"), root)
    (root / "proxyactions/spin.lua").write_text("return { name = 'Spin', run = function() while true do end end }\n")
    proxy = reporting(scripts={"path": str(root), "time": "10s", "proxy_actions": ["stock", "spin"]})
    webs = [Web(proxy.addresses[1]) for _ in range(4)]
    assert all(web.get("/healthz").status == 200 for web in webs)
    dave = proxy.login("dave")
    dave.send(ProxyAction="Spin", ActionID="spin")
    hangs = "a client of the worker that hangs"

    def ask_until_bad(web):
        def bad():
            try:
                answer = web.get("/healthz")
            except AssertionError:
                return hangs
            return answer if answer.status == 503 else None

        return poll(bad, 12, pause=0.05)  # a connection takes a thousand requests

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        bad = [answer for answer in pool.map(ask_until_bad, webs) if answer not in (None, hangs)]
    assert bad, "no worker reported it"
    assert re.fullmatch(r"worker [0-3] has not turned for 5 s\n", bad[0].text)
    dave.response("spin")
