"""How long the tests wait, and how long the long ones run: read once from the environment.

Every wait of the harness is for a condition and ends at a deadline. AMP_DEADLINE (seconds) is far above what any step
takes, because the machine may be busy; valgrind needs more. AMP_SCALE multiplies the counts of the rows of the
reliability list that are short by default."""

import os
import time

DEADLINE = float(os.environ.get("AMP_DEADLINE", "60"))
SCALE = float(os.environ.get("AMP_SCALE", "1"))
MOST_BUSY = 3.0


def scaled(count, least=1):
    """`count` times AMP_SCALE, at least `least`."""
    return max(least, int(count * SCALE))


def promised(seconds):
    """The time that a promise allows on a machine that is as busy as this one. A promise holds as it is written where a
    processor is free. Where more programs want to run than there are processors, each waits that many times as long (load
    of the last minute; at most MOST_BUSY times, so that a test never accepts any time at all)."""
    return seconds * min(max(1.0, os.getloadavg()[0] / os.cpu_count()), MOST_BUSY)


def poll(find, seconds=None, pause=0.02):
    """Asks `find()` every `pause` seconds until it gives something true or `seconds` are over (AMP_DEADLINE by
    default).

    For conditions that nothing announces. @return what find() gave last
    """
    deadline = Deadline(seconds)
    found = find()
    while not found and not deadline.passed():
        time.sleep(pause)
        found = find()
    return found


class Deadline:
    """A point in time; `left()` never is negative."""

    def __init__(self, seconds=None):
        self.end = time.monotonic() + (DEADLINE if seconds is None else seconds)

    def left(self):
        return max(0.0, self.end - time.monotonic())

    def passed(self):
        return time.monotonic() >= self.end
