"""What the tests and the build require of a machine: they work with other versions of packages and other flags."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile

import pytest

from harness.limits import DEADLINE
from harness.process import BUILD, SOURCE, readable

INSTALL = os.path.join(SOURCE, "contrib/install-packages.sh")
BUILD_DEB = os.path.join(SOURCE, "contrib/build-deb.sh")
DECODER = os.path.join(SOURCE, "plugins/xml/decode.c")
DECLARATION = "XMLPARSEAPI(XML_Bool)\nXML_SetReparseDeferralEnabled(XML_Parser parser, XML_Bool enabled);\n"


def run(*command, **more):
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=12 * DEADLINE,
        check=False,
        **more,
    )


# --- expat with and without what a security update has brought


@pytest.fixture(params=["without", "with"])
def expat_headers(request, tmp_path):
    """A folder with expat's headers, with the declaration or without it."""
    folder = next((path for path in ("/usr/include", "/usr/local/include") if os.path.exists(path + "/expat.h")), None)
    if folder is None:
        pytest.skip("expat.h is elsewhere")
    shutil.copy(folder + "/expat_external.h", tmp_path)
    with open(folder + "/expat.h", encoding="utf-8") as file:
        text = re.sub(r"XMLPARSEAPI\(XML_Bool\)[^;{}]*XML_SetReparseDeferralEnabled\([^)]*\);", "", file.read())
    if request.param == "with":
        text = text.replace("#ifdef __cplusplus\n}", DECLARATION + "#ifdef __cplusplus\n}", 1)
        assert DECLARATION in text
    (tmp_path / "expat.h").write_text(text, encoding="utf-8")
    return str(tmp_path)


def command_of(source):
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as file:
        return next(entry for entry in json.load(file) if entry["file"] == source)


def test_f40_the_decoder_compiles_with_any_expat(expat_headers):
    entry = command_of(DECODER)
    words = [word for word in shlex.split(entry["command"]) if not word.endswith("ccache")]
    compile_only = [words[0], f"-I{expat_headers}", *words[1 : words.index("-o")], "-Werror", "-fsyntax-only", DECODER]
    result = run(*compile_only, cwd=entry["directory"])
    assert result.returncode == 0, result.stdout


@pytest.mark.skipif(shutil.which("clang-tidy") is None, reason="clang-tidy is not installed")
def test_f40_clang_tidy_has_one_opinion_of_any_expat(expat_headers):
    result = run("clang-tidy", "--quiet", "-p", BUILD, f"--extra-arg-before=-I{expat_headers}", DECODER, cwd=SOURCE)
    assert result.returncode == 0, result.stdout


# --- a tree that only root can reach


@pytest.mark.skipif(os.geteuid() != 0, reason="a proxy stays who it is")
@pytest.mark.parametrize("mode, inner", [(0o700, 0o755), (0o755, 0o700)])
def test_f40_a_tree_of_root_is_read_through_a_copy(mode, inner):
    """The checkout is below /root, or was made with a strict umask: a proxy that gave up root reads scripts again at a
    reload."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="amp-") as folder:
        os.chmod(folder, mode)
        os.mkdir(folder + "/lua", inner)
        with open(folder + "/lua/a.lua", "w", encoding="ascii") as file:
            file.write("return 1\n")
        copy = readable(folder + "/lua")
        assert copy != folder + "/lua"
        as_nobody = run("setpriv", "--reuid=65534", "--clear-groups", "cat", copy + "/a.lua")
        assert as_nobody.stdout == "return 1\n"
        os.chmod(folder, 0o755)
        os.chmod(folder + "/lua", 0o755)
        os.chmod(folder + "/lua/a.lua", 0o644)
        readable.cache_clear()
        assert readable(folder + "/lua") == folder + "/lua"


# --- the packages

STUBS = {
    # PACKAGE WANT STATUS INSTALLED CANDIDATE stand in a line each of `packages`
    "dpkg-query": """
        while [ $# -gt 1 ]; do case $1 in -f) format=$2; shift ;; esac; shift; done
        line=$(grep "^$1 " "$STATE/packages") || exit 1
        set -- $line
        case $format in *Want*) printf '%s' "$2" ;; *) echo "$3" ;; esac""",
    "apt-cache": """
        shift
        for name in "$@"; do
            set -- $(grep "^$name " "$STATE/packages")
            printf '%s:\\n  Installed: %s\\n  Candidate: %s\\n  Version table:\\n' "$1" "$4" "$5"
        done""",
    "apt-get": """
        echo "$*" >>"$STATE/asked"
        [ ! -e "$STATE/offline" ] || exit 100
        case " $* " in *' install '*) ;; *) exit 0 ;; esac
        for name in "$@"; do
            sed -i "s/^$name \\([a-z]*\\) [^ ]* [^ ]* \\(.*\\)/$name \\1 installed \\2 \\2/" "$STATE/packages"
        done""",
    "sudo": 'exec "$@"',
    # Debian's own judgement of what is installed, and no build.
    "dpkg-buildpackage": """
        mkdir -p "$STATE/dpkg/info" "$STATE/dpkg/updates"
        awk '$3 == "installed" { printf "Package: %s\\nStatus: install ok installed\\nVersion: %s\\nArchitecture: %s\\n",
            $1, $4, architecture
            if ($1 == "debhelper") print "Provides: debhelper-compat (= 13)"; print "" }' \\
            architecture="$(dpkg --print-architecture)" "$STATE/packages" >"$STATE/dpkg/status"
        dpkg-checkbuilddeps --admindir="$STATE/dpkg" || exit 3
        touch ../astmanproxy_1.deb ../astmanproxy-dev_1.deb""",
}


@pytest.fixture
def machine(tmp_path):
    """machine(lines, *names, offline=) -> (result, the packages' lines afterwards, what apt-get was asked)"""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, text in STUBS.items():
        (tools / name).write_text("#!/bin/sh\n" + text + "\n")
        (tools / name).chmod(0o755)

    def install(lines, *names, offline=False, command=INSTALL, **variables):
        (tmp_path / "packages").write_text("".join(line + "\n" for line in lines))
        if offline:
            (tmp_path / "offline").touch()
        env = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", STATE=str(tmp_path), **variables)
        result = run(command, *names, env=env)
        asked = tmp_path / "asked"
        return result, (tmp_path / "packages").read_text().splitlines(), asked.read_text() if asked.exists() else ""

    return install


def test_f40_old_packages_become_new_and_missing_ones_are_installed(machine):
    result, packages, asked = machine(
        [
            "old install installed 2.5.0-1 2.5.0-1+deb12u5",
            "new install installed 2.1-8 2.1-8",
            "none unknown not-installed (none) 1.0",
            "late install installed 9 10",
        ],
        "old",
        "new",
        "none",
        "late",
    )
    assert result.returncode == 0, result.stdout
    assert packages == [
        "old install installed 2.5.0-1+deb12u5 2.5.0-1+deb12u5",
        "new install installed 2.1-8 2.1-8",
        "none unknown installed 1.0 1.0",
        "late install installed 10 10",
    ]
    assert " new" not in asked and "--force-confold" in asked and "update" in asked


def test_f40_what_is_held_or_newer_than_the_archive_stays(machine):
    lines = ["held hold installed 1 2", "own install installed 3 2"]
    result, packages, asked = machine(lines, "held", "own")
    assert result.returncode == 0 and packages == lines and "install" not in asked, result.stdout


def test_f40_without_a_network_what_is_there_is_enough(machine):
    lines = ["old install installed 1 2", "new install installed 2 2"]
    result, packages, _ = machine(lines, "old", "new", offline=True)
    assert result.returncode == 0 and packages == lines and "old" in result.stdout


def test_f40_what_stays_missing_is_told(machine):
    result, _, _ = machine(
        ["none unknown not-installed (none) 1.0", "new install installed 2 2"], "none", "new", offline=True
    )
    assert result.returncode == 1 and "could not be installed: none\n" in result.stdout


@pytest.mark.skipif(shutil.which("dpkg-checkbuilddeps") is None, reason="dpkg-dev is not installed")
@pytest.mark.parametrize("options, has_tests", [({}, False), ({"DEB_BUILD_OPTIONS": ""}, True)])
def test_packages_are_built_where_nothing_is_installed(machine, tmp_path, options, has_tests):
    """What the script installs is what dpkg-buildpackage demands, with the unit tests and without."""
    with open(os.path.join(SOURCE, "contrib/debian/control"), encoding="utf-8") as file:
        control = re.search(r"^Build-Depends:\n((?: .*\n)+)", file.read(), re.M)[1]
    archive = {re.match(r"[\w.-]+", word)[0] for word in re.split(r"[\s,|]+", control) if re.match(r"[a-z]", word)}
    names = sorted((archive - {"debhelper-compat"}) | {"debhelper", "build-essential", "dpkg-dev", "file"})
    result, packages, _ = machine(
        [f"{name} unknown not-installed (none) 99" for name in names],
        str(tmp_path / "built"),
        command=BUILD_DEB,
        **options,
    )
    assert result.returncode == 0 and "astmanproxy-dev_1.deb" in result.stdout, result.stdout
    assert ("libcmocka-dev unknown installed 99 99" in packages) is has_tests


# --- other flags


@pytest.mark.skipif(shutil.which("ninja") is None, reason="ninja is not installed")
@pytest.mark.parametrize("kind", ["Release", "MinSizeRel"])
def test_f41_warnings_stop_nobody_who_builds_with_other_flags(tmp_path, kind):
    """And there are none in the file that once had some."""
    result = run(
        "cmake", "-G", "Ninja", "-S", SOURCE, "-B", str(tmp_path), f"-DCMAKE_BUILD_TYPE={kind}", "-DAMP_LIBFUZZER=OFF"
    )
    assert result.returncode == 0, result.stdout
    commands = (tmp_path / "compile_commands.json").read_text()
    assert "-Werror" not in commands and "-Wall" in commands
    result = run(
        "ninja", "-C", str(tmp_path), "tests/CMakeFiles/unit_ami_test_event_filter.dir/unit/ami/test_event_filter.c.o"
    )
    assert result.returncode == 0 and "warning:" not in result.stdout, result.stdout


def test_f41_warnings_stop_developers():
    with open(os.path.join(SOURCE, "CMakePresets.json"), encoding="utf-8") as file:
        presets = {preset["name"]: preset for preset in json.load(file)["configurePresets"]}

    def value(name, variable):
        preset = presets[name]
        found = preset.get("cacheVariables", {}).get(variable)
        return found if found is not None or "inherits" not in preset else value(preset["inherits"], variable)

    assert {name for name in presets if value(name, "CMAKE_COMPILE_WARNING_AS_ERROR") == "ON"} == {
        "developer",
        "dev",
        "tsan",
        "fuzz",
    }
