"""SIGUSR2: what was kept goes along. Clients that come back to the new process miss nothing, and get nothing twice."""

import collections
import contextlib
import random
import threading

from harness.limits import DEADLINE, Deadline
from harness.proxy import USERS
from harness.resume import KINDS, marks, tell_both
from harness.takeover import take_over


def test_i16_resume_goes_on_in_the_new_process(resumable_lasting, pbx, kind):
    proxy = resumable_lasting()
    client = kind(proxy)
    client.connect()
    tell_both(pbx, 0, 5)
    assert marks(client.take(5)) == list(range(5))
    client.drop()
    tell_both(pbx, 5, 5)
    old = take_over(proxy)
    tell_both(pbx, 10, 5)
    how = client.connect()
    assert how.name == "Resumed", how
    tell_both(pbx, 15, 5)
    assert marks(client.take(15)) == list(range(5, 20))
    client.drop()
    old.wait()
    take_over(proxy).wait()  # once more
    tell_both(pbx, 20, 1)
    assert client.connect().name == "Resumed"
    assert marks(client.take(1)) == [20]


CALLS = [("SIP/dave-1", "1.1", "1.1"), ("SIP/trunk-2", "1.2", "1.1"), ("SIP/other-3", "1.3", "1.3")]


def test_i16_resume_of_a_tied_user(resumable_lasting, pbx, kind):
    """Such a user sees the channels of their calls. The new process must know these before it judges events: it asks for
    what was kept when the server has listed them."""
    proxy = resumable_lasting(users=[dict(USERS[0], channel="SIP/dave"), *USERS[1:]])
    client = kind(proxy)
    client.connect()
    for mark, (name, uid, linked) in enumerate(CALLS):
        pbx.event("Newchannel", "call,all", Channel=name, Uniqueid=uid, Linkedid=linked, Mark=mark)
    assert marks(client.take(2)) == [0, 1]
    client.drop()
    answer, pbx.lists_channels = pbx._list_channels, CALLS

    def answer_late(action):
        pings = pbx.pings
        with contextlib.suppress(AssertionError):  # a Ping would show that the new process did not wait
            pbx.wait(lambda: pbx.pings > pings, "a Ping", seconds=0.5)
        speak(10)
        answer(action)

    def speak(first):
        for mark, (name, uid, _) in enumerate(CALLS, first):
            pbx.event_for_all("Newexten", "call,all", Channel=name, Uniqueid=uid, Mark=mark)

    pbx._list_channels = answer_late
    take_over(proxy)
    speak(20)
    assert client.connect().name == "Resumed"
    speak(30)
    assert marks(client.take(6)) == [10, 11, 20, 21, 30, 31]


class Restless(threading.Thread):
    """A client that is dropped, or drops by itself, and comes back, until it has received the events with the marks `ends`.
    `received` is all that it was sent, `wrong` what it was told in place of that it resumed."""

    def __init__(self, client, seed):
        super().__init__()
        self.client = client
        self.chance = random.Random(seed)
        self.received, self.wrong, self.drops = [], [], 0
        client.connect()

    def run(self):
        ends = set(ENDS)
        while ends:
            try:
                for _ in range(self.chance.randrange(1, 200)):
                    mark = self.client.event().headers["Mark"]
                    self.received.append(mark)
                    ends.discard(mark)
                    if not ends:
                        return
            except (AssertionError, OSError, ValueError):  # the old process has ended the connection
                pass
            self.client.drop()
            self.drops += 1
            self.come_back()

    def come_back(self):
        deadline = Deadline()
        while not deadline.passed():
            try:
                how = self.client.connect()
            except (AssertionError, OSError, ValueError):  # the old process took it at its end, and tells it to go
                self.client.drop()
                continue
            if how.name != "Resumed":
                self.wrong.append(how)
            return
        self.wrong.append("nobody there")


ENDS = ("end1", "end2")


class Load(threading.Thread):
    """Events without pause to whoever listens, each with its own mark, then one of ENDS."""

    def __init__(self, pbx, number):
        super().__init__()
        self.pbx, self.number = pbx, number
        self.sent = []
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(0.005):
            for _ in range(5):
                self.tell(f"{self.number}-{len(self.sent)}")
        self.tell(ENDS[self.number])

    def tell(self, mark):
        self.sent.append(mark)
        self.pbx.event_for_all("Newexten", "call,all", Mark=mark)

    def stop(self):
        self.over.set()
        self.join()


def test_i16_resume_over_takeovers_under_load(resumable_lasting, pbx, scripted):
    """Two servers, whose events the two processes hear in different orders; clients of all kinds that drop at random;
    three takeovers, one right after the other. 0 lost, 0 twice, and each server's in its order."""
    servers = [pbx, scripted()]
    proxy = resumable_lasting(servers={"pbx1": servers[0], "pbx2": servers[1]})
    loads = [Load(server, number) for number, server in enumerate(servers)]
    clients = [Restless(kind(proxy), number) for number, kind in enumerate(list(KINDS.values()) * 2)]
    for thread in loads + clients:
        thread.start()
    for _ in range(3):
        assert take_over(proxy).wait(DEADLINE) == 0
    for thread in loads + clients:
        thread.stop() if thread in loads else thread.join(2 * DEADLINE)
    assert [client.wrong for client in clients if client.wrong] == []
    for client in clients:
        for load in loads:
            known = set(load.sent)
            mine = [mark for mark in client.received if mark in known]
            assert mine == load.sent, difference(mine, load.sent)
        assert client.drops > 3


def difference(found, expected):
    counts = collections.Counter(found)
    return {
        "lost": [mark for mark in expected if mark not in counts][:20],
        "twice": [mark for mark, count in counts.items() if count > 1][:20],
    }
