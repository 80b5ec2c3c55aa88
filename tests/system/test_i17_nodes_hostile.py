"""What comes from the bus and is not of a node: nothing crashes, clients get nothing of it, and the node serves on."""

import random
import re

import pytest

from harness.limits import poll
from harness.nats import NatsClient

BIG = b"x" * 900_000


def junk(random_):
    """A head and a body as nobody sends them."""
    names = [
        "Amp",
        "Boot",
        "Epoch",
        "First",
        "Index",
        "Kind",
        "Final",
        "Reason",
        "Own",
        "Part",
        "Parts",
        "Last",
        "Write",
    ]
    values = ["1", "0", "", "-1", "99999999999999999999", "1152921504606846976", "x" * 500, "0011223344556677", "late"]
    head = {name: random_.choice(values) for name in random_.sample(names, random_.randint(0, len(names)))}
    head.setdefault("Amp", "1")
    body = random_.choice(
        [
            b"",
            b"\0\r\n\r\n",
            b"Event: Forged\r\nPrivilege: call,all\r\n\r\n39",
            b"Action: Logoff\r\nActionID: amp1-1.0011223344556677\r\n\r\n",
            b"Amp: 1\nNode: n7\nBoot: 0011223344556677\nStarted: 1\nBeat: 1\nServer: pbx1 claim=-7 state=up",
            bytes(random_.randrange(256) for _ in range(300)),
            BIG,
        ]
    )
    return head, body


def test_what_is_no_node_changes_nothing(start_cluster):
    cluster = start_cluster(nodes=2)
    random_ = random.Random(17)
    owner, (other,) = cluster.owner("pbx1"), cluster.others("pbx1")
    listeners = [cluster.listen(node) for node in (owner, other)]
    for listener in listeners:
        listener.wait_for_login()
    client = other.login(Events="off")
    with NatsClient(cluster.nats.servers[0]) as stranger:
        stranger.subscribe("amp.c1.>")
        beat = stranger.expect("amp.c1.node.n1")
        boots = {message["Boot"] for message in [beat.headers]}
        subjects = ["ev.pbx1", "do.pbx1", "state.pbx1", "gap.pbx1", "node.n7", "node.n1", "ev.other", "re.n1.x.1", ">"]
        subjects += [
            f"{subject}.{boot}{rest}" for boot in boots for subject, rest in (("re.n1", ".1"), ("do.pbx1", ""))
        ]
        for number in range(400):
            if number % 10 == 0:
                client.ask(Action="CoreStatus", Server="pbx1")  # both nodes have read what was before
            head, body = junk(random_)
            subject = random_.choice(subjects)
            if subject != ">":
                stranger.publish(f"amp.c1.{subject}", body, random_.choice(["", "amp.c1.re.n7.1.1"]), **head)
        stranger.flush()
        client.ask(Action="CoreStatus", Server="pbx1")
    with cluster.stream("pbx1", rate=200) as stream:
        stream.wait(200)
    for listener in listeners:
        listener.wait_for_number("pbx1", stream.sent)
        listener.assert_whole("pbx1", 1, stream.sent)
        assert not listener.named("Forged")
    for node in (owner, other):
        assert poll(lambda node=node: node.login().ask(Action="CoreStatus", Server="pbx1")["Response"] == "Success")


def test_actions_of_strangers_cannot_end_the_connection(start_cluster):
    """Who is on the bus is trusted as a node, but an action that concerns the connection is refused to nodes, too."""
    cluster = start_cluster(nodes=2)
    owner = cluster.owner("pbx1")
    name = next(name for name, node in cluster.nodes.items() if node is owner)
    with NatsClient(cluster.nats.servers[0]) as stranger:
        stranger.subscribe(f"amp.c1.node.{name}")
        boot = re.search(rb"(?m)^Boot: (\w+)", stranger.expect(f"amp.c1.node.{name}").body)[1].decode()
        stranger.subscribe("amp.c1.re.n7.1.1")
        for action in ("Logoff", "Login", "Events"):
            stranger.publish(
                f"amp.c1.do.pbx1.{boot}",
                f"Action: {action}\r\nActionID: amp1-1.0011223344556677\r\n\r\n".encode(),
                "amp.c1.re.n7.1.1",
                Amp="1",
                Boot="0011223344556677",
                Write="ffffffff",
            )
            answer = stranger.expect("amp.c1.re.n7.1.1")
            assert b"Permission denied" in answer.body and answer.headers["Final"] == "1"


def test_a_forged_number_does_not_silence_a_stream(start_cluster):
    """With everything right but the number: no event is lost, none comes twice, nobody is told that some are missing."""
    cluster = start_cluster(nodes=2)
    _, (other,) = cluster.owner("pbx1"), cluster.others("pbx1")
    listener = cluster.listen(other)
    body = b"Event: Forged\r\nPrivilege: call,all\r\n\r\n"
    with NatsClient(cluster.nats.servers[0]) as stranger, cluster.stream("pbx1", rate=200) as stream:
        listener.wait_for_number("pbx1", 1)
        stranger.subscribe("amp.c1.ev.pbx1")
        true = stranger.expect("amp.c1.ev.pbx1").headers
        for first in ("1152921504606846976", "900000"):
            head = {"Amp": "1", "Boot": true["Boot"], "Epoch": true["Epoch"], "First": first, "Index": "2"}
            stranger.publish("amp.c1.ev.pbx1", body + str(len(body)).encode(), **head)
            stranger.flush()
            before = listener.numbers["pbx1"][-1]
            listener.wait_for_number("pbx1", before + 600)  # 3 s of events: the wait for what is missing is over
        stream.wait(100)
    listener.wait_for_number("pbx1", stream.sent)
    listener.assert_whole("pbx1", listener.numbers["pbx1"][0], stream.sent)
    assert not listener.named("Forged") and not listener.named("EventsSkipped")


@pytest.mark.parametrize("sent", [rb"\g<0>", b"Sent: 99999999999999"])
def test_a_forged_heartbeat_does_not_silence_its_node(start_cluster, sent):
    """In the name of the owner, with a number that it will not reach, and with a time that has not come yet: all nodes
    say so, and it stays the owner."""
    cluster = start_cluster(nodes=2)
    owner, (other,) = cluster.owner("pbx1"), cluster.others("pbx1")
    listener = cluster.listen(other)
    name = next(name for name, node in cluster.nodes.items() if node is owner)
    with NatsClient(cluster.nats.servers[0]) as stranger, cluster.stream("pbx1", rate=200) as stream:
        listener.wait_for_number("pbx1", 1)
        stranger.subscribe(f"amp.c1.node.{name}")
        true = stranger.expect(f"amp.c1.node.{name}")
        forged = re.sub(rb"(?m)^Beat: \d+$", b"Beat: 1000000", true.body)
        forged = re.sub(rb"(?m)^Sent: \d+$", sent, forged)
        stranger.publish(f"amp.c1.node.{name}", forged, Amp="1")
        stranger.flush()
        for node in (owner, other):
            assert poll(lambda node=node: node.log_contains("heartbeat of a second sender", "number=")), node.tail()
        before = listener.numbers["pbx1"][-1]
        listener.wait_for_number("pbx1", before + 1000)  # 5 s: who is not heard for 2.5 s is dead
    listener.wait_for_number("pbx1", stream.sent)
    listener.assert_whole("pbx1", listener.numbers["pbx1"][0], stream.sent)
    assert cluster.owner("pbx1") is owner and not listener.named("ServerDown")
