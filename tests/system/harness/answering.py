"""An HTTP server of the test's own, which programs that ask or post are pointed at; `receiver` and `service` are made of it."""

import http.server
import ssl
import threading

from .limits import DEADLINE


class Handler(http.server.BaseHTTPRequestHandler):
    """Gives each request with its body to the owner's take(handler, body). Its subclass names the methods: do_GET = answer."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.server.owner.take(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def reply(self, status, headers, text):
        """`headers`: pairs of name and value."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if status != 204 and self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, format, *arguments):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):  # a connection that the proxy has closed
        pass


class Answering:
    """Listens on loopback until close(). `changed` is held while what was asked is noted. Between `stall()` and `go_on()`
    nothing is answered."""

    def __init__(self, handler, port=0, certificate=None):
        self.changed = threading.Condition()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.server = _Server(("127.0.0.1", port), handler)
        self.server.owner = self
        self.address = self.server.server_address
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.scheme = "http" if certificate is None else "https"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stall(self):
        self.may_answer.clear()

    def go_on(self):
        self.may_answer.set()

    def wait_until_told(self):
        self.may_answer.wait(DEADLINE)

    def close(self):
        self.go_on()
        self.server.shutdown()
        self.server.server_close()
