"""The guide to plugins: its pieces compile, and the plugins made of them work."""

import os
import re
import socket

from harness.installation import SOURCE, bare, build_test, listeners, read_lines, run
from harness.proxy import secret_of

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
