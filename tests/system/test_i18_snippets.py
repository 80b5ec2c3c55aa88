"""Each Lua snippet of the documents is a script that loads, passes its own test, and judges a capture without a failure.
JSON is JSON, and YAML is a configuration. Lines for a shell run in test_readme.py and test_plugin_guide.py."""

import json
import os
import re
import subprocess

import pytest
import yaml

from harness.process import BUILD
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


# -- YAML

KEY = re.compile(r"(- )?[a-z_]+:( .*)?$")  # how a block of YAML begins
OF_OTHERS = {"rule_files", "scrape_configs"}  # Prometheus
ELSEWHERE = "No such file or directory|Permission denied|: note: "  # keys and plugins that are not on this machine
PLUGINS = ("standard", "json", "xml", "csv", "http")


def indented(text):
    """Blocks of a page that are indented by four blanks."""
    for block in re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.M):
        yield re.sub(r"^ {4}", "", block, flags=re.M).strip("\n") + "\n"


def yaml_snippets():
    """(page:number, text) of all blocks of YAML."""
    for page in sorted(set(pages())):
        with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
            text = file.read()
        blocks = [*indented(text), *re.findall(r"^```ya?ml\n(.*?)^```$", text, re.M | re.S)]
        if not page.endswith(".md"):
            blocks = [plain(block) for block in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.M | re.S)]
        for number, block in enumerate(blocks, 1):
            lines = [line for line in block.splitlines() if line.strip() and not line.lstrip().startswith("#")]
            if lines and KEY.match(lines[0]) and not re.search(r"^\w+ \{$", block, re.M):  # nats-server has braces
                yield pytest.param(block, id=f"{page}:{number}")


YAML = list(yaml_snippets())


def test_i18_yaml_snippets_are_found():
    found = {snippet.id.split(":")[0] for snippet in YAML}
    assert {"config/rules.md", "contrib/guides/cluster.md", "contrib/man/astmanproxy.yaml.5"} <= found, found


@pytest.mark.parametrize("text", YAML)
def test_i18_yaml_snippet_is_a_configuration(text, tmp_path):
    """Whole or in part: with the rest of a configuration the program takes it. Only what is on no other machine may be
    missing: a file, a plugin that is built elsewhere."""
    text = re.sub(r"[\"']?[^\s\"']*(…|\.\.\.)[^\s\"']*[\"']?", "x", text)  # what readers fill in
    part = yaml.safe_load(re.sub(r": (off|on|yes|no)\b", r': "\1"', text))  # texts, in YAML 1.2
    if isinstance(part, dict) and OF_OTHERS & set(part):
        return
    whole = configuration([], users=USERS)
    whole.update({"users": part} if isinstance(part, list) else part)
    loaded = part.get("plugins", {}).get("load", []) if isinstance(part, dict) else []
    whole["plugins"] = {"path": os.path.join(BUILD, "plugins"), "load": list(dict.fromkeys([*PLUGINS, *loaded]))}
    for export in whole.get("exports", []):
        whole["users"].append({"name": export["user"], "secret": "x"})
    if "users_file" in whole:
        write_configuration(str(tmp_path / whole["users_file"]), {"users": whole.pop("users")})
    path = str(tmp_path / "part.yaml")
    write_configuration(path, whole)
    environment = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "x")
    done = subprocess.run(
        [BINARY, "-t", "-c", path],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        timeout=60,
    )
    mistakes = [line for line in done.stderr.splitlines() if re.match(r"\S+:\d+:\d+: |astmanproxy: ", line)]
    wrong = [line for line in mistakes if not re.search(ELSEWHERE, line)]
    assert not wrong and (mistakes or done.returncode == 0), done.stderr


# -- lines for a shell

PATH = re.compile(r"(?<![\w./$-])((?:config|contrib|examples|lua|plugins|tests)/[\w./-]*\w)(?![\w*{$])")


def test_i18_lines_for_a_shell_name_what_is_there():
    """Those that install, build or need another machine do not run here; the files that they name exist."""
    count = 0
    for page in sorted(set(pages())):
        if not page.endswith(".md"):
            continue
        with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
            for block in indented(file.read()):
                for name in PATH.findall(re.sub(r"#.*", "", block)):
                    places = (os.path.join(SOURCE, name), os.path.join(SOURCE, os.path.dirname(page), name))
                    assert any(map(os.path.exists, places)), (page, name)
                    count += 1
    assert count > 15
