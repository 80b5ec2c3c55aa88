"""ampctl: each command through pipes and at a terminal, and each way in which it can fail."""

import json
import os
import re
import socket
import subprocess

import pytest

from harness import ctl
from harness.certificates import Authority
from harness.limits import poll
from harness.process import SOURCE
from harness.proxy import secret_of
from harness.steering import ADMINS, at_terminal, list_sessions


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


# --- the commands


def test_status(steered):
    proxy = steered()
    proxy.login("bill")
    result = ctl.run("-c", proxy.config, "status")
    shown = dict(result.rows)
    assert result.code == 0 and result.err == ""
    assert re.fullmatch(r"\d+\.\d+\.\d+", shown["version"]) and re.fullmatch(r"00:0\d:\d\d", shown["uptime"])
    assert shown["servers"] == "1 up" and shown["sessions"] == "2, logged in: 2" and shown["formats"] == "standard 2"
    assert re.fullmatch(r"\d+\.\d", shown["events/s"])
    found = json.loads(ctl.run("-c", proxy.config, "status", "--json", "--interval", "0").out)
    assert (found["servers_up"], found["servers_down"], found["sessions"]) == (1, 0, 2)
    assert found["sessions_by_format"] == {"standard": 2} and found["events_per_second"] >= 0


def test_status_names_servers_that_are_down(steered, pbx, scripted):
    other = scripted()
    other.refuse_connections = True
    proxy = steered({"pbx1": pbx, "pbx2": other}, up=["pbx1"])
    assert dict(ctl.run("-c", proxy.config, "status", "--interval", "0").rows)["servers"] == "1 up, down: pbx2"


def test_servers(steered, pbx, scripted, started):
    other = scripted()
    other.refuse_connections = True
    proxy = steered({"pbx1": pbx, "pbx2": other}, up=["pbx1"])
    result = ctl.run("-c", proxy.config, "servers")
    assert result.code == 0
    assert [row[:7] for row in result.rows] == [
        ["pbx1", "up", "127.0.0.1", "127.0.0.1", str(pbx.address[1]), "proxy", "on"],
        ["pbx2", "down", "127.0.0.1", "127.0.0.1", str(other.address[1]), "proxy", "on"],
    ]
    listed = json.loads(ctl.run("-c", proxy.config, "servers", "--json").out)
    assert [(each["name"], each["status"], each["port"]) for each in listed] == [
        ("pbx1", "up", pbx.address[1]),
        ("pbx2", "down", other.address[1]),
    ]
    shown = at_terminal(started, "-c", proxy.config, "servers").out
    lines = re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()
    assert lines[0].split()[:7] == ["NAME", "STATUS", "ADDRESS", "HOST", "PORT", "USER", "EVENTS"]
    assert len({line.index("127.0.0.1") for line in lines[1:]}) == 1, shown  # aligned
    assert "\x1b[32mup" in shown and "\x1b[31mdown" in shown


def test_sessions(steered):
    proxy = steered()
    bill = proxy.login("bill", Events="off")
    bill.send(ProxyAction="SetOutputFormat", OutputFormat="json")
    assert json.loads(bill.socket.recv(4096))["OutputFormat"] == "json"
    proxy.login("caller", Events="off").fence()
    list_sessions(proxy.login("dave", Events="off"), 3)
    rows = ctl.run("-c", proxy.config, "sessions").rows
    assert [row[1] for row in rows] == ["dave", "dave", "caller", "bill"]  # newest first
    assert all(row[0].isdigit() and row[2] == "127.0.0.1" for row in rows)
    assert rows[3][3:6] == ["standard", "json", ""]
    listed = json.loads(ctl.run("-c", proxy.config, "sessions", "--json").out)
    assert all(isinstance(each["session"], int) for each in listed)
    own = ctl.run("-c", proxy.config, "-u", "caller", "sessions").rows
    assert {row[1] for row in own} == {"caller"}


def test_more_sessions_than_one_answer_has(steered):
    """They are asked for part by part, and no script works on all of them at once."""
    proxy = steered(limits={"unauthenticated": 1000, "unauthenticated_per_address": 1000}, files=4096)
    connections = [socket.create_connection(proxy.address) for _ in range(900)]
    assert poll(lambda: len(ctl.run("-c", proxy.config, "sessions").rows) == 901)
    rows = [int(row[0]) for row in ctl.run("-c", proxy.config, "sessions").rows]
    assert rows == sorted(set(rows), reverse=True)
    for connection in connections:
        connection.close()


def test_send(steered, pbx, started):
    proxy = steered()
    result = ctl.run("-c", proxy.config, "send", "Action=Ping")
    assert (
        result.code == 0 and result.out.startswith("Response: Success\nPing: Pong\n") and "ActionID" not in result.out
    )
    assert "ActionID: mine\n" in ctl.run("-c", proxy.config, "send", "actionid=mine", "action=Ping").out

    sent = started(ctl.Started, "-c", proxy.config, "send", "Action=QueueStatus", "Queue=sales=a", "Server=pbx1")
    question = pbx.expect(Action="QueueStatus")
    assert question["Queue"] == "sales=a"
    question.start_list()
    for number in range(3):
        question.item("QueueMember", Number=number)
    question.end_list("QueueStatusComplete", 3)
    result = sent.finish()
    assert result.code == 0 and result.out.count("Event: QueueMember\n") == 3
    assert result.out.index("Event: QueueStatusComplete") > result.out.index("Number: 2")


def test_send_of_what_is_refused(steered, pbx, started):
    proxy = steered()
    sent = started(ctl.Started, "-c", proxy.config, "send", "Action=Hangup", "Channel=x")
    pbx.expect(Action="Hangup").reply("Error", Message="No such channel")
    result = sent.finish()
    assert result.code == 1 and result.out.startswith("Response: Error\nMessage: No such channel\n")
    assert ctl.run("-c", proxy.config, "send", "ProxyAction=Nonsense").code == 1
    assert ctl.run("-c", proxy.config, "send", "ProxyAction=DropServer", "Server=nix").code == 1  # `Failure`


def test_send_ends_with_its_connection(steered, pbx):
    proxy = steered()
    result = ctl.run("-c", proxy.config, "send", "Action=Logoff")
    assert result.code == 0 and "Goodbye" in result.out
    result = ctl.run("-c", proxy.config, "send", "Action=WaitEvent", "Timeout=1")
    assert result.code == 0 and "WaitEventComplete" in result.out


def test_send_json_and_output_of_commands(steered, pbx, started):
    proxy = steered()
    sent = started(ctl.Started, "-c", proxy.config, "send", "--json", "Action=Command", "Command=x")
    pbx.expect(Action="Command").reply("Success", ("Output", "one"), ("Output", "two\xff"))
    found = json.loads(sent.finish().out)
    assert found["Output"] == ["one", "twoÿ"] and "ActionID" not in found


def test_drop_and_kick(steered):
    proxy = steered()
    bill = proxy.login("bill", Events="off")
    number = next(row[0] for row in ctl.run("-c", proxy.config, "sessions").rows if row[1] == "bill")
    result = ctl.run("-c", proxy.config, "kick", number)
    assert (result.code, result.out, result.err) == (0, f"Kicked {number}\n", "")
    bill.read_to_end()
    result = ctl.run("-c", proxy.config, "drop", "pbx1")
    assert (result.code, result.out) == (0, "Dropped pbx1\n")
    assert ctl.run("-c", proxy.config, "servers").out == ""


def test_reload(reloadable, pbx, workers):
    proxy, change = reloadable(users=ADMINS)
    change(users=ADMINS)
    to = ("--connect", f"127.0.0.1:{proxy.address[1]}", "-u", "dave")
    env = ctl.environment(AMPCTL_SECRET=secret_of("dave"))
    result = ctl.run(*to, "reload", env=env)
    assert result.code == 0 and result.out.splitlines()[0] == "Reloaded"
    assert ("workers changed from 4 to 1: needs a restart" in result.out) == (workers == 4)  # `change` writes 1
    change(users=[dict(ADMINS[0], read=["nonsense"])])
    result = ctl.run(*to, "reload", env=env)
    assert result.code == 1 and "nonsense" in result.err and result.err.count("\n") == 1
    os.chmod(proxy.path, 0)
    result = ctl.run(*to, "reload", env=env)  # not what the user may do: what the proxy may read
    assert result.code == 1 and "found: Permission denied" in result.err and "is no user" not in result.err


@pytest.mark.parametrize(
    "command, text",
    [
        (["drop", "nix"], "Cannot Drop Server nix, Does Not Exist"),
        (["kick", "999999"], "There is no session 999999"),
        (["-u", "bill", "kick", "1"], "Permission denied: bill is no user with admin: true"),
        (["-u", "bill", "drop", "pbx1"], "Permission denied"),
        (["-u", "bill", "reload"], "Permission denied"),
        (["tail", "--format", "nix"], 'no output format "nix"'),
    ],
)
def test_what_the_proxy_refuses(steered, command, text):
    result = ctl.run("-c", steered().config, *command)
    assert result.code == 1 and result.out == "" and text in result.err and result.err.count("\n") == 1


# --- what fails


def test_wrong_secret_and_unknown_user(steered):
    proxy = steered()
    for user in ("dave", "nobody-knows"):
        result = ctl.run("-c", proxy.config, "-u", user, "servers", env=ctl.environment(AMPCTL_SECRET="wrong"))
        assert result.code == 3 and result.out == "" and "Authentication failed" in result.err
        assert result.err.count("\n") == 1 and "wrong" not in result.err


def test_proxy_that_is_not_there(tmp_path):
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    env = ctl.environment(AMPCTL_SECRET="x", AMPCTL_USER="x")
    result = ctl.run("--connect", f"127.0.0.1:{port}", "--timeout", "1", "servers", env=env)  # accepts, says nothing
    assert result.code == 3 and "timed out" in result.err
    free.close()
    for command in (["status"], ["send", "Action=Ping"], ["tail"], ["kick", "1"]):
        result = ctl.run("--connect", f"127.0.0.1:{port}", *command, env=env)
        assert result.code == 3 and result.out == "" and result.err.count("\n") == 1, result
        assert result.err == f"ampctl: cannot connect to 127.0.0.1:{port}: Connection refused\n"


def test_plain_to_a_listener_that_requires_encryption(steered):
    proxy = steered(listen={"tls": "required"}, up=[])
    result = ctl.run("--connect", proxy.where, "-u", "x", "servers", env=ctl.environment(AMPCTL_SECRET="x"))
    assert result.code == 3 and "--tls?" in result.err


def test_configuration_that_cannot_be_read(tmp_path):
    path = tmp_path / "none.yaml"
    result = ctl.run("-c", str(path), "servers")
    assert result.code == 2 and str(path) in result.err and result.err.count("\n") == 1
    path.write_text("listen:\n  - adress: x\n")
    result = ctl.run("-c", str(path), "servers")
    assert result.code == 2 and f"{path}:2:5" in result.err and result.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["--nonsense", "servers"],
        ["servers", "-x"],
        ["servers", "extra"],
        ["drop"],
        ["drop", "a", "b"],
        ["drop", ""],
        ["kick", "abc"],
        ["kick"],
        ["send"],
        ["send", "Action"],
        ["send", "Foo=bar"],
        ["send", "Action="],
        ["send", "Action=Ping", "a b=c"],
        ["send", "Action=Ping", "X=a\r\nAction: Hangup"],
        ["send", "Action=A", "ProxyAction=B"],
        ["servers", "--timeout", "0"],
        ["servers", "--timeout", "1x"],
        ["servers", "--timeout"],
        ["servers", "--format", "json"],
        ["send", "--reconnect", "Action=Ping"],
        ["tail", "--interval", "1"],
        ["tail", "Name:x"],
        ["tail", "!"],
        ["tail", "=x"],
        ["tail", "a\nb"],
        ["tail", "--json", "--format", "xml"],
        ["tail", "--format", "xml", "A=b", "C=d"],
        ["help", "nonsense"],
        ["--connect", "host:0", "servers"],
        ["--connect", "[::1", "servers"],
        ["--connect", ":1", "servers"],
        ["--connect", "unix:relative", "servers"],
        ["--connect", "a:1", "--listener", "1", "servers"],
        ["--secret", "x", "servers"],
        ["--connect", "a:1", "--ca", "x", "servers"],
        ["--tls", "--insecure", "--ca", "x", "servers"],
        ["--config", "", "servers"],
    ],
)
def test_wrong_usage(arguments):
    result = ctl.run(*arguments, env=ctl.environment(AMPCTL_SECRET="x", AMPCTL_USER="x"))
    assert result.code == 2 and result.out == "" and re.fullmatch(r"ampctl: [^\n]+\n", result.err), result


def test_help_and_version():
    shown = ctl.run("help")
    assert shown.code == 0 and shown.out == ctl.run("--help").out
    commands = re.findall(r"^  (\w+)", shown.out.split("commands:")[1].split("options:")[0], re.M)
    assert commands == [
        "status",
        "top",
        "servers",
        "sessions",
        "cluster",
        "tail",
        "send",
        "reload",
        "drop",
        "kick",
        "token",
        "server",
        "filters",
        "log",
        "unlock",
        "help",
    ]
    for command in commands:
        own = ctl.run(command, "--help")
        assert own.code == 0 and own.out.startswith("usage: ampctl [OPTION...] " + command), own
        assert own.out == ctl.run("help", command).out
    assert re.fullmatch(r"ampctl \d+\.\d+\.\d+\n", ctl.run("--version").out)


def test_output_that_nobody_takes(steered):
    proxy = steered()
    reader, writer = os.pipe()
    os.close(reader)
    for command in (["servers"], ["send", "Action=Ping"], ["tail"]):
        result = ctl.run("-c", proxy.config, *command, stdout=writer)
        assert result.code == 0 and result.err == "", result
    os.close(writer)
    with open("/dev/full", "wb") as full:
        result = ctl.run("-c", proxy.config, "servers", stdout=full)
    assert result.code == 3 and result.err == "ampctl: cannot write: No space left on device\n"


# --- documents


def test_manual_page_names_every_option_and_command():
    path = os.path.join(SOURCE, "contrib/man/ampctl.1")
    checked = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path],
        capture_output=True,
        text=True,
        env=dict(os.environ, MANWIDTH="100"),
    )
    assert checked.stderr == "" and checked.returncode == 0
    with open(path, encoding="utf-8") as file:
        manual = file.read().replace("\\-", "-")
    with open(os.path.join(SOURCE, "contrib/completion/ampctl"), encoding="utf-8") as file:
        completion = file.read()
    shown = ctl.run("help").out
    words = re.findall(r"^  (\w+)", shown.split("commands:")[1].split("options:")[0], re.M)
    for word in words + re.findall(r"--[\w-]+", shown.split("options:")[1]):
        assert word in manual, word
        assert word in completion, word
