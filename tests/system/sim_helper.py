"""Starts astmansim and talks to it over a raw socket. Environment: AMP_BUILD, the build folder."""

import os
import re
import select
import signal
import socket
import subprocess

BUILD = os.environ.get("AMP_BUILD", "build")


class Simulator:
    """A running simulator; a context manager."""

    def __init__(self, *options):
        program = os.path.join(BUILD, "astmansim")
        self.process = subprocess.Popen(
            [program, "--port", "0", "--seed", "1", *options], stdout=subprocess.PIPE, text=True
        )
        found = re.match(r"listening on 127\.0\.0\.1:(\d+)$", self.process.stdout.readline())
        assert found, "the simulator did not start"
        self.port = int(found.group(1))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.process.stdout.close()
        assert status == 0, f"the simulator ended with {status}"

    def connect(self, login=True, **headers):
        client = Client(socket.create_connection(("127.0.0.1", self.port)))
        if login:
            client.login(**headers)
        return client


class Client:
    """One connection; messages are strings with LF line ends and without the empty line."""

    def __init__(self, sock):
        self.socket = sock
        self.socket.settimeout(60)
        self.buffer = bytearray()
        self.banner = self._until(b"\r\n").decode()

    def _until(self, mark):
        searched = 0
        while (end := self.buffer.find(mark, searched)) == -1:
            searched = max(0, len(self.buffer) - len(mark))
            data = self.socket.recv(1 << 20)
            if not data:
                raise EOFError(self.buffer)
            self.buffer += data
        text = bytes(self.buffer[:end])
        del self.buffer[: end + len(mark)]
        return text

    def send(self, *lines):
        self.socket.sendall("".join(line + "\r\n" for line in (*lines, "")).encode())

    def has_data(self):
        return bool(self.buffer or select.select([self.socket], [], [], 0)[0])

    def message(self):
        return self._until(b"\r\n\r\n").decode().replace("\r\n", "\n")

    def until(self, start):
        """The messages up to the first that begins with `start`, which comes last."""
        messages = [self.message()]
        while not messages[-1].startswith(start):
            messages.append(self.message())
        return messages

    def ask(self, *lines):
        """Sends an action and returns its response, skipping events."""
        self.send(*lines)
        return self.until("Response: ")[-1]

    def login(self, **headers):
        lines = [f"{name}: {value}" for name, value in headers.items()]
        answer = self.ask("Action: Login", "Username: admin", "Secret: secret", *lines)
        assert "Authentication accepted" in answer, answer

    def is_closed(self):
        try:
            while True:
                self.message()
        except (EOFError, ConnectionResetError):
            return True

    def close(self):
        self.socket.close()


def header(message, name):
    """The first value of a header, or None."""
    found = re.search(rf"^{re.escape(name)}: ?(.*)$", message, re.M | re.I)
    return found.group(1) if found else None
