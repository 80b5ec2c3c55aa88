"""Listening sockets that a service manager passes on."""

import fcntl
import os
import socket

from harness.limits import DEADLINE
from harness.proxy import Proxy, configuration, server_entry

# -- sockets from outside


def activate(launch, tmp_path, config, sockets, names, **environment):
    """Starts the proxy as systemd does: the sockets are its descriptors from 3 on."""
    high = [fcntl.fcntl(sock.fileno(), fcntl.F_DUPFD, 100) for sock in sockets]
    moves = "; ".join(f"exec {3 + index}<&{fd} {fd}<&-" for index, fd in enumerate(high))
    wrapper = ["/bin/bash", "-c", f'{moves}; LISTEN_PID=$$ exec "$0" "$@"']
    env = dict(os.environ, LISTEN_FDS=str(len(sockets)), LISTEN_FDNAMES=":".join(names), **environment)
    try:
        return launch(Proxy, str(tmp_path), config, wrapper=wrapper, env=env, pass_fds=high)
    finally:
        for fd in high:
            os.close(fd)


def bound():
    return socket.create_server(("127.0.0.1", 0))


def test_inherited_by_address(launch, tmp_path, pbx, workers):
    with bound() as sock, bound() as foreign:
        config = configuration([server_entry(pbx)], workers)
        config["listen"][0]["port"] = sock.getsockname()[1]
        early = socket.create_connection(sock.getsockname())  # waits in the backlog, nobody accepts yet
        proxy = activate(launch, tmp_path, config, [foreign, sock], ["other", "astmanproxy.socket"])
        proxy.wait_for_line("inherited socket taken", "name=astmanproxy.socket")
        proxy.wait_for_line("inherited socket closed", '"other"')
        assert proxy.address == sock.getsockname()
        early.settimeout(DEADLINE)
        assert early.recv(100).startswith(b"Asterisk Call Manager")
        early.close()


def test_inherited_by_name(launch, tmp_path, pbx):
    with bound() as sock:
        config = configuration([server_entry(pbx)])
        config["listen"][0].update(name="ami", port=1)
        proxy = activate(launch, tmp_path, config, [sock], ["ami"])
        assert proxy.address == sock.getsockname()
        assert proxy.connect().banner.startswith("Asterisk Call Manager")


def test_what_is_no_listening_socket_is_closed(launch, tmp_path, pbx):
    config = configuration([server_entry(pbx)])
    with socket.socket() as sock:
        proxy = activate(launch, tmp_path, config, [sock], ["127.0.0.1_0"])
        proxy.wait_for_line("inherited descriptor closed", "expected a listening stream socket")


def test_sockets_of_another_process_are_not_taken(launch, tmp_path, pbx):
    """LISTEN_PID names the process that they are for."""
    config = configuration([server_entry(pbx)])
    proxy = launch(Proxy, str(tmp_path), config, env=dict(os.environ, LISTEN_PID="1", LISTEN_FDS="1"))
    assert not proxy.log_contains("inherited")


def test_restart_with_a_descriptor_store_refuses_nobody(launch, tmp_path, pbx, workers):
    """`systemctl restart`: another process keeps the socket, and new connections wait in its backlog."""
    config = configuration([server_entry(pbx)], workers)
    with bound() as sock:
        config["listen"][0]["port"] = sock.getsockname()[1]
        name = "127.0.0.1_%d" % sock.getsockname()[1]
        first = activate(launch, tmp_path, config, [sock], [name])
        assert first.stop() == 0
        waiting = [socket.create_connection(sock.getsockname()) for _ in range(20)]
        activate(launch, tmp_path, config, [sock], [name])
        for client in waiting:
            client.settimeout(DEADLINE)
            assert client.recv(100).startswith(b"Asterisk Call Manager")
            client.close()
