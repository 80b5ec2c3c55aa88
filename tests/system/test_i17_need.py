"""A node follows the servers that somebody on it needs. Where nobody does, their events do not come; from the login of a
client on, they come, each once."""

import signal
import time

import pytest

from harness.cluster import Listener
from harness.limits import poll, promised, scaled
from harness.metrics import REPORTS, scrape
from harness.resume import KINDS, keeping
from harness.web import ALL_PLUGINS

OLDEST = 4  # seconds: the last heartbeat is at most dead_after old, and this program may be late to read an answer
NOBODY = "events needed=no"
METRICS = {"listen": REPORTS, "plugins": ALL_PLUGINS}


def count(node, text):
    return sum(text in line for line in node.lines)


def wait_until_idle(node, server="pbx1", times=1):
    """Waits until the node has ceased to follow the server, for so many times in all."""
    assert poll(lambda: count(node, f"server={server} {NOBODY}") >= times), node.lines[-5:]


def assert_whole_since_login(listener, stream):
    """The client has got all that was sent after it knew that it is logged in, and nothing twice."""
    at = next(at for at, message in listener.events if message.get("Response") == "Success")
    first = next(number for number, sent in sorted(stream.times.items()) if sent > at)
    assert listener.numbers[stream.server][0] <= first
    listener.wait_for_number(stream.server, stream.sent)
    listener.assert_whole(stream.server, listener.numbers[stream.server][0], stream.sent)
    assert not listener.named("EventsSkipped")
    return first - listener.numbers[stream.server][0]


def test_i17_a_node_that_needs_nothing_gets_no_events(start_cluster, workers):
    """At 500 events a second: what the NATS server sends to a node without clients, and what one gets that logs in."""
    cluster = start_cluster(nodes=3, workers=workers, sections=METRICS)
    busy, idle = cluster.others("pbx1")
    witness = cluster.listen(busy)
    with cluster.stream("pbx1", rate=500) as stream:
        wait_until_idle(idle)
        witness.wait_for_number("pbx1", stream.sent)
        begun = time.monotonic()
        before = {node: scrape(node) for node in (busy, idle)}
        first = stream.sent
        stream.wait(2000)
        events = stream.sent - first
        grown = {
            node: [
                scrape(node).sum(name) - before[node].sum(name)
                for name in ("astmanproxy_bus_received_total", "astmanproxy_bus_received_bytes_total")
            ]
            for node in (busy, idle)
        }
        took = time.monotonic() - begun
        print(f"{events} events in {took:.1f} s; messages and bytes: needed {grown[busy]}, not needed {grown[idle]}")
        listener = cluster.listen(idle)
        assert poll(lambda: listener.numbers)
        stream.wait(500)
    earlier = assert_whole_since_login(listener, stream)
    print(f"{earlier} events from before the login")
    assert grown[busy][1] > 100 * events
    assert grown[idle][0] <= 10 + 8 * took and grown[idle][1] <= 10_000 + 4_000 * took  # heartbeats of two nodes
    witness.wait_for_number("pbx1", stream.sent)
    witness.assert_whole("pbx1", witness.numbers["pbx1"][0], stream.sent)
    assert earlier <= 500 * promised(OLDEST)


def test_i17_an_action_needs_no_events(start_cluster):
    """A node that follows nothing knows the servers, and uses them at once; it tells when one goes down."""
    cluster = start_cluster(nodes=2, servers=2)
    (idle,) = cluster.others("pbx1")
    wait_until_idle(idle)
    client = idle.login(Events="off")
    assert client.ask(Action="CoreStatus", Server="pbx1")["Response"] == "Success"
    assert "I: pbx1 " in client.ask(ProxyAction="ListServers").text
    client.close()
    wait_until_idle(idle, times=2)
    owner = cluster.owner("pbx1")
    cluster.simulators["pbx1"].stop()
    assert poll(lambda: owner.log_contains("server lost"))
    client = idle.login()
    assert poll(lambda: "down" in client.ask(ProxyAction="ListServers").text.lower())


def test_i17_clients_come_and_go(start_cluster, workers):
    """Nobody, somebody, nobody …: each client gets all from its login on, once, and those of other nodes notice nothing."""
    cluster = start_cluster(nodes=3, workers=workers)
    busy, idle = cluster.others("pbx1")
    witness = cluster.listen(busy)
    with cluster.stream("pbx1", rate=500) as stream:
        for round_ in range(1, scaled(2) + 1):
            wait_until_idle(idle, times=round_)
            listeners = []
            for _ in range(5):
                listeners.append(Listener(idle))
                stream.wait(37)
            stream.wait(200)
            last = stream.sent
            for listener in listeners:
                listener.wait_for_number("pbx1", last)
                at = next(at for at, message in listener.events if message.get("Response") == "Success")
                first = next(number for number, sent in sorted(stream.times.items()) if sent > at)
                listener.assert_whole("pbx1", min(first, listener.numbers["pbx1"][0]), last)
                assert not listener.named("EventsSkipped")
                listener.close()
    witness.wait_for_number("pbx1", stream.sent)
    witness.assert_whole("pbx1", witness.numbers["pbx1"][0], stream.sent)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_i17_the_owner_changes_while_nobody_listens(start_cluster, how):
    """A node that hears nothing knows who owns the server now; a client that logs in gets the new owner's events."""
    cluster = start_cluster(nodes=3)
    old, (one, two) = cluster.owner("pbx1"), cluster.others("pbx1")
    with cluster.stream("pbx1", rate=500) as stream:
        for node in (one, two):
            wait_until_idle(node)
        old.signal(how)
        old.wait()
        assert poll(lambda: cluster.owns(one, "pbx1") or cluster.owns(two, "pbx1"))
        owner, idle = (one, two) if cluster.owns(one, "pbx1") else (two, one)
        idle.wait_for_server("pbx1")
        listeners = [cluster.listen(idle), cluster.listen(owner)]
        assert poll(lambda: all(listener.numbers for listener in listeners))
        stream.wait(500)
    for listener in listeners:
        assert_whole_since_login(listener, stream)


def test_i17_a_standby_node_follows_without_clients(start_cluster):
    """Row: owner kill -9 with standby: 0 lost, 0 twice: the node that stands by has had no client for long."""
    cluster = start_cluster(nodes=3, standby=1)
    assert poll(lambda: any(cluster.is_warm(node, "pbx1") for node in cluster.nodes.values()))
    old = cluster.owner("pbx1")
    heir = next(node for node in cluster.nodes.values() if cluster.is_warm(node, "pbx1"))
    watch = next(node for node in cluster.nodes.values() if node not in (old, heir))
    listener = cluster.listen(watch)
    with cluster.stream("pbx1", rate=500) as stream:
        begun = time.monotonic()
        assert poll(lambda: time.monotonic() - begun > 8)  # longer than a node follows what nobody needs
        assert not count(heir, f"server=pbx1 {NOBODY}")
        cluster.kill(old)
        assert poll(lambda: cluster.owns(heir, "pbx1"))
        stream.wait(500)
    listener.wait_for_number("pbx1", stream.sent)
    listener.assert_whole("pbx1", listener.numbers["pbx1"][0], stream.sent)
    assert not listener.named("ServerDown") and not listener.named("EventsSkipped")


def test_i17_what_is_kept_for_a_client_is_needed(start_cluster):
    """A client that comes back after longer than a node follows what nobody needs has missed nothing."""
    cluster = start_cluster(nodes=2, sections=keeping({}))
    (node,) = cluster.others("pbx1")
    client = KINDS["plain"](node)
    client.connect()
    numbers = []

    def take_until(number):
        while not numbers or numbers[-1] < number:
            item = client.read()
            if "Number" in item.headers:
                numbers.append(int(item.headers["Number"]))

    with cluster.stream("pbx1", rate=100) as stream:
        take_until(20)
        client.drop()
        stream.wait(800)
        assert not count(node, f"server=pbx1 {NOBODY}")
        client.connect()
        assert client.how.name == "Resumed", client.how
        stream.wait(50)
    take_until(stream.sent)
    assert numbers == list(range(numbers[0], stream.sent + 1))
