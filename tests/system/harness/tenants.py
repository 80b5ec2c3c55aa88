"""The stories of harness/calls.py as Asterisk tells them with Tenantid, and ways from one tenant to the other.

Phones have the tenant of their endpoint. The shared trunk has none, and neither have Local channels of an Originate: they
are their call's, if that has one tenant only."""

from harness.calls import TENANTS, Pbx


def other_of(tenant):
    return TENANTS[1 - TENANTS.index(tenant)]


class TenantPbx(Pbx):
    def channel(self, name, linked=None, context="from-internal"):
        channel = super().channel(name, linked, context)
        device = name.split("/")[1]
        channel.tenant = device[0] if name.startswith("PJSIP/") and device[1:2] == "-" else None
        return channel

    def lose(self, channel, *tenants):
        """A channel without a tenant of its own is theirs no longer."""
        channel.sees -= set(tenants)

    def gain(self, tenant, *channels):
        """They are the tenant's from now on. @return `first` of the step that does it"""
        marks = [mark for channel in channels if tenant not in channel.sees for mark in channel.marks()]
        for channel in channels:
            channel.sees = {tenant}
        return {tenant: marks} if marks else {}

    # -- stories of all releases that are told otherwise

    def old_call(self, tenant):
        """Asterisk 1.4 knows no tenants."""
        for step in super().old_call(tenant):
            step.sees, step.first = frozenset(), {}
            yield step

    def queue(self, tenant):
        for step in super().queue(tenant):
            if step.pairs[0] == ("Event", "QueueMemberStatus"):  # whose the device is, Asterisk does not say
                step.sees = frozenset()
            yield step

    # -- more

    def set_late(self, tenant):
        """The dialplan sets the tenant of a caller: what was before is not shown."""
        trunk = self.channel("PJSIP/trunk")
        yield self.begin(trunk, ())
        yield self.of("Newexten", trunk, privilege="dialplan,all")
        yield self.of("Newstate", trunk)
        trunk.tenant = tenant
        first = self.gain(tenant, trunk)
        yield self.step("VarSet", [*trunk.headers(), ("Variable", "x")], tenant, "dialplan,all", first)
        phone = self.channel(f"PJSIP/{tenant}-late", trunk)
        yield self.begin(phone, tenant)
        yield from self.talk(trunk, phone)
        yield from self.end(phone)
        yield from self.end(trunk, phone)

    def between(self, tenant):
        """One calls the other, through a Local channel that has no tenant."""
        one = self.channel(f"PJSIP/{tenant}-7")
        yield self.begin(one, tenant)
        local = self.channel("Local/9@both", one)
        yield self.begin(local, tenant)
        two = self.channel(f"PJSIP/{other_of(tenant)}-7", one)
        yield self.begin(two, other_of(tenant))
        self.lose(local, tenant)
        for event in ("DialBegin", "DialEnd"):
            yield self.of(event, one, also=[("Dest", two)])
            yield self.of(event, local, also=[("Dest", two)])
        yield self.of("VarSet", local, ("Variable", "DIALEDPEERNAME"), ("Value", two.name), privilege="dialplan,all")
        yield from self.talk(one, two)
        pairs = one.headers("Transferer") + two.headers("Transferee") + [("Context", "c"), ("Extension", "9")]
        yield self.step("BlindTransfer", [("Result", "Fail"), *pairs], ())
        yield self.of("ChanSpyStart", one, also=[("Spyee", two)])
        for step in self.end(one, two):
            if step.pairs[0] == ("Event", "Hangup"):  # the other one is alone in the call now
                step.first = self.revealed(local, other_of(tenant))
            yield step
        yield from self.end(local)
        yield from self.end(two, one)

    def revealed(self, channel, tenant):
        channel.sees = {tenant}
        return {tenant: channel.marks()} if channel.marks() else {}

    def queue_of_both(self, tenant):
        """A caller without a tenant rings phones of both: nobody's until only one tenant is left."""
        other = other_of(tenant)
        trunk = self.channel("PJSIP/trunk", context="queues")
        yield self.begin(trunk, ())
        mine, theirs = self.channel(f"PJSIP/{tenant}-q", trunk), self.channel(f"PJSIP/{other}-q", trunk)
        yield self.begin(mine, tenant, [trunk])
        yield self.of("AgentCalled", trunk, ("Queue", "q"), privilege="agent,all", also=[("Dest", mine)])
        yield self.begin(theirs, other)
        self.lose(trunk, tenant)
        yield self.of("AgentCalled", trunk, ("Queue", "q"), privilege="agent,all", also=[("Dest", theirs)])
        yield self.of("NewConnectedLine", trunk, ("ConnectedLineNum", theirs.name))
        step = self.of("Hangup", mine)
        step.first = self.revealed(trunk, other)
        yield step
        yield self.of("AgentConnect", trunk, ("Queue", "q"), privilege="agent,all", also=[("Dest", theirs)])
        yield from self.talk(trunk, theirs)
        yield from self.end(theirs, mine)
        yield from self.end(trunk)

    def parking(self, tenant):
        """One parks a caller, the other takes them."""
        other = other_of(tenant)
        trunk = self.channel("PJSIP/trunk")
        yield self.begin(trunk, ())
        phone = self.channel(f"PJSIP/{tenant}-8", trunk)
        yield self.begin(phone, tenant, [trunk])
        lot = [("Parkinglot", "default"), ("ParkingSpace", "701")]
        yield self.step("ParkedCall", trunk.headers("Parkee") + lot, trunk.sees)
        yield from self.end(phone)
        taker = self.channel(f"PJSIP/{other}-8")
        yield self.begin(taker, other)
        first = self.revealed(trunk, other)
        yield self.step("UnParkedCall", trunk.headers("Parkee") + taker.headers("Retriever") + lot, other, first=first)
        yield from self.talk(trunk, taker)
        yield from self.end(taker)
        yield from self.end(trunk)

    def retagged(self, tenant):
        """A bridge gives the older channel's Linkedid and tenant to the other one."""
        other = other_of(tenant)
        old, young = self.channel(f"PJSIP/{tenant}-9"), self.channel(f"PJSIP/{other}-9")
        yield self.begin(old, tenant)
        yield self.begin(young, other)
        yield self.of("Newstate", young)
        young.linked, young.tenant, young.sees = old.linked, tenant, {tenant}
        young.replay = young.state = None  # both name the other tenant
        yield self.of("NewConnectedLine", young)
        yield self.of("Newexten", young, privilege="dialplan,all")
        yield from self.end(young)
        yield from self.end(old, young)

    def used_again(self, tenant):
        """A server that was restarted counts from the beginning."""
        one, two = self.channel(f"PJSIP/{tenant}-10"), self.channel(f"PJSIP/{other_of(tenant)}-10")
        nobodys = self.channel("PJSIP/trunk")
        two.uid = two.linked = nobodys.uid = nobodys.linked = one.uid
        for channel, sees in ((one, tenant), (two, other_of(tenant)), (nobodys, "")):
            yield self.begin(channel, sees)
            yield self.of("Newstate", channel)
            yield from self.end(channel)

    def spoofs(self, tenant):
        """Text of callers, clients and dialplans moves nobody's channel."""
        other = other_of(tenant)
        own = self.channel(f"PJSIP/{tenant}-11")
        yield self.begin(own, tenant)
        told = [("UserEvent", "x"), ("Channel", own.name), ("Uniqueid", own.uid), ("Linkedid", own.linked)]
        yield self.step("UserEvent", [*told, ("Tenantid", other)], (), "user,all")
        yield self.step("UserEvent", [*told, ("Tenantid", tenant), ("tenantid", other)], (), "user,all")
        yield self.step("UserEvent", told, tenant, "user,all")
        yield self.step("UserEvent", [("UserEvent", "x"), ("Tenantid", other)], other, "user,all")
        for wrong in (tenant.upper(), tenant + " ", tenant + "\t", f"{tenant},{other}", tenant + tenant):
            stranger = self.channel("PJSIP/trunk")
            stranger.tenant = wrong
            yield self.begin(stranger, ())
            yield self.of("Newexten", stranger, privilege="dialplan,all")
            yield from self.end(stranger)
        yield from self.end(own)

    def all_stories(self):
        return [
            *super().all_stories(),
            self.set_late,
            self.between,
            self.queue_of_both,
            self.parking,
            self.retagged,
            self.used_again,
            self.spoofs,
        ]
