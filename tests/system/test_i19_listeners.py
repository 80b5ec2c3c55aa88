"""A connection that waits - for its PROXY header, or for room - is let in at the listener that it came to, or not at all."""

import os

import pytest

from harness.client import Client
from harness.message import encode
from harness.proxy import Proxy, configuration, server_entry, write_configuration

HEADER = b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 1234\r\n"
ASK = encode([("ProxyAction", "ListSessions"), ("ActionID", "x")])
PLAIN = {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"}
BALANCED = {**PLAIN, "address": "127.0.0.2", "trust": ["127.0.0.0/8"], "proxy_protocol": "required"}


@pytest.fixture
def listen(launch, pbx, tmp_path):
    """listen(*listeners) -> (proxy, change(*listeners)). The control socket has no folder, and is not opened."""

    def start(*listeners):
        def entries(listeners):
            return configuration([server_entry(pbx)], listen=[dict(each) for each in listeners])

        os.chmod(tmp_path, 0o755)
        proxy = launch(Proxy, str(tmp_path), entries(listeners))

        def change(*listeners):
            write_configuration(proxy.path, entries(listeners))
            proxy.make_readable()
            proxy.hang_up()

        return proxy, change

    return start


def arrive(proxy, index, sent):
    client = Client(proxy.addresses[index], banner=False)
    proxy.clients.append(client)
    client.send_raw(sent)
    return client


def test_i19_a_listener_that_a_reload_closes_takes_who_waits_there_along(listen):
    """Nobody of them becomes a client of another listener, least of all of the control socket, which needs no login."""
    proxy, change = listen(BALANCED, PLAIN)
    proxy.wait_for_line("no control socket")
    client = arrive(proxy, 0, HEADER[:3])
    proxy.login(index=1)
    change(PLAIN)
    proxy.wait_for_line("no longer listening address=127.0.0.2")
    client.send_raw(HEADER[3:] + ASK)
    assert client.read_to_end() == [] and client.buffer == b""
    assert not any("203.0.113.7" in line for line in proxy.lines)


def test_i19_each_of_many_listeners_has_its_own_rules(listen):
    guarded = {**BALANCED, "allow": ["10.0.0.0/8"]}
    proxy, _ = listen(*[PLAIN] * 70, guarded)
    client = arrive(proxy, 70, HEADER + ASK)
    assert client.read_to_end() == [] and client.buffer == b""
    proxy.wait_for_line("connection refused by address")
    assert not any("session opened" in line for line in proxy.lines)
