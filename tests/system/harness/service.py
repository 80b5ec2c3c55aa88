"""A service in the web that scripts ask (amp.http): it answers as the test says, and notes what it was asked."""

import http.server
import threading

import pytest

from .limits import DEADLINE


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        service = self.server.service
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with service.changed:
            service.asked.append((self.command, self.path, dict(self.headers), body))
            service.changed.notify_all()
        service.may_answer.wait(DEADLINE)
        status, headers, text = service.answers.get(self.path, (200, [], b"fine"))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def log_message(self, format, *arguments):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):  # a connection that the proxy has closed
        pass


class Service:
    """`answers`: for a path, status, list of headers, body. Between `stall()` and `go_on()` nothing is answered."""

    def __init__(self):
        self.asked, self.answers = [], {}
        self.changed = threading.Condition()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.service = self
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stall(self):
        self.may_answer.clear()

    def go_on(self):
        self.may_answer.set()

    def expect(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, DEADLINE), self.asked
        return self.asked

    def close(self):
        self.go_on()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def service():
    made = Service()
    yield made
    made.close()
