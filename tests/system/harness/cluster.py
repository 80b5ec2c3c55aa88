"""Several proxies as nodes of a cluster, nats-servers between them, and simulators whose events are numbered.

cluster = start_cluster(nodes=2, servers=1, nats=1)     # the fixture; each node serves each server when it returns
cluster.nodes["n1"], cluster.owner("pbx1"), cluster.others("pbx1")
with cluster.stream("pbx1", rate=500) as stream: …      # numbered events until the end of the block
"""

import collections
import contextlib
import itertools
import os
import re
import socket
import threading
import time

import pytest

from .client import Client
from .limits import DEADLINE, poll
from .message import encode, split
from .proxy import Proxy, configuration, secret_of, server_entry
from .sim import SECRET, USER, Simulator


def percentile(values, share):
    return sorted(values)[int(len(values) * share)]


class Stream:
    """A client of an Asterisk that raises an event with the next number, `rate` times a second."""

    def __init__(self, server, simulator, rate):
        self.server, self.rate = server, rate
        self.client = Client(simulator.address)
        self.client.ask(Action="Login", Username=USER, Secret=SECRET, Events="off")
        self.sent = 0
        self.times = {}  # of each number
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        begin = time.monotonic()
        while not self.ended.wait(0.002):
            due = int((time.monotonic() - begin) * self.rate)
            actions = b""
            while self.sent < due:
                self.sent += 1
                self.times[self.sent] = time.monotonic()
                actions += encode(
                    [("Action", "UserEvent"), ("UserEvent", "tick"), ("Of", self.server), ("Number", self.sent)]
                )
            if actions:
                self.client.send_raw(actions)
            self.client.socket.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                self.client.socket.recv(1 << 20)  # the answers

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.ended.set()
        self.thread.join(DEADLINE)

    def wait(self, count):
        """Waits until `count` more events were sent."""
        goal = self.sent + count
        assert poll(lambda: self.sent >= goal, pause=0.01)


class Listener:
    """A client of a node that notes all events, with the time of each."""

    def __init__(self, node, name=""):
        self.name = name
        self.socket = socket.create_connection(node.address, DEADLINE)
        self.socket.sendall(encode([("Action", "Login"), ("Username", "dave"), ("Secret", secret_of("dave"))]))
        self.events = []  # (time, message)
        self.numbers = {}  # of each server: the numbers in the order in which they came
        self.times = {}  # of each server: number -> time
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        buffer = b""
        while not self.ended:
            try:
                data = self.socket.recv(1 << 18)
            except OSError:
                data = b""
            if not data:
                self.ended = True
                return
            now = time.monotonic()
            messages, buffer = split(buffer + data)
            for message in messages:
                if message.get("UserEvent") == "tick":
                    server, number = message["Of"], int(message["Number"])
                    self.numbers.setdefault(server, []).append(number)
                    self.times.setdefault(server, {})[number] = now
                else:
                    self.events.append((now, message))

    def close(self):
        self.ended = True
        self.socket.close()

    def wait_for_login(self):
        """Waits until it is logged in; it gets all events that come from then on."""
        found = poll(lambda: any(message.get("Response") == "Success" for _, message in list(self.events)))
        assert found, f"not logged in; last {self.events[-5:]}"

    def named(self, name, server=None):
        """The events of that name, of that server."""
        return [
            (at, message)
            for at, message in list(self.events)
            if message.get("Event") == name and server in (None, message.get("Server"))
        ]

    def wait_for_event(self, name, server, count=1, seconds=None):
        found = poll(lambda: len(self.named(name, server)) >= count, seconds)
        assert found, f"no {name} of {server}; last {self.events[-5:]}"
        return self.named(name, server)[count - 1]

    def wait_for_number(self, server, number, seconds=None):
        """Waits until an event with at least that number has come."""
        found = poll(lambda: self.numbers.get(server, [0])[-1] >= number, seconds)
        assert found, f"event {number} of {server} did not come; last {self.numbers.get(server, [0])[-3:]}"

    def report(self, server, first, last):
        """(numbers that are missing, numbers that came twice) of first … last."""
        got = collections.Counter(number for number in self.numbers.get(server, []) if first <= number <= last)
        missing = [number for number in range(first, last + 1) if number not in got]
        return missing, [number for number, count in got.items() if count > 1]

    def assert_whole(self, server, first, last):
        missing, twice = self.report(server, first, last)
        assert not missing and not twice, (
            f"{self.name}: {server}: missing {len(missing)} {missing[:5]}…{missing[-5:]} twice {len(twice)} {twice[:9]}"
        )

    def pause(self, server):
        """The longest time without an event."""
        times = sorted(self.times.get(server, {}).values())
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)


class Cluster:
    def __init__(self, launch, folder, nats, servers, workers, most, spread=False):
        self.spread = spread
        self.launch, self.folder, self.nats, self.workers = launch, folder, nats, workers
        self.logs = {f"pbx{number}": os.path.join(folder, f"pbx{number}.log") for number in range(1, servers + 1)}
        self.simulators = {name: launch(Simulator, "--log", path) for name, path in list(self.logs.items())[:most]}
        one = next(iter(self.simulators.values()))
        self.simulators.update({name: one for name in self.logs if name not in self.simulators})
        self.nodes = {}
        self.listeners = []

    def start_node(self, name, servers=None, cluster=None, only=None, ports=None, **sections):
        """Starts a node, with all servers unless `servers` names some. `only`: of a server the one node that reaches it.
        `ports`: of a server another port than its own. @return the proxy"""
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o755)
        entries = [server_entry(self.simulators[server], server) for server in servers or self.simulators]
        for entry in entries:
            if (only or {}).get(entry["name"], name) != name:
                entry["port"] = 1  # nobody listens there
            entry["port"] = (ports or {}).get(entry["name"], entry["port"])
        sections["cluster"] = self.nats.section(name, **self.own_nats(name), **(cluster or {}))
        node = self.launch(Proxy, folder, configuration(entries, self.workers, **sections))
        self.nodes[name] = node
        return node

    def own_nats(self, name):
        """`spread`: the nodes have a NATS server each, as on machines of their own, and the others' for when it dies."""
        if not self.spread:
            return {}
        urls, at = self.nats.urls, (int(name[1:]) - 1) % len(self.nats.urls)
        return {"bus": urls[at:] + urls[:at]}

    def wait_until_up(self):
        for node in self.nodes.values():
            for server in self.simulators:
                node.wait_for_server(server)

    @staticmethod
    def log_tells(node, *words):
        return node.log_contains(*words)

    @staticmethod
    def is_warm(node, server):
        """Is the node connected besides the owner, and ready to go on?"""
        found = [index for index, line in enumerate(node.lines) if f"cluster server={server} " in line]
        if not found or "hold=warm" not in node.lines[found[-1]] or not node.running():
            return False
        ups = [index for index, line in enumerate(node.lines) if f"server={server} server up" in line]
        opened = [index for index, line in enumerate(node.lines) if f"server={server} role from" in line]
        return bool(ups) and bool(opened) and ups[-1] > opened[-1]

    @staticmethod
    def follows(node, server):
        """Do the node's clients get the events of another one?"""
        found = [line for line in node.lines if f"cluster server={server} " in line]
        return bool(found) and "hold=none" in found[-1] and "source=bus" in found[-1]

    @staticmethod
    def owns(node, server):
        """Does the node own that server, as far as its log tells?"""
        found = [line for line in node.lines if f"cluster server={server} " in line]
        return bool(found) and re.search(r" claim=[1-9]", found[-1]) is not None

    def owner(self, server):
        """The one node that owns the server."""

        def find():
            owners = [name for name, node in self.nodes.items() if node.running() and self.owns(node, server)]
            return owners if len(owners) == 1 else None

        owners = poll(find)
        assert owners, f"not one owner of {server}"
        return self.nodes[owners[0]]

    def others(self, server):
        owner = self.owner(server)
        return [node for node in self.nodes.values() if node is not owner and node.running()]

    def asked(self, server, action):
        """How often the Asterisk got that action."""
        with open(self.logs[server], encoding="utf-8") as file:
            return sum(f" Action={action} " in line for line in file)

    def stream(self, server, rate=200):
        return Stream(server, self.simulators[server], rate)

    def listen(self, node):
        name = next((name for name, other in self.nodes.items() if other is node), "")
        listener = Listener(node, name)
        self.listeners.append(listener)
        return listener

    def kill(self, node):
        """kill -9."""
        node.process.kill()
        node.wait()

    def close(self):
        for listener in self.listeners:
            listener.close()


def ask_for_call(client, timeout_ms, **headers):
    """Originates a call that nobody answers: its OriginateResponse comes after that time."""
    call = {"Channel": "Local/1@noanswer", "Application": "Wait", "Async": "true", "Timeout": timeout_ms}
    client.send(Action="Originate", ActionID="call", **call, **headers)
    assert client.response("call")["Response"] == "Success"


def expect_one_end(clients, server):
    """The end of the call that each has asked for is still to come, and then comes once."""
    for client in clients:
        assert not [message for message in client.fence() if message.get("Event") == "OriginateResponse"]
    for client in clients:
        late = client.read_until(Event="OriginateResponse", ActionID="call")
        assert late["Response"] == "Failure" and late["Server"] == server
    for client in clients:
        assert not [message for message in client.fence() if message.get("ActionID") == "call"]


@pytest.fixture
def start_cluster(launch, nats_servers, tmp_path):
    """start_cluster(nodes=2, servers=1, nats=1, workers=1, sections={…}, **keys of the section `cluster`) -> Cluster

    `most` simulators at most are started: further servers are at the first one. `spread`: each node has a NATS server
    of its own, so many seconds away from the others."""
    made = []
    os.chmod(tmp_path, 0o755)

    def start(nodes=2, servers=1, nats=1, workers=1, up=True, sections=None, only=None, most=8, spread=None, **section):
        servers_of_nats = nats_servers(nats, delay=spread or 0)
        cluster = Cluster(launch, str(tmp_path), servers_of_nats, servers, workers, most, spread is not None)
        made.append(cluster)
        for number in range(1, nodes + 1):
            cluster.start_node(f"n{number}", only=only, cluster=section, **(sections or {}))
        if up:
            cluster.wait_until_up()
        return cluster

    yield start
    for cluster in made:
        cluster.close()
