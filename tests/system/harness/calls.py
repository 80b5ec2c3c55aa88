"""Calls of two tenants as a PBX reports them, and for each message the tenants that may see it.

A story is a generator of steps; many stories run at the same time, interleaved. A step is one event with a mark of its
own, the set of tenants that may see it, and the earlier marks that each tenant must receive first, because this event
makes them theirs. All of this follows from how the story was written (whose phones are in which call), not from the
rules of the program under test."""

import itertools
import random

TENANTS = ("a", "b")


class Step:
    def __init__(self, mark, event, privilege, pairs, sees, first=None):
        self.mark, self.sees = mark, frozenset(sees)
        self.first = first or {}  # tenant -> marks of earlier messages that come before this one
        self.pairs = [("Event", event), ("Privilege", privilege), *pairs, ("Mark", mark)]


class Channel:
    """A channel and who sees it now. `replay`: the marks of its Newchannel and last Newstate."""

    def __init__(self, name, uid, linked, context):
        self.name, self.uid, self.linked, self.context = name, uid, linked, context
        self.tenant = None  # the value of Tenantid
        self.sees, self.replay, self.state = set(), [], None

    def headers(self, prefix=""):
        return [
            (prefix + "Channel", self.name),
            (prefix + "ChannelState", "6"),
            (prefix + "Context", self.context),
            (prefix + "Uniqueid", self.uid),
            (prefix + "Linkedid", self.linked),
            *([(prefix + "Tenantid", self.tenant)] if self.tenant else []),
        ]

    def marks(self):
        return [mark for mark in (self.replay, self.state) if mark]


class Pbx:
    """Hands out marks and ids. `old` stories speak as releases before Linkedid did."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.marks, self.ids = itertools.count(1), itertools.count(1)

    def channel(self, name, linked=None, context="from-internal"):
        number = next(self.ids)
        uid = f"1795000000.{number}"
        return Channel(f"{name}-{number:08x}", uid, linked.linked if linked else uid, context)

    def step(self, event, pairs, sees, privilege="call,all", first=None):
        return Step(next(self.marks), event, privilege, pairs, sees, first)

    # -- parts of stories

    def begin(self, channel, sees, reveals=()):
        """Newchannel. `reveals`: channels of the same call that those who see this one have not seen so far."""
        first = {}
        for other in reveals:
            for tenant in sorted(set(sees) - other.sees):
                first.setdefault(tenant, []).extend(other.marks())
            other.sees |= set(sees)
        step = self.step("Newchannel", channel.headers(), sees, first=first)
        channel.sees, channel.replay = set(sees), step.mark
        return step

    def of(self, event, channel, *pairs, privilege="call,all", also=()):
        """An event of a channel; `also`: (prefix, channel) named in it."""
        more = [pair for prefix, other in also for pair in other.headers(prefix)]
        sees = set(channel.sees)
        for _, other in also:
            sees &= other.sees
        step = self.step(event, channel.headers() + more + list(pairs), sees, privilege)
        if event == "Newstate":
            channel.state = step.mark
        return step

    def end(self, channel, dest=None):
        yield self.of("SoftHangupRequest", channel, ("Cause", "16"))
        yield self.of("Hangup", channel, ("Cause", "16"), ("Cause-txt", "Normal Clearing"))
        sees = channel.sees & (dest.sees if dest else channel.sees)
        yield self.step(
            "Cdr",
            [
                ("AccountCode", ""),
                ("Source", "1"),
                ("Destination", "2"),
                ("Channel", channel.name),
                ("DestinationChannel", dest.name if dest else ""),
                ("UniqueID", channel.uid),
            ],
            sees,
            "cdr,all",
        )
        yield self.step(
            "CEL",
            [
                ("EventName", "CHAN_END"),
                ("Channel", channel.name),
                ("UniqueID", channel.uid),
                ("LinkedID", channel.linked),
                ("Peer", dest.name if dest else ""),
            ],
            sees,
        )

    def talk(self, one, two):
        """Both in a bridge of their own."""
        number = f"bridge-{next(self.ids)}"
        bridge = [("BridgeUniqueid", number), ("BridgeType", "basic"), ("BridgeTechnology", "simple_bridge")]
        create = self.step("BridgeCreate", bridge + [("BridgeNumChannels", "0")], ())
        yield create
        told = set()
        for count, channel in enumerate((one, two), 1):
            first = {tenant: [create.mark] for tenant in sorted(channel.sees - told)}
            told |= channel.sees
            yield self.step(
                "BridgeEnter",
                bridge + [("BridgeNumChannels", str(count))] + channel.headers(),
                channel.sees,
                first=first,
            )
        yield self.of("VarSet", two, ("Variable", "BRIDGEPEER"), ("Value", one.name), privilege="dialplan,all")
        for channel in (two, one):
            yield self.step("BridgeLeave", bridge + channel.headers(), channel.sees)
        yield self.step("BridgeDestroy", bridge, told)

    def lose(self, channel, *tenants):
        """The channel's call goes to another tenant: by `channel:` rules, who has seen it goes on to see it."""

    # -- stories

    def outbound(self, tenant):
        own = self.channel(f"PJSIP/{tenant}-1")
        yield self.begin(own, tenant)
        yield self.of("Newstate", own)
        yield self.of("Newexten", own, ("Application", "Dial"), ("AppData", "PJSIP/trunk"), privilege="dialplan,all")
        trunk = self.channel("PJSIP/trunk", own, "from-trunk")
        yield self.begin(trunk, tenant)
        yield self.of("DialBegin", own, ("DialString", "trunk"), also=[("Dest", trunk)])
        yield self.of("DialEnd", own, ("DialStatus", "ANSWER"), also=[("Dest", trunk)])
        yield from self.talk(own, trunk)
        yield from self.end(trunk)
        yield from self.end(own, trunk)

    def inbound(self, tenant):
        trunk = self.channel("PJSIP/trunk", context="from-trunk")
        yield self.begin(trunk, ())
        yield self.of("Newstate", trunk)
        yield self.of("Newexten", trunk, ("Application", "Dial"), privilege="dialplan,all")
        yield self.of("Newstate", trunk)
        own = self.channel(f"PJSIP/{tenant}-2", trunk)
        yield self.begin(own, tenant, [trunk])
        yield self.of("DialBegin", trunk, also=[("Dest", own)])
        yield from self.talk(trunk, own)
        yield from self.end(own)
        yield from self.end(trunk, own)

    def old_call(self, tenant):
        """Asterisk 1.4: no Linkedid; Dial and Link join."""
        trunk, own = self.channel("SIP/trunk"), self.channel(f"PJSIP/{tenant}-old")
        made = self.step("Newchannel", [("Channel", trunk.name), ("State", "Ring"), ("Uniqueid", trunk.uid)], ())
        yield made
        yield self.step("Newchannel", [("Channel", own.name), ("State", "Down"), ("Uniqueid", own.uid)], tenant)
        yield self.step(
            "Dial",
            [("Source", trunk.name), ("Destination", own.name), ("SrcUniqueID", trunk.uid), ("DestUniqueID", own.uid)],
            tenant,
            first={tenant: [made.mark]},
        )
        for event in ("Link", "Unlink"):
            yield self.step(
                event,
                [("Channel1", trunk.name), ("Channel2", own.name), ("Uniqueid1", trunk.uid), ("Uniqueid2", own.uid)],
                tenant,
            )
        for channel in (own, trunk):
            yield self.step("Hangup", [("Channel", channel.name), ("Uniqueid", channel.uid), ("Cause", "16")], tenant)

    def queue(self, tenant):
        trunk = self.channel("PJSIP/trunk", context="queues")
        yield self.begin(trunk, ())
        yield self.of("QueueCallerJoin", trunk, ("Queue", tenant), ("Position", "1"), privilege="agent,all")
        phones = []
        for number in (1, 2):
            phone = self.channel(f"PJSIP/{tenant}-agent{number}", trunk)
            yield self.begin(phone, tenant, [trunk])
            yield self.of(
                "AgentCalled",
                trunk,
                ("Queue", tenant),
                ("Interface", phone.name.rsplit("-", 1)[0]),
                privilege="agent,all",
                also=[("Dest", phone)],
            )
            phones.append(phone)
        yield self.of("AgentRingNoAnswer", trunk, ("Queue", tenant), privilege="agent,all", also=[("Dest", phones[0])])
        yield from self.end(phones[0])
        yield self.of("QueueCallerLeave", trunk, ("Queue", tenant), privilege="agent,all")
        yield self.of("AgentConnect", trunk, ("Queue", tenant), privilege="agent,all", also=[("Dest", phones[1])])
        yield from self.talk(trunk, phones[1])
        yield self.of("AgentComplete", trunk, ("Queue", tenant), privilege="agent,all", also=[("Dest", phones[1])])
        yield self.step(
            "QueueMemberStatus",
            [
                ("Queue", tenant),
                ("MemberName", "m"),
                ("Interface", f"PJSIP/{tenant}-agent2"),
                ("StateInterface", f"PJSIP/{tenant}-agent2"),
            ],
            tenant,
            "agent,all",
        )
        yield from self.end(phones[1])
        yield from self.end(trunk)

    def conference(self, _):
        """Both tenants in one room: each sees their own participant."""
        bridge = [("BridgeUniqueid", f"room-{next(self.ids)}"), ("BridgeType", "base"), ("BridgeTechnology", "softmix")]
        create = self.step("BridgeCreate", bridge + [("BridgeNumChannels", "0")], ())
        yield create
        yield self.step("ConfbridgeStart", [("Conference", "7"), *bridge], ())
        inside = []
        for tenant in TENANTS:
            own = self.channel(f"PJSIP/{tenant}-conf")
            yield self.begin(own, tenant)
            yield self.step(
                "BridgeEnter",
                bridge + [("BridgeNumChannels", str(len(inside) + 1))] + own.headers(),
                tenant,
                first={tenant: [create.mark]},
            )
            yield self.step("ConfbridgeJoin", [("Conference", "7"), *bridge, *own.headers(), ("Admin", "No")], tenant)
            inside.append(own)
        for own in inside:
            yield self.step("ConfbridgeTalking", [("Conference", "7"), *bridge, *own.headers()], own.sees)
            yield self.step("BridgeLeave", bridge + own.headers(), own.sees)
        yield self.step("ConfbridgeEnd", [("Conference", "7"), *bridge], TENANTS)
        for own in inside:
            yield from self.end(own)

    def blind_transfer(self, tenant):
        """The caller goes from one tenant's phone to the other's: each sees their part."""
        other = "b" if tenant == "a" else "a"
        trunk = self.channel("PJSIP/trunk", context="from-trunk")
        yield self.begin(trunk, ())
        phone = self.channel(f"PJSIP/{tenant}-3", trunk)
        yield self.begin(phone, tenant, [trunk])
        yield from self.talk(trunk, phone)
        pairs = phone.headers("Transferer") + trunk.headers("Transferee") + [("Context", "c"), ("Extension", "9")]
        yield self.step("BlindTransfer", [("Result", "Success"), *pairs], tenant)
        yield from self.end(phone)
        yield self.of("Newexten", trunk, privilege="dialplan,all")
        target = self.channel(f"PJSIP/{other}-3", trunk)
        yield self.begin(target, other, [trunk])
        self.lose(trunk, tenant)
        yield self.of("DialBegin", trunk, also=[("Dest", target)])
        yield self.of("VarSet", trunk, ("Variable", "BRIDGEPEER"), ("Value", target.name), privilege="dialplan,all")
        yield from self.talk(trunk, target)
        yield from self.end(target)
        yield from self.end(trunk)

    def attended_transfer(self, tenant):
        """A consultation of its own becomes one call with the first."""
        trunk, first, second = (
            self.channel(name) for name in ("PJSIP/trunk", f"PJSIP/{tenant}-4", f"PJSIP/{tenant}-4")
        )
        first.linked = trunk.linked
        yield self.begin(trunk, ())
        yield self.begin(first, tenant, [trunk])
        yield from self.talk(trunk, first)
        yield self.begin(second, tenant)
        outside = self.channel("PJSIP/outside", second)
        yield self.begin(outside, tenant)
        yield from self.talk(second, outside)
        pairs = [
            pair
            for prefix, channel in (
                ("OrigTransferer", first),
                ("SecondTransferer", second),
                ("Transferee", trunk),
                ("TransferTarget", outside),
            )
            for pair in channel.headers(prefix)
        ]
        yield self.step("AttendedTransfer", [("Result", "Success"), *pairs, ("DestType", "Bridge")], tenant)
        yield from self.end(first)
        yield from self.end(second)
        outside.linked = trunk.linked
        yield from self.talk(trunk, outside)
        yield from self.end(outside)
        yield from self.end(trunk)

    def bridged(self, tenant):
        """Two channels that had nothing to do with each other, until an action bridged them."""
        trunk, own = self.channel("PJSIP/trunk"), self.channel(f"PJSIP/{tenant}-6")
        yield self.begin(trunk, ())
        yield self.begin(own, tenant)
        bridge = [("BridgeUniqueid", f"bridge-{next(self.ids)}"), ("BridgeType", "basic")]
        create = self.step("BridgeCreate", bridge + [("BridgeNumChannels", "0")], ())
        yield create
        yield self.step("BridgeEnter", bridge + [("BridgeNumChannels", "1")] + trunk.headers(), ())
        yield self.of("Newstate", trunk)
        trunk.sees = {tenant}
        yield self.step(
            "BridgeEnter",
            bridge + [("BridgeNumChannels", "2")] + own.headers(),
            tenant,
            first={tenant: trunk.marks() + [create.mark]},
        )
        yield self.of("VarSet", trunk, ("Variable", "BRIDGEPEER"), privilege="dialplan,all")
        yield from self.end(own)
        yield self.of("HangupRequest", trunk)
        yield self.step("BridgeDestroy", bridge, tenant)
        yield from self.end(trunk)

    def local(self, tenant):
        """Two halves of a Local channel in front of a phone."""
        one, two = self.channel("Local/5@ctx"), None
        yield self.begin(one, ())
        two = self.channel("Local/5@ctx", one)
        yield self.begin(two, ())
        pairs = one.headers("LocalOne") + two.headers("LocalTwo") + [("Context", "ctx"), ("Exten", "5")]
        yield self.step("LocalBridge", pairs, ())
        own = self.channel(f"PJSIP/{tenant}-5", one)
        yield self.begin(own, tenant, [one, two])
        yield self.of("DialBegin", two, also=[("Dest", own)])
        yield self.step(
            "LocalOptimizationBegin", one.headers("LocalOne") + two.headers("LocalTwo") + own.headers("Source"), tenant
        )
        for channel in (own, two, one):
            yield from self.end(channel)

    def noise(self, _):
        """What concerns neither."""
        yield self.step("Registry", [("Domain", "x")], (), "system,all")
        yield self.step("PeerStatus", [("ChannelType", "PJSIP"), ("Peer", "PJSIP/trunk")], (), "system,all")
        other = self.channel("PJSIP/c-1")
        yield self.begin(other, ())
        yield self.step(
            "UserEvent",
            [("UserEvent", "x"), ("Channel", other.name), ("Uniqueid", other.uid), ("Linkedid", other.linked)],
            (),
            "user,all",
        )
        yield self.step(
            "VarSet", [("Channel", "none"), ("Uniqueid", "none"), ("Variable", "PJSIP/a-1")], (), "dialplan,all"
        )
        yield from self.end(other)

    def all_stories(self):
        return [
            self.outbound,
            self.inbound,
            self.old_call,
            self.queue,
            self.conference,
            self.blind_transfer,
            self.attended_transfer,
            self.bridged,
            self.local,
            self.noise,
        ]


def interleaved(count, at_once=40, seed=1, kind=Pbx):
    """About `count` steps of stories of both tenants, `at_once` running at any time."""
    pbx = kind(seed)
    kinds = itertools.cycle(itertools.product(pbx.all_stories(), TENANTS))
    running, made = [], 0
    while running or made < count:
        while made < count and len(running) < at_once:
            story, tenant = next(kinds)
            running.append(story(tenant))
        chosen = pbx.random.randrange(len(running))
        try:
            yield next(running[chosen])
            made += 1
        except StopIteration:
            running[chosen] = running[-1]
            running.pop()
