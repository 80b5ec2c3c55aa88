"""Plugins that break the rules: the log names the plugin, their session ends, all others go on."""

import os
import select
import socket
import subprocess

import pytest

from harness.limits import DEADLINE
from harness.process import BUILD, finds_races, is_sanitized
from harness.proxy import BINARY, USERS, secret_of, write_configuration

FORMAT, PROTOCOL = "wrong", "wrong-protocol"
LISTEN = {"address": "127.0.0.1", "port": 0, "tls": "off"}


@pytest.fixture
def start(start_proxy, pbx, tmp_path):
    """A proxy with the wrong plugins: AMI, then the wrong format, then the wrong protocol."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    os.chmod(tmp_path, 0o755)
    for name, source in (("standard", "plugins"), (FORMAT, "tests/plugins"), ("wrong_protocol", "tests/plugins")):
        os.symlink(os.path.join(BUILD, source, f"{name}.so"), folder / f"{name}.so")

    def begin(**sections):
        listen = [
            dict(LISTEN, input="standard"),
            dict(LISTEN, input=FORMAT, output=FORMAT),
            dict(LISTEN, input=PROTOCOL, output="standard"),
        ]
        return start_proxy(
            {"pbx1": pbx},
            listen=listen,
            plugins={"path": str(folder), "load": ["standard", FORMAT, "wrong_protocol"]},
            **sections,
        )

    return begin


class Line:
    """A connection on which lines are said."""

    def __init__(self, address, *lines):
        self.socket = socket.create_connection(address, DEADLINE)
        self.file = self.socket.makefile("rb")
        self.say(*lines)

    def say(self, *lines):
        self.socket.sendall("".join(line + "\n" for line in lines).encode())

    def block(self):
        """Lines up to an empty one."""
        lines = []
        while True:
            line = self.file.readline()
            assert line, f"closed after {lines}"
            if line == b"\r\n":
                return b"".join(lines).decode()
            lines.append(line)

    def pings(self):
        """Asks, and waits for the answer; events may come before it."""
        self.say("ping")
        while "Pong" not in self.block():
            pass

    def read_to_end(self):
        try:
            return self.file.read()
        except ConnectionError:
            return b""

    def close(self):
        self.file.close()
        self.socket.close()


def goes_on(proxy, *witnesses):
    for witness in witnesses:
        witness.pings()
    assert proxy.login("bill", Events="off").ask(Action="Ping")["Response"] == "Success"


def log_in(proxy):
    client = Line(proxy.addresses[1], f"login {secret_of('dave')}")
    assert "Authentication accepted" in client.block()
    return client


@pytest.mark.parametrize(
    "wrong, what",
    [
        ("more", "decode() used more bytes than it was given"),
        ("most", "decode() used more bytes than it was given"),
        ("negative", "decode() used more bytes than it was given"),
        ("null", "amp_input_header() with a length, but no bytes"),
        ("nameless", "amp_input_header() with a length, but no bytes"),
        ("reject", "amp_input_reject() without a reason"),
        ("fail", "amp_input_fail() without a reason"),
    ],
)
def test_f49_decoders(start, wrong, what):
    proxy = start()
    witness = log_in(proxy)
    client = log_in(proxy)
    client.pings()
    client.say(wrong, "ping")
    assert b"Pong" not in client.read_to_end()
    proxy.wait_for_line("plugin failed", f"plugin={FORMAT}", what)
    goes_on(proxy, witness)
    witness.close()
    client.close()


def test_f49_decoders_that_use_nothing_or_too_long_headers(start):
    proxy = start(limits={"message_bytes": "4KiB"})
    witness = log_in(proxy)
    for lines, said in ((["zero"] * 2000, b"Message too long"), (["huge"], b"Message too long")):
        client = log_in(proxy)
        client.say(*lines)
        assert said in client.read_to_end()
        client.close()
    goes_on(proxy, witness)
    witness.close()


def test_f49_decoder_that_cannot_be_made(start):
    proxy = start(wrong={"refuse": True})
    client = Line(proxy.addresses[1], "ping")
    assert client.read_to_end() == b""
    proxy.wait_for_line("the decoder could not be made")
    goes_on(proxy)
    client.close()


@pytest.mark.skipif(not is_sanitized() or finds_races(), reason="needs the address sanitizer")
@pytest.mark.parametrize("fault, told", [("read_behind_block", "heap-buffer-overflow"), ("overflow", "signed integer")])
def test_sanitizers_see_the_faults_of_a_plugin(tmp_path, fault, told):
    """The sanitizers are in the program alone; its plugins use these."""
    plugins = {"path": os.path.join(BUILD, "tests/plugins"), "load": [FORMAT]}
    path = str(tmp_path / "astmanproxy.yaml")
    listen = [dict(LISTEN, input=FORMAT, output=FORMAT)]
    write_configuration(path, {"plugins": plugins, "listen": listen, FORMAT: {fault: True}})
    ended = subprocess.run([BINARY, "-t", "-c", path], capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert ended.returncode != 0 and told in ended.stderr and "wrong.c" in ended.stderr, ended.stderr


@pytest.mark.parametrize("wrong", ["much", "most", "null"])
def test_f49_encoders(start, pbx, wrong):
    """An event: for all who read it in that format. An answer: for the session that asked."""
    proxy = start()
    dave = proxy.login("dave")
    readers = [log_in(proxy) for _ in range(3)]
    pbx.event("UserEvent", "user,all", N=1)
    for reader in readers:
        while "N: 1" not in reader.block():
            pass
    pbx.event("UserEvent", "user,all", Wrong=wrong)
    for reader in readers:
        assert b"Wrong" not in reader.read_to_end()
        reader.close()
    proxy.wait_for_line("plugin failed", f"plugin={FORMAT}", "encode() or a frame wrote too many bytes")
    assert dave.read_until(Event="UserEvent", Wrong=wrong)
    again = log_in(proxy)
    goes_on(proxy, again)
    again.close()


@pytest.mark.parametrize("wrong", ["nothing", "index"])
def test_f49_encoders_that_write_nothing_or_look_beyond(start, pbx, wrong):
    proxy = start()
    readers = [log_in(proxy) for _ in range(3)]
    for number in range(5):
        pbx.event("UserEvent", "user,all", Wrong=wrong)
        pbx.event("UserEvent", "user,all", N=number)
    for reader in readers:
        text = reader.block()
        while "N: 4" not in text:
            text = reader.block()
            assert wrong == "index" or "Wrong" not in text
        reader.close()
    goes_on(proxy)


MISUSES = {
    "more": "input() used more bytes",
    "most": "input() used more bytes",
    "write-null": "amp_session_write() with a null pointer or an impossible length",
    "write-most": "amp_session_write() with a null pointer or an impossible length",
    "encode-null": "amp_session_encode() without",
    "stream-null": "amp_session_stream() without",
    "header-null": "amp_input_header() with a length",
    "fail-null": "amp_input_fail() without",
}


@pytest.mark.parametrize("wrong", MISUSES)
def test_f49_protocols(start, wrong):
    proxy = start()
    witness, client = Line(proxy.addresses[2]), Line(proxy.addresses[2], "fine")
    assert client.file.readline() == b"fine\n"
    client.say(wrong, "fine")
    assert b"fine" not in client.read_to_end()
    proxy.wait_for_line("plugin failed", f"plugin={PROTOCOL}", MISUSES[wrong])
    witness.say("x")
    assert witness.file.readline() == b"fine\n"
    goes_on(proxy)
    for line in (witness, client):
        line.close()


@pytest.mark.parametrize("wrong", ["timer", "report", "report-null", "warn", "host", "release", "listen", "log-out"])
def test_f49_protocols_that_ask_for_what_is_not_there(start, pbx, wrong):
    proxy = start(auth={"required": False})
    client = Line(proxy.addresses[2], wrong, "fine")
    assert client.file.readline() == b"fine\n"
    pbx.event("UserEvent", "user,all", N=1)
    goes_on(proxy)
    client.close()


def test_f49_protocols_that_use_nothing(start):
    proxy = start(limits={"message_bytes": "4KiB"})
    client = Line(proxy.addresses[2], "zero")
    client.socket.setblocking(False)
    try:
        for _ in range(1000):  # the kernel takes it until the proxy has stopped reading
            client.socket.send(b"x" * 4096)
    except BlockingIOError:
        pass
    goes_on(proxy)
    client.close()


@pytest.mark.parametrize(
    "wrong",
    [
        "stream",
        "stream-null",
        "frame",
        "listen",
        "log-out",
        "hold",
        "ask",
        "finish",
        "write-null",
        "timer",
        "encode-null",
        "release",
        "header-null",
    ],
)
def test_f49_protocols_that_act_while_they_are_closed(start, pbx, wrong):
    proxy = start(auth={"required": False})
    for _ in range(5):
        client = Line(proxy.addresses[2], f"close-{wrong}")
        assert client.file.readline() == b"fine\n"
        client.close()
        pbx.event("UserEvent", "user,all", N=1)
    proxy.wait_until(lambda lines: sum("session closed" in line for line in lines) >= 6, "ends")
    for number in range(3):
        pbx.event("UserEvent", "user,all", N=number)
    goes_on(proxy)


def test_f49_protocols_that_ask_inside_an_answer(start):
    """Each action that the protocol hands in during the callback of an answer is executed, once and in order."""
    proxy = start(auth={"required": False})
    client = Line(proxy.addresses[2], "nested")
    for _ in range(51):
        assert "Pong" in client.block()
    client.say("fine")
    assert client.file.readline() == b"fine\n"
    goes_on(proxy)
    client.close()


def test_f49_frames(start, pbx):
    proxy = start(auth={"required": False})
    clients = [Line(proxy.addresses[2], "frame") for _ in range(3)]
    deadline = proxy.login("dave", Events="off")
    for client in clients:
        while not select.select([client.socket], [], [], 0.05)[0]:  # its stream may not have begun when the event came
            pbx.event("UserEvent", "user,all", N=1)
        client.read_to_end()
        client.close()
    proxy.wait_for_line("plugin failed", "plugin=standard", "a frame wrote too many bytes")
    assert deadline.ask(Action="Ping")["Response"] == "Success"
    goes_on(proxy)


def test_encoder_that_fails_where_a_refused_call_of_a_proxy_action_ends(start, scripts):
    """The session ends while its filter's verdict on the call is handed over."""
    root = scripts(
        filter_no="""return { action = function(a, _, by)
          if by then amp.sleep("20ms") return false, "not so" end
        end }""",
        action_Calls="""return { name = "Calls", run = function(_, reply)
          reply:ok{ Wrong = "much", Reason = amp.call{ Action = "Ping" }.reason }
        end }""",
    )
    users = [dict(user, filters=["no"]) if user["name"] == "dave" else user for user in USERS]
    proxy = start(users=users, scripts={"path": root, "proxy_actions": ["stock", "Calls"]})
    client = proxy.login("dave", Events="off")
    assert client.ask(ProxyAction="SetOutputFormat", OutputFormat=FORMAT)["ProxyResponse"] == "Success"
    client.send(ProxyAction="Calls")
    assert client.read_to_end() == []
    proxy.wait_for_line("plugin failed", f"plugin={FORMAT}")
    goes_on(proxy)


def test_a_proxy_action_calls_nobody_once_its_session_has_ended(start, scripts, pbx):
    """Its filters are gone with it: nobody would judge the call."""
    root = scripts(
        filter_no="return { action = function(a, _, by) return by == nil end }",
        action_Calls="""return { name = "Calls", run = function(_, reply)
          reply:begin{ Wrong = "much" }
          amp.call{ Action = "DBPut", Family = "f", Key = "k", Val = "v" }
        end }""",
    )
    users = [dict(user, filters=["no"]) if user["name"] == "dave" else user for user in USERS]
    proxy = start(users=users, scripts={"path": root, "proxy_actions": ["stock", "Calls"]})
    client = proxy.login("dave", Events="off")
    assert client.ask(ProxyAction="SetOutputFormat", OutputFormat=FORMAT)["ProxyResponse"] == "Success"
    client.send(ProxyAction="Calls")
    assert client.read_to_end() == []
    proxy.wait_for_line("plugin failed", f"plugin={FORMAT}")
    proxy.login("bill", Events="off").send(Action="DBGet", Family="f", Key="k")
    first = pbx.expect(Family="f")
    first.reply()
    assert first["Action"] == "DBGet"


def test_encoder_that_fails_at_the_last_words_of_a_script(start, scripts):
    """The session ends already: it does not end once more."""
    root = scripts(
        action_Words="""amp.on("session.closed", function(session) session:send{ Event = "Bye", Wrong = "much" } end)
        return { name = "Words", run = function(_, reply) reply:ok() end }"""
    )
    proxy = start(scripts={"path": root, "proxy_actions": ["stock", "Words"]})
    client = proxy.login("dave", Events="off")
    assert client.ask(ProxyAction="SetOutputFormat", OutputFormat=FORMAT)["ProxyResponse"] == "Success"
    number = client.ask(ProxyAction="ListSessions")["ProxyClientId"]
    client.close()
    proxy.wait_for_line(f"session={number} ", "to=dead")
    goes_on(proxy)
    assert sum("session closed" in line and f"session={number} " in line for line in proxy.lines) == 1
