"""What an action costs, in counts that repeat: nobody undoes a gain by accident. Times are no matter of tests."""

import os
import re
import shutil
import subprocess

import pytest

from harness.limits import poll

FEWEST, MORE = 100, 400
ROUND_TRIP = 6  # wait, read the action, write it, wait, read the answer, write it
SESSION = 16  # see test_i15_system_calls_of_a_session()


def is_traced(proxy):
    """Is each of its threads traced?"""
    folder = f"/proc/{proxy.process.pid}/task"
    return all(
        "TracerPid:\t0\n" not in read_text(os.path.join(folder, thread, "status")) for thread in os.listdir(folder)
    )


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def count_calls(proxy, path, repeat, times):
    """System calls of the proxy while `repeat` is called so many times."""
    command = ["strace", "-f", "-c", "-o", str(path), "-p", str(proxy.process.pid)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
        if not poll(lambda: is_traced(proxy) or tracer.poll() is not None) or tracer.poll() is not None:
            tracer.kill()
            pytest.skip("strace may not attach to a process here")
        try:
            for _ in range(times):
                repeat()
        finally:
            tracer.terminate()
    assert poll(lambda: "total" in read_text(path)), "strace has not written its table"
    return int(re.search(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) .*total$", read_text(path), re.MULTILINE)[1])


def calls_of_one(proxy, folder, repeat):
    few = count_calls(proxy, folder / "few", repeat, FEWEST)
    many = count_calls(proxy, folder / "many", repeat, MORE)
    return (many - few) / (MORE - FEWEST)


@pytest.mark.skipif(shutil.which("strace") is None, reason="wants strace")
def test_i15_system_calls_of_a_round_trip(start_proxy, scripted, workers, tmp_path):
    """A single worker shares the hub's thread: letters between them need no call. Each other worker is woken by one, and
    wakes by one, which it then reads."""
    pbx = scripted()
    proxy = start_proxy({"pbx1": pbx}, log={"level": "info"})
    client = proxy.login("dave", Events="off")

    def ask():
        assert client.ask(Action="Ping", Server="pbx1").get("Response") == "Success"

    each = calls_of_one(proxy, tmp_path, ask)
    most = ROUND_TRIP if workers == 1 else ROUND_TRIP + 2 * 3
    assert each <= most * 1.15, f"{each} system calls for an action and its answer"


@pytest.mark.skipif(shutil.which("strace") is None, reason="wants strace")
def test_i15_system_calls_of_a_session(start_proxy, scripted, workers, tmp_path):
    """Connect, login, logoff. Three times wait, read, write; accept, ask for others, limit of files, watch; shut down;
    forget, close. The options of the socket come from the listening one. Another thread is told and answers."""
    pbx = scripted()
    proxy = start_proxy({"pbx1": pbx}, log={"level": "info"})

    def come_and_go():
        client = proxy.login("dave", Events="off")
        assert client.ask(Action="Logoff").get("Response") == "Goodbye"
        client.close()

    each = calls_of_one(proxy, tmp_path, come_and_go)
    most = SESSION if workers == 1 else SESSION + 2 * 3
    assert each <= most * 1.15 + 1, f"{each} system calls for a session"
