"""Exports: what becomes of posts that are not taken at once. Each message is delivered once at least, in order, or told of."""

import signal
import socket
import time

import pytest

from harness.certificates import Authority
from harness.limits import poll
from harness.metrics import scrape, settled
from harness.receiver import export, marks_of, wait_for_marks
from harness.resume import tell
from harness.web import ALL_PLUGINS, listeners

REPORTING = listeners(reports=True)


@pytest.fixture
def exporting(start_proxy, pbx):
    """exporting(export, …, **sections) -> a proxy of `pbx` with metrics."""

    def run(*exports, **sections):
        sections.setdefault("limits", {"drain": "1s"})  # receivers that are away are waited for
        return start_proxy({"pbx1": pbx}, exports=list(exports), plugins=ALL_PLUGINS, listen=REPORTING, **sections)

    return run


# -- what is repeated, and what is not


@pytest.mark.parametrize(
    "answer",
    [(503, {}, b"busy"), (500, {}, b""), (429, {}, b""), (404, {}, b""), (401, {}, b""), None],
    ids=["503", "500", "429", "404", "401", "closed"],
)
def test_i17_exports_repeat_what_was_not_taken(exporting, pbx, receiver, answer):
    receiver.answers.extend([answer, answer])
    proxy = exporting(export(receiver, events=["call"]))
    tell(pbx, 0, 3)
    posts = receiver.expect(5)
    assert marks_of(receiver.messages()) == [0, 0, 0, 1, 2]
    assert [post.attempt for post in posts] == [1, 2, 3, 1, 1]
    assert len({post.id for post in posts[:3]}) == 1 and posts[0].body == posts[1].body == posts[2].body
    settled(proxy, "export_posts_failed_total", 2, export="dave")
    settled(proxy, "export_messages_posted_total", 3, export="dave")
    proxy.wait_for_line("export goes on", "export=dave", "failures=2")


@pytest.mark.parametrize("status", [400, 410, 413, 422])
def test_i17_exports_give_up_what_is_refused(exporting, pbx, receiver, status):
    receiver.answers.append((status, {}, b"no"))
    proxy = exporting(export(receiver, events=["call"]))
    tell(pbx, 0, 3)
    wait_for_marks(receiver, [0, 1, 2])
    assert marks_of(receiver.messages()) == [0, 1, 2]
    proxy.wait_for_line("export refused", "export=dave", f"status={status}")
    settled(proxy, "export_messages_refused_total", 1, export="dave")
    settled(proxy, "export_messages_posted_total", 2, export="dave")


def test_i17_exports_wait_longer_each_time(exporting, pbx, receiver):
    receiver.answers.extend([(503, {}, b"")] * 4)
    exporting(export(receiver, events=["call"], retry_interval="100ms", retry_max_interval="10s"))
    tell(pbx, 0, 1)
    posts = receiver.expect(5)
    for number, least in enumerate((75, 150, 300, 600)):  # less a quarter at most
        assert posts[number + 1].came - posts[number].came >= 0.9 * least / 1000


def test_i17_exports_wait_as_long_as_the_receiver_says(exporting, pbx, receiver):
    receiver.answers.extend([(503, {"Retry-After": "1"}, b""), (429, {"Retry-After": "3600"}, b"")])
    exporting(export(receiver, events=["call"], retry_interval="10ms", retry_max_interval="1500ms"))
    tell(pbx, 0, 1)
    posts = receiver.expect(3)
    assert posts[1].came - posts[0].came >= 0.9
    assert 1.4 <= posts[2].came - posts[1].came < 60


def test_i17_exports_do_not_follow_redirects(exporting, pbx, receivers):
    first, second = receivers(), receivers()
    first.answers.append((307, {"Location": second.url("/elsewhere")}, b""))
    proxy = exporting(export(first, events=["call"]))
    tell(pbx, 0, 2)
    wait_for_marks(first, [0, 1])
    assert not second.posts and len(first.posts) == 3
    proxy.wait_for_line("export failed", "status 307")


def test_i17_exports_wait_for_a_receiver_that_is_away(exporting, pbx, receivers):
    with socket.socket() as reserved:  # bound, but nobody listens
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        proxy = exporting({**export_to(f"http://127.0.0.1:{port}/"), "events": ["call"]})
        tell(pbx, 0, 5)
        proxy.wait_for_line("export failed", "export=dave", "attempt=2")
    receiver = receivers(port=port)
    wait_for_marks(receiver, list(range(5)))
    assert marks_of(receiver.messages()) == list(range(5))


def export_to(url):
    return {
        "user": "dave",
        "to": url,
        "allow": ["127.0.0.0/8"],
        "retry_interval": "50ms",
        "retry_max_interval": "200ms",
    }


def test_i17_exports_end_posts_that_take_too_long(exporting, pbx, receiver):
    proxy = exporting(export(receiver, events=["call"], timeout="300ms"))
    receiver.stall()
    tell(pbx, 0, 1)
    receiver.expect(2)
    receiver.go_on()
    tell(pbx, 1, 1)
    wait_for_marks(receiver, [0, 1])
    proxy.wait_for_line("export failed", "imed out")


# -- where posts may go


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"])
def test_i17_exports_do_not_reach_private_addresses(exporting, pbx, receiver, localhost, host):
    """Without `allow`. A name is judged by its addresses."""
    entry = export(receiver, events=["call"])
    del entry["allow"]
    proxy = exporting({**entry, "to": receiver.url(host=host)})
    tell(pbx, 0, 1)
    line = proxy.wait_for_line("export failed", "attempt=2")
    assert "is not a public one, and not allowed" in line or "onnect" in line, line
    assert not receiver.posts


def test_i17_exports_ignore_proxies_of_the_environment(start_proxy, pbx, receivers):
    receiver, proxy_of_environment = receivers(), receivers()
    env = {"http_proxy": proxy_of_environment.url(""), "all_proxy": proxy_of_environment.url("")}
    start_proxy({"pbx1": pbx}, exports=[export(receiver, events=["call"])], plugins=ALL_PLUGINS, env=env)
    tell(pbx, 0, 1)
    wait_for_marks(receiver, [0])
    assert not proxy_of_environment.posts


# -- TLS


def test_i17_exports_check_certificates(exporting, pbx, receivers, authority, public_folder):
    other = Authority(public_folder, "other")
    receiver = receivers(certificate=authority.issue("receiver"))
    right = export(receiver, name="right", events=["call"], ca_file=authority.certificate)
    wrong = export(receiver, name="wrong", events=["call"], ca_file=other.certificate)
    system = export(receiver, name="system", events=["call"])
    proxy = exporting(right, wrong, system)
    tell(pbx, 0, 2)
    wait_for_marks(receiver, [0, 1])
    for name in ("wrong", "system"):
        assert "ertificate" in proxy.wait_for_line("export failed", f"export={name}", "attempt=2")
    assert {post.headers["Astmanproxy-Export"] for post in receiver.posts} == {"right"}


@pytest.mark.parametrize(
    "alternatives, days", [("DNS:elsewhere.example", 3650), ("IP:127.0.0.1", -1)], ids=["name", "expired"]
)
def test_i17_exports_check_name_and_time(exporting, pbx, receivers, authority, alternatives, days):
    receiver = receivers(certificate=authority.issue("receiver", alternatives, days))
    proxy = exporting(export(receiver, events=["call"], ca_file=authority.certificate))
    tell(pbx, 0, 1)
    proxy.wait_for_line("export failed", "attempt=2")
    assert not receiver.posts


# -- what is lost is told


def fill(pbx, first, count):
    """Messages of a kilobyte."""
    for mark in range(first, first + count):
        pbx.event("Newexten", "call,all", Mark=mark, AppData="x" * 1000)


def test_i17_exports_tell_what_was_dropped(exporting, pbx, receiver):
    proxy = exporting(export(receiver, events=["call"], queue="64KiB"))
    receiver.stall()
    fill(pbx, 0, 1)
    receiver.expect(1)
    fill(pbx, 1, 200)
    proxy.wait_for_line("export loses messages", "export=dave", "the queue is full")
    proxy.login().ask(Action="Ping")  # all events have been delivered
    assert poll(lambda: settled_queue(proxy))
    receiver.go_on()
    wait_for_last(receiver, 200)
    messages = receiver.messages()
    skipped = [at for at, message in enumerate(messages) if message["Event"] == "EventsSkipped"]
    assert skipped == [1], messages[:4]
    dropped = int(messages[1]["Dropped"])
    marks = marks_of(messages)
    assert marks == [0, *range(1 + dropped, 201)]
    settled(proxy, "export_messages_lost_total", dropped, export="dave")
    assert "lost=%d" % dropped in proxy.wait_for_line("export goes on", "export=dave")
    settled(proxy, "export_messages_queued", 0, export="dave")
    settled(proxy, "export_queued_bytes", 0, export="dave")


def test_i17_exports_tell_of_what_was_dropped_behind_a_failed_post(exporting, pbx, receiver):
    """The post that failed is repeated as it was: what was dropped meanwhile came after it."""
    receiver.answers.append((503, {}, b""))
    proxy = exporting(export(receiver, events=["call"], queue="64KiB"))
    receiver.stall()
    fill(pbx, 0, 1)
    receiver.expect(1)
    fill(pbx, 1, 200)
    proxy.wait_for_line("export loses messages", "the queue is full")
    proxy.login().ask(Action="Ping")  # all events have been delivered
    assert poll(lambda: settled_queue(proxy))
    receiver.go_on()
    wait_for_last(receiver, 200)
    failed, repeated, told = receiver.posts[:3]
    assert (failed.id, failed.body) == (repeated.id, repeated.body) and repeated.attempt == 2
    assert told.messages()[0]["Event"] == "EventsSkipped"


def settled_queue(proxy):
    values = scrape(proxy)
    return values.value("astmanproxy_export_messages_lost_total", export="dave") + values.value(
        "astmanproxy_export_messages_queued", export="dave"
    ) in (201, 202)


def wait_for_last(receiver, mark):
    receiver.wait(
        lambda posts: any(str(mark) == m.get("Mark") for post in posts for m in post.messages()), f"mark {mark}"
    )


def test_i17_exports_drop_what_is_too_old(exporting, pbx, receiver):
    receiver.usual = (503, {}, b"")
    proxy = exporting(export(receiver, events=["call"], keep="1s"))
    tell(pbx, 0, 3)
    proxy.wait_for_line("export loses messages", "older than keep")
    settled(proxy, "export_messages_lost_total", 3, export="dave")
    receiver.usual = (204, {}, b"")
    tell(pbx, 3, 1)
    wait_for_last(receiver, 3)
    messages = receiver.messages()
    assert [m["Dropped"] for m in messages if m["Event"] == "EventsSkipped"][-1] == "3"
    assert messages[-1]["Mark"] == "3"


# -- nobody waits for an export


def test_i17_exports_delay_nobody(exporting, pbx, receivers, workers):
    """While receivers do not answer, clients and other exports are served as quickly as ever."""
    stalled, others = [receivers() for _ in range(3)], receivers()
    for receiver in stalled:
        receiver.stall()
    entries = [export(receiver, name=f"stalled{at}", events=["call"]) for at, receiver in enumerate(stalled)]
    proxy = exporting(*entries, export(others, name="others", events=["call"]))
    client = proxy.login(Events="call")
    begun = time.monotonic()
    for mark in range(50):
        tell(pbx, mark, 1)
        assert client.read_until(Event="Newexten", Mark=str(mark))
        client.ask(Action="Ping")
    assert time.monotonic() - begun < 20
    wait_for_marks(others, list(range(50)))
    for receiver in stalled:
        assert len(receiver.posts) == 1  # one under way
        receiver.go_on()
        wait_for_marks(receiver, list(range(50)))


def test_i17_exports_do_not_wait_for_a_lookup(exporting, pbx, receiver):
    """A name that nobody answers for does not hold up the loop: `.invalid` is never found."""
    proxy = exporting(
        {**export_to("http://nowhere.invalid/"), "name": "nowhere", "events": ["call"]},
        export(receiver, events=["call"]),
    )
    tell(pbx, 0, 5)
    wait_for_marks(receiver, list(range(5)))
    proxy.wait_for_line("export failed", "export=nowhere")


# -- the end


def test_i17_exports_post_what_waits_before_the_end(exporting, pbx, receiver):
    proxy = exporting(export(receiver, events=["call"], batch=1000, batch_wait="1m"), limits={"drain": "10s"})
    tell(pbx, 0, 20)
    settled(proxy, "export_messages_queued", 20, export="dave")
    for client in proxy.clients:
        client.close()
    assert proxy.stop() == 0
    assert marks_of(receiver.messages()) == list(range(20))
    assert not any("export ends" in line for line in proxy.lines)


def test_i17_exports_tell_what_is_lost_at_the_end(exporting, pbx, receiver):
    receiver.usual = (503, {}, b"")
    proxy = exporting(export(receiver, events=["call"]), limits={"drain": "1s"})
    tell(pbx, 0, 7)
    settled(proxy, "export_messages_queued", 7, export="dave")
    for client in proxy.clients:
        client.close()
    begun = time.monotonic()
    assert proxy.stop() == 0
    assert time.monotonic() - begun < 15
    proxy.wait_for_line("export ends", "export=dave", "messages_lost=7")


def test_i17_exports_end_at_once_when_killed_twice(exporting, pbx, receiver):
    receiver.stall()
    proxy = exporting(export(receiver, events=["call"]))
    tell(pbx, 0, 2)
    receiver.expect(1)
    proxy.process.send_signal(signal.SIGTERM)
    proxy.wait_for_drain()
    assert proxy.stop() == 2
