"""Too few descriptors are reported at the start, and a full table of descriptors does not make the proxy spin."""

import os
import resource
import subprocess

import pytest

from harness.process import BUILD
from harness.proxy import configuration, write_configuration


def try_to_start(tmp_path, files, workers=1, servers=()):
    config = configuration(
        [
            {"name": f"pbx{number}", "host": "127.0.0.1", "port": 1, "username": "x", "secret": "y-SECRET-1"}
            for number in servers
        ],
        workers,
    )
    path = os.path.join(str(tmp_path), "few.yaml")
    write_configuration(path, config)
    os.chmod(path, 0o600)
    return subprocess.run(
        [os.path.join(BUILD, "astmanproxy"), "-f", "-c", path],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files)),
    )


@pytest.mark.parametrize(
    "files, workers, servers",
    [(8, 1, 1), (16, 1, 1), (24, 1, 1), (32, 1, 0), (32, 4, 3), (40, 1, 3), (64, 8, 1), (64, 1, 12)],
)
def test_f36_too_few_descriptors_are_told_at_the_start(tmp_path, files, workers, servers):
    result = try_to_start(tmp_path, files, workers, range(servers))
    assert result.returncode == 1, result
    words = f"the limit of open files is {files}, but "
    assert words in result.stderr and "ulimit -n" in result.stderr or files < 16 and "files" in result.stderr, result


def test_f36_enough_descriptors_serve(start_proxy, pbx, workers):
    """Just above the required number it serves, and clients above the limit get an error."""
    proxy = start_proxy({"pbx1": pbx}, files=90)
    client = proxy.login("dave", Events="off")
    assert client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    held = []
    while not held or held[-1].buffer == b"" and not held[-1].ended and len(held) < 90:
        held.append(proxy.connect(banner=False))
        held[-1].read_line()
        if proxy.log_contains("Too many open files"):
            break
    assert client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
