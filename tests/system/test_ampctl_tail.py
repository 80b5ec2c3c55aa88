"""ampctl tail: live events, each once, in any format, filtered; how it ends; what it shows at a terminal."""

import csv
import io
import json
import re
import signal
from xml.etree import ElementTree

import pytest

from harness import ctl
from harness.limits import Deadline
from harness.proxy import Proxy, configuration, secret_of, server_entry

FORMATS = ["text", "standard", "json", "xml", "csv"]
PLUGINS = ["standard", "json", "xml", "csv"]
MARK = "AmpctlMark"


@pytest.fixture
def tail(start_proxy, pbx, started):
    """tail(*arguments, kind=, env=, **sections) -> a tail that is following; `proxy` is its proxy."""

    def start(*arguments, kind=ctl.Started, env=None, wait=True, **sections):
        sections.setdefault("plugins", {"load": PLUGINS})
        proxy = start_proxy({"pbx1": pbx}, **sections)
        to = ("--connect", f"127.0.0.1:{proxy.address[1]}", "-u", "dave")
        running = started(kind, *to, "tail", *arguments, env=env or environment())
        running.proxy = proxy
        if wait:
            follows(running, pbx)
        return running

    return start


def environment(**changes):
    return ctl.environment(AMPCTL_SECRET=secret_of("dave"), **changes)


def follows(running, pbx, event=MARK, since=0):
    """Raises marks until one is seen: before, it may still be logging in."""
    deadline = Deadline()
    while event.encode() not in running.out.data[since:]:
        assert not running.out.ended and not deadline.passed(), running.out.data
        pbx.event(event, "call,all")
        running.out.fill(0.05)
    return len(running.out.data)


def flood(pbx, count, event="Numbered"):
    for number in range(count):
        pbx.event(event, "call,all", Number=number, Odd="a\"b,c<&>'d", Latin="caf\xe9")
    pbx.event("TheLast", "call,all", Number="last")


def after_last(data):
    """Is the whole last event there? In each format `last` stands in it, and a line end behind."""
    return re.search(rb"TheLast.*last.*\n", data, re.S) is not None


def records(text, style):
    """Events as dicts, whatever the format: all of the output must be events."""
    if style == "json":
        return [json.loads(line) for line in text.splitlines()]
    if style == "csv":
        return [dict(field.split(": ", 1) for field in row) for row in csv.reader(io.StringIO(text, newline=""))]
    if style == "xml":
        root = ElementTree.fromstring("<all>" + text.encode("utf-8", "replace").decode() + "</all>")
        return [{item.tag: item.get("Value") for item in message} for message in root]
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block]
    return [dict(re.split(": ?", line, maxsplit=1) for line in block.split("\n")) for block in blocks]


def arguments_of(style):
    return [] if style == "text" else ["--format", style]


@pytest.mark.parametrize("style", FORMATS)
def test_each_of_a_thousand_events_once(tail, pbx, style):
    running = tail(*arguments_of(style))
    flood(pbx, 1000)
    running.out.wait_for(after_last)
    running.interrupt()
    result = running.finish()
    assert result.code == 0 and result.err == ""
    seen = records(result.out, style)
    assert {event["Event"] for event in seen} <= {MARK, "Numbered", "TheLast", "FullyBooted"}  # and no answers
    numbered = [event for event in seen if event["Event"] == "Numbered"]
    assert [event["Number"] for event in numbered] == [str(number) for number in range(1000)]
    assert {event["Odd"] for event in numbered} == {"a\"b,c<&>'d"}
    assert {event["Server"] for event in numbered} == {"pbx1"}


@pytest.mark.parametrize("autofilter", ["on", "off"])
@pytest.mark.parametrize("style", ["text", "json"])
def test_whatever_the_listeners_autofilter_is(tail, pbx, style, autofilter):
    running = tail(*arguments_of(style), listen={"autofilter": autofilter})
    running.proxy.login("bill", Events="off").ask(Action="Ping")  # another's answers are not for us
    flood(pbx, 10)
    running.out.wait_for(after_last)
    running.interrupt()
    seen = records(running.finish().out, style)
    assert {event.get("Event") for event in seen} <= {MARK, "Numbered", "TheLast", "FullyBooted"}


CASES = [
    (["Hangup"], {"1", "2", "3"}),
    (["hangup", "NEWSTATE"], {"1", "2", "3", "4"}),
    (["New*"], {"4", "5"}),
    (["!Hangup"], {"4", "5", "6"}),
    (["!New*", "!Hangup"], {"6"}),
    (["Channel=SIP/1"], {"1", "4"}),
    (["Hangup", "channel=SIP/*"], {"1", "2"}),
    (["Hangup", "Channel=*/1"], {"1", "3"}),
    (["Cause=16"], {"1"}),
    (["Channel=sip/1"], set()),
    (["*", "Note=a.b*c"], {"6"}),
    (["Event=Newstate"], {"4"}),
    (["Ha*up", "!hangup"], set()),
]


@pytest.mark.parametrize("filters, expected", CASES, ids=[" ".join(case[0]) for case in CASES])
def test_filters_are_the_same_here_and_at_the_proxy(start_proxy, pbx, started, filters, expected):
    proxy = start_proxy({"pbx1": pbx}, plugins={"load": PLUGINS})
    to = ("--connect", f"127.0.0.1:{proxy.address[1]}", "-u", "dave", "tail")
    mark = next((name for name in filters if "=" not in name and name[0] != "!"), MARK).replace("*", "")
    header = next((text for text in filters if "=" in text), "X=").split("=", 1)
    value = header[1].replace("*", "")
    if header[0] == "Event":
        mark, value = header[1], ""
    for style in ("text", "json"):
        running = started(ctl.Started, *to, *filters, *arguments_of(style), env=environment())
        deadline = Deadline()
        excluded = not expected and "!hangup" in filters
        mark = "Haxup" if excluded else mark or "Any"
        while f"{style}-mark".encode() not in running.out.data:
            assert not running.out.ended and not deadline.passed(), running.out.data
            pbx.event(mark, "call,all", (header[0] if header[0] != "Event" else "X", value), ("Mark", f"{style}-mark"))
            running.out.fill(0.05)
        for number, (name, channel, more) in enumerate(
            [
                ("Hangup", "SIP/1", {"Cause": 16}),
                ("Hangup", "SIP/2", {"Cause": 161}),
                ("Hangup", "IAX/1", {}),
                ("Newstate", "SIP/1", {}),
                ("Newchannel", "IAX/2", {}),
                ("Note", "x", {"Note": "a.b*c"}),
            ],
            1,
        ):
            pbx.event(name, "call,all", ("Channel", channel), *more.items(), ("Case", number))
        pbx.event(mark, "call,all", (header[0] if header[0] != "Event" else "X", value), ("Mark", "the-end"))
        running.out.wait_for(lambda data: re.search(rb"the-end.*\n", data) is not None)
        running.interrupt()
        result = running.finish()
        assert {event["Case"] for event in records(result.out, style) if "Case" in event} == expected, (style, result)


def test_several_headers_must_all_hold(tail, pbx):
    running = tail("A=1", "B=2*", wait=False)
    deadline = Deadline()
    while b"Mark: here" not in running.out.data:
        assert not deadline.passed()
        pbx.event("Any", "call,all", A=1, B=2, Mark="here")
        running.out.fill(0.05)
    for number, (first, second) in enumerate([(1, 2), (1, 3), (2, 2), (1, 23)]):
        pbx.event("Any", "call,all", A=first, B=second, Case=number)
    running.out.wait_for(b"Case: 3\n")
    running.interrupt()
    assert re.findall(r"Case: (\d)", running.finish().out) == ["0", "3"]


# --- how it ends


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("style", ["text", "xml"])
def test_a_signal_ends_it_well(tail, style, number):
    running = tail(*arguments_of(style))
    running.interrupt(number)
    result = running.finish()
    assert result.code == 0 and result.err == ""


def test_control_c_at_a_terminal(tail):
    running = tail(kind=ctl.Terminal)
    running.type("\x03")
    assert running.finish().code == 0


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_reader_that_has_seen_enough(tail, style):
    """`ampctl tail | head -1`: it ends at once and in silence, also without another event."""
    running = tail(*arguments_of(style))
    running.process.stdout.close()
    assert running.process.wait(15) == 0
    assert running.err.read_to_end() == b""
    running.process.stderr.close()


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_lost_proxy(tail, style):
    running = tail(*arguments_of(style))
    assert running.proxy.stop() == 0
    result = running.finish()
    assert result.code == 3 and re.fullmatch(r"ampctl: 127\.0\.0\.1:\d+: [^\n]+\n", result.err), result


def test_a_kicked_tail(tail):
    users = [{"name": "dave", "secret": secret_of("dave"), "admin": True}]
    running = tail(users=users)
    to = ("--connect", f"127.0.0.1:{running.proxy.address[1]}", "-u", "dave")
    rows = ctl.run(*to, "sessions", env=environment()).rows
    number = min(int(row[0]) for row in rows)
    assert ctl.run(*to, "kick", str(number), env=environment()).code == 0
    result = running.finish()
    assert result.code == 3 and "connection lost" in result.err and result.err.count("\n") == 1


@pytest.mark.parametrize("style", ["text", "json"])
def test_reconnect(launch, pbx, started, workers, tmp_path, style):
    config = configuration([server_entry(pbx)], workers, plugins={"load": PLUGINS})
    first = launch(Proxy, str(tmp_path), config)
    to = ("--connect", f"127.0.0.1:{first.address[1]}", "-u", "dave")
    running = started(ctl.Started, *to, "tail", "--reconnect", *arguments_of(style), env=environment())
    since = follows(running, pbx)
    first.stop()
    running.err.wait_for(b"trying again\n")
    config["listen"][0]["port"] = first.address[1]
    launch(Proxy, str(tmp_path), config)
    follows(running, pbx, "SecondMark", since)
    running.interrupt()
    result = running.finish()
    assert result.code == 0 and "SecondMark" in result.out
    others = [event for event in records(result.out, style) if "ProxyMessage" not in event]  # its goodbye is passed on
    assert {event.get("Event") for event in others} <= {
        MARK,
        "SecondMark",
        "FullyBooted",
        "ServerUp",
        "ServerDown",
        "ProxyShutdown",
    }


def test_interrupted_while_the_proxy_is_away(started, tmp_path, start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    where = f"127.0.0.1:{proxy.address[1]}"
    proxy.stop()
    running = started(ctl.Started, "--connect", where, "-u", "dave", "tail", "--reconnect", env=environment())
    running.err.wait_for(b"trying again\n")
    running.interrupt()
    assert running.finish().code == 0


# --- at a terminal

EVIL = [
    ("Evil", "a\x1b[2Jb\x07"),
    ("Csi", "x\x9b31my"),
    ("Direction", "abc\xe2\x80\xaedcba"),
    ("Good", "caf\xc3\xa9"),
    ("Bell", "\x08\x08\x7f"),
]


@pytest.mark.parametrize("style", ["text", "standard", "csv"])
def test_a_value_does_not_steer_the_terminal(tail, pbx, style):
    running = tail(*arguments_of(style), kind=ctl.Terminal, env=environment(NO_COLOR="1"))
    pbx.event("Evil", "call,all", *EVIL)
    pbx.event("TheLast", "call,all", Number="last")
    running.out.wait_for(after_last)
    running.type("\x03")
    shown = running.finish().out
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202e]", shown.replace("^C", "")), shown
    assert r"a\x1b[2Jb\x07" in shown and r"x\x9b31my" in shown and r"abc\xe2\x80\xaedcba" in shown
    assert "café" in shown


def test_piped_values_stay_on_their_line(tail, pbx):
    running = tail()
    pbx.event("Evil", "call,all", ("A", "x\ty\x1b"))
    pbx.event("TheLast", "call,all", Number="last")
    running.out.wait_for(after_last)
    running.interrupt()
    assert "A: x\\x09y\x1b\n" in running.finish().out


@pytest.mark.parametrize(
    "env, coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)]
)
def test_colours_at_a_terminal(tail, env, coloured):
    running = tail(kind=ctl.Terminal, env=environment(**env))
    running.type("\x03")
    assert ("\x1b[" in running.finish().out) == coloured


@pytest.mark.parametrize("style", FORMATS)
def test_no_colours_in_a_pipe(tail, style):
    running = tail(*arguments_of(style))
    running.interrupt()
    assert "\x1b" not in running.finish().out


def test_timestamps_can_be_read(tail, pbx):
    running = tail(kind=ctl.Terminal, env=environment(NO_COLOR="1"))
    pbx.event("TheLast", "call,all", Number="last", Timestamp="1763902232.123456")
    running.out.wait_for(lambda shown: re.search(rb"TheLast.*Server: pbx1", shown, re.S))  # its last line
    running.type("\x03")
    assert "Timestamp: 1763902232.123456  (2025-11-23 12:50:32)\n" in running.finish().out
