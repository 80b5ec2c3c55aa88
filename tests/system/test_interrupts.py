"""Signals that arrive just before a program waits, or while it is held up: none is lost, and none ends the wrong thing."""

import os
import select
import signal
import subprocess
import sys
import termios
import threading

import pytest

from harness import ctl
from harness.limits import Deadline
from harness.process import SOURCE
from harness.proxy import Proxy, configuration, secret_of

NUMBERS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
PROMPT = b"Secret of bill: "


@pytest.fixture
def prompt(started, proxy):
    """prompt(command…): an ampctl at a terminal that has to ask for bill's secret."""

    def start(*command):
        return started(
            ctl.Terminal, "--connect", f"127.0.0.1:{proxy.address[1]}", "-u", "bill", *(command or ("servers",))
        )

    return start


def echoes(terminal):
    return bool(termios.tcgetattr(terminal.fd)[3] & termios.ECHO)


def wait_for(condition, what):
    """For a condition that nothing announces: a terminal's settings, the room in a pipe. Others may run meanwhile."""
    deadline = Deadline()
    while not condition():
        assert not deadline.passed(), f"not in time: {what}"
        os.sched_yield()


def end_of(terminal):
    """The exit code as subprocess has it: a signal is negative."""
    terminal.out.read_to_end()
    _, status = os.waitpid(terminal.pid, 0)
    terminal.code = os.waitstatus_to_exitcode(status)
    return terminal.code


# --- ampctl's prompt


@pytest.mark.parametrize("workers", [1], indirect=True)
@pytest.mark.parametrize("number", NUMBERS)
def test_f42_a_signal_before_the_prompt_waits(prompt, number):
    """The terminal is silent already, and holds the question back, as after Ctrl-S: the signal comes before anything is
    read."""
    terminal = prompt()
    terminal.type("\x13")
    wait_for(lambda: not echoes(terminal), "a terminal that does not echo")
    os.kill(terminal.pid, number)
    assert end_of(terminal) == -number


@pytest.mark.parametrize("workers", [1], indirect=True)
@pytest.mark.parametrize("number", NUMBERS)
def test_f42_a_signal_at_any_moment_of_the_prompt(prompt, number):
    """Once the question is seen the program may stand before its wait, in it, or between two bytes."""
    for count in range(6):
        terminal = prompt()
        terminal.out.wait_for(PROMPT)
        if count % 2:
            terminal.type("half of a sec")
        os.kill(terminal.pid, number)
        assert end_of(terminal) == -number


@pytest.mark.parametrize("workers", [1], indirect=True)
@pytest.mark.parametrize("key, number", [("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)])
def test_f42_a_key_behind_a_whole_line(prompt, key, number):
    """The key takes back what was typed, and so what the program has seen to be there: it must not wait for it."""
    for _ in range(6):
        terminal = prompt()
        terminal.out.wait_for(PROMPT)
        terminal.type("x\x08" + key)
        assert end_of(terminal) == -number


@pytest.mark.parametrize("workers", [1], indirect=True)
def test_f42_a_stopped_prompt_asks_again(prompt):
    terminal = prompt("send", "Action=Ping")
    terminal.out.wait_for(PROMPT)
    os.kill(terminal.pid, signal.SIGTSTP)  # of a session's leader: it does not stop, but is interrupted
    terminal.out.wait_for(lambda data: data.count(PROMPT) == 2)
    terminal.type(secret_of("bill") + "\n")
    result = terminal.finish()
    assert result.code == 0 and "Success" in result.out


@pytest.mark.parametrize("workers", [1], indirect=True)
def test_f42_what_the_parent_ignores_stays_ignored(prompt):
    """nohup ampctl: a lost terminal's signal does not end the question."""
    kept = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        terminal = prompt("send", "Action=Ping")
    finally:
        signal.signal(signal.SIGHUP, kept)
    terminal.out.wait_for(PROMPT)
    os.kill(terminal.pid, signal.SIGHUP)
    terminal.type(secret_of("bill") + "\n")
    assert terminal.finish().code == 0


# --- ampctl tail


def is_full(process):
    """Has its stdout no room? Then whoever writes more is held up."""
    end = os.open(f"/proc/{process.pid}/fd/1", os.O_WRONLY | os.O_NONBLOCK)
    try:
        return not select.select([], [end], [], 0)[1]
    finally:
        os.close(end)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("style", [(), ("--format", "standard")], ids=["text", "bytes"])
def test_f42_tail_ends_though_nobody_reads(started, proxy, pbx, number, style):
    """`ampctl tail | less`: the pipe is full, and the write that waits for room would go on after a signal."""
    running = started(
        ctl.Started,
        "--connect",
        f"127.0.0.1:{proxy.address[1]}",
        "-u",
        "dave",
        "tail",
        *style,
        env=ctl.environment(AMPCTL_SECRET=secret_of("dave")),
    )

    def fill():
        for _ in range(20):
            pbx.event("Filler", "call,all", Text="x" * 900)
        return is_full(running.process)

    wait_for(fill, "a full pipe")
    running.interrupt(number)
    assert running.process.wait(Deadline().left()) == 0
    running.process.stdout.close()
    running.process.stderr.close()


# --- the proxy


@pytest.mark.parametrize("workers", [1], indirect=True)
def test_f42_a_hangup_while_it_starts_is_a_reload(launch, tmp_path, workers):
    """SIGHUP may come as soon as the process exists: it must not end it."""
    fifo = str(tmp_path / "secret")
    os.mkfifo(fifo, 0o644)
    config = configuration([], workers, users=[{"name": "dave", "secret_file": fifo}])

    def give():
        with open(fifo, "w", encoding="ascii") as secret:  # opened once the proxy opens it to read
            opened.set()
            told.wait()
            secret.write(secret_of("dave") + "\n")

    for attempt in ("start", "reload"):
        opened, told = threading.Event(), threading.Event()
        giver = threading.Thread(target=give, daemon=True)
        giver.start()
        if attempt == "start":
            proxy = launch(Proxy, str(tmp_path), config, listening=False)
            proxy.make_readable()
        assert opened.wait(Deadline().left())
        if attempt == "start":
            proxy.signal(signal.SIGHUP)
        told.set()
        giver.join(Deadline().left())
        proxy.wait_for_line("listening address=" if attempt == "start" else "configuration reloaded")
    assert proxy.stop() == 0


@pytest.mark.parametrize("workers", [1], indirect=True)
@pytest.mark.parametrize("signals, code", [([signal.SIGTERM], 0), ([signal.SIGTERM, signal.SIGTERM], 2)])
def test_it_ends_although_a_reload_waits_for_a_file(start_proxy, pbx, tmp_path, workers, signals, code):
    """A pipe that nobody writes; a file system that does not answer is alike."""
    proxy = start_proxy({"pbx1": pbx}, limits={"drain": "2s"})
    client = proxy.login("dave", Events="off")
    if len(signals) > 1:  # its unanswered action holds up the drain
        client.send(Action="CoreStatus")
        pbx.expect(Action="CoreStatus")
    os.mkfifo(tmp_path / "pipe", 0o644)
    os.replace(tmp_path / "pipe", proxy.path)
    proxy.make_readable()
    proxy.signal(signal.SIGHUP)
    proxy.wait_for_line("log reopened")
    for number in signals:
        proxy.signal(number)
        proxy.wait_for_line("ending")
    assert proxy.wait() == code
    proxy.wait_for_line("a reload still waits for a file")


def test_f42_a_signal_at_the_very_end_leaves_the_exit_code(start_proxy, pbx):
    """Who stops a service twice must not make it fail: it has ended, and is only about to exit."""
    proxy = start_proxy({"pbx1": pbx})
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_line("info ended")
    while proxy.running():
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            proxy.signal(number)
    assert proxy.wait() == 0


# What makes the program the first process of a container, as far as signals are concerned.
FIRST = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


@pytest.mark.skipif(
    subprocess.run([*FIRST, "true"], capture_output=True, check=False).returncode != 0, reason="unshare needs root"
)
@pytest.mark.parametrize("workers", [1], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_i19_the_first_process_of_a_container_ends_though_the_signal_came_early(launch, tmp_path, workers, number):
    """The kernel drops a signal to such a process as long as there is no handler."""
    fifo = str(tmp_path / "secret")
    os.mkfifo(fifo, 0o644)
    config = configuration([], workers, users=[{"name": "dave", "secret_file": fifo}])
    proxy = launch(Proxy, str(tmp_path), config, listening=False, wrapper=FIRST)
    with open(fifo, "w", encoding="ascii") as secret:  # it reads its configuration now
        parent = proxy.process.pid
        with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as children:
            os.kill(int(children.read()), number)
        secret.write(secret_of("dave") + "\n")
    assert proxy.wait() == 0


# --- the harness

DEAF = """
import os, signal, subprocess, sys
for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP):
    signal.signal(number, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGUSR2])
sys.path.insert(0, sys.argv[1])
from harness import signals
signals.restore()
sys.stdout.write(subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True, check=True).stdout)
os.kill(os.getpid(), signal.SIGHUP)   # it goes on ignoring
print("alive")
"""


def test_f42_programs_under_test_hear_signals_whoever_starts_the_tests():
    """A shell's background job ignores SIGINT, nohup SIGHUP: neither may reach what the tests start."""
    run = subprocess.run(
        [sys.executable, "-c", DEAF, os.path.join(SOURCE, "tests/system")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    fields = dict(line.split(":", 1) for line in run.stdout.splitlines() if ":" in line)
    assert int(fields["SigIgn"], 16) == 0 and int(fields["SigBlk"], 16) == 0
    assert run.stdout.endswith("alive\n")
