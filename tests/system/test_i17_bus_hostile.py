"""What others publish on the bus's subjects is not trusted: nothing crashes, and the node goes on."""

import os
import random
import re

import pytest

from harness.limits import Deadline, poll, promised
from harness.nats import NatsClient

EPOCH_MOST = 1 << 60  # core/cluster/heartbeat.h
BOOT = "0123456789abcdef"
KINDS = ("node.evil", "ev.pbx1", "do.pbx1", "state.pbx1", "gap.pbx1")
HEADS = {
    "Amp": ("1", "0", "2", "", "one"),
    "Node": ("evil", "n1", "", "a b", "%zz", "x" * 500),
    "Boot": (BOOT, "0" * 16, "", "x", "f" * 17),
    "Epoch": ("1", "0", str(EPOCH_MOST), str(2**64), "-1", ""),
    "First": ("1", "0", str(2**63), "99999999999999999999", "x"),
    "Last": ("1", "0", str(2**63), "x"),
    "Count": ("1", "0", str(2**32), "-1"),
    "Sequence": ("0", str(2**63), "x"),
    "Index": ("0", "1", "40", str(2**64 - 1), "-1", "x"),
    "Part": ("1/2", "2/1", "0/0", "9999999/9999999", "x"),
    "More": ("1", "0"),
    "Kind": ("turn", "late", "x"),
    "Final": ("1", "0", "x"),
    "Reason": ("0", "99", "x"),
    "Write": ("4294967295", "x"),
    "For": ("amp.c1.re.n1.x.1", ""),
    "Done": ("1",),
    "Lost": ("1", str(2**63)),
}
BODIES = (
    b"",
    b"Event: Hangup\r\nChannel: SIP/1\r\n\r\n",
    b"Event: Hangup\r\nChannel: SIP/1\r\n\r\n33\n",
    b"Response: Success\r\nActionID: amp1-1.0000000000000001\r\n\r\n",
    b"Action: Command\r\nActionID: x\r\nCommand: core stop now\r\n\r\n58\n",
    b"State: up\r\nBanner: Asterisk Call Manager/9\r\n\r\n",
    b"\r\n" * 100,
    b"\0\xff\xfe" * 300,
    b"A" * 70000,
)


@pytest.fixture
def start_node(start_proxy, pbx, nats_servers):
    """start_node(names of its servers, **NATS's sections) -> (node n1, a client of its NATS server, boot id of the node)"""
    clients = []

    def start(names=("pbx1",), **sections):
        nats = nats_servers(**sections)
        proxy = start_proxy(dict.fromkeys(names, pbx), cluster=nats.section("n1"))
        client = NatsClient(nats.servers[0])
        clients.append(client)
        client.subscribe("amp.c1.node.n1")
        boot = re.search(rb"^Boot: (\w+)", client.receive().body, re.M)[1].decode()
        return proxy, client, boot

    yield start
    for client in clients:
        client.close()


def serves(proxy, server="pbx1"):
    """Does the node have its server, and does it answer?"""
    client = proxy.login("dave", Events="off")
    assert poll(lambda: client.ask(Action="Ping", Server=server)["Response"] == "Success", pause=0.2)


def heartbeat(beat, *servers, started=1, node="evil", boot=BOOT):
    lines = [
        "Amp: 1",
        f"Node: {node}",
        f"Boot: {boot}",
        f"Started: {started}",
        f"Beat: {beat}",
        "Sent: 1700000000000",
        "Sessions: 0",
        *(f"Server: {server}" for server in servers or ("pbx1",)),
    ]
    return ("\n".join(lines) + "\n").encode()


def test_garbage_on_all_subjects(start_node):
    proxy, client, boot = start_node()
    dice = random.Random(17)
    kinds = (*KINDS, f"do.pbx1.{boot}")
    for _ in range(3000):
        kind = dice.choice((*kinds, f"re.n1.{boot}.{dice.randrange(5)}", "re.n1.x.y", "what.is.this", "node", "ev.*"))
        heads = {name: dice.choice(values) for name, values in HEADS.items() if dice.random() < 0.5}
        if dice.random() < 0.7:
            heads["Amp"] = "1"
        if dice.random() < 0.3:
            heads["Boot"] = boot
        body = dice.choice(BODIES)
        if dice.random() < 0.2:
            body = dice.randbytes(dice.randrange(200))
        reply = dice.choice(("", f"amp.c1.re.evil.{BOOT}.1", "x", f"amp.c1.re.n1.{boot}.1"))
        if "*" not in kind:
            client.publish(f"amp.c1.{kind}", body, reply, **heads)
    client.flush()
    serves(proxy)


def test_changed_heartbeats(start_node):
    """A heartbeat with bytes changed, cut or repeated."""
    proxy, client, _ = start_node()
    dice = random.Random(18)
    good = heartbeat(1, f"pbx1 claim={EPOCH_MOST} state=up sequence=5 after=6/77 give=n1/{BOOT}")
    for beat in range(2000):
        body = bytearray(good.replace(b"Beat: 1", b"Beat: %d" % (beat + 1)))
        for _ in range(dice.randrange(4)):
            body[dice.randrange(len(body))] = dice.randrange(256)
        if dice.random() < 0.2:
            body = body[: dice.randrange(len(body))]
        if dice.random() < 0.1:
            body += body * dice.randrange(20)
        client.publish("amp.c1.node.evil", bytes(body))
    client.flush()
    serves(proxy)


def test_a_forged_owner_is_forgotten_when_it_is_silent(start_node):
    """Whoever may use the subjects may be an owner; but a claim with the largest epoch does not last longer than it is
    repeated."""
    epochs = {"pbx1": 1, "pbx2": 1 << 40, "pbx3": EPOCH_MOST - 1, "pbx4": EPOCH_MOST}
    proxy, client, _ = start_node(epochs)
    claims = [f"{name} claim={epoch} state=up sequence=5" for name, epoch in epochs.items()]
    for beat in range(1, 4):
        client.publish("amp.c1.node.evil", heartbeat(beat, *claims))
        client.flush()
        client.expect("amp.c1.node.n1")
    for name in epochs:
        serves(proxy, name)


@pytest.mark.parametrize("size", [900_000, 10_000_000])
def test_long_messages(start_node, size):
    proxy, client, boot = start_node(max_payload=16_000_000, max_pending=64_000_000)
    before = proxy.memory_kib()
    for kind in (*KINDS, f"do.pbx1.{boot}", f"re.n1.{boot}.1"):
        for body in (b"Event: " + b"x" * size, os.urandom(1000) * (size // 1000)):
            client.publish(f"amp.c1.{kind}", body, Amp="1", Boot=boot, Epoch="1", First="1", Count="1", Part="1/9")
    client.flush()
    serves(proxy)
    assert poll(lambda: proxy.memory_kib() - before < 400_000)


def test_many_nodes(start_node):
    """More nodes than a table shall have."""
    proxy, client, _ = start_node()
    for number in range(5000):
        client.publish(
            f"amp.c1.node.e{number}", heartbeat(1, node=f"e{number}", boot=f"{number + 1:016x}", started=number)
        )
    client.flush()
    serves(proxy)


def test_requests_without_end(start_node, pbx):
    """Questions for states and gaps are answered, or not; clients are not held up."""
    proxy, client, _ = start_node()
    for number in range(2000):
        client.publish("amp.c1.state.pbx1", b"", f"amp.c1.re.evil.{BOOT}.{number + 1}", Amp="1", Node="evil", Boot=BOOT)
        client.publish(
            "amp.c1.gap.pbx1",
            b"",
            f"amp.c1.re.evil.{BOOT}.{number + 1}",
            Amp="1",
            Epoch="1",
            First="1",
            Last=str(2**59),
        )
    client.flush()
    deadline = Deadline(promised(20))
    serves(proxy)
    assert not deadline.passed()
