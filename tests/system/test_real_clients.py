"""Unmodified clients by other authors print the same through the proxy as directly at the simulator."""

import json
import os
import re
import subprocess
import sys

import pytest

from harness.limits import DEADLINE
from harness.process import BUILD
from harness.proxy import secret_of
from harness.sim import SECRET, USER

SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "clients")
NODE_MODULES = os.path.join(BUILD, "clients", "node_modules")
DROPPED = {"server", "actionid", "manager"}  # the proxy's mark, and what each client makes up anew
TIMES = {"timestamp", "eventtime", "uptime", "lastreload", "duration", "billableseconds"}


def normal(value):
    if isinstance(value, list):
        return [normal(part) for part in value]
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "-", str(value))


def normalised(output):
    lines = []
    for line in output.splitlines():
        record = json.loads(line)
        message = {}
        for name, value in record["message"].items():
            if value != "" and name.lower() not in DROPPED:  # panoramisk loses an empty value in the last line only
                message[name] = "-" if name.lower() in TIMES else normal(value)
        lines.append((record["step"], message))
    return lines


def events_and_answers(lines):
    """Answers in their order and events in theirs: a library may show an answer before or after an event beside it."""
    return ([line for line in lines if line[0] == "event"], [line for line in lines if line[0] != "event"])


def run(command, address, user, secret):
    environment = dict(os.environ, NODE_PATH=NODE_MODULES, PYTHONDONTWRITEBYTECODE="1")
    result = subprocess.run(
        [*command, address[0], str(address[1]), user, secret],
        env=environment,
        capture_output=True,
        text=True,
        timeout=DEADLINE + 30,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return events_and_answers(normalised(result.stdout))


def compare(command, simulator, start_proxy, options):
    """A simulator of its own for each run: the same seed and the same actions give the same bytes, but for times."""
    straight = run(command, simulator(*options).address, USER, SECRET)
    proxy = start_proxy({"pbx1": simulator(*options)})
    through = run(command, proxy.address, "dave", secret_of("dave"))
    assert through == straight
    events, answers = through
    assert "LINKEDID_END" in str(events) and "OriginateResponse" in str(events) + str(answers)
    assert {"ping", "list", "settings", "unknown", "user event", "originate"} <= {step for step, _ in answers}


OPTIONS = [(), ("--split", "7"), ("--cut", "1")]


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "split", "cut"])
def test_panoramisk(simulator, start_proxy, options):
    pytest.importorskip("panoramisk", reason="python3-panoramisk is not installed")
    compare(
        [sys.executable, os.path.join(SCRIPTS, "panoramisk_session.py")],
        simulator,
        start_proxy,
        ("--seed", "7", "--lists", "5", *options),
    )


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "split", "cut"])
def test_asterisk_manager(simulator, start_proxy, options):
    if not os.path.isdir(os.path.join(NODE_MODULES, "asterisk-manager")):
        pytest.skip(f"asterisk-manager is not installed in {NODE_MODULES}: tests/run.sh does it (npm install)")
    compare(
        ["node", os.path.join(SCRIPTS, "asterisk_manager_session.js")],
        simulator,
        start_proxy,
        ("--seed", "7", "--lists", "5", *options),
    )
