"""How a node follows the stream of an owner, and goes from one stream to the next (hub/cluster_duty.c follow_stream(),
hub/cluster_stream.c)."""

from state import NONE, Stream


class Streams:
    """Part of Protocol (protocol.py)."""

    def follow(self, state, me, owner, line):
        node = state.nodes[me]
        epoch, after = line.claim, line.after
        followed = None if node.stream is None else node.stream.of()
        if (owner, epoch) in (followed, node.then and node.then[:2]):
            pass
        elif after != NONE and after[0] == node.last_claim:
            self.leave_out(node, node.old_ring[after[1] :])
            node.stream, node.had, node.gap, node.gave_up = Stream(owner, epoch, 1), (), 0, NONE
            self.take_later(state, me)
        elif after != NONE and node.stream is not None and after[0] == node.stream.epoch:
            node.then = (owner, epoch, after[1])
            if not node.needed:
                node.stream = node.stream.at(after[1] + 1)  # what comes before that is for nobody
            self.look(state, me)
        else:
            if node.stream is not None:
                node.tell_down()
                if not self.has("no_leave_out_fresh"):
                    self.leave_out(node, node.had)
            node.then, node.later, node.gap, node.gave_up, node.catches_up = None, (), 0, NONE, False
            node.stream = Stream(owner, epoch, NONE)
            self.send_to(state, me, owner, ("state?", epoch))
        node.last_claim = 0

    def leave_out(self, node, events):
        if not self.has("no_leave_out"):
            node.skip |= frozenset(events) - {None}

    def look(self, state, me):
        """The followed stream has come to its end, where the next one begins."""
        node = state.nodes[me]
        if node.then is None:
            return
        owner, epoch, after = node.then
        if node.stream.next <= after and not self.has("early_switch"):
            self.ask(state, me, after)
            return
        self.leave_out(node, node.had[after:])
        node.stream, node.then, node.gap, node.gave_up = Stream(owner, epoch, 1), None, 0, NONE
        node.had = ()
        self.take_later(state, me)

    def ask(self, state, me, last):
        node = state.nodes[me]
        stream = node.listens_to()
        if node.gap or not state.hears(stream.owner, me):
            return
        node.gap = last
        self.send_to(state, me, stream.owner, ("gap", stream.epoch, stream.next, last))

    def take_later(self, state, me):
        """What came too early."""
        node = state.nodes[me]
        later, node.later = node.later, ()
        for sender, message in later:
            self.take_event(state, me, sender, message)

    def take_event(self, state, me, sender, message):
        node = state.nodes[me]
        kind, epoch, number, event = message
        if not node.needed:
            return
        if node.shadow != NONE and node.shadow.of() == (sender, epoch):
            if node.shadow.next == NONE or number < node.shadow.next:
                return
            if number > node.shadow.next:
                node.later += ((sender, message),)
                self.ask(state, me, number - 1)
                return
            node.shadow, node.gap = node.shadow.at(number + 1), node.gap if node.gap > number else 0
            if kind == "event":
                node.hold(event)
            self.take_later(state, me)
            return
        if node.then is not None and node.then[:2] == (sender, epoch):
            node.later += ((sender, message),)
            return
        if node.stream is None or node.stream.of() != (sender, epoch) or node.stream.next == NONE:
            return
        if number > node.stream.next and not self.has("no_gap_repair"):
            node.later += ((sender, message),)
            self.ask(state, me, number - 1)
        elif kind == "release":
            if event == me and node.holds() == "ready" and node.giver == (sender, epoch):
                self.claim(state, me, (epoch, self.solid(node, number - 1)))
        elif number >= node.stream.next:
            node.stream = node.stream.at(number + 1)
            node.gap = node.gap if node.gap > number else 0
            node.had += (event,)
            if event in node.skip:
                node.skip -= {event}
            else:
                node.deliver(event)
                if node.lane is not None:
                    node.give_one(event)
            self.look(state, me)

    def take_repair(self, state, me, sender, message):
        node = state.nodes[me]
        _, epoch, first, events = message
        stream = node.listens_to()
        if stream is None or stream.of() != (sender, epoch) or not node.gap:
            return
        last, node.gap = node.gap, 0
        for number, event in enumerate(events, first):
            self.take_event(state, me, sender, ("event", epoch, number, event))
        if node.listens_to() is not None and node.listens_to().of() == (sender, epoch):
            self.skip_to(state, me, last + 1)

    def skip_to(self, state, me, until):
        """Events are lost, and clients are told."""
        node = state.nodes[me]
        if node.shadow != NONE and node.shadow.next < until:
            node.tell_lost()
            node.shadow = node.shadow.at(until)
        elif node.shadow == NONE and node.stream.next < until:
            node.tell_lost()
            node.gave_up = node.stream.next - 1 if node.gave_up == NONE else node.gave_up
            node.had += (None,) * (until - node.stream.next)
            node.stream = node.stream.at(until)
        self.take_later(state, me)
        self.look(state, me)
