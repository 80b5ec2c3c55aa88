"""Plugins from outside: installed headers, the example built against them, the pieces of the guide, and plugins that fail."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from harness import proxy as proxies
from harness.client import Client
from harness.limits import Deadline
from harness.process import BUILD, finds_races, is_sanitized
from harness.proxy import Proxy, configuration, secret_of

SOURCE = os.environ.get("AMP_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
EXAMPLE = os.path.join(SOURCE, "examples", "plugin-logfmt")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
# A format that does nothing but what a test puts into it.
TEMPLATE = """
#include <astmanproxy/plugin.h>
static void encode(const struct amp_message *message, struct amp_output *out) { (void)message; (void)out; %(encode)s }
static size_t decode(void *state, const char *bytes, size_t length, struct amp_input *input)
{ (void)state; (void)bytes; (void)length; (void)input; %(decode)s }
static void *create(void) { static char state; return %(create)s; }
static void destroy(void *state) { (void)state; }
AMP_EXPORT const struct amp_plugin amp_plugin_v1 = {.size = sizeof(struct amp_plugin), .abi_minor = %(minor)s,
    .name = "%(name)s", .capabilities = AMP_CAN_ENCODE | AMP_CAN_DECODE, .content_type = "text/plain", .encode = encode,
    .decoder_create = create, .decoder_destroy = destroy, .decode = decode};
"""


def run(*command, **options):
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}"
    return result.stdout.strip()


class Installation:
    """astmanproxy in a scratch prefix, and what is built against it."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.prefix = os.path.join(self.folder, "prefix")
        run("cmake", "--install", BUILD, "--prefix", self.prefix)
        found = [root for root, _, names in os.walk(self.prefix) if "astmanproxy.pc" in names]
        self.environment = dict(os.environ, PKG_CONFIG_PATH=found[0])
        self.plugins = os.path.realpath(self.pkg_config("--variable=plugindir"))

    def pkg_config(self, *options):
        return run("pkg-config", *options, "astmanproxy", env=self.environment)

    def has(self, *path):
        return os.path.exists(os.path.join(self.prefix, *path))

    def compile(self, name, source=None, path=None):
        """As the guide says: gcc and what pkg-config knows. The plugin goes to the others."""
        if path is None:
            path = os.path.join(self.folder, f"{name}.c")
            with open(path, "w", encoding="utf-8") as file:
                file.write(source)
        run(
            "gcc",
            "-O2",
            *WARNINGS,
            "-shared",
            *self.pkg_config("--cflags").split(),
            "-o",
            os.path.join(self.plugins, f"{name}.so"),
            path,
        )

    def make(self, name, encode="", decode="return length;", create="&state", minor="AMP_ABI_MINOR", called=None):
        """Compiles the template with these pieces of code; `called` is its name if that is not its file's."""
        self.compile(
            name,
            TEMPLATE % {"name": called or name, "encode": encode, "decode": decode, "create": create, "minor": minor},
        )

    def cmake_example(self, *options):
        build = os.path.join(self.folder, "example")
        run("cmake", "-S", EXAMPLE, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}", *options)
        run("cmake", "--build", build)
        run("cmake", "--install", build)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return Installation(tmp_path_factory.mktemp("installed"))


@pytest.fixture
def example(installed):
    if not installed.has(installed.plugins, "logfmt.so"):
        installed.cmake_example()
    return installed


@pytest.fixture
def start_installed(start_proxy, pbx, installed, monkeypatch):
    """start_installed(plugin, …, **sections): the installed program with the plugins that it came with and these."""
    monkeypatch.setattr(proxies, "BINARY", os.path.join(installed.prefix, "sbin", "astmanproxy"))

    def start(*names, **sections):
        plugins = {"path": installed.plugins, "load": [*names, "standard"]}
        return start_proxy({"pbx1": pbx}, plugins=plugins, **sections)

    return start


def listeners(*formats):
    """A standard listener first, for the harness, then one for each (input, output)."""
    return [
        {"address": "127.0.0.1", "port": 0, "tls": "off", "input": given, "output": taken}
        for given, taken in (("standard", "standard"), *formats)
    ]


def bare(proxy, index=1):
    client = Client(proxy.addresses[index], banner=False)
    proxy.clients.append(client)
    return client


def read_lines(client, count=1, end=b"\n"):
    deadline = Deadline()
    while client.buffer.count(end) < count:
        client._fill(deadline, f"{count} lines")
    *lines, client.buffer = client.buffer.split(end, count)
    return [line.decode() for line in lines]


def logfmt_login(proxy, index=1):
    client = bare(proxy, index)
    client.send_raw(f"Action=Login Username=dave Secret={secret_of('dave')} ActionID=in\n".encode())
    assert read_lines(client) == ['Response=Success ActionID=in Message="Authentication accepted"']
    return client


def read_until(client, start):
    """The first line that begins so; the ones before it are skipped."""
    while True:
        line = read_lines(client)[0]
        if line.startswith(start):
            return line


# --- what is installed


def test_installed_files(installed):
    for path in (
        "sbin/astmanproxy",
        "include/astmanproxy/plugin.h",
        "etc/astmanproxy/astmanproxy.yaml",
        "etc/astmanproxy/users.yaml",
        "share/doc/astmanproxy/README.md",
        "share/doc/astmanproxy/plugins/README.md",
        "share/doc/astmanproxy/examples/plugin-logfmt/logfmt.c",
    ):
        assert installed.has(path), path
    assert "standard.so" in os.listdir(installed.plugins)
    assert not [name for _, _, names in os.walk(installed.prefix) for name in names if "astmansim" in name]


def test_installed_configuration_knows_its_plugins(installed):
    with open(os.path.join(installed.prefix, "etc", "astmanproxy", "astmanproxy.yaml"), encoding="utf-8") as file:
        assert os.path.realpath(re.search(r"^  path: (\S+)", file.read(), re.M)[1]) == installed.plugins


def test_installing_again_keeps_the_configuration(installed):
    path = os.path.join(installed.prefix, "etc", "astmanproxy", "users.yaml")
    with open(path, "a", encoding="utf-8") as file:
        file.write("# mine\n")
    run("cmake", "--install", BUILD, "--prefix", installed.prefix)
    with open(path, encoding="utf-8") as file:
        assert file.read().endswith("# mine\n")


def test_pkg_config_tells_version_and_flags(installed):
    assert installed.pkg_config("--modversion").startswith("2.")
    assert "-fvisibility=hidden" in installed.pkg_config("--cflags")


def test_another_major_version_is_not_found(installed, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\nproject(x LANGUAGES C)\nfind_package(astmanproxy 3 REQUIRED)\n"
    )
    result = subprocess.run(
        ["cmake", "-S", tmp_path, "-B", tmp_path / "b", f"-DCMAKE_PREFIX_PATH={installed.prefix}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0 and "version: 2." in result.stderr


@pytest.mark.parametrize(
    "compiler",
    [["gcc", "-xc", "-std=c99"], ["gcc", "-xc", "-std=c11"], ["g++", "-xc++", "-std=c++17"]],
    ids=["c99", "c11", "c++17"],
)
@pytest.mark.parametrize("header", ["plugin.h", "testing.h"])
def test_header_stands_alone(installed, compiler, header, tmp_path):
    (tmp_path / "alone").write_text(f"#include <astmanproxy/{header}>\n")
    run(*compiler, *WARNINGS, "-fsyntax-only", f"-I{installed.prefix}/include", str(tmp_path / "alone"))


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


def build_test(installed, name, *sources):
    """As the guide says: gcc and what pkg-config knows."""
    path = os.path.join(installed.folder, name)
    flags = [
        run("pkg-config", option, "astmanproxy-testing", env=installed.environment).split()
        for option in ("--cflags", "--libs")
    ]
    run("gcc", "-g", *WARNINGS, *flags[0], "-o", path, *sources, *flags[1])
    libraries = next(word[2:] for word in flags[1] if word.startswith("-L"))
    return path, dict(os.environ, LD_LIBRARY_PATH=libraries)


def test_f56_example_tests_itself_with_cmake(installed):
    installed.cmake_example()
    assert "100% tests passed" in run(
        "ctest", "--test-dir", os.path.join(installed.folder, "example"), "--output-on-failure"
    )


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
        name for name in names if not re.match(r"amp_(test|message|output|input|settings|action)_|__?(asan|odr)", name)
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


# --- the example


@pytest.fixture(params=["cmake", "gcc"])
def built_example(installed, request):
    if request.param == "cmake":
        installed.cmake_example()
    else:
        installed.compile("logfmt", path=os.path.join(EXAMPLE, "logfmt.c"))


def test_example_reads_and_writes(built_example, start_installed, pbx):
    proxy = start_installed("logfmt", listen=listeners(("logfmt", "logfmt")))
    client = logfmt_login(proxy)
    client.send_raw(b'Action=Setvar Variable="a \\"quoted\\" name" Value=1 ActionID="my id"\r\n')
    action = pbx.expect(Action="Setvar")
    assert action["Variable"] == 'a "quoted" name'
    action.reply("Success", Message="Variable Set")
    assert read_until(client, "Response=") == 'Response=Success ActionID="my id" Message="Variable Set" Server=pbx1'
    pbx.event("Hangup", "call,all", ("Channel", "SIP/1"), ("Empty", ""), ("Odd name", "a=b"), ("Tab", "a\tb\\c"))
    assert read_until(client, "Event=Hangup") == (
        'Event=Hangup Privilege=call,all Channel=SIP/1 Empty="" Odd_name="a=b" Tab="a\\u0009b\\\\c" Server=pbx1'
    )


def test_example_is_recognised(example, start_installed):
    proxy = start_installed("logfmt", listen=listeners(("auto", "logfmt")))
    client = bare(proxy)
    for byte in f"Action=Login Username=dave Secret={secret_of('dave')}\n".encode():
        client.send_raw(bytes([byte]))
    assert read_lines(client) == ['Response=Success Message="Authentication accepted"']
    standard = bare(proxy)
    standard.send(Action="Login", Username="dave", Secret=secret_of("dave"))
    assert standard.read_line().startswith("Asterisk Call Manager/")


def test_example_finishes_the_last_line(example, start_installed):
    proxy = start_installed("logfmt", listen=listeners(("logfmt", "logfmt")))
    client = bare(proxy)
    client.send_raw(
        f"Action=Login Events=off Username=dave Secret={secret_of('dave')}\nAction=Ping ActionID=last".encode()
    )
    client.socket.shutdown(socket.SHUT_WR)
    read_lines(client)
    assert read_lines(client)[0].startswith("Response=Success ActionID=last Ping=Pong")


@pytest.mark.parametrize(
    "line, message",
    [
        ("ActionID=x wrong", "Failed to parse logfmt: expected name=value"),
        ('ActionID=x A="open', "Failed to parse logfmt: a quote is missing at the end"),
        ('ActionID=x A="\\q"', "Failed to parse logfmt: wrong escape"),
        ('ActionID=x A="b"c', "Failed to parse logfmt: expected a blank after a value"),
        (
            'Action=Ping ActionID=x A="b\\r\\nAction: Logoff"',
            "Failed to parse message: line end or NUL within a header",
        ),
        ('Action=Ping ActionID=x A="\\u0000"', "Failed to parse message: line end or NUL within a header"),
    ],
)
def test_example_refuses_what_is_no_action(example, start_installed, line, message):
    proxy = start_installed("logfmt", listen=listeners(("logfmt", "logfmt")))
    client = logfmt_login(proxy)
    client.send_raw(line.encode() + b"\n")
    assert read_until(client, "Response=Error") == f'Response=Error ActionID=x Message="{message}"'
    client.send_raw(b"Action=Ping ActionID=after\n")
    assert "ActionID=after" in read_until(client, "Response=Success")


def test_example_ends_a_session_whose_line_has_no_end(example, start_installed):
    proxy = start_installed("logfmt", listen=listeners(("logfmt", "logfmt")))
    client = logfmt_login(proxy)
    client.send_raw(b"A=" + b"x" * 20000)
    assert read_until(client, "Response=Error") == 'Response=Error Message="Message too long"'
    client.read_to_end()
    assert proxy.login().ask(Action="Ping")["Response"] == "Success"


def test_example_has_its_setting(example, start_installed, pbx):
    proxy = start_installed("logfmt", listen=listeners(("logfmt", "logfmt")), logfmt={"names": "lower"})
    client = bare(proxy)
    client.send_raw(f"action=login username=dave secret={secret_of('dave')}\n".encode())
    assert read_lines(client) == ['response=Success message="Authentication accepted"']
    pbx.event("Newchannel", Channel="SIP/1")
    assert read_until(client, "event=N") == "event=Newchannel privilege=call,all channel=SIP/1 server=pbx1"


@pytest.mark.parametrize(
    "section, words",
    [
        ({"names": "upper"}, ['logfmt.names: expected one of keep, lower; found "upper"']),
        ({"colour": "red"}, ['expected one of the keys names; found "colour"']),
        ("yes", ["logfmt: expected a mapping"]),
    ],
)
def test_wrong_setting_is_told_with_its_place(example, launch, tmp_path, section, words, monkeypatch):
    monkeypatch.setattr(proxies, "BINARY", os.path.join(example.prefix, "sbin", "astmanproxy"))
    config = configuration([], plugins={"path": example.plugins, "load": ["standard", "logfmt"]}, logfmt=section)
    proxy = launch(Proxy, str(tmp_path), config, ("-t",), listening=False)
    assert proxy.wait() == 1
    line = proxy.find_line(*words)
    assert line is not None and re.match(r".*astmanproxy\.yaml:\d+:\d+: ", line), proxy.tail()


# --- the guide


def guide():
    """The pieces of plugins/README.md that are complete files, by name."""
    with open(os.path.join(SOURCE, "plugins", "README.md"), encoding="utf-8") as file:
        return dict(re.findall(r"^```c complete (\w+)\n(.*?)^```$", file.read(), re.M | re.S))


def test_guide_compiles(installed):
    pieces = guide()
    assert set(pieces) == {"tabs", "pairs", "words", "test_pairs"}
    assert len(pieces["tabs"].splitlines()) < 30  # the smallest one
    for name, source in pieces.items():
        if not name.startswith("test_"):
            installed.compile(name, source)


def test_f56_guide_tests_its_decoder(installed):
    sources = []
    for name in ("test_pairs", "pairs"):
        sources.append(os.path.join(installed.folder, f"{name}.c"))
        with open(sources[-1], "w", encoding="utf-8") as file:
            file.write(guide()[name])
    path, environment = build_test(installed, "test_pairs", *sources)
    assert run(path, env=environment) == ""


def test_f56_guide_protocol_logs_in(installed, start_installed, pbx):
    """`words` on a listener that wants a login: refused, refused again with a wrong word, then let in."""
    installed.compile("words", guide()["words"])
    proxy = start_installed("words", listen=listeners(("words", "standard")))
    client = bare(proxy)
    client.send_raw(b"Ping\n")
    assert client.read_message()["Response"] == "Error"
    client.send_raw(b"Login Username\n")
    assert client.read_message()["Message"] == "expected Name=value"
    client.send_raw(f"Login  Username=dave Secret={secret_of('dave')} ActionID=in\nPing ActionID=2\n".encode())
    answer = client.read_message()
    assert answer["Message"] == "Authentication accepted" and answer["ActionID"] == "in"
    assert client.read_message()["Ping"] == "Pong"
    client.send_raw(b"QueueSummary Queue=q ActionID=3\n")
    action = pbx.expect(Action="QueueSummary")
    assert action["Queue"] == "q"
    action.reply("Error", Message="no queue")
    assert client.read_message()["ActionID"] == "3"
    other = bare(proxy)
    other.send_raw(b"Login Username=dave Secret=wrong\n")
    assert other.read_message()["Response"] == "Error"


def test_guide_formats_work(installed, start_installed, pbx):
    for name in ("tabs", "pairs"):
        installed.compile(name, guide()[name])
    proxy = start_installed("tabs", "pairs", listen=listeners(("pairs", "tabs")))
    client = bare(proxy)
    for piece in (b"Action=Lo", f"gin Events=off Username=dave Secret={secret_of('dave')}\nno".encode(), b"nsense\n"):
        client.send_raw(piece)
    assert read_lines(client, 2) == [
        "Response=Success\tMessage=Authentication accepted\t",
        "Response=Error\tMessage=expected name=value\t",
    ]
    client.send_raw(b"x" * 5000)
    assert read_lines(client) == ["Response=Error\tMessage=line too long\t"]
    client.read_to_end()


def test_guide_protocol_works(installed, start_installed, pbx):
    installed.compile("words", guide()["words"])
    proxy = start_installed("words", listen=listeners(("words", "standard")), auth={"required": False})
    client = bare(proxy)
    client.send_raw(b"Ping\nQueueSummary\n")
    client.socket.shutdown(socket.SHUT_WR)  # what was asked is still answered
    action = pbx.expect(Action="QueueSummary")
    action.start_list()
    action.item("QueueSummary", Queue="q")
    action.end_list("QueueSummaryComplete", 1)
    kinds = [(message.kind, message.headers[0][1]) for message in client.read_to_end()]
    assert kinds == [
        ("response", "Success"),
        ("response", "Success"),
        ("event", "QueueSummary"),
        ("event", "QueueSummaryComplete"),
    ]
    client = bare(proxy)
    client.send_raw(b"x" * 2000)
    assert [message["Message"] for message in client.read_to_end()] == ["line too long"]


# --- plugins that do not fit: told in the log, and the others are loaded


def test_r45_misfits_do_not_stop_the_others(example, start_installed):
    shutil.copy(os.path.join(example.plugins, "logfmt.so"), os.path.join(example.plugins, "logfmt2.so"))
    example.make("newer", minor="AMP_ABI_MINOR + 1")
    example.make("calls", encode="extern void amp_not_there(void); amp_not_there();")
    example.compile("nothing", "int nothing_at_all;\n")
    with open(os.path.join(example.plugins, "notes.so"), "w", encoding="utf-8") as file:
        file.write("these are notes\n" * 100)
    proxy = start_installed(
        "newer", "logfmt", "logfmt2", "calls", "nothing", "notes", "absent", listen=listeners(("logfmt", "logfmt"))
    )
    for name, reason in (
        ("newer", "this astmanproxy has 1."),
        ("logfmt2", "the name logfmt is taken by"),
        ("calls", "amp_not_there"),
        ("nothing", "expected it to export amp_plugin_v1"),
        ("notes", "invalid ELF header"),
        ("absent", "No such file"),
    ):
        proxy.wait_for_line("error", f"{name}.so", reason)
    logfmt_login(proxy)


# --- plugins that fail at work: their clients have the trouble, nobody else


def test_r45_decoder_that_fails(installed, start_installed):
    installed.make("sulks", decode='amp_input_fail(input, "no sense at all"); return length;')
    proxy = start_installed("sulks", listen=listeners(("sulks", "standard")))
    other = proxy.login(Events="off")
    for _ in range(4):
        client = bare(proxy)
        client.send_raw(b"anything")
        assert [message["Message"] for message in client.read_to_end()] == ["no sense at all"]
    assert other.ask(Action="Ping")["Response"] == "Success"


def test_r45_decoder_that_cannot_be_made(installed, start_installed):
    installed.make("poor", create="(void)state, NULL")
    proxy = start_installed("poor", listen=listeners(("poor", "standard")))
    other = proxy.login(Events="off")
    for _ in range(4):
        assert bare(proxy).read_to_end() == []
    assert other.ask(Action="Ping")["Response"] == "Success"


def test_r45_decoder_that_uses_nothing_up(installed, start_installed):
    """What it leaves is kept up to `message_bytes`; nobody waits for more of it."""
    installed.make("idle", decode="return 0;")
    proxy = start_installed(
        "idle", listen=listeners(("idle", "standard")), limits={"message_bytes": "4KiB"}, auth={"timeout": "1s"}
    )
    other = proxy.login(Events="off")
    client = bare(proxy)
    client.send_raw(b"x" * 100000)
    client.read_to_end()
    assert other.ask(Action="Ping")["Response"] == "Success"


def test_r45_encoder_that_writes_too_much(installed, start_installed, pbx):
    """1 MiB for each message: whoever reads gets it, whoever does not is closed, the others do not notice."""
    installed.make(
        "floods",
        encode="static const char much[1 << 20]; amp_output_write(out, much, sizeof much - 1);"
        ' amp_output_write(out, "\\n", 1);',
    )
    proxy = start_installed("floods", listen=listeners(("standard", "floods")), limits={"output_backlog": "4MiB"})
    count = 12 if is_sanitized() else 40
    login = f"Action: Login\r\nUsername: dave\r\nSecret: {secret_of('dave')}\r\n\r\n".encode()
    reader, lazy = (Client(proxy.addresses[1]) for _ in range(2))
    proxy.clients += [reader, lazy]
    for client in (reader, lazy):
        client.send_raw(login)
        assert len(read_lines(client)[0]) == (1 << 20) - 1
    other = proxy.login(Events="call")
    for i in range(count):
        pbx.event("Newexten", Channel=f"SIP/{i}")
        assert other.read_until(Event="Newexten")["Channel"] == f"SIP/{i}"
        read_lines(reader)
    proxy.wait_for_line("slow client")
    with pytest.raises(AssertionError):
        read_lines(lazy, count)  # it was closed before
    assert other.ask(Action="Ping")["Response"] == "Success"
