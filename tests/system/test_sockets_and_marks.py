"""Files that the proxy uses: sockets in their place, byte-order marks, permissions that are too wide."""

import os
import socket
import stat
import subprocess

import pytest

from harness.limits import DEADLINE
from harness.proxy import BINARY, USERS, configuration, server_entry, write_configuration


def check(path, *options):
    return subprocess.run(
        [BINARY, *(options or ("-t",)), "-c", str(path)],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def folder(tmp_path):
    for path in (tmp_path, tmp_path.parent):
        path.chmod(0o777 if path == tmp_path else 0o755)
    return tmp_path


def unix(pbx, path):
    return configuration([server_entry(pbx)], listen=[{"address": f"unix:{path}", "input": "standard", "tls": "off"}])


@pytest.mark.parametrize("kind", ["file", "folder", "link", "dangling", "pipe"])
def test_f32_only_a_socket_is_taken_out_of_the_way(folder, pbx, kind):
    """Anything else at the path stays with its contents; the proxy reports it and does not start."""
    path, target = folder / "socket", folder / "target"
    target.write_text("precious")
    if kind == "file":
        path.write_text("precious")
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(target if kind == "link" else folder / "nothing")
    before = os.lstat(path)
    write_configuration(folder / "config.yaml", unix(pbx, path))
    result = check(folder / "config.yaml", "-f")
    assert result.returncode == 1 and f"listen unix:{path}: " in result.stderr
    if kind == "file":
        assert "a socket that nobody listens on" in result.stderr
    after = os.lstat(path)
    assert (before.st_ino, before.st_mode, before.st_size) == (after.st_ino, after.st_mode, after.st_size)
    assert target.read_text() == "precious"


def test_f32_a_socket_that_is_served_stays(folder, pbx):
    """Also one whose queue is full, or that is of another type."""
    path = folder / "socket"
    for kind, backlog in ((socket.SOCK_STREAM, 5), (socket.SOCK_STREAM, 0), (socket.SOCK_DGRAM, None)):
        with socket.socket(socket.AF_UNIX, kind) as served:
            served.bind(str(path))
            waiting = []
            if backlog is not None:
                served.listen(backlog)
            while backlog == 0 and len(waiting) < 10:
                waiting.append(socket.socket(socket.AF_UNIX))
                waiting[-1].setblocking(False)
                try:
                    waiting[-1].connect(str(path))
                except BlockingIOError:
                    break
            path.chmod(0o777)
            write_configuration(folder / "config.yaml", unix(pbx, path))
            result = check(folder / "config.yaml", "-f")
            assert result.returncode == 1 and "Address already in use" in result.stderr
            assert stat.S_ISSOCK(os.lstat(path).st_mode)
            for one in waiting:
                one.close()
        path.unlink()


def test_f32_a_socket_left_over_from_a_crash_is_replaced(folder, pbx, launch):
    from harness.proxy import Proxy

    path = folder / "socket"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
        left.listen()
    proxy = launch(Proxy, str(folder), unix(pbx, path), listening=False)
    proxy.wait_for_line("listening address=")
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(DEADLINE)
        client.connect(str(path))
        assert client.recv(100).startswith(b"Asterisk Call Manager/")
    path.unlink()
    path.write_text("another's")  # in its place
    assert proxy.stop() == 0
    assert path.read_text() == "another's"


@pytest.mark.parametrize("mode, good", [("optional", False), (None, False), ("required", True), ("off", True)])
def test_f33_client_certificates_and_optional_encryption(folder, mode, good, pbx):
    """A client without a certificate would only have to speak plainly."""
    from harness.certificates import Authority

    authority = Authority(str(folder))
    config = configuration(
        [server_entry(pbx)], tls={"certificate": authority.issue("proxy"), "client_ca": authority.certificate}
    )
    del config["listen"][0]["tls"]
    if mode is not None:
        config["listen"][0]["tls"] = mode
    write_configuration(folder / "config.yaml", config)
    result = check(folder / "config.yaml")
    assert (result.returncode == 0) == good, result.stderr
    if not good:
        text = (folder / "config.yaml").read_text().splitlines()
        place = int(result.stderr.split("config.yaml:")[1].split(":")[0])
        assert "listen[0]" in result.stderr and "client_ca" in result.stderr
        assert "tls: optional" in text[place - 1] if mode else "address" in text[place - 1]


@pytest.mark.parametrize("where", ["main", "users", "secret", "environment"])
def test_f34_byte_order_marks(folder, where, pbx):
    """A mark before UTF-8 is skipped; UTF-16 is refused by name, with its file."""
    secret = folder / "secret"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)
    users = [dict(USERS[0], secret="${F34_SECRET}"), {"name": "filed", "secret_file": str(secret)}]
    config = configuration([server_entry(pbx)], users_file="users.yaml")
    del config["users"]
    write_configuration(folder / "config.yaml", config)
    write_configuration(folder / "users.yaml", {"users": users})
    (folder / "environment").write_text("F34_SECRET=abc\n")
    (folder / "environment").chmod(0o600)
    path = (
        folder / {"main": "config.yaml", "users": "users.yaml", "secret": "secret", "environment": "environment"}[where]
    )
    text = path.read_text()
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    result = check(folder / "config.yaml")
    assert result.returncode == 0, result.stderr
    for encoding, mark in (("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")):
        path.write_bytes(mark + text.encode(encoding))
        result = check(folder / "config.yaml")
        assert result.returncode == 1 and "UTF-16" in result.stderr and path.name in result.stderr, result.stderr
