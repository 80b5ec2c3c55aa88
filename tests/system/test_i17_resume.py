"""Clients that come back (`resume`) in a cluster: to the node that keeps what they missed, over a change of the owner, and to
another node."""

import signal

import pytest

from harness.limits import poll
from harness.resume import KINDS, keeping


@pytest.fixture(params=["events", "plain"])
def kind(request):
    return KINDS[request.param]


class Numbered:
    """A client that comes back, and the numbers that it has got."""

    def __init__(self, client):
        self.client = client
        self.numbers = []

    def take_until(self, number):
        while not self.numbers or self.numbers[-1] < number:
            item = self.client.read()
            if "Number" in item.headers:
                self.numbers.append(int(item.headers["Number"]))

    def assert_whole(self, last):
        assert self.numbers == list(range(self.numbers[0], last + 1))


def owns(cluster, node):
    return poll(lambda: cluster.owns(node, "pbx1"))


def test_i17_resume_over_a_change_of_the_owner(start_cluster, kind, workers):
    """The client is away while the owner gives its server to the client's node: nothing is lost, nothing comes twice."""
    cluster = start_cluster(nodes=2, workers=workers, sections=keeping({}))
    old, (node,) = cluster.owner("pbx1"), cluster.others("pbx1")
    follower = Numbered(kind(node))
    follower.client.connect()
    with cluster.stream("pbx1", rate=200) as stream:
        follower.take_until(50)
        follower.client.drop()
        old.signal(signal.SIGTERM)
        old.wait()
        assert poll(lambda: node.log_contains("cluster server=pbx1", "source=lane"))
        stream.wait(50)
        follower.client.connect()
        assert follower.client.how.name == "Resumed", follower.client.how
        stream.wait(50)
    follower.take_until(stream.sent)
    follower.assert_whole(stream.sent)


def test_i17_resume_when_another_node_becomes_the_owner(start_cluster, kind):
    """The client's node follows one owner and then another, or owns the server then, and keeps what the client missed."""
    cluster = start_cluster(nodes=3, sections=keeping({}))
    old, (node, _) = cluster.owner("pbx1"), cluster.others("pbx1")
    follower = Numbered(kind(node))
    follower.client.connect()
    with cluster.stream("pbx1", rate=200) as stream:
        follower.take_until(50)
        follower.client.drop()
        old.signal(signal.SIGTERM)
        stream.wait(100)
        follower.client.connect()  # the change may be under way
        assert follower.client.how.name == "Resumed", follower.client.how
        old.wait()
        cluster.owner("pbx1")
        stream.wait(50)
    follower.take_until(stream.sent)
    follower.assert_whole(stream.sent)


def test_i17_resume_at_another_node_begins_anew(start_cluster, kind):
    """What a node keeps it does not give to others: the client is told that it missed something."""
    cluster = start_cluster(nodes=2, sections=keeping({}))
    first, second = cluster.nodes.values()
    follower = Numbered(kind(first))
    follower.client.connect()
    with cluster.stream("pbx1", rate=200) as stream:
        follower.take_until(50)
        follower.client.drop()
        moved = Numbered(kind(second))
        moved.client.connect(follower.client.id)
        assert moved.client.how.name == "EventsSkipped", moved.client.how
        stream.wait(50)
        moved.take_until(stream.sent)
        numbers = moved.numbers
        assert numbers == list(range(numbers[0], numbers[-1] + 1))  # from there on it gets each once
