"""A service in the web that scripts ask (amp.http): it answers as the test says, and notes what it was asked."""

import pytest

from .answering import Answering, Handler
from .limits import DEADLINE


class _Handler(Handler):
    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = Handler.answer


class Service(Answering):
    """`answers`: for a path, status, list of headers, body."""

    def __init__(self):
        self.asked, self.answers = [], {}
        super().__init__(_Handler)
        self.origin = f"http://127.0.0.1:{self.address[1]}"

    def take(self, handler, body):
        with self.changed:
            self.asked.append((handler.command, handler.path, dict(handler.headers), body))
            self.changed.notify_all()
        self.wait_until_told()
        handler.reply(*self.answers.get(handler.path, (200, [], b"fine")))

    def expect(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, DEADLINE), self.asked
        return self.asked


@pytest.fixture
def service():
    made = Service()
    yield made
    made.close()
