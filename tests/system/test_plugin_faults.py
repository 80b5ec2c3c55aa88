"""Plugins built out of tree that fail, at the start and while sessions use them: other plugins and sessions go on."""

import os
import shutil

import pytest

from harness.client import Client
from harness.installation import bare, listeners, logfmt_login, read_lines
from harness.process import is_sanitized
from harness.proxy import secret_of

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
    """Input that it does not consume is kept up to `message_bytes`; then the session ends."""
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
