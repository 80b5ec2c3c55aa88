"""Proxies that are administered: by ampctl, and by proxy actions."""

import os
import shutil
import tempfile

import pytest

from . import ctl
from .limits import poll
from .proxy import USERS, configuration, server_entry, write_configuration

ADMINS = [dict(user, admin=user["name"] == "dave") for user in USERS]


@pytest.fixture
def steered(start_proxy, pbx, authority):
    """A proxy with a certificate that dave may steer, and `path`: the same configuration with the port that it has."""

    def start(servers=None, up=None, listen=None, users=None, certificate=None, **sections):
        certificate = certificate or {"certificate": authority.issue("proxy")}
        sections.setdefault("plugins", {"load": ["standard", "json", "xml", "csv"]})
        proxy = start_proxy(
            servers or {"pbx1": pbx},
            up=up,
            users=ADMINS if users is None else users,
            tls=certificate,
            listen={"tls": "optional", **(listen or {})},
            **sections,
        )
        entries = [server_entry(server, name) for name, server in (servers or {"pbx1": pbx}).items()]
        config = configuration(
            entries,
            users=users or ADMINS,
            tls=certificate,
            listen={"tls": "optional", **(listen or {}), "port": proxy.address[1]},
        )
        proxy.config = str(authority.folder) + "/ctl.yaml"
        write_configuration(proxy.config, config)
        proxy.where = f"127.0.0.1:{proxy.address[1]}"
        return proxy

    return start


@pytest.fixture
def place():
    """The path of a socket, in a folder that the user that the proxy becomes may write to, and nobody else."""
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        os.chmod(folder, 0o755)
        yield os.path.join(folder, "control")


@pytest.fixture
def started():
    """started(Class, …): ended after the test."""
    made = []

    def start(kind, *arguments, **options):
        made.append(kind(*arguments, **options))
        return made[-1]

    yield start
    for each in made:
        each.close()


def add_server(client, server, host):
    """Adds a scripted server under the name of its host. @return the answer"""
    return client.ask(
        ProxyAction="AddServer",
        Server=host,
        Port=str(server.address[1]),
        Username="proxy",
        Secret=server.secret,
        Events="on",
    )


def list_sessions(admin, count):
    """Returns ListSessions once it shows `count` sessions. A session is listed for a moment after its client has gone.

    @return the answer
    """

    def listed():
        answer = admin.ask(ProxyAction="ListSessions")
        return answer if len(answer.all("ProxyClientSession")) == count else None

    answer = poll(listed)
    assert answer is not None, f"not {count} sessions: {admin.ask(ProxyAction='ListSessions')}"
    return answer


def at_terminal(started, *arguments, **options):
    return started(ctl.Terminal, *arguments, **options).finish()
