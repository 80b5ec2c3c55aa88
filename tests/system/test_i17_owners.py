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
    left = nodes[0]  # it may have owned all of them before
    assert poll(lambda: scrape(left).value("astmanproxy_bus_nodes") == 0)
    assert poll(lambda: scrape(left).value("astmanproxy_bus_owned_servers") == 3)


def test_alone_keep_leaves_the_servers_of_other_nodes_alone(start_cluster):
    """`alone: keep`: without the bus each node serves its own servers on and connects to no others."""
    cluster = start_cluster(nodes=2, servers=4, alone="keep")
    owners = {server: cluster.owner(server) for server in cluster.simulators}
    listeners = [(node, cluster.listen(node)) for node in cluster.nodes.values()]
    logins = {server: cluster.asked(server, "Login") for server in owners}
    assert min(logins.values()) >= 1  # of its owner
    cluster.nats.servers[0].kill()
    for node, listener in listeners:
        client = node.login(Events="off")
        for server, owner in owners.items():
            if owner is not node:
                listener.wait_for_event("ServerDown", server)
            answer = client.ask(Action="CoreStatus", Server=server)["Response"]
            assert answer == ("Success" if owner is node else "Error")
    cluster.nats.servers[0].start()
    for node, listener in listeners:
        for server, owner in owners.items():
            if owner is not node:
                listener.wait_for_event("ServerUp", server)
            else:
                assert not listener.named("ServerDown", server)
    assert {server: cluster.asked(server, "Login") for server in owners} == logins
