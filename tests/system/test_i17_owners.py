"""What clients are told of the owners of servers, on each node."""

from harness.limits import poll


def told(node):
    """The owner of pbx1, as the node tells it."""
    client = node.login("dave", Events="off")
    client.send(ProxyAction="ListSessions")
    client.send(ProxyAction="ListServers")
    text = ""
    while "ProxyListServer I:" not in text:
        text = client.read_message().text
    client.close()
    return text.split("Node: ")[1].split()[0]


def test_after_a_partition_all_tell_the_same_owner(start_cluster):
    cluster = start_cluster(nodes=2)
    nodes = list(cluster.nodes.values())
    assert poll(lambda: len({told(node) for node in nodes}) == 1)
    cluster.nats.servers[0].kill()
    assert poll(lambda: {told(node) for node in nodes} == {"n1", "n2"})  # each serves alone
    cluster.nats.servers[0].start()
    assert poll(lambda: len({told(node) for node in nodes}) == 1)
