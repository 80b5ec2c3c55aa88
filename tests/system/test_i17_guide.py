"""The guide to clusters: its configurations are valid; ampctl shows who owns a server."""

import os
import re
import subprocess

from harness import ctl
from harness.limits import poll
from harness.nats import BINARY as NATS_SERVER
from harness.process import SOURCE
from harness.proxy import BINARY

GUIDE = os.path.join(SOURCE, "contrib/guides/cluster.md")


def blocks():
    """The indented blocks of the guide, without the indentation."""
    with open(GUIDE, encoding="utf-8") as file:
        found = re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", file.read(), re.M)
    return [re.sub(r"^ {4}", "", block, flags=re.M).strip() + "\n" for block in found]


def run(*command, **environment):
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment}
    )


def test_the_configuration_of_the_nats_server_is_valid(tmp_path):
    (text,) = [block for block in blocks() if block.startswith("server_name:")]
    path = tmp_path / "nats.conf"
    path.write_text(text, encoding="utf-8")
    result = run(NATS_SERVER, "-t", "-c", str(path))
    assert result.returncode == 0, result


def test_the_section_of_the_proxy_is_valid(tmp_path):
    (text,) = [block for block in blocks() if block.startswith("cluster:")]
    path = tmp_path / "astmanproxy.yaml"
    path.write_text(f"plugins: {{path: {os.path.dirname(BINARY)}/plugins}}\n{text}", encoding="utf-8")
    path.chmod(0o600)
    result = run(BINARY, "-t", "-c", str(path), NATS_SECRET="a secret")
    assert "cluster" not in result.stderr, result


def test_ampctl_shows_the_owners(steered, pbx, nats):
    proxy = steered({"pbx1": pbx}, cluster=nats.section("n1"))
    proxy.wait_for_server("pbx1")
    expected = ["pbx1", "up", "127.0.0.1", "127.0.0.1", str(pbx.address[1]), "proxy", "on", "n1"]
    assert poll(lambda: [row[:8] for row in ctl.run("-c", proxy.config, "servers").rows] == [expected]), ctl.run(
        "-c", proxy.config, "servers"
    )


def test_who_may_use_the_subjects_of_the_cluster_only(start_proxy, pbx, nats_servers):
    """As the guide says."""
    rights = {"publish": "amp.c1.>", "subscribe": "amp.c1.>"}
    nats = nats_servers(authorization={"users": [{"user": "nodes", "password": "p", "permissions": rights}]})
    proxy = start_proxy({"pbx1": pbx}, cluster=nats.section("n1", user="nodes", secret="p"))
    proxy.wait_for_line("bus connected")
    proxy.wait_for_server("pbx1")
    assert not proxy.log_contains("bus reports an error")


def test_who_may_not_use_them_is_told(start_proxy, pbx, nats_servers):
    rights = {"publish": "other.>", "subscribe": "other.>"}
    nats = nats_servers(authorization={"users": [{"user": "nodes", "password": "p", "permissions": rights}]})
    proxy = start_proxy({"pbx1": pbx}, cluster=nats.section("n1", user="nodes", secret="p"))
    proxy.wait_for_line(" error ", "bus reports an error", "Permissions Violation", "amp.c1.")
