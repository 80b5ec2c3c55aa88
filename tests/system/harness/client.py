"""An AMI client that waits for what it expects until a deadline, and reports what it received instead."""

import collections
import hashlib
import select
import socket

from .limits import Deadline
from .message import CHARSET, encode, split


class Closed(AssertionError):
    """The peer closed the connection while something was awaited."""


class Client:
    """A connection. `banner` is the first line, taken at once unless told otherwise. `begun`: a socket that connects to
    `address` already, without blocking."""

    def __init__(self, address, banner=True, receive_buffer=None, deadline=None, source=None, begun=None):
        self.socket = begun or socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source is not None:
            self.socket.bind((source, 0))  # another address of this machine: 127.0.0.0/8 are all
        self.socket.settimeout(Deadline(deadline).left())
        if begun is None:
            self.socket.connect(address)
        else:
            poll = select.poll()  # not select(): there may be thousands
            poll.register(begun, select.POLLOUT)
            poll.poll(Deadline(deadline).left() * 1000)
        if self.socket.family != socket.AF_UNIX:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.deadline = deadline
        self.buffer = b""
        self.inbox = collections.deque()
        self.history = collections.deque(maxlen=12)
        self.next_id = 0
        self.ended = False
        try:
            self.banner = self.read_line() if banner else None
        except BaseException:
            self.close()
            raise

    # -- sending

    def send_raw(self, data):
        self.socket.sendall(data)

    def send(self, *pairs, **headers):
        """Sends one message: (name, value) pairs first, then the keywords."""
        self.send_raw(encode(list(pairs) + list(headers.items())))

    # -- receiving

    def _fill(self, deadline, what):
        if self.ended:
            raise Closed(f"connection closed, awaited {what}; last came {list(self.history)}")
        left = deadline.left()
        if left <= 0:
            raise AssertionError(
                f"nothing in time, awaited {what}; last came {list(self.history)}, rest {self.buffer!r}"
            )
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(1 << 16)
        except TimeoutError:
            return
        except ConnectionError:
            data = b""
        self.ended = not data
        self.buffer += data

    def read_line(self):
        deadline = Deadline(self.deadline)
        while b"\r\n" not in self.buffer:
            self._fill(deadline, "a line")
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode(CHARSET)

    def read_message(self, deadline=None, what="a message"):
        deadline = deadline or Deadline(self.deadline)
        while not self.inbox:
            messages, self.buffer = split(self.buffer)
            self.inbox.extend(messages)
            if not self.inbox:
                self._fill(deadline, what)
        message = self.inbox.popleft()
        self.history.append(message)
        return message

    def collect_until(self, **wanted):
        """All messages up to and with the first that has these headers."""
        deadline = Deadline(self.deadline)
        messages = []
        while not messages or not messages[-1].matches(wanted):
            messages.append(self.read_message(deadline, wanted))
        return messages

    def read_until(self, **wanted):
        return self.collect_until(**wanted)[-1]

    def ask(self, *pairs, **headers):
        """Sends an action (with an ActionID of its own unless given) and returns its response; events are skipped."""
        if "ActionID" not in headers:
            self.next_id += 1
            headers["ActionID"] = f"ask-{self.next_id}"
        self.send(*pairs, **headers)
        return self.response(headers["ActionID"])

    def response(self, action_id):
        deadline = Deadline(self.deadline)
        while True:
            message = self.read_message(deadline, f"the response to {action_id}")
            if message.kind in ("response", "proxyresponse") and message.get("ActionID") == action_id:
                return message

    def fence(self):
        """Returns all that comes before the answer to a Ping that is sent now. What has not come then was not sent."""
        self.next_id += 1
        action_id = f"fence-{self.next_id}"
        self.send(Action="Ping", ActionID=action_id)
        return self.collect_until(ActionID=action_id)[:-1]

    def read_to_end(self):
        """Everything until the peer closes, which it must."""
        messages = []
        deadline = Deadline(self.deadline)
        while True:
            try:
                messages.append(self.read_message(deadline, "the end of the connection"))
            except Closed:
                return messages

    # -- short forms

    def login(self, username, secret, *pairs, **headers):
        return self.ask(*pairs, Action="Login", Username=username, Secret=secret, **headers)

    def challenge(self, **headers):
        return self.ask(Action="Challenge", AuthType="MD5", **headers)["Challenge"]

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends with RST, as a crashed peer's kernel does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()


def md5_key(challenge, secret):
    return hashlib.md5((challenge + secret).encode(CHARSET)).hexdigest()
