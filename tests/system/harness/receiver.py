"""A program that exports are posted to: an HTTP server, perhaps with TLS, that answers as the test says."""

import collections
import hashlib
import hmac
import json
import time

import pytest

from .answering import Answering, Handler
from .limits import DEADLINE, poll


class Post:
    """What was posted once."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.id = headers["Astmanproxy-ID"]
        self.count = int(headers["Astmanproxy-Messages"])
        self.attempt = int(headers["Astmanproxy-Attempt"])
        self.came = time.monotonic()

    def messages(self):
        data = json.loads(self.body)
        return data if isinstance(data, list) else [data]

    def signatures(self):
        """The time, and all signatures."""
        fields = [field.split("=", 1) for field in self.headers["Astmanproxy-Signature"].split(",")]
        return int(dict(fields)["t"]), [value for name, value in fields if name == "v1"]

    def is_signed(self, secret):
        time, given = self.signatures()
        right = hmac.new(secret.encode(), f"{time}.".encode() + self.body, hashlib.sha256).hexdigest()
        return any(hmac.compare_digest(right, each) for each in given)

    def __repr__(self):
        return f"<POST {self.path} {self.body[:200]!r}>"


class _Handler(Handler):
    do_POST = Handler.answer


class Receiver(Answering):
    """`answers`: what the next posts are answered, then `usual`: (status, headers, body), or None: the connection is closed."""

    def __init__(self, certificate=None, port=0):
        self.posts, self.answers, self.usual = [], collections.deque(), (204, {}, b"")
        super().__init__(_Handler, port, certificate)

    def url(self, path="/hook", host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.address[1]}{path}"

    def take(self, handler, body):
        with self.changed:
            self.posts.append(Post(handler.path, handler.headers, body))
            answer = self.answers.popleft() if self.answers else self.usual
            self.changed.notify_all()
        self.wait_until_told()
        if answer is None:
            handler.close_connection = True
            return
        status, headers, text = answer
        handler.reply(status, headers.items(), text)

    def wait(self, condition, what):
        """Waits until `condition(posts)` is true. @return what it gave"""
        with self.changed:
            found = None

            def look():
                nonlocal found
                found = condition(self.posts)
                return found

            assert self.changed.wait_for(look, DEADLINE), f"not {what}: {self.posts[-5:]}"
            return found

    def expect(self, count):
        """The first `count` posts, once so many have come."""
        return self.wait(lambda posts: posts[:count] if len(posts) >= count else None, f"{count} posts")

    def messages(self):
        """All messages that were posted, in order, repeats included."""
        return [message for post in list(self.posts) for message in post.messages()]


@pytest.fixture
def receivers():
    """receivers(certificate=…) -> Receiver; all are closed after the test."""
    made = []

    def make(**options):
        made.append(Receiver(**options))
        return made[-1]

    yield make
    for receiver in made:
        receiver.close()


@pytest.fixture
def receiver(receivers):
    return receivers()


def export(receiver, user="dave", **more):
    """An entry of `exports:` that the test's own host may be posted to."""
    return {
        "user": user,
        "to": receiver.url(),
        "allow": ["127.0.0.0/8"],
        "retry_interval": "50ms",
        "retry_max_interval": "400ms",
        **more,
    }


def marks_of(messages):
    return [int(message["Mark"]) for message in messages if "Mark" in message]


def wait_for_marks(receiver, expected):
    """Waits until these marks were posted, in this order, repeats left out."""

    def first_ones():
        seen = []
        for mark in marks_of(receiver.messages()):
            if mark not in seen:
                seen.append(mark)
        return seen

    assert poll(lambda: len(first_ones()) >= len(expected)), f"{len(first_ones())} of {len(expected)} marks"
    assert first_ones() == expected
