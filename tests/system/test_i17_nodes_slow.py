"""A node that is slow: what the clients of the others notice of it."""

import signal
import threading

from harness.cluster import percentile
from harness.limits import DEADLINE


def delays_of(stream, listener, first, last):
    times = listener.times[stream.server]
    return [times[number] - stream.times[number] for number in range(first, last + 1)]


class Throttle:
    """A node that runs for a tenth of the time only."""

    def __init__(self, node):
        self.node = node
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self.ended.wait(0.01):
            self.node.signal(signal.SIGSTOP)
            self.ended.wait(0.09)
            self.node.signal(signal.SIGCONT)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(DEADLINE)


def test_a_slow_node_does_not_delay_the_others(start_cluster):
    """Row: slow node: the others have every event while it is behind, and lose none; nor does it. How much later they have
    them (p99 at most 1.1 times) is measured by `tests/bench/cluster.py slow`."""
    cluster = start_cluster(nodes=3)
    owner, (other, slow) = cluster.owner("pbx1"), cluster.others("pbx1")
    listeners = {node: cluster.listen(node) for node in (owner, other, slow)}
    before, during = [], []
    with cluster.stream("pbx1", rate=500) as stream:
        stream.wait(2000)
        calm = stream.sent
        with Throttle(slow):
            stream.wait(2000)
            for node in (owner, other):
                listeners[node].wait_for_number("pbx1", stream.sent)
    for listener in listeners.values():
        listener.wait_for_number("pbx1", stream.sent)
    first = max(listener.numbers["pbx1"][0] for listener in listeners.values())
    for listener in listeners.values():
        listener.assert_whole("pbx1", first, stream.sent)
    for node in (owner, other):
        before += delays_of(stream, listeners[node], first, calm)
        during += delays_of(stream, listeners[node], calm + 1, stream.sent)
    own = delays_of(stream, listeners[slow], calm + 1, stream.sent)
    for share in (0.5, 0.99):
        calm_s, beside_s, slow_s = (percentile(delays, share) for delays in (before, during, own))
        print(
            f"{share}: {1000 * calm_s:.2f} ms, beside a slow node {1000 * beside_s:.2f} ms, it {1000 * slow_s:.2f} ms"
        )
    for node in (owner, other):
        assert not node.log_contains("events missing") and cluster.owner("pbx1") is owner
