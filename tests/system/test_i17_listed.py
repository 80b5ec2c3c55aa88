"""`ListCluster` and `ampctl cluster`: nodes, owners, what stands by and what was missed, for people and programs."""

import functools
import json
import os
import re
import shutil
import time

import pytest
import yaml

from harness import ctl
from harness.limits import poll, promised
from harness.process import SOURCE, readable
from harness.proxy import write_configuration
from harness.steering import ADMINS, at_terminal


def ask(node, *arguments, run=ctl.run):
    """Runs `ampctl cluster` at that node, by its configuration with the port that it has."""
    path = f"{node.path}.ctl"
    if not os.path.exists(path):
        with open(node.path, encoding="utf-8") as file:
            config = yaml.safe_load(file)
        config["listen"][0]["port"] = node.address[1]
        write_configuration(path, config)
    return run("-c", path, "cluster", *arguments)


def listed(node):
    """What `ampctl cluster --json` says at that node: (nodes by name, servers by name)."""
    found = json.loads(ask(node, "--json").out)
    return {each["node"]: each for each in found["nodes"]}, {each["server"]: each for each in found["servers"]}


@pytest.fixture
def start_listed(start_cluster):
    """start_cluster() whose nodes dave may steer."""
    return lambda **options: start_cluster(**{"sections": {"users": ADMINS}, **options})


def state_of(node, name):
    return listed(node)[0].get(name, {}).get("state")


def is_settled(nodes, servers):
    """Has each server an owner, of whose count the node has heard, and one that stands by?"""
    has_all = all(each["standby"] != "-" and each["lag"] == 0 for each in servers.values())
    return has_all and sum(each["owned"] for each in nodes.values()) == len(servers)


def test_nodes_and_owners_are_listed_alike_at_all_nodes(start_listed):
    begun = time.time()
    cluster = start_listed(nodes=3, servers=3, standby=1)
    nodes_by_proxy = {node: name for name, node in cluster.nodes.items()}
    owners = {server: nodes_by_proxy[cluster.owner(server)] for server in cluster.simulators}
    client = cluster.nodes["n2"].login("dave", Events="off")
    for name, node in cluster.nodes.items():
        assert poll(lambda node=node: is_settled(*listed(node))), listed(node)
        nodes, servers = listed(node)
        assert set(nodes) == {"n1", "n2", "n3"} and set(servers) == set(owners)
        assert {each["state"] for each in nodes.values()} == {"alive"}
        assert [each for each in nodes if nodes[each]["here"] == "yes"] == [name]
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", each["version"]) for each in nodes.values())
        assert all(each["last_heartbeat_ms"] < promised(2000) for each in nodes.values())
        assert all(begun - 1 <= each["since"] <= time.time() + 1 for each in nodes.values())
        assert {server: each["owner"] for server, each in servers.items()} == owners
        assert sum(each["owned"] for each in nodes.values()) == 3
        for server, each in servers.items():
            assert each["status"] == "up" and each["epoch"] >= 1 and each["lag"] == 0 and each["lost"] == 0
            assert each["source"] == ("lane" if owners[server] == name else "bus")
            assert each["standby"] in set(cluster.nodes) - {owners[server]}
    assert poll(lambda: listed(cluster.nodes["n1"])[0]["n2"]["sessions"] == 1)
    client.close()


def test_a_dead_node_is_gone_and_its_servers_have_a_new_owner(start_listed):
    cluster = start_listed(nodes=3, servers=6)
    first, second, third = cluster.nodes.values()
    before = {server: each["epoch"] for server, each in listed(second)[1].items()}
    owned = [server for server in cluster.simulators if cluster.owner(server) is first]
    cluster.kill(first)
    assert poll(lambda: state_of(second, "n1") == "gone")
    assert poll(lambda: {each["owner"] for each in listed(second)[1].values()} <= {"n2", "n3"})
    assert poll(lambda: sum(each["owned"] for each in listed(third)[0].values()) == 6)
    nodes, servers = listed(second)
    assert nodes["n1"]["owned"] == 0 and nodes["n1"]["sessions"] == 0
    assert all((servers[server]["epoch"] > before[server]) == (server in owned) for server in servers)


def test_a_node_that_is_alone_serves_all(start_listed):
    cluster = start_listed(nodes=1, servers=2)
    nodes, servers = listed(cluster.nodes["n1"])
    assert poll(lambda: listed(cluster.nodes["n1"])[0]["n1"]["owned"] == 2) and set(nodes) == {"n1"}
    assert {(each["owner"], each["source"], each["epoch"]) for each in servers.values()} == {("n1", "lane", 0)}


def test_what_was_missed_on_the_bus_is_counted_for_its_server(start_listed):
    cluster = start_listed(nodes=2, servers=2)
    (other,) = cluster.others("pbx1")
    listener = cluster.listen(other)
    with cluster.stream("pbx1", rate=200) as stream:
        listener.wait_for_number("pbx1", 1)
        for _ in range(3):
            cluster.nats.servers[0].kill()
            cluster.nats.servers[0].start()
            listener.wait_for_number("pbx1", listener.numbers["pbx1"][-1] + 200)
    listener.wait_for_number("pbx1", stream.sent)
    assert poll(lambda: listed(other)[1]["pbx1"]["gaps"] >= 1 and listed(other)[1]["pbx1"]["repaired"] >= 1)
    servers = listed(other)[1]
    assert servers["pbx2"]["gaps"] == 0
    numbers = listener.numbers["pbx1"]
    missing, twice = listener.report("pbx1", numbers[0], numbers[-1])
    assert len(missing) == servers["pbx1"]["lost"] and not twice


def test_rows_for_shells_and_tables_for_people(start_listed, started):
    cluster = start_listed(nodes=2, servers=1)
    node = cluster.nodes["n1"]
    assert poll(lambda: len(listed(node)[0]) == 2)
    rows = ask(node).rows
    assert [row[:4] for row in rows[:2]] == [["node", "n1", "alive", "yes"], ["node", "n2", "alive", "no"]]
    assert rows[2][:3] == ["server", "pbx1", "up"] and len(rows) == 3
    shown = re.sub(r"\x1b\[[0-9;]*m", "", ask(node, run=functools.partial(at_terminal, started)).out)
    lines = shown.splitlines()
    assert (
        lines[0].split()[:3] == ["NODE", "STATE", "HERE"] and "SERVER" in shown and re.search(r"\d\d:\d\d:\d\d", shown)
    )


def test_only_admins_get_the_list(start_listed):
    cluster = start_listed(nodes=1)
    client = cluster.nodes["n1"].login("bill", Events="off")
    answer = client.ask(ProxyAction="ListCluster")
    assert answer["ProxyResponse"] == "Error" and answer["Message"] == "Permission denied"


def test_without_a_cluster_the_command_says_so(steered):
    proxy = steered()
    result = ctl.run("-c", proxy.config, "cluster")
    assert result.code == 1 and result.out == ""
    assert "There is no cluster: the configuration has no section `cluster`" in result.err


def test_many_servers_are_listed_whole(start_listed):
    """A script may run for 20 ms at a time: the list is made in parts, and none of it is missing."""
    sections = {"users": ADMINS, "log": {"level": "info"}}
    cluster = start_listed(nodes=1, servers=1200, most=1, up=False, sections=sections)
    for _ in range(4):
        result = ask(cluster.nodes["n1"])
        if result.code == 0:  # else it still connects, on a slow machine, and the 30 s of a list are over
            break
    assert result.code == 0 and result.err == ""
    assert [row[1] for row in result.rows if row[0] == "server"] == list(cluster.logs)


def test_a_list_that_is_cut_short_is_no_success(start_listed, tmp_path):
    """The proxy action fails in the middle of the list."""
    folder = tmp_path / "scripts"
    shutil.copytree(os.path.join(SOURCE, "lua"), folder)
    script = folder / "proxyactions" / "ListCluster.lua"
    script.write_text(script.read_text().replace("reply:finish", "error('in the middle') reply:finish"))
    cluster = start_listed(nodes=1, sections={"users": ADMINS, "scripts": {"path": readable(str(folder))}})
    result = ask(cluster.nodes["n1"])
    assert result.code == 1 and result.out == "" and "cut the list short" in result.err
