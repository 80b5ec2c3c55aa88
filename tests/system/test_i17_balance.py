"""A node that was drained and started again, as in an upgrade: with `balance_after` it gets its servers back, without it
their owners keep them. Clients notice nothing."""

import datetime
import re
import signal
import threading

from harness.cluster import ask_for_call, expect_one_end
from harness.limits import poll

SERVERS = 6
RATE = 100  # events a second of each server that moves
BALANCE_AFTER_S = 5
# A busy machine may stop the threads of one node's bus for two seconds; the others are not dead for that.
BALANCED = {"dead_after": "5s", "balance_after": f"{BALANCE_AFTER_S}s"}


def score(server, node):
    """How high the node ranks for the server; core/cluster/README.md has the function."""
    value, most = 14695981039346656037, (1 << 64) - 1
    for byte in f"{server}\0{node}".encode():
        value = ((value ^ byte) * 1099511628211) & most
    value = ((value ^ value >> 33) * 0xFF51AFD7ED558CCD) & most
    value = ((value ^ value >> 33) * 0xC4CEB9FE1A85EC53) & most
    return value ^ value >> 33


def test_the_rank_is_that_of_the_program():
    assert score("pbx1", "n1") == 0x7B27736BE47CA15C


def first_in_rank(cluster):
    """Server -> name of the node whose share it is of."""
    return {server: max(cluster.nodes, key=lambda node: score(server, node)) for server in cluster.simulators}


def owners(cluster):
    """Server -> names of the running nodes that own it."""
    return {
        server: [name for name, node in cluster.nodes.items() if node.running() and cluster.owns(node, server)]
        for server in cluster.simulators
    }


def is_balanced(cluster):
    """Does each node own its share, and do the other ones follow it?"""
    return all(
        cluster.owns(node, server) if name == first else cluster.follows(node, server)
        for server, first in first_in_rank(cluster).items()
        for name, node in cluster.nodes.items()
    )


def claims(cluster):
    """What each node has ever claimed: pairs of server and epoch. Other changes are told later: who follows a server
    learns of its new owner when it can, and that owner connects."""
    claim = re.compile(r"cluster server=(\S+) .* claim=([1-9]\d*)")
    return [set(claim.findall("\n".join(node.lines))) for node in cluster.nodes.values()]


def seconds_before_claims(node):
    """For how long the node was there before it first claimed a server."""
    claim = next(line for line in node.lines if re.search(r"cluster server=.* claim=[1-9]", line))
    begun, claimed = (datetime.datetime.fromisoformat(line.split(" ")[0]) for line in (node.lines[0], claim))
    return (claimed - begun).total_seconds()


class Asker:
    """A client that asks the servers in turn, until the block ends. `refused`: answers other than Success."""

    def __init__(self, node, servers):
        self.client, self.servers = node.login(Events="off"), servers
        self.asked, self.refused = 0, []
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self.ended.wait(0.01):
            for server in self.servers:
                answer = self.client.ask(Action="CoreStatus", Server=server)
                self.asked += 1
                if answer["Response"] != "Success":
                    self.refused.append(answer["Message"])

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


class Upgrade:
    """The owner of pbx1, events of all servers that it owns, and who watches them at the other nodes."""

    def __init__(self, cluster, section):
        self.cluster, self.section = cluster, section
        self.name = next(name for name, node in cluster.nodes.items() if node is cluster.owner("pbx1"))
        self.share = [server for server, names in owners(cluster).items() if names == [self.name]]
        self.others = [node for name, node in cluster.nodes.items() if name != self.name]
        self.listeners = [cluster.listen(node) for node in self.others]
        self.streams = [cluster.stream(server, RATE) for server in self.share]
        self.asker = Asker(self.others[0], self.share)

    def __enter__(self):
        for stream in self.streams:
            stream.__enter__()
        for stream in self.streams:
            for listener in self.listeners:
                listener.wait_for_number(stream.server, 1)
        self.asker.__enter__()
        return self

    def __exit__(self, *_):
        self.asker.__exit__()
        for stream in self.streams:
            stream.end()

    def restart(self):
        """Drains the node and starts it again; what it had belongs to others then."""
        old = self.cluster.nodes[self.name]
        old.signal(signal.SIGTERM)
        assert poll(lambda: not old.running())
        old.wait()
        assert poll(lambda: all(len(owners(self.cluster)[server]) == 1 for server in self.share))
        new = self.cluster.start_node(self.name, cluster=self.section)
        for server in self.share:
            new.wait_for_server(server)
        self.listeners.append(self.cluster.listen(new))
        return new

    def go_on(self, seconds):
        for stream in self.streams:
            stream.wait(int(RATE * seconds))

    def assert_whole(self):
        for stream in self.streams:
            for listener in self.listeners:
                listener.wait_for_number(stream.server, stream.sent)
                listener.assert_whole(stream.server, listener.numbers[stream.server][0], stream.sent)
                assert not listener.named("ServerDown", stream.server) and not listener.named("EventsSkipped")
        assert self.asker.asked > 50 and not self.asker.refused, self.asker.refused


def test_i17_a_node_that_comes_again_gets_its_share(start_cluster, workers):
    """By the planned hand-over: 0 lost, 0 twice, 0 refused. Then no server changes its owner any more."""
    cluster = start_cluster(nodes=3, servers=SERVERS, workers=workers, **BALANCED)
    assert poll(lambda: is_balanced(cluster)), owners(cluster)  # whoever came first
    with Upgrade(cluster, BALANCED) as upgrade:
        new = upgrade.restart()
        assert poll(lambda: is_balanced(cluster)), owners(cluster)
        assert seconds_before_claims(new) >= BALANCE_AFTER_S
        before = claims(cluster)
        upgrade.go_on(6)
        assert claims(cluster) == before
    upgrade.assert_whole()
    pauses = [listener.pause(server) for listener in upgrade.listeners for server in upgrade.share]
    print(f"{upgrade.share} moved; longest pause {max(pauses):.3f} s; {upgrade.asker.asked} actions, 0 refused")


def test_i17_a_call_is_told_after_its_server_was_given_back(start_cluster):
    """A late OriginateResponse comes once: to who asked at the former owner, who lives on, and elsewhere."""
    late = {**BALANCED, "balance_after": "10s"}  # there is time to ask before
    cluster = start_cluster(nodes=2, servers=2, **late)
    assert poll(lambda: is_balanced(cluster)), owners(cluster)
    with Upgrade(cluster, late) as upgrade:
        upgrade.restart()
        clients = [node.login() for node in cluster.nodes.values()]
        for client in clients:
            ask_for_call(client, 30000, Server="pbx1")
        assert not is_balanced(cluster)
        assert poll(lambda: is_balanced(cluster)), owners(cluster)
    expect_one_end(clients, "pbx1")


def test_i17_without_the_key_an_owner_keeps_its_servers(start_cluster):
    cluster = start_cluster(nodes=3, servers=SERVERS)
    with Upgrade(cluster, {}) as upgrade:
        new = upgrade.restart()
        before = owners(cluster)
        upgrade.go_on(8)
        assert owners(cluster) == before
        assert not any(cluster.owns(new, server) for server in cluster.simulators)
    upgrade.assert_whole()
