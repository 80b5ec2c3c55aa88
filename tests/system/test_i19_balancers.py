"""Clients behind a balancer: the PROXY protocol and X-Forwarded-For say where a client comes from, from listed networks
only; rules, limits, failures, log, audit and ListSessions go by that address."""

import contextlib
import pathlib
import socket
import ssl
import struct
import time

import pytest

from harness.certificates import Authority
from harness.client import Client
from harness.limits import promised
from harness.message import encode
from harness.proxy import secret_of
from harness.tls import trusting
from harness.web import ALL_PLUGINS, Web, basic

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
TRUST = ["127.0.0.0/8"]
DAVE = basic()
LOGIN = encode([("Action", "Login"), ("Username", "dave"), ("Secret", secret_of("dave")), ("Events", "off")])


def line(client="203.0.113.7", port=51234, family="TCP4", target="192.0.2.1"):
    return f"PROXY {family} {client} {target} {port} 1234\r\n".encode()


def block(client="203.0.113.7", port=51234, command=1, family=None, tlvs=b"", rest=None):
    if rest is None:
        kind = socket.AF_INET6 if ":" in client else socket.AF_INET
        family = family if family is not None else (0x21 if ":" in client else 0x11)
        packed = socket.inet_pton(kind, client)
        rest = packed + packed + struct.pack("!HH", port, 1234)
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(rest + tlvs)) + rest + tlvs


@pytest.fixture
def start(start_proxy, pbx):
    """start(listen keys, sections) -> Proxy. Its first listener is plain, for the harness; the second is the test's."""

    def begin(more=None, **listen):
        entry = {"address": "127.0.0.1", "port": 0, "tls": "off", "trust": TRUST, **listen}
        plain = {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"}
        return start_proxy({"pbx1": pbx}, listen=[plain, entry], plugins=ALL_PLUGINS, **(more or {}))

    return begin


def arrive(proxy, header, source=None):
    """A client of a balancer that has sent `header`."""
    client = Client(proxy.addresses[1], banner=False, source=source)
    proxy.clients.append(client)
    client.send_raw(header)
    return client


def opened(proxy, address, before=0):
    """Waits until one more session than `before` has come from there."""
    proxy.wait_until(lambda lines: count(lines, "session opened", f"address={address}") > before, address)


def count(lines, *words):
    return sum(all(word in row for word in words) for row in lines)


HEADERS = {
    "v1": (line(), "203.0.113.7:51234"),
    "v1 ipv6": (line("2001:db8::9", family="TCP6", target="2001:db8::1"), "[2001:db8::9]:51234"),
    "v1 mapped": (line("::ffff:203.0.113.7", family="TCP6", target="::1"), "203.0.113.7:51234"),
    "v2": (block(), "203.0.113.7:51234"),
    "v2 ipv6": (block("2001:db8::9"), "[2001:db8::9]:51234"),
    "v2 with TLVs": (block(tlvs=b"\x04\x00\x03abc\x20\x00\x05\x01\0\0\0\0"), "203.0.113.7:51234"),
    "v2 longest": (block(tlvs=b"\x04\x0f\xe1" + b"x" * 4065), "203.0.113.7:51234"),
    "v2 unix": (block(family=0x31, rest=b"/run/x".ljust(216, b"\0")), "unix"),
    "v1 unknown": (b"PROXY UNKNOWN whatever stands here\r\n", "127.0.0.1:"),
    "v2 local": (block(command=0), "127.0.0.1:"),
    "v2 local, empty": (block(command=0, family=0, rest=b""), "127.0.0.1:"),
    "v2 unspecified": (block(family=0, rest=b""), "127.0.0.1:"),
    "none": (b"", "127.0.0.1:"),
}


@pytest.mark.parametrize("split", [False, True])
def test_the_client_is_the_one_that_the_header_names(start, split):
    """Whole, and byte by byte; the login that follows at once is read."""
    proxy = start(input="auto")
    for header, expected in HEADERS.values():
        before = count(proxy.lines, "session opened", f"address={expected}")
        client = arrive(proxy, b"")
        pieces = [header[i : i + 1] for i in range(len(header))] if split and len(header) < 400 else [header]
        for piece in pieces:
            client.send_raw(piece)
        client.send_raw(LOGIN)
        assert client.read_until(Response="Success")["Message"] == "Authentication accepted"
        opened(proxy, expected, before)


BROKEN = {
    "no family": b"PROXY \r\n",
    "bare LF": b"PROXY TCP4 203.0.113.7 192.0.2.1 1 2\n",
    "too long": b"PROXY UNKNOWN " + b"x" * 200,
    "port": b"PROXY TCP4 203.0.113.7 192.0.2.1 65536 1\r\n",
    "port with zeros": b"PROXY TCP4 203.0.113.7 192.0.2.1 01 1\r\n",
    "blanks": b"PROXY TCP4  203.0.113.7 192.0.2.1 1 1\r\n",
    "name": b"PROXY TCP4 localhost 192.0.2.1 1 1\r\n",
    "other family": b"PROXY TCP4 2001:db8::1 2001:db8::2 1 1\r\n",
    "NUL": b"PROXY TCP4 203.0.113.7\0 192.0.2.1 1 1\r\n",
    "v2 version": SIGNATURE + b"\x11\x11\x00\x0c" + b"x" * 12,
    "v2 command": SIGNATURE + b"\x22\x11\x00\x0c" + b"x" * 12,
    "v2 short": SIGNATURE + b"\x21\x11\x00\x0b" + b"x" * 11,
    "v2 short ipv6": SIGNATURE + b"\x21\x21\x00\x23" + b"x" * 35,
    "v2 short unix": SIGNATURE + b"\x21\x31\x00\xd7" + b"x" * 215,
    "v2 datagram": SIGNATURE + b"\x21\x12\x00\x0c" + b"x" * 12,
    "v2 family": SIGNATURE + b"\x21\x41\x00\x0c" + b"x" * 12,
    "v2 too long": SIGNATURE + b"\x21\x11\xff\xff",
}


def test_a_broken_header_ends_the_connection(start):
    """Nothing is sent, no session begins, and each is told and counted."""
    proxy = start(reports=True, input="http")
    before = count(proxy.lines, "session opened")
    for header in BROKEN.values():
        assert arrive(proxy, header + LOGIN).read_to_end() == []
    proxy.wait_until(lambda lines: count(lines, "PROXY header refused reason=") == len(BROKEN), "a line for each")
    assert count(proxy.lines, "session opened") == before
    refused = 'astmanproxy_connections_refused_total{reason="proxy_header"}'
    assert f"{refused} {len(BROKEN)}\n" in web(proxy).get("/metrics").text


def test_half_a_header_is_not_waited_for_without_end(start):
    proxy = start()
    began = time.monotonic()
    clients = [arrive(proxy, half) for half in (b"P", line()[:-1], SIGNATURE, block()[:-1])]
    for client in clients:
        client.read_to_end()
    assert 4 < time.monotonic() - began < promised(15)
    proxy.wait_until(lambda lines: sum("it is not complete" in row for row in lines) == 4, "four lines")


def test_required_and_off(start):
    required = start(proxy_protocol="required")
    client = arrive(required, LOGIN)
    client.read_to_end()
    required.wait_for_line("expected a header")
    arrive(required, line() + LOGIN).read_until(Response="Success")
    opened(required, "203.0.113.7:51234")
    off = start(proxy_protocol="off")
    arrive(off, line() + LOGIN).read_to_end()
    off.wait_for_line("PROXY header refused reason=")
    assert not any("203.0.113.7" in row for row in off.lines)


@pytest.mark.parametrize("header", [line(), block(), line()[:3]], ids=["v1", "v2", "begun"])
@pytest.mark.parametrize("kind", ["auto", "standard", "http"])
def test_a_lie_from_an_address_that_is_not_listed(start, header, kind):
    """It is refused, and nobody is taken for another."""
    proxy = start(input=kind, trust=["198.51.100.0/24"], deny=["203.0.113.0/24"])
    client = arrive(proxy, header)
    if header != line() and header != block():
        client.send_raw(line()[3:])
    client.send_raw(LOGIN)
    client.read_to_end()
    proxy.wait_for_line("PROXY header refused reason=")
    assert not any("address=203.0.113.7" in row for row in proxy.lines)


@pytest.mark.parametrize("kind", ["auto", "standard"])
def test_a_header_that_comes_too_late_does_not_make_the_client_the_balancer(start, kind):
    proxy = start(input=kind, detect_timeout="50ms", deny=["203.0.113.0/24"])
    before = count(proxy.lines, "login accepted")
    client = arrive(proxy, b"")
    client.read_line()  # the banner
    client.send_raw(line()[:4])
    client.send_raw(line()[4:] + LOGIN)
    client.read_to_end()
    proxy.wait_for_line("it came after detect_timeout")
    assert count(proxy.lines, "login accepted") == before


def test_a_silent_client_of_a_trusted_network_gets_the_banner(start):
    proxy = start(input="standard")
    client = Client(proxy.addresses[1])
    assert client.banner.startswith("Asterisk Call Manager")
    client.login("dave", secret_of("dave"))


def test_rules_are_those_of_the_client(start):
    """`allow` and `deny` judge the client; a balancer that is in no list may connect, one that is denied may not."""
    proxy = start(allow=["203.0.113.0/24"], deny=["203.0.113.66", "127.0.0.9"])
    arrive(proxy, line() + LOGIN).read_until(Response="Success")
    for refused in (line("198.51.100.1"), line("203.0.113.66"), block("2001:db8::1")):
        arrive(proxy, refused + LOGIN).read_to_end()
    arrive(proxy, line() + LOGIN, source="127.0.0.9").read_to_end()
    opened(proxy, "203.0.113.7:51234")
    proxy.wait_for_line("connection refused by address")


def test_a_users_address_is_that_of_the_client(start):
    users = [{"name": "dave", "secret": secret_of("dave"), "address": ["203.0.113.0/24", "127.0.0.1"]}]
    proxy = start(more={"users": users})
    arrive(proxy, line() + LOGIN).read_until(Response="Success")
    assert (
        "Authentication failed" in arrive(proxy, line("198.51.100.1") + LOGIN).read_until(Response="Error")["Message"]
    )


def test_limits_count_clients_and_not_the_balancer(start):
    proxy = start(more={"limits": {"per_address": 2}})
    for number in range(6):
        arrive(proxy, line(f"203.0.113.{number + 1}") + LOGIN).read_until(Response="Success")
    second = arrive(proxy, line("203.0.113.1", port=2) + LOGIN)
    second.read_until(Response="Success")
    third = arrive(proxy, line("203.0.113.1", port=3) + LOGIN)
    assert third.read_until(Response="Error")["Message"] == "Too many sessions of this address"


def test_failures_are_those_of_the_client(start):
    wrong = encode([("Action", "Login"), ("Username", "dave"), ("Secret", "wrong")])
    proxy = start(more={"auth": {"failures_per_minute": 2}})
    for port in range(2):
        arrive(proxy, line(port=port + 1) + wrong).read_until(Response="Error")
    arrive(proxy, line(port=9) + LOGIN).read_until(Response="Error")
    arrive(proxy, line("203.0.113.8") + LOGIN).read_until(Response="Success")
    proxy.wait_for_line("too many failures")


def test_the_header_comes_before_tls(start_proxy, pbx, tmp_path):
    authority = Authority(tmp_path)
    certificate = authority.issue("localhost")
    proxy = start_proxy(
        {"pbx1": pbx},
        listen=[
            {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"},
            {"address": "127.0.0.1", "port": 0, "tls": "required", "trust": TRUST},
        ],
        tls={"certificate": certificate, "key": certificate},
        plugins=ALL_PLUGINS,
    )
    client = Client(proxy.addresses[1], banner=False)
    proxy.clients.append(client)
    client.send_raw(block(tlvs=b"\x20\x00\x05\x01\0\0\0\0"))
    client.socket = trusting(authority).wrap_socket(client.socket, server_hostname="localhost")
    client.send_raw(LOGIN)
    client.read_until(Response="Success")
    opened(proxy, "203.0.113.7:51234")
    inside = Client(proxy.addresses[1], banner=False)
    proxy.clients.append(inside)
    inside.socket = trusting(authority).wrap_socket(inside.socket, server_hostname="localhost")
    inside.send_raw(line() + LOGIN)  # inside of TLS it is the client's own
    with contextlib.suppress(ssl.SSLError, OSError):
        inside.read_to_end()
    proxy.wait_for_line("PROXY header refused")


def test_a_reload_changes_who_is_trusted(start):
    proxy = start()
    arrive(proxy, line() + LOGIN).read_until(Response="Success")
    path = pathlib.Path(proxy.path)
    path.write_text(path.read_text().replace("127.0.0.0/8", "198.51.100.0/24"))
    proxy.make_readable()
    proxy.hang_up()
    arrive(proxy, line() + LOGIN).read_to_end()
    proxy.wait_for_line("not in the listener's trust")


# -- X-Forwarded-For


def web(proxy, auth=None):
    client = Web(proxy.addresses[1], auth)
    proxy.clients.append(client)
    return client


def who(client, forwarded=None, auth=DAVE, extra=""):
    """The address under which a request is answered: the test's own session in ListSessions."""
    client.auth = auth
    head = client.head("GET", "/?ProxyAction=ListSessions&format=standard")[:-2]
    values = [forwarded] if isinstance(forwarded, str) else forwarded or []
    head += "".join(f"X-Forwarded-For: {value}\r\n" for value in values) + extra
    client.send_raw(head + "\r\n")
    return client.read()


FORWARDED = {
    "203.0.113.7": "203.0.113.7",
    "203.0.113.7:4711": "203.0.113.7",
    "2001:db8::7": "2001:db8::7",
    "[2001:db8::7]:99": "2001:db8::7",
    "[2001:db8::7]": "2001:db8::7",
    "lies, 1.1.1.1, 203.0.113.7": "203.0.113.7",
    "203.0.113.7, 127.0.0.5, 127.0.0.6": "203.0.113.7",
    " 203.0.113.7 ,,": "203.0.113.7",
    "127.0.0.5": "127.0.0.5",
    ("198.51.100.1", "203.0.113.7"): "203.0.113.7",
    ("203.0.113.7", "127.0.0.5"): "203.0.113.7",
    "": "127.0.0.1",
}


def test_forwarded_for_is_read_from_its_end(start):
    """As far as those who wrote it are trusted; several headers are one list."""
    proxy = start(input="http")
    client = web(proxy)
    for value, expected in FORWARDED.items():
        answer = who(client, value if isinstance(value, str) else list(value))
        assert answer.status == 200 and f"ProxyClientSession: {expected}\r\n" in answer.text, (value, answer.text)


INVALID = ["nonsense", "203.0.113.7, unknown", "203.0.113", "[2001:db8::7", "1.2.3.4:99999", "::1:x", "[1.2.3.4]:5"]


def test_what_a_balancer_writes_must_be_addresses(start):
    proxy = start(input="http")
    client = web(proxy)
    for value in INVALID:
        answer = who(client, value)
        assert answer.status == 400 and "X-Forwarded-For" in answer.text, value
    proxy.wait_until(lambda lines: count(lines, "request of a balancer refused") == len(INVALID), "a line for each")


def test_forwarded_for_of_others_is_not_believed(start):
    proxy = start(input="http", trust=["198.51.100.0/24"], deny=["203.0.113.0/24"])
    answer = who(web(proxy), "203.0.113.7")
    assert answer.status == 200 and "203.0.113.7" not in answer.text


def test_requests_of_several_clients_over_one_connection(start):
    """Each request is judged by its own client; nobody inherits a login."""
    users = [
        {"name": "dave", "secret": secret_of("dave"), "address": ["203.0.113.7", "127.0.0.1"]},
        {"name": "bill", "secret": secret_of("bill")},
    ]
    proxy = start(input="http", deny=["203.0.113.66"], more={"users": users})
    client = web(proxy)
    assert who(client, "203.0.113.7").status == 200
    assert who(client, "203.0.113.8").status == 401  # dave's credentials, from where dave may not log in
    assert who(client, "203.0.113.7").status == 200
    assert who(client, "203.0.113.7", auth=None).status == 401
    assert who(client, "203.0.113.66").status == 403
    answer = who(client, "203.0.113.9", auth=basic("bill"))
    assert answer.status == 200 and "203.0.113.9" in answer.text
    assert who(client, "203.0.113.8").status == 401
    assert "127.0.0.1" in who(client, None).text  # the balancer itself
    proxy.wait_for_line("request of a balancer refused")


def test_limits_and_failures_count_the_forwarded_client(start):
    proxy = start(input="http", more={"limits": {"per_address": 2}, "auth": {"failures_per_minute": 2}})
    clients = [web(proxy) for _ in range(4)]
    for client in clients:
        assert who(client, None).status == 200  # a balancer's connections are not limited by its address
    assert [who(client, "203.0.113.7").status for client in clients] == [200, 200, 429, 429]
    assert who(clients[2], "203.0.113.8").status == 200
    for _ in range(2):
        assert who(clients[3], "203.0.113.9", auth=basic("dave", "wrong")).status == 401
    assert who(clients[3], "203.0.113.9").status == 429
    assert who(clients[3], "203.0.113.8").status == 200


def test_a_proxy_header_and_forwarded_for_together(start):
    """The header names the client, whose own X-Forwarded-For is not believed, unless it is a balancer, too."""
    proxy = start(input="http", trust=["127.0.0.0/8", "198.51.100.1"])
    client = web(proxy)
    client.send_raw(line())
    answer = who(client, "1.1.1.1")
    assert "203.0.113.7" in answer.text and "1.1.1.1" not in answer.text
    chained = web(proxy)
    chained.send_raw(line("198.51.100.1"))
    assert "203.0.113.77" in who(chained, "203.0.113.77").text


def test_without_a_login_a_client_gets_nothing_of_another(start):
    """`auth.required: false`: credentials are checked again after another client's request."""
    users = [
        {"name": "dave", "secret": secret_of("dave"), "address": ["203.0.113.7", "127.0.0.1"]},
        {"name": "bill", "secret": secret_of("bill")},
    ]
    proxy = start(input="http", more={"users": users, "auth": {"required": False}})
    client = web(proxy)
    assert who(client, "203.0.113.7").status == 200
    assert who(client, "203.0.113.8").status == 401


def test_the_audit_log_has_the_client(start, tmp_path):
    audit = tmp_path / "audit"
    audit.touch()
    audit.chmod(0o666)
    proxy = start(more={"log": {"to": "stderr", "level": "debug", "audit": str(audit)}})
    arrive(proxy, line() + LOGIN).read_until(Response="Success")
    proxy.stop()
    assert '"address":"203.0.113.7:51234"' in audit.read_text().replace(": ", ":")
