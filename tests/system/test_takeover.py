"""SIGUSR2: a new process takes over the listening sockets."""

import os
import pathlib
import re
import shutil
import signal
import socket
import tempfile
import threading

import pytest
import yaml

from harness.client import Client, Closed
from harness.limits import DEADLINE
from harness.process import is_sanitized
from harness.proxy import BINARY, Proxy, configuration, secret_of, server_entry, write_configuration
from harness.takeover import Orphan, take_over


def answer_all(pbx):
    """Each CoreStatus is answered at once, with its `Tag`. @return the ActionIDs that have been answered, a list that
    grows"""
    seen = []

    def answer(action):
        action.reply("Success", Tag=action.get("Tag") or "")
        with pbx.changed:
            seen.append(action["ActionID"])
            pbx.changed.notify_all()

    pbx.answers["CoreStatus"] = answer
    return seen


def change(proxy, **sections):
    """Writes other sections into the configuration, readable as before."""
    with open(proxy.path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    for name, section in sections.items():
        if isinstance(section, dict):
            config[name].update(section)
        else:
            config[name] = section
    write_configuration(proxy.path, config)
    proxy.make_readable()


# -- one takeover


def test_new_process_serves_and_old_one_ends(lasting, pbx):
    proxy = lasting()
    answer_all(pbx)
    client = proxy.login("dave", Events="off")
    old = take_over(proxy)
    assert client.read_to_end()[-1].text == "ProxyMessage: Proxy Shutting Down"
    assert old.wait(DEADLINE) == 0
    assert proxy.login("dave", Events="off").ask(Action="CoreStatus")["Response"] == "Success"
    assert pbx.logins == 2
    pbx.wait(lambda: pbx.logoffs == 1, "Logoff of the old one")


def test_answers_in_flight_come_from_the_old_process(lasting, pbx):
    proxy = lasting()
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    action = pbx.expect(Action="CoreStatus")
    old = take_over(proxy)
    proxy.wait_for_drain()
    client.send(Action="CoreSettings", ActionID="2")
    action.reply("Success")
    assert client.response("1")["Response"] == "Success"
    assert client.response("2")["Message"] == "The proxy is going down"
    assert client.read_to_end()[-1].text == "ProxyMessage: Proxy Shutting Down"
    assert old.wait(DEADLINE) == 0
    assert not [action for action in pbx.actions if action["Action"] == "CoreSettings"]


def test_pid_file_names_the_process_that_serves(lasting):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "pid")
        proxy = lasting(process={"pid_file": path})
        assert pathlib.Path(path).read_text(encoding="ascii").strip() == str(proxy.process.pid)
        take_over(proxy).wait(DEADLINE)
        assert pathlib.Path(path).read_text(encoding="ascii").strip() == str(proxy.process.pid)


def test_unix_socket_is_handed_on(lasting, pbx):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        path = os.path.join(folder, "ami")
        proxy = lasting(listen=[{"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"}])
        change(
            proxy,
            listen=[
                {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"},
                {"address": f"unix:{path}", "input": "standard", "tls": "off"},
            ],
        )
        proxy.hang_up()
        inode = os.stat(path).st_ino
        take_over(proxy).wait(DEADLINE)
        assert os.stat(path).st_ino == inode
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(DEADLINE)
            client.connect(path)
            assert client.recv(100).startswith(b"Asterisk Call Manager")


def test_signals_after_a_takeover(lasting, pbx):
    """A service manager that ends all processes at once ends the old one in order; the second signal ends it at once."""
    proxy = lasting(limits={"drain": "30s"})
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    pbx.expect(Action="CoreStatus")
    old = take_over(proxy)
    old.send_signal(signal.SIGTERM)
    proxy.wait_for_line("ending already")
    assert old.poll() is None
    old.send_signal(signal.SIGTERM)
    assert old.wait(DEADLINE) == 2


def test_end_during_a_takeover(lasting, pbx):
    """The new process waits for a server that the old one has: SIGTERM ends both."""
    proxy = lasting()
    pbx.refuse_connections = True
    proxy.signal(signal.SIGUSR2)
    child = Orphan(int(re.search(r"pid=(\d+)", proxy.wait_for_line("hand-over begins")).group(1)))
    proxy.signal(signal.SIGUSR2)
    proxy.wait_for_line("hand-over not begun")
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_line("hand-over given up")
    assert proxy.wait() == 0
    assert child.wait() in (0, -signal.SIGTERM)  # it may have been too young to end in order


# -- a new process that cannot start


@pytest.mark.parametrize(
    "sections, words",
    [
        ({"workers": "many"}, "astmanproxy.yaml:"),
        ({"plugins": {"path": "/nonexistent"}}, "plugins: none could be loaded"),
        (
            {"listen": [{"address": "192.0.2.1", "port": 1, "input": "standard", "tls": "off"}]},
            "listen 192.0.2.1 port 1",
        ),
        ({"tls": {"certificate": "/nonexistent.pem"}}, "/nonexistent.pem"),
    ],
)
def test_old_process_goes_on_and_says_why(lasting, pbx, sections, words):
    proxy = lasting(tls={})
    answer_all(pbx)
    client = proxy.login("dave", Events="off")
    change(proxy, **sections)
    proxy.signal(signal.SIGUSR2)
    line = proxy.wait_for_line("hand-over failed, this process goes on", words)
    assert line.count("\n") == 0
    assert client.ask(Action="CoreStatus")["Response"] == "Success"
    assert proxy.login("dave", Events="off").ask(Action="CoreStatus")["Response"] == "Success"


def test_new_process_without_its_servers_is_not_taken(lasting, pbx):
    """The new configuration has a wrong secret for the server: the new process could serve nobody."""
    proxy = lasting()
    answer_all(pbx)
    change(proxy, servers=[dict(server_entry(pbx), secret="wrong")])
    proxy.signal(signal.SIGUSR2)
    proxy.wait_for_line("hand-over failed", "logged in to 0 servers", seconds=60)
    assert proxy.login("dave", Events="off").ask(Action="CoreStatus")["Response"] == "Success"


@pytest.fixture
def program():
    """A copy of the program, in a folder that everybody may read."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield shutil.copy(BINARY, folder)


def test_program_that_crashes_is_told(launch, pbx, tmp_path, program):
    """What stands at the program's path now is what is run: an upgrade, or something that is none."""
    proxy = launch(Proxy, str(tmp_path), configuration([server_entry(pbx)], limits={"drain": "4s"}), binary=program)
    proxy.make_readable()
    proxy.wait_for_server("pbx1")
    os.rename(program, program + ".old")
    proxy.signal(signal.SIGUSR2)
    proxy.wait_for_line("hand-over failed", "No such file")
    for script, words in (
        ("#!/bin/sh\nexit 3\n", "exit code 3"),
        ("#!/bin/sh\nkill -11 $$\n", "signal 11"),
        ("no program", "could not be executed"),
    ):
        with open(program, "w", encoding="ascii") as file:
            file.write(script)
        os.chmod(program, 0o755)
        proxy.signal(signal.SIGUSR2)
        proxy.wait_for_line("hand-over failed", words)
    assert proxy.login("dave", Events="off").ask(Action="Ping")["Response"] == "Success"
    os.rename(program + ".old", program)
    take_over(proxy).wait(DEADLINE)


# -- under load


class Knocker(threading.Thread):
    """Connects, logs in and asks, over and over; counts what goes wrong."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address = address
        self.done = threading.Event()
        self.refused, self.failed, self.answered = [], [], 0

    def run(self):
        while not self.done.is_set():
            try:
                client = Client(self.address, banner=False, deadline=DEADLINE)
            except OSError as error:
                self.refused.append(repr(error))
                continue
            try:
                client.banner = client.read_line()
                if client.login("dave", secret_of("dave"), Events="off")["Response"] != "Success":
                    self.failed.append(list(client.history))
                answer = client.ask(Action="CoreStatus")
                if answer["Response"] != "Success" and answer["Message"] != "The proxy is going down":
                    self.failed.append(answer)
                self.answered += 1
            except (AssertionError, OSError) as error:
                if not any("Proxy Shutting Down" in message.text for message in client.history):
                    self.failed.append(repr(error))
            finally:
                client.close()

    def stop(self):
        self.done.set()
        self.join(2 * DEADLINE)
        return self


class Worker(threading.Thread):
    """A client that asks without pause, listens to events, and comes back when it was told to go."""

    def __init__(self, address, number):
        super().__init__(daemon=True)
        self.address, self.number = address, number
        self.done = threading.Event()
        self.wrong, self.answered, self.told = [], 0, 0

    def run(self):
        serial = 0
        while not self.done.is_set():
            client = Client(self.address, deadline=DEADLINE)
            expected = set()
            try:
                client.login("dave", secret_of("dave"), Events="call")
                while not self.done.is_set():
                    for _ in range(5):
                        serial += 1
                        expected.add(f"{self.number}-{serial}")
                        client.send(
                            Action="CoreStatus", ActionID=f"{self.number}-{serial}", Tag=f"{self.number}-{serial}"
                        )
                    while expected:
                        self.take(client.read_message(), expected)
            except (Closed, ConnectionError, BrokenPipeError):
                self.settle(client, expected)
            except AssertionError as error:
                self.wrong.append(repr(error))
            finally:
                client.close()

    def take(self, message, expected):
        if message.kind != "response" or "ActionID" not in message:
            return
        name = message["ActionID"]
        if name.startswith("ask-"):
            return
        if name not in expected:
            self.wrong.append(("twice, or another's", name))
        expected.discard(name)
        if message["Response"] == "Success":
            self.answered += 1
            if message["Tag"] != name:
                self.wrong.append(("another's answer", message.text))
        elif message["Message"] != "The proxy is going down":
            self.wrong.append(message.text)

    def settle(self, client, expected):
        """The connection is over: everything that came was read, the last word was the proxy's. What was sent behind
        that word was never taken."""
        while client.inbox:
            self.take(client.inbox.popleft(), expected)
        if not any(message.text == "ProxyMessage: Proxy Shutting Down" for message in client.history):
            self.wrong.append(("not told", list(client.history)))
        self.told += 1

    def stop(self):
        self.done.set()
        self.join(2 * DEADLINE)
        return self


def test_r36_takeovers_under_load(lasting, pbx):
    """50 clients with actions in flight and events, connection attempts in a loop, three takeovers."""
    proxy = lasting(log={"to": "stderr", "level": "info"})
    asked = answer_all(pbx)
    clients = [Worker(proxy.address, number) for number in range(50 if not is_sanitized() else 25)]
    knockers = [Knocker(proxy.address) for _ in range(2)]
    for thread in clients + knockers:
        thread.start()
    for turn in range(3):
        before = len(asked)
        for goal in range(before + 5, before + 305, 5):  # an event for every five answers
            pbx.event("Tick", "call,all", Number=turn)
            pbx.wait(lambda goal=goal: len(asked) >= goal, f"{goal} answers")
        assert take_over(proxy).wait(2 * DEADLINE) == 0
    for thread in clients + knockers:
        thread.stop()
    assert [thread.wrong for thread in clients if thread.wrong] == []
    assert [thread.refused + thread.failed for thread in knockers if thread.refused or thread.failed] == []
    assert len(asked) == len(set(asked))  # nothing was sent twice
    assert sum(thread.told for thread in clients) >= len(clients)
    assert all(thread.answered > 0 for thread in clients + knockers)


def test_inherited_descriptors_and_variables_are_for_nobody_else(lasting):
    """The new process has its sockets close-on-exec, and the variables of its predecessor are gone from its own view."""
    proxy = lasting()
    take_over(proxy).wait(DEADLINE)
    folder = f"/proc/{proxy.process.pid}/fdinfo"
    flags = [
        line.split()[1]
        for number in os.listdir(folder)
        if int(number) > 2
        for line in pathlib.Path(folder, number).read_text(encoding="ascii").splitlines()
        if line.startswith("flags:")
    ]
    assert all(int(word, 8) & 0o2000000 for word in flags)
