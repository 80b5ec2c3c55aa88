"""`--try`: what a user's filters do with a capture, without an Asterisk."""

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
        return subprocess.run(
            [BINARY, "-c", path, "--try", user, capture, *words],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
        )

    return run


def test_f55_shows_verdicts_and_figures(try_out):
    result = try_out(["novar", {"rename": {"headers": {"Channel": "Line"}}}])
    assert result.returncode == 0, result.stderr
    lines = [line for line in result.stdout.splitlines() if not line.startswith("  ")]
    assert all(re.match(r"(pass|drop|change) +(Event|Response): ", line) for line in lines)
    assert all(("Event: VarSet" in line) == line.startswith("drop") for line in lines)
    assert any(line.startswith("drop") for line in lines)
    with open(CAPTURE, "rb") as file:
        count = file.read().count(b"\r\n\r\n")
    assert len(lines) == count and f"{count} messages, 2 filters" in result.stderr
    figures = dict(re.findall(r"^filter (\w+): asked \d+ times, entered Lua (\d+), \d+ ns each$", result.stderr, re.M))
    assert figures["novar"] == "0" and int(figures["rename"]) > 0, result.stderr  # `novar` has no function


def test_f55_without_filters_there_is_nothing_to_measure(try_out):
    result = try_out([])
    assert result.returncode == 0 and " ns" not in result.stderr and "messages, 0 filters" in result.stderr, result


def test_f55_expect_reads_what_try_prints(try_out, tmp_path):
    filters = [{"rename": {"headers": {"Channel": "Line"}}}]
    shown = try_out(filters).stdout
    assert re.search(r"\n  - Channel: \S+\n  \+ Line: ", shown)
    expected = tmp_path / "expected.txt"
    expected.write_text(shown, encoding="utf-8")
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
    (filters / "wrong.lua").write_text(
        'amp.test(function(t) assert(t.filter(){ "Event: Hangup" }) end)\n'
        'return { events = { "Hangup" }, otherwise = true }\n'
    )
    path = str(tmp_path / "check.yaml")
    write_configuration(
        path,
        configuration(
            [], users=[dict(USERS[0], filters=["wrong"])], scripts={"path": str(tmp_path), "proxy_actions": []}
        ),
    )
    result = subprocess.run([BINARY, "--check", "-c", path], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and "wrong.lua:1" in result.stderr, result
