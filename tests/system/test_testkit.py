"""The test kit for plugins out of tree: the example tests itself with it, and it names what a plugin does wrong."""

import os
import re
import subprocess

import pytest

from harness.installation import EXAMPLE, build_test, run
from harness.process import finds_races, is_sanitized

# --- the test kit

KIT_TEST = """
#include <astmanproxy/testing.h>
#include <stdlib.h>
#include <string.h>
int main(int count, char **words)
{
    const struct amp_plugin *plugin = amp_test_load(words[1]);
    if (plugin == NULL)
        return 3;
    if (count > 2) {
        struct amp_test_client client = {.bytes = "abc", .length = 3};
        char *text = amp_test_decode(plugin, &client);
        int result = strcmp(text, words[2]);
        free(text);
        return result == 0 ? 0 : 4;
    }
    struct amp_message *message = amp_test_message("Event: X");
    free(amp_test_encode(plugin, message, NULL));
    amp_test_message_free(message);
    return 0;
}
"""


def test_f56_example_tests_itself_with_cmake(installed):
    build = installed.cmake_example()
    assert "100% tests passed" in run("ctest", "--test-dir", build, "--output-on-failure")


def test_f56_example_tests_itself_by_hand(installed):
    path, environment = build_test(
        installed, "logfmt_test", os.path.join(EXAMPLE, "logfmt_test.c"), os.path.join(EXAMPLE, "logfmt.c")
    )
    assert run(path, env=environment) == ""


def test_f56_kit_exports_nothing_else(installed):
    library = next(
        os.path.join(root, name)
        for root, _, names in os.walk(installed.prefix)
        for name in names
        if name == "libastmanproxy-testing.so"
    )
    names = {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()}
    assert {"amp_test_decode", "amp_message_find", "amp_output_write", "amp_settings_text", "amp_input_header"} <= names
    assert not [
        name
        for name in names
        if not re.match(r"amp_(test|message|output|input|settings|action|event|error)_|__?(asan|odr)", name)
    ]


@pytest.fixture(scope="module")
def kit_test(installed, tmp_path_factory):
    source = tmp_path_factory.mktemp("kit") / "kit_test.c"
    source.write_text(KIT_TEST)
    return build_test(installed, "kit_test", str(source))


@pytest.mark.parametrize(
    "name, code, words, output",
    [
        (
            "goodone",
            {
                "decode": 'amp_input_header(input, (struct amp_bytes){"A", 1}, (struct amp_bytes){bytes, length}); '
                "amp_input_end(input); return length;"
            },
            ["<A=abc;>"],
            None,
        ),
        ("toomuch", {"decode": "return length + 1;"}, ["-"], "used up more bytes than it was given"),
        (
            "nobytes",
            {"decode": 'amp_input_header(input, (struct amp_bytes){NULL, 1}, (struct amp_bytes){"", 0}); return 1;'},
            ["-"],
            "amp_input_header() with a length, but no bytes",
        ),
        ("noreason", {"decode": "amp_input_reject(input, NULL); return length;"}, ["-"], "without a reason"),
        ("counts", {"encode": "static char n = 48; n++; amp_output_write(out, &n, 1);"}, [], "wrote other bytes"),
        (
            "endless",
            {
                "encode": "static const char much[1 << 20]; for (int i = 0; i < 3; i++) amp_output_write(out, much, "
                "sizeof much);"
            },
            [],
            "encode() wrote too many bytes",
        ),
        ("nostate", {"create": "(void)state, NULL"}, ["-"], "decoder_create() gave NULL"),
        ("newer", {"minor": "99"}, ["-"], "wants interface 1.99"),
    ],
)
def test_f56_kit_names_what_a_plugin_does_wrong(installed, kit_test, name, code, words, output):
    """What the proxy would end a session for, or refuse to load, ends the test with one line."""
    installed.make(name, **code)
    path, environment = kit_test
    result = subprocess.run(
        [path, os.path.join(installed.plugins, f"{name}.so"), *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if output is None:
        assert result.returncode == 0, result.stderr
    else:
        assert result.returncode != 0
        assert [
            line for line in result.stderr.splitlines() if line.startswith("astmanproxy/testing.h: ") and output in line
        ]


def test_f56_kit_reads_into_a_sanitizer(installed, kit_test):
    """Bytes come in blocks of their length: a decoder that looks one further is found."""
    if not is_sanitized() or finds_races():
        pytest.skip("needs the address sanitizer")
    installed.make("further", decode="return bytes[length] == 'x' ? 1 : length;")
    path, environment = kit_test
    plugin = os.path.join(installed.folder, "further.so")
    run(
        "gcc",
        "-g",
        "-shared",
        "-fsanitize=address,undefined",
        *installed.pkg_config("--cflags").split(),
        "-o",
        plugin,
        os.path.join(installed.folder, "further.c"),
    )
    result = subprocess.run([path, plugin, "-"], env=environment, capture_output=True, text=True, check=False)
    assert "heap-buffer-overflow" in result.stderr
