"""AJAM's WaitEvent: what is collected for whom, and what becomes of a wait when its session or the proxy ends."""

import re
import select
import signal
import socket
import struct
import time

import pytest

from harness.ajam import Ajam, start_ajam
from harness.limits import DEADLINE
from harness.proxy import USERS, secret_of
from harness.web import ALL_PLUGINS, listeners

STEERED = [dict(user, admin=user["name"] == "bill") for user in USERS]
DENIED = b"Response: Error\r\nMessage: Permission denied\r\n\r\n"
COMPLETE = re.compile(
    rb"Response: Success\r\nActionID: w1\r\nMessage: Waiting for Event completed\.\r\n\r\n"
    rb"((?:Event: [^\r]*\r\n(?:[^\r]+\r\n)+\r\n)*)Event: WaitEventComplete\r\nActionID: w1\r\n\r\n"
)


@pytest.fixture
def proxy(start_proxy, pbx):
    return start_ajam(start_proxy, {"pbx1": pbx}, users=STEERED)


@pytest.fixture
def client(proxy):
    client = Ajam(proxy)
    client.login()
    return client


@pytest.fixture
def admin(proxy):
    return proxy.login("bill", Events="off")


def events_of(answer):
    """The names of the events that a WaitEvent w1 was answered with."""
    match = COMPLETE.fullmatch(answer.body)
    assert match is not None, answer
    return re.findall(rb"Event: ([^\r]*)\r\n", match.group(1))


# -- what a wait is answered with


def test_i16_ajam_a_wait_ends_when_its_time_is_over(client):
    began = time.monotonic()
    answer = client.ask(Action="WaitEvent", ActionID="w1", Timeout=1)
    assert events_of(answer) == [] and time.monotonic() - began >= 0.95


@pytest.mark.parametrize("timeout", [{}, {"Timeout": -1}, {"Timeout": ""}, {"Timeout": 99999}], ids=str)
def test_i16_ajam_longest_wait_is_ten_seconds_less_than_the_session(start_proxy, pbx, timeout):
    client = Ajam(start_ajam(start_proxy, {"pbx1": pbx}, {"timeout": "11s"}))
    client.login()
    began = time.monotonic()
    answer = client.ask(Action="WaitEvent", ActionID="w1", **timeout)
    assert events_of(answer) == [] and time.monotonic() - began >= 0.95
    assert b"Pong" in client.ask(Action="Ping").body  # the session is still there


def test_i16_ajam_events_come_by_waitevent_alone(client, proxy, pbx):
    watcher = proxy.login("dave")
    pbx.event("Hold", "call,all", Channel="SIP/1")
    watcher.read_until(Event="Hold")
    for path in ("/rawman", "/mxml", "/manager"):
        answer = client.ask(path, Action="Ping")
        assert b"Pong" in answer.body and b"Hold" not in answer.body, answer
    assert events_of(client.ask(Action="WaitEvent", ActionID="w1", Timeout=30)) == [b"Hold"]


def test_i16_ajam_events_between_two_waits_are_kept(client, proxy, pbx):
    watcher = proxy.login("dave")
    pbx.event("PeerStatus", "system,all", Peer="SIP/1")
    pbx.event("Hold", "call,all", Channel="SIP/1")
    watcher.read_until(Event="Hold")
    seen = []
    while len(seen) < 2:  # the session may be another worker's, which is a little later
        seen += events_of(client.ask(Action="WaitEvent", ActionID="w1", Timeout=30))
    assert seen == [b"PeerStatus", b"Hold"]
    assert events_of(client.ask(Action="WaitEvent", ActionID="w1", Timeout=0)) == []


@pytest.mark.parametrize("path, nothing", [("/rawman", b""), ("/mxml", b"<ajax-response>\n</ajax-response>\n")])
def test_i16_ajam_second_wait_ends_the_first_with_nothing(client, pbx, path, nothing):
    waits = [client.send(path, Action="WaitEvent", ActionID=name, Timeout=30) for name in ("w1", "w2")]
    ready, _, _ = select.select([web.socket for web in waits], [], [], DEADLINE)
    ended = next(web for web in waits if web.socket in ready)
    answer = client.receive(ended)
    assert answer.status == 200 and answer.body == nothing and answer.get("Set-Cookie"), answer
    pbx.event("Hold", "call,all")
    waits.remove(ended)
    answer = client.receive(waits[0])
    assert b"Hold" in answer.body and b"WaitEventComplete" in answer.body, answer


def test_i16_ajam_a_wait_whose_client_is_gone_takes_no_events(client, pbx):
    web = client.wait_event("gone", Timeout=30)
    web.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    web.close()
    client.proxy.wait_for_line("session closed", "reset")
    pbx.event("Hold", "call,all")
    assert events_of(client.ask(Action="WaitEvent", ActionID="w1", Timeout=30)) == [b"Hold"]


def test_i16_ajam_other_actions_are_answered_while_a_session_waits(client, pbx):
    web = client.wait_event("w1", Timeout=30)
    assert b"Ping: Pong" in client.ask(Action="Ping").body
    client.send(Action="CoreStatus", ActionID="c")
    pbx.expect(Action="CoreStatus").reply(CoreCurrentCalls="7")
    assert b"CoreCurrentCalls: 7" in client.receive().body
    pbx.event("Hold", "call,all")
    assert events_of(client.receive(web)) == [b"Hold"]


# -- rights


def test_i16_ajam_only_events_that_the_user_may_read(proxy, pbx):
    viewer, masked = Ajam(proxy), Ajam(proxy)
    viewer.login("viewer")  # read: call
    masked.login("caller", Events="system")  # read: system, call
    pbx.event("PeerStatus", "system,all", Peer="SIP/1")
    pbx.event("Registry", "log,all")
    pbx.event("Hold", "call,all")
    pbx.event("Reload", "system,all")
    assert events_of(viewer.ask(Action="WaitEvent", ActionID="w1", Timeout=30)) == [b"Hold"]
    seen = []
    while b"Reload" not in seen:
        seen += events_of(masked.ask(Action="WaitEvent", ActionID="w1", Timeout=30))
    assert seen == [b"PeerStatus", b"Reload"]
    refused = viewer.ask(Action="Originate", Channel="SIP/1", Application="Echo", ActionID="o")
    assert b"Response: Error\r\nActionID: o\r\nMessage: Permission denied" in refused.body, refused


def test_i16_ajam_another_session_has_events_of_its_own(client, proxy, pbx):
    other = Ajam(proxy)
    other.login("dave")
    pbx.event("Hold", "call,all")
    for one in (client, other):
        assert events_of(one.ask(Action="WaitEvent", ActionID="w1", Timeout=30)) == [b"Hold"]


# -- too much to keep


def test_i16_ajam_what_is_not_fetched_is_skipped_and_counted(start_proxy, pbx):
    limits = {"output_backlog": "64KiB", "slow_client": "disconnect"}
    proxy = start_ajam(start_proxy, {"pbx1": pbx}, users=STEERED, limits=limits)
    client, watcher, count = Ajam(proxy), proxy.login("dave"), 2000
    client.login()
    for number in range(count):
        pbx.event("Hold", "call,all", Number=str(number), Fill="x" * 100)
        if number % 100 == 99:
            watcher.read_until(Event="Hold", Number=str(number))  # it is not slow itself
    pbx.event("Unhold", "call,all")
    text = b""
    while b"Event: Unhold" not in text:
        answer = client.ask(Action="WaitEvent", ActionID="w1", Timeout=30)
        assert COMPLETE.fullmatch(answer.body), answer
        text += answer.body
    dropped = sum(int(number) for number in re.findall(rb"Event: EventsSkipped\r\n[^\x00]*?Dropped: (\d+)", text))
    numbers = [int(number) for number in re.findall(rb"Number: (\d+)", text)]
    assert dropped > 0 and dropped + len(numbers) == count
    assert numbers == sorted(set(numbers))
    assert b"Pong" in client.ask(Action="Ping").body


# -- the end of a session that waits


def test_i16_ajam_logoff_answers_the_wait(client):
    web = client.wait_event("w1", Timeout=30)
    assert b"Response: Goodbye" in client.ask(Action="Logoff").body
    assert events_of(client.receive(web)) == []
    assert client.ask(Action="Ping").body == DENIED


def kick(admin, name):
    headers = admin.ask(ProxyAction="ListSessions").headers
    at = headers.index(("ProxyClientUser", name))  # its number follows
    number = next(value for header, value in headers[at:] if header == "ProxyClientId")
    assert admin.ask(ProxyAction="KickSession", Session=number)["Response"] == "Success"


def test_i16_ajam_kicked_session_answers_the_wait(client, admin):
    web, cookie = client.wait_event("w1", Timeout=30), client.cookie
    kick(admin, "dave")
    answer = client.receive(web)
    assert answer.status == 200 and answer.body == DENIED, answer
    assert client.cookie != cookie
    assert Ajam(client.proxy, cookie=cookie).ask(Action="Ping").body == DENIED
    client.login()


def test_i16_ajam_kicked_session_with_an_action_in_flight(client, admin, pbx):
    client.send(Action="CoreStatus", ActionID="c")
    question = pbx.expect(Action="CoreStatus")
    kick(admin, "dave")
    assert client.receive().body == DENIED
    question.reply()
    client.login()
    assert b"Pong" in client.ask(Action="Ping", Server="pbx1").body


def test_i16_ajam_reload_that_removes_the_user_answers_the_wait(reloadable):
    sections = {"listen": listeners(), "plugins": ALL_PLUGINS, "http": {"ajam": {}}}
    proxy, change = reloadable(users=STEERED, **sections)
    client, other = Ajam(proxy), Ajam(proxy)
    client.login("caller")
    other.login("dave")
    web, cookie = client.wait_event("w1", Timeout=30), client.cookie
    change(users=[user for user in STEERED if user["name"] != "caller"], **sections)
    proxy.hang_up()
    answer = client.receive(web)
    assert answer.status == 200 and answer.body == DENIED, answer
    assert Ajam(proxy, cookie=cookie).ask(Action="Ping").body == DENIED
    assert b"Authentication failed" in client.ask(Action="Login", Username="caller", Secret=secret_of("caller")).body
    assert b"Pong" in other.ask(Action="Ping").body


def test_i16_ajam_sigterm_answers_the_wait(client):
    web = client.wait_event("w1", Timeout=30)
    client.proxy.signal(signal.SIGTERM)
    answer = client.receive(web)
    assert answer.status == 200 and set(events_of(answer)) <= {b"ProxyShutdown"}, answer
    assert answer.get("Connection") == "close"
    web.read_to_end()
    assert client.proxy.wait() == 0


def test_i16_ajam_sigterm_while_an_action_is_in_flight(client, pbx):
    client.send(Action="CoreStatus", ActionID="c")
    question = pbx.expect(Action="CoreStatus")
    client.proxy.signal(signal.SIGTERM)
    client.proxy.wait_for_drain()
    question.reply(CoreCurrentCalls="7")
    assert b"CoreCurrentCalls: 7" in client.receive().body
    assert client.proxy.wait() == 0
