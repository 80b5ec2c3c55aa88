"""Two and three nodes, one cluster: each sees and uses the servers of the others as its own."""

import json
import os
import re
import signal
import threading
import time

import pytest
import yaml

from harness.limits import poll, promised
from harness.proxy import server_entry, write_configuration
from harness.steering import ADMINS


def test_both_nodes_see_one_server_that_one_of_them_owns(start_cluster, workers):
    cluster = start_cluster(nodes=1, workers=workers)
    owner, other = cluster.nodes["n1"], cluster.start_node("n2")
    other.wait_for_server("pbx1")
    assert cluster.owner("pbx1") is owner  # it was there first
    answers = [node.login().ask(Action="CoreStatus")["CoreStartupTime"] for node in (owner, other)]
    assert answers[0] == answers[1]
    assert not other.log_contains("server up banner=")  # it has no connection of its own


def test_lists_texts_and_late_answers_come_from_another_node(start_cluster):
    cluster = start_cluster(nodes=2)
    (other,) = cluster.others("pbx1")
    client = other.login()
    client.send(Action="QueueStatus", ActionID="list")
    answer = client.collect_until(Event="QueueStatusComplete", ActionID="list")
    items = [message for message in answer if message.get("Event") == "QueueParams"]
    assert items and all(message["ActionID"] == "list" and message["Server"] == "pbx1" for message in items)
    client.send(Action="Command", Command="core show version", ActionID="text")
    assert "Asterisk" in client.read_until(ActionID="text")["Output"]
    client.send(
        Action="Originate",
        ActionID="call",
        Channel="Local/100@default",
        Application="Wait",
        Data="1",
        Async="true",
    )
    assert client.response("call")["Response"] == "Success"
    late = client.read_until(Event="OriginateResponse")
    assert late["ActionID"] == "call"
    assert client.ask(Action="NoSuchAction", ActionID="wrong")["Response"] == "Error"


def test_both_nodes_audit_an_action_that_goes_over_the_bus(start_cluster, tmp_path):
    """The owner says which node sent it, so that whoever looks there finds the user at the other one."""
    paths = {name: str(tmp_path / f"{name}-audit.log") for name in ("n1", "n2")}
    cluster = start_cluster(nodes=0, up=False)
    for name, path in paths.items():
        os.close(os.open(path, os.O_CREAT, 0o666))
        os.chmod(path, 0o666)
        cluster.start_node(name, log={"to": "stderr", "level": "debug", "audit": path})
    cluster.wait_until_up()
    (other,) = cluster.others("pbx1")
    client = other.login(Events="off")
    assert client.ask(Action="DBPut", Family="f", Key="k", Val="v", ActionID="put")["Response"] == "Success"
    assert client.ask(Action="DBGet", Family="none", Key="k", ActionID="get")["Response"] == "Error"
    asking = next(name for name, node in cluster.nodes.items() if node is other)
    owning = next(name for name in paths if name != asking)

    def puts(name):
        with open(paths[name], encoding="utf-8") as file:
            return [record for record in map(json.loads, file) if record.get("action") == "DBPut"]

    (there,) = poll(lambda: puts(owning))
    assert (there["node"], there["server"], there["outcome"]) == (asking, "pbx1", "success")
    assert "Family: f" in there["headers"] and "user" not in there
    (here,) = poll(lambda: puts(asking))
    assert here["user"] == "dave" and "node" not in here


def test_an_event_has_its_askers_id_at_every_node(start_cluster):
    cluster = start_cluster(nodes=2)
    owner, (other,) = cluster.owner("pbx1"), cluster.others("pbx1")
    clients = {node: node.login() for node in (owner, other)}
    for asker, bystander in ((owner, other), (other, owner)):
        clients[asker].send(Action="UserEvent", UserEvent="hello", ActionID="mine")
        assert clients[asker].read_until(Event="UserEvent")["ActionID"] == "mine"
        assert clients[bystander].read_until(Event="UserEvent").get("ActionID") is None


def test_all_servers_answer_as_one_wherever_they_are(start_cluster):
    cluster = start_cluster(nodes=2, servers=4)
    for node in cluster.nodes.values():
        client = node.login()
        client.send(Action="CoreStatus", Server="*", ActionID="all")
        answer = client.collect_until(Event="CoreStatusComplete", ActionID="all")
        assert {message["Server"] for message in answer if message.get("Event") == "CoreStatusResponse"} == {
            "pbx1",
            "pbx2",
            "pbx3",
            "pbx4",
        }
        assert answer[-1]["ListItems"] == "4"


def test_a_node_without_servers_has_those_of_the_others(start_cluster):
    cluster = start_cluster(nodes=1, servers=2)
    node = cluster.start_node("n9", servers=["pbx2"])
    node.wait_for_server("pbx1")
    client = node.login()
    assert client.ask(Action="CoreStatus", Server="pbx1")["Response"] == "Success"
    listed = client.ask(ProxyAction="ListServers").text
    assert "I: pbx1 " in listed and "Node: n1" in listed, listed


def test_one_server_whose_name_has_other_letters_at_each_node(start_cluster):
    """Names of servers are the same in upper and lower case. The log tells of it, as `Server:` is as the owner has it."""
    cluster = start_cluster(nodes=1)
    cluster.simulators["PBX1"] = cluster.simulators["pbx1"]
    other = cluster.start_node("n2", servers=["PBX1"])
    other.wait_for_server("PBX1")
    assert poll(lambda: other.log_contains("another node spells", 'there="pbx1"', "node=n1")), other.tail()
    client = other.login(Events="off")
    for name in ("pbx1", "PBX1", "Pbx1"):
        assert client.ask(Action="CoreStatus", Server=name)["Response"] == "Success"
    assert client.ask(Action="CoreStatus")["Server"] == "pbx1"


def test_equal_questions_of_three_nodes_are_one(start_cluster):
    """Row: 200 clients on 3 nodes ask QueueStatus: one question at the Asterisk."""
    cluster = start_cluster(
        nodes=3, sections={"share": {"in_flight": True, "keep": [{"action": "QueueStatus", "for": "5m"}]}}
    )
    clients = [node.login(Events="off") for node in cluster.nodes.values() for _ in range(67)][:200]
    counts = ask_at_once(clients, Action="QueueStatus")
    assert len(counts) == 200 and len(set(counts)) == 1
    asked = cluster.asked("pbx1", "QueueStatus")
    print(f"{len(clients)} clients, {asked} question")
    assert asked == 1


def ask_at_once(clients, **action):
    """Each client asks; returns the answers' lengths."""
    counts = []
    lock = threading.Lock()

    def run(client):
        client.send(ActionID="same", **action)
        answer = client.collect_until(Event="QueueStatusComplete", ActionID="same")
        with lock:
            counts.append(len([message for message in answer if message.get("ActionID") == "same"]))

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


def test_events_come_to_all_nodes_once_and_in_order(start_cluster, workers):
    cluster = start_cluster(nodes=3, servers=2, workers=workers)
    listeners = [cluster.listen(node) for node in cluster.nodes.values()]
    time_of_end = {}
    with cluster.stream("pbx1", rate=500) as one, cluster.stream("pbx2", rate=500) as two:
        for listener in listeners:
            listener.wait_for_number("pbx1", 1)
            listener.wait_for_number("pbx2", 1)
        one.wait(1000)
    time_of_end["pbx1"], time_of_end["pbx2"] = one.sent, two.sent
    for listener in listeners:
        for server, last in time_of_end.items():
            listener.wait_for_number(server, last)
            listener.assert_whole(server, listener.numbers[server][0], last)
            assert listener.numbers[server] == sorted(listener.numbers[server])


def test_the_owner_is_killed_without_standby(start_cluster):
    """Row: owner kill -9, no standby: others have the server again in 3.5 s; each action in flight has ended in 3 s."""
    cluster = start_cluster(nodes=3)
    owner, others = cluster.owner("pbx1"), cluster.others("pbx1")
    listeners = [cluster.listen(node) for node in others]
    with cluster.stream("pbx1", rate=500):
        for listener in listeners:
            listener.wait_for_number("pbx1", 1)
        client = others[0].login()
        client.send(Action="Originate", ActionID="flight", Channel="Local/100@slow", Application="Wait", Data="30")
        assert poll(lambda: owner.log_contains("exchange state", 'from="unsent" to="waiting"'))
        killed = time.monotonic()
        cluster.kill(owner)
        answer = client.response("flight")
        ended = time.monotonic() - killed
        assert answer["Response"] == "Error" and "may have been executed" in answer["Message"]
        again = []
        for listener in listeners:
            down, message = listener.wait_for_event("ServerDown", "pbx1")
            assert "gone" in message["Reason"]
            up, _ = listener.wait_for_event("ServerUp", "pbx1")
            again.append(up - killed)
        for listener in listeners:
            listener.wait_for_number("pbx1", listener.numbers["pbx1"][-1] + 100)
            numbers = listener.numbers["pbx1"]
            assert not listener.report("pbx1", numbers[0], numbers[-1])[1]
    print(f"action ended after {ended:.2f} s; up again after {max(again):.2f} s")
    assert ended <= promised(3) and max(again) <= promised(3.5)


def reload(node, change):
    """The node reads its configuration again, after change(configuration)."""
    with open(node.path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    change(config)
    write_configuration(node.path, config)
    node.make_readable()
    node.signal(signal.SIGHUP)
    node.wait_for_line("configuration reloaded")


def test_i17_a_server_that_a_reload_adds_at_one_node_is_only_followed_by_the_others(start_cluster):
    """They do not have its secret: they do not log in to it, neither to stand by nor when its owner is gone."""
    cluster = start_cluster(nodes=0, servers=2, up=False)
    one = cluster.start_node("n1", servers=["pbx1"], cluster={"standby": 1})
    one.wait_for_server("pbx1")  # before the other is there: this one owns it
    other = cluster.start_node("n2", servers=["pbx1"], cluster={"standby": 1})
    other.wait_for_line("cluster server=pbx1 hold=warm")
    reload(one, lambda config: config["servers"].append(server_entry(cluster.simulators["pbx2"], "pbx2")))
    other.wait_for_server("pbx2")
    listener = cluster.listen(other)
    logins = cluster.asked("pbx2", "Login")
    cluster.kill(one)
    listener.wait_for_event("ServerDown", "pbx2")
    assert poll(lambda: other.log_contains("cluster server=pbx1 hold=local"))
    assert {re.search(r"hold=(\w+)", line)[1] for line in other.lines if "cluster server=pbx2 " in line} == {"none"}
    assert cluster.asked("pbx2", "Login") == logins


@pytest.mark.parametrize(
    "change", [lambda config: config["cluster"].update(node="n9"), lambda config: config.pop("cluster")]
)
def test_i17_what_a_reload_changes_of_the_cluster_waits_for_a_restart(start_cluster, change, workers):
    """The node goes on under its name, for a node that comes now, too, and its clients get the events of others."""
    cluster = start_cluster(nodes=2, workers=workers, sections={"users": ADMINS})
    owner, (other,) = cluster.owner("pbx1"), cluster.others("pbx1")
    name = next(name for name, node in cluster.nodes.items() if node is owner)
    other.wait_for_line("events needed=no")  # nobody is logged in there
    for node in (owner, other):
        reload(node, change)
        node.wait_for_line("cluster.node changed", "needs a restart")
    third = cluster.start_node("n3", users=ADMINS)
    third.wait_for_server("pbx1")
    assert f"Node: {name} " in third.login("dave", Events="off").ask(ProxyAction="ListServers").text
    listener = cluster.listen(other)
    with cluster.stream("pbx1") as stream:
        stream.wait(100)
        listener.wait_for_number("pbx1", stream.sent)
