"""How long the tests wait, and how long the long ones run: read once from the environment.

Every wait of the harness ends at a deadline of its own; none sleeps. AMP_DEADLINE (seconds) is far above what
anything takes, as a machine may be busy; it is raised for valgrind. AMP_SCALE multiplies the counts of the rows of the reliability table that run short by default.
"""

import os
import time

DEADLINE = float(os.environ.get("AMP_DEADLINE", "60"))
SCALE = float(os.environ.get("AMP_SCALE", "1"))


def scaled(count, least=1):
    """`count` times AMP_SCALE, at least `least`."""
    return max(least, int(count * SCALE))


class Deadline:
    """A point in time; `left()` never is negative."""

    def __init__(self, seconds=None):
        self.end = time.monotonic() + (DEADLINE if seconds is None else seconds)

    def left(self):
        return max(0.0, self.end - time.monotonic())

    def passed(self):
        return time.monotonic() >= self.end
