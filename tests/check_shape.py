#!/usr/bin/python3
"""Prints the measures of the sources' shape and fails where one is past its bound.

Files of more than 400 lines, functions of more than 60, the fields and booleans of `struct session`, functions of headers
without a docstring, files of core/ without a test of their name, and global variables that can change.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_SESSION_FIELDS = 50
MOST_SESSION_BOOLEANS = 7
MOST_WITHOUT_DOCSTRING = 5  # per cent
MOST_WITHOUT_TEST = 30  # per cent

# A mutable global needs a reason: name of the file and of the variable, and why it may be.
GLOBALS_WITH_REASON = {}


def listed(*patterns):
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        check=True,
        text=True,
        capture_output=True,
    ).stdout.split()
    return [ROOT / name for name in names if (ROOT / name).exists()]


def name_of(path):
    return str(path.relative_to(ROOT))


def without_comments(text):
    """The text with comments and the insides of strings blanked; line ends stay."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))

    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', blank, text, flags=re.S)


def long_files(sources):
    return [
        f"{name_of(path)}: {count} lines"
        for path in sources
        if (count := len(path.read_text().splitlines())) > MOST_LINES
    ]


def long_functions(sources):
    """A function begins in a line that is `{` alone, at the left edge, and ends in `}` alone."""
    found = []
    for path in sources:
        begin = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line == "{":
                begin = number
            elif line == "}" and begin is not None:
                if number - begin + 1 > MOST_FUNCTION_LINES:
                    found.append(f"{name_of(path)}:{begin}: {number - begin + 1} lines")
                begin = None
    return found


def session_fields():
    """Declared names of `struct session`, and how many are booleans."""
    text = without_comments((ROOT / "core/session/connection/session.h").read_text())
    body = re.search(r"^struct session \{\n(.*?)^\};", text, re.S | re.M).group(1)
    fields = booleans = 0
    for declaration in body.split(";"):
        if declaration.strip():
            names = len(declaration.split(","))
            fields += names
            booleans += names if re.match(r"\s*bool\b", declaration) else 0
    return fields, booleans


def undocumented(headers):
    """Declarations of functions in headers: (all, those without a comment before them or before their group)."""
    count, missing = 0, []
    for path in headers:
        documented = False
        depth = 0
        for number, line in enumerate(path.read_text().splitlines(), 1):
            inside = depth > 0
            depth += line.count("{") - line.count("}")
            if inside or line.startswith("{"):
                continue
            if re.match(r"\s*(/\*\*|//)", line):
                documented = True
            elif not line.strip():
                documented = False
            elif re.match(r"^(?!typedef|struct \w+;|enum|static const|extern|#)[\w ]+[ *]\w+\(", line):
                count += 1
                if not documented:
                    missing.append(f"{name_of(path)}:{number}: {line.strip()[:80]}")
    return count, missing


def untested(sources):
    """Files of core/ with functions that no test names: (all, those)."""
    tests = {path.stem.removeprefix("test_") for path in listed("tests/unit/**/test_*.c", "tests/system/test_*.py")}
    relevant = [path for path in sources if name_of(path).startswith("core/") and path.name != "main.c"]
    return len(relevant), [name_of(path) for path in relevant if path.stem not in tests]


def mutable_globals(sources):
    """Variables at file level that are not const."""
    found = []
    for path in sources:
        text = without_comments(path.read_text())
        words = r"(?:_Thread_local |volatile |atomic_\w+ |struct |unsigned |enum )*"
        pattern = rf"^(?:static )?{words}[\w]+[ *]+(\w+)(?:\[[^\]]*\])*(?: =|;)"
        depth = 0
        for line in text.splitlines():
            if depth == 0 and not re.match(
                r"(static )?const|typedef|struct \w+;|enum \w+;|extern|.*\bconst\b|return|#", line
            ):
                match = re.match(pattern, line)
                if match and f"{name_of(path)}:{match.group(1)}" not in GLOBALS_WITH_REASON:
                    found.append(f"{name_of(path)}: {match.group(1)}")
            depth += line.count("{") - line.count("}")
    return found


def share(part, whole):
    return 100 * part / whole if whole else 0


def main():
    core = listed("core/*.c", "core/**/*.c")
    plugins = listed("plugins/**/*.c", "examples/**/*.c", "contrib/**/*.c")
    headers = listed("core/**/*.h")
    everything = core + plugins + headers + listed("tests/**/*.c", "tests/**/*.h")
    wrong = []

    def measure(title, found, bound, details=()):
        print(f"{title}: {found:g} (at most {bound:g})")
        if found > bound:
            wrong.append(title)
        if found > bound or "-v" in sys.argv:
            for line in details:
                print(f"    {line}")

    files = long_files(everything)
    measure("files of more than 400 lines", len(files), 0, files)
    functions = long_functions(core + plugins)
    measure("functions of more than 60 lines", len(functions), 0, functions)
    fields, booleans = session_fields()
    measure("fields of struct session", fields, MOST_SESSION_FIELDS)
    measure("booleans of struct session", booleans, MOST_SESSION_BOOLEANS)
    count, missing = undocumented(headers)
    measure(
        "functions of headers without a docstring, per cent",
        round(share(len(missing), count), 1),
        MOST_WITHOUT_DOCSTRING,
        missing,
    )
    count, missing = untested(core)
    measure(
        "files of core/ without a test of their name, per cent",
        round(share(len(missing), count), 1),
        MOST_WITHOUT_TEST,
        missing,
    )
    variables = mutable_globals(core)
    measure("mutable globals without a reason", len(variables), 0, variables)
    for name, reason in sorted(GLOBALS_WITH_REASON.items()):
        print(f"    {name}: {reason}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
