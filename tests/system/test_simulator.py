"""The simulator alone, over raw sockets: the behaviour on which the tests of the proxy rely."""

import contextlib
import hashlib
import os
import re
import select
import signal
import socket
import ssl
import subprocess
import time

import pytest

from sim_helper import BUILD, Client, Simulator, header

QUIET = {"Events": "off"}


def test_plain_login_is_as_captured():
    with Simulator("--read", "all") as simulator:
        client = simulator.connect(login=False)
        assert client.banner == "Asterisk Call Manager/13.0.0"
        client.send("Action: Login", "Username: ADMIN", "Secret: secret")
        assert client.message() == "Response: Success\nMessage: Authentication accepted"
        booted = client.message()
        assert re.fullmatch(
            r"Event: FullyBooted\nPrivilege: system,all\nUptime: \d+\nLastReload: \d+\n"
            r"Status: Fully Booted",
            booted,
        )
        assert client.message().startswith("Event: SuccessfulAuth\nPrivilege: security,all\n")
        assert (
            client.ask("Action: Login", "ActionID: e8")
            == "Response: Success\nActionID: e8\nMessage: Already authenticated"
        )


def test_challenge_is_per_connection_and_accepts_only_its_digest():
    with Simulator() as simulator:
        first, second = (simulator.connect(login=False) for _ in range(2))
        answers = [client.ask("Action: Challenge", "AuthType: md5") for client in (first, second)]
        assert header(answers[0], "Challenge") != header(answers[1], "Challenge")
        assert first.ask("Action: Challenge", "AuthType: MD5") == answers[0]
        assert header(first.ask("Action: Challenge"), "Message") == "Must specify AuthType"
        key = hashlib.md5((header(answers[0], "Challenge") + "secret").encode()).hexdigest()
        login = ("Action: Login", "AuthType: MD5", "Username: admin", f"Key: {key}", "Events: off")
        assert "accepted" in first.ask(*login)
        assert "Authentication failed" in second.ask(*login)
        assert second.is_closed()


def test_failed_login_is_answered_late_and_closed():
    with Simulator() as simulator:
        client = simulator.connect(login=False)
        assert client.ask("Action: Ping", "ActionID: e1") == "Response: Error\nActionID: e1\nMessage: Permission denied"
        start = time.monotonic()
        client.send("Action: Login", "ActionID: e2", "Username: admin", "Secret: secret ")
        assert client.message() == "Response: Error\nActionID: e2\nMessage: Authentication failed"
        assert time.monotonic() - start > 0.9
        assert client.is_closed()


ERRORS = [
    (("ActionID: e3", "X: y"), "Missing action in request"),
    (
        ("Action: NoSuchAction", "ActionID: e4"),
        "Invalid/unknown command: NoSuchAction. Use Action: ListCommands to show available commands.",
    ),
    (
        ("Action: Ping ", "ActionID: e4"),
        "Invalid/unknown command: Ping . Use Action: ListCommands to show available commands.",
    ),
    (("Action: Hangup", "ActionID: e5"), "No channel specified"),
    (("Action: Hangup", "ActionID: e6", "Channel: PJSIP/none"), "No such channel"),
    (("Action: Originate", "ActionID: e9"), "Channel not specified"),
    (("Action: Originate", "ActionID: e10", "Channel: Local/a@b", "Priority: x"), "Invalid priority"),
    (("Action: DBGet", "ActionID: e17", "Family: a", "Key: z"), "Database entry not found"),
    (("Action: Command", "ActionID: e21"), "No command provided"),
    (("Action: Events", "ActionID: e0"), "Invalid event mask"),
]


def captured_errors():
    folder = os.path.join(os.environ.get("AMP_SOURCE", "."), "tests", "data", "captures")
    names = [name for name in os.listdir(folder) if name.startswith("responses-and-errors")]
    with open(os.path.join(folder, names[0]), encoding="latin-1", newline="") as file:
        return file.read().replace("\r\n", "\n").split("\n\n")


def test_errors_have_the_captured_texts():
    captured = captured_errors()
    with Simulator() as simulator:
        client = simulator.connect(**QUIET)
        for request, text in ERRORS:
            answer = client.ask(*request)
            action_id = header("\n".join(request), "ActionID")
            assert answer == f"Response: Error\nActionID: {action_id}\nMessage: {text}"
            same = [message for message in captured if header(message, "ActionID") == action_id]
            assert not same or action_id == "e4" or answer in same
        command = client.ask("Action: Command", "ActionID: e20", "Command: no such cli command")
        assert command in captured


def test_framing_limits():
    with Simulator() as simulator:
        client = simulator.connect(**QUIET)
        too_long = "Failed to parse message: line too long"
        assert "Pong" in client.ask("Action: Ping", "X: " + "x" * 1019)
        assert header(client.ask("Action: Ping", "ActionID: a", "X: " + "x" * 2000), "Message") == too_long
        assert header(client.ask("Action: Ping", "X: " + "x" * 1020), "Message") == too_long
        assert header(client.message(), "Message") == "Missing action in request"  # the desync trap
        assert "Pong" in client.ask("Action: Ping", *["X: y"] * 127)
        assert (
            header(client.ask("Action: Ping", *["X: y"] * 128), "Message")
            == "Too many lines in message or allocation failure"
        )
        client.socket.sendall(b"Action:\nAction: Ping\nActionID: a\0b\n\nAction:Ping\r\n\r\n")
        assert header(client.message(), "ActionID") == "a"
        assert "Pong" in client.message()
        client.socket.sendall(b"Action: Ping\r\n\r\nAction: Ping\r\n\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        assert all("Pong" in client.message() for _ in range(2))
        assert client.is_closed()


def test_masks():
    with Simulator() as simulator:
        client = simulator.connect(**QUIET)
        sender = simulator.connect(**QUIET)
        for mask, state, wanted in (
            ("user", "On", True),
            ("system, user", "On", False),
            ("u,call", "On", True),
            (",call", "On", True),
            ("64", "On", True),
            ("1", "On", False),
            ("0", "Off", False),
        ):
            assert header(client.ask("Action: Events", f"EventMask: {mask}"), "Events") == state
            sender.ask("Action: UserEvent", "UserEvent: Mark", "ActionID: u1", "Tag: x")
            client.send("Action: Ping")
            messages = client.until("Response: Success\nPing")
            expected = ["Event: UserEvent\nPrivilege: user,all\nUserEvent: Mark\nActionID: u1\nTag: x"] * wanted
            assert messages[:-1] == expected, mask


def test_one_action_at_a_time():
    with Simulator() as simulator:
        slow = simulator.connect(Events="user")
        other = simulator.connect(**QUIET)
        start = time.monotonic()
        slow.send("Action: Command", "ActionID: c", "Command: sleep 3000", "", "Action: Ping", "ActionID: p")
        other.ask("Action: Ping")  # by now it has read what was there before
        other.ask("Action: UserEvent", "UserEvent: Mark")
        assert not slow.has_data()
        assert header(slow.message(), "ActionID") == "c"
        assert time.monotonic() - start > 2.9
        assert slow.message().startswith("Event: UserEvent")
        assert header(slow.message(), "ActionID") == "p"


ORIGINATE = (
    "Action: Originate",
    "ActionID: o1",
    "Channel: Local/short@tenant-a",
    "Context: tenant-b",
    "Exten: short",
    "Priority: 1",
    "CallerID: Alice <1001>",
    "Account: acme",
    "Variable: TAG=one",
)


def test_originate_plays_a_call():
    with Simulator("--answer-ms", "100", "--talk-ms", "200") as simulator:
        client = simulator.connect()
        watcher = simulator.connect(**QUIET)
        client.until("Event: FullyBooted")
        assert "queued" in client.ask(*ORIGINATE, "Async: true")
        watcher.send("Action: CoreShowChannels", "ActionID: l")
        listed = watcher.until("Event: CoreShowChannelsComplete")
        assert len(listed) == 4 and header(listed[-1], "ListItems") == "2"
        events = [client.message()]
        while sum(event.startswith("Event: Hangup\n") for event in events) < 2:
            events.append(client.message())
        names = [event.split("\n")[0][7:] for event in events]
        for name in ("Newchannel", "LocalBridge", "DialBegin", "DialEnd", "OriginateResponse", "Cdr", "CEL", "VarSet"):
            assert name in names
        response = next(event for event in events if event.startswith("Event: OriginateResponse"))
        assert response.split("\n")[2:4] == ["ActionID: o1", "Response: Success"] and header(response, "Reason") == "4"
        start = time.monotonic()
        assert "queued" in watcher.ask(*ORIGINATE)
        assert time.monotonic() - start > 0.09
        assert "Originate failed" in watcher.ask(*ORIGINATE, "Timeout: 10")


def test_queues_and_database():
    with Simulator() as simulator:
        client = simulator.connect(Events="agent")
        client.send("Action: QueueStatus", "ActionID: q", "Queue: sales")
        assert header(client.until("Event: QueueStatusComplete")[-1], "ListItems") == "5"
        assert "Added" in client.ask("Action: QueueAdd", "Queue: sales", "Interface: PJSIP/9")
        assert client.message().startswith("Event: QueueMemberAdded\nPrivilege: agent,all\nQueue: sales\n")
        assert "paused" in client.ask("Action: QueuePause", "Interface: PJSIP/9", "Paused: 1")
        assert header(client.message(), "Paused") == "1"
        assert "Removed" in client.ask("Action: QueueRemove", "Queue: sales", "Interface: PJSIP/9")
        client.ask("Action: DBPut", "Family: a", "Key: b", "Val: hello world")
        client.send("Action: DBGet", "ActionID: e19", "Family: a", "Key: b")
        assert header(client.until("Event: DBGetResponse")[-1], "Val") == "hello world"


def test_every_listed_action_answers():
    with Simulator("--calls", "5") as simulator:
        client = simulator.connect(**QUIET)
        names = re.findall(r"^(\w+): .*\(Priv: ", client.ask("Action: ListCommands"), re.M)
        assert len(names) > 35
        for name in set(names) - {"Logoff", "Login", "WaitEvent"}:
            assert header(client.ask(f"Action: {name}", f"ActionID: {name}"), "ActionID") == name
            client.send("Action: Ping", "ActionID: end")
            while header(client.message(), "ActionID") != "end":
                pass
        assert client.ask("Action: Logoff") == "Response: Goodbye\nMessage: Thanks for all the fish."
        assert client.is_closed()


def transcript(seed):
    with Simulator("--seed", seed, "--answer-ms", "20", "--talk-ms", "20") as simulator:
        client = simulator.connect()
        client.send("Action: Challenge", "AuthType: MD5")
        client.send(*ORIGINATE, "Async: true")
        messages = client.until("Event: Hangup")
    return re.sub(
        r"\d{4}-\d\d-\d\d[ T]\S+|(?<=Uptime: )\d+|(?<=LastReload: )\d+|(?<=Duration: )\d+|(?<=BillableSeconds: )\d+",
        "T",
        "\n\n".join(messages),
    )


def test_same_seed_same_bytes():
    assert transcript("7") == transcript("7")
    assert transcript("7") != transcript("8")


def test_background_events_are_numbered():
    with Simulator() as simulator:
        client = simulator.connect(Events="call,dialplan")
        client.send("Action: SimControl", "Events: 20000", "Rate: 20000")
        client.until("Response: ")
        for number in range(1, 20001):
            assert int(header(client.message(), "SimSequence")) == number
        client.send("Action: Ping")
        assert "Pong" in client.message()


@pytest.mark.parametrize("option", [["--cut"], ["--cut", "3"], ["--split", "7"], ["--cut", "--split", "5"]])
def test_cut_messages_come_whole(option):
    with Simulator(*option) as simulator:
        client = simulator.connect()
        for number in range(20):
            assert header(client.ask("Action: Ping", f"ActionID: {number}"), "ActionID") == str(number)


def test_faults():
    with Simulator("--drop-after", "3", "--refuse-login", "1") as simulator:
        refused = simulator.connect(login=False)
        assert "failed" in refused.ask("Action: Login", "Username: admin", "Secret: secret")
        client = simulator.connect(**QUIET)
        assert "Pong" in client.ask("Action: Ping") and "Pong" in client.ask("Action: Ping")
        assert client.is_closed()
    with Simulator("--stall-after", "2") as simulator:
        client, other = simulator.connect(**QUIET), simulator.connect(**QUIET)
        assert "Pong" in client.ask("Action: Ping")
        client.send("Action: Ping")
        assert "Pong" in other.ask("Action: Ping")  # came later, and is answered
        assert not client.has_data()
    with Simulator() as simulator:
        client, other = simulator.connect(**QUIET), simulator.connect(**QUIET)
        client.ask("Action: SimControl", "Stall: 300", "Connection: others")
        start = time.monotonic()
        assert "Pong" in other.ask("Action: Ping")
        assert time.monotonic() - start > 0.2
        client.ask("Action: SimControl", "Drop: 1")
        assert "Pong" in client.ask("Action: Ping") and client.is_closed()
        other.send("Action: SimControl", "Kill: yes")
        assert other.is_closed()


def test_slow_reader_is_dropped():
    with Simulator() as simulator:
        slow, other = simulator.connect(), simulator.connect(**QUIET)
        other.ask("Action: SimControl", "Rate: 500000", "Events: 400000")
        slow.socket.setblocking(False)
        reset = select.poll()
        reset.register(slow.socket, 0)  # a reset is reported whatever is asked for
        deadline = time.monotonic() + 60
        while not reset.poll(200):
            assert time.monotonic() < deadline, "the slow reader is still connected"
            assert "Pong" in other.ask("Action: Ping")
            with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                slow.socket.sendall(b"Action: Ping\r\n\r\n")  # a closed connection is reset by what comes for it


def test_legacy_dialect():
    with Simulator("--legacy", "--lists", "2") as simulator:
        client = simulator.connect(login=False)
        assert client.banner == "Asterisk Call Manager/1.1"
        client.login()
        assert client.message() == "Event: FullyBooted\nPrivilege: system,all\nStatus: Fully Booted"
        client.send("Action: Command", "ActionID: c", "Command: lines 2")
        assert (
            client.message()
            == "Response: Follows\nPrivilege: Command\nActionID: c\nline 1 of 2\nline 2 of 2\n--END COMMAND--"
        )
        client.send("Action: CoreShowChannels")
        messages = client.until("Event: CoreShowChannelsComplete")
        assert len(messages) == 4 and "EventList" not in "".join(messages)


def test_big_list_and_output_are_whole():
    with Simulator("--lists", "10000", "--rate", "200") as simulator:  # more is too much for a busy machine
        client = simulator.connect()
        client.send("Action: CoreShowChannels", "ActionID: l")
        client.until("Response: Success\nActionID: l")
        items = [client.message() for _ in range(10001)]
        assert all(item.startswith("Event: CoreShowChannel\nActionID: l") for item in items[:-1])
        assert header(items[-1], "ListItems") == "10000"
        assert client.ask("Action: Command", "Command: lines 50000").count("Output: ") == 50000


def test_tls(tmp_path):
    pem = tmp_path / "sim.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            pem,
            "-out",
            tmp_path / "cert.pem",
        ],
        check=True,
        capture_output=True,
    )
    pem.write_text(pem.read_text() + (tmp_path / "cert.pem").read_text())
    with Simulator("--tls", str(pem)) as simulator:
        context = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        plain = socket.create_connection(("127.0.0.1", simulator.port))
        client = Client(context.wrap_socket(plain, server_hostname="localhost"))
        client.login()
        assert client.ask("Action: Command", "Command: lines 20000").count("Output: ") == 20000
        client.close()


def test_port_file_may_be_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with Simulator("--port-file", str(tmp_path / "pipe")) as simulator:
        assert int(os.read(reader, 64)) == simulator.port
    os.close(reader)


def test_log_and_port_file(tmp_path):
    with Simulator("--log", str(tmp_path / "log"), "--port-file", str(tmp_path / "port")) as simulator:
        assert int((tmp_path / "port").read_text()) == simulator.port
        simulator.connect(**QUIET).ask("Action: Ping", "ActionID: x|y")
        assert (tmp_path / "log").read_text().splitlines()[
            -1
        ] == r"connection=1 Action=Ping ActionID=x\x7cy | Action: Ping | ActionID: x\x7cy"


def test_term_tells_clients():
    simulator = Simulator()
    client = simulator.connect()
    simulator.process.send_signal(signal.SIGTERM)
    assert client.until("Event: Shutdown")[-1].endswith("Shutdown: Cleanly\nRestart: False")
    assert client.is_closed()
    assert simulator.process.wait(10) == 0
    simulator.process.stdout.close()


@pytest.mark.parametrize("options", [["--nonsense"], ["--port", "x"], ["--address", "0.0.0.0"], ["word"], ["--user"]])
def test_bad_options_are_one_line(options):
    done = subprocess.run([os.path.join(BUILD, "astmansim"), *options], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and done.stderr.startswith("astmansim: ")
