"""Messages to the service manager: the protocol of sd_notify(3), received on a socket of the test."""

import array
import os
import signal
import socket
import tempfile
import time
from itertools import pairwise

import pytest

from harness.limits import DEADLINE, Deadline
from harness.process import delays_signals, has_symbol
from harness.proxy import USERS, Proxy, configuration, server_entry, write_configuration
from harness.takeover import take_over

pytestmark = pytest.mark.skipif(
    not has_symbol(b"sd_pid_notify_with_fds"), reason="built without libsystemd: nothing is told"
)


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.socket.bind(path)
        os.chmod(path, 0o777)
        self.told = []  # (pid of the sender, {name: value}, when)
        self.stored = {}  # name -> descriptors

    def receive(self, seconds):
        """@return False: nothing came"""
        self.socket.settimeout(max(seconds, 0.001))
        try:
            data, ancillary, _, _ = self.socket.recvmsg(4096, 1024)
        except (TimeoutError, BlockingIOError):
            return False
        fds, pid = array.array("i"), 0
        for level, kind, content in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
            elif (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                pid = int.from_bytes(content[:4], "little")
        facts = dict(line.split("=", 1) for line in data.decode().split("\n") if line)
        if facts.get("FDSTORE") == "1":
            self.stored.setdefault(facts["FDNAME"], []).extend(fds)
        self.told.append((pid, facts, time.monotonic()))
        return True

    def expect(self, seconds=None, **wanted):
        """The next message with all these fields, from any process."""
        deadline = Deadline(seconds)
        while True:
            for at, (_, facts, _) in enumerate(self.told):
                if all(facts.get(name) == value for name, value in wanted.items()):
                    found = self.told[at]
                    del self.told[: at + 1]
                    return found
            assert not deadline.passed(), f"not told in time: {wanted}; told were {self.told}"
            self.receive(deadline.left())

    def fill(self):
        """Nobody reads, and the queue is full: what a manager is like that is busy."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            try:
                while True:
                    sender.sendto(b"STATUS=filler", self.path)
            except BlockingIOError:
                pass

    def close(self):
        self.socket.close()
        for fds in self.stored.values():
            for fd in fds:
                os.close(fd)


@pytest.fixture
def manager():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        made = Manager(os.path.join(folder, "notify"))
        yield made
        made.close()


@pytest.fixture
def start(launch, tmp_path, pbx, workers, manager):
    def begin(env=None, **sections):
        proxy = launch(
            Proxy,
            str(tmp_path),
            configuration([server_entry(pbx)], workers, **sections),
            env=dict(os.environ, NOTIFY_SOCKET=manager.path, **(env or {})),
        )
        proxy.make_readable()
        proxy.wait_for_server("pbx1")
        return proxy

    return begin


def test_ready_and_stopping(start, manager):
    proxy = start()
    pid, facts, _ = manager.expect(READY="1")
    assert facts["MAINPID"] == str(proxy.process.pid) == str(pid) and facts["STATUS"]
    assert proxy.stop() == 0
    manager.expect(STOPPING="1")


def test_reload_is_told_from_beginning_to_end(start, manager):
    proxy = start()
    manager.expect(READY="1")
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    proxy.hang_up()
    _, facts, _ = manager.expect(RELOADING="1")
    assert before <= int(facts["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    manager.expect(READY="1")


def test_failed_reload_is_ready_again(start, manager):
    proxy = start()
    manager.expect(READY="1")
    with open(proxy.path, "w", encoding="ascii") as file:
        file.write("workers: many\n")
    proxy.hang_up("configuration not reloaded")
    manager.expect(RELOADING="1")
    assert "failed" in manager.expect(READY="1")[1]["STATUS"]


def test_sockets_are_stored_by_name(start, manager, tmp_path):
    proxy = start()
    manager.expect(READY="1")
    ((name, fds),) = manager.stored.items()
    assert name == "127.0.0.1_0" and len(fds) == 1
    with socket.socket(fileno=os.dup(fds[0])) as sock:
        assert sock.getsockname() == proxy.address
        assert proxy.stop() == 0
        with socket.create_connection(proxy.address, DEADLINE):  # the backlog takes it: nothing is refused
            pass


def test_listener_that_goes_is_forgotten(start, manager, pbx, workers):
    proxy = start()
    manager.expect(READY="1")
    config = configuration([server_entry(pbx)], workers)
    config["listen"][0]["address"] = "127.0.0.2"
    write_configuration(proxy.path, config)
    proxy.make_readable()
    proxy.hang_up()
    manager.expect(FDSTOREREMOVE="1", FDNAME="127.0.0.1_0")
    manager.expect(READY="1")
    assert list(manager.stored) == ["127.0.0.1_0", "127.0.0.2_0"]


def test_takeover_names_the_new_process(start, manager):
    proxy = start(limits={"drain": "2s"})
    manager.expect(READY="1")
    proxy.login("dave", Events="off")
    old = take_over(proxy)
    wanted = str(proxy.process.pid)
    told = [manager.expect(MAINPID=wanted), manager.expect(MAINPID=wanted)]
    assert {pid for pid, _, _ in told} == {
        old.pid,
        proxy.process.pid,
    }  # the one who may say so, and the one who is ready
    assert [facts.get("READY") for pid, facts, _ in told if pid == proxy.process.pid] == ["1"]
    assert old.wait(DEADLINE) == 0
    assert proxy.stop() == 0
    pid, _, _ = manager.expect(STOPPING="1")
    assert str(pid) == wanted  # the old one does not say that the service ends


# -- the watchdog


def test_watchdog_is_told_at_half_of_its_time(start, manager):
    start(env={"WATCHDOG_USEC": "1000000"})
    times = [manager.expect(WATCHDOG="1")[2] for _ in range(5)]
    gaps = [after - before for before, after in pairwise(times)]
    assert all(gap < 1 for gap in gaps) and sum(gaps) / len(gaps) > 0.3


def test_watchdog_of_another_process_is_not_ours(start, manager):
    proxy = start(env={"WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"})
    manager.expect(READY="1")
    assert proxy.stop() == 0
    manager.expect(STOPPING="1")
    assert not [facts for _, facts, _ in manager.told if "WATCHDOG" in facts]


def test_watchdog_goes_over_to_the_new_process(start, manager):
    proxy = start(env={"WATCHDOG_USEC": "400000"}, limits={"drain": "1s"})
    take_over(proxy).wait(DEADLINE)
    deadline = Deadline()
    while manager.expect(WATCHDOG="1")[0] != proxy.process.pid:
        assert not deadline.passed()


def test_a_manager_that_does_not_read_holds_up_nobody(start, manager, pbx):
    """The queue of its socket takes a few messages; sd_notify() waits for room. A takeover, and the actions of clients,
    go on."""
    proxy = start(env={"WATCHDOG_USEC": "200000"}, limits={"drain": "1s"})
    manager.fill()
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    pbx.expect(Action="CoreStatus").reply()
    assert client.response("1")["Response"] == "Success"
    proxy.hang_up()
    assert take_over(proxy).wait(DEADLINE) == 0
    assert proxy.login("dave", Events="off").ask(Action="Ping")["Response"] == "Success"
    deadline = Deadline()
    while manager.expect(WATCHDOG="1")[0] != proxy.process.pid:  # as soon as it reads again
        assert not deadline.passed()


def start_busy(start, manager, folder, rounds, limit):
    """A proxy of which one worker (of several the second) is in a script for that many rounds, at most for `limit`.
    @return (proxy, the client that asked)"""
    scripts = folder / "scripts"
    (scripts / "proxyactions").mkdir(parents=True)
    (scripts / "proxyactions" / "Busy.lua").write_text(
        'return { name = "Busy", admin = true, run = function(_, reply)\n'
        f"  local n = 0\n  for i = 1, {rounds} do n = n + i % 7 end\n  reply:ok{{ Message = tostring(n) }}\nend }}\n"
    )
    for each in (scripts, scripts / "proxyactions"):
        os.chmod(each, 0o755)
    proxy = start(
        env={"WATCHDOG_USEC": "300000"},
        users=[dict(USERS[0], admin=True)] + USERS[1:],
        scripts={"path": str(scripts), "proxy_actions": ["Busy"], "time": limit},
    )
    manager.expect(WATCHDOG="1")
    client = [proxy.login("dave", Events="off") for _ in range(2)][1]
    client.send(ProxyAction="Busy", ActionID="1")
    return proxy, client


def test_r38_worker_that_hangs_lets_the_watchdog_fire(start, manager, tmp_path, workers):
    """A script that works for long is what a hung worker looks like from outside; when it is done, all is well again."""
    proxy, client = start_busy(start, manager, tmp_path, 400_000_000, "1500ms")
    deadline = Deadline()
    while manager.receive(0.6):  # at last nothing comes for twice the watchdog's time
        assert not deadline.passed(), "the watchdog would have been fed all the time"
    if workers > 1:
        proxy.wait_for_line("a worker does not turn")
    manager.told.clear()
    manager.expect(seconds=2 * DEADLINE, WATCHDOG="1")
    assert client.response("1")


def test_r38_the_stack_of_what_is_stuck_is_told(start, manager, tmp_path, workers):
    """The watchdog ends a program that hangs by SIGABRT: it prints where each thread is, and ends by that signal."""
    if delays_signals():
        pytest.skip("the thread sanitizer hands signals on when what is stuck is no longer stuck")
    proxy, _ = start_busy(start, manager, tmp_path, 4_000_000_000, "10s")
    if workers > 1:  # the hub tells where the worker is, as soon as that does not turn
        proxy.wait_for_line("a worker does not turn")
        proxy.wait_for_line("stack of thread worker ")
    else:
        deadline = Deadline()
        while manager.receive(0.6):
            assert not deadline.passed(), "the watchdog would have been fed all the time"
    os.kill(proxy.process.pid, signal.SIGABRT)
    assert proxy.wait(DEADLINE) == -signal.SIGABRT
    lines = list(proxy.lines)
    start_of = next(i for i, line in enumerate(lines) if "ended by SIGABRT" in line)
    told = lines[start_of:]
    assert any("stack of thread hub tid=" in line for line in told)
    assert sum("stack of thread worker " in line for line in told) == (workers if workers > 1 else 0)
    assert any("liblua" in line for line in told), told  # where it is stuck
