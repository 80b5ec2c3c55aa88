"""An Asterisk that is frozen is told soon, and what the proxy ends itself is no warning."""

import time

from harness.limits import promised
from harness.proxy import Proxy, configuration, server_entry

PROMISE = 15  # seconds, with the default of ping_interval


def entry_by_default(server):
    entry = server_entry(server)
    del entry["ping_interval"]
    return entry


def test_a_frozen_asterisk_is_told_within_15_seconds(launch, simulator, tmp_path, workers):
    """Its process stands still, and its connection stays open. Thawed, it is used again."""
    server = simulator()
    proxy = launch(Proxy, str(tmp_path), configuration([entry_by_default(server)], workers))
    proxy.wait_for_server()
    watcher = proxy.login("dave", Events="on")
    server.process.send_signal(19)  # SIGSTOP
    began = time.monotonic()
    try:
        lost = watcher.read_until(Event="ServerDown")
        took = time.monotonic() - began
    finally:
        server.process.send_signal(18)  # SIGCONT
    assert lost["Server"] == "pbx1" and took < promised(PROMISE), took
    proxy.wait_for_line("warn", "server lost reason=", "no answer to Ping")
    watcher.read_until(Event="ServerUp")


def test_server_lost_is_no_warning_when_the_proxy_ends(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    assert proxy.stop() == 0
    lost = [line for line in proxy.lines if "server lost" in line]
    assert len(lost) == 1 and " info " in lost[0] and "by=proxy" in lost[0], lost


def test_server_lost_is_no_warning_when_it_was_dropped(start_proxy, pbx):
    users = [{"name": "dave", "secret": "dave-SECRET-1", "admin": True}]
    proxy = start_proxy({"pbx1": pbx}, users=users)
    admin = proxy.login("dave")
    admin.ask(ProxyAction="DropServer", Server="pbx1")
    proxy.wait_for_line(" info ", "server lost", "by=proxy")
    assert not proxy.log_contains(" warn ", "server lost")


def test_server_lost_is_a_warning_when_asterisk_closes(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    pbx.go_down()
    proxy.wait_for_line(" warn ", "server lost")
