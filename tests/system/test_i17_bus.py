"""The bus of a cluster: the proxy starts and serves whatever NATS does, connects by itself, and ends quickly."""

import signal
import time

import pytest

from harness.limits import Deadline, promised
from harness.metrics import REPORTS, grown, scrape, settled
from harness.nats import NatsClient
from harness.web import ALL_PLUGINS


@pytest.fixture
def start_node(start_proxy, pbx):
    """A proxy in a cluster, whose metrics can be read. It owns its Asterisk after `dead_after`, which nobody waits for."""

    def start(cluster, **sections):
        return start_proxy({"pbx1": pbx}, up=[], plugins=ALL_PLUGINS, listen=REPORTS, cluster=cluster, **sections)

    return start


def serves(proxy):
    """Do clients get answers, and soon?"""
    begin = time.monotonic()
    client = proxy.login("dave", Events="off")
    client.send(Action="Ping", ActionID="p")
    assert client.response("p")["Ping"] == "Pong"
    client.close()
    assert time.monotonic() - begin < promised(5)


def test_without_the_section_there_is_no_bus(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS, listen=REPORTS)
    assert not [name for name in scrape(proxy).names() if "_bus_" in name]
    assert not proxy.log_contains("bus ")


def test_a_node_connects(start_node, nats):
    proxy = start_node(nats.section("n1"))
    proxy.wait_for_line("bus connected", f"url={nats.urls[0]}")
    settled(proxy, "bus_up", 1)
    assert scrape(proxy).value("astmanproxy_bus_connections_total") == 1
    serves(proxy)


def test_a_node_serves_without_nats_and_connects_when_it_is_there(start_node, nats):
    nats.servers[0].kill()
    proxy = start_node(nats.section("n1"))
    serves(proxy)
    proxy.wait_for_line("bus not connected", 'reason="nobody listens there"')
    settled(proxy, "bus_up", 0)
    nats.servers[0].start()
    proxy.wait_for_line("bus connected")
    settled(proxy, "bus_up", 1)
    assert sum("bus not connected" in line and " warn " in line for line in proxy.lines) == 1  # told once


def test_a_lost_connection_is_made_again(start_node, nats):
    proxy = start_node(nats.section("n1"))
    proxy.wait_for_line("bus connected")
    before = scrape(proxy)
    nats.servers[0].kill()
    proxy.wait_for_line("bus lost")
    serves(proxy)
    nats.servers[0].start()
    grown(proxy, before, "bus_connections_total", 1)
    grown(proxy, before, "bus_losses_total", 1)


def test_another_server_is_used_if_one_is_killed(start_node, nats_servers):
    nats = nats_servers(3)
    proxy = start_node(nats.section("n1"))
    proxy.wait_for_line("bus connected", f"url={nats.urls[0]}")
    nats.servers[0].kill()
    proxy.wait_for_line("bus connected", f"url={nats.urls[1]}", seconds=promised(5))
    nats.servers[1].kill()
    proxy.wait_for_line("bus connected", f"url={nats.urls[2]}", seconds=promised(5))
    nats.servers[0].start()
    nats.servers[2].kill()
    proxy.wait_until(lambda lines: sum(f"bus connected url={nats.urls[0]}" in line for line in lines) == 2, "again")


def test_a_server_that_hangs_holds_nobody_up(start_node, nats_servers):
    nats = nats_servers(2)
    proxy = start_node(nats.section("n1"))
    proxy.wait_for_line("bus connected", f"url={nats.urls[0]}")
    nats.servers[0].freeze()
    deadline = Deadline(30)
    while not proxy.log_contains("bus connected", f"url={nats.urls[1]}"):
        serves(proxy)
        assert not deadline.passed()
    assert proxy.log_contains("bus lost", 'reason="the NATS server does not answer pings"')
    nats.servers[1].freeze()
    serves(proxy)


def test_the_end_is_quick_whatever_nats_does(start_node, nats, pbx):
    proxy = start_node(nats.section("n1"))
    proxy.wait_for_line("bus connected")
    nats.servers[0].freeze()
    begin = time.monotonic()
    proxy.signal(signal.SIGTERM)
    assert proxy.wait() == 0
    assert time.monotonic() - begin < promised(10)  # a drain without sessions, and at most two seconds for the bus


def test_the_end_is_quick_while_it_connects_to_one_that_hangs(start_node, nats):
    nats.servers[0].freeze()
    proxy = start_node(nats.section("n1"))
    proxy.wait_for_line("bus not connected", 'reason="no answer in time"')
    begin = time.monotonic()
    proxy.signal(signal.SIGTERM)
    assert proxy.wait() == 0
    assert time.monotonic() - begin < promised(10)


def test_a_reload_keeps_the_bus_and_says_what_needs_a_restart(reloadable, nats):
    proxy, change = reloadable(cluster=nats.section("n1"))
    proxy.wait_for_line("bus connected")
    change(cluster=nats.section("n2", dead_after="5s", user="u", secret="node-SECRET-8"))
    proxy.hang_up()
    proxy.wait_for_line("setting not in force:", "cluster.node changed from n1 to n2: needs a restart")
    proxy.wait_for_line("setting not in force:", "cluster.dead_after changed from 2500ms to 5s")
    proxy.wait_for_line("setting not in force:", "cluster.secret changed: needs a restart")
    assert "node-SECRET-8" not in proxy.log()
    assert not proxy.log_contains("bus lost")


def test_what_others_publish_harms_nobody(start_node, nats):
    proxy = start_node(nats.section("n1"))
    proxy.wait_for_line("bus connected")
    with NatsClient(nats.servers[0]) as client:
        for subject in ("node.x", "ev.pbx1", "do.pbx1", "state.pbx1", "gap.pbx1"):
            client.publish(f"amp.c1.{subject}", b"nothing that a node would send", Amp="99")
            client.publish(f"amp.c1.{subject}", b"\0\xff" * 1000, reply="amp.c1.re.y")
        client.flush()
    serves(proxy)
