"""The table of descriptors is full while the proxy serves: sessions go on, failures are logged, and the proxy recovers."""

import os
import signal
import subprocess
import sys
import time

import pytest

from harness.limits import Deadline
from harness.proxy import USERS
from harness.web import ALL_PLUGINS, Web, listeners

ADMIN = [dict(user, admin=user["name"] == "dave") for user in USERS]
FULL = "Too many open files"


LIMIT = "import resource, sys; resource.prlimit(int(sys.argv[1]), resource.RLIMIT_NOFILE, (int(sys.argv[2]), int(sys.argv[3])))"


class Starved:
    """While it lasts, the proxy gets no descriptor that it does not have."""

    def __init__(self, proxy):
        self.pid = proxy.process.pid

    def _limit(self, soft, hard):
        """As the user that the proxy has become, who may do that without any capability."""
        status = os.stat(f"/proc/{self.pid}")
        other = (
            {} if status.st_uid == os.getuid() else {"user": status.st_uid, "group": status.st_gid, "extra_groups": []}
        )
        subprocess.run([sys.executable, "-c", LIMIT, *map(str, (self.pid, soft, hard))], check=True, **other)

    def __enter__(self):
        with open(f"/proc/{self.pid}/limits", encoding="ascii") as lines:
            self.usual = next(line.split()[3:5] for line in lines if line.startswith("Max open files"))
        self._limit(3, self.usual[1])  # 0 to 2 are taken; poll() wants a limit above its number of descriptors

    def __exit__(self, *ignored):
        self._limit(*self.usual)


def is_served(client):
    return client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"


def test_accepting_goes_on_when_descriptors_come_free(start_proxy, pbx):
    """No loop spins meanwhile: the proxy uses far less than one processor. One log line reports it."""
    proxy = start_proxy({"pbx1": pbx}, more={"ping_interval": "1s"})
    client = proxy.login("dave", Events="user")
    with Starved(proxy):
        late = [proxy.connect(banner=False) for _ in range(5)]  # the kernel has them; nobody can accept them
        proxy.wait_for_line("cannot accept connections", FULL)
        begin, used = time.monotonic(), proxy.cpu_seconds()
        with pbx.changed:
            pings = pbx.pings
            pbx.wait(lambda: pbx.pings >= pings + 3, "3 Pings", 60)
        assert proxy.cpu_seconds() - used < (time.monotonic() - begin) / 2
        pbx.event("UserEvent", "user,all", Meanwhile="1")
        client.read_until(Event="UserEvent", Meanwhile="1")
        assert is_served(client)
        assert proxy.log().count("cannot accept connections") == 1
    for one in late:
        one.read_line()
        assert one.login("dave", USERS[0]["secret"], Events="off")["Response"] == "Success"


def test_a_reload_fails_and_changes_nothing(reloadable, scripts):
    script = {
        "path": scripts(action_mine="return { name = 'Mine', run = function(a, reply) reply:ok{ Mark = 'x' } end }")
    }
    proxy, change = reloadable(users=ADMIN, scripts=dict(script, proxy_actions=["stock", "mine"]))
    client = proxy.login("dave", Events="off")
    change(users=[dict(USERS[0], admin=True)], scripts=dict(script, proxy_actions=["stock"]))
    with Starved(proxy):
        answer = client.ask(ProxyAction="Reload")
        assert answer["Response"] == "Error" and FULL in answer["Message"], answer
        assert client.ask(ProxyAction="Mine")["Mark"] == "x"
    assert proxy.login("bill", Events="off").ask(Action="Ping")["Response"] == "Success"  # bill's entry is still there
    assert client.ask(ProxyAction="Reload")["Response"] == "Success"
    assert client.ask(ProxyAction="Mine")["Message"] == "Invalid Proxy Action"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_server_comes_back_when_descriptors_come_free(start_proxy, scripted, localhost, name):
    server = scripted()
    proxy = start_proxy({"pbx1": server}, more={"host": name})
    client = proxy.login("dave", Events="on")
    with Starved(proxy):
        before = len(proxy.lines)
        server.drop_connections()
        client.read_until(Event="ServerDown")
        proxy.wait_until(
            lambda lines: any("no connection to server" in line for line in lines[before:]), "a failed attempt"
        )
        assert client.ask(Action="Ping", Server="pbx1")["Message"] == "Server pbx1 is down"
    client.read_until(Event="ServerUp")
    assert is_served(client)


def test_what_blocks_takes_the_main_lane(start_proxy, pbx):
    """No slow lane can be opened: blocking actions go on by the main one."""
    proxy = start_proxy({"pbx1": pbx})
    client = proxy.login("dave", Events="off")
    with Starved(proxy):
        client.send(Action="Command", Command="core show uptime", ActionID="c")
        pbx.expect(Action="Command").reply("Success", ("Output", "x"), Message="Command output follows")
        assert client.response("c")["Response"] == "Success"
    deadline = Deadline()
    lanes = len(pbx.connections)
    while len(pbx.connections) == lanes:  # and a slow lane is opened again
        client.send(Action="Command", Command="core show uptime", ActionID="d")
        pbx.expect(Action="Command").reply("Success", ("Output", "x"), Message="Command output follows")
        assert client.response("d")["Response"] == "Success"
        assert not deadline.passed()


def test_a_takeover_that_cannot_begin_is_told(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    client = proxy.login("dave", Events="off")
    with Starved(proxy):
        proxy.process.send_signal(signal.SIGUSR2)
        proxy.wait_for_line("hand-over failed", FULL)
        assert is_served(client)
    assert is_served(proxy.login("bill", Events="off"))


def test_metrics_leave_out_what_cannot_be_counted(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(reports=True), plugins=ALL_PLUGINS)
    web = Web(proxy.addresses[1])
    assert "process_open_fds" in web.get("/metrics").text
    with Starved(proxy):
        text = web.get("/metrics").text
        assert "astmanproxy_sessions" in text and "process_open_fds 0" not in text
    assert "process_open_fds" in web.get("/metrics").text
