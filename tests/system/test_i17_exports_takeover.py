"""Exports and SIGUSR2: the new process goes on with what was not delivered, with the same ids. Nothing is lost."""

import os
import signal
import threading

import pytest

from harness.limits import DEADLINE
from harness.metrics import scrape, settled
from harness.receiver import export, marks_of
from harness.resume import tell, tell_both
from harness.takeover import take_over
from harness.web import ALL_PLUGINS, listeners


@pytest.fixture
def exporting(lasting):
    """exporting(export, …) -> a proxy that can be taken over."""

    def run(*exports, **sections):
        sections.setdefault("limits", {"drain": "4s"})
        return lasting(exports=list(exports), plugins=ALL_PLUGINS, listen=listeners(reports=True), **sections)

    return run


def by_id(receiver):
    """{id: message}, in the order of the first time; a repeat is the same message."""
    found = {}
    for message in receiver.messages():
        assert found.setdefault(message["ExportID"], message) == message
    return found


def check(receiver, count):
    """All marks came, in order; what came twice has the same id."""
    receiver.wait(
        lambda posts: any(str(count - 1) == m.get("Mark") for post in posts for m in post.messages()), "the last mark"
    )
    found = by_id(receiver)
    assert marks_of(found.values()) == list(range(count))
    numbers = [int(id.rsplit(".", 1)[1]) for id in found]
    assert numbers == sorted(numbers)
    assert len({id.rsplit(".", 1)[0] for id in found}) == 1
    return found


def test_i17_exports_go_on_in_the_new_process(exporting, pbx, receiver):
    proxy = exporting(export(receiver, events=["call"]))
    tell(pbx, 0, 5)
    receiver.expect(5)
    old = take_over(proxy)
    tell_both(pbx, 5, 5)
    old.wait()
    check(receiver, 10)
    take_over(proxy).wait()  # once more
    tell(pbx, 10, 5)
    check(receiver, 15)
    assert len(receiver.messages()) == 15  # nothing was under way: nothing twice


@pytest.mark.parametrize("batch", [1, 20])
def test_i17_exports_hand_on_what_waits(exporting, pbx, receiver, batch):
    proxy = exporting(export(receiver, events=["call"], batch=batch))
    receiver.stall()
    tell(pbx, 0, 50)
    receiver.expect(1)
    settled(proxy, "export_messages_queued", 50, export="dave")
    old = take_over(proxy)
    tell_both(pbx, 50, 10)
    receiver.go_on()
    old.wait()
    check(receiver, 60)
    settled(proxy, "export_messages_queued", 0, export="dave")
    assert scrape(proxy).value("astmanproxy_export_messages_lost_total", export="dave") == 0
    assert not any("export ends" in line for line in proxy.lines)


def test_i17_exports_miss_nothing_while_events_come(exporting, pbx, receiver):
    proxy = exporting(export(receiver, events=["call"], batch=10))
    stop, sent = threading.Event(), [0]

    def load():
        while not stop.wait(0.002):
            tell_both(pbx, sent[0], 1)
            sent[0] += 1

    thread = threading.Thread(target=load)
    thread.start()
    try:
        for _ in range(2):
            receiver.expect(len(receiver.posts) + 20)
            take_over(proxy).wait(2 * DEADLINE)
        receiver.expect(len(receiver.posts) + 20)
    finally:
        stop.set()
        thread.join()
    check(receiver, sent[0])


def test_i17_exports_hand_on_with_resume(exporting, pbx, receiver):
    proxy = exporting(export(receiver, events=["call"]), resume={"keep": "60s"})
    tell(pbx, 0, 5)
    old = take_over(proxy)
    tell_both(pbx, 5, 5)
    old.wait()
    check(receiver, 10)


def test_i17_exports_are_taken_back(exporting, pbx, receiver):
    """If the new process fails, the old one goes on, and posts what came meanwhile."""
    proxy = exporting(export(receiver, events=["call"]))
    tell(pbx, 0, 3)
    receiver.expect(3)
    with open(proxy.path, encoding="utf-8") as file:
        right = file.read()
    with open(proxy.path, "w", encoding="utf-8") as file:
        file.write(right + "\nnonsense: 1\n")
    os.kill(proxy.process.pid, signal.SIGUSR2)
    proxy.wait_for_line("hand-over failed")
    tell(pbx, 3, 3)
    check(receiver, 6)
