"""The program as a daemon: options, exit codes, signals, log, configuration errors, privileges."""

import os
import pwd
import re
import signal
import socket
import subprocess
import time

import pytest

from harness.limits import DEADLINE, poll
from harness.process import BUILD, SOURCE
from harness.proxy import BINARY, PROXY_KEY, SECRETS, Proxy, configuration, secret_of, server_entry, write_configuration


def run(*options, **more):
    return subprocess.run(
        [BINARY, *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        **more,
    )


def test_c01_help():
    result = run("-h")
    assert result.returncode == 0 and result.stderr == ""
    assert all(option in result.stdout for option in ("-c", "-t", "-f", "-d", "-v", "-h"))


def test_c01_version():
    result = run("-v")
    assert result.returncode == 0 and result.stdout.startswith("astmanproxy") and result.stderr == ""


def test_c01_unknown_option():
    result = run("-Z")
    assert result.returncode == 1 and "-h" in result.stderr + result.stdout


def test_check_of_a_good_configuration(tmp_path, pbx):
    path = tmp_path / "good.yaml"
    write_configuration(path, configuration([server_entry(pbx)]))
    result = run("-t", "-c", str(path))
    assert result.returncode == 0, result.stderr
    assert pbx.accepted == 0


@pytest.mark.parametrize(
    "text, place, words",
    [
        ("workers: many\n", "1:10", ["workers", "expected"]),
        ("listen:\n  - address: 127.0.0.1\n    autofilter: maybe\n", "3:17", ["listen[0].autofilter", '"maybe"']),
        ("nonsense: 1\n", "1:1", ["nonsense"]),
        ("limits:\n  output_backlog: 12\n", "2:19", ["limits.output_backlog"]),
        ("auth:\n  timeout: 5\n", "2:12", ["auth.timeout"]),
        ("servers:\n  - host: x\n    port: 99999\n", "3:11", ["servers[0].port"]),
        ("log: [a\n", "", []),
    ],
)
def test_bad_configuration_is_named_by_place(tmp_path, text, place, words):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    for options in (("-t",), ("-f",)):
        result = run(*options, "-c", str(path))
        assert result.returncode == 1
        assert f"bad.yaml:{place}" in result.stderr
        assert all(word in result.stderr for word in words)


def test_all_mistakes_of_a_file_in_one_run(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("workers: many\nnonsense: 1\nlimits:\n  sessions: x\n")
    errors = run("-t", "-c", str(path)).stderr
    assert all(f"bad.yaml:{place}" in errors for place in ("1:10", "2:1", "4:13"))


def test_bad_configuration_shows_no_secret(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(f"servers:\n  - {{host: x, secret: {SECRETS[0]}, port: many}}\n")
    result = run("-t", "-c", str(path))
    assert result.returncode == 1 and SECRETS[0] not in result.stderr + result.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to another group")
@pytest.mark.parametrize(
    "text, mode, group, words",
    [
        ("auth: {proxy_key: %s}\n", 0o640, 1, "a group that is not the proxy's"),
        ("auth: {proxy_key: %s}\n", 0o640, 0, None),
        ("process: {user: daemon}\nauth: {proxy_key: %s}\n", 0o640, 1, None),  # its own group
        ("insecure_permissions: allow\nauth: {proxy_key: %s}\n", 0o644, 0, "everybody"),
        ("users: [{name: a, secret: $1$a$0123456789012345678901}]\n", 0o644, 0, "everybody"),  # no plain one, yet
        ("auth: {required: false}\n", 0o644, 1, None),
    ],
)
def test_r42_files_with_secrets_that_others_can_read_are_warned_about(tmp_path, text, mode, group, words):
    path = tmp_path / "c.yaml"
    path.write_text(
        (text % PROXY_KEY if "%s" in text else text) + f"plugins: {{path: {BUILD}/plugins}}\n"
        f"scripts: {{path: {SOURCE}/lua}}\n"
    )
    os.chown(path, 0, group)
    os.chmod(path, mode)
    result = run("-t", "-c", str(path))
    assert result.returncode == 0, result.stderr
    assert ("a file with secrets can be read by" in result.stderr) is (words is not None), result.stderr
    if words is not None:
        assert words in result.stderr and "c.yaml" in result.stderr and f"mode={mode:04o}" in result.stderr
    assert PROXY_KEY not in result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to another group")
def test_r42_users_file_and_secret_file_are_warned_about_too(tmp_path):
    (tmp_path / "c.yaml").write_text(
        f"users_file: u.yaml\nplugins: {{path: {BUILD}/plugins}}\nscripts: {{path: {SOURCE}/lua}}\n"
    )
    (tmp_path / "u.yaml").write_text(f"users: [{{name: a, secret: {SECRETS[0]}}}, {{name: b, secret_file: s}}]\n")
    (tmp_path / "s").write_text(SECRETS[1])
    for name in ("c.yaml", "u.yaml", "s"):
        os.chown(tmp_path / name, 0, 1)
        os.chmod(tmp_path / name, 0o640)
    result = run("-t", "-c", str(tmp_path / "c.yaml"))
    assert result.returncode == 0, result.stderr
    warned = [line for line in result.stderr.splitlines() if "a group that is not the proxy's" in line]
    assert len(warned) == 2 and "u.yaml" in result.stderr and '/s"' in result.stderr


def test_missing_configuration(tmp_path):
    result = run("-f", "-c", str(tmp_path / "none.yaml"))
    assert result.returncode == 1 and "none.yaml" in result.stderr


def test_port_in_use(tmp_path, pbx):
    path = tmp_path / "used.yaml"
    config = configuration([server_entry(pbx)])
    config["listen"][0]["port"] = pbx.address[1]
    write_configuration(path, config)
    result = run("-f", "-c", str(path))
    assert result.returncode == 1 and str(pbx.address[1]) in result.stderr


def test_no_plugin_could_be_loaded(tmp_path, pbx):
    path = tmp_path / "plugin.yaml"
    config = configuration([server_entry(pbx)])
    config["plugins"]["load"] = ["nosuch"]
    write_configuration(path, config)
    result = run("-f", "-c", str(path))
    assert result.returncode == 1 and "nosuch" in result.stderr


def test_missing_plugin_is_said_and_the_others_serve(start_proxy, pbx):
    config = configuration([])["plugins"]
    proxy = start_proxy({"pbx1": pbx}, plugins={**config, "load": ["nosuch", "standard"]})
    proxy.wait_for_line(" error ", "nosuch")


def test_standard_input_is_not_read(start_proxy, pbx, tmp_path):
    """R01 (standard input): a closed standard input neither ends the program nor becomes a client's descriptor."""
    proxy = start_proxy({"pbx1": pbx}, options=("-f",))
    target = os.readlink(f"/proc/{proxy.process.pid}/fd/0")
    assert target == "/dev/null"
    assert proxy.login("dave").ask(Action="Ping", Server="pbx1")["Response"] == "Success"


def test_closed_standard_files_do_not_become_other_files(tmp_path, pbx, log_folder):
    """A start in the background without standard input, output and error: it is told as done, and the log is written."""
    path, log, pid_file = tmp_path / "closed.yaml", os.path.join(log_folder, "log"), os.path.join(log_folder, "pid")
    process = {"background": True, "pid_file": pid_file}
    write_configuration(path, configuration([server_entry(pbx)], process=process, log={"to": log}))
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', BINARY, str(path)], timeout=DEADLINE, check=False
    )
    assert done.returncode == 0
    with open(pid_file, encoding="ascii") as file:
        number = int(file.read())
    try:
        with open(log, encoding="utf-8") as file:
            assert poll(lambda: file.seek(0) or "server up" in file.read())
    finally:
        os.kill(number, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_c08_c09_orderly_end(proxy, pbx, number):
    clients = [proxy.login("dave", Events="off") for _ in range(4)] + [proxy.connect()]
    proxy.signal(number)
    for client in clients:
        assert client.read_to_end()[-1].text == "ProxyMessage: Proxy Shutting Down"
    pbx.wait(lambda: pbx.logoffs == 1, "Action: Logoff")
    assert proxy.wait() == 0


def test_r36_end_under_load(proxy, pbx):
    """Actions in flight are answered or end with an error, and every client receives the shutdown event."""
    clients = [proxy.login("dave", Events="call") for _ in range(10)]
    for client in clients:
        for number in range(10):
            client.send(Action="CoreStatus", ActionID=str(number))
    pbx.expect_all(100)
    for number in range(500):
        pbx.event("Tick", "call,all", Number=number)
    proxy.signal(signal.SIGTERM)
    for client in clients:
        messages = client.read_to_end()
        assert messages[-1].text == "ProxyMessage: Proxy Shutting Down"
        ticks = [int(m["Number"]) for m in messages if m.get("Event") == "Tick"]
        assert ticks == list(range(len(ticks)))
    assert proxy.wait() == 0


def test_r36_second_signal_ends_at_once(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"drain": "1m"})
    slow = proxy.login("dave", receive_buffer=4096, Events="call")
    for _number in range(6000):
        pbx.event("Tick", "call,all", Fill="x" * 1000)
    slow.read_until(Event="Tick")
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_line("ending signal")
    proxy.signal(signal.SIGTERM)
    begin = time.monotonic()
    assert proxy.wait() == 2
    assert time.monotonic() - begin < 30  # not the minute that clients would have


def test_end_with_a_stalled_server(proxy, pbx):
    pbx.stall()
    client = proxy.login("dave", Events="off")
    proxy.signal(signal.SIGTERM)
    assert client.read_to_end()[-1].text == "ProxyMessage: Proxy Shutting Down"
    assert proxy.wait(12) == 0


def test_c07_hangup_opens_the_log_anew(launch, pbx, tmp_path, log_folder, workers):
    log, old = log_folder / "proxy.log", log_folder / "proxy.log.1"
    config = configuration([server_entry(pbx)], workers)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    config["listen"][0]["port"] = port  # the line that tells a free port is in the file
    config["log"] = {"to": str(log), "level": "info"}
    proxy = launch(Proxy, str(tmp_path), config, listening=False)
    pbx.wait(lambda: pbx.logins == 1, "login of the proxy")
    os.rename(log, old)
    proxy.addresses = [("127.0.0.1", port)]
    client = proxy.login("dave", Events="off")
    proxy.signal(signal.SIGHUP)
    for _ in range(2000):  # each answer comes from the running loop; the file comes with one of its next turns
        if log.exists():
            break
        assert client.fence() == []
    assert log.exists()
    assert client.fence() == [] and pbx.logins == 1
    assert proxy.stop() == 0
    assert "listening address=" in old.read_text() and "listening" not in log.read_text() and log.read_text() != ""
    assert not [secret for secret in SECRETS if secret in old.read_text() + log.read_text()]
    assert os.stat(log).st_mode & 0o007 == 0


def test_c07_hangup_with_the_log_on_stderr(proxy):
    client = proxy.login("dave", Events="off")
    proxy.signal(signal.SIGHUP)
    assert client.fence() == []


def test_c04_r41_no_secret_at_any_level(start_proxy, pbx):
    """Every way to bring a secret in, at the loudest level; the fixture greps for all of them as well."""
    proxy = start_proxy(
        {"pbx1": pbx}, options=("-d", "-d", "-d"), auth={"proxy_key": PROXY_KEY}, more={"login": "plain"}
    )
    client = proxy.connect()
    client.send_raw(b"Action: Login\r\nUsername: dave\r\nsecret:  " + secret_of("dave").encode() + b"\r\n\r\n")
    client.read_until(Response="Success")
    client.send(("ProxyKey", PROXY_KEY), Action="CoreStatus", ActionID="1")
    pbx.expect(Action="CoreStatus").reply()
    client.response("1")
    client.send_raw(b"Action: Login\r\nUsername: x\rSecret: " + secret_of("dave").encode() + b"\r\n\r\n")
    client.read_until(Response="Error")
    client.send_raw(
        b"Action: Login\r\nUsername: " + b"u" * 2000 + b"\r\nSecret: " + secret_of("bill").encode() + b"\r\n\r\n"
    )
    client.read_until(Response="Error")
    assert proxy.stop() == 0
    assert not [secret for secret in SECRETS if secret in proxy.log()]


def test_r41_peer_bytes_stay_on_one_line_of_the_log(proxy):
    client = proxy.connect()
    client.send(Action="Login", Username="evil\x1b[31m\x07\x0b\x85 level=error", Secret="x", ActionID="1")
    assert client.response("1")["Response"] == "Error"
    line = proxy.wait_for_line("evil")
    assert "\x1b" not in line and "\x07" not in line and line.count("evil") == 1


def test_log_lines_have_time_and_level(proxy):
    pattern = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warn|info|debug|trace) ")
    assert [line for line in proxy.lines if not pattern.match(line)] == []


def test_c12_ups_and_downs_of_servers_are_logged(proxy, pbx):
    client = proxy.login("dave")
    proxy.wait_for_line("server=pbx1", " up")
    pbx.go_down()
    client.read_until(Event="ServerDown")
    proxy.wait_for_line(" warn ", "server=pbx1", "reason=")


# -- privileges


def status(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(line.split(":", 1)[1].split() for line in file if line.startswith(name + ":"))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to drop from")
def test_c11_r43_privileges_are_dropped(proxy):
    nobody = pwd.getpwnam("nobody")
    pid = proxy.process.pid
    assert status(pid, "Uid") == [str(nobody.pw_uid)] * 4
    assert status(pid, "Gid") == [str(nobody.pw_gid)] * 4
    assert set(status(pid, "Groups")) <= {str(nobody.pw_gid)}
    assert status(pid, "CapEff") == status(pid, "CapPrm") == ["0000000000000000"]
    assert status(pid, "NoNewPrivs") == ["1"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
def test_c11_root_is_refused_unless_it_is_asked_for(tmp_path, pbx):
    config = configuration([server_entry(pbx)])
    for key in ("user", "group"):
        config["process"].pop(key)
    path = tmp_path / "root.yaml"
    write_configuration(path, config)
    result = run("-f", "-c", str(path))
    assert result.returncode == 1 and "root" in result.stderr
    config["process"]["user"] = "root"
    write_configuration(path, config)
    result = run("-f", "-c", str(path))
    assert result.returncode == 1 and "root" in result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to drop from")
def test_unknown_user_is_refused(tmp_path, pbx):
    config = configuration([server_entry(pbx)])
    config["process"].update(user="no-such-user")
    path = tmp_path / "user.yaml"
    write_configuration(path, config)
    result = run("-f", "-c", str(path))
    assert result.returncode == 1 and "no-such-user" in result.stderr
