"""An installed tree of this build, and plugins that are built against it."""

import os
import subprocess

import pytest

from . import proxy as proxies
from .client import Client
from .limits import Deadline
from .process import BUILD, SOURCE
from .proxy import secret_of

EXAMPLES = os.path.join(SOURCE, "examples")
EXAMPLE = os.path.join(EXAMPLES, "plugin-logfmt")
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
        """Compiles a plugin as the guide says, by gcc and pkg-config, into the folder of the installed ones."""
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

    def cmake_example(self, name="plugin-logfmt"):
        """Builds and installs an example as its README says. @return the build folder"""
        build = os.path.join(self.folder, f"build-{name}")
        run("cmake", "-S", os.path.join(EXAMPLES, name), "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        run("cmake", "--install", build)
        return build


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
