"""The simulator's calls, agents and queues agree with each other: a phone is in one call, and its agent's state says so."""

import re

import pytest

from sim_helper import Simulator, header

RINGING, UP = "5", "6"


class Watcher:
    """What the events have told so far."""

    def __init__(self):
        self.channels = {}  # device -> {unique id: state}
        self.members = {}  # interface -> state, as told last
        self.ended = 0
        self.in_queue = {}  # unique id of a caller -> queue

    def expected(self, device):
        states = set(self.channels.get(device, {}).values())
        return "2" if UP in states else "6" if RINGING in states else "1"

    def see(self, message):
        event, channel = header(message, "Event"), header(message, "Channel") or ""
        device, uid = re.sub(r"-[0-9a-f]{8}$", "", channel), header(message, "Uniqueid")
        if event == "Newchannel" and device != "PJSIP/trunk":
            assert not self.channels.get(device), f"{device} is in a call already"
            assert self.members.get(device, "1") == "1", f"{device} is called while its agent is not free"
            self.channels[device] = {uid: header(message, "ChannelState")}
        elif event == "Newstate" and device in self.channels:
            self.channels[device][uid] = header(message, "ChannelState")
        elif event == "Hangup":
            self.channels.get(device, {}).pop(uid, None)
            self.ended += 1
            assert uid not in self.in_queue, "a caller who has hung up waits"
        elif event == "QueueCallerJoin":
            self.in_queue[uid] = header(message, "Queue")
        elif event == "QueueCallerLeave":
            del self.in_queue[uid]
        elif event == "BridgeEnter" and device in self.members:
            assert self.members[device] == "2", f"{device} talks, and its agent is told to be {self.members[device]}"
        elif event == "QueueMemberStatus":
            device = header(message, "Interface")
            assert header(message, "Status") == self.expected(device), message
            assert header(message, "InCall") == ("1" if self.expected(device) == "2" else "0")
            self.members[device] = header(message, "Status")


@pytest.mark.parametrize("calls", [6, 40])
def test_agents_are_in_one_call_and_say_so(calls):
    watcher = Watcher()
    with Simulator("--seed", "7") as simulator:
        client = simulator.connect()
        client.send("Action: SimControl", f"Calls: {calls}")
        while watcher.ended < 30:
            watcher.see(client.message())
        client.send("Action: QueueStatus", "ActionID: q")
        while "Event: QueueStatusComplete" not in (message := client.message()):
            watcher.see(message)
            if message.startswith("Event: QueueMember\n"):
                device = header(message, "Location")
                assert header(message, "Status") == watcher.expected(device), message
        client.close()
    assert len(watcher.members) >= 4 and set(watcher.members.values()) <= {"1", "2", "6"}
