"""The live page in a cluster: the nodes, and which of them owns which server."""

from harness.dashboard import ADMINS, log_in
from harness.limits import poll
from harness.web import ALL_PLUGINS, listeners


def start(start_cluster, site, **options):
    sections = {"listen": listeners(), "plugins": ALL_PLUGINS, "http": {"document_root": str(site)}, "users": ADMINS}
    return start_cluster(sections=sections, **options)


def test_i17_dashboard_shows_nodes_and_owners(start_cluster, site, page):
    cluster = start(start_cluster, site, nodes=3, servers=2)
    names = {node: name for name, node in cluster.nodes.items()}
    first, second, third = cluster.nodes.values()
    owners = {server: names[cluster.owner(server)] for server in cluster.simulators}
    log_in(page, first, "bill")
    page.wait_for_text("#nodes-count", "3")
    page.wait_for_text("#nodes-list", "this one")
    for server, owner in owners.items():
        page.wait_for_text("#servers-list", f"node {owner}")
        assert server in page.text("#servers-list")
    assert page.text("#nodes-list").count("alive") == 3
    cluster.kill(third)
    page.wait_for_text("#nodes-list", "gone")
    assert poll(lambda: cluster.owner("pbx1") is not third)
    assert page.text("#nodes-list").count("alive") == 2
    page.click("#logout")


def test_i17_dashboard_without_a_cluster_has_no_nodes(serve, asterisk, page):
    proxy = serve({"pbx1": asterisk}, users=ADMINS)
    log_in(page, proxy, "bill")
    page.wait_for_text("#sessions-list", "bill")
    assert page.text("#nodes") == ""


def test_i17_dashboard_shows_nodes_to_admins_alone(start_cluster, site, page):
    cluster = start(start_cluster, site, nodes=2)
    log_in(page, cluster.nodes["n1"], "dave")
    page.wait_for_text("#servers-list", "pbx1")
    assert page.text("#nodes") == ""
