"""AJAM has no resume: a session without a connection stays where its key leads, whatever its Login says."""

from harness.ajam import Ajam
from harness.proxy import secret_of
from harness.resume import Plain


def ids_of_workers(proxy, count):
    """An id of each of `count` streams, which the workers share evenly."""
    streams = [Plain(proxy) for _ in range(count)]
    for stream in streams:
        stream.open(None)
        item = stream.read_item()
        while item.id is None:
            item = stream.read_item()
        yield item.id


def test_resume_of_another_worker_is_ignored(resumable, workers):
    proxy = resumable(http={"ajam": {}})
    ids = list(ids_of_workers(proxy, workers))
    assert len({id.split(".")[1] for id in ids}) == workers
    for id in ids:
        client = Ajam(proxy)
        answer = client.ask(Action="Login", Username="dave", Secret=secret_of("dave"), Resume=id)
        assert answer.status == 200 and "Authentication accepted" in answer.text, answer
        assert "Pong" in client.ask(Action="Ping").text  # its key still leads to it
        assert "EventsSkipped" not in client.ask(Action="WaitEvent", Timeout=0).text
    logins = [Ajam(proxy) for _ in ids]
    for client, id in zip(logins, ids, strict=True):
        client.send(Action="Login", Username="dave", Secret="wrong", Resume=id)
    for client in logins:
        assert "Authentication failed" in client.receive().text
    assert "event_base" not in proxy.log()
