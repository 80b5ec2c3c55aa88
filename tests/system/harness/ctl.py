"""ampctl as a process: behind pipes, or at a terminal of its own (a pseudo-terminal)."""

import os
import pty
import select
import signal
import subprocess
import termios

from .limits import DEADLINE, Deadline
from .process import BUILD, REPORTS

BINARY = os.path.join(BUILD, "ampctl")
SECRETS = ("AMPCTL_SECRET", "AMPCTL_USER", "NO_COLOR")


def environment(**changes):
    """The test's own, without what steers ampctl, and in UTF-8; a change to None takes a variable out."""
    env = {name: value for name, value in os.environ.items() if name not in SECRETS}
    env.update(LC_ALL="C.UTF-8", TERM="xterm", TZ="UTC")
    env.update(changes)
    return {name: value for name, value in env.items() if value is not None}


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def rows(self):
        return [line.split("\t") for line in self.out.splitlines()]

    def __repr__(self):
        return f"code {self.code}\n-- out\n{self.out}\n-- err\n{self.err}"


def _checked(result):
    assert not [word for word in REPORTS if word in result.out + result.err], result
    assert result.code >= 0, f"ended by a signal: {result}"
    return result


def run(*arguments, env=None, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, new_session=True):
    """Runs it to its end, without a terminal."""
    process = subprocess.run(
        [BINARY, *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=4 * DEADLINE,
        env=env or environment(),
        start_new_session=new_session,
    )
    return _checked(
        Result(
            process.returncode,
            (process.stdout or b"").decode("utf-8", "surrogateescape"),
            process.stderr.decode("utf-8", "surrogateescape"),
        )
    )


class _Reader:
    """Bytes that come on a descriptor, waited for until a deadline."""

    def __init__(self, fd):
        self.fd = fd
        self.data = b""
        self.ended = False

    def fill(self, seconds):
        """Reads what is there, or comes within `seconds`. False: nothing."""
        if self.ended or not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError:  # a terminal whose other end is closed
            data = b""
        self.ended = not data
        self.data += data
        return bool(data)

    def wait_for(self, wanted, seconds=None):
        """Everything so far, once `wanted` (bytes, or a function of what came) is in it."""
        deadline = Deadline(seconds)
        is_there = wanted if callable(wanted) else lambda data: wanted in data
        while not is_there(self.data):
            assert not self.ended and not deadline.passed(), f"awaited {wanted}, came {self.data[-4000:]!r}"
            self.fill(deadline.left())
        return self.data

    def read_to_end(self):
        deadline = Deadline()
        while not self.ended:
            assert not deadline.passed(), f"no end; came {self.data[-2000:]!r}"
            self.fill(deadline.left())
        return self.data


class Started:
    """A running ampctl with pipes; `out` and `err` are read as they come."""

    def __init__(self, *arguments, env=None):
        self.process = subprocess.Popen(
            [BINARY, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env or environment(),
            start_new_session=True,
        )
        self.out, self.err = _Reader(self.process.stdout.fileno()), _Reader(self.process.stderr.fileno())

    def interrupt(self, number=signal.SIGINT):
        self.process.send_signal(number)

    def finish(self):
        self.out.read_to_end()
        self.err.read_to_end()
        result = Result(
            self.process.wait(DEADLINE),
            self.out.data.decode("utf-8", "surrogateescape"),
            self.err.data.decode("utf-8", "surrogateescape"),
        )
        self.process.stdout.close()
        self.process.stderr.close()
        return _checked(result)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Terminal:
    """A running ampctl at a terminal: its output and its errors are one stream, what is typed comes in. `width`: of the
    terminal, in columns."""

    def __init__(self, *arguments, env=None, program=BINARY, width=None):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                if width is not None:
                    termios.tcsetwinsize(0, (24, width))
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the interpreter ignores it
                os.execve(program, [program, *arguments], env or environment())
            finally:
                os._exit(127)
        self.out = _Reader(self.fd)
        self.code = None

    def type(self, text):
        os.write(self.fd, text.encode())

    def finish(self):
        """Waits for the end; line ends are LF, as the terminal's own CR is taken out."""
        self.out.read_to_end()
        _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        return _checked(Result(self.code, self.out.data.decode("utf-8", "surrogateescape").replace("\r\n", "\n"), ""))

    def close(self):
        if self.code is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
        os.close(self.fd)
