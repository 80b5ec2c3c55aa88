"""Events of a call between two people, and lists, as Asterisk 13 and later send them."""


def caller_of(name, uid, linked=None, state=0, number="<unknown>", caller="<unknown>", prefix=""):
    """The headers by which Asterisk describes a channel."""
    states = {0: "Down", 4: "Ring", 5: "Ringing", 6: "Up"}
    headers = {
        "Channel": name,
        "ChannelState": state,
        "ChannelStateDesc": states[state],
        "CallerIDNum": number,
        "CallerIDName": caller,
        "ConnectedLineNum": "<unknown>",
        "ConnectedLineName": "<unknown>",
        "Context": "internal",
        "Exten": "101",
        "Priority": 1,
        "Uniqueid": uid,
        "Linkedid": linked or uid,
    }
    return {prefix + header: str(value) for header, value in headers.items()}


ALICE = {"number": "0301234", "caller": "Alice Able"}
BOB = {"number": "101", "caller": "Bob Baker"}


def ring(pbx, number=1, alice=None):
    """The events of a call from Alice that rings at Bob's phone."""
    first, second = f"PJSIP/trunk-0000000{number}", f"PJSIP/101-0000000{number}"
    alice = alice or ALICE
    pbx.event("Newchannel", **caller_of(first, f"{number}.1", state=4, **alice))
    pbx.event("Newchannel", **caller_of(second, f"{number}.2", f"{number}.1", 0, **BOB))
    pbx.event(
        "DialBegin",
        **caller_of(first, f"{number}.1", state=4, **alice),
        **caller_of(second, f"{number}.2", f"{number}.1", 0, **BOB, prefix="Dest"),
        DialString="101",
    )
    pbx.event("Newstate", **caller_of(second, f"{number}.2", f"{number}.1", 5, **BOB))
    return first, second


def answer(pbx, number=1):
    for name, uid, who in (
        (f"PJSIP/101-0000000{number}", f"{number}.2", BOB),
        (f"PJSIP/trunk-0000000{number}", f"{number}.1", ALICE),
    ):
        pbx.event("Newstate", **caller_of(name, uid, f"{number}.1", 6, **who))
        pbx.event(
            "BridgeEnter",
            BridgeUniqueid=f"bridge-{number}",
            BridgeNumChannels=2,
            **caller_of(name, uid, f"{number}.1", 6, **who),
        )


def end(pbx, number=1):
    for name, uid in ((f"PJSIP/101-0000000{number}", f"{number}.2"), (f"PJSIP/trunk-0000000{number}", f"{number}.1")):
        pbx.event("Hangup", **caller_of(name, uid, f"{number}.1", 6), Cause=16, **{"Cause-txt": "Normal Clearing"})


def list_channels(*channels):
    """A handler of CoreShowChannels."""

    def reply(action):
        action.start_list()
        for channel in channels:
            action.item("CoreShowChannel", **channel)
        action.end_list("CoreShowChannelsComplete", len(channels))

    return reply


def list_queues(callers=()):
    """A handler of QueueStatus: one queue with two members."""

    def reply(action):
        action.start_list("Queue status will follow")
        action.item("QueueParams", Queue="support", Max=0, Calls=len(callers), Completed=7, Abandoned=2)
        for number, status, paused in ((101, 1, 0), (102, 1, 1)):
            action.item(
                "QueueMember",
                Queue="support",
                Name=f"Agent {number}",
                Location=f"PJSIP/{number}",
                Status=status,
                Paused=paused,
            )
        for caller in callers:
            action.item("QueueEntry", Queue="support", **caller)
        action.end_list("QueueStatusComplete", 3 + len(callers))

    return reply
