"""The proxy as a process of its own, with a configuration that the test writes."""

import os
import re
import signal
import socket
import subprocess

import yaml

from .client import Client
from .limits import DEADLINE, Deadline
from .process import BUILD, REPORTS, SOURCE, Process, readable

BINARY = readable(os.path.join(BUILD, "astmanproxy"))
USERS = [
    {"name": "dave", "secret": "dave-SECRET-1"},
    {"name": "bill", "secret": "bill-SECRET-2"},
    {"name": "viewer", "secret": "viewer-SECRET-3", "read": ["call"], "write": []},
    {"name": "caller", "secret": "caller-SECRET-4", "read": ["system", "call"], "write": ["call", "originate"]},
    {"name": "bound", "secret": "bound-SECRET-5", "server": "pbx2"},
]
PROXY_KEY = "key-SECRET-6"
SERVER_SECRET = f"server-SECRET-{os.getpid()}"  # so that no proxy of another run can log in, if it finds the same port
SECRETS = [user["secret"] for user in USERS] + [PROXY_KEY, SERVER_SECRET]


def secret_of(name):
    return next(user["secret"] for user in USERS if user["name"] == name)


def server_entry(server, name="pbx1", **more):
    """A `servers:` entry for a peer that listens at `server.address`."""
    host, port = server.address
    return {
        "name": name,
        "host": host,
        "port": port,
        "username": "proxy",
        "secret": SERVER_SECRET,
        "ping_interval": "10s",
        **more,
    }


def configuration(servers, workers=1, **sections):
    """The configuration of a test: short retries, a loud log, and what the test asks for over it."""
    config = {
        "listen": [{"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"}],
        "servers": servers,
        "retry": {"interval": "100ms", "max_interval": "400ms"},
        "users": USERS,
        "auth": {"failures_per_minute": 1000},
        "plugins": {"path": readable(os.path.join(BUILD, "plugins")), "load": ["standard"]},
        "scripts": {"path": readable(os.path.join(SOURCE, "lua"))},
        "workers": workers,
        "insecure_permissions": "allow",
        "process": {},
        "log": {"to": "stderr", "level": "debug"},
    }
    if os.geteuid() == 0:  # the program does not serve as root
        config["process"].update(user="nobody", group="nogroup")
    for name, section in sections.items():
        if isinstance(section, dict) and isinstance(config.get(name), dict):
            config[name].update(section)
        elif name == "listen" and isinstance(section, dict):
            config["listen"][0].update(section)
        else:
            config[name] = section
    return config


def write_configuration(path, config):
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        yaml.safe_dump(config, file, sort_keys=False)


def limit_file_size(proxy, size):
    """Limits the size of the files that the proxy writes, as its user, who may do it to a process of their own."""
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(["prlimit", f"--pid={proxy.process.pid}", f"--fsize={size}:"], check=True, timeout=DEADLINE, **user)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy(Process):
    """astmanproxy in the foreground. `clients` are closed with it. `wrapper`: a command that executes the program."""

    def __init__(self, folder, config, options=("-f",), listening=True, wrapper=(), binary=BINARY, **popen):
        self.path = os.path.join(folder, "astmanproxy.yaml")
        write_configuration(self.path, config)
        self.clients = []
        self.workers = config["workers"]
        super().__init__([*wrapper, binary, *options, "-c", self.path], **popen)
        self.address = self._listening(len(config["listen"])) if listening else None

    def _listening(self, count):
        """Reads the port that the kernel chose from the log. The harness depends on no other line of the log."""
        self.wait_until(lambda lines: sum("listening address=" in line for line in lines) >= count, "listening")
        lines = [line for line in self.lines if "listening address=" in line and "address=unix:" not in line]
        self.addresses = [
            (host, int(port))
            for host, port in (re.search(r"listening address=([^ ]+):(\d+)", line).groups() for line in lines)
        ]
        return self.addresses[0]

    def make_readable(self):
        """Lets the user that the proxy becomes read its configuration, for a reload."""
        os.chmod(self.path, 0o644)
        folder = os.path.dirname(self.path)
        while folder.count("/") > 1:  # not /tmp itself
            os.chmod(folder, 0o711)
            folder = os.path.dirname(folder)

    def hang_up(self, expected="configuration reloaded"):
        """SIGHUP, then waits for the line of the log that says how the reload ended."""
        before = sum(expected in line for line in self.lines)
        self.process.send_signal(signal.SIGHUP)
        self.wait_until(lambda lines: sum(expected in line for line in lines) > before, expected)

    def wait_for_drain(self):
        """Waits until every worker drains: from then on new actions are refused."""
        self.wait_until(lambda lines: sum("draining worker=" in line for line in lines) >= self.workers, "draining")

    def connect(self, index=0, **options):
        client = Client(self.addresses[index], **options)
        self.clients.append(client)
        return client

    def login(self, name="dave", index=0, receive_buffer=None, **headers):
        """A client that is logged in; the FullyBooted that may follow is left to the test."""
        client = self.connect(index, receive_buffer=receive_buffer)
        try:
            answer = client.login(name, secret_of(name), **headers)
            assert answer["Response"] == "Success", answer
        except BaseException:  # who tries again and again holds no descriptors
            self.clients.remove(client)
            client.close()
            raise
        return client

    def wait_for_server(self, name="pbx1", user="dave"):
        """Returns once actions for server `name` are taken. A failed try waits for the ServerUp that must follow."""
        client = self.login(user)
        deadline = Deadline()
        while True:
            client.send(Action="Ping", Server=name)  # without ActionID: autofilter `on` would hide the events then
            answer = client.read_message(deadline)
            while answer.kind != "response":
                answer = client.read_message(deadline)
            if answer["Response"] == "Success":
                break
            client.read_until(Event="ServerUp", Server=name)
        client.send(Action="Logoff")
        client.read_to_end()
        client.close()

    def verdict(self):
        """What is wrong with a proxy that has ended: reports of sanitizers, secrets in the log."""
        log = self.log()
        wrong = [word for word in REPORTS if word in log]
        return wrong + [f"secret {secret[:4]}… in the log" for secret in SECRETS if secret in log]

    def finish(self):
        """Ends it in order, for fixtures: exit code 0, silent sanitizers, no secret in the log."""
        for client in self.clients:
            client.close()  # one that stays would be waited for
        if not self.stopped:
            code = self.stop()
            assert code == 0, f"exit code {code} after SIGTERM; log:\n{self.tail()}"
        assert not self.verdict(), f"{self.verdict()}; log:\n{self.tail()}"
