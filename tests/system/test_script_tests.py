"""Tests inside scripts (`--check`): a script that does not load or fails gives an exit code other than 0 and its place."""

import os
import shutil
import subprocess

import pytest

from harness.process import BUILD, SOURCE
from harness.proxy import BINARY, USERS, configuration, write_configuration

CAPTURE = os.path.join(SOURCE, "tests/data/captures/events-dial-bridge.txt")


@pytest.fixture
def run(tmp_path, scripts):
    """run(words, filters of dave, proxy actions, **files) -> the finished process"""

    def start(*words, filters=(), actions=(), sections=None, **files):
        path = str(tmp_path / "check.yaml")
        section = {"path": scripts(**files), "proxy_actions": ["stock", *actions]}
        write_configuration(
            path,
            configuration(
                [], users=[dict(USERS[0], filters=list(filters)), *USERS[1:]], scripts=section, **(sections or {})
            ),
        )
        return subprocess.run(
            [BINARY, "-c", path, *words], capture_output=True, text=True, errors="replace", timeout=60
        )

    return start


PROXY_ACTION = """
    amp.test(function(t)
      t.servers{ "one", "two" }
      t.call(function(a, server)
        if a.Action == "CoreStatus" then return { { "Response: Success", "Server: " .. server } } end
        return nil, "unknown"
      end)
      local answer = t.run({ "ProxyAction: Tested", "Of: x" }, { user = "anna", admin = true, ip = "192.0.2.9" })
      assert(#answer == 3 and answer[1].EventList == "start")
      assert(answer[2].By == "anna" and answer[2].Ip == "192.0.2.9" and answer[2].Admin == "true")
      assert(answer[2].Servers == "one,two" and answer[2].Other == "unknown")
      assert(%s)
    end)
    return { name = "Tested", summary = "x", arguments = { Of = "required" }, run = function(a, reply, session)
      local names = {}
      for _, s in ipairs(amp.servers()) do names[#names + 1] = s:action{ Action = "CoreStatus" }.response.Server end
      reply:begin{}
      reply:item{ Event = "Item", By = session.user, Ip = session.ip, Admin = session.admin,
        Servers = table.concat(names, ","), Other = amp.call{ Action = "Ping" }.reason }
      reply:finish{ Event = "Done" }
    end }
"""


def test_f50_tests_of_proxy_actions_run(run):
    good = run("--check", actions=["tested"], action_tested=PROXY_ACTION % "true")
    assert good.returncode == 0, good.stderr
    bad = run("--check", actions=["tested"], action_tested=PROXY_ACTION % "answer[1].Response == 'Error'")
    assert bad.returncode == 1 and "tested.lua:12" in bad.stderr, bad.stderr
    waits = run(
        "--check",
        actions=["waits"],
        action_waits="""
        amp.test(function(t) t.run{ "ProxyAction: Waits" } end)
        return { name = "Waits", summary = "x", run = function() amp.sleep("1h") end }""",
    )
    assert waits.returncode == 1 and "waits.lua:2" in waits.stderr and "waits" in waits.stderr, waits.stderr


def test_f50_a_timer_in_front_of_a_test_does_not_hide_it(run):
    late = run(
        "--check",
        actions=["late"],
        action_late="""
        amp.every("1h", function() end)
        amp.on("server.up", function() end)
        amp.test(function(t) assert(t.run{ "ProxyAction: Late" }[1].Response == "Error") end)
        return { name = "Late", summary = "x", run = function() end }""",
    )
    assert late.returncode == 1 and "late.lua:4" in late.stderr, late.stderr


def test_f50_hooks_have_a_session_in_tests(run):
    text = """
        amp.test(function(t)
          local f = t.filter({}, { name = "dave" })
          assert(f:action{ "Action: Ping" }.By == "dave")
          assert(f:action({ "Action: Ping" }, { user = "anna", admin = true }).By == "anna")
          assert(select(2, f:action({ "Action: Ping" }, { ip = "203.0.113.5" })) == "from elsewhere")
          t.call(function() return nil, "down" end)
          assert(select(2, f:action{ "Action: Hangup" }) == "down")
          assert(not pcall(f.action, f, { "Action: Ping" }, { usr = "x" }))
        end)
        return { action = function(a, session)
          if session.ip ~= "192.0.2.1" then return false, "from elsewhere" end
          if a.Action == "Hangup" then return false, amp.call{ Action = "CoreStatus" }.reason end
          a.By = session.user
        end }
    """
    result = run("--check", filters=["hook"], filter_hook=text)
    assert result.returncode == 0, result.stderr


def test_f50_examples_pass_their_tests(run):
    files = {}
    for name in os.listdir(os.path.join(SOURCE, "examples/proxyactions")):
        if name.endswith(".lua"):
            with open(os.path.join(SOURCE, "examples/proxyactions", name), encoding="utf-8") as file:
                files[f"action_{name[:-4]}"] = file.read()
    result = run("--check", actions=[name.partition("_")[2] for name in files], **files)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("broken", ["filter", "action", "lib", "plugin", "absent"])
@pytest.mark.parametrize("words", [("-t",), ("--try", "dave", CAPTURE)])
def test_f50_what_cannot_be_loaded_fails_with_its_place(run, tmp_path, broken, words):
    if broken == "plugin":
        if words[0] == "--try":
            pytest.skip("filters need no plugins")
        folder = tmp_path / "plugins"
        folder.mkdir()
        shutil.copy(os.path.join(BUILD, "plugins", "standard.so"), folder)
        (folder / "broken.so").write_bytes(b"\x7fELF no plugin")
        result = run(*words, sections={"plugins": {"path": str(folder), "load": ["standard", "broken"]}})
        place = "plugins.load[1]: broken"
    elif broken == "action":
        result = run(*words, actions=["bad"], action_bad='return {\n name = "Bad", summary = "x", runn = 1 }')
        place = "bad.lua:2"
    elif broken == "lib":
        result = run(*words, filters=["bad"], filter_bad='\n\nlocal x = amp.use "absent"\nreturn {}')
        place = "lib/absent.lua"
    elif broken == "absent":
        result = run(*words, filters=["nothere"])
        place = "nothere.lua"
    else:
        result = run(*words, filters=["bad"], filter_bad="return { message = function(m)\n this is no Lua end }")
        place = "bad.lua:2"
    assert result.returncode == 1 and place in result.stderr, result


@pytest.mark.parametrize(
    ("text", "reason"), [("--" + "x" * (1 << 20), "is too large"), (None, "Is a directory")], ids=["long", "folder"]
)
def test_f50_a_module_that_cannot_be_read(run, tmp_path, text, reason):
    module = tmp_path / "lua/lib/odd.lua"
    if text is None:
        module.mkdir()
    else:
        module.write_text(text, encoding="ascii")
    result = run("-t", filters=["bad"], filter_bad='local x = amp.use "odd"\nreturn {}')
    assert result.returncode == 1 and f"{module} {reason}" in result.stderr, result


def test_f50_a_filter_that_fails_on_a_capture(run):
    result = run(
        "--try",
        "dave",
        CAPTURE,
        filters=["fails"],
        filter_fails='return { events = { "Hangup" },\nmessage = function(m) return m.No.Field end }',
    )
    assert result.returncode == 1
    assert "fails.lua:2" in result.stderr and "failed on" in result.stderr, result.stderr
    assert any(line.startswith("fail") for line in result.stdout.splitlines())


def test_f39_a_session_of_a_test_may_have_come_by_the_key(run):
    result = run(
        "--check",
        actions=["keyed"],
        action_keyed="""
        amp.test(function(t)
          assert(t.run({ "ProxyAction: Keyed" }, { by_key = true })[1].Key == "true")
          assert(t.run({ "ProxyAction: Keyed" }, { user = "anna" })[1].Key == "false")
        end)
        return { name = "Keyed", summary = "x", run = function(_, reply, session) reply:ok{ Key = tostring(session.by_key) } end }
    """,
    )
    assert result.returncode == 0, result.stderr
