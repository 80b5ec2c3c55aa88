"""What clients are told of the owners of servers, on each node."""

from harness.limits import poll
from harness.metrics import REPORTS, scrape
from harness.web import ALL_PLUGINS


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


def test_metrics_tell_how_many_servers_each_node_owns(start_cluster):
    cluster = start_cluster(nodes=2, servers=3, sections={"plugins": ALL_PLUGINS, "listen": REPORTS})
    nodes = list(cluster.nodes.values())

    def sums(name):
        return [scrape(node).value(f"astmanproxy_bus_{name}") for node in nodes]

    assert poll(lambda: sums("nodes") == [1, 1] and sum(sums("owned_servers")) == 3)
    cluster.kill(nodes[1])
    assert poll(lambda: scrape(nodes[0]).value("astmanproxy_bus_owned_servers") == 3)
    assert scrape(nodes[0]).value("astmanproxy_bus_nodes") == 0
