"""One of the program's allocations fails, at the start or at a login: the program ends with a message, or goes on."""

import os
import re
import resource
import shutil
import subprocess
from functools import partial

import pytest

from harness.limits import Deadline, scaled
from harness.process import BUILD, SOURCE
from harness.proxy import Proxy, configuration, secret_of

CODES = (0, 1, 70, 127)  # went on; could not start; out of memory; the system could not even load it


def is_sanitised():
    with open(os.path.join(BUILD, "astmanproxy"), "rb") as file:
        return b"__asan_init" in file.read()


@pytest.fixture(scope="module")
def preload(tmp_path_factory):
    if is_sanitised() or shutil.which("cc") is None:
        pytest.skip("wants a build without sanitizers, whose allocations are their own, and a compiler")
    path = str(tmp_path_factory.mktemp("preload") / "failing.so")
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-o", path, os.path.join(SOURCE, "tests/data/failing_malloc.c")], check=True
    )
    return path


def log_in(proxy):
    """A login by challenge, and one by secret; what becomes of them does not matter."""
    try:
        line = next(line for line in proxy.lines if "listening address=" in line)
        proxy.addresses = [("127.0.0.1", int(re.search(r"address=[^ ]*:(\d+)", line)[1]))]
        client = proxy.connect()
        client.ask(Action="Challenge", AuthType="MD5")
        client.login("dave", secret_of("dave"))
    except (AssertionError, OSError):
        pass


def run(launch, tmp_path, number, **popen):
    folder = tmp_path / str(number)
    folder.mkdir()
    config = configuration(
        [{"name": "pbx1", "host": "127.0.0.1", "port": 1, "username": "x", "secret": "y-SECRET-1"}], 2
    )
    proxy = launch(Proxy, str(folder), config, ("-f",), listening=False, **popen)
    deadline = Deadline(30)
    while proxy.process.poll() is None and not proxy.log_contains("listening address="):
        assert not deadline.passed(), f"allocation {number}: it hangs\n{proxy.tail()}"
        with proxy.changed:
            proxy.changed.wait(0.02)
    if proxy.process.poll() is None:
        log_in(proxy)
        proxy.process.terminate()
    code = proxy.process.wait(30)
    proxy.stopped = True
    assert code in CODES, f"allocation {number}: exit code {code}\n{proxy.tail()}"
    if code != 0:
        proxy.wait_until(lambda lines: len(lines) > 0, "a message")


def test_f35_r23_an_allocation_fails(launch, tmp_path, preload):
    """R23: AMP_SCALE=334 tries 20,000 of them."""
    step = max(1, 20000 // scaled(60))
    for number in range(1, 20001, step):
        run(launch, tmp_path, number, env={**os.environ, "LD_PRELOAD": preload, "FAIL_ALLOCATION": str(number)})


def test_f35_no_memory_from_some_allocation_on(launch, tmp_path, preload):
    for number in range(1, 20001, 20000 // scaled(15)):
        run(launch, tmp_path, number, env={**os.environ, "LD_PRELOAD": preload, "FAIL_FROM": str(number)})


def test_f35_a_small_address_space(launch, tmp_path):
    if is_sanitised():
        pytest.skip("sanitizers need address space of their own")
    for mib in range(8, 200, 24):
        run(launch, tmp_path, mib, preexec_fn=partial(resource.setrlimit, resource.RLIMIT_AS, (mib << 20, mib << 20)))
