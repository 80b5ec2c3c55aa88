"""Plugins built out of tree: installed headers, and the example that is built against them."""

import os
import re
import socket
import subprocess

import pytest

from harness import proxy as proxies
from harness.installation import EXAMPLE, WARNINGS, bare, listeners, logfmt_login, read_lines, read_until, run
from harness.process import BUILD
from harness.proxy import Proxy, configuration, secret_of

# --- what is installed


def test_installed_files(installed):
    for path in (
        "sbin/astmanproxy",
        "include/astmanproxy/catalogue.h",
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
        assert os.path.realpath(re.search(r"^plugins:\n  path: (\S+)", file.read(), re.M)[1]) == installed.plugins


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
