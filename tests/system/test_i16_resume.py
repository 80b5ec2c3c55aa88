"""A client that loses its connection and comes back is sent what it has missed, exactly once, and goes on live."""

import random
from functools import partial

import pytest

from harness.resume import Events, Formatted, Plain, Socket, marks, tell

KINDS = {
    "events": Events,
    "socket": Socket,
    "plain": Plain,
    "json": Formatted,
    "events-standard": partial(Events, format="standard"),
    "socket-standard": partial(Socket, format="standard"),
    "events-csv": partial(Events, format="csv"),
    "socket-csv": partial(Socket, format="csv"),
    "csv": partial(Formatted, format="csv"),
    "events-xml": partial(Events, format="xml"),
    "socket-xml": partial(Socket, format="xml"),
    "xml": partial(Formatted, format="xml"),
}


@pytest.fixture(params=KINDS, ids=list(KINDS))
def kind(request):
    return KINDS[request.param]


def place(item):
    """The number of the message; what is in front of it names the feed, of which each worker has its own."""
    return int(item.id.rsplit(".", 1)[1])


def test_i16_resume_sends_what_was_missed_and_goes_on(resumable, pbx, kind):
    client = kind(resumable())
    assert client.connect().name == "ResumePoint" and client.id is not None
    tell(pbx, 0, 10)
    first = client.take(10)
    client.drop()
    tell(pbx, 10, 10)
    how = client.connect()
    assert how.name == "Resumed", how
    tell(pbx, 20, 10)
    rest = client.take(20)
    assert marks(first + rest) == list(range(30))
    assert int(how.headers["Events"]) <= 10  # those that came meanwhile; the others came live


def test_i16_resume_of_a_stream_that_has_seen_nothing(resumable, pbx, kind):
    client = kind(resumable())
    client.connect()
    client.drop()
    tell(pbx, 0, 3)
    assert client.connect().name == "Resumed"
    assert marks(client.take(3)) == [0, 1, 2]


def test_i16_resume_is_the_stream_of_a_client_that_never_dropped(resumable, pbx, kind):
    """The property: whatever the places where it drops, both have received the same bytes."""
    proxy = resumable()
    steady, client = kind(proxy), kind(proxy)
    steady.connect()
    client.connect()
    chance = random.Random(16)
    received, sent = [], 0
    while sent < 400:
        count = chance.randrange(1, 30)
        tell(pbx, sent, count, Text="x" * chance.choice([1, 100, 5000]))
        sent += count
        received += client.take(chance.randrange(0, sent - len(received) + 1))
        if chance.random() < 0.5:
            client.drop()
            how = client.connect()
            assert how.name == "Resumed", how
    received += client.take(sent - len(received))
    expected = steady.take(sent)
    assert [item.body for item in received] == [item.body for item in expected]
    assert [place(item) for item in received] == [place(item) for item in expected]


def test_i16_resume_restores_filters(resumable, pbx):
    """`Action: Filter` belongs to the stream: who comes back has its filters, and need not send them again."""
    client = Plain(resumable())
    client.connect()
    client.client.send(Action="Filter", Operation="Add", Filter="!Mark: 1[0-9]")
    assert client._until(lambda item: item.name == "ResumePoint")
    tell(pbx, 0, 12)
    assert marks(client.take(10)) == list(range(10))
    client.drop()
    tell(pbx, 12, 10)
    assert client.connect().name == "Resumed"
    tell(pbx, 22, 1)
    assert marks(client.take(3)) == [20, 21, 22]


def test_i16_resume_gives_no_answers(resumable, pbx):
    """The answer to an action that was in flight is for the connection that asked; events that the action raised come
    back, without anybody's ActionID."""
    client = Plain(resumable())
    client.connect()
    client.client.send(Action="CoreStatus", ActionID="mine")
    action = pbx.expect(Action="CoreStatus")
    client.drop()
    client.proxy.wait_for_line("session closed", "user=dave")
    action.reply("Success", Mark="answer")
    tell(pbx, 0, 1)
    how = client.connect()
    assert how.name == "Resumed", how
    item = client.event()
    assert item.headers["Mark"] == "0" and "ActionID" not in item.headers
