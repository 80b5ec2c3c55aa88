"""contrib/migrate: certificates, the files that it writes, and its command line."""

import os
import stat
import subprocess

import pytest
import yaml

from harness.migration import NEEDED, TOOL, run

# -- certificates


def make_certificate(path, *options):
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=x",
            "-keyout",
            f"{path}.key",
            "-out",
            path,
            *options,
        ],
        check=True,
        capture_output=True,
    )
    with open(path, "a", encoding="ascii") as out, open(f"{path}.key", encoding="ascii") as key:
        out.write(key.read())


TLS = "acceptencryptedconnection = yes\nacceptunencryptedconnection = yes\ncertfile = "


@pytest.mark.parametrize(
    "options, words",
    [
        (["-newkey", "rsa:1024", "-sha1"], [["sha1"], ["1024 bits"]]),
        (["-newkey", "rsa:1024", "-sha256"], [["1024 bits"]]),
        (["-newkey", "rsa:2048", "-sha256"], []),
        (["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha256"], []),
    ],
)
def test_weak_certificates(migrate, tmp_path, options, words):
    path = str(tmp_path / "proxy.pem").lower()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    make_certificate(path, *options)
    result = migrate(TLS + path)
    assert result.main["tls"] == {"certificate": path, "key": path}
    assert len([line for line in result.errors.splitlines() if "certfile" in line]) == len(words)
    assert all(result.said("astmanproxy.conf:3:", *line) for line in words)


def test_certificate_without_key_or_sense(migrate, tmp_path):
    path = os.path.join(str(tmp_path).lower(), "x.pem")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write("nothing\n")
    result = migrate(TLS + path)
    assert result.code == 0 and result.said("holds no key") and result.said("no certificate")


def test_certificate_that_could_not_be_looked_at(migrate, tmp_path):
    path = os.path.join(str(tmp_path).lower(), "x.pem")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    make_certificate(path, "-newkey", "rsa:2048")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").symlink_to("/usr/bin/python3")
    assert migrate(TLS + path, env={"PATH": str(tools)}).said("astmanproxy.conf:3:", "was not looked at")


# -- the command


def test_files_are_private_and_never_overwritten(migrate):
    result = migrate()
    for name in ("astmanproxy.yaml", "users.yaml"):
        assert stat.S_IMODE((result.folder / name).stat().st_mode) == 0o600
    (result.folder / "astmanproxy.yaml").unlink()
    (result.folder / "users.yaml").write_text("mine")
    again = migrate()
    assert again.code == 1 and "users.yaml: exists already; --force" in again.errors
    assert not again.main_text and again.users_text == "mine"
    forced = migrate("", "a=b", "--force")
    assert forced.code == 0 and forced.user["name"] == "a"
    assert stat.S_IMODE((forced.folder / "users.yaml").stat().st_mode) == 0o600
    assert sorted(os.listdir(forced.folder)) == ["astmanproxy.yaml", "users.yaml"]


def test_command_line(tmp_path):
    assert run("--help").returncode == 0
    for words in ((), ("--from", "2", "x"), ("--nonsense", "x")):
        result = run(*words)
        assert result.returncode == 1 and "astmanproxy-migrate" in result.stderr
    missing = run(tmp_path / "none.conf")
    assert missing.returncode == 1 and "none.conf: No such file" in missing.stderr and "Traceback" not in missing.stderr
    assert run(tmp_path, tmp_path).returncode == 1  # a folder


def test_users_beside_and_elsewhere(tmp_path):
    (tmp_path / "a.conf").write_text("\n".join(NEEDED.values()))
    lonely = run("a.conf", cwd=tmp_path)
    assert lonely.returncode == 0 and "no USERS was given" in lonely.stderr
    assert yaml.safe_load((tmp_path / "users.yaml").read_text()) == {"users": []}
    (tmp_path / "astmanproxy.users").write_text("a=b\n")
    assert run("--force", "a.conf", cwd=tmp_path).returncode == 0
    assert yaml.safe_load((tmp_path / "users.yaml").read_text())["users"][0]["name"] == "a"
    missing = run("--force", "a.conf", "nobody.users", cwd=tmp_path)
    assert missing.returncode == 1 and "nobody.users: No such file" in missing.stderr


def test_leaves_nothing_beside_the_script(migrate):
    assert migrate().code == 0
    assert "__pycache__" not in os.listdir(os.path.dirname(TOOL))
