"""What a client says first, and when: after a silence, before and after a handshake, on every kind of listener. Who waits gets the
banner where there is one; nobody else ever sees it, and nothing that was said late is lost without a word."""

import json
import ssl

import pytest

from harness.certificates import Authority
from harness.client import Client
from harness.limits import Deadline
from harness.proxy import secret_of
from harness.web import ALL_PLUGINS, basic

KINDS = ("standard", "http", "json", "xml", "csv")
LISTENERS = [
    (form, tls)
    for form in ("standard", "auto", "http", "json", "xml", "csv")
    for tls in ("off", "optional", "required")
]
BANNER = b"Asterisk Call Manager/"
LATE = "client speaks {} on a connection that was given the AMI banner (detect_timeout)"


def first_words(kind, host):
    pairs = [("Action", "Login"), ("Username", "dave"), ("Secret", secret_of("dave")), ("Events", "off")]
    return {
        "standard": "".join(f"{name}: {value}\r\n" for name, value in pairs) + "\r\n",
        "json": json.dumps(dict(pairs)) + "\n",
        "xml": "<AsteriskManagerInput>"
        + "".join(f'<{name} Value="{value}"/>' for name, value in pairs)
        + "</AsteriskManagerInput>",
        "csv": ",".join(f'"{name}: {value}"' for name, value in pairs) + "\r\n",
        "http": f"GET /?Action=Ping HTTP/1.1\r\nHost: {host}\r\nAuthorization: {basic()}\r\n\r\n",
    }[kind].encode()


class Probe:
    """A client of one listener. `heard` is all that it was sent."""

    def __init__(self, proxy, listener, kind, context=None):
        self.form, self.tls = listener
        self.kind, self.context = kind, context
        self.client = Client(proxy.addresses[LISTENERS.index(listener)], banner=False)
        proxy.clients.append(self.client)
        self.refused = False

    def __repr__(self):
        return (
            f"<{self.kind} {'encrypted' if self.context else 'plain'} on {self.form}, tls {self.tls}: {self.heard()!r}>"
        )

    def heard(self):
        return self.client.buffer

    def shake_hands(self):
        if self.context is None:
            return
        try:
            self.client.socket.settimeout(Deadline().left())
            self.client.socket = self.context.wrap_socket(self.client.socket, server_hostname="localhost")
        except (ssl.SSLError, ConnectionError):
            self.refused = True

    def speak(self):
        host = "localhost:1"
        try:
            self.client.send_raw(first_words(self.kind, host))
        except OSError:
            self.refused = True

    def wait_for(self, words):
        deadline = Deadline()
        while words not in self.client.buffer:
            self.client._fill(deadline, words)

    def is_answered(self):
        """Is its action done? If not, the connection is closed."""
        word = b"HTTP/1.1 200" if self.kind == "http" else b"Authentication accepted"
        deadline = Deadline()
        while word not in self.client.buffer and not self.client.ended:
            self.client._fill(deadline, word)
        return word in self.client.buffer


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    """Of the file: certificates take longer than most of the tests."""
    folder = tmp_path_factory.mktemp("authority")
    folder.chmod(0o755)
    authority = Authority(str(folder))
    made = ssl.create_default_context(cafile=authority.certificate)
    made.pem = authority.issue("proxy")
    return made


@pytest.fixture
def proxy(start_proxy, pbx, context):
    listen = [
        {
            "address": "127.0.0.1",
            "port": 0,
            "input": form,
            "output": "standard" if form in ("auto", "http") else form,
            "tls": tls,
        }
        for form, tls in LISTENERS
    ]
    return start_proxy(
        {"pbx1": pbx},
        listen=listen,
        tls={"certificate": context.pem},
        plugins=ALL_PLUGINS,
        http={"hosts": ["localhost"]},
    )


def outlast_detection(proxy):
    """Until a connection that is opened now gets its banner: for all earlier ones detect_timeout is over, too."""
    Probe(proxy, ("auto", "off"), "standard").wait_for(BANNER)


def be_silent(proxy, probes):
    """All probes at once. Listeners without a banner send nothing meanwhile."""
    outlast_detection(proxy)
    for probe in probes:
        if probe.form in ("standard", "auto") and not (
            probe.tls == "required" and not isinstance(probe.client.socket, ssl.SSLSocket)
        ):
            probe.wait_for(BANNER)


def late_lines(proxy, what):
    return sum(LATE.format(what) in line for line in proxy.lines)


def wait_for_lines(proxy, what, count):
    proxy.wait_until(lambda lines: sum(LATE.format(what) in line for line in lines) >= count, what)
    assert late_lines(proxy, what) == count


@pytest.mark.parametrize("tls", ["off", "optional", "required"])
def test_f30_listeners_of_one_format_wait_for_the_first_byte(proxy, context, tls):
    """Plain and encrypted, silent before the handshake and after it; no banner, ever."""
    probes = []
    for form in ("http", "json", "xml", "csv"):
        if tls != "required":
            probes.append(Probe(proxy, (form, tls), form))
        if tls != "off":
            probes.append(Probe(proxy, (form, tls), form, context))
    be_silent(proxy, probes)
    for probe in probes:
        probe.shake_hands()
    be_silent(proxy, probes)
    for probe in probes:
        probe.speak()
        assert probe.is_answered() and BANNER not in probe.heard(), probe
    assert not any("(detect_timeout)" in line for line in proxy.lines)


@pytest.mark.parametrize(
    "tls, encrypted", [("off", False), ("optional", False), ("optional", True), ("required", True)]
)
def test_f30_what_is_said_late_on_auto(proxy, context, tls, encrypted):
    """AMI is what was waited for; JSON, XML, CSV are read all the same; HTTP is closed, and the log says why."""
    probes = []
    for kind in KINDS:
        probes.append(Probe(proxy, ("auto", tls), kind, context if encrypted else None))
        if tls != "required":
            probes[-1].shake_hands()  # within detect_timeout
    if tls == "required":
        outlast_detection(proxy)  # before the handshake no protocol is guessed
        for probe in probes:
            probe.shake_hands()
    be_silent(proxy, probes)
    for probe in probes:
        probe.speak()
        assert probe.is_answered() == (probe.kind != "http"), probe
        assert probe.heard().startswith(BANNER) and b"HTTP" not in probe.heard(), probe
    for kind in KINDS:
        wait_for_lines(proxy, kind.upper(), 0 if kind == "standard" else 1)


@pytest.mark.parametrize("form", ["auto", "standard"])
def test_f30_a_late_handshake(proxy, context, form):
    """Who is silent first is plain where that is possible: it was given the banner, and the log says so."""
    modes = ("off", "optional", "required") if form == "auto" else ("optional", "required")
    probes = [Probe(proxy, (form, tls), "standard", context) for tls in modes]
    be_silent(proxy, probes)
    for probe in probes:
        probe.shake_hands()
    assert [probe.refused for probe in probes] == [tls != "required" for tls in modes]
    probes[-1].speak()
    assert probes[-1].is_answered()
    wait_for_lines(proxy, "TLS", len(modes) - 1)


@pytest.mark.parametrize("size", [1, 4])
def test_f30_late_words_in_pieces(proxy, size):
    """It is looked at as long as it is not sure, however it is cut."""
    probes = [Probe(proxy, ("auto", "off"), kind) for kind in KINDS]
    be_silent(proxy, probes)
    for probe in probes:
        words = first_words(probe.kind, "localhost:1")
        for start in range(0, len(words), size):
            try:
                probe.client.send_raw(words[start : start + size])
            except OSError:
                break
        assert probe.is_answered() == (probe.kind != "http"), probe


def test_f30_what_is_said_at_once(proxy, context):
    """Without a silence all of it works on auto, encrypted or not."""
    for tls, encrypted in (("off", False), ("optional", False), ("optional", True), ("required", True)):
        for kind in KINDS:
            probe = Probe(proxy, ("auto", tls), kind, context if encrypted else None)
            probe.shake_hands()
            probe.speak()
            assert probe.is_answered(), probe
            assert (BANNER in probe.heard()) == (kind == "standard"), probe
    assert not any("(detect_timeout)" in line for line in proxy.lines)


def test_f30_who_never_says_anything_is_closed(start_proxy, pbx, context):
    """Waiting for a first byte has its end, too."""
    listen = [
        {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"},
        {"address": "127.0.0.1", "port": 0, "input": "http", "output": "json", "tls": "optional"},
    ]
    proxy = start_proxy(
        {"pbx1": pbx},
        listen=listen,
        tls={"certificate": context.pem},
        plugins=ALL_PLUGINS,
        auth={"required": False, "timeout": "300ms"},
        up=[],
    )
    client = Client(proxy.addresses[1], banner=False)
    proxy.clients.append(client)
    assert client.read_to_end() == [] and client.buffer == b""
    proxy.wait_for_line("session closed", "sent nothing in time")


def test_f30_who_only_listens_is_served(start_proxy, pbx, context):
    """Where no login is required and a format has no banner, a silent client gets events: it is plain then."""
    listen = [
        {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"},
        {"address": "127.0.0.1", "port": 0, "input": "json", "output": "json", "tls": "optional"},
    ]
    proxy = start_proxy(
        {"pbx1": pbx}, listen=listen, tls={"certificate": context.pem}, plugins=ALL_PLUGINS, auth={"required": False}
    )
    client = Client(proxy.addresses[1], banner=False)
    proxy.clients.append(client)
    deadline = Deadline()
    number = 0
    while b"Newchannel" not in client.buffer:  # until it is taken for one that listens
        pbx.event("Newchannel", "call,all", Channel=f"SIP/1-{number}", Uniqueid=str(number))
        number += 1
        client.socket.settimeout(0.05)
        try:
            client.buffer += client.socket.recv(1 << 16)
        except TimeoutError:
            assert not deadline.passed()
    client.send_raw(b"\x16\x03\x01\x00\x05hello")
    proxy.wait_for_line("client speaks TLS on a connection that was taken for a plain one (detect_timeout)")
    client.read_to_end()


def closed_without_a_word(probe):
    """All that it was sent until it was closed."""
    deadline = Deadline()
    while not probe.client.ended:
        probe.client._fill(deadline, "the end")
    return probe.heard()


HELLO = bytes([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]) + bytes(32)


def count_lines(proxy, *texts):
    return sum(any(text in line for text in texts) for line in proxy.lines)


def test_f30_encryption_where_there_is_none(proxy):
    """Closed at once, long before the time to log in is over, and the log says why; with silence before it, too."""
    forms = ("standard", "auto", "http", "json", "xml", "csv")
    said = "client speaks TLS on a listener with tls: off"
    late = LATE.format("TLS")  # on `auto` silence has decided
    silent = {form: Probe(proxy, (form, "off"), form) for form in forms}
    be_silent(proxy, silent.values())
    for form in forms:
        before, before_at_once = count_lines(proxy, said, late), count_lines(proxy, said)
        for probe in (Probe(proxy, (form, "off"), form), silent[form]):
            probe.client.send_raw(HELLO)
            assert b"Response" not in closed_without_a_word(probe)
        proxy.wait_until(lambda _, most=before + 2: count_lines(proxy, said, late) >= most, said)
        assert count_lines(proxy, said) > before_at_once


def test_f30_another_format_than_the_listeners(proxy):
    for form in ("standard", "json", "xml", "csv"):
        for kind in ("json", "xml", "csv"):
            if form == kind:
                continue
            probe = Probe(proxy, (form, "off"), kind)
            probe.speak()
            assert f"This listener speaks {form}, not {kind}".encode() in closed_without_a_word(probe)
            proxy.wait_for_line(f"client speaks {kind} on a listener with input: {form}")


def test_f30_requests_on_a_listener_of_ami(proxy):
    said = "This is AMI, not HTTP"
    for method in ("GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE", "PATCH", "CONNECT", "TRACE", "PRI"):
        before = count_lines(proxy, said)
        probe = Probe(proxy, ("standard", "off"), "http")
        probe.client.send_raw(f"{method} / HTTP/1.1\r\nHost: x\r\n".encode())
        assert said.encode() in closed_without_a_word(probe)
        proxy.wait_until(lambda _, most=before + 1: count_lines(proxy, said) >= most, said)
