"""Proxy and simulator together: what a demo shows, and the faults that the simulator makes on demand."""

import pytest

from harness.limits import scaled
from harness.message import encode


@pytest.fixture
def chain(simulator, start_proxy):
    return lambda *options, **sections: start_proxy({"sim": simulator("--seed", "7", *options)}, **sections)


def test_list_of_channels(chain):
    client = chain("--lists", "20").login("dave", Events="off")
    client.send(Action="CoreShowChannels", ActionID="l")
    got = client.collect_until(EventList="Complete")
    assert len(got) == 22 and got[-1]["ListItems"] == "20"
    assert all(m["ActionID"] == "l" and m.last == ("Server", "sim") for m in got)


def test_call_is_seen_by_all(chain):
    proxy = chain("--answer-ms", "10", "--talk-ms", "10")
    asker, other = proxy.login("dave", Events="call"), proxy.login("bill", Events="call")
    asker.send(
        Action="Originate", Channel="Local/101@tenant-a", Application="Wait", Data="1", Async="true", ActionID="o"
    )
    assert asker.read_until(Event="OriginateResponse")["ActionID"] == "o"
    asker.read_until(Event="Hangup")
    seen = other.collect_until(Event="Hangup")
    assert "Newchannel" in [m.get("Event") for m in seen]
    assert not [m for m in seen if "ActionID" in m]


def test_synchronous_originate_holds_nobody_up(chain):
    proxy = chain("--answer-ms", "1500", "--talk-ms", "10")
    asker, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    asker.send(Action="Originate", Channel="Local/101@tenant-a", Application="Wait", Data="1", ActionID="o")
    for _ in range(20):
        assert other.ask(Action="Ping", Server="sim")["Response"] == "Success"
    assert asker.read_message()["ActionID"] == "o"


def test_legacy_dialect(chain):
    client = chain("--legacy", "--lists", "3").login("dave", Events="off")
    client.send(Action="CoreShowChannels", ActionID="l")
    client.send(Action="Command", Command="core show version", ActionID="c")
    client.send(Action="Ping", ActionID="end")
    got = client.collect_until(ActionID="end")
    assert len([m for m in got if m.get("Event") == "CoreShowChannel"]) == 3
    assert got[-2].text.startswith("Response: Follows\nPrivilege: Command\nActionID: c\nServer: sim\n")
    assert got[-2].text.endswith("--END COMMAND--")


def test_same_events_in_the_same_order_at_all_clients(chain):
    """Between two marks that one client raises, everybody sees the same bytes."""
    proxy = chain("--rate", "3000", limits={"output_backlog": "256MiB"})  # clients read one after the other
    clients = [proxy.login("dave") for _ in range(5)]
    raiser = proxy.login("bill", Events="off")
    raiser.send(Action="UserEvent", UserEvent="Start")
    first = clients[0].collect_until(UserEvent="Start")[-1:]
    first += [clients[0].read_message() for _ in range(scaled(3000))]
    raiser.send(Action="UserEvent", UserEvent="End")
    first += clients[0].collect_until(UserEvent="End")
    for client in clients[1:]:
        client.read_until(UserEvent="Start")
        assert [m.text for m in client.collect_until(UserEvent="End")] == [m.text for m in first[1:]]


@pytest.mark.parametrize("fault", [("--drop-after", "30"), ("--refuse-login", "2"), ("--split", "3"), ("--cut", "2")])
def test_faults_are_survived(chain, fault):
    """Every action is answered once and in order, by the server or by an error."""
    proxy = chain(*fault)
    client = proxy.login("dave")
    for number in range(60):
        client.send_raw(encode([("Action", "CoreSettings"), ("ActionID", str(number))]))
    answers = [m for m in client.collect_until(ActionID="59") if m.kind == "response"]
    assert [m["ActionID"] for m in answers] == [str(number) for number in range(60)]
