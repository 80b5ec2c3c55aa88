"""The checks of the sources' shape: each rule finds a tree that breaks it, and passes one that does not."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from harness.limits import DEADLINE
from harness.process import SOURCE

SESSION = "struct session {\n    int id;\n};\n"
GOOD = {
    "core/base/list.h": "",
    "core/session/client/session.h": SESSION,
    "core/session/client/session.c": '#include "session/client/session.h"\n#include "base/list.h"\n',
    "core/session/connection/input.h": '#include "session/client/session.h"\n',
    "core/session/connection/input.c": '#include "session/connection/input.h"\n',
    "tests/unit/session/client/test_session.c": "",
    "tests/unit/session/connection/test_input.c": "",
}


def judge(folder, check, files):
    """Runs a check of tests/ on a tree of these files only. @return its exit code and what it wrote"""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "tests").mkdir(exist_ok=True)
    shutil.copy(os.path.join(SOURCE, "tests", check), folder / "tests")
    done = subprocess.run(
        [sys.executable, folder / "tests" / check],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("check", ["check_includes.py", "check_shape.py"])
def test_a_good_tree_passes(tmp_path, check):
    code, text = judge(tmp_path, check, GOOD)
    assert code == 0, text


def includes(*names):
    return "".join(f'#include "{name}"\n' for name in names)


@pytest.mark.parametrize(
    "files, expected",
    [
        ({"core/base/list.h": includes("ami/parser.h")}, "core/base/list.h:1: ami/parser.h: ami is not below base"),
        ({"core/server/lane.c": includes("session/client/session.h")}, "session is not below server"),
        ({"core/ami/parser.c": includes("astmanproxy/plugin.h")}, "ami may include these alone: base\n"),
        ({"core/config/config.c": includes("ami/parser.h", "net/tls.h")}, "config.c:2: net/tls.h: config may include"),
        ({"core/report/report.c": includes("session/directory.h", "session/keys.h")}, "report.c:2: session/keys.h:"),
        ({"core/attic/old.c": includes("base/list.h")}, "a room without a rank"),
        ({"core/session/client/wait.c": includes("session/connection/input.h")}, "connection/ is not below client/"),
        ({"core/session/delivery/give.c": includes("session/connection/input.h")}, "is not below delivery/"),
        ({"core/session/attic/old.c": includes("session/client/session.h")}, "a folder of session/ that is not known"),
        ({"plugins/csv/encode.c": includes("base/list.h")}, "a plugin includes astmanproxy/plugin.h and nothing else"),
        ({"contrib/ampctl/main.c": includes("hub/hub.h")}, "may include base, ami, config and net alone"),
        (
            {"core/base/a.h": includes("base/b.h"), "core/base/b.h": includes("base/a.h")},
            "includes itself: base/a.h > base/b.h > base/a.h",
        ),
        (
            {  # not of headers: the sources close it
                "core/session/access/login.h": "",
                "core/session/access/login.c": includes("session/delivery/give.h"),
                "core/session/delivery/give.h": "",
                "core/session/delivery/give.c": includes("session/access/login.h"),
            },
            "includes itself: session/access/login > session/delivery/give > session/access/login",
        ),
        ({"core/hub/hub.c": "int f(struct transport *transport)\n{\n    return transport->fd;\n}\n"}, "only core/net"),
        ({"core/script/task.h": "struct task {\n    struct session *session;\n};\n"}, "a field points to a session"),
    ],
)
def test_wrong_includes_are_found(tmp_path, files, expected):
    code, text = judge(tmp_path, "check_includes.py", {**GOOD, **files})
    assert code == 1 and expected in text, text
    assert text.count("\n") == 1, text  # nothing else is


LONG = "int list_long(void)\n{\n" + "    list_step();\n" * 60 + "}\n"


@pytest.mark.parametrize(
    "files, measure, detail",
    [
        ({"core/base/list.h": "\n" * 401}, "files of more than 400 lines", "core/base/list.h: 401 lines"),
        ({"contrib/ampctl/list.c": LONG}, "functions of more than 60 lines", "contrib/ampctl/list.c:2: 62 lines"),
        ({"core/session/client/session.h": SESSION.replace("id;", "a, " * 50 + "b;")}, "fields of struct session", ""),
        ({"core/session/client/session.h": SESSION.replace("int id", "bool " + "a, " * 7 + "b")}, "booleans of", ""),
        ({"core/base/list.h": "int list_count(void);\n"}, "functions of headers without a docstring", "list.h:1"),
        (
            {"core/base/map.c": "", "core/base/list.c": ""},
            "files of core/ without a test of their name",
            "core/base/list.c",
        ),
        (
            {"plugins/csv/list.c": "static int count;\n"},
            "mutable globals without a reason",
            "plugins/csv/list.c: count",
        ),
        (
            {"plugins/csv/list.c": "static int count(int a)\n{\n    return a;\n}\n"},
            "static functions of one word",
            "count()",
        ),
        (
            {"plugins/csv/list.c": "static struct list *\nfind(int a,\n int b) {\n}\n"},
            "static functions of one",
            "find()",
        ),
        ({"tests/system/test_a.py": "import time\n\ntime.sleep(1)\n"}, "fixed waits in Python", "test_a.py:3"),
    ],
)
def test_a_shape_past_its_bound_is_found(tmp_path, files, measure, detail):
    code, text = judge(tmp_path, "check_shape.py", {**GOOD, **files})
    assert code == 1, text
    past = [
        line
        for line in text.splitlines()
        if (values := re.search(r": ([\d.]+) \(at most ([\d.]+)\)$", line)) and float(values[1]) > float(values[2])
    ]
    assert len(past) == 1 and past[0].startswith(measure), text  # nothing else is
    assert not detail or any(detail in line for line in text.splitlines() if line.startswith("    ")), text


def repeated():
    """@return the names in tests/repeat.txt"""
    with open(os.path.join(SOURCE, "tests", "repeat.txt"), encoding="utf-8") as lines:
        return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("name", sorted(set(repeated())))
def test_the_list_of_repeats_names_tests_that_exist(name):
    path, _, test = name.partition("::")
    names = [f"system/{path}"] if test else [f"{path}.py", f"{path}.c"]  # else it is a name of ctest
    paths = [os.path.join(SOURCE, "tests", name) for name in names]
    with open(next(path for path in paths if os.path.exists(path)), encoding="utf-8") as source:
        assert f"def {test.partition('[')[0]}(" in source.read() if test else source.read()
