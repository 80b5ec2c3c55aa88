"""The migration tool, run over the files of an old program."""

import os
import re
import subprocess

import pytest
import yaml

from .limits import DEADLINE
from .process import BUILD, SOURCE
from .proxy import BINARY

TOOL = os.path.join(SOURCE, "contrib/migrate/astmanproxy-migrate")
HASH = "$2b$04$abcdefghijklmnopqrstuuo3Vn7Z1bq1t5vU5gCqf0mJw0Yc8T1ay"
HOST = "host = 127.0.0.1, 5038, dave, moo, on, off"
# What the old program needed to run at all, in lines that tests replace by name.
NEEDED = {
    "host": HOST,
    "listenaddress": "listenaddress = *",
    "listenport": "listenport = 1234",
    "acceptunencryptedconnection": "acceptunencryptedconnection = yes",
    "authrequired": "authrequired = yes",
    "proc_user": "proc_user = nobody",
    "proc_group": "proc_group = nogroup",
    "logfile": "logfile = /var/log/amp.log",
}


class Result:
    """What one run of the tool gave."""

    def __init__(self, process, folder):
        self.code, self.errors = process.returncode, process.stderr.replace(f"{folder.parent}/", "")
        self.folder = folder
        self.main_text, self.users_text = (self._text(name) for name in ("astmanproxy.yaml", "users.yaml"))
        self.main = yaml.safe_load(self.main_text)
        self.listen = self.main["listen"][0] if self.main else None
        self.users = yaml.safe_load(self.users_text)["users"] if self.code == 0 else None

    def _text(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    @property
    def user(self):
        assert self.code == 0 and len(self.users) == 1, self.errors
        return self.users[0]

    def said(self, *words):
        """Is there a line on the terminal with all `words`?"""
        return any(all(word in line for word in words) for line in self.errors.splitlines())

    def comments(self):
        text = " ".join(
            line.strip() for line in (self.main_text + self.users_text).splitlines() if line.strip().startswith("#")
        )
        return re.sub(r" # ", " ", text)


@pytest.fixture
def migrate(tmp_path):
    """migrate(conf lines, users lines, *options, without=names, env=…) -> Result. Lines of `conf` are added to NEEDED
    and replace lines of their name there. Bytes are taken as they are."""

    def run(conf="", users="dave=x", *options, without=(), env=None):
        if not isinstance(conf, bytes):
            own = ["".join(line.split("=")[0].split()).lower() for line in conf.splitlines()]
            kept = [line for name, line in NEEDED.items() if name not in own and name not in without]
            conf = "\n".join([conf, *kept, ""]).encode()
        (tmp_path / "astmanproxy.conf").write_bytes(conf)
        (tmp_path / "astmanproxy.users").write_bytes(users if isinstance(users, bytes) else users.encode() + b"\n")
        out = tmp_path / "out"
        process = subprocess.run(
            [
                TOOL,
                "--output",
                str(out),
                *options,
                str(tmp_path / "astmanproxy.conf"),
                str(tmp_path / "astmanproxy.users"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
            env=env,
        )
        return Result(process, out)

    return run


def check(result):
    """Feeds the result to the program's own check, with the folders of this build."""
    path = result.folder / "astmanproxy.yaml"
    path.write_text(result.main_text + f"\nplugins:\n  path: {BUILD}/plugins\nscripts:\n  path: {SOURCE}/lua\n")
    return subprocess.run(
        [BINARY, "--check", "-c", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def refused(result, *words):
    """Nothing was written, and a line says why."""
    assert result.code == 1 and not result.main_text and not result.users_text
    assert result.said("error", *words), result.errors
    assert "Traceback" not in result.errors
    return True


def run(*words, **more):
    return subprocess.run(
        [TOOL, *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        **more,
    )
