"""A proxy that is taken over, and the new process: a child of the old process, which this process adopts."""

import ctypes
import os
import re
import select
import signal
import subprocess

import pytest

from .limits import DEADLINE

PR_SET_CHILD_SUBREAPER = 36
TOLD = "handed over to pid="  # the line of the log


@pytest.fixture
def lasting(start_proxy, pbx):
    """lasting(servers, **sections) -> a proxy that can be taken over: the user that it becomes can read its files, as
    the new process must."""
    adopt_orphans()

    def start(servers=None, **sections):
        sections.setdefault("limits", {"drain": "4s"})
        proxy = start_proxy({"pbx1": pbx} if servers is None else servers, **sections)
        proxy.make_readable()
        return proxy

    return start


def adopt_orphans():
    """Adopts the children of processes that end, from now on, so that their exit codes can be read."""
    assert ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def _parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return int(stat.read().rsplit(") ", 1)[1].split()[1])


class _Watch:
    """Watches for the end of a process that need not be a child."""

    def __init__(self, pid):
        try:
            self.descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            self.descriptor = None

    def has_ended(self, seconds):
        """Has it ended, or does it within `seconds`?"""
        if self.descriptor is not None and select.select([self.descriptor], [], [], seconds)[0]:
            os.close(self.descriptor)
            self.descriptor = None
        return self.descriptor is None


class Orphan:
    """A process that another one started, with the methods of subprocess.Popen. Its exit code is ours once its parent
    has ended."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None
        self.end = _Watch(pid)
        parent = _parent_of(pid)
        self.end_of_parent = _Watch(parent) if parent != os.getpid() else None

    def poll(self):
        return self._wait(0)

    def _wait(self, seconds):
        if self.returncode is None and self.end.has_ended(seconds):
            if self.end_of_parent is not None and not self.end_of_parent.has_ended(DEADLINE):
                return None
            _, status = os.waitpid(self.pid, 0)
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, seconds=DEADLINE):
        if self._wait(seconds) is None:
            raise subprocess.TimeoutExpired(str(self.pid), seconds)
        return self.returncode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def take_over(proxy):
    """SIGUSR2; `proxy` is the new process from here on. @return the old one, which ends by itself"""
    adopt_orphans()
    old = proxy.process
    before = sum(TOLD in line for line in proxy.lines)
    os.kill(old.pid, signal.SIGUSR2)
    follow(proxy, before)
    return old


def follow(proxy, before=0):
    """Waits for the end of a takeover that has begun; `proxy` is the new process from here on.
    @param before  takeovers that had ended earlier"""
    proxy.wait_until(lambda lines: sum(TOLD in line for line in lines) > before, "the takeover", seconds=2 * DEADLINE)
    line = [line for line in proxy.lines if TOLD in line][-1]
    proxy.process = Orphan(int(re.search(TOLD + r"(\d+)", line).group(1)))
