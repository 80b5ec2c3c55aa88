"""`--try`: what a user's filters make of a capture, without a PBX."""
import os
import re
import subprocess

import pytest

from harness.proxy import BINARY, SOURCE, USERS, configuration, write_configuration

CAPTURE = os.path.join(SOURCE, "tests/data/captures/events-dial-bridge.txt")


@pytest.fixture
def try_out(tmp_path):
    """try_out(filters, *more words) -> the finished process; the user is dave."""
    def run(filters, *words, user="dave", capture=CAPTURE):
        path = str(tmp_path / "try.yaml")
        users = [dict(entry, filters=filters) if entry["name"] == "dave" else entry for entry in USERS]
        write_configuration(path, configuration([], users=users))
        return subprocess.run([BINARY, "-c", path, "--try", user, capture, *words], capture_output=True, text=True,
                              errors="replace", timeout=60)
    return run


def test_shows_verdicts_and_time(try_out):
    result = try_out(["novar"])
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert all(re.match(r"(pass|drop|change|fail) +\d+ ns  ", line) for line in lines[:-1])
    assert all(("Event: VarSet" in line) == line.startswith("drop") for line in lines[:-1])
    assert any(line.startswith("drop") for line in lines)
    with open(CAPTURE, "rb") as file:
        count = file.read().count(b"\r\n\r\n")
    assert lines[-1].startswith(f"{count} messages")


def test_shows_changes_and_compares(try_out, tmp_path):
    filters = [{"rename": {"headers": {"Channel": "Line"}}}]
    shown = try_out(filters).stdout
    assert re.search(r"\n  - Channel: \S+\n  \+ Line: ", shown)
    expected = tmp_path / "expected.txt"
    expected.write_text("\n".join(re.sub(r"^(\w+) +\d+ ns  ", lambda m: f"{m.group(1):6} ", line)
                                  for line in shown.splitlines()[:-1]) + "\n")
    same = try_out(filters, "--expect", str(expected))
    assert same.returncode == 0 and same.stdout == "", same
    expected.write_text(expected.read_text().replace("+ Line", "+ Lane", 1))
    other = try_out(filters, "--expect", str(expected))
    assert other.returncode == 1 and re.search(r"expected.txt:\d+: expected:   \+ Lane", other.stdout), other


def test_mistakes_are_said(try_out, tmp_path):
    assert "no user nobody" in try_out([], user="nobody").stderr
    assert "absent.txt" in try_out([], capture=str(tmp_path / "absent.txt")).stderr
    assert try_out(["absent-filter"]).returncode == 1


def test_check_runs_the_tests_of_filters(tmp_path):
    filters = tmp_path / "filters"
    filters.mkdir()
    (filters / "wrong.lua").write_text('amp.test(function(t) assert(t.filter(){ "Event: Hangup" }) end)\n'
                                      'return { events = { "Hangup" }, otherwise = true }\n')
    path = str(tmp_path / "check.yaml")
    write_configuration(path, configuration([], users=[dict(USERS[0], filters=["wrong"])],
                                            scripts={"path": str(tmp_path), "proxy_actions": []}))
    result = subprocess.run([BINARY, "--check", "-c", path], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and "wrong.lua:1" in result.stderr, result
