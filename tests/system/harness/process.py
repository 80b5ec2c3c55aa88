"""A program under test: its log is read as it is written, and it is ended only by its own process id."""

import atexit
import fcntl
import functools
import os
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import threading

from .limits import DEADLINE, Deadline

BUILD = os.environ.get("AMP_BUILD", "")
SOURCE = os.environ.get("AMP_SOURCE") or os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
REPORTS = ("Sanitizer", "runtime error")
# The address sanitizer keeps freed memory for a while; tests that measure memory start their program with this.
LEAN = dict(
    os.environ,
    ASAN_OPTIONS=":".join(
        filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=1", "thread_local_quarantine_size_kb=64"])
    ),
)


def _is_for_everybody(path):
    """May anybody reach, read and execute the file or folder, and all that is in it, as its owner may?"""
    inner = [os.path.join(folder, name) for folder, folders, files in os.walk(path) for name in folders + files]
    for each in [path, *inner]:
        mode = os.stat(each).st_mode
        if (mode >> 6) & 0o5 & ~mode:
            return False
    while path != "/":
        path = os.path.dirname(path)
        if os.stat(path).st_mode & 0o001 == 0:
            return False
    return True


@functools.cache
def readable(path):
    """Returns `path`, or a copy of it that everybody may read, for example if the tree is below /root. If the tests run
    as root, the proxy gives up root's rights, and can then read only what everybody may read."""
    path = os.path.abspath(path)
    if os.geteuid() != 0 or not os.path.exists(path) or _is_for_everybody(path):
        return path
    place = tempfile.mkdtemp(prefix="amp-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    copy = os.path.join(place, os.path.basename(path))
    (shutil.copytree if os.path.isdir(path) else shutil.copy)(path, copy)
    inner = [os.path.join(folder, name) for folder, folders, files in os.walk(copy) for name in folders + files]
    for each in [place, copy, *inner]:
        os.chmod(each, 0o755)
    return copy


def has_symbol(*symbols):
    with open(os.path.join(BUILD, "astmanproxy"), "rb") as program:
        content = program.read()
    return any(symbol in content for symbol in symbols)


def is_sanitized():
    """Was the program built with a sanitizer? Then its allocator keeps many times what the program holds."""
    return has_symbol(b"__asan_init", b"__tsan_init")


def finds_races():
    """Was the program built with the thread sanitizer?"""
    return os.path.exists(os.path.join(BUILD, "astmanproxy")) and has_symbol(b"__tsan_init")


def delays_signals():
    """The thread sanitizer hands signals on late, so the time limit of scripts does not end them."""
    return finds_races()


def allowed_kib(kib):
    """Returns a bound on memory for this build: `kib`, or 8 times as much if it has a sanitizer."""
    return kib * 8 if is_sanitized() else kib


class Process:
    """A started program. stdout and stderr go to one log of lines, which wait_for_line() watches."""

    def __init__(self, command, **options):
        self.command = command
        self.read = []  # lines that came until now
        self.changed = threading.Condition()
        self.closed = False
        self.stopped = False
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options
        )
        self.pipe = self.process.stdout  # lasts: `process` becomes another one when it is taken over
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        begun = b""
        while not self.closed:
            select.select([self.pipe], [], [])
            with self.changed:
                data = os.read(self.pipe.fileno(), 1 << 16)
                *whole, begun = (begun + data).split(b"\n")
                if not data and begun:
                    whole.append(begun)
                self.read += [line.decode("utf-8", "backslashreplace") for line in whole]
                self.closed = not data
                self.changed.notify_all()

    def _has_unread(self):
        if self.closed or not self.reader.is_alive():
            return False
        return struct.unpack("i", fcntl.ioctl(self.pipe, termios.FIONREAD, b"0000"))[0] > 0

    @property
    def lines(self):
        """All lines that the program has written until now, also those that were still in the pipe."""
        with self.changed:
            while self._has_unread():
                self.changed.wait(0.05)
            return list(self.read)

    def log(self):
        return "\n".join(self.lines)

    def find_line(self, *words):
        """The first line that has all `words`, or None."""
        return next((line for line in self.lines if all(word in line for word in words)), None)

    def log_contains(self, *words):
        return self.find_line(*words) is not None

    def wait_until(self, condition, what, seconds=None):
        """Waits until `condition(lines)` is true; looked at again with each new line of the log."""
        deadline = Deadline(seconds)
        with self.changed:
            while not condition(self.read):
                if self.closed or deadline.passed():
                    raise AssertionError(f"{what}: {'ended' if self.closed else 'not in time'}; log:\n{self.tail()}")
                self.changed.wait(deadline.left())

    def wait_for_line(self, *words, seconds=None):
        self.wait_until(
            lambda lines: any(all(word in line for word in words) for line in lines), f"a line with {words}", seconds
        )
        return self.find_line(*words)

    def tail(self, count=200):
        return "\n".join(self.read[-count:])

    def signal(self, number):
        os.kill(self.process.pid, number)

    def wait(self, seconds=None):
        code = self.process.wait(DEADLINE if seconds is None else seconds)
        self.reader.join(DEADLINE)
        self.stopped = True
        return code

    def running(self):
        return self.process.poll() is None

    def stop(self, seconds=None):
        """SIGTERM, then the exit code. A process that does not end is killed, and that is a failure."""
        if self.running():
            self.signal(signal.SIGTERM)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGABRT)
            try:
                self.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.wait()
            raise AssertionError(f"did not end after SIGTERM: {self.command}") from None

    # -- what /proc tells from outside

    def memory_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
