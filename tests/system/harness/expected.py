"""What clients should get of a server's stream, by a simple model that knows neither blocks nor pieces: the rules of
core/server/answers.c, message by message."""

SERVER = b"Server: pbx1\r\n"
LISTS = {b"QueueStatus": b"QueueStatusComplete", b"CoreShowChannels": b"CoreShowChannelsComplete"}
SINGLES = [b"CoreStatus", b"CoreSettings"]


class Asked:
    """An action of a client, as the proxy should see it."""

    state = "waiting"
    wire = None
    items = 0
    is_answered = False
    is_passed = False
    is_listed = False
    is_in_list = False
    is_implicit = False
    is_broken = False
    has_late_end = False

    def __init__(self, client, name, action_id, mark):
        self.client, self.name, self.id, self.mark = client, name, action_id, mark

    @property
    def is_over(self):
        """May nothing more come, once it is answered? Any action may raise events, of which the catalogue lacks it."""
        return self.name in SINGLES or (self.name in LISTS and (self.is_listed or self.has_late_end))


class Model:
    """What each client should get."""

    def __init__(self, clients, is_old=False):
        self.is_old = is_old  # lists may have no EventList headers
        self.clients = clients  # name -> does it see everything?
        self.got = {name: [] for name in clients}
        self.lane = []  # asked, in the order of sending, as far as the proxy still has them on the lane

    def give(self, name, message):
        if name in self.got:
            self.got[name].append(message)

    def answer(self, asked, lines):
        """A part of an answer: to the asker, and to who sees everything."""
        message = shown(lines, asked.wire, asked.id)
        self.give(asked.client, message)
        for name, sees_all in self.clients.items():
            if sees_all and name != asked.client:
                self.give(name, message)

    def event(self, lines, asked=None, foreign=False):
        for name, sees_all in self.clients.items():
            if foreign and not sees_all:
                continue
            if asked is None:
                self.give(name, shown(lines))
            else:
                own = sees_all or name == asked.client
                self.give(name, shown(lines, asked.wire, asked.id if own else None))

    def end(self, asked):
        asked.state = "done"
        self.let_go(asked)

    def let_go(self, asked):
        if asked.is_over:
            asked.state = "gone"
            if asked in self.lane:
                self.lane.remove(asked)

    def cancel(self, asked):
        """The proxy itself ends a list, of which no end has come."""
        lines = [
            b"Event: " + LISTS.get(asked.name, asked.name + b"Complete"),
            b"EventList: " + (b"Cancelled" if asked.is_broken else b"Complete"),
        ]
        lines.append(b"ListItems: %d" % asked.items)
        self.answer(asked, lines)
        self.end(asked)

    def passes(self, asked):
        """The server has answered this action, or with None a later one of somebody else."""
        if asked is not None:
            if asked not in self.lane:
                return
            asked.is_answered = True
        for earlier in list(self.lane):
            if earlier is asked:
                break
            earlier.is_passed = True
            if earlier.state == "listing" and (earlier.is_broken or earlier.is_implicit):
                self.cancel(earlier)
            if earlier.state == "done":
                earlier.state = "passed"
                self.lane.remove(earlier)

    # -- what comes

    def response(self, asked, lines):
        how, starts = value_of(lines, b"response"), starts_list(lines)
        self.passes(asked)
        if asked.state == "waiting":
            self.answer(asked, lines)
            asked.is_implicit = self.is_old and not starts and asked.name in LISTS and how.lower() == b"success"
            starts = starts or asked.is_implicit
            if starts:
                asked.state, asked.is_listed, asked.is_in_list = "listing", True, True
            else:
                self.end(asked)
        elif asked.state == "listing" and not asked.is_broken and how.lower() != b"success":
            asked.is_broken = True
            self.answer(asked, lines)

    def item(self, asked, lines):
        name, end = value_of(lines, b"event"), value_of(lines, b"eventlist")
        last = end is not None and end.lower() in (b"complete", b"cancelled")
        last = (
            last
            or name.lower() == LISTS.get(asked.name, b"").lower()
            or ((asked.is_implicit or value_of(lines, b"actionid") is None) and name.endswith(b"Complete"))
        )
        self.answer(asked, lines)
        asked.items += not last
        asked.is_in_list = not last
        if last:
            self.end(asked)

    def event_of(self, asked, lines):
        """An event with the ActionID of that action."""
        is_private = value_of(lines, b"privilege") is None
        name = value_of(lines, b"event")
        if asked.state == "gone":
            if not is_private and value_of(lines, b"eventlist") is None:
                stray = shown(lines, asked.wire, None)
                for client in self.clients:
                    self.give(client, stray)
        elif asked.state == "listing" and name != b"UserEvent":
            self.item(asked, lines)
        elif not is_private:
            self.event(lines, asked)
        elif asked.state == "waiting":
            self.answer(asked, lines)
        elif not asked.is_listed and not asked.has_late_end and asked.state in ("done", "passed"):
            asked.has_late_end = name.endswith(b"Complete")
            self.answer(asked, lines)
            self.let_go(asked)

    def plain_event(self, lines):
        """An event without ActionID."""
        current = None
        for asked in self.lane:
            current = asked if asked.is_answered else current
        if value_of(lines, b"privilege") is None and current and current.is_in_list and not current.is_passed:
            self.event_without_id(current, lines)
        else:
            self.event(lines)

    def event_without_id(self, asked, lines):
        if asked.state == "listing":
            self.item(asked, lines)


def value_of(lines, name):
    for line in lines:
        head, colon, value = line.partition(b":")
        if colon and b"\n" not in head and head.lower() == name:
            return value.removeprefix(b" ")
    return None


def starts_list(lines):
    return any(line.lower() in (b"eventlist: start", b"eventlist:start") for line in lines)


def shown(lines, wire=None, action_id=None):
    """A message as a client sees it, with its ActionID in place of the proxy's."""
    lines = list(lines)
    own = [] if action_id is None else [b"ActionID: " + action_id]
    if wire is not None:
        for index, line in enumerate(lines):
            if line.lower().startswith(b"actionid:"):
                lines[index : index + 1] = own
                break
        else:
            lines[1:1] = own
    return b"".join(line + b"\r\n" for line in lines) + SERVER + b"\r\n"
