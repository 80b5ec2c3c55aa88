"""Exports in a cluster: each node has the entry, and only the owner of a server exports its events."""

import collections

from harness.limits import poll
from harness.receiver import export
from harness.web import ALL_PLUGINS


def numbers_of(receiver):
    """How often each number was posted, by server."""
    found = collections.defaultdict(collections.Counter)
    for message in receiver.messages():
        if message.get("UserEvent") == "tick":
            found[message["Of"]][int(message["Number"])] += 1
    return found


def start(start_cluster, receiver, **options):
    entry = export(receiver, events=["user"], batch=50)
    sections = {"exports": [entry], "plugins": ALL_PLUGINS, "limits": {"drain": "5s"}}
    return start_cluster(nodes=2, sections=sections, **options)


def test_i17_exports_are_the_owners(start_cluster, receiver, workers):
    cluster = start(start_cluster, receiver, servers=4, workers=workers)
    sent = {}
    for server in cluster.simulators:
        with cluster.stream(server, rate=200) as stream:
            stream.wait(100)
        sent[server] = stream.sent
    assert poll(lambda: all(len(numbers_of(receiver)[server]) >= count for server, count in sent.items())), (
        {server: len(numbers) for server, numbers in numbers_of(receiver).items()},
        sent,
    )
    for server, count in sent.items():
        assert numbers_of(receiver)[server] == collections.Counter(range(1, count + 1)), server


def test_i17_exports_go_on_at_the_next_owner(start_cluster, receiver):
    """A planned change of the owner: nothing lost, nothing twice."""
    cluster = start(start_cluster, receiver)
    owner = cluster.owner("pbx1")
    with cluster.stream("pbx1", rate=200) as stream:
        stream.wait(100)
        assert owner.stop() == 0
        stream.wait(100)
    sent = stream.sent
    assert poll(lambda: sent in numbers_of(receiver)["pbx1"])
    numbers = numbers_of(receiver)["pbx1"]
    missing = [number for number in range(1, sent + 1) if number not in numbers]
    twice = [number for number, count in numbers.items() if count > 1]
    assert not missing and not twice, (len(missing), missing[:5], len(twice), twice[:5])
