"""`--repl`: Lua line by line, as a user, on a capture."""

import os
import pty
import subprocess

import pytest

from harness.limits import Deadline
from harness.proxy import BINARY, SOURCE, USERS, configuration, write_configuration

CAPTURE = os.path.join(SOURCE, "tests/data/captures/events-dial-bridge.txt")


@pytest.fixture
def words(tmp_path):
    """The command line; the user dave has the filter novar."""
    path = str(tmp_path / "repl.yaml")
    users = [dict(entry, filters=["novar"]) if entry["name"] == "dave" else entry for entry in USERS]
    write_configuration(path, configuration([], users=users))
    return [BINARY, "-c", path, "--repl"]


@pytest.fixture
def repl(words):
    """repl(*lines) -> the finished process, which read them through a pipe."""

    def run(*lines, user="dave", capture=CAPTURE):
        more = [] if capture is None else [capture]
        return subprocess.run(
            [*words, user, *more], input="\n".join(lines), capture_output=True, text=True, errors="replace", timeout=60
        )

    return run


def test_i18_repl_shows_values_and_keeps_variables(repl):
    result = repl("1 + 1", 'x = { 1, { a = "b" } }', "x", "nil, true", 'amp.json.decode("[2]")')
    assert result.returncode == 0, result
    assert result.stdout.splitlines() == ["2", '{ 1 = 1, 2 = { a = "b" } }', "nil  true", "{ 1 = 2 }"]


def test_i18_repl_shows_what_scripts_are_given(repl):
    """Tables of the program, sets and tables with `__pairs` are shown by their address."""
    result = repl("string", "amp.log", "{ amp.json }", 'amp.set{ "a" }', "setmetatable({}, { __pairs = 1 }), 2")
    lines = result.stdout.splitlines()
    assert result.returncode == 0 and len(lines) == 5, result
    assert lines[0].startswith("table: ") and lines[1].startswith("table: ") and lines[2].startswith("{ 1 = table: ")
    assert lines[3].startswith("set: ") and lines[4].startswith("table: ") and lines[4].endswith("  2")


def test_i18_repl_before_the_first_message(repl):
    result = repl("m", "m.Event", ".next", "m.kind")
    lines = result.stdout.splitlines()
    assert lines[:2] == ["error: line:1: there is no current message: .next"] * 2 and lines[3] == "response", result


def test_i18_repl_goes_through_a_capture(repl):
    result = repl(".next VarSet", "m.Event", ".next Hangup", "m.kind", ".rewind", '.each m.Event == "Hangup"', ".show")
    lines = result.stdout.splitlines()
    assert lines[0] == "drop   Event: VarSet" and lines[1] == "VarSet"
    assert lines[2] == "pass   Event: Hangup" and lines[3] == "event"
    assert lines[-2].endswith(" of 105 messages") and lines[-1].startswith("error: there is no current message")
    assert len(lines[4:-2]) == int(lines[-2].split()[0]) > 0


def test_i18_repl_says_what_is_wrong_and_goes_on(repl):
    wrong = ["amp.tme()", "while true do end", "if", 'amp.call{ Action = "Ping" }', ".nonsense", ".next Nonsense"]
    result = repl(*wrong, "2 + 2")
    lines = result.stdout.splitlines()
    assert result.returncode == 1 and lines[-1] == "4"
    assert "did you mean 'time'?" in lines[0] and "time limit exceeded" in lines[1]
    assert all(line.startswith("error: ") for line in lines[:-1]) and len(lines) == len(wrong) + 1
    assert "AddressSanitizer" not in result.stderr and "LeakSanitizer" not in result.stderr


def test_i18_repl_needs_a_user_and_reads_no_capture_if_none_is_named(repl, words):
    assert "there is no user nobody" in repl("1", user="nobody").stderr
    assert "No such file" in repl("1", capture="/nowhere").stderr
    assert repl("1", capture=None).stdout == "1\n"
    both = subprocess.run([*words, "dave", "--try", "dave", "x"], capture_output=True, text=True, timeout=60)
    assert both.returncode == 1 and "exclude each other" in both.stderr


def test_i18_repl_asks_at_a_terminal(words):
    main, terminal = pty.openpty()
    process = subprocess.Popen([*words, "dave", CAPTURE], stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    deadline, text = Deadline(), b""
    os.write(main, b".help\n1 + 41\n.quit\n")
    while True:
        assert not deadline.passed(), text
        try:
            part = os.read(main, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        text += part
    assert process.wait(60) == 0
    assert b"user dave, 105 messages" in text and b".each EXPR" in text and b"> " in text and b"42" in text
    os.close(main)
