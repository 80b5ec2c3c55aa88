"""What the model knows: the nodes, what is on its way between them, and what the Asterisk has sent. All values of fields
are immutable, so that a copy of the fields is a copy of the state."""

from typing import NamedTuple

NONE = -1  # no node, no number


class Line(NamedTuple):
    """What a heartbeat says of the server (cluster/heartbeat.h)."""

    claim: int
    up: bool
    after: object  # epoch and number where the stream of the claim goes on, or NONE
    give: int
    holds: str  # ready, warm, local, or nothing
    ended: object  # epoch and last number of the claim that was given away, or NONE


class Stream(tuple):
    """A claim of a process that is followed: owner, epoch, number of the next event (NONE: not known yet)."""

    __slots__ = ()

    def __new__(cls, owner, epoch, following):
        return tuple.__new__(cls, (owner, epoch, following))

    owner = property(lambda self: self[0])
    epoch = property(lambda self: self[1])
    next = property(lambda self: self[2])

    def of(self):
        return self[:2]

    def at(self, following):
        return Stream(self[0], self[1], following)


class Node:
    """A node of the cluster, with one client."""

    FIELDS = {
        "dead": False,
        "asleep": False,
        "has_slept": False,
        "role": "follow",  # follow, warm, taking, own, local
        "claim": 0,
        "up": False,
        "after": NONE,  # epoch and number where the stream of the claim goes on
        "give": NONE,
        "giver": NONE,
        "seen": 0,  # the highest epoch
        "sequence": 0,
        "ring": (),
        "old_ring": (),  # of the last claim
        "old_epoch": 0,  # … its epoch
        "last_claim": 0,  # the same, until a stream is followed
        "lane": None,  # what the Asterisk has sent and this node has not read; None: there is no lane
        "overlaps": False,  # the followed owner was heard after the lane was up
        "fence": False,
        "lane_from": 0,  # events up to this number were sent before the lane was up
        "gate": frozenset(),  # who must answer before this node publishes
        "listen": frozenset(),  # who must be heard before this node claims
        "stream": None,
        "shadow": NONE,  # a better stream, held beside the own lane
        "shadow_from": 0,  # events up to this number were sent before that
        "then": None,  # owner, epoch, and number of the event of `stream` after which it begins
        "later": (),
        "gap": 0,
        "gave_up": NONE,  # the last event of the followed stream before the first that is lost
        "had": (),  # events of the followed stream
        "held": (),
        "given": frozenset(),
        "skip": frozenset(),
        "view": (),  # (node, line of its last heartbeat) of the living
        "told": None,
        "client": (),
        "lost": False,  # the client knows that something is missing
        "needed": True,  # there is a client, or a duty, that needs the server
        "hears": True,  # the bus sends it the events
        "since": 0,  # events up to this number were sent before the client came
        "catches_up": False,  # the state was asked for, to fetch what came since the last heartbeat
    }
    __slots__ = (*FIELDS, "known_key")

    def __init__(self):
        self.known_key = None
        for name, value in self.FIELDS.items():
            setattr(self, name, value)

    def copy(self):
        twin = Node.__new__(Node)
        for name in self.FIELDS:
            setattr(twin, name, getattr(self, name))
        twin.known_key = None
        return twin

    def key(self):
        """Of a node that does not change any more."""
        if self.known_key is None:
            self.known_key = hash(tuple(getattr(self, name) for name in self.FIELDS))
        return self.known_key

    def serves(self):
        return self.lane is not None and (self.role == "local" or (self.role == "own" and self.up))

    def listens_to(self):
        """The stream of the bus that is taken, or None."""
        return self.stream if self.shadow == NONE else self.shadow

    def holds(self):
        if self.role == "taking" and self.lane is not None:
            return "ready"
        return self.role if self.lane is not None and self.role in ("warm", "local") else ""

    def living(self, me):
        return {m for m, _ in self.view} | {me}

    def line_of(self, other):
        return dict(self.view).get(other)

    def see(self, other, line):
        view = dict(self.view)
        if line is None:
            view.pop(other, None)
        else:
            view[other] = line
        self.view = tuple(sorted(view.items()))

    def deliver(self, event):
        self.client += (event,)

    def tell_down(self):
        self.lost = True

    tell_lost = tell_down

    def hold(self, event):
        """server/seam.c seam_hold()"""
        if event in self.given:
            self.given -= {event}
        elif self.shadow == NONE or event > self.shadow_from:
            self.held += (event,)

    def give_one(self, event):
        """server/seam.c seam_give()"""
        if event in self.held:
            self.held = tuple(other for other in self.held if other != event)
        else:
            self.given |= {event}


class State:
    """All of it."""

    def __init__(self, nodes):
        self.nodes = nodes
        self.queues = {}
        self.emitted = 0
        self.parted = frozenset()  # nodes on the other side of a partition
        self.faults = ()  # what may still happen
        self.visited = frozenset()  # nodes to which a client has come meanwhile
        self.published_blindly = False

    def copy(self, changing=None):
        """@param changing  the number of the only node that will change; None: all may"""
        twin = State.__new__(State)
        twin.nodes = [node.copy() if changing in (None, me) else node for me, node in enumerate(self.nodes)]
        twin.queues = dict(self.queues)
        twin.emitted, twin.parted, twin.faults = self.emitted, self.parted, self.faults
        twin.visited = self.visited
        twin.published_blindly = self.published_blindly
        return twin

    def key(self):
        queues = tuple(sorted((pair, queue) for pair, queue in self.queues.items() if queue))
        nodes = tuple(node.key() for node in self.nodes)
        more = (self.emitted, self.parted, self.faults, self.visited, self.published_blindly)
        return hash((nodes, queues, more))

    def numbers(self):
        return range(len(self.nodes))

    def hears(self, sender, receiver):
        return not self.nodes[receiver].dead and (sender in self.parted) == (receiver in self.parted)

    def company(self, me):
        """Has this node heard anybody, as far as it knows?"""
        return bool(self.nodes[me].view)

    def queue(self, sender, receiver):
        return self.queues.get((sender, receiver), ())

    def queue_add(self, sender, receiver, message):
        self.queues[sender, receiver] = self.queue(sender, receiver) + (message,)
