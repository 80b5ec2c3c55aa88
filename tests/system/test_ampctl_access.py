"""ampctl: how it reaches the proxy and with which secret: TLS, Unix sockets, the terminal, configurations."""

import os
import re
import signal
import socket
import subprocess

from harness import ctl
from harness.certificates import Authority
from harness.limits import poll
from harness.proxy import PROXY_KEY, Proxy, configuration, secret_of, server_entry, write_configuration
from harness.steering import ADMINS

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


def test_a_listener_that_asks_for_a_certificate(steered, authority, tmp_path):
    own = authority.issue("operator")
    tls = {"certificate": authority.issue("proxy"), "client_ca": authority.certificate}
    proxy = steered(listen={"tls": "required"}, up=[], certificate=tls)
    to = ("-c", proxy.config, "--ca", authority.certificate)
    assert ctl.run(*to, "--cert", own, "servers").code == 0
    refused = ctl.run(*to, "servers")
    assert refused.code == 3 and "certificate required" in refused.err, refused
    missing = ctl.run(*to, "--cert", str(tmp_path / "none.pem"), "servers")
    assert missing.code == 3 and "none.pem" in missing.err
    strange = ctl.run(*to, "--cert", own, "--key", authority.issue("other"), "servers")
    assert strange.code == 3 and "does not belong to the certificate" in strange.err
    assert ctl.run("-c", proxy.config, "--key", own, "servers").code == 2


def test_proxy_key(steered, authority):
    proxy = steered(auth={"proxy_key": PROXY_KEY, "failures_per_minute": 1000}, users=[], up=[])
    to = ("--connect", proxy.where, "--proxy-key")
    env = ctl.environment(AMPCTL_SECRET=PROXY_KEY)
    assert ctl.run(*to, "status", "--interval", "0", env=env).code == 0
    assert poll(lambda: ctl.run(*to, "servers", env=env).rows[0][:2] == ["pbx1", "up"])
    assert ctl.run("-c", proxy.path, *to, "status", "--interval", "0").code == 0  # the key is in the configuration
    wrong = ctl.run(*to, "status", env=ctl.environment(AMPCTL_SECRET="wrong"))
    assert wrong.code == 3 and "cannot log in by the ProxyKey" in wrong.err
    assert ctl.run(*to, "-u", "dave", "status", env=env).code == 2


def test_bad_certificates(steered, authority, tmp_path):
    proxy = steered(listen={"detect_timeout": "5s"})  # a busy machine is slow to say its first byte
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    for arguments, text in (
        (["--ca", other.certificate], "certificate verify failed"),
        ([], "certificate verify failed"),
        (["--ca", authority.certificate, "--tls-name", "pbx.example.net"], "pbx.example.net"),
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
    """A recording server in place of the proxy shows what ampctl sends over a plain connection."""
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
    """Only a hash is kept, so ampctl sends the secret itself, where nobody else can listen: TLS or loopback."""
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
