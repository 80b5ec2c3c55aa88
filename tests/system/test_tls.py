"""TLS towards clients, on the same port as plain connections, and towards servers."""

import asyncio
import json
import signal
import socket
import ssl
import subprocess
import threading

import pytest
import websockets

from harness.certificates import Authority
from harness.client import Client
from harness.proxy import SERVER_SECRET, secret_of
from harness.scripted import ScriptedServer
from harness.tls import TlsClient, trusting


@pytest.fixture
def secure(start_proxy, authority, pbx):
    """secure(tls mode, **more of `tls:`) -> a proxy with a certificate."""

    def start(mode="optional", servers=None, up=None, listen=None, **tls):
        tls.setdefault("certificate", authority.issue("proxy"))
        if mode == "required":
            up = []  # the fixture waits as a plain client
        return start_proxy(
            {"pbx1": pbx} if servers is None else servers, up=up, tls=tls, listen={"tls": mode, **(listen or {})}
        )

    return start


def login(client, name="dave", **more):
    answer = client.login(name, secret_of(name), **more)
    assert answer["Response"] == "Success"
    return client


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_c13_one_port_for_plain_and_tls(secure, authority, pbx, version):
    proxy = secure("optional")
    context = trusting(authority, minimum_version=version, maximum_version=version)
    encrypted = login(TlsClient(proxy.address, context), Events="call")
    plain = proxy.login("bill", Events="call")
    pbx.event("Newchannel", Channel="SIP/1")
    assert encrypted.read_message()["Channel"] == plain.read_message()["Channel"] == "SIP/1"
    encrypted.send(Action="CoreStatus", ActionID="e")
    pbx.expect(Action="CoreStatus").reply()
    assert encrypted.response("e")["Response"] == "Success"
    encrypted.close()


def test_tls_is_looked_up_before_the_format(secure, authority):
    """The same port: a plain client and a TLS client that both wait for their banner."""
    proxy = secure("optional", listen={"input": "auto"})
    assert proxy.connect().banner.startswith("Asterisk Call Manager/")
    silent = TlsClient(proxy.address, trusting(authority))
    assert silent.banner.startswith("Asterisk Call Manager/")
    login(silent)
    silent.close()


def test_required_refuses_plain(secure, authority):
    proxy = secure("required")
    plain = Client(proxy.address, banner=False)
    plain.send(Action="Ping")
    assert plain.read_to_end() == []
    proxy.wait_until(lambda lines: any("session closed" in line and "TLS" in line for line in lines), "a reason")
    login(TlsClient(proxy.address, trusting(authority))).close()


def test_many_bytes_both_ways(secure, authority, pbx):
    """Records, short writes and back pressure: nothing is lost or repeated."""
    proxy = secure("optional")
    client = login(TlsClient(proxy.address, trusting(authority)), Events="off")
    client.send(Action="Command", Command="x", ActionID="big")
    lines = [("Output", f"{number:06d} " + "x" * 900) for number in range(6000)]
    action = pbx.expect(Action="Command")
    writer = threading.Thread(target=action.reply, args=("Success", ("Message", "Command output follows"), *lines))
    writer.start()
    answer = client.response("big")
    writer.join()
    assert answer.headers[3:-1] == lines
    ids = [f"{number}-" + "y" * 500 for number in range(60)]
    client.send_raw(b"".join(f"Action: Ping\r\nActionID: {item}\r\n\r\n".encode() for item in ids))
    assert [client.read_message()["ActionID"] for _ in ids] == ids
    client.close()


def test_close_is_announced(secure, authority):
    """close_notify, so that the client can tell an end from a cut."""
    proxy = secure("optional")
    client = login(TlsClient(proxy.address, trusting(authority)), Events="off")
    client.send(Action="Logoff")
    data = b""
    while True:  # without close_notify Python raises SSLEOFError
        chunk = client.socket.recv(4096)
        if not chunk:
            break
        data += chunk
    assert b"Goodbye" in data
    client.close()


@pytest.mark.parametrize("client_version, accepted", [("1.1", False), ("1.2", True), ("1.3", True)])
def test_r33_old_versions_are_refused(secure, authority, client_version, accepted):
    proxy = secure("required")
    flag = {"1.1": "-tls1_1", "1.2": "-tls1_2", "1.3": "-tls1_3"}[client_version]
    result = subprocess.run(
        ["openssl", "s_client", "-quiet", flag, "-cipher", "DEFAULT@SECLEVEL=0", "-connect", "%s:%d" % proxy.address],
        input=b"Action: Logoff\r\n\r\n",
        capture_output=True,
        timeout=20,
    )
    assert (b"Goodbye" in result.stdout) == accepted
    if not accepted:
        proxy.wait_until(lambda lines: any("handshake" in line for line in lines), "the reason")


def test_r33_half_handshakes_end_in_time_and_disturb_nobody(secure, authority):
    proxy = secure("required")
    halves = []
    for _ in range(50):
        half = socket.create_connection(proxy.address)
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        halves.append(half)
    client = login(TlsClient(proxy.address, trusting(authority)))
    for half in halves:
        half.settimeout(20)
        while half.recv(100):  # an alert may come before the end
            pass
        half.close()
    client.fence()
    client.close()


def test_client_certificates(secure, authority, public_folder):
    other = Authority(public_folder, "other")
    good, foreign = authority.issue("client"), other.issue("stranger")
    proxy = secure("required", client_ca=authority.certificate)
    for pem, accepted in ((good, True), (foreign, False), (None, False)):
        context = trusting(authority)
        if pem:
            context.load_cert_chain(pem)
        try:
            client = TlsClient(proxy.address, context)
            login(client).close()
            assert accepted
        except (ssl.SSLError, AssertionError, ConnectionError):
            assert not accepted, pem


def test_r35_certificate_is_exchanged_and_a_broken_one_is_not(secure, authority):
    pem = authority.issue("proxy")
    proxy = secure("required", certificate=pem)
    before = login(TlsClient(proxy.address, trusting(authority)), Events="off")
    first = before.socket.getpeercert()["serialNumber"]
    proxy.make_readable()

    def serial():
        client = TlsClient(proxy.address, trusting(authority))
        number = client.socket.getpeercert()["serialNumber"]
        client.close()
        return number

    assert serial() == first
    authority.issue("proxy")
    proxy.process.send_signal(signal.SIGHUP)
    proxy.wait_until(lambda lines: any("configuration reloaded" in line for line in lines), "the reload")
    second = serial()
    assert second != first
    with open(pem, "w", encoding="ascii") as file:
        file.write("no certificate\n")
    proxy.process.send_signal(signal.SIGHUP)
    proxy.wait_until(lambda lines: any("configuration not reloaded" in line for line in lines), "the refusal")
    assert serial() == second
    assert before.ask(Action="Ping")["Ping"] == "Pong"  # sessions stay
    before.close()


def test_wrong_certificate_stops_the_start(tmp_path, authority):
    from harness.proxy import BINARY, configuration, write_configuration

    one, two = authority.issue("one"), authority.issue("two")
    cases = [
        ({"certificate": str(tmp_path / "absent.pem")}, "absent.pem"),
        ({"certificate": one, "key": two}, "key"),
        ({"certificate": one, "client_ca": str(tmp_path / "no-ca.pem")}, "no-ca.pem"),
    ]
    for number, (tls, expected) in enumerate(cases):
        path = str(tmp_path / f"wrong{number}.yaml")
        write_configuration(path, configuration([], tls=tls))
        result = subprocess.run([BINARY, "-t", "-c", path], capture_output=True, timeout=20, text=True)
        assert result.returncode == 1 and expected in result.stderr, result


def test_https_and_wss_on_the_same_port(start_proxy, authority, pbx):
    proxy = start_proxy(
        {"pbx1": pbx},
        plugins={"load": ["http", "json", "standard"]},
        tls={"certificate": authority.issue("proxy")},
        listen={"tls": "optional", "input": "auto"},
    )
    port, credentials = proxy.address[1], f"dave:{secret_of('dave')}"
    for scheme in ("https", "http"):
        result = subprocess.run(
            [
                "curl",
                "-sS",
                "--cacert",
                authority.certificate,
                "-u",
                credentials,
                f"{scheme}://localhost:{port}/?Action=Ping&format=json",
            ],
            capture_output=True,
            timeout=20,
            text=True,
        )
        assert json.loads(result.stdout)["Ping"] == "Pong", result
    context = trusting(authority)

    async def talk():
        url = f"wss://localhost:{port}/ws?username=dave&secret={secret_of('dave')}"
        async with websockets.connect(url, host="127.0.0.1", ssl=context) as socket:
            await socket.send(json.dumps({"Action": "Ping", "ActionID": "w"}))
            while True:
                message = json.loads(await socket.recv())
                if message.get("ActionID") == "w":
                    return message

    assert asyncio.run(asyncio.wait_for(talk(), 20))["Ping"] == "Pong"


# --- towards servers


class TlsServer(ScriptedServer):
    """A scripted Asterisk that speaks TLS."""

    def __init__(self, pem, **options):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.names = []
        self.context.sni_callback = lambda sock, name, context: self.names.append(name)
        self.handshakes = 0
        super().__init__(SERVER_SECRET, **options)

    def _accept(self):
        plain = self.socket
        while True:
            try:
                sock, _ = plain.accept()
            except OSError:
                return
            self.handshakes += 1
            try:
                sock = self.context.wrap_socket(sock, server_side=True)
            except (ssl.SSLError, OSError):
                continue
            self._take_over(sock)


@pytest.fixture
def tls_pbx():
    made = []

    def make(pem):
        made.append(TlsServer(pem))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.mark.parametrize("mode, host", [("on", "127.0.0.1"), ("verify", "127.0.0.1"), ("verify", "localhost")])
def test_server_behind_tls(start_proxy, authority, tls_pbx, mode, host, request):
    if host == "localhost":
        request.getfixturevalue("localhost")  # skips where there is no such name
    server = tls_pbx(authority.issue("pbx"))
    proxy = start_proxy({"pbx1": server}, more={"tls": mode, "ca_file": authority.certificate, "host": host})
    client = proxy.login("dave", Events="call")
    server.event("Newchannel", Channel="SIP/1")
    assert client.read_message()["Channel"] == "SIP/1"
    client.send(Action="Command", Command="x", ActionID="c")  # a lane of its own, encrypted too
    server.expect(Action="Command").reply("Success", Message="Command output follows")
    assert client.response("c")["Response"] == "Success"
    assert set(server.names) == ({"localhost"} if host == "localhost" else {None})


@pytest.mark.parametrize("fault", ["name", "expired", "self-signed", "authority"])
def test_r34_wrong_server_certificates(start_proxy, authority, tls_pbx, public_folder, fault):
    other = Authority(public_folder, "other")
    pem = {
        "name": lambda: authority.issue("pbx", "DNS:elsewhere.example"),
        "expired": lambda: authority.issue("pbx", days=-1),
        "self-signed": lambda: other.issue("pbx"),
        "authority": lambda: other.issue("pbx"),
    }[fault]()
    if fault == "self-signed":
        with (
            open(pem, "w", encoding="ascii") as file,
            open(other.certificate, encoding="ascii") as certificate,
            open(other.key, encoding="ascii") as key,
        ):
            file.write(certificate.read() + key.read())
    server = tls_pbx(pem)
    proxy = start_proxy({"pbx1": server}, up=[], more={"tls": "verify", "ca_file": authority.certificate})
    proxy.wait_until(
        lambda lines: (
            any("no connection to server" in line and "certificate" in line for line in lines)
            or any("no connection to server" in line and "mismatch" in line for line in lines)
        ),
        "the reason",
    )
    assert server.login_actions == []  # no secret was sent
    assert proxy.login("dave").ask(Action="CoreStatus")["Response"] == "Error"
