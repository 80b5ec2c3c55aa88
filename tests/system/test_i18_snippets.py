"""Each Lua snippet of the documents is a script that loads, passes its own test, and judges a capture without a failure."""

import json
import os
import re
import subprocess

import pytest

from harness.proxy import BINARY, SOURCE, USERS, configuration, write_configuration

CAPTURE = os.path.join(SOURCE, "tests/data/captures/events-dial-bridge.txt")
FOLDERS = ("config", "contrib", "core", "examples", "lua", "plugins", "tests")


def pages():
    yield "README.md"
    for folder in FOLDERS:
        for path, folders, files in os.walk(os.path.join(SOURCE, folder)):
            folders[:] = [name for name in folders if name not in ("node_modules", "build", "data", "clients")]
            for name in files:
                if name.endswith(".md") or re.search(r"\.[1-8]$", name):
                    yield os.path.relpath(os.path.join(path, name), SOURCE)


def plain(roff):
    """The text of a display of a manual page."""
    return roff.replace("\\(dq", '"').replace("\\-", "-").replace("\\&", "").replace("\\e", "\\")


def snippets():
    """(page:number, text) of all blocks that are Lua files: they return a table."""
    for page in sorted(set(pages())):
        with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
            text = file.read()
        blocks = re.findall(r"^```lua\n(.*?)^```$", text, re.M | re.S)
        displays = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.M | re.S)
        blocks += [plain(block) for block in displays if re.search(r"^return \{", block, re.M)]
        for number, block in enumerate(blocks, 1):
            yield pytest.param(block, id=f"{page}:{number}")


FOUND = list(snippets())


def test_i18_snippets_are_found():
    """The search did not become blind: the guide and the manual have so many."""
    pages = [snippet.id.split(":")[0] for snippet in FOUND]
    assert pages.count("lua/README.md") >= 8 and pages.count("contrib/man/astmanproxy-lua.7") >= 3, pages


@pytest.mark.parametrize("text", FOUND)
def test_i18_snippet_runs(text, scripts, tmp_path):
    is_action = re.search(r"^  run = ", text, re.M) is not None
    options = {"snippet": {"names": ["sales"]}} if "amp.options(" in text else "snippet"
    root = scripts(**{"action_snippet" if is_action else "filter_snippet": text})
    section = {"path": root, "proxy_actions": ["snippet"] if is_action else []}
    users = [dict(USERS[0], filters=[] if is_action else [options])]
    path = str(tmp_path / "snippet.yaml")
    write_configuration(path, configuration([], users=users, scripts=section))

    def run(*words):
        return subprocess.run(
            [BINARY, "-c", path, *words], capture_output=True, text=True, errors="replace", timeout=60
        )

    checked = run("--check")
    assert checked.returncode == 0, checked.stderr
    tried = run("--try", "dave", CAPTURE)
    assert users[0]["name"] == "dave" and tried.returncode == 0 and " warn " not in tried.stderr, tried.stderr


def test_i18_json_snippets_are_json():
    """A block has one value or several."""
    count = 0
    for page in pages():
        with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
            for block in re.findall(r"^```json\n(.*?)^```$", file.read(), re.M | re.S):
                rest = re.sub(r",\s*…", "", block).strip()  # … stands for more of them
                while rest:
                    _, end = json.JSONDecoder().raw_decode(rest)
                    rest = rest[end:].strip()
                    count += 1
    assert count > 0
