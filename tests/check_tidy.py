#!/usr/bin/python3
"""Does clang-tidy find anything that .clang-tidy asks about? check_tidy.py [--deep] BUILD [FILE…]

BUILD is a build folder with compile_commands.json; without FILEs all C files of core, plugins and contrib are judged.
Every check is made in both depths. Nearly all of the time goes into the analyzer's walk through the states of long
functions, new code first: it ends after 30,000 states of a function, with --deep after 225,000, which is clang's own
limit and takes four times as long.
What was found good is not judged again while nothing has changed of it: neither the file nor what it includes, comments
too, nor the rules, nor clang-tidy. BUILD/tidy holds a name for each."""

import concurrent.futures
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STATES = 30000  # of a function, see above
FOLDERS = [os.path.join(SOURCE, folder) for folder in ("core", "plugins", "contrib")]


def every_file():
    return [
        os.path.join(folder, name)
        for root in FOLDERS
        for folder, _, names in os.walk(root)
        for name in names
        if name.endswith(".c")
    ]


def commands_of(build):
    """The compiler's words for each file, without what they say of output."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    found = {}
    for entry in entries:
        words = shlex.split(entry["command"])
        words = words[
            next(number for number, word in enumerate(words) if not word.endswith("ccache")) : words.index("-o")
        ]
        found.setdefault(os.path.normpath(os.path.join(entry["directory"], entry["file"])), (words, entry["directory"]))
    return found


def fingerprint(path, command, rules):
    """Of all that a verdict depends on; None if the preprocessor fails, whose complaint clang-tidy will repeat."""
    words, directory = command
    seen = subprocess.run(
        ["clang", *words[1:], "-w", "-E", "-C", "-dD", path],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if seen.returncode != 0:
        return None
    return hashlib.sha256(b"\0".join([rules, "\0".join([*words, path]).encode(), seen.stdout])).hexdigest()


def judge(path, build, command, rules, depth):
    """@return (the fingerprint, whether it was judged before, the complaints)"""
    mark = fingerprint(path, command, rules)
    if mark is not None and os.path.exists(os.path.join(build, "tidy", mark)):
        return mark, True, ""
    result = subprocess.run(
        ["clang-tidy", "--quiet", *depth, "-p", build, path],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        return mark, False, result.stdout or result.stderr
    if mark is not None:
        with open(os.path.join(build, "tidy", mark), "w", encoding="utf-8") as file:
            file.write(path + "\n")
    return mark, False, ""


def main():
    deep = "--deep" in sys.argv
    if deep:
        sys.argv.remove("--deep")
    if len(sys.argv) < 2 or not os.path.exists(os.path.join(sys.argv[1], "compile_commands.json")):
        sys.exit(f"usage: {sys.argv[0]} [--deep] BUILD [FILE…] (a build folder with compile_commands.json)")
    if shutil.which("clang-tidy") is None or shutil.which("clang") is None:
        sys.exit("check_tidy.py: clang-tidy or clang is missing (apt-get install clang-tidy clang)")
    build = os.path.abspath(sys.argv[1])
    commands = commands_of(build)
    paths = [os.path.abspath(path) for path in sys.argv[2:]] or every_file()
    unknown = [path for path in paths if path not in commands]
    if unknown:
        sys.exit(f"check_tidy.py: not built in {build}: {' '.join(unknown)}")
    with open(os.path.join(SOURCE, ".clang-tidy"), "rb") as file:
        rules = file.read() + subprocess.check_output(["clang-tidy", "--version"])
    depth = (
        []
        if deep
        else [f"--extra-arg={word}" for word in ("-Xclang", "-analyzer-config", "-Xclang", f"max-nodes={STATES}")]
    )
    rules += "\0".join(depth).encode()
    os.makedirs(os.path.join(build, "tidy"), exist_ok=True)
    os.nice(10)  # system tests that run beside it wait for the clock
    paths.sort(key=os.path.getsize, reverse=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda path: judge(path, build, commands[path], rules, depth), paths))
    if len(sys.argv) == 2:
        for name in set(os.listdir(os.path.join(build, "tidy"))) - {mark for mark, _, _ in results}:
            os.unlink(os.path.join(build, "tidy", name))
    complaints = [text for _, _, text in results if text]
    print("\n".join(complaints))
    print(
        f"{len(paths)} files, {sum(before for _, before, _ in results)} of them judged before, {len(complaints)} with complaints"
    )
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
