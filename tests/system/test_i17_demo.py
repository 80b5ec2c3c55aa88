"""contrib/demo-cluster.sh shows a cluster. Here it runs with the programs of this build, on other ports than its own: in a
tree of its own, with nothing to install and nothing to build."""

import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess

import pytest

from harness.limits import DEADLINE
from harness.nats import BINARY as NATS_SERVER
from harness.process import BUILD, SOURCE, readable

PORTS = 16  # what the script needs, one behind the other
LOWEST, HIGHEST = 20000, 32000  # below those that the kernel gives to others
PROGRAMS = ("astmanproxy", "ampctl", "astmansim", "plugins")

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def free_ports():
    """The first of 16 ports that nobody has."""
    for _ in range(1000):
        first = random.randrange(LOWEST, HIGHEST, PORTS)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(first, first + PORTS):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no ports are free")


def write_tool(path, text):
    path.write_text("#!/bin/sh\n" + text + "\n", encoding="ascii")
    path.chmod(0o755)


@pytest.fixture
def demo(public_folder):
    """demo(*options, **variables) -> (exit code, what it printed, folder with logs)"""
    tree = pathlib.Path(public_folder)
    (tree / "contrib").mkdir()
    for name in ("demo-cluster.sh", "demo-functions.sh"):
        shutil.copy(os.path.join(SOURCE, "contrib", name), tree / "contrib")
    (tree / "examples").mkdir()
    (tree / "examples/dashboard").symlink_to(readable(os.path.join(SOURCE, "examples/dashboard")))
    (tree / "lua").symlink_to(readable(os.path.join(SOURCE, "lua")))
    (tree / "build/release").mkdir(parents=True)
    for name in PROGRAMS:
        (tree / "build/release" / name).symlink_to(readable(os.path.join(BUILD, name)))
    write_tool(tree / "contrib/install-packages.sh", "exit 0")
    (tree / "bin").mkdir()
    write_tool(tree / "bin/cmake", "exit 0")
    path = f"{tree}/bin:{os.environ['PATH']}:{os.path.dirname(NATS_SERVER)}"

    def run(*options, **variables):
        with subprocess.Popen(
            [tree / "contrib/demo-cluster.sh", *options],
            env={**os.environ, "PATH": path, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                shown = process.communicate(timeout=4 * DEADLINE)[0]
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGTERM)  # it ends what it has started
                raise
        return process.returncode, shown, tree / "build/demo-cluster"

    return run


def test_i17_the_check_of_the_demo_passes(demo):
    """Each node hears each Asterisk, and the other two do after the first was killed; afterwards nothing runs."""
    first = free_ports()
    code, shown, folder = demo("--check", DEMO_PORTS=str(first))
    assert code == 0, shown
    assert re.findall(r"demo: (n\d) (hears|is killed)", shown) == [
        ("n1", "hears"),
        ("n2", "hears"),
        ("n3", "hears"),
        ("n1", "is killed"),
        ("n2", "hears"),
        ("n3", "hears"),
    ]
    for port in range(first, first + PORTS):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, f"port {port} is still in use"
    for log in folder.glob("*.log"):
        assert "Sanitizer" not in log.read_text(encoding="utf-8", errors="replace"), log
    configurations = "".join(path.read_text() for suffix in ("yaml", "conf") for path in folder.glob(f"*.{suffix}"))
    used = {int(port) for port in re.findall(r"(?:port: |127\.0\.0\.1:)(\d+)", configurations)}
    assert used == set(range(first, first + PORTS))  # none is left where it was


def test_i17_a_port_that_is_taken_is_told(demo):
    first = free_ports()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", first + PORTS - 1))
        taken.listen()
        code, shown, folder = demo("--check", DEMO_PORTS=str(first))
    assert code == 1 and f"port {first + PORTS - 1} on 127.0.0.1, for pbx4, is taken" in shown
    assert not list(folder.glob("*.pid"))


@pytest.mark.parametrize("ports", ["0", "65521", "080", "1x", "-1"])
def test_i17_what_is_no_port_is_told(demo, ports):
    code, shown, _ = demo("--check", DEMO_PORTS=ports)
    assert code == 1 and f"DEMO_PORTS: expected a port from 1 to 65520; found {ports}" in shown


def test_i17_the_usage_of_the_demo_names_the_ports(demo):
    code, shown, _ = demo("--help")
    assert code == 2 and "--check" in shown and "DEMO_PORTS=" in shown
    assert "contrib/demo-cluster.sh: " not in shown and "set -euo" not in shown
