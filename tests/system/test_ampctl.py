"""ampctl: each command through pipes and at a terminal, plain and encrypted, and each way in which it can fail."""

import json
import os
import re
import signal
import socket
import subprocess

import pytest

from harness import ctl
from harness.certificates import Authority
from harness.process import SOURCE
from harness.proxy import USERS, Proxy, configuration, secret_of, server_entry, write_configuration

ADMINS = [dict(user, admin=user["name"] == "dave") for user in USERS]


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def steered(start_proxy, pbx, authority):
    """A proxy with a certificate that dave may steer, and `path`: the same configuration with the port that it has."""

    def start(servers=None, up=None, listen=None, users=None, **sections):
        certificate = {"certificate": authority.issue("proxy")}
        sections.setdefault("plugins", {"load": ["standard", "json", "xml", "csv"]})
        proxy = start_proxy(
            servers or {"pbx1": pbx},
            up=up,
            users=users or ADMINS,
            tls=certificate,
            listen={"tls": "optional", **(listen or {})},
            **sections,
        )
        entries = [server_entry(server, name) for name, server in (servers or {"pbx1": pbx}).items()]
        config = configuration(
            entries,
            users=users or ADMINS,
            tls=certificate,
            listen={"tls": "optional", **(listen or {}), "port": proxy.address[1]},
        )
        proxy.config = str(authority.folder) + "/ctl.yaml"
        write_configuration(proxy.config, config)
        proxy.where = f"127.0.0.1:{proxy.address[1]}"
        return proxy

    return start


@pytest.fixture
def started():
    """started(Class, …): ended after the test."""
    made = []

    def start(kind, *arguments, **options):
        made.append(kind(*arguments, **options))
        return made[-1]

    yield start
    for each in made:
        each.close()


def at_terminal(started, *arguments, **options):
    return started(ctl.Terminal, *arguments, **options).finish()


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
    assert result.rows == [
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
    assert lines[0].split() == ["NAME", "STATUS", "ADDRESS", "HOST", "PORT", "USER", "EVENTS"]
    assert len({line.index("127.0.0.1") for line in lines[1:]}) == 1, shown  # aligned
    assert "\x1b[32mup" in shown and "\x1b[31mdown" in shown


def test_sessions(steered):
    proxy = steered()
    bill = proxy.login("bill", Events="off")
    bill.send(ProxyAction="SetOutputFormat", OutputFormat="json")
    assert json.loads(bill.socket.recv(4096))["OutputFormat"] == "json"
    proxy.login("caller", Events="off").fence()
    rows = ctl.run("-c", proxy.config, "sessions").rows
    assert [row[1] for row in rows] == ["dave", "caller", "bill"]  # newest first
    assert all(row[0].isdigit() and row[2] == "127.0.0.1" for row in rows)
    assert rows[2][3:] == ["standard", "json"]
    listed = json.loads(ctl.run("-c", proxy.config, "sessions", "--json").out)
    assert all(isinstance(each["session"], int) for each in listed)
    own = ctl.run("-c", proxy.config, "-u", "caller", "sessions").rows
    assert {row[1] for row in own} == {"caller"}


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


def test_reload(reloadable, pbx):
    proxy, change = reloadable(users=ADMINS)
    change(users=ADMINS)
    to = ("--connect", f"127.0.0.1:{proxy.address[1]}", "-u", "dave")
    env = ctl.environment(AMPCTL_SECRET=secret_of("dave"))
    result = ctl.run(*to, "reload", env=env)
    assert (result.code, result.out) == (0, "Reloaded\n")
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


# --- where to, as whom


def test_encrypted(steered, authority):
    proxy = steered(listen={"detect_timeout": "5s"})  # a busy machine is slow to say its first byte
    to = ("-c", proxy.config, "--tls", "--ca", authority.certificate)
    assert dict(ctl.run(*to, "status", "--interval", "0").rows)["servers"] == "1 up"
    assert ctl.run(*to, "send", "Action=Ping").code == 0
    assert ctl.run("-c", proxy.config, "--tls", "--insecure", "servers").code == 0
    assert ctl.run(*to, "--tls-name", "localhost", "servers").code == 0
    assert not proxy.log_contains("login refused")


def test_a_listener_that_requires_encryption(steered, authority):
    proxy = steered(listen={"tls": "required"}, up=[])
    result = ctl.run("-c", proxy.config, "--ca", authority.certificate, "servers")  # --tls goes without saying
    assert result.code == 0, result


def test_bad_certificates(steered, tmp_path):
    proxy = steered(listen={"detect_timeout": "5s"})  # a busy machine is slow to say its first byte
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    for arguments, text in (
        (["--ca", other.certificate], "certificate verify failed"),
        ([], "certificate verify failed"),
        (["--ca", str(tmp_path / "ca.pem"), "--tls-name", "pbx.example.net"], "pbx.example.net"),
        (["--ca", str(tmp_path / "none.pem")], "none.pem"),
    ):
        result = ctl.run("-c", proxy.config, "--tls", *arguments, "servers")
        assert result.code == 3 and text in result.err and result.err.count("\n") == 1, result


def test_unix_socket_is_preferred(launch, pbx, workers, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    config = configuration([server_entry(pbx)], workers, users=ADMINS)
    config["listen"].append({"address": f"unix:{folder}/socket", "input": "auto"})
    os.chmod(folder, 0o777)
    proxy = launch(Proxy, str(tmp_path), config, listening=False)
    proxy.wait_for_line("listening address=unix:")
    assert ctl.run("-c", proxy.path, "sessions").rows[0][1:3] == ["dave", "unix"]
    assert ctl.run("-c", proxy.path, "--listener", "2", "send", "Action=Ping").code == 0
    assert (
        ctl.run(
            "--connect",
            f"unix:{folder}/socket",
            "-u",
            "dave",
            "send",
            "Action=Ping",
            env=ctl.environment(AMPCTL_SECRET=secret_of("dave")),
        ).code
        == 0
    )
    result = ctl.run("-c", proxy.path, "--listener", "1", "servers")
    assert result.code == 2 and "any free port" in result.err


def test_a_secret_does_not_travel_in_clear(steered, tmp_path):
    """A recording server in the place of the proxy: what is said to it on a plain connection?"""
    server = socket.create_server(("127.0.0.1", 0))
    env = ctl.environment(AMPCTL_SECRET="very-SECRET")
    process = subprocess.Popen(
        [ctl.BINARY, "--connect", f"127.0.0.1:{server.getsockname()[1]}", "-u", "dave", "servers"],
        env=env,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    peer, _ = server.accept()
    peer.settimeout(15)
    peer.sendall(b"Asterisk Call Manager/5.0\r\n")
    asked = peer.recv(65536)
    assert b"Action: Challenge" in asked
    found = re.search(rb"ActionID: (\S+)", asked).group(1)
    peer.sendall(b"Response: Success\r\nActionID: " + found + b"\r\nChallenge: 123456789\r\n\r\n")
    asked += peer.recv(65536)
    peer.close()
    server.close()
    assert b"Key: " in asked and b"very-SECRET" not in asked
    _, err = process.communicate(timeout=15)
    assert process.returncode == 3 and b"connection lost" in err and err.count(b"\n") == 1


def test_the_secret_comes_from(steered, tmp_path, started):
    proxy = steered()
    to = ("--connect", proxy.where, "-u", "bill", "send", "Action=Ping")
    path = tmp_path / "secret"
    path.write_text(secret_of("bill") + "\n")
    path.chmod(0o600)
    assert ctl.run("--secret-file", str(path), *to).code == 0
    path.chmod(0o644)
    result = ctl.run("--secret-file", str(path), *to)
    assert result.code == 2 and "others cannot read" in result.err and secret_of("bill") not in result.err
    assert ctl.run(*to, env=ctl.environment(AMPCTL_SECRET=secret_of("bill"))).code == 0
    result = ctl.run(*to)  # nobody to ask
    assert result.code == 2 and "AMPCTL_SECRET" in result.err and result.err.count("\n") == 1
    prompt = started(ctl.Terminal, *to)
    prompt.out.wait_for(b"Secret of bill: ")
    prompt.type(secret_of("bill") + "\n")
    result = prompt.finish()
    assert result.code == 0 and secret_of("bill") not in result.out and "Success" in result.out


def test_interrupted_prompt_leaves_the_terminal_as_it_was(steered, started):
    prompt = started(ctl.Terminal, "--connect", steered().where, "-u", "bill", "servers")
    prompt.out.wait_for(b"Secret of bill: ")
    os.kill(prompt.pid, signal.SIGINT)
    prompt.out.read_to_end()
    _, status = os.waitpid(prompt.pid, 0)
    prompt.code = os.waitstatus_to_exitcode(status)
    assert prompt.code == -signal.SIGINT


def test_a_user_with_a_hash(steered, authority):
    """Only a hash is kept, so the secret is sent: where nobody else can listen."""
    hashed = subprocess.run(["openssl", "passwd", "-6", "hash-SECRET"], capture_output=True, check=True, text=True)
    proxy = steered(users=ADMINS + [{"name": "hilda", "secret": hashed.stdout.strip()}])
    env = ctl.environment(AMPCTL_SECRET="hash-SECRET")
    for more in ([], ["--tls", "--ca", authority.certificate], ["--connect", proxy.where]):
        assert ctl.run("-c", proxy.config, "-u", "hilda", *more, "send", "Action=Ping", env=env).code == 0, more


def test_a_configuration_whose_secrets_are_not_ours(steered, tmp_path):
    """An operator has neither the proxy's environment nor its files: only what ampctl needs must be there."""
    proxy = steered()
    config = configuration(
        [
            {"name": "pbx1", "host": "127.0.0.1", "username": "x", "secret": "${AMP_NOT_SET}"},
            {"name": "pbx2", "host": "127.0.0.1", "username": "x", "secret_file": "/nonexistent/file"},
        ],
        listen={"port": proxy.address[1]},
    )
    del config["users"]
    config["users_file"] = "/nonexistent/users.yaml"
    path = str(tmp_path / "outside.yaml")
    write_configuration(path, config)
    env = ctl.environment(AMPCTL_SECRET=secret_of("dave"), AMPCTL_USER="dave")
    assert ctl.run("-c", path, "servers", env=env).code == 0
    result = ctl.run("-c", path, "servers", env=ctl.environment(AMPCTL_SECRET="x"))
    assert result.code == 2 and "--user" in result.err


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
    assert commands == ["status", "servers", "sessions", "tail", "send", "reload", "drop", "kick", "help"]
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
