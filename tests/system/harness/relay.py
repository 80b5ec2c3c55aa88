"""A way between two programs that takes its time, and can be cut: what is sent arrives later, in order.

with Relay("127.0.0.1", 4222, 0.05) as relay: …     # relay.port leads there; each direction takes 50 ms
"""

import collections
import contextlib
import select
import socket
import threading
import time

from .limits import DEADLINE


class Relay:
    def __init__(self, host, port, seconds):
        self.target, self.seconds = (host, port), seconds
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.other = {}  # of each socket the one on the other side
        self.waiting = collections.deque()  # (time, socket, bytes): empty bytes end it
        self.ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.ended = True
        self.thread.join(DEADLINE)
        for each in (self.listening, *self.other):
            each.close()

    def _run(self):
        while not self.ended:
            left = self.waiting[0][0] - time.monotonic() if self.waiting else 0.05
            for ready in select.select([self.listening, *self.other], [], [], min(0.05, max(0, left)))[0]:
                if ready is self.listening:
                    self._accept()
                else:
                    self._read(ready)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, to, data = self.waiting.popleft()
                self._write(to, data)

    def _accept(self):
        here, _ = self.listening.accept()
        try:
            there = socket.create_connection(self.target, DEADLINE)
        except OSError:
            here.close()
            return
        self.other[here], self.other[there] = there, here

    def _read(self, ready):
        try:
            data = ready.recv(1 << 16)
        except OSError:
            data = b""
        if ready in self.other:
            self.waiting.append((time.monotonic() + self.seconds, self.other[ready], data))
        if not data:
            self.other.pop(ready, None)

    def _write(self, to, data):
        with contextlib.suppress(OSError):
            if data:
                to.sendall(data)
                return
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_WR)
