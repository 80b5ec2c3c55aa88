"""Connections that do not log in: their number is bounded, idle ones make room for others, and none stays without end."""

import select
import socket

import pytest

from harness.client import Client
from harness.limits import DEADLINE, Deadline, poll, scaled
from harness.proxy import secret_of
from harness.web import ALL_PLUGINS, Web, basic, listeners

ATTACKER = "127.0.0.2"


def connect(proxy, source):
    """Without waiting for the banner."""
    return Client(proxy.address, banner=False, source=source)


def log_in(client, name="dave"):
    client.read_line()
    return client.login(name, secret_of(name), Events="off")["Response"]


def is_closed(client):
    client.socket.settimeout(DEADLINE)
    try:
        while client.socket.recv(4096):
            pass
    except ConnectionError:
        pass
    return True


@pytest.mark.parametrize("source", [ATTACKER, "127.0.0.1"])
def test_f12_silent_connections_lock_nobody_out(start_proxy, pbx, workers, source):
    """As many as there may be, from another address and from the same one."""
    proxy = start_proxy({"pbx1": pbx}, limits={"unauthenticated": 60, "unauthenticated_per_address": 50})
    inside = proxy.login("bill", Events="off")
    silent = [connect(proxy, source) for _ in range(100)]
    for _ in range(5):
        assert log_in(connect(proxy, "127.0.0.1")) == "Success"
    assert inside.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    for client in silent:
        client.socket.close()


def test_f12_the_address_with_most_makes_room_and_its_oldest_goes(start_proxy, pbx, workers):
    proxy = start_proxy({"pbx1": pbx}, limits={"unauthenticated": 12, "unauthenticated_per_address": 0})
    few = [connect(proxy, "127.0.0.3") for _ in range(2)]
    many = [connect(proxy, ATTACKER) for _ in range(10)]
    for client in few + many:
        client.read_line()
    # All have been idle for a second then, and none has gone, as nobody needed its room.
    assert not poll(lambda: select.select([client.socket for client in few + many], [], [], 0)[0], seconds=1.2)
    late = connect(proxy, "127.0.0.4")
    late.read_line()
    assert is_closed(many[0])
    proxy.wait_for_line("session closed", "made room for another")
    for client in few + many[1:] + [late]:
        assert client.login("dave", secret_of("dave"), Events="off")["Response"] == "Success"


def test_f12_a_share_of_each_address(start_proxy, pbx):
    """One address has its share only; the next of its own takes the place of its oldest, others come at once."""
    proxy = start_proxy({"pbx1": pbx}, limits={"unauthenticated": 40, "unauthenticated_per_address": 5})
    held = [connect(proxy, ATTACKER) for _ in range(6)]
    for client in held[:5]:
        client.read_line()
    assert log_in(connect(proxy, "127.0.0.3")) == "Success"
    held[5].read_line()
    assert is_closed(held[0])
    assert log_in_already_greeted(held[1:]) == {"Success"}


def log_in_already_greeted(clients):
    return {client.login("dave", secret_of("dave"), Events="off")["Response"] for client in clients}


@pytest.mark.parametrize("limits", [{}, {"unauthenticated": 50, "unauthenticated_per_address": 20}])
def test_f12_many_that_reconnect_at_once_all_get_in(start_proxy, pbx, workers, limits):
    """All of this machine, as behind a NAT: they wait for room where there is none."""
    count = scaled(200) if limits else 1000
    proxy = start_proxy({"pbx1": pbx}, limits=limits)
    begun = []
    for _ in range(count):
        begun.append(socket.socket())
        begun[-1].setblocking(False)
        begun[-1].connect_ex(proxy.address)
    clients = [Client(proxy.address, begun=sock, banner=False, deadline=4 * DEADLINE) for sock in begun]
    for client in clients:
        client.send(Action="Login", Username="dave", Secret=secret_of("dave"), Events="off", ActionID="l")
    for client in clients:
        client.read_line()
        assert client.response("l")["Response"] == "Success"
    for client in clients:
        client.socket.close()


def test_f12_anonymous_http_clients_are_closed(start_proxy, pbx, workers):
    """A keep-alive connection without credentials goes when auth.timeout is over; one that authenticates stays."""
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS, auth={"timeout": "3s"})
    anonymous, known, was_known = (Web(proxy.addresses[1], auth) for auth in (None, basic(), basic()))
    assert was_known.get("/?Action=Ping").status == 200
    was_known.auth = None
    deadline, closed = Deadline(DEADLINE), set()
    while len(closed) < 2:
        assert not deadline.passed()
        assert known.get("/?Action=Ping").status == 200
        left = {anonymous, was_known} - closed
        select.select([client.socket for client in left], [], [], 0.2)  # not as fast as it can: a connection has 1,000
        for client in left:
            try:
                assert client.get("/?Action=Ping").status == 401
            except (AssertionError, OSError):
                assert not client.fill(Deadline(DEADLINE))
                closed.add(client)
    for _ in range(3):
        assert known.get("/?Action=Ping").status == 200


def test_r20_connections_that_say_nothing(start_proxy, pbx):
    """Capped, closed in time, users untouched. AMP_SCALE=25 makes 10,000 of them."""
    count = scaled(400)
    proxy = start_proxy({"pbx1": pbx}, auth={"timeout": "5s"}, limits={"unauthenticated": 100})
    user = proxy.login("bill", Events="off")
    silent = []
    for number in range(count):
        silent.append(connect(proxy, f"127.0.1.{number % 250 + 1}"))
        if number % 50 == 0:
            assert user.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
        if len(silent) > 800:
            silent.pop(0).socket.close()
    for client in silent:
        assert is_closed(client)
    assert user.fence() == []
