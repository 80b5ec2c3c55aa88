"""The protocol of the cluster for one server, in the small: nodes with their state, what they do when something comes,
and the steps that may happen next. README.md says which C file each rule stands in."""

from state import NONE, Line, Stream
from streams import Streams

# How a mutation changes the protocol: each must break an invariant (mutations.py).
MUTATIONS = (
    "no_fence",  # the last batch is sent before all was read that the Asterisk had sent
    "epoch_not_raised",  # a new owner takes the epoch that it has seen
    "no_gate",  # an owner that has slept publishes before the others have answered
    "no_subtraction",  # a new owner publishes all that its lane has held
    "no_leave_out",  # who had more of the old stream than the new owner gets it twice
    "no_repair_after_end",  # an owner that has given its server away answers no more about it
    "no_solid",  # the heir says that it goes on after events that it has given up
    "no_ended",  # nobody is told with which number a claim has ended
    "no_patience",  # the heir claims before the owner's last batch is there
    "no_gap_repair",  # missing numbers are passed over in silence
    "no_end",  # an owner ignores better claims
    "early_switch",  # a follower drops the old stream before its end
    "forgets_held",  # what the taker has held during a hand-over is dropped
    "no_leave_out_fresh",  # … also where the new stream does not go on where the old one ended
    "late_lane",  # the taker says that it is ready before its lane is
    "late_start",  # a node that begins to hear a stream goes on where its owner is by then
)


class Protocol(Streams):
    """The rules. `standby`: another node holds a lane beside the owner's; `drains`: the first owner gives the server
    away."""

    def __init__(self, standby=False, drains=False, mutation=None):
        self.standby, self.drains, self.mutation = standby, drains, mutation

    def has(self, mutation):
        return self.mutation == mutation

    # --- what is sent -------------------------------------------------------------------------------------------

    def send(self, state, me, message):
        for other in state.numbers():
            self.send_to(state, me, other, message)

    @staticmethod
    def send_to(state, me, other, message):
        if message[0] in ("event", "release") and not state.nodes[other].hears:
            return
        if other != me and state.hears(me, other):
            state.queue_add(me, other, message)

    def advertise(self, state, me, answers=NONE):
        """A heartbeat, if it has news (cluster/ownership_beat.c)."""
        node = state.nodes[me]
        holds = "ready" if node.role == "taking" and self.has("late_lane") else node.holds()
        ended = NONE if node.claim or not node.old_epoch else (node.old_epoch, len(node.old_ring))
        line = Line(node.claim, node.claim > 0 and node.up, node.after, node.give, holds, ended)
        if line == node.told and answers == NONE:
            return
        node.told = line
        for other in state.numbers():
            if node.asleep or node.dead:
                continue
            self.send_to(state, me, other, ("beat", line, node.sequence, other == answers))

    # --- who needs the server -----------------------------------------------------------------------------------

    def need(self, state, me):
        """hub/cluster_need.c: somebody needs the server from now on; the bus hears of it later."""
        node = state.nodes[me]
        node.needed = True
        if node.stream is not None and node.stream.next != NONE:
            node.catches_up = True
            self.send_to(state, me, node.stream.owner, ("state?", node.stream.epoch))

    def catch_up(self, state, me, sequence):
        node = state.nodes[me]
        node.catches_up = False
        if self.has("late_start"):
            self.pass_over(node, sequence)
        elif node.stream.next <= sequence:
            self.ask(state, me, sequence)

    @staticmethod
    def pass_over(node, sequence):
        """The owner has come to that number, and nobody here needs its events."""
        if node.stream.next <= sequence:
            node.had += (None,) * (sequence + 1 - node.stream.next)
            node.stream = node.stream.at(sequence + 1)

    # --- the own lane -------------------------------------------------------------------------------------------

    def read_lane(self, state, me):
        """Reads what the Asterisk has sent first (server/receive.c, server/events.c)."""
        node = state.nodes[me]
        event, node.lane = node.lane[0], node.lane[1:]
        if event == "pong":
            self.fenced(state, me)
        elif not node.serves():
            node.hold(event)
        else:
            if node.shadow != NONE:
                node.give_one(event)
            self.own_event(state, me, event)

    def own_event(self, state, me, event):
        node = state.nodes[me]
        if event in node.skip:
            node.skip -= {event}
            return
        node.deliver(event)
        if node.claim == 0:
            return
        node.sequence += 1
        node.ring += (event,)
        if not node.gate or self.has("no_gate"):
            state.published_blindly = state.published_blindly or self.is_blind(state, me)
            self.send(state, me, ("event", node.claim, node.sequence, event))

    @staticmethod
    def is_blind(state, me):
        """Has a node that slept missed a better claim that was made meanwhile?"""
        node = state.nodes[me]
        for other in state.numbers():
            rival = state.nodes[other]
            known = node.line_of(other)
            if node.has_slept and state.hears(other, me) and rival.claim > node.claim and not rival.asleep:
                return known is None or known.claim != rival.claim
        return False

    # --- claims -------------------------------------------------------------------------------------------------

    def claim(self, state, me, after):
        """cluster/ownership.c owned_claim(), server/role.c role_own()"""
        node = state.nodes[me]
        node.claim = node.seen + (0 if self.has("epoch_not_raised") else 1)
        node.seen = max(node.seen, node.claim)
        node.after, node.sequence, node.ring = after, 0, ()
        node.role, node.stream, node.then, node.later = "own", None, None, ()
        node.up = node.lane is not None
        if not node.up or after == NONE:
            node.tell_down()
        held, node.held = node.held, ()
        node.skip, node.given = node.given, frozenset()
        if self.has("no_subtraction"):
            node.skip = frozenset()
        for event in () if self.has("forgets_held") else held:
            self.own_event(state, me, event)

    def fenced(self, state, me):
        """The fence is answered (hub/cluster_duty.c duty_fenced()): the last batch, and the claim ends."""
        node = state.nodes[me]
        if node.role not in ("own", "local") or not node.fence:
            return
        if node.claim:
            self.send(state, me, ("release", node.claim, node.sequence + 1, node.give))
        self.end(state, me)

    def end(self, state, me):
        """server/role.c role_leave()"""
        node = state.nodes[me]
        node.last_claim, node.old_epoch, node.old_ring = node.claim, node.claim, node.ring
        node.claim, node.fence, node.give, node.after, node.told = 0, False, NONE, NONE, None
        node.role, node.up = "follow", False
        node.lane = None
        if node.shadow != NONE:
            stream, node.shadow = node.shadow, NONE
            held, node.held = node.held, ()
            node.skip, node.given = node.given, frozenset()
            for event in held:
                node.deliver(event)
            node.stream, node.had = stream, (None,) * (stream.next - 1)
        self.decide(state, me)

    # --- the rules (cluster/ownership_step.c) ---------------------------------------------------------------------

    def decide(self, state, me):
        node = state.nodes[me]
        if node.dead or node.asleep:
            return
        claims = {m: line for m, line in node.view if line.claim > 0}
        up = max((m for m in claims if claims[m].up), key=lambda m: (claims[m].claim, -m), default=NONE)
        if node.role in ("own", "local"):
            self.decide_serving(state, me, claims, up)
        else:
            self.decide_idle(state, me, claims)
        if not node.needed and (node.role != "follow" or node.lane is not None):
            self.need(state, me)
        if not node.serves() and up != NONE:
            self.follow(state, me, up, claims[up])
        elif not node.serves():
            self.lose_owner(node, me)
        self.advertise(state, me)

    @staticmethod
    def lose_owner(node, me):
        """Nobody owns the server, and nobody is about to (SOURCE_NONE, SOURCE_SOON)."""
        soon = node.holds() or any(line.holds for _, line in node.view)
        if node.stream is None or node.stream.owner in node.living(me) or soon:
            return
        node.stream, node.then, node.later, node.gap, node.had = None, None, (), 0, ()
        node.tell_down()

    def decide_idle(self, state, me, claims):
        node = state.nodes[me]
        giver = [m for m, line in claims.items() if line.give == me]
        if giver:
            node.role, node.giver = "taking", (giver[0], claims[giver[0]][0])
        elif claims:
            beside = min((m for m in state.numbers() if m not in claims and m in node.living(me)), default=NONE)
            node.role = "warm" if self.standby and beside == me else "follow"
            if node.role == "follow":
                node.lane, node.held, node.given = None, (), frozenset()
        elif not node.view and not state.company(me):
            node.role = "local"
            held, node.held = node.held, ()
            if node.lane is None or not node.overlaps:
                node.tell_down()
            node.skip, node.given, node.stream = node.given, frozenset(), None
            for event in held:
                self.own_event(state, me, event)
        elif self.waits_for_release(node, me):
            pass
        elif not node.gate and not node.listen and self.is_fittest(node, me):
            goes_on = node.lane is not None and node.overlaps and node.stream is not None
            self.claim(state, me, (node.stream.epoch, self.solid(node, node.stream.next - 1)) if goes_on else NONE)

    def solid(self, node, number):
        """What was given up may still come by the own lane, and others have had it: they leave it out."""
        return number if node.gave_up == NONE or self.has("no_solid") else min(node.gave_up, number)

    def waits_for_release(self, node, me):
        """The owner lives and has ended its claim: its last events come, perhaps once more."""
        if node.role != "taking" or node.giver[0] not in node.living(me) or self.has("no_patience"):
            return False
        ended = node.line_of(node.giver[0]).ended
        return ended != NONE and ended[0] == node.giver[1] == node.stream.epoch and node.stream.next <= ended[1]

    @staticmethod
    def is_fittest(node, me):
        """cluster/ownership_scene.c: who was chosen, who has a lane, the first in rank"""
        order = {"ready": 2, "warm": 1, "local": 1, "": 0}
        mine = (order[node.holds()], -me)
        return all((order[line.holds], -m) < mine for m, line in node.view)

    def decide_serving(self, state, me, claims, up):
        node = state.nodes[me]
        mine = (node.claim, -me)
        better = up != NONE and (claims[up].claim, -up) > mine and not self.has("no_end")
        if node.claim and not node.up:
            if up != NONE or any((line.claim, -m) > mine for m, line in claims.items()):
                node.claim, node.role, node.told = 0, "follow", None
                node.lane = None
        elif better and node.claim and claims[up].after != NONE and claims[up].after[0] == node.claim:
            self.end(state, me)  # the other one has all that came after
        elif better:
            stream = Stream(up, claims[up].claim, NONE)
            if node.shadow == NONE or node.shadow.of() != stream.of():
                node.shadow, node.given, node.held = stream, frozenset(), ()
                node.shadow_from, node.later, node.gap = state.emitted, (), 0
                self.send_to(state, me, up, ("state?", claims[up].claim))
        elif node.role == "local" and up != NONE and node.lane is None:
            node.role = "follow"
        elif node.role == "local" and not claims and state.company(me) and not node.listen:
            if self.is_fittest(node, me):
                node.claim, node.seen, node.role = node.seen + 1, node.seen + 1, "own"
                node.after, node.sequence, node.ring, node.up = NONE, 0, (), node.lane is not None
        elif self.drains and node.claim and me == 0 and node.give == NONE and not node.fence:
            node.give = max(node.living(me) - {me}, default=NONE)
        elif node.give != NONE and node.line_of(node.give) is None:
            node.give, node.fence = NONE, False

    @staticmethod
    def has_settled(state, me, node):
        """A second after the two streams are side by side, what the Asterisk had sent before has come by both."""
        owner = node.shadow.owner
        events = [m[3] for m in state.queue(owner, me) if m[0] == "event"] + list(state.nodes[owner].lane or ())
        events += state.nodes[owner].ring[node.shadow.next - 1 :]
        return not any(event != "pong" and event <= node.shadow_from for event in events)

    def may_fence(self, state, me):
        """Is it time for the fence? (cluster/ownership_give.c; _step.c step_yield())"""
        node = state.nodes[me]
        if node.role not in ("own", "local") or node.fence or node.lane is None:
            return False
        if node.shadow != NONE:
            return node.shadow.next != NONE and self.has_settled(state, me, node)
        line = node.line_of(node.give) if node.give != NONE else None
        return line is not None and line.holds == "ready"

    def fence(self, state, me):
        node = state.nodes[me]
        node.fence = True
        if self.has("no_fence"):
            self.fenced(state, me)
        else:
            node.lane += ("pong",)

    # --- what comes ----------------------------------------------------------------------------------------------

    def take(self, state, me, sender, message):
        node = state.nodes[me]
        kind = message[0]
        if kind == "beat":
            self.take_beat(state, me, sender, message)
        elif kind == "wake":
            self.advertise(state, me, answers=sender)
        elif kind in ("event", "release"):
            self.take_event(state, me, sender, message)
        elif kind == "state?":
            state.nodes[sender].hears = True  # what it subscribed before has come, too
            if node.claim == message[1] and node.up:
                self.send_to(state, me, sender, ("state", node.claim, node.sequence))
        elif kind == "state":
            for name in ("stream", "shadow"):
                stream = getattr(node, name)
                if stream not in (None, NONE) and stream.of() == (sender, message[1]) and stream.next == NONE:
                    setattr(node, name, stream.at(message[2] + 1))
                    node.had = (None,) * message[2] if name == "stream" else node.had
                elif (
                    name == "stream" and node.catches_up and stream is not None and stream.of() == (sender, message[1])
                ):
                    self.catch_up(state, me, message[2])
        elif kind == "gap":
            _, epoch, first, last = message
            ring = node.ring if node.claim == epoch else node.old_ring if node.old_epoch == epoch else ()
            ring = () if self.has("no_repair_after_end") and node.claim != epoch else ring
            self.send_to(state, me, sender, ("repair", epoch, first, ring[first - 1 : last]))
        elif kind == "repair":
            self.take_repair(state, me, sender, message)
        self.decide(state, me)

    def take_beat(self, state, me, sender, message):
        node = state.nodes[me]
        _, line, sequence, answers = message
        node.see(sender, line)
        node.seen = max(node.seen, line.claim)
        node.listen -= {sender}
        if answers:
            node.gate -= {sender}
        stream, last = node.listens_to(), NONE
        if stream is not None and stream.of() == (sender, line.claim) and line.up:
            last = sequence
        elif stream is not None and line.ended != NONE and stream.of() == (sender, line.ended[0]):
            last = NONE if self.has("no_ended") else line.ended[1]
        if last != NONE and NONE != stream.next <= last and not node.needed:
            self.pass_over(node, last)
        elif last != NONE and NONE != stream.next <= last and not self.has("no_gap_repair"):
            self.ask(state, me, last)
