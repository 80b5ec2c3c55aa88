"""Goes through every order in which things can happen, and checks in each state what must hold."""

import itertools

from state import NONE, Line, Node, State, Stream


def start(scenario, protocol):
    """Node 0 owns the server and the others follow it; with standby, node 1 has a lane, too."""
    state = State([Node() for _ in range(scenario.nodes)])
    for me, node in enumerate(state.nodes):
        node.seen = 1
        node.view = tuple(
            (m, Line(int(m == 0), m == 0, NONE, NONE, "warm" if protocol.standby and m == 1 else "", NONE))
            for m in state.numbers()
            if m != me
        )
        if me == 0:
            node.role, node.claim, node.up, node.lane = "own", 1, True, ()
        else:
            node.stream = Stream(0, 1, 1)
        if me == 1 and protocol.standby:
            node.role, node.lane, node.overlaps = "warm", (), True
        node.needed = node.hears = me not in scenario.quiet
        node.told = Line(node.claim, node.up, NONE, NONE, node.holds(), NONE)
    state.faults = scenario.faults
    for me in state.numbers():
        protocol.decide(state, me)
    return state


class Steps:
    """What may happen next."""

    def __init__(self, scenario, protocol):
        self.scenario, self.protocol = scenario, protocol

    def next(self, state):
        """(name of the step, state after it)"""
        plain = self.plain(state)
        if plain is not None:
            yield plain
            return
        yield from self.asterisk(state)
        for me, node in enumerate(state.nodes):
            if not node.dead and not node.asleep:
                yield from self.of_node(state, me)
        yield from self.of_faults(state)

    def plain(self, state):
        """A heartbeat without news changes nothing, whenever it is read: one order stands for all."""
        for (other, me), queue in state.queues.items():
            node = state.nodes[me]
            if not queue or queue[0][0] != "beat" or node.asleep or node.dead:
                continue
            _, line, sequence, answers = queue[0]
            stream = node.listens_to()
            is_behind = stream is not None and stream.of() == (other, line.claim) and stream.next <= sequence
            awaited = other in node.listen or (answers and other in node.gate)
            if node.line_of(other) == line and not is_behind and not awaited:
                after = state.copy(NONE)
                after.queues[other, me] = queue[1:]
                return f"{me} gets from {other}: {queue[0]}", after
        return None

    def asterisk(self, state):
        if state.emitted < self.scenario.events:
            after = state.copy()
            after.emitted += 1
            for node in after.nodes:
                if node.lane is not None and not node.dead:
                    node.lane += (after.emitted,)
            yield f"the Asterisk sends {after.emitted}", after

    def of_node(self, state, me):
        node = state.nodes[me]
        if node.lane:
            yield self.done(state, me, f"{me} reads {node.lane[0]}", self.protocol.read_lane)
        elif node.lane is None and node.role in ("own", "local", "taking", "warm"):
            yield self.done(state, me, f"{me} logs in", self.log_in)
        if self.protocol.may_fence(state, me):
            yield self.done(state, me, f"{me} sends a fence", self.protocol.fence)
        for other in state.numbers():
            queue = state.queue(other, me)
            if queue:
                yield self.done(state, me, f"{me} gets from {other}: {queue[0]}", self.receive, other)
            elif node.line_of(other) is not None and self.is_silent(state, other, me):
                yield self.done(state, me, f"{me} takes {other} for dead", self.bury, other)
        yield from self.of_clients(state, me)
        yield from self.of_waits(state, me)

    def of_clients(self, state, me):
        """A client comes to a node that has none; the bus hears that the node needs events."""
        node = state.nodes[me]
        if me in self.scenario.quiet and me not in state.visited:
            yield self.done(state, me, f"a client comes to {me}", self.log_in_client)
        if node.needed and not node.hears:
            yield self.done(state, me, f"the bus sends events to {me}", self.subscribe)

    def log_in_client(self, state, me):
        node = state.nodes[me]
        state.visited |= {me}
        is_down = node.stream is None and not node.serves()  # then it is told when the server is up
        node.since, node.client, node.lost = state.emitted, (), is_down
        if not node.needed:
            self.protocol.need(state, me)

    @staticmethod
    def subscribe(state, me):
        state.nodes[me].hears = True

    def of_waits(self, state, me):
        """What happens when nothing has come for a while."""
        node = state.nodes[me]
        stream = node.listens_to()
        if stream is not None and node.gap and not self.is_asked(state, me, stream.owner, "gap", "repair"):
            yield self.done(state, me, f"{me} gives missing events up", self.give_up, node.gap)
        elif stream is not None and node.then is not None and not node.gap and stream.next <= node.then[2]:
            yield self.done(state, me, f"{me} gives missing events up", self.give_up, node.then[2])
        for wanted in (stream, node.shadow):
            if wanted in (None, NONE) or (wanted.next != NONE and not (node.catches_up and wanted is stream)):
                continue
            owner = state.nodes[wanted.owner]
            answers = owner.claim == wanted.epoch and owner.up and not owner.dead and not owner.asleep
            if (
                answers
                and state.hears(wanted.owner, me)
                and not self.is_asked(state, me, wanted.owner, "state?", "state")
            ):
                yield self.done(state, me, f"{me} asks for the state again", self.ask_state, wanted)
        if node.claim and node.up and self.is_behind(state, me):
            yield self.done(state, me, f"{me} sends a heartbeat", self.beat)

    def of_faults(self, state):
        for fault in state.faults:
            kind, who = fault
            rest = tuple(other for other in state.faults if other != fault)
            if kind == "crash":
                yield from self.crash(state, who, rest)
            elif kind == "lose":
                yield from self.lose(state, who, rest)
            elif kind == "sleep":
                after = state.copy(who)
                after.nodes[who].asleep, after.faults = True, (*rest, ("wake", who))
                yield f"{who} falls asleep", after
            elif kind == "wake":
                yield self.wake(state, who, rest)
            elif kind == "part":
                after = state.copy(NONE)
                after.parted, after.faults = frozenset(who), (*rest, ("heal", who))
                yield f"{who} are cut off", after
            elif kind == "heal" and self.is_parted(state):
                yield self.heal(state, rest)

    # --- steps of a node ----------------------------------------------------------------------------------------

    def done(self, state, me, name, step, *arguments):
        after = state.copy(me)
        step(after, me, *arguments)
        self.protocol.decide(after, me)
        return name, after

    @staticmethod
    def log_in(state, me):
        node = state.nodes[me]
        node.lane, node.lane_from = (), state.emitted
        node.overlaps = node.stream is not None and not state.nodes[node.stream.owner].dead
        if node.role == "own":
            node.up = True
        if node.role not in ("own", "local"):
            node.held, node.given = (), frozenset()

    def receive(self, state, me, other):
        queue = state.queue(other, me)
        state.queues[other, me] = queue[1:]
        self.protocol.take(state, me, other, queue[0])

    @staticmethod
    def bury(state, me, other):
        node = state.nodes[me]
        node.see(other, None)
        node.gate -= {other}
        node.listen -= {other}
        if node.shadow != NONE and node.shadow.owner == other:
            node.shadow, node.held, node.given, node.fence = NONE, (), frozenset(), False
            node.later, node.gap = (), 0

    def give_up(self, state, me, last):
        state.nodes[me].gap = 0
        self.protocol.skip_to(state, me, last + 1)

    def ask_state(self, state, me, stream):
        self.protocol.send_to(state, me, stream.owner, ("state?", stream.epoch))

    def beat(self, state, me):
        state.nodes[me].told = None

    @staticmethod
    def is_silent(state, other, me):
        node = state.nodes[other]
        return node.dead or node.asleep or not state.hears(other, me)

    @staticmethod
    def is_asked(state, me, owner, question, answer):
        if state.nodes[owner].asleep:
            return False
        asked = any(message[0] == question for message in state.queue(me, owner))
        return asked or any(message[0] == answer for message in state.queue(owner, me))

    @staticmethod
    def is_behind(state, me):
        node = state.nodes[me]
        for other in state.numbers():
            stream = state.nodes[other].listens_to()
            if (
                stream is not None
                and stream.of() == (me, node.claim)
                and NONE != stream.next <= node.sequence
                and not state.nodes[other].gap
                and state.hears(me, other)
                and not node.gate
                and not state.queue(me, other)
            ):
                return True
        return False

    # --- faults -------------------------------------------------------------------------------------------------

    def crash(self, state, who, rest):
        """Of what it has sent last, each of the others gets a part."""
        others = [other for other in state.numbers() if other != who]
        for lengths in itertools.product(*(range(len(state.queue(who, other)) + 1) for other in others)):
            after = state.copy()
            node = after.nodes[who]
            for other, length in zip(others, lengths, strict=True):
                queue = state.queue(who, other)
                self.cut(after.nodes[other], who, queue[length:], node.lane or ())
                after.queues[who, other] = queue[:length]
                after.queues[other, who] = ()
            after.nodes[who] = Node()
            after.nodes[who].dead = True
            after.faults = rest
            yield f"{who} crashes; of its last messages come {lengths}", after

    @staticmethod
    def cut(node, who, lost, unread):
        """A heartbeat that came after the lane was up would have come after all that is older than the lane."""
        if node.stream is None or node.stream.owner != who:
            return
        events = [message[3] for message in lost if message[0] == "event"] + [e for e in unread if e != "pong"]
        if any(event <= node.lane_from for event in events):
            node.overlaps = False

    @staticmethod
    def lose(state, kinds, rest):
        for pair, queue in state.queues.items():
            if queue and queue[0][0] in kinds:
                after = state.copy(NONE)
                after.queues[pair] = queue[1:]
                after.faults = rest
                yield f"the bus loses {pair}: {queue[0]}", after

    def wake(self, state, who, rest):
        after = state.copy(who)
        node = after.nodes[who]
        node.asleep, node.has_slept, node.told, after.faults = False, True, None, rest
        node.gate = frozenset(m for m, _ in node.view)
        self.protocol.advertise(after, who)
        self.protocol.send(after, who, ("wake",))
        self.protocol.decide(after, who)
        return f"{who} wakes", after

    @staticmethod
    def is_parted(state):
        """Has each side noticed that the other one is gone?"""
        return all(
            (m in state.parted) == (me in state.parted)
            for me, node in enumerate(state.nodes)
            if not node.dead
            for m, _ in node.view
        )

    def heal(self, state, rest):
        after = state.copy()
        side, after.parted, after.faults = state.parted, frozenset(), rest
        for me, node in enumerate(after.nodes):
            node.listen = frozenset(
                m for m in after.numbers() if (m in side) != (me in side) and not after.nodes[m].dead
            )
            node.told = None
        for me in after.numbers():
            self.protocol.advertise(after, me)
        return "the bus is whole again", after


# --- what must hold ---------------------------------------------------------------------------------------------


def fault_of(scenario, state):
    """What is wrong in this state, or None."""
    for me, node in enumerate(state.nodes):
        if len(set(node.client)) != len(node.client):
            return f"the client of {me} got an event twice: {node.client}"
    if state.published_blindly:
        return "an owner that slept published before it knew of a better claim"
    if not scenario.parts:
        followed = {}
        for node in state.nodes:
            if node.stream is not None and not node.dead:
                owner = followed.setdefault(node.stream.epoch, node.stream.owner)
                if owner != node.stream.owner:
                    return f"epoch {node.stream.epoch} has two owners that are followed: {owner}, {node.stream.owner}"
    return None


def fault_at_end(scenario, state):
    """What is wrong in a state after which nothing can happen, or None."""
    living = [(me, node) for me, node in enumerate(state.nodes) if not node.dead]
    owners = [me for me, node in living if node.claim and node.up]
    alone = len(living) == 1 and living[0][1].role == "local" and living[0][1].serves()
    if len(owners) != 1 and not alone:
        return f"it has the owners {owners}"
    for me, node in living:
        if owners and me != owners[0]:
            epoch = state.nodes[owners[0]].claim
            if node.stream is None or node.stream.of() != (owners[0], epoch):
                return f"{me} does not follow the owner {owners[0]} of {epoch} but {node.stream}"
        if not node.lost and not set(range(node.since + 1, state.emitted + 1)) <= set(node.client):
            return f"the client of {me} got {node.client} and does not know that something is missing"
        if node.lost and me not in scenario.may_lose:
            return f"the client of {me} was told of a loss"
    return None


def path_to(before, key):
    names = []
    while before[key] is not None:
        name, key = before[key]
        names.append(name)
    return names[::-1]


def explore(scenario, protocol, most):
    """Goes through all states. Returns their number, and None or what is wrong with the steps that lead to it."""
    steps = Steps(scenario, protocol)
    first = start(scenario, protocol)
    before, stack = {first.key(): None}, [first]
    while stack:
        state = stack.pop()
        key, fault, last = state.key(), fault_of(scenario, state), True
        for name, after in () if fault else steps.next(state):
            last = False
            following = after.key()
            if following not in before:
                before[following] = (name, key)
                stack.append(after)
        fault = fault or (fault_at_end(scenario, state) if last else None)
        if fault is not None:
            return len(before), [*path_to(before, key), fault]
        if len(before) > most:
            return len(before), [f"more than {most} states"]
    return len(before), None
