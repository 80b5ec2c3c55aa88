"""An HTTP client that shows every byte: requests are written by hand, and answers are parsed strictly."""

import base64
import json
import socket

from .limits import Deadline
from .proxy import secret_of

ALL_PLUGINS = {"load": ["http", "xml", "json", "csv", "standard"]}


def listeners(output="json", **http):
    """AMI first (the harness logs in there), HTTP second."""
    return [
        {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"},
        {"address": "127.0.0.1", "port": 0, "input": "http", "output": output, "tls": "off", **http},
    ]


def basic(name="dave", secret=None):
    return "Basic " + base64.b64encode(f"{name}:{secret or secret_of(name)}".encode()).decode()


class Answer:
    def __init__(self, status, reason, headers):
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = b""

    def get(self, name, default=None):
        return next((value for key, value in self.headers if key.lower() == name.lower()), default)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.headers} {self.body[:500]!r}>"


class Web:
    """A connection."""

    def __init__(self, address, auth=None, deadline=None, source=None):
        self.host = f"{address[0]}:{address[1]}"
        self.auth = auth
        self.deadline = deadline
        self.socket = socket.create_connection(address, Deadline(deadline).left(), source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def close(self):
        self.socket.close()

    # -- sending

    def send_raw(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))

    def head(self, method, target, headers=(), version="HTTP/1.1"):
        lines = [f"{method} {target} {version}", f"Host: {self.host}"]
        if self.auth is not None:
            lines.append(f"Authorization: {self.auth}")
        lines += [f"{name}: {value}" for name, value in dict(headers).items()]
        return "\r\n".join(lines) + "\r\n\r\n"

    def get(self, target, **headers):
        """Names of headers are written with _ for -."""
        self.send_raw(self.head("GET", target, {name.replace("_", "-"): value for name, value in headers.items()}))
        return self.read()

    def post(self, body, content_type="application/x-www-form-urlencoded", target="/", **headers):
        body = body if isinstance(body, bytes) else body.encode()
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        head = self.head("POST", target, {"Content-Type": content_type, "Content-Length": len(body), **more})
        self.send_raw(head.encode() + body)
        return self.read()

    # -- receiving

    def fill(self, deadline):
        """Reads more bytes. @return False: the peer has closed"""
        left = deadline.left()
        assert left > 0, f"nothing in time; rest {self.buffer[:2000]!r}"
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(1 << 16)
        except TimeoutError:
            raise AssertionError(f"nothing in time; rest {self.buffer[:2000]!r}") from None
        except ConnectionError:
            data = b""
        self.buffer += data
        return bool(data)

    def until(self, end, deadline=None):
        deadline = deadline or Deadline(self.deadline)
        while end not in self.buffer:
            assert self.fill(deadline), f"closed, awaited {end!r}; rest {self.buffer[:2000]!r}"
        found, self.buffer = self.buffer.split(end, 1)
        return found

    def take(self, count, deadline):
        while len(self.buffer) < count:
            assert self.fill(deadline), f"closed within a body; {count} bytes awaited, there are {len(self.buffer)}"
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def read_head(self, deadline=None):
        lines = self.until(b"\r\n\r\n", deadline).decode("ascii").split("\r\n")
        assert "\n" not in "".join(lines) and "\r" not in "".join(lines), lines
        version, status, reason = lines[0].split(" ", 2)
        assert version == "HTTP/1.1"
        return Answer(int(status), reason, [tuple(line.split(": ", 1)) for line in lines[1:]])

    def read(self, bodiless=False):
        """One whole answer."""
        deadline = Deadline(self.deadline)
        answer = self.read_head(deadline)
        if bodiless or answer.status in (100, 101, 204, 304):
            return answer
        if answer.get("Transfer-Encoding") == "chunked":
            while chunk := self.chunk(deadline):
                answer.body += chunk
            return answer
        if answer.get("Content-Length") is not None:
            answer.body = self.take(int(answer.get("Content-Length")), deadline)
            return answer
        answer.body = self.read_to_end(deadline)
        return answer

    def chunk(self, deadline=None):
        """The next one of a chunked body; the last is empty."""
        deadline = deadline or Deadline(self.deadline)
        data = self.take(int(self.until(b"\r\n", deadline), 16), deadline)
        assert self.take(2, deadline) == b"\r\n"
        return data

    def read_to_end(self, deadline=None):
        """Everything until the peer closes, which it must."""
        deadline = deadline or Deadline(self.deadline)
        while self.fill(deadline):
            pass
        rest, self.buffer = self.buffer, b""
        return rest
