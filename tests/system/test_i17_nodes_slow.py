"""A node that is slow: what the clients of the others notice of it."""

import signal

# A node is dead after that time without a heartbeat; the slow one stands still for less.
DEAD_AFTER_S = 15


def test_a_slow_node_does_not_delay_the_others(start_cluster):
    """Row: slow node, at its worst: it stands still, and the others have every event meanwhile; it has them afterwards.
    How much later the others have them beside a node that is slow (p99 at most 1.1 times) is measured by
    `tests/bench/cluster.py slow`."""
    cluster = start_cluster(nodes=3, dead_after=f"{DEAD_AFTER_S}s")
    owner, (other, slow) = cluster.owner("pbx1"), cluster.others("pbx1")
    listeners = {node: cluster.listen(node) for node in (owner, other, slow)}
    with cluster.stream("pbx1", rate=500) as stream:
        for listener in listeners.values():
            listener.wait_for_number("pbx1", 1)
        slow.signal(signal.SIGSTOP)
        try:
            stream.wait(2000)
            for node in (owner, other):
                listeners[node].wait_for_number("pbx1", stream.sent)
        finally:
            slow.signal(signal.SIGCONT)
        last = stream.sent
        listeners[slow].wait_for_number("pbx1", last)
    first = max(listener.numbers["pbx1"][0] for listener in listeners.values())
    for listener in listeners.values():
        listener.assert_whole("pbx1", first, last)
    for node in (owner, other):
        assert not node.log_contains("events missing") and cluster.owner("pbx1") is owner
