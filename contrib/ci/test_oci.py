"""The OCI image in a container of crun, as an engine would run it: `oci.sh` and `containerfile.sh` make it, and start this."""

import json
import os
import resource
import socket
import subprocess
import sys

import pytest
import yaml

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(SOURCE, "tests", "system"))

from harness.client import Client  # noqa: E402
from harness.limits import DEADLINE, poll  # noqa: E402
from harness.scripted import ScriptedServer  # noqa: E402

BUNDLE = os.environ["AMP_BUNDLE"]
USER = 10001
PORT = 1234
SECRET = "server-of-the-container"


def read_config():
    with open(os.path.join(BUNDLE, "config.json"), encoding="utf-8") as file:
        return json.load(file)


class Container:
    """Read-only, without capabilities, on this process's network; the volume is a folder of the test."""

    def __init__(self, folder, volume):
        self.name = f"astmanproxy-{os.getpid()}"
        config = read_config()
        config["process"].update(terminal=False, capabilities={})
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        config["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "hard": files, "soft": files}]
        config["root"] = {"path": os.path.join(BUNDLE, "rootfs"), "readonly": True}
        config["mounts"] = [
            mount
            for mount in config["mounts"]
            if mount["destination"] not in ("/sys", "/sys/fs/cgroup", "/etc/astmanproxy")
        ]
        config["mounts"] += [
            {"destination": "/etc/astmanproxy", "type": "bind", "source": volume, "options": ["bind", "ro"]},
            {
                "destination": "/run/astmanproxy",
                "type": "tmpfs",
                "source": "tmpfs",
                "options": ["mode=700", f"uid={USER}", f"gid={USER}"],
            },
        ]
        kinds = [space for space in config["linux"]["namespaces"] if space["type"] != "network"]
        config["linux"] = {"namespaces": kinds}
        with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
            json.dump(config, file)
        self.crun = ["crun", "--root", os.path.join(folder, "state"), "--cgroup-manager=disabled"]
        self.process = subprocess.Popen(
            [*self.crun, "run", "--bundle", folder, self.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def is_ready(self):
        """Does the proxy listen, and does crun know of the container? It writes that down once the proxy has begun."""
        state = subprocess.run([*self.crun, "state", self.name], capture_output=True, text=True, check=False)
        return state.returncode == 0 and json.loads(state.stdout)["status"] == "running" and connects()

    def run(self, *command):
        """@return exit code and output of a command in the container, as its user"""
        enter = [*self.crun, "exec", "--user", f"{USER}:{USER}", self.name]
        result = subprocess.run([*enter, *command], capture_output=True, text=True, check=False)
        return result.returncode, result.stdout + result.stderr

    def stop(self):
        """@return exit code, and what it logged"""
        subprocess.run([*self.crun, "kill", self.name, "TERM"], check=True)
        log, _ = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, log

    def close(self):
        if self.process.poll() is None:
            subprocess.run([*self.crun, "kill", self.name, "KILL"], check=False)
            self.process.communicate()


def write_volume(folder, server):
    config = {
        "listen": [{"address": "*", "port": PORT}],
        "servers": [
            {
                "name": "pbx1",
                "host": server.address[0],
                "port": server.address[1],
                "username": "proxy",
                "secret": SECRET,
            }
        ],
        "users": [{"name": "bill", "secret": "bill-of-the-container"}],
    }
    path = os.path.join(folder, "astmanproxy.yaml")
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file)
    os.chmod(path, 0o600)
    for name in (folder, path):
        os.chown(name, USER, USER)


@pytest.fixture
def container(tmp_path):
    server = ScriptedServer(SECRET)
    volume = tmp_path / "volume"
    volume.mkdir()
    write_volume(str(volume), server)
    made = Container(str(tmp_path), str(volume))
    try:
        assert poll(made.is_ready), "the proxy does not come up in its container"
        yield made
    finally:
        made.close()
        server.close()


def connects():
    try:
        socket.create_connection(("127.0.0.1", PORT), DEADLINE).close()
    except OSError:
        return False
    return True


def test_image_says_how_it_is_run():
    config = read_config()
    assert config["process"]["user"] == {"uid": USER, "gid": USER}
    assert config["process"]["args"] == ["/usr/sbin/astmanproxy", "-f", "-c", "/etc/astmanproxy/astmanproxy.yaml"]
    assert config["annotations"]["org.opencontainers.image.stopSignal"] == "SIGTERM"
    volumes = [mount["destination"] for mount in config["mounts"] if mount["destination"].startswith("/etc")]
    assert volumes == ["/etc/astmanproxy"]


def test_image_has_no_secrets_and_no_state_of_its_making():
    rootfs = os.path.join(BUNDLE, "rootfs")
    for name in ("etc/machine-id", "package.deb", "etc/resolv.conf"):
        path = os.path.join(rootfs, name)
        assert not os.path.exists(path) or os.path.getsize(path) == 0, name
    assert os.listdir(os.path.join(rootfs, "tmp")) == []
    with open(os.path.join(rootfs, "etc/passwd"), encoding="utf-8") as file:
        assert f"astmanproxy:x:{USER}:{USER}:" in file.read()


def test_container_serves_is_healthy_and_ends(container):
    client = Client(("127.0.0.1", PORT))
    assert client.login("bill", "bill-of-the-container")["Response"] == "Success"
    code, shown = container.run("ampctl", "--timeout", "5", "status")
    assert code == 0 and "2.0.0" in shown, shown
    assert poll(lambda: "up" in container.run("ampctl", "servers")[1])
    client.close()
    code, log = container.stop()
    assert code == 0 and "pbx1" in log and "bill-of-the-container" not in log


def test_process_has_no_rights(container):
    _, shown = container.run("cat", "/proc/1/status")
    status = dict(line.split(":", 1) for line in shown.splitlines())
    assert status["Uid"].split() == [str(USER)] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0 and status["NoNewPrivs"].strip() == "1"
    assert container.run("touch", "/etc/astmanproxy/x")[0] != 0 and container.run("touch", "/usr/x")[0] != 0


def test_health_check_fails_where_the_proxy_does_not_answer(container):
    code, shown = container.run("ampctl", "--control", "/run/astmanproxy/gone", "status")
    assert code == 3 and "gone" in shown, shown
    subprocess.run([*container.crun, "kill", container.name, "STOP"], check=True)
    code, shown = container.run("ampctl", "--timeout", "1", "status")
    assert code == 3 and "timed out" in shown, shown
    subprocess.run([*container.crun, "kill", container.name, "CONT"], check=True)
    assert poll(lambda: container.run("ampctl", "--timeout", "5", "status")[0] == 0)


def test_wrong_configuration_is_told_and_ends_the_container(container, tmp_path):
    assert container.stop()[0] == 0
    with open(tmp_path / "volume" / "astmanproxy.yaml", "a", encoding="utf-8") as file:
        file.write("nonsense: true\n")
    again = Container(str(tmp_path), str(tmp_path / "volume"))
    log, _ = again.process.communicate(timeout=DEADLINE)
    assert again.process.returncode == 1 and "astmanproxy.yaml" in log and "nonsense" in log
