"""A proxy that hands over to a new process, and the new process, which is the child of another: this process adopts it."""
import ctypes
import os
import re
import select
import signal
import subprocess
import time

from .limits import DEADLINE, Deadline

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    """From now on the children of processes that end become ours, so that their exit code can be had."""
    assert ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


class Orphan:
    """What subprocess.Popen is of a process that somebody else started."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None
        self.descriptor = os.pidfd_open(pid)

    def poll(self):
        return self._wait(0)

    def _wait(self, seconds):
        if self.returncode is None and select.select([self.descriptor], [], [], seconds)[0]:
            deadline = Deadline()
            while self.returncode is None and not deadline.passed():   # ours as soon as its parent has ended
                try:
                    _, status = os.waitpid(self.pid, 0)
                    self.returncode = os.waitstatus_to_exitcode(status)
                except ChildProcessError:
                    time.sleep(0.01)
            os.close(self.descriptor)
        return self.returncode

    def wait(self, seconds=DEADLINE):
        if self._wait(seconds) is None:
            raise subprocess.TimeoutExpired(str(self.pid), seconds)
        return self.returncode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def hand_over(proxy):
    """SIGUSR2; `proxy` is the new process from here on. @return the old one, which ends by itself"""
    old = proxy.process
    before = sum("handed over to pid=" in line for line in proxy.lines)
    os.kill(old.pid, signal.SIGUSR2)
    proxy.wait_until(lambda lines: sum("handed over to pid=" in line for line in lines) > before, "the hand-over",
                     seconds=2 * DEADLINE)
    lines = [line for line in proxy.lines if "handed over to pid=" in line]
    proxy.process = Orphan(int(re.search(r"handed over to pid=(\d+)", lines[-1]).group(1)))
    return old
