"""Configurations, users and plugins of an earlier release (tests/data/kept) keep their meaning, or -t reports the
change."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

from harness.limits import DEADLINE, Deadline
from harness.process import BUILD, SOURCE, readable
from harness.proxy import BINARY, Proxy, configuration, secret_of, server_entry

KEPT = os.path.join(SOURCE, "tests", "data", "kept")
SECRETS = {f"{name}_SECRET": f"{name}-9x" for name in ("PBX1", "BILL", "STEVE", "WALLBOARD", "ADMIN")}
# What -t says of these files today, with the reason in the text: the key, and words of the note.
NOTES = {("users[1].channel", "is the device SIP/100")}
# Key: the default of then, of today. Without a value, GET acts as before where a login is required.
CHANGED_DEFAULTS = {"http.allow_get": (True, None), "servers.ping_interval": ("10s", "3s")}


def load_yaml(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return yaml.safe_load(file)


def keys_of(tree, prefix=""):
    """Each key that has a value: `limits.drain` and the value. Lists of tables count their first entry."""
    for name, value in tree.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = value[0]
        if isinstance(value, dict):
            yield from keys_of(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def check(path, environment=None):
    return subprocess.run(
        [BINARY, "-t", "-c", str(path)],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        env={**os.environ, **(environment or {})},
    )


@pytest.fixture
def folder(public_folder):
    """The kept files, with this machine's paths in place of those of an installation."""
    for name in ("astmanproxy.yaml", "users.yaml", "demo.yaml"):
        with open(os.path.join(KEPT, name), encoding="utf-8") as file:
            text = file.read()
        text = text.replace("/usr/lib/astmanproxy/plugins", readable(os.path.join(BUILD, "plugins")))
        text = text.replace("/usr/share/astmanproxy/lua", readable(os.path.join(SOURCE, "lua")))
        text = re.sub(r"(?m)^  (user|group): astmanproxy", r"  \1:", text)
        with open(os.path.join(public_folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return public_folder


def test_i14_a_kept_configuration_loads_and_differences_are_told(folder):
    result = check(os.path.join(folder, "astmanproxy.yaml"), SECRETS)
    assert result.returncode == 0, result.stderr
    assert "the configuration is fine" in result.stdout
    notes = [line for line in result.stderr.splitlines() if ": note: " in line]
    for key, words in NOTES:
        assert sum(key in line and words in line for line in notes) == 1, notes
    assert len(notes) == len(NOTES), notes


def test_i14_defaults_of_a_kept_configuration_are_the_defaults_of_today():
    """The sample of each release shows every default, and a test of its own holds today's sample against the program."""
    today = dict(keys_of(load_yaml(SOURCE, "config", "astmanproxy.yaml")))
    kept = dict(keys_of(load_yaml(KEPT, "astmanproxy.yaml")))
    assert len(kept) > 70
    different = {key: (value, today.get(key, "no such key")) for key, value in kept.items() if today.get(key) != value}
    assert different == CHANGED_DEFAULTS


def test_i14_a_kept_demonstration_serves_as_it_did(folder, simulator, launch):
    """demo.yaml as it was, but for ports, paths and the server: `wallboard` may look and may not act, `admin` may
    steer."""
    server = simulator()
    config = load_yaml(folder, "demo.yaml")
    config["listen"][0]["port"] = 0
    config["servers"][0] = server_entry(server, "sim")
    for section in ("plugins", "scripts", "process"):
        config[section] = configuration([])[section]
    del config["plugins"]["load"]  # all that come with the program, as its default was
    proxy = launch(Proxy, folder, {**config, "workers": 1})
    admin = proxy.connect()
    assert admin.login("admin", "admin")["Response"] == "Success"
    assert admin.ask(Action="ProxyAction", ProxyAction="ListSessions").get("Response") in (None, "Success")
    wallboard = proxy.connect()
    assert wallboard.login("wallboard", "wallboard")["Response"] == "Success"
    refused = wallboard.ask(Action="Originate", Channel="Local/1@default", Application="Wait")
    assert (refused["Response"], refused["Message"]) == ("Error", "Permission denied")


def test_i14_a_plugin_for_abi_1_2_loads_and_serves(launch, tmp_path, pbx, public_folder):
    plugins = os.path.join(public_folder, "plugins")
    os.mkdir(plugins)
    shutil.copy(os.path.join(readable(os.path.join(BUILD, "plugins")), "standard.so"), plugins)
    include, target = os.path.join(KEPT, "include"), os.path.join(plugins, "logfmt.so")
    command = ["gcc", "-O2", "-Wall", "-shared", "-fPIC", "-I", include, "-o", target, os.path.join(KEPT, "logfmt.c")]
    subprocess.run(command, check=True, timeout=DEADLINE)
    entry = {"address": "127.0.0.1", "port": 0, "tls": "off"}
    listen = [{**entry, "input": name, "output": name} for name in ("standard", "logfmt")]
    load = {"path": plugins, "load": ["logfmt", "standard"]}
    proxy = launch(Proxy, str(tmp_path), configuration([server_entry(pbx)], plugins=load, listen=listen))
    client = proxy.connect(1, banner=False)
    for action, answer in (
        (f"Action=Login Username=dave Secret={secret_of('dave')}", 'Message="Authentication accepted"'),
        ("Action=Ping", "Ping=Pong"),
    ):
        client.send_raw(f"{action} ActionID=x\n".encode())
        lines = []
        while not any("ActionID=x" in line for line in lines):
            lines = read_lines(client)
        assert any("Response=Success" in line and answer in line for line in lines), lines


def read_lines(client):
    """What has come, as whole lines."""
    deadline = Deadline()
    while b"\n" not in client.buffer:
        client._fill(deadline, "a line")
    whole, client.buffer = client.buffer.rsplit(b"\n", 1)
    return whole.decode().split("\n")
