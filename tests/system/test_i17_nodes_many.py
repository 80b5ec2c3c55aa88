"""Many servers: how evenly owners are spread, and who sees what."""

import collections
import re

from harness.cluster import percentile
from harness.limits import DEADLINE, poll

SERVERS = 200


def owners(cluster):
    """How many servers each node owns, as far as the logs tell."""
    counts = collections.Counter()
    for name, node in cluster.nodes.items():
        last = {}
        for line in node.lines:
            found = re.search(r" cluster server=(\S+) .* claim=(\d+) ", line)
            if found:
                last[found.group(1)] = int(found.group(2))
        counts[name] = sum(claim > 0 for claim in last.values())
    return counts


def is_spread(cluster):
    """Each node has its share, give or take a fifth."""
    mean = SERVERS / len(cluster.nodes)
    counts = owners(cluster)
    return sum(counts.values()) == SERVERS and all(0.8 * mean <= count <= 1.2 * mean for count in counts.values())


def test_two_hundred_servers_are_spread(start_cluster):
    """Row: 200 simulated servers on 3 nodes: owners are spread within 20 %, whichever node came first. What heartbeats
    cost is measured by `tests/bench/cluster.py many`."""
    log = {"level": "info", "repeat_lines": 0}  # each change of an owner is a line
    cluster = start_cluster(nodes=3, servers=SERVERS, most=1, up=False, sections={"log": log}, balance_after="2500ms")
    assert poll(lambda: is_spread(cluster), 4 * DEADLINE, pause=0.2), owners(cluster)


def test_four_servers_are_followed_everywhere(start_cluster):
    """Row: 4 servers with 100 events/s each: every event at every node. Prints what another node's clients wait longer
    than the owner's; `tests/bench/cluster.py servers` measures it."""
    cluster = start_cluster(nodes=3, servers=4)
    listeners = {name: cluster.listen(node) for name, node in cluster.nodes.items()}
    for listener in listeners.values():
        listener.wait_for_login()
    streams = [cluster.stream(server, rate=100) for server in cluster.simulators]
    for stream in streams:
        stream.__enter__()
    streams[0].wait(1000)
    for stream in streams:
        stream.end()
    own, others = [], []
    for stream in streams:
        owner = cluster.owner(stream.server)
        for name, listener in listeners.items():
            listener.wait_for_number(stream.server, stream.sent)
            delays = others if cluster.nodes[name] is not owner else own
            delays += [at - stream.times[number] for number, at in listener.times[stream.server].items()]
    for share in (0.5, 0.99):
        added = percentile(others, share) - percentile(own, share)
        print(f"{share}: owner {1000 * percentile(own, share):.2f} ms, others {1000 * added:.2f} ms more")
    assert len(others) == 2 * len(own)
