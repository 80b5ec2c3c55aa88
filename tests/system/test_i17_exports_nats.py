"""Exports on the bus: each message by itself, on a subject with the names of its server and event."""

import json

import pytest

from harness.limits import Deadline
from harness.metrics import REPORTS, settled
from harness.nats import NatsClient
from harness.resume import tell
from harness.web import ALL_PLUGINS


@pytest.fixture
def exporting(start_proxy, pbx, nats):
    """exporting(**of the export) -> a proxy on the bus."""

    def run(subject="ami.{server}.{event}", **more):
        entry = {
            "user": "dave",
            "to": f"nats:{subject}",
            "retry_interval": "50ms",
            "retry_max_interval": "200ms",
            **more,
        }
        proxy = start_proxy(
            {"PBX.1": pbx},
            exports=[entry],
            plugins=ALL_PLUGINS,
            listen=REPORTS,
            cluster=nats.section("n1"),
            limits={"drain": "1s"},
        )
        proxy.wait_for_line("bus connected")
        return proxy

    return run


def receive_marks(client, count):
    """The marks of so many messages with one."""
    deadline, marks = Deadline(), []
    while len(marks) < count:
        message = json.loads(client.receive(deadline.left()).body)
        if "Mark" in message:
            marks.append(int(message["Mark"]))
    return marks


def test_i17_exports_publish_on_the_bus(exporting, pbx, nats):
    proxy = exporting(events=["call"])
    with NatsClient(nats.servers[0]) as client:
        client.subscribe("ami.>")
        pbx.event("Newexten", "call,all", Mark=0)
        pbx.event("Hang up", "call,all", Mark=1)
        first, second = client.receive(), client.receive()
        assert (first.subject, second.subject) == ("ami.pbx%2e1.Newexten", "ami.pbx%2e1.Hang%20up")
        assert first.headers["Astmanproxy-Export"] == "dave"
        body = json.loads(first.body)
        assert body["Mark"] == "0" and body["Server"] == "PBX.1" and body["ExportID"] == first.headers["Astmanproxy-ID"]
        tell(pbx, 2, 300)
        assert receive_marks(client, 300) == list(range(2, 302))
        settled(proxy, "export_messages_posted_total", 302, export="dave")
        settled(proxy, "export_messages_queued", 0, export="dave")


def test_i17_exports_wait_for_the_bus(exporting, pbx, nats):
    proxy = exporting("all", events=["call"])
    nats.servers[0].kill()
    settled(proxy, "bus_up", 0)
    tell(pbx, 0, 50)
    proxy.wait_for_line("export failed", "no connection to the bus")
    settled(proxy, "export_messages_queued", 50, export="dave")
    nats.servers[0].start()
    with NatsClient(nats.servers[0]) as client:
        client.subscribe("all")
        tell(pbx, 50, 10)
        got = receive_marks(client, 10)
        while got[-1] != 59:  # the proxy may have been faster than this client
            got += receive_marks(client, 1)
    assert got == list(range(got[0], 60))


def test_i17_exports_refuse_what_is_too_long_for_the_bus(exporting, pbx, nats):
    proxy = exporting("all", events=["call"])
    with NatsClient(nats.servers[0]) as client:
        client.subscribe("all")
        pbx.event("Newexten", "call,all", Mark=0, AppData="x" * 600_000)
        tell(pbx, 1, 2)
        assert receive_marks(client, 2) == [1, 2]
    settled(proxy, "export_messages_refused_total", 1, export="dave")
    proxy.wait_for_line("export refused", "too long for the bus")
