"""What the node of a session decides alone, and what no other node learns: rights, filters, secrets."""

import pytest

from harness.limits import poll
from harness.nats import NatsClient
from harness.proxy import SECRETS, USERS

REFUSES = 'return { action = function(a) if a.Action == "CoreStatus" then return false, "not here" end end }'
SILENT = """
    return { events = { "UserEvent" }, message = function(m) if m.UserEvent == "hello" then return false end end }
"""


def users(**dave):
    return [dict(USERS[0], **dave), *USERS[1:]]


@pytest.fixture
def start_pair(start_cluster):
    """start_pair(sections of the owner, sections of the other node) -> cluster, owner, other node"""

    def start(owning, other):
        cluster = start_cluster(nodes=0, up=False)
        cluster.start_node("n1", **owning).wait_for_server("pbx1", user="bill")
        cluster.start_node("n2", **other).wait_for_server("pbx1", user="bill")
        owner = cluster.owner("pbx1")
        assert owner is cluster.nodes["n1"]  # it was there first
        return cluster, owner, cluster.nodes["n2"]

    return start


@pytest.mark.parametrize("strict", ["owner", "other"])
def test_i17_rights_are_those_of_the_sessions_node(start_pair, strict):
    limited, free = {"users": users(write=[])}, {}
    cluster, *nodes = start_pair(*(limited, free) if strict == "owner" else (free, limited))
    refused, allowed = nodes if strict == "owner" else reversed(nodes)
    for node, answer in ((allowed, "Success"), (refused, "Error")):
        client = node.login(Events="off")
        assert client.ask(Action="DBPut", Family="f", Key="k", Val="v")["Response"] == answer
    assert cluster.asked("pbx1", "DBPut") == 1


@pytest.mark.parametrize("strict", ["owner", "other"])
def test_i17_filters_are_those_of_the_sessions_node(start_pair, scripts, strict):
    path = {"path": scripts(filter_refuses=REFUSES, filter_silent=SILENT)}
    filtered = {"users": users(filters=["refuses", "silent"]), "scripts": path}
    plain = {"scripts": path}
    _, *nodes = start_pair(*(filtered, plain) if strict == "owner" else (plain, filtered))
    behind, free = nodes if strict == "owner" else reversed(nodes)
    client, other = behind.login(), free.login()
    assert client.ask(Action="CoreStatus")["Message"] == "not here"
    assert other.ask(Action="CoreStatus")["Response"] == "Success"
    other.send(Action="UserEvent", UserEvent="hello")
    other.send(Action="UserEvent", UserEvent="end")
    got = [message.get("UserEvent") for message in client.collect_until(UserEvent="end")]
    assert "hello" not in got
    assert other.read_until(UserEvent="hello") and other.read_until(UserEvent="end")


def test_i17_secrets_never_travel(start_cluster):
    """Neither those of Asterisks nor those of users, whatever happens: logins, actions, a change of the owner."""
    cluster = start_cluster(nodes=3)
    with NatsClient(cluster.nats.servers[0]) as stranger:
        stranger.subscribe("amp.c1.>")
        owner, others = cluster.owner("pbx1"), cluster.others("pbx1")
        clients = [node.login(user) for node in (owner, *others) for user in ("dave", "viewer")]
        for client in clients:
            client.ask(Action="CoreStatus")
        others[0].login(Events="off").ask(Action="Challenge", AuthType="MD5")
        cluster.kill(owner)
        assert poll(lambda: any(cluster.owns(node, "pbx1") for node in others))
        for node in others:
            node.wait_for_server("pbx1")
        stranger.flush()
        seen = b"".join(
            message.body + repr((message.subject, message.headers)).encode() for message in stranger.waiting
        )
    assert b"Banner: " in seen and b"Action: CoreStatus" in seen
    for secret in SECRETS:
        assert secret.encode() not in seen
