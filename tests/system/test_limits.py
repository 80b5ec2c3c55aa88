"""Limits on what clients may send and leave unread, and bytes that must not pass."""

import contextlib
import random
import socket
import time

import pytest

from harness.client import Client, Closed
from harness.limits import DEADLINE, promised, scaled
from harness.message import encode
from harness.process import LEAN, allowed_kib
from harness.proxy import secret_of

PARSE = "Failed to parse message: "
TOO_LONG = PARSE + "line too long"
TOO_MANY = "Too many lines in message or allocation failure"


def refused(client, action_id):
    answer = client.response(action_id)
    assert answer["Response"] == "Error" and answer.headers[1] == ("ActionID", action_id)
    return answer["Message"]


def nothing_arrived(client, pbx):
    """The session lives, and the server saw nothing but what it was asked for after the bad input."""
    client.send(Action="CoreStatus", ActionID="good")
    action = pbx.expect(Action="CoreStatus")
    assert pbx.actions == []
    assert [name for name, _ in action.headers] == ["Action", "ActionID"]
    action.reply()
    assert client.response("good")["Response"] == "Success"


@pytest.mark.parametrize("length, fits", [(1022, True), (1023, False), (1024, False), (2046, False), (5000, False)])
def test_r26_line_length(proxy, pbx, length, fits):
    client = proxy.login("dave", Events="off")
    client.send(Action="Setvar", ActionID="l", Value="v" * (length - len("Value: ")))
    if fits:
        action = pbx.expect(Action="Setvar")
        assert len(action["Value"]) == length - len("Value: ")
        action.reply()
        assert client.response("l")["Response"] == "Success"
    else:
        assert refused(client, "l") == TOO_LONG
    nothing_arrived(client, pbx)


@pytest.mark.parametrize("count, fits", [(128, True), (129, False), (500, False)])
def test_r26_header_count(proxy, pbx, count, fits):
    client = proxy.login("dave", Events="off")
    client.send(("Action", "Setvar"), ("ActionID", "l"), *[("Variable", f"v{n}=1") for n in range(count - 2)])
    if fits:
        action = pbx.expect(Action="Setvar")
        assert len(action.headers) == 128
        action.reply()
        assert client.response("l")["Response"] == "Success"
    else:
        assert refused(client, "l") == TOO_MANY
    nothing_arrived(client, pbx)


def test_r26_message_over_the_limit_closes(proxy, pbx):
    client, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    pairs = [("Variable", "x" * 900)] * 80
    client.send(("Action", "Setvar"), ("ActionID", "l"), *pairs)
    assert client.read_to_end()[0]["Message"] == "Message too long"
    assert other.fence() == [] and pbx.actions == []


def test_r26_megabyte_without_newline(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, env=LEAN)
    client, other = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    before = proxy.memory_kib()
    with contextlib.suppress(OSError):
        client.send_raw(b"x" * (1 << 20))
    assert all(message["Response"] == "Error" for message in client.read_to_end())
    assert other.fence() == [] and pbx.actions == []
    assert proxy.memory_kib() - before < allowed_kib(4096)


@pytest.mark.parametrize(
    "line",
    [
        b"Value: a\rAction: Logoff",
        b"Value: a\0b",
        b"no colon",
        b": no name",
        b"Blank : x",
        b" Front: x",
        b"Na\tme: x",
        b"Value: end\r",
        b"\0",
        b"Value\0: x",
    ],
)
def test_r01_bad_lines_are_refused(proxy, pbx, line):
    client = proxy.login("dave", Events="off")
    client.send_raw(b"Action: Setvar\r\nActionID: bad\r\n" + line + b"\r\n\r\n")
    assert refused(client, "bad").startswith(PARSE)
    nothing_arrived(client, pbx)


def test_r01_generated_input_never_adds_a_line(proxy, pbx):
    """Whatever stands in names and values, the server gets one well-formed action or nothing, and the client an answer.
    LF alone is left out: it ends a line of the client's own, as Asterisk takes it."""
    seed = random.randrange(1 << 30)
    print("seed", seed)
    rng = random.Random(seed)
    pieces = [
        "\r",
        "\0",
        "\r\r",
        "\r\n ",
        "%0d%0a",
        "\\r\\n",
        "Action: Logoff",
        ": ",
        ":",
        " ",
        "\t",
        "\x0b",
        "\x85",
        "\xff",
        "Server: x",
        "ProxyKey: y",
        "a",
        "Variable",
        "",
    ]
    client = proxy.login("dave", Events="off")
    pbx.answers["Setvar"] = lambda action: action.reply("Success")
    for number in range(scaled(400)):
        name, value = ("".join(rng.choice(pieces) for _ in range(rng.randrange(4))) for _ in range(2))
        wire = f"Action: Setvar\r\nActionID: n{number}\r\n{name}: {value}\r\n\r\n".encode("latin-1")
        client.send_raw(wire)
        client.send(Action="Ping", ActionID=f"p{number}")
        answers = [m for m in client.collect_until(ActionID=f"p{number}") if m.get("ActionID") == f"n{number}"]
        assert len(answers) == 1, (wire, answers)
    received = pbx.main_lane().received
    assert b"\0" not in received
    for block in received.split(b"\r\n\r\n")[:-1]:
        lines = block.split(b"\r\n")
        assert lines[0] in (
            b"Action: Setvar",
            b"Action: Login",
            b"Action: Challenge",
            b"Action: Ping",
            b"Action: ListCommands",
        ), block
        assert lines[1].startswith(b"ActionID: amp"), block
        assert not [line for line in lines if b"\r" in line or b"\n" in line or b":" not in line], block
        assert lines[0] != b"Action: Setvar" or len(lines) <= 3, block


def test_r21_drip_before_login_ends_at_the_deadline(start_proxy, pbx):
    """Bytes that trickle in do not extend the time that a client has to log in."""
    proxy = start_proxy({"pbx1": pbx}, auth={"timeout": "2s"})
    begin = time.monotonic()
    client, silent, logged_in = proxy.connect(), proxy.connect(), proxy.login("dave", Events="off")
    client.socket.settimeout(0.2)
    for byte in b"Action: Login\r\nUsername: dave\r\n" * 4:
        try:
            client.socket.send(bytes([byte]))
            if client.socket.recv(100) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    assert 1.5 <= time.monotonic() - begin <= promised(9)
    silent.read_to_end()
    assert logged_in.fence() == []


def test_r21_failed_logins_do_not_extend_the_deadline(start_proxy, pbx):
    """The time to log in is absolute: a client that keeps guessing is closed like a silent one."""
    proxy = start_proxy({"pbx1": pbx}, auth={"timeout": "2s"})
    client = proxy.connect()
    begin = time.monotonic()
    for number in range(20):
        client.send(Action="Login", Username="dave", Secret="guess", ActionID=str(number))
    assert len(client.read_to_end()) <= 3
    assert time.monotonic() - begin < 18  # a second for each guess would be twenty


def test_r20_many_silent_connections(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, auth={"timeout": "2s"})
    user = proxy.login("dave", Events="off")
    silent = [proxy.connect() for _ in range(scaled(300))]
    assert user.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    for client in silent:
        client.read_to_end()
    assert user.fence() == []


def test_limit_of_sessions(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"sessions": 5})
    held = []
    deadline = time.monotonic() + DEADLINE
    while len(held) < 5:  # the session that waited for the server may still be leaving
        assert time.monotonic() < deadline
        try:
            held.append(proxy.login("dave", Events="off"))
        except (Closed, OSError):
            continue
    extra = proxy.connect(banner=False)
    extra.read_to_end()
    assert all(client.fence() == [] for client in held)
    held[0].send(Action="Logoff")
    held[0].read_to_end()
    while True:
        try:
            assert time.monotonic() < deadline
            assert proxy.login("dave", Events="off").fence() == []
            break
        except (Closed, OSError):
            continue


def flood(pbx, readers, count, size=1000, batch=200):
    """Sends numbered events in batches, and reads them with the readers: only clients that do not read fall behind."""
    for start in range(0, count, batch):
        stop = min(count, start + batch)
        pbx.send_raw(
            b"".join(
                encode([("Event", "Tick"), ("Privilege", "call,all"), ("Number", number), ("Fill", "x" * size)])
                for number in range(start, stop)
            )
        )
        for reader in readers:
            assert [reader.read_message()["Number"] for _ in range(start, stop)] == [str(n) for n in range(start, stop)]


def test_c74_r07_slow_client_is_cut_off(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, env=LEAN, limits={"output_backlog": "1MiB"})
    reader, slow = proxy.login("dave", Events="call"), proxy.login("bill", receive_buffer=4096, Events="call")
    flood(pbx, [reader], 2000)
    before = proxy.memory_kib()
    flood(pbx, [reader], scaled(20000, 12000))
    proxy.wait_for_line("slow client", "session=")
    numbers = [int(message["Number"]) for message in slow.read_to_end()]
    assert numbers[:2000] == list(range(len(numbers[:2000])))
    assert proxy.memory_kib() - before < allowed_kib(16 * 1024)
    assert reader.fence() == []


def test_c74_r07_slow_client_skips(start_proxy, pbx):
    """Dropped messages are counted exactly: received and reported as dropped add up to all that were sent."""
    proxy = start_proxy({"pbx1": pbx}, limits={"output_backlog": "1MiB", "slow_client": "skip"})
    reader, slow = proxy.login("dave", Events="call"), proxy.login("bill", receive_buffer=4096, Events="call")
    count = scaled(15000, 12000)
    flood(pbx, [reader], count)
    ticks, dropped = [], 0
    while len(ticks) + dropped < count:
        message = slow.read_message()
        if message["Event"] == "EventsSkipped":
            assert message["Privilege"] == "system,all"
            dropped += int(message["Dropped"])
        else:
            ticks.append(int(message["Number"]))
    assert dropped > 0 and ticks == sorted(set(ticks)) and len(ticks) + dropped == count
    pbx.event("Last")
    assert slow.read_message()["Event"] == "Last"
    proxy.wait_for_line("slow client")


def test_r08_many_slow_clients_share_a_feed(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, env=LEAN, limits={"output_backlog": "1MiB", "slow_client": "skip"})
    slow = [proxy.login("bill", receive_buffer=4096, Events="call") for _ in range(scaled(40))]
    reader = proxy.login("bill", Events="call")
    before = proxy.memory_kib()
    flood(pbx, [reader], 8000)
    assert proxy.memory_kib() - before < allowed_kib(8 * 1024 * 4 + 64 * len(slow))


def test_r39_burst_keeps_order_for_all_readers(proxy, pbx):
    clients = [proxy.login("dave", Events="call") for _ in range(scaled(20))]
    flood(pbx, clients, scaled(4000), size=200, batch=500)


def test_slow_asker_of_large_answers_is_bounded(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, env=LEAN, limits={"output_backlog": "1MiB"})
    pbx.answers["GetConfig"] = lambda action: action.reply("Success", *[("Line", "x" * 1000)] * 200)
    slow, other = proxy.login("dave", receive_buffer=4096, Events="off"), proxy.login("bill", Events="off")
    before = proxy.memory_kib()
    wire = encode([("Action", "GetConfig"), ("Filename", "x"), ("ActionID", "g")])
    slow.socket.settimeout(1)
    try:
        for _ in range(100):
            slow.send_raw(wire)
    except OSError:
        pass
    assert other.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert other.fence() == []
    assert proxy.memory_kib() - before < allowed_kib(32 * 1024)


def test_actions_over_the_limit_in_flight_are_read_later(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"in_flight": 5})
    client = proxy.login("dave", Events="off")
    for number in range(20):
        client.send(Action="CoreStatus", ActionID=str(number))
    for number in range(20):
        assert len(pbx.actions) <= 5
        pbx.expect(Action="CoreStatus").reply("Success", Number=number)
        answer = client.read_message()
        assert (answer["ActionID"], answer["Number"]) == (str(number), str(number))


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(500),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP x\r\n\r\n",
        bytes(range(256)) * 4096,
    ],
    ids=["tls", "http", "ssh", "sip", "junk"],
)
def test_r50_wrong_protocol(proxy, pbx, junk):
    other = proxy.login("dave", Events="off")
    client = proxy.connect(banner=False)
    try:
        client.send_raw(junk)
        client.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    client.read_to_end()
    assert other.fence() == [] and pbx.actions == []


def test_half_close_is_answered_first(proxy, pbx):
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    client.send(Action="Ping", ActionID="2")
    client.socket.shutdown(socket.SHUT_WR)
    pbx.expect(Action="CoreStatus").reply()
    assert [message["ActionID"] for message in client.read_to_end()] == ["1", "2"]


def test_connections_come_and_go(proxy):
    proxy.login("dave", Events="off").close()
    watcher = proxy.login("dave", Events="off")
    watcher.fence()
    before = proxy.descriptors()
    for number in range(scaled(200)):
        client = Client(proxy.address)
        client.send(Action="Login", Username="dave", Secret=secret_of("dave"))
        client.reset() if number % 2 else client.close()
    deadline = time.monotonic() + DEADLINE
    while proxy.descriptors() > before + 2:  # each round trip gives the proxy time to see the ends
        assert time.monotonic() < deadline, "descriptors are left over"
        assert watcher.fence() == []
