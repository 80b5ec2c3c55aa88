"""For long tests: servers that answer in order but late, and threads that repeat an operation."""

import heapq
import itertools
import random
import sys
import threading
import time
import traceback


class LateServer(threading.Thread):
    """Answers what a scripted server was asked, in turn on each connection but late, and says more still later.

    `delay`: seconds that an answer takes at most. `spread`: seconds that a list takes at most from its start to its
    end."""

    def __init__(self, server, seed, delay=0.03, spread=0.0):
        super().__init__(daemon=True)
        self.server, self.random, self.over = server, random.Random(seed), threading.Event()
        self.delay, self.spread = delay, spread
        self.due, self.number, self.answered = [], itertools.count(), 0
        self.start()

    def plan(self, when, function, *arguments):
        heapq.heappush(self.due, (when, next(self.number), function, arguments))

    def take(self, action, now):
        """Queues the answer behind those to the earlier actions of its connection."""
        when = max(now + self.random.random() * self.delay, getattr(action.connection, "busy_until", 0))
        action.connection.busy_until = when
        if action["Action"] in ("QueueStatus", "QueueSummary"):
            action.connection.busy_until = when + self.random.random() * self.spread
            self.plan(when, self.start_list, action)
            self.plan(action.connection.busy_until, self.end_list, action)
            return
        self.plan(when, self.answer, action)
        if action["Action"] == "Originate":
            self.plan(when + self.random.random() * 2, self.late, action)

    def start_list(self, action):
        self.answered += 1
        action.start_list()
        for number in range(2):
            action.item("Item", N=number, Mark=action.get("Tenant", ""))

    @staticmethod
    def end_list(action):
        action.item("Item", N=2, Mark=action.get("Tenant", ""))
        action.end_list(action["Action"] + "Complete", 3)

    def answer(self, action):
        mark, name = action.get("Tenant", ""), action["Action"]
        self.answered += 1
        if name == "Command":
            action.reply("Success", ("Output", "one"), ("Output", "two"), Mark=mark)
        else:
            action.reply("Success", Mark=mark)

    @staticmethod
    def late(action):
        mark = action.get("Tenant", "")
        action.send(("Event", "DTMFBegin"), ("ActionID", action.id), ("Mark", mark))
        action.send(("Event", "OriginateResponse"), ("Privilege", "call,all"), ("ActionID", action.id), ("Mark", mark))
        action.send(("Event", "OriginateResponse"), ("ActionID", action.id), ("Mark", mark))

    def run(self):
        while not self.over.is_set():
            with self.server.changed:
                if not self.server.actions:
                    self.server.changed.wait(0.002)
                taken, self.server.actions = self.server.actions, []
            now = time.monotonic()
            for action in taken:
                self.take(action, now)
            while self.due and self.due[0][0] <= now:
                _, _, function, arguments = heapq.heappop(self.due)
                function(*arguments)


class Churn(threading.Thread):
    """Does something again and again until the end: a time, or a function that says whether it is over."""

    def __init__(self, end, function, pause):
        super().__init__(daemon=True)
        self.is_over = end if callable(end) else lambda: time.monotonic() >= end
        self.function, self.pause, self.wrong, self.turns = function, pause, None, 0
        self.start()

    def run(self):
        over = threading.Event()
        try:
            while not self.is_over():
                self.function(self.turns)
                self.turns += 1
                over.wait(self.pause)  # the rate of the churn; nobody relies on it
        except Exception as error:
            self.wrong = f"{error!r} {traceback.format_exc()}"


def stacks():
    """Returns the stack of every thread of the test, to find out what hangs."""
    return "\n".join("".join(traceback.format_stack(frame)) for frame in sys._current_frames().values())
