"""What an action costs, in counts that repeat: nobody undoes a gain by accident. Times are no matter of tests."""

import os
import re
import shutil
import subprocess

import pytest

from harness.limits import poll

FEWEST, MORE = 100, 400
ROUND_TRIP = 6  # wait, read the action, write it, wait, read the answer, write it


def is_traced(proxy):
    """Is each of its threads traced?"""
    folder = f"/proc/{proxy.process.pid}/task"
    return all(
        "TracerPid:\t0\n" not in read_text(os.path.join(folder, thread, "status")) for thread in os.listdir(folder)
    )


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def count_calls(proxy, client, path, trips):
    """System calls of the proxy while a client sends that many actions, one after the other."""
    command = ["strace", "-f", "-c", "-o", str(path), "-p", str(proxy.process.pid)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as tracer:
        if not poll(lambda: is_traced(proxy) or tracer.poll() is not None) or tracer.poll() is not None:
            tracer.kill()
            pytest.skip("strace may not attach to a process here")
        try:
            for _ in range(trips):
                assert client.ask(Action="Ping", Server="pbx1").get("Response") == "Success"
        finally:
            tracer.terminate()
    assert poll(lambda: "total" in read_text(path)), "strace has not written its table"
    return int(re.search(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+) .*total$", read_text(path), re.MULTILINE)[1])


@pytest.mark.skipif(shutil.which("strace") is None, reason="wants strace")
def test_i15_system_calls_of_a_round_trip(start_proxy, scripted, workers, tmp_path):
    """A single worker shares the hub's thread: letters between them need no call. Each other worker is woken by one, and
    wakes by one, which it then reads."""
    pbx = scripted()
    proxy = start_proxy({"pbx1": pbx}, log={"level": "info"})
    client = proxy.login("dave", Events="off")
    few = count_calls(proxy, client, tmp_path / "few", FEWEST)
    many = count_calls(proxy, client, tmp_path / "many", MORE)
    each = (many - few) / (MORE - FEWEST)
    most = ROUND_TRIP if workers == 1 else ROUND_TRIP + 2 * 3
    assert each <= most * 1.15, f"{each} system calls for an action and its answer"
