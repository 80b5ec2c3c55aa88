"""The Debian packages on a system of their own: installed, run, upgraded and purged."""

import os
import re
import subprocess

import pytest

from harness.client import Client
from harness.packages import SECRETS, SOURCE_OF_A_PLUGIN
from harness.process import Process
from harness.scratch import ScratchRoot
from harness.sim import Simulator

# --- on a system


@pytest.fixture(scope="module")
def scratch(packages, tmp_path_factory):
    """This machine's files with the packages installed over them, as dpkg does it; the machine itself stays as it is."""
    if not ScratchRoot.is_possible(tmp_path_factory.mktemp("try")):
        pytest.skip("needs root, and a kernel that lets it mount an overlay")
    root = ScratchRoot(tmp_path_factory.mktemp("root"))
    for package in packages.values():
        with open(package.path, "rb") as file:
            subprocess.run(
                root.command("tee", f"/{os.path.basename(package.path)}"),
                input=file.read(),
                check=True,
                stdout=subprocess.DEVNULL,
            )
    root.run("sh", "-c", "dpkg --force-unsafe-io -i /astmanproxy_*.deb /astmanproxy-dev_*.deb")
    yield root
    root.close()


def test_installation_makes_a_user_who_may_read(scratch):
    account = scratch.run("getent", "passwd", "astmanproxy").split(":")
    assert int(account[2]) < 1000 and account[5] == "/nonexistent" and "nologin" in account[6]
    assert scratch.run("stat", "-c", "%U %G %a", "/etc/astmanproxy") == "root astmanproxy 750\n"
    for name in ("astmanproxy.yaml", "users.yaml", "environment"):
        assert scratch.run("stat", "-c", "%U %G %a", f"/etc/astmanproxy/{name}") == "root astmanproxy 640\n"
    assert scratch.run("cat", "/etc/astmanproxy/users.yaml", user="nobody", check=False).endswith("Permission denied\n")


def test_installation_enables_the_service(scratch):
    assert scratch.exists("/etc/systemd/system/multi-user.target.wants/astmanproxy.service")
    assert not scratch.exists("/etc/systemd/system/sockets.target.wants/astmanproxy.socket")


def test_program_finds_what_was_installed_by_itself(scratch):
    shown = scratch.run("sh", "-c", "echo 'listen: [{port: 0}]' >/short.yaml && astmanproxy -t -c /short.yaml")
    assert "the configuration is fine" in shown and "error" not in shown
    assert "/etc/astmanproxy/astmanproxy.yaml" in scratch.run("astmanproxy", "-h")


def test_example_says_what_it_lacks(scratch):
    shown = scratch.run("astmanproxy", "-t", user="astmanproxy", check=False)
    assert re.search(r'astmanproxy\.yaml:\d+:\d+: .*found none of the name "PBX1_SECRET"', shown), shown


@pytest.fixture
def service(scratch, launch):
    """The unit's command, as its user and with its environment, on the package's own configuration."""
    simulator = launch(Simulator)
    config = "/etc/astmanproxy/astmanproxy.yaml"
    before = scratch.read(config)
    text = re.sub(r"^    port: 5038\b", f"    port: {simulator.address[1]}", before, flags=re.M)
    scratch.write(config, re.sub(r"^    port: 1234\b", "    port: 0", text, flags=re.M))
    scratch.write("/etc/astmanproxy/environment", "".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    service = {}
    for line in scratch.read("/usr/lib/systemd/system/astmanproxy.service").splitlines():
        if re.match(r"\w+=", line):
            name, value = line.split("=", 1)
            service[name] = value
    lines = scratch.read(service["EnvironmentFile"].lstrip("-")).splitlines()
    scratch.run("install", "-d", "-o", service["User"], f"/run/{service['RuntimeDirectory']}")
    yield launch(
        Service,
        scratch.command(*service["ExecStart"].split(), user=service["User"], env=[*lines, *sanitizer_options()]),
    )
    scratch.write(config, before)


def sanitizer_options():
    return [
        f"{name}={os.environ[name]}" for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ
    ]


class Service(Process):
    """The program as it was installed."""

    def __init__(self, command):
        super().__init__(command)
        line = self.wait_for_line("listening address=")
        host, port = re.search(r"listening address=([^ ]+):(\d+)", line).groups()
        self.address = (host, int(port))

    def login(self, name):
        client = Client(self.address)
        assert client.login(name, SECRETS[f"{name.upper()}_SECRET"])["Response"] == "Success"
        return client

    def finish(self):
        if not self.stopped:
            assert self.stop() == 0, self.tail()
        assert not [secret for secret in SECRETS.values() if len(secret) > 8 and secret in self.log()]


def test_service_runs_serves_reloads_and_ends(service):
    with open(f"/proc/{service.process.pid}/status", encoding="ascii") as status:
        assert int(re.search(r"^Uid:\s+(\d+)", status.read(), re.M)[1]) not in (0, 65534)
    service.wait_for_line("server=pbx1", "up")
    client = service.login("bill")
    client.send(Action="CoreStatus", ActionID="1")
    assert client.read_until(ActionID="1")["Response"] == "Success"
    admin = service.login("admin")
    admin.send(ProxyAction="Reload", ActionID="2")  # as the service's user: it may read all that it needs
    assert admin.read_until(ActionID="2")["Message"] == "Reloaded"
    client.send(Action="Ping", ActionID="3")
    assert client.read_until(ActionID="3")["Response"] == "Success"
    for connection in (client, admin):
        connection.send(Action="Logoff")
        connection.read_to_end()
        connection.close()
    assert service.stop() == 0


def test_plugin_is_built_on_the_system(scratch):
    scratch.run(
        "sh",
        "-c",
        "cat >/outside.c && gcc -shared $(pkg-config --cflags astmanproxy) -o "
        "$(pkg-config --variable=plugindir astmanproxy)/outside.so /outside.c",
        stdin=SOURCE_OF_A_PLUGIN,
    )
    scratch.run("sh", "-c", "echo 'plugins: {load: [outside, standard]}' >/more.yaml")
    shown = scratch.run("astmanproxy", "-t", "-c", "/more.yaml")
    assert "the configuration is fine" in shown and "error" not in shown
    scratch.run("sh", "-c", "rm /usr/lib/astmanproxy/plugins/outside.so")


def test_upgrade_keeps_the_configuration(scratch):
    scratch.run("sh", "-c", "echo '# mine' >>/etc/astmanproxy/users.yaml && chmod 0600 /etc/astmanproxy")
    scratch.run("sh", "-c", "dpkg --force-unsafe-io --force-confold -i /astmanproxy_*.deb")
    assert scratch.read("/etc/astmanproxy/users.yaml").endswith("# mine\n")
    assert scratch.run("stat", "-c", "%U %G %a", "/etc/astmanproxy/users.yaml") == "root astmanproxy 640\n"


def test_upgrade_restarts_what_can_work(scratch):
    stub = '#!/bin/sh\necho "$(basename "$0") $*" >>/calls\n'
    scratch.run(
        "sh",
        "-c",
        "mkdir -p /run/systemd/system && for name in systemctl deb-systemd-invoke; do rm -f /usr/bin/$name; "
        'printf "%s" "$0" >/usr/bin/$name; chmod 755 /usr/bin/$name; done',
        stub,
    )
    scratch.write("/etc/astmanproxy/environment", "")
    install = ["sh", "-c", "dpkg --force-unsafe-io --force-confold -i /astmanproxy_*.deb"]
    assert "its configuration cannot work yet" in scratch.run(*install)
    assert "try-restart" not in scratch.read("/calls") and "daemon-reload" in scratch.read("/calls")
    scratch.write("/etc/astmanproxy/environment", "".join(f"{name}={value} $(x)\n" for name, value in SECRETS.items()))
    assert "cannot work" not in scratch.run(*install)
    assert "deb-systemd-invoke try-restart astmanproxy.service" in scratch.read("/calls")
    scratch.run("rm", "-r", "/run/systemd")


def test_manual_page_is_found(scratch):
    assert "astmanproxy.yaml" in scratch.run("man", "-w", "5", "astmanproxy.yaml")


def test_purge_leaves_nothing(scratch):  # the last one: nothing is installed afterwards
    scratch.run("sh", "-c", "mkdir -p /var/log/astmanproxy && touch /var/log/astmanproxy/x.log")
    scratch.run("dpkg", "--force-unsafe-io", "--purge", "astmanproxy-dev", "astmanproxy")
    left = scratch.run(
        "sh",
        "-c",
        "find /etc /usr /var/log /var/lib/systemd /run -xdev -name '*astmanproxy*' 2>/dev/null; "
        "getent passwd astmanproxy; getent group astmanproxy; true",
    )
    assert left == ""
