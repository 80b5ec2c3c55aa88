"""The manual pages have no formatting errors and are complete. What they must contain is read from the sources."""

import glob
import os
import re
import subprocess

import pytest

from harness.process import SOURCE
from harness.proxy import BINARY

PAGES = sorted(glob.glob(os.path.join(SOURCE, "contrib", "man", "*.[1-9]")))
OURS = {"astmanproxy.8", "astmanproxy.yaml.5", "astmanproxy.users.5", "astmanproxy-plugin.3", "astmanproxy-lua.7"}


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as file:
        return file.read()


def page(name):
    return read("contrib", "man", name)


def items(text, section):
    """The keys described under `.Ss section` (or `.Sh`) of a page: {key: its description}."""
    body = re.search(rf"^\.S[sh] {re.escape(section)}$(.*?)(?=^\.S[sh] |\Z)", text, re.M | re.S)
    assert body, f"no section {section}"
    found = {}
    for head, rest in re.findall(r"^\.It Cm (.*)\n((?:(?!\.It Cm |\.El\n\.Ss|\.S[sh] ).*\n)*)", body[1], re.M):
        for key in head.split(" , "):
            found[key] = rest
    return found


def tables():
    """The tables of core/config/schema*.c: {name: [(key, type, default or None, rows of a list or None)]}."""
    source = read("core", "config", "schema.c") + read("core", "config", "schema_cluster.c")
    for macro, value in re.findall(r'^#define (\w+) ("[^"]*")$', source + read("core", "config", "schema.h"), re.M):
        source = re.sub(rf"\.fallback = {macro}\b", f".fallback = {value}", source)
    found = {}
    for name, body in re.findall(
        r"^(?:static )?const struct setting (\w+)\[\] = \{(.*?)^    END\};", source, re.M | re.S
    ):
        body = re.sub(r"SECTION\((\w+)\),", r'{"\1", SETTING_SECTION, .rows = \1_rows},', body)
        rows = re.split(r'^    (?=\{")', body, flags=re.M)[1:]
        found[name] = []
        for row in rows:
            default = re.search(r'\.fallback = "([^"]*)"', row)
            inner = re.search(r"\.rows = (\w+)", row)
            found[name].append(
                (*re.match(r'\{"(\w+)",\s*(?:SETTING_)(\w+)', row).groups(), default and default[1], inner and inner[1])
            )
    return found


def schema():
    """Each key of the configuration: (page, section, key, default or None)."""
    known = tables()

    def walk(name, where, section, prefix):
        for key, kind, default, rows in known[name]:
            yield where, section, key, default
            if rows == "user_rows":
                yield from walk(rows, "astmanproxy.users.5", "users", "")
            elif kind in ("SECTION", "LIST"):
                yield from walk(rows, where, prefix + key, f"{prefix}{key}.")

    yield from walk("schema_main", "astmanproxy.yaml.5", "KEYS", "")
    for key, _, default, _ in known["schema_users"]:
        yield "astmanproxy.users.5", "DESCRIPTION", key, default


def plugin_keys():
    """Keys that the plugins ask for: (plugin, key)."""
    for folder in sorted(glob.glob(os.path.join(SOURCE, "plugins", "*", ""))):
        for path in glob.glob(os.path.join(folder, "*.c")):
            for key in re.findall(r'amp_settings_(?!fail)\w+\(\w+, "(\w+)"', read(path)):
                yield os.path.basename(os.path.dirname(folder)), key


def test_all_pages_are_there():
    assert OURS <= {os.path.basename(path) for path in PAGES}


@pytest.mark.parametrize("path", PAGES, ids=os.path.basename)
def test_page_is_clean(path):
    for command in (
        ["man", "--warnings", "-E", "UTF-8", "-l", path],
        ["groff", "-man", "-mdoc", "-ww", "-Tutf8", "-z", path],
    ):
        if command[0] == "groff" and "\n.Dd " not in "\n" + read(path):
            command.remove("-mdoc")
        environment = dict(os.environ, MANPAGER="cat", MANWIDTH="80", LC_ALL="C.UTF-8")
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert result.returncode == 0 and result.stderr == "", " ".join(command) + "\n" + result.stderr


def test_schema_is_read_here():
    """The reader above finds what is known to be there: otherwise the tests below would prove nothing."""
    keys = {(section, key) for _, section, key, _ in schema()}
    assert {("listen", "port"), ("users", "filterlocal"), ("share.keep", "for"), ("KEYS", "workers")} <= keys
    assert len(keys) > 80
    assert {("http", "max_wait"), ("csv", "legacy")} <= set(plugin_keys())


def test_every_key_is_described_with_its_default():
    wrong = []
    for name, section, key, default in schema():
        text = items(page(name), section).get(key)
        if text is None:
            wrong.append(f"{name}: {section}: {key} is missing")
        elif default and not re.search(rf"(?<![\w.]){re.escape(default)}(?![\w])", text):
            wrong.append(f"{name}: {section}: {key}: its default {default} is missing")
    assert not wrong, "\n".join(wrong)


def test_every_key_of_the_plugins_is_described():
    text = page("astmanproxy.yaml.5")
    missing = [f"{plugin}.{key}" for plugin, key in plugin_keys() if key not in items(text, plugin)]
    assert not missing


def test_every_choice_is_described():
    source = read("core", "config", "schema.c") + read("core", "config", "schema_cluster.c")
    choices = dict(re.findall(r"const char \*const (\w+)\[\] = \{(.*?), NULL\};", source))
    text = page("astmanproxy.yaml.5") + page("astmanproxy.users.5")
    words = [word.strip('" ') for values in choices.values() for word in values.split(",")]
    assert len(words) > 20
    assert not [word for word in words if not re.search(rf"^\.Cm .*{re.escape(word)}", text, re.M)]


def test_every_option_is_described():
    shown = subprocess.run([BINARY, "--help"], capture_output=True, text=True, check=True).stdout
    text = page("astmanproxy.8")
    letters, words = set(re.findall(r"(?<![\w-])-(\w)\b", shown)), set(re.findall(r"--(\w+)", shown))
    assert {"c", "t", "h"} <= letters and {"try", "expect", "check"} <= words
    head = "\n".join(re.findall(r"^\.It Fl .*", text, re.M))
    assert not [letter for letter in letters if not re.search(rf"Fl {letter}\b", head)]
    assert not [word for word in words if not re.search(rf"(Fl|,) -{word}\b", head)]


def test_every_signal_and_exit_code_is_described():
    text = page("astmanproxy.8")
    signals = set(re.findall(r"evsignal_new\([^,]+, (SIG\w+)", read("core", "run", "service.c")))
    assert {"SIGHUP", "SIGTERM"} <= signals
    assert not [name for name in signals if not re.search(rf"^\.It Dv .*\b{name}\b", text, re.M)]
    assert all(f"\n.It {code}\n" in text for code in (0, 1, 2))


def test_every_function_of_plugins_is_described():
    text = page("astmanproxy-plugin.3")
    names = re.findall(r"^    (amp_\w+);", read("core", "plugin", "exports.list"), re.M)
    assert len(names) > 30
    for name in names:
        assert f"\n.Fn {name} " in text, f"{name} has no prototype"
        assert f"\n.It Fn {name}\n" in text, f"{name} is not described"


def test_prototypes_are_those_of_the_header():
    def plain(text):
        return re.sub(r"\s+", "", text)

    header = read("core", "include", "astmanproxy", "plugin.h") + read("core", "include", "astmanproxy", "catalogue.h")
    synopsis = page("astmanproxy-plugin.3").split(".Sh DESCRIPTION")[0]
    shown = {}
    for kind, name, arguments in re.findall(r"^\.Ft (.*)\n\.Fn (\w+) (.*)$", synopsis, re.M):
        shown[name] = plain(kind.strip('"') + name + "(" + ",".join(re.findall(r'"([^"]*)"', arguments)) + ")")
    found = re.findall(r"^AMP_EXPORT ([^;=]*?\b(amp_\w+)\(.*?\));", header, re.M | re.S)
    assert len(found) > 30
    for prototype, name in found:
        assert shown.get(name) == plain(prototype), name


def test_every_constant_and_callback_of_plugins_is_described():
    header = read("core", "include", "astmanproxy", "plugin.h") + read("core", "include", "astmanproxy", "catalogue.h")
    text = page("astmanproxy-plugin.3")
    assert not [
        name
        for name in set(re.findall(r"^    (AMP_\w+)[,\n =]|^#define (AMP_[A-Z]\w+) \(1u", header, re.M))
        if "".join(name) not in text
    ]
    callbacks = re.findall(r"^    [\w ]+ \*?\(\*(\w+)\)\(", header, re.M)
    assert {"encode", "open", "recognise"} <= set(callbacks)
    assert not [name for name in callbacks if f"(*{name})" not in text]


def test_all_that_scripts_may_use_is_described():
    text = page("astmanproxy-lua.7")
    listed = re.search(r"amp = \{ fields = \{(.*?)log = ", read("lua", ".luacheckrc"), re.S)[1]
    names = re.findall(r'"(\w+)"', listed)
    assert {"call", "every", "use"} <= set(names)
    assert not [name for name in names if f"amp.{name}" not in text]
    for folder in ("filters", "proxyactions"):
        stock = {
            os.path.splitext(name)[0] for name in os.listdir(os.path.join(SOURCE, "lua", folder)) if ".lua" in name
        }
        assert stock and not [name for name in stock if not re.search(rf"^\.It Cm (.* , )?{name}\b", text, re.M)], (
            folder
        )


def test_links_of_guides_lead_somewhere():
    wrong = []
    for root, folders, names in os.walk(SOURCE):
        folders[:] = [name for name in folders if name not in ("node_modules", ".git") and not name.startswith("build")]
        for path in (os.path.join(root, name) for name in names if name.endswith(".md")):
            for link in re.findall(r"\]\(([^)#\s]+)", read(path)):
                if "://" not in link and not os.path.exists(os.path.join(root, link)):
                    wrong.append(f"{os.path.relpath(path, SOURCE)}: {link}")
    assert not wrong, "\n".join(wrong)
