"""A server goes from one node to another: planned, after a crash with standby, and back after a partition. Clients get
each event once."""

import collections
import signal
import threading
import time

import pytest

from harness.cluster import ask_for_call, expect_one_end
from harness.limits import poll, promised, scaled
from harness.relay import Relay
from harness.takeover import take_over

WARM = 400  # events of 500 a second: a standby needs a heartbeat of the owner after its own login


def follow_all(cluster):
    """A listener at each node."""
    return {name: cluster.listen(node) for name, node in cluster.nodes.items()}


def begin(listeners, stream):
    for listener in listeners:
        listener.wait_for_number(stream.server, 1)
    stream.wait(200)


def other_owner(cluster, old, server="pbx1"):
    """Another node than `old` owns the server, and nobody besides."""
    found = poll(
        lambda: [
            node for node in cluster.nodes.values() if node is not old and node.running() and cluster.owns(node, server)
        ]
    )
    assert found, "nobody else owns it"
    return found[0]


def test_a_drained_owner_gives_its_servers_away(start_cluster):
    """Row: owner drained: 0 lost, 0 twice, 0 refused."""
    cluster = start_cluster(nodes=3)
    old, others = cluster.owner("pbx1"), cluster.others("pbx1")
    listeners = [cluster.listen(node) for node in others]
    asker = others[0].login(Events="off")
    refused = asked = 0
    reasons = set()
    with cluster.stream("pbx1", rate=500) as stream:
        begin(listeners, stream)
        old.signal(signal.SIGTERM)
        begun = time.monotonic()
        while old.running():
            answer = asker.ask(Action="CoreStatus", Server="pbx1")
            refused += answer["Response"] != "Success"
            reasons.add(answer.get("Message"))
            asked += 1
        took = time.monotonic() - begun
        old.wait()
        other_owner(cluster, old)
        stream.wait(300)
    for listener in listeners:
        listener.wait_for_number("pbx1", stream.sent)
        listener.assert_whole("pbx1", listener.numbers["pbx1"][0], stream.sent)
        assert not listener.named("ServerDown") and not listener.named("EventsSkipped")
    print(f"drained in {took:.2f} s; {asked} actions, {refused} refused; pause {listeners[0].pause('pbx1'):.3f} s")
    assert refused == 0, reasons


class Askers:
    """Clients that ask one question after the other, until the block ends."""

    def __init__(self, nodes, count):
        self.clients = [node.login(Events="off") for node in nodes for _ in range(count)]
        self.answers = collections.Counter()  # by their message
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(client,)) for client in self.clients]

    def _run(self, client):
        while not self.ended.is_set():
            answer = client.ask(Action="CoreStatus", Server="pbx1")
            self.answers[answer["Response"] if answer["Response"] == "Success" else answer["Message"]] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        assert poll(lambda: self.answers.total() > 20 * len(self.threads))
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("how", ["drained", "taken over"])
def test_i17_actions_over_several_nats_servers_find_the_new_owner(start_cluster, how):
    """Row: owner drained, SIGUSR2: 0 refused. Each node has a NATS server of its own, so that actions are on their way
    between two of them while their server changes hands."""
    cluster = start_cluster(nodes=2, servers=2, nats=3, spread=0.05)
    asking = cluster.start_node("n3", servers=["pbx2"])  # a node that never owns pbx1
    asking.wait_for_server("pbx1")
    with Askers([asking], 16) as askers:
        old = cluster.owner("pbx1")
        old.make_readable()
        for _ in range(scaled(3)):
            begun = time.monotonic()
            if how == "drained":
                old = cluster.owner("pbx1")
                name = next(name for name, node in cluster.nodes.items() if node is old)
                old.signal(signal.SIGTERM)
                assert poll(lambda old=old: not old.running())
                cluster.start_node(name).wait_for_server("pbx1")
            else:
                earlier = take_over(old)
                assert poll(lambda earlier=earlier: earlier.poll() is not None)
            print(f"{how} in {time.monotonic() - begun:.2f} s")
            now = askers.answers.total()
            assert poll(lambda now=now: askers.answers.total() > now + 200)
    assert set(askers.answers) == {"Success"}, askers.answers


def test_a_killed_owner_has_a_standby(start_cluster):
    """Row: owner kill -9 with standby: 0 lost, 0 twice."""
    cluster = start_cluster(nodes=3, standby=1)
    old, others = cluster.owner("pbx1"), cluster.others("pbx1")
    assert poll(lambda: any(node.log_contains("server up banner=") for node in others))
    listeners = [cluster.listen(node) for node in others]
    with cluster.stream("pbx1", rate=500) as stream:
        begin(listeners, stream)
        stream.wait(WARM)
        killed = time.monotonic()
        cluster.kill(old)
        other_owner(cluster, old)
        took = time.monotonic() - killed
        stream.wait(300)
    for listener in listeners:
        listener.wait_for_number("pbx1", stream.sent)
        listener.assert_whole("pbx1", listener.numbers["pbx1"][0], stream.sent)
        assert not listener.named("ServerDown") and not listener.named("EventsSkipped")
    print(f"another owner after {took:.2f} s; pause {listeners[0].pause('pbx1'):.3f} s")
    assert took <= promised(3.5)


def test_owners_are_killed_again_and_again(start_cluster):
    """Row: owner kill -9, 20 times at 500 events/s (2 times, unless AMP_SCALE says more)."""
    cluster = start_cluster(nodes=3, servers=2, standby=1)
    watch = cluster.start_node("n9", servers=["pbx2"], cluster={"standby": 1})  # a node that never owns pbx1
    watch.wait_for_server("pbx1")
    listener = cluster.listen(watch)
    times = []
    with cluster.stream("pbx1", rate=500) as stream:
        begin([listener], stream)
        for round_ in range(scaled(2)):
            old = cluster.owner("pbx1")
            name = next(name for name, node in cluster.nodes.items() if node is old)
            assert poll(lambda: any(cluster.is_warm(node, "pbx1") for node in cluster.nodes.values()))
            stream.wait(WARM)
            killed = time.monotonic()
            cluster.kill(old)
            other_owner(cluster, old)
            times.append(time.monotonic() - killed)
            cluster.start_node(name, cluster={"standby": 1})
            stream.wait(250)
            missing, twice = listener.report("pbx1", 1, stream.sent - 50)
            print(f"round {round_}: another owner after {times[-1]:.2f} s, {len(missing)} lost, {len(twice)} twice")
    listener.wait_for_number("pbx1", stream.sent)
    listener.assert_whole("pbx1", listener.numbers["pbx1"][0], stream.sent)
    assert not listener.named("ServerDown", "pbx1") and max(times) <= promised(3.5)


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_one_of_three_nats_servers_dies(start_cluster, how):
    """Row: one nats-server killed / stopped: 0 lost; pause at most 1 s / 3 s."""
    cluster = start_cluster(nodes=3, nats=3)
    listeners = list(follow_all(cluster).values())
    with cluster.stream("pbx1", rate=500) as stream:
        begin(listeners, stream)
        getattr(cluster.nats.servers[0], how)()
        stream.wait(2500)
    for listener in listeners:
        listener.wait_for_number("pbx1", stream.sent)
        listener.assert_whole("pbx1", listener.numbers["pbx1"][0], stream.sent)
    pauses = [listener.pause("pbx1") for listener in listeners]
    print(f"{how}: pauses {[round(pause, 2) for pause in pauses]}")
    assert max(pauses) <= promised(1 if how == "kill" else 3)


def test_actions_end_while_a_nats_server_dies(start_cluster):
    """Whatever is lost on the bus, each action has one answer soon, and is not executed twice."""
    cluster = start_cluster(nodes=3, nats=3)
    (one, two) = cluster.others("pbx1")
    clients = [node.login(Events="off") for node in (one, two) for _ in range(10)]
    slowest, failed, asked = [], [], []
    ended = threading.Event()

    def run(client):
        while not ended.is_set():
            begin = time.monotonic()
            answer = client.ask(Action="CoreStatus", Server="pbx1")
            slowest.append(time.monotonic() - begin)
            asked.append(1)
            if answer["Response"] != "Success":
                failed.append(answer["Message"])

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    assert poll(lambda: len(asked) > 200)
    for server in cluster.nats.servers[:2]:
        server.kill()
        now = len(asked)
        assert poll(lambda now=now: len(asked) > now + 2000)
    ended.set()
    for thread in threads:
        thread.join()
    executed = cluster.asked("pbx1", "CoreStatus")
    print(
        f"{len(asked)} actions, {len(failed)} failed {set(failed)}; slowest {max(slowest):.2f} s; {executed} executed"
    )
    assert max(slowest) <= promised(6) and executed <= len(asked)


def test_all_nats_servers_are_away(start_cluster):
    """Row: all nats-servers away for 30 s (2 s, unless AMP_SCALE says more): each client keeps each server within 5 s;
    afterwards one owner again within 5 s; 0 twice."""
    cluster = start_cluster(nodes=3)
    listeners = follow_all(cluster)
    with cluster.stream("pbx1", rate=300) as stream:
        begin(listeners.values(), stream)
        owner = cluster.owner("pbx1")
        cluster.nats.servers[0].kill()
        away = time.monotonic()
        assert poll(
            lambda: all(node is owner or cluster.log_tells(node, "hold=local") for node in cluster.nodes.values())
        )
        for node in cluster.nodes.values():
            node.wait_for_server("pbx1")
        alone = time.monotonic() - away
        for _ in range(scaled(1)):
            stream.wait(600)
        for listener in listeners.values():
            listener.wait_for_number("pbx1", stream.sent - 5)
        cluster.nats.servers[0].start()
        back = time.monotonic()
        owner = cluster.owner("pbx1")
        assert poll(lambda: all(cluster.follows(node, "pbx1") for node in cluster.nodes.values() if node is not owner))
        healed = time.monotonic() - back
        stream.wait(900)
        first_whole = stream.sent - 800
    for listener in listeners.values():
        listener.wait_for_number("pbx1", stream.sent)
        numbers = listener.numbers["pbx1"]
        missing, twice = listener.report("pbx1", numbers[0], numbers[-1])
        assert not twice, twice[:20]
        assert not missing or listener.named("ServerDown", "pbx1")  # it is told
        listener.assert_whole("pbx1", first_whole, stream.sent)
        print(f"missing {len(missing)}")
    print(f"alone after {alone:.2f} s, one owner again {healed:.2f} s after")
    assert alone <= promised(5) and healed <= promised(5)


def test_a_sleeping_owner_wakes(start_cluster):
    """Row: proxy stopped for 10 s and continued: it wakes as an old owner; nobody sees an event twice."""
    cluster = start_cluster(nodes=3)
    old = cluster.owner("pbx1")
    listeners = follow_all(cluster)
    with cluster.stream("pbx1", rate=200) as stream:
        begin(listeners.values(), stream)
        old.signal(signal.SIGSTOP)
        new = other_owner(cluster, old)
        stream.wait(1500)
        old.signal(signal.SIGCONT)
        assert poll(lambda: cluster.follows(old, "pbx1"))
        stream.wait(400)
        first_whole = stream.sent - 300
    for listener in listeners.values():
        listener.wait_for_number("pbx1", stream.sent)
        numbers = listener.numbers["pbx1"]
        assert not listener.report("pbx1", numbers[0], numbers[-1])[1]
        listener.assert_whole("pbx1", first_whole, stream.sent)
    assert cluster.owner("pbx1") is new


def test_a_server_that_one_node_does_not_reach(start_cluster):
    """Row: Asterisk out of reach from one node only: another node owns it."""
    cluster = start_cluster(nodes=2, up=False, only={"pbx1": "n2"})
    for node in cluster.nodes.values():
        node.wait_for_server("pbx1")
    assert cluster.owner("pbx1") is cluster.nodes["n2"]


def test_i17_an_owner_loses_the_way_to_its_server(start_cluster):
    """Row: Asterisk out of reach from one node only: another node owns it, and each event comes once."""
    cluster = start_cluster(nodes=0, up=False)
    with Relay(*cluster.simulators["pbx1"].address, 0) as way:
        cluster.start_node("n1", ports={"pbx1": way.port}).wait_for_server("pbx1")
        cluster.start_node("n2").wait_for_server("pbx1")
        old = cluster.owner("pbx1")
        assert old is cluster.nodes["n1"]  # it was there first
        listeners = follow_all(cluster)
        with cluster.stream("pbx1", rate=200) as stream:
            begin(listeners.values(), stream)
            cut = time.monotonic()
            way.close()
            other_owner(cluster, old)
            took = time.monotonic() - cut
            for node in cluster.nodes.values():
                node.wait_for_server("pbx1")
            first_whole = stream.sent + 1
            stream.wait(200)
        for listener in listeners.values():
            listener.wait_for_number("pbx1", stream.sent)
            assert not listener.report("pbx1", listener.numbers["pbx1"][0], stream.sent)[1]
            listener.assert_whole("pbx1", first_whole, stream.sent)
    print(f"another owner after {took:.2f} s")
    assert took <= promised(3.5)


def test_an_owner_is_taken_over_by_a_new_process(start_cluster):
    """Row: SIGUSR2: 0 lost, 0 twice, 0 refused."""
    cluster = start_cluster(nodes=2)
    old, (other,) = cluster.owner("pbx1"), cluster.others("pbx1")
    old.make_readable()
    listener = cluster.listen(other)
    asker = other.login(Events="off")
    refused = asked = 0
    reasons = set()
    with cluster.stream("pbx1", rate=500) as stream:
        begin([listener], stream)
        begun = time.monotonic()
        earlier = take_over(old)
        while earlier.poll() is None:
            answer = asker.ask(Action="CoreStatus", Server="pbx1")
            refused += answer["Response"] != "Success"
            reasons.add(answer.get("Message"))
            asked += 1
        took = time.monotonic() - begun
        stream.wait(300)
        answer = asker.ask(Action="CoreStatus", Server="pbx1")
        assert answer["Response"] == "Success"
    listener.wait_for_number("pbx1", stream.sent)
    listener.assert_whole("pbx1", listener.numbers["pbx1"][0], stream.sent)
    assert not listener.named("ServerDown")
    print(f"taken over in {took:.2f} s; {asked} actions, {refused} refused; pause {listener.pause('pbx1'):.3f} s")
    assert refused == 0, reasons


def changes(node, server="pbx1"):
    """How often the owner of the server was another one, as the node has seen it."""
    return sum(f"cluster server={server} " in line for line in node.lines)


@pytest.mark.parametrize("how", ["drained", "taken over"])
def test_i17_a_call_is_told_after_its_server_has_another_owner(start_cluster, how):
    """A late OriginateResponse comes over a hand-over: once, with the id of who asked, wherever that is."""
    cluster = start_cluster(nodes=3, sections={"limits": {"drain": "60s"}})
    old = cluster.owner("pbx1")
    old.make_readable()
    clients = [node.login() for node in cluster.others("pbx1")]
    for client in clients:
        ask_for_call(client, 8000)
    follower = next(node for node in cluster.nodes.values() if node is not old)
    before = changes(follower)
    if how == "drained":
        old.signal(signal.SIGTERM)
    else:
        take_over(old)
    assert poll(lambda: changes(follower) > before)
    expect_one_end(clients, "pbx1")
