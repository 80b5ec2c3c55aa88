"""Timers and waits of scripts end when they are due, in every worker, with and without traffic."""

import contextlib
import re

import pytest

from harness.limits import Deadline

# The log says when so many turns have come: a line for each would be too many for it.
TICKING = """
    local function counted(name, most)
      return function()
        local count = amp.shared:incr(name .. amp.worker)
        if count == most then amp.log.info(("reached %s%d"):format(name, amp.worker)) end
      end
    end
    amp.every("30ms", counted("fast", 40))
    amp.every("70ms", counted("slow", 15))
    amp.every("50ms", { once = true }, counted("once", 20))
    return { name = "Ticking", summary = "x", run = function() end }
"""
SLEEPS = """
    return { name = "Sleeps", summary = "x", run = function(a, reply)
      amp.sleep(a.Time)
      reply:ok{ Slept = a.Time }
    end }
"""
ASKS = """
    return { name = "Asks", summary = "x", run = function(a, reply)
      local got = amp.call{ Action = "CoreStatus", timeout = "200ms" }
      reply:ok{ Reason = got.reason }
    end }
"""


@pytest.mark.parametrize("turn", range(3))
def test_f46_timers_tick_in_every_worker(start_proxy, pbx, scripts, workers, turn):
    """On fresh proxies, in which nothing else happens: a timer that was woken early once stood still for good."""
    proxy = start_proxy(
        {"pbx1": pbx}, up=[], scripts={"path": scripts(action_ticking=TICKING), "proxy_actions": ["ticking"]}
    )
    for worker in range(workers):
        proxy.wait_for_line(f"reached fast{worker}")
        proxy.wait_for_line(f"reached slow{worker}")
    proxy.wait_for_line("reached once0")
    assert not [line for line in proxy.lines if re.search(r"reached once[1-9]", line)]


def test_f46_waits_of_actions_end_on_a_quiet_proxy(start_proxy, pbx, scripts, workers):
    """A wait that a client's bytes began: no letter from the hub comes after it that would set the timer."""
    proxy = start_proxy(
        {"pbx1": pbx},
        scripts={"path": scripts(action_sleeps=SLEEPS, action_asks=ASKS), "proxy_actions": ["sleeps", "asks"]},
    )
    clients = [proxy.login("dave", Events="off") for _ in range(workers)]
    for client in clients:
        assert client.ask(ProxyAction="Sleeps", Time="300ms")["Slept"] == "300ms"
    for client in clients:
        client.send(ProxyAction="Asks", ActionID="a")  # the server stays silent
    for client in clients:
        assert client.response("a")["Reason"] == "no answer in time"


def test_f46_scripts_of_before_a_reload_wake_up_under_traffic(reloadable, pbx, scripts):
    """Their timer must not be put off by every turn of the loop."""
    section = {"path": scripts(action_sleeps=SLEEPS), "proxy_actions": ["stock", "sleeps"]}
    proxy, change = reloadable(scripts=section)
    dave = proxy.login("dave", Events="off")
    dave.send(ProxyAction="Sleeps", Time="1s", ActionID="s")
    change(scripts=section)
    proxy.hang_up()
    bill, deadline = proxy.login("bill", Events="off"), Deadline()
    dave.socket.setblocking(False)
    answer = b""
    while not answer and not deadline.passed():
        for _ in range(20):
            bill.ask(Action="Ping")
        with contextlib.suppress(BlockingIOError):
            answer = dave.socket.recv(65536)
    assert b"Slept: 1s" in answer, answer
