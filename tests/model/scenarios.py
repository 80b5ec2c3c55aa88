"""The stories that the model goes through, and what their clients may be told."""

from typing import NamedTuple

from protocol import Protocol

BURST = ("event", "release")  # messages that the bus loses


class Scenario(NamedTuple):
    name: str
    nodes: int
    events: int
    faults: tuple = ()
    standby: bool = False
    drains: bool = False
    may_lose: tuple = ()  # clients of these nodes may be told that something is missing
    parts: bool = False
    quiet: tuple = ()  # nodes to which a client comes some time later; until then nobody there needs the server

    def protocol(self, mutation=None):
        return Protocol(self.standby, self.drains, mutation)


SCENARIOS = (
    Scenario("nothing happens", 3, 2),
    Scenario("a message is lost", 2, 3, faults=(("lose", BURST),)),
    Scenario("drain", 3, 2, drains=True),
    Scenario("drain, three events", 2, 3, drains=True),
    Scenario("drain, and the owner crashes", 2, 2, (("crash", 0),), drains=True, may_lose=(1,)),
    Scenario("drain, and the heir crashes", 2, 2, (("crash", 1),), drains=True, may_lose=(0,)),
    Scenario("drain, and a message is lost", 2, 2, (("lose", BURST),), drains=True),
    Scenario("drain, and two messages are lost", 2, 2, (("lose", BURST), ("lose", ("release",))), drains=True),
    Scenario(
        "drain, and a repair is lost, too", 2, 2, (("lose", BURST), ("lose", ("repair",))), drains=True, may_lose=(0, 1)
    ),
    Scenario("a client comes", 2, 3, quiet=(1,)),
    Scenario("a client comes, and a message is lost", 2, 2, (("lose", BURST),), quiet=(1,)),
    Scenario("a client comes, and a state is lost", 2, 2, (("lose", ("state", "state?")),), quiet=(1,)),
    Scenario("drain, and a client comes to the heir", 2, 2, drains=True, quiet=(1,)),
    Scenario("drain, and a client comes elsewhere", 3, 1, drains=True, quiet=(2,)),
    Scenario("crash, and a client comes", 2, 2, (("crash", 0),), may_lose=(1,), quiet=(1,)),
    Scenario("crash with standby, and a client comes", 3, 1, (("crash", 0),), True, may_lose=(2,), quiet=(2,)),
    Scenario("crash", 3, 2, (("crash", 0),), may_lose=(1, 2)),
    Scenario("crash with standby", 3, 2, (("crash", 0),), standby=True, may_lose=(2,)),
    Scenario("crash with standby, three events", 2, 3, (("crash", 0),), standby=True),
    Scenario("the owner sleeps", 3, 1, (("sleep", 0),), may_lose=(1, 2)),
    Scenario("the owner sleeps, two events", 2, 2, (("sleep", 0),), may_lose=(1,)),
    Scenario("the owner sleeps, with standby", 2, 2, (("sleep", 0),), standby=True),
    Scenario("a node is cut off", 2, 2, (("part", (1,)),), may_lose=(1,), parts=True),
    Scenario("the owner is cut off", 3, 1, (("part", (0,)),), may_lose=(1, 2), parts=True),
)

# Where each mutation of the protocol is noticed.
CATCHES = {
    "no_fence": "drain",
    "epoch_not_raised": "drain",
    "no_gate": "the owner sleeps",
    "no_subtraction": "drain",
    "no_leave_out": "crash with standby",
    "no_repair_after_end": "drain, and a message is lost",
    "no_solid": "drain, and a repair is lost, too",
    "no_ended": "drain, and two messages are lost",
    "no_patience": "drain, and a message is lost",
    "no_gap_repair": "a message is lost",
    "no_end": "the owner sleeps, two events",
    "early_switch": "drain",
    "forgets_held": "drain",
    "no_leave_out_fresh": "the owner sleeps",
    "late_lane": "drain",
    "late_start": "a client comes",
}
