#!/usr/bin/python3
"""Prints the measures of the sources' shape and fails where one is past its bound.

Files of more than 400 lines, functions of more than 60, the fields and booleans of `struct session`, functions of
headers without a docstring, files of core/ without a test of their name, global variables that can change without a
comment that says why they are there, static functions whose name is one word, and fixed waits in Python. `-v` lists what
was found even where a bound is kept.
"""

import ast
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MOST_LINES = 400
MOST_FUNCTION_LINES = 60
MOST_SESSION_FIELDS = 50
MOST_SESSION_BOOLEANS = 7
MOST_WITHOUT_DOCSTRING = 5  # per cent
MOST_WITHOUT_TEST = 30  # per cent
MOST_ONE_WORD_FUNCTIONS = 0
POLLING = {"tests/system/harness/limits.py:poll"}  # the only function that may sleep
ONE_WORD_FUNCTION = re.compile(
    r"^(?:__attribute__\(\(\w+\)\)\s+)?static (?:[\w\s*]+[\s*])?([a-z0-9]+)\([^;{]*\)\s*\{", re.M
)


def name_of(path):
    return str(path.relative_to(ROOT))


def listed(*patterns):
    """Files of the sources, which need not be a repository; what was installed among them is none."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return sorted(path for path in found if "node_modules" not in name_of(path))


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


def parsed(sources):
    """(path, node, names of the functions around it) for all nodes of Python sources."""

    def walk(node, around):
        for child in ast.iter_child_nodes(node):
            yield child, around
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from walk(child, (*around, child.name) if is_function else around)

    for path in sources:
        for node, around in walk(ast.parse(path.read_text()), ()):
            yield path, node, around


def long_python_functions(sources):
    return [
        f"{name_of(path)}:{node.lineno}: {node.end_lineno - node.lineno + 1} lines"
        for path, node, _ in parsed(sources)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno >= MOST_FUNCTION_LINES
    ]


def fixed_waits(sources):
    """Calls of sleep() outside of the helpers that ask for a condition again and again."""
    return [
        f"{name_of(path)}:{node.lineno}: wait for a condition, or use poll() of harness/limits.py"
        for path, node, around in parsed(sources)
        if isinstance(node, ast.Call)
        and "sleep" in (getattr(node.func, "attr", None), getattr(node.func, "id", None))
        and not POLLING.intersection(f"{name_of(path)}:{name}" for name in around)
    ]


def session_fields():
    """Declared names of `struct session`, and how many are booleans."""
    text = without_comments((ROOT / "core/session/client/session.h").read_text())
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
    """Files of core/ that have no unit test of their name in the same room, nor a system test: (all, those)."""
    units = {name_of(path) for path in listed("tests/unit/**/test_*.c")}
    systems = {path.stem.removeprefix("test_") for path in listed("tests/system/test_*.py")}
    relevant = [path for path in sources if name_of(path).startswith("core/") and path.name != "main.c"]

    def is_tested(path):
        room = path.parent.relative_to(ROOT / "core")
        return f"tests/unit/{room}/test_{path.name}" in units or path.stem in systems

    return len(relevant), [name_of(path) for path in relevant if not is_tested(path)]


def names_that_change(declaration):
    """The variables of one declaration at file level, or static ones in a function, that are not const: their names."""
    head = declaration.split("=")[0]
    if re.match(r"\s*(typedef|extern|return)\b", declaration) or not re.match(r"[\w*\s\[\]{},]+$", head):
        return []
    if not re.search(r"\w[\s*]+\w", head):
        return []
    if re.match(r"\s*(struct|enum|union)\s+\w+\s*(\{\s*\}\s*)?$", head):
        return []  # a type
    before = head.split(",")[0]
    last = before.rsplit("*", 1)[-1] if "*" in before else before
    if re.search(r"\bconst\b", last):
        return []
    variables = [re.sub(r"\[[^\]]*\]", "", part).split() for part in declaration_parts(declaration)]
    return [words[-1].lstrip("*") for words in variables if words]


def declaration_parts(declaration):
    """`a = 1, b` of a declaration, without what they begin with."""
    without = re.sub(r"=[^,]*", "", re.sub(r"\{[^}]*\}", "{}", declaration))
    return [part.replace("{}", " ") for part in without.split(",") if part.replace("{}", "").strip()]


def with_empty_braces(text):
    """The text with what stands between outer braces blanked, so that the file level is left."""
    depth, kept = 0, []
    for letter in text:
        depth -= letter == "}"
        kept.append(letter if depth == 0 or letter == "\n" else " ")
        depth += letter == "{"
    return "".join(kept)


def declarations(text):
    """(line, text) of what may declare a variable that lives as long as the program."""
    text = re.sub(
        r"^#(?:\\\n|[^\n])*", lambda match: re.sub(r"[^\n]", " ", match.group(0)), without_comments(text), flags=re.M
    )
    begin = 0
    outer = re.sub(
        r"(\))\s*\{\s*\}", lambda match: match.group(0).replace("{", ";").replace("}", " "), with_empty_braces(text)
    )
    for match in re.finditer(r";", outer):
        statement = outer[begin : match.start()]
        line = outer.count("\n", 0, begin + len(statement) - len(statement.lstrip())) + 1
        yield line, statement
        begin = match.end()
    for match in re.finditer(r"^[ \t]+(?=static (?!inline))", text, re.M):
        statement = with_empty_braces(text[match.end() :]).split(";")[0]
        yield text.count("\n", 0, match.start()) + 1, statement


def reason_of(lines, number):
    """What `// Global: …` says right above the line, or above the lines without a gap before it, or at its end."""
    end = re.search(r"// Global: (.*)", lines[number - 1])
    if end:
        return end.group(1)
    above = number - 2
    while above >= 0 and lines[above].strip():
        if match := re.match(r"\s*// Global: (.*)", lines[above]):
            rest = [match.group(1)]
            while lines[above + 1].strip().startswith("//"):
                above += 1
                rest.append(lines[above].strip().lstrip("/ "))
            return " ".join(rest)
        above -= 1
    return None


def mutable_globals(sources):
    """Variables that live as long as the program and change: (those with a reason in a comment, those without)."""
    with_reason, without = [], []
    for path in sources:
        text = path.read_text()
        for line, declaration in declarations(text):
            for name in names_that_change(declaration):
                reason = reason_of(text.splitlines(), line)
                (without if reason is None else with_reason).append(
                    f"{name_of(path)}: {name}: {reason}" if reason else f"{name_of(path)}: {name}"
                )
    return with_reason, without


def one_word_functions(sources):
    """Static functions whose name says nothing where it stands without its file: in a backtrace or a profile."""
    found = []
    for path in sources:
        text = without_comments(path.read_text())
        for match in ONE_WORD_FUNCTION.finditer(text):
            number = text.count("\n", 0, match.start()) + 1
            found.append(f"{name_of(path)}:{number}: {match.group(1)}() does not say what its file is about")
    return found


def share(part, whole):
    return 100 * part / whole if whole else 0


def main():
    core = listed("core/*.c", "core/**/*.c")
    plugins = listed("plugins/**/*.c", "examples/**/*.c", "contrib/**/*.c")
    headers = listed("core/**/*.h")
    python = listed("tests/**/*.py", "tests/*.py", "contrib/**/*.py", "examples/**/*.py")
    python = sorted(set(python))
    everything = core + plugins + headers + listed("tests/**/*.c", "tests/**/*.h") + python
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
    functions = long_functions(core + plugins) + long_python_functions(python)
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
    reasons, variables = mutable_globals(core + listed("plugins/**/*.c", "contrib/**/*.c"))
    measure("mutable globals without a reason (`// Global: …` above them)", len(variables), 0, variables)
    for line in reasons:
        print(f"    {line}")
    words = one_word_functions(core + headers + plugins)
    measure("static functions of one word", len(words), MOST_ONE_WORD_FUNCTIONS, words)
    waits = fixed_waits(python)
    measure("fixed waits in Python", len(waits), 0, waits)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
