"""A binary format (tests/plugins/records.c): WebSocket frames, content types and detection are those of bytes, not of
text."""

import os

import pytest

from harness.client import Client
from harness.limits import Deadline
from harness.process import BUILD
from harness.proxy import secret_of
from harness.streams import BINARY, Socket
from harness.web import Web, basic

FORMAT = "records"
MARK = b"\xa5"


def record(**headers):
    body = b"".join(name.encode() + b"\0" + value.encode() + b"\0" for name, value in headers.items())
    return MARK + len(body).to_bytes(2, "big") + body


def take(data):
    """The first record of `data` and what follows it; None: it is not complete."""
    assert data[:1] in (b"", MARK), data[:80]
    size = int.from_bytes(data[1:3], "big") if len(data) >= 3 else len(data)
    if len(data) < 3 + size:
        return None, data
    words = data[3 : 3 + size].decode().split("\0")[:-1]
    return dict(zip(words[::2], words[1::2], strict=True)), data[3 + size :]


@pytest.fixture
def proxy(start_proxy, pbx, tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    os.chmod(tmp_path, 0o755)
    for name, source in (("standard", "plugins"), ("json", "plugins"), ("http", "plugins"), (FORMAT, "tests/plugins")):
        os.symlink(os.path.join(BUILD, source, f"{name}.so"), folder / f"{name}.so")
    listen = [
        {"address": "127.0.0.1", "port": 0, "tls": "off", "input": entry, "output": output}
        for entry, output in (
            ("standard", "standard"),
            ("http", "json"),
            ("auto", FORMAT),
            ("standard", FORMAT),
            ("auto", "json"),
        )
    ]
    return start_proxy(
        {"pbx1": pbx}, listen=listen, plugins={"path": str(folder), "load": ["http", "json", FORMAT, "standard"]}
    )


def open_client(proxy, index):
    client = Client(proxy.addresses[index], banner=False)
    proxy.clients.append(client)
    return client


def read(client):
    deadline = Deadline()
    while True:
        found, client.buffer = take(client.buffer)
        if found is not None:
            return found
        client._fill(deadline, "a record")


def test_f54_no_banner_in_front_of_bytes(proxy):
    """Silent for longer than detect_timeout, and speaking at once; AMI and records; on `auto` and on `standard`."""
    silent = open_client(proxy, 4)
    witness = [open_client(proxy, index) for index in (2, 3)]
    assert silent.read_line().startswith(
        "Asterisk Call Manager/"
    )  # JSON is text: by now the others were silent for as long
    for client in witness:
        client.send_raw(b"Action: Challenge\r\nAuthType: MD5\r\nActionID: 1\r\n\r\n")
        assert read(client)["ActionID"] == "1"
    client = open_client(proxy, 2)
    client.send_raw(record(Action="Login", Username="dave", Secret=secret_of("dave"), ActionID="2"))
    assert read(client)["Message"] == "Authentication accepted"


def test_f54_frames_types_and_events(proxy, pbx):
    address = proxy.addresses[1]
    answer = Web(address, auth=basic()).get(f"/?Action=Ping&format={FORMAT}")
    assert answer.get("Content-Type") == "application/octet-stream"
    assert take(answer.body)[0]["Ping"] == "Pong"
    refused = Web(address, auth=basic()).get(f"/events?format={FORMAT}")
    assert refused.status == 400 and "Server-sent events are text" in refused.text
    client = Socket(proxy, protocol=FORMAT)
    client.web.send_raw(client.frame(BINARY, record(Action="Ping", ActionID="3")))
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    seen = []
    while "SIP/1" not in [message.get("Channel") for message in seen] or "3" not in [
        message.get("ActionID") for message in seen
    ]:
        opcode, payload = client.read()
        assert opcode == BINARY
        message, rest = take(payload)
        assert rest == b""
        seen.append(message)
