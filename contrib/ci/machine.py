"""A Debian with systemd as its first process: what test_systemd.py drives.

The container is systemd-nspawn's. What runs in it is seen by this process, as its network is the same; commands enter its
namespaces through its first process.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(SOURCE, "tests", "system"))

from harness.limits import poll  # noqa: E402

UNIT = "astmanproxy.service"


class Machine:
    """`tree` stays as it is: what the container writes is kept in memory."""

    def __init__(self, tree):
        log, self.log = tempfile.mkstemp(prefix="console-")
        command = ["systemd-nspawn", "--quiet", "--directory", tree, "--volatile=overlay", "--boot"]
        command += ["--register=no", "--keep-unit", "--resolv-conf=off", "--timezone=off", "--link-journal=no"]
        self.process = subprocess.Popen(
            [*command, "--console=pipe"], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        os.close(log)
        self.leader = None
        up = poll(self._is_up)
        assert up and self.process.poll() is None, f"systemd did not come up in time:\n{self.console()}"

    def _is_up(self):
        """The child of systemd-nspawn that is there first makes way for systemd."""
        path = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        if self.process.poll() is not None:
            return True
        with open(path, encoding="ascii") as children:
            self.leader = next(iter(children.read().split()), None)
        return self.leader is not None and self.run("systemctl", "is-system-running", check=False).strip() in (
            "running",
            "degraded",
        )

    def console(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def run(self, *command, check=True, stdin=None):
        """@return what it printed, both streams"""
        entered = ["nsenter", "--all", "--target", self.leader, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        result = subprocess.run(
            [*entered, "LC_ALL=C.UTF-8", *command],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if check and result.returncode != 0:
            said = self.run("journalctl", "--no-pager", "-n", "20", "-u", UNIT, check=False)
            raise AssertionError(f"{' '.join(command)}: {result.returncode}\n{result.stdout}\n{said}")
        return result.stdout

    def succeeds(self, *command):
        return self.run("sh", "-c", '"$@" >/dev/null 2>&1; echo $?', "sh", *command) == "0\n"

    def write(self, path, text):
        """Contents alone: owner and rights of what is there stay."""
        self.run("sh", "-c", 'mkdir -p "$(dirname "$0")" && cat >"$0"', path, stdin=text)

    def show(self, name, unit=UNIT):
        """A property of the unit, as text."""
        return self.run("systemctl", "show", "--value", "-p", name, unit).strip()

    def main_process(self):
        return int(self.show("MainPID"))

    def status(self, pid):
        """/proc/PID/status of a process there."""
        lines = self.run("cat", f"/proc/{pid}/status").splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def journal(self, *matches):
        """The entries of the unit, as dictionaries."""
        self.run("journalctl", "--sync")
        printed = self.run("journalctl", "-o", "json", "--no-pager", "-u", UNIT, *matches)
        return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]

    def close(self):
        self.process.send_signal(signal.SIGKILL)  # the container goes with it
        self.process.wait()
        os.unlink(self.log)
