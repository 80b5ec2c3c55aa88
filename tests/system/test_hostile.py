"""An attacker reaches each limit while fifty other clients go on undisturbed: their events are complete and in order,
and their round trips take as long as before."""

import socket
import statistics
import threading
import time

import pytest

from harness.client import Client, Closed
from harness.limits import Deadline, promised, scaled
from harness.proxy import secret_of

ATTACKER = "127.0.0.2"  # another address than that of the fifty
GRACE_S = 0.010  # what a scheduler may add


class Fifty:
    """Logged-in clients that listen, and ask in turn; measured before, during and after the attack."""

    def __init__(self, proxy, pbx):
        self.pbx = pbx
        self.clients = [proxy.login("dave", Events="call") for _ in range(50)]
        for client in self.clients:
            client.fence()
        self.sent = 0
        self.calm = self.round_trips(100)

    def round_trips(self, count):
        """Median seconds of a Ping, the fifty in turn; events flow meanwhile."""
        times = []
        for number in range(count):
            client = self.clients[number % 50]
            self.sent += 1
            self.pbx.event("Tick", "call,all", Number=self.sent)
            start = time.monotonic()
            client.send(Action="Ping", ActionID=f"rt{number}")
            while client.read_message().get("ActionID") != f"rt{number}":
                pass  # a Tick; kept in the client's own list below
            times.append(time.monotonic() - start)
        return statistics.median(times)

    def check(self, busy):
        after = self.round_trips(100)  # other programs may have come meanwhile
        assert busy <= 2 * max(self.calm, after) + promised(GRACE_S), (
            f"round trips: {self.calm:.6f} s before, {busy:.6f} s during, {after:.6f} s after"
        )
        self.pbx.event("Last", "call,all")
        for client in self.clients:
            client.read_until(Event="Last")
            assert client.ticks == list(range(1, self.sent + 1))


@pytest.fixture
def fifty(monkeypatch):
    """fifty(proxy, pbx): and from then on each client keeps the numbers of its Ticks."""
    original = Client.read_message

    def read_message(self, *arguments, **options):
        message = original(self, *arguments, **options)
        if message.get("Event") == "Tick":
            self.__dict__.setdefault("ticks", []).append(int(message["Number"]))
        return message

    monkeypatch.setattr(Client, "read_message", read_message)
    return Fifty


def under(attack, others):
    """Runs the attack in a thread, measures the others meanwhile and after, and checks them."""
    failures = []

    def run():
        try:
            attack()
        except Exception as error:  # shown by the assertion below
            failures.append(repr(error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    busy = [others.round_trips(100)]
    deadline = Deadline()
    while thread.is_alive() and not deadline.passed():
        busy.append(others.round_trips(50))
    thread.join(1)
    assert not thread.is_alive() and not failures, failures
    others.check(statistics.median(busy))


def connect(proxy):
    return Client(proxy.address, banner=False, source=ATTACKER)


def refused_text(client):
    """The error that a connection above the limit gets before it is closed."""
    data = b""
    try:
        while True:
            client.socket.settimeout(10)
            received = client.socket.recv(4096)
            if not received:
                return data.decode()
            data += received
    except ConnectionError:
        return data.decode()
    finally:
        client.socket.close()


def refusal(reason):
    return f"Response: Error\r\nMessage: {reason}\r\n\r\n"


@pytest.mark.parametrize(
    "limits, reason",
    [({"sessions": 60}, "Too many sessions"), ({"per_address": 55}, "Too many sessions of this address")],
)
def test_r20_r49_flood_of_connections(start_proxy, pbx, fifty, limits, reason):
    proxy = start_proxy({"pbx1": pbx}, limits=limits)
    others = fifty(proxy, pbx)
    texts = []

    def attack():
        held = [connect(proxy) for _ in range(60)]
        for _ in range(scaled(300)):
            client = connect(proxy)
            texts.append(refused_text(client))
        for client in held:
            client.socket.close()

    under(attack, others)
    assert set(texts) == {refusal(reason)}
    assert sum("connection refused" in line for line in proxy.lines) == 1
    deadline = Deadline()
    while not deadline.passed():  # there is room again once the held ones have gone
        client = connect(proxy)
        client.socket.settimeout(10)
        if client.socket.recv(100).startswith(b"Asterisk"):
            client.socket.close()
            return
        client.socket.close()
    raise AssertionError("nobody is let in any more")


def test_sessions_of_one_user(start_proxy, pbx, fifty):
    proxy = start_proxy({"pbx1": pbx}, limits={"per_user": 50})
    others = fifty(proxy, pbx)
    texts = []

    def attack():
        for _ in range(50):
            client = Client(proxy.address)
            texts.append(client.login("dave", secret_of("dave"))["Message"])
            client.close()

    under(attack, others)
    assert set(texts) == {"Too many sessions of this user"}
    client = others.clients.pop()
    assert client.login("dave", secret_of("dave"))["Message"] == "Already authenticated"  # who is in stays in
    client.send(Action="Logoff")
    client.read_to_end()
    proxy.login("dave", Events="off")


def test_r26_message_of_endless_headers(start_proxy, pbx, fifty):
    proxy = start_proxy({"pbx1": pbx}, limits={"headers": 100})
    others = fifty(proxy, pbx)

    def attack():
        for _ in range(20):
            client = Client(proxy.address)
            client.send_raw(b"Action: Ping\r\n" + b"a: b\r\n" * 101)
            assert client.read_message()["Message"] == "Too many headers"
            client.read_to_end()

    under(attack, others)


def test_r40_actions_per_second(start_proxy, pbx, fifty):
    rate = 50
    proxy = start_proxy({"pbx1": pbx}, limits={"actions_per_second": rate})
    pbx.answers["CoreStatus"] = lambda action: action.reply()
    others = fifty(proxy, pbx)
    count, spent = 200, []

    def attack():
        client = proxy.login("bill", Events="off")
        start = time.monotonic()
        for number in range(count):
            client.send(Action="CoreStatus", ActionID=f"a{number}")
        for number in range(count):
            assert client.response(f"a{number}")["Response"] == "Success"
        spent.append(time.monotonic() - start)

    under(attack, others)
    assert spent[0] >= (count - rate) / rate / 1.1  # a second's worth at once, the others in time; none is lost


def test_idle_sessions_are_closed(start_proxy, pbx, fifty):
    proxy = start_proxy({"pbx1": pbx}, limits={"idle_timeout": "8s"})
    others = fifty(proxy, pbx)  # this may take seconds, without an event
    idle = proxy.login("bill", Events="off")
    listener = proxy.login("bill", Events="call")
    under(lambda: idle.read_to_end(), others)  # the fifty are sent events all the time
    proxy.wait_until(lambda lines: any("reason=idle" in line for line in lines), "its end")
    assert len(listener.collect_until(Event="Last")) > 0


def test_r21_one_byte_a_second_from_many(start_proxy, pbx, fifty):
    proxy = start_proxy({"pbx1": pbx}, auth={"timeout": "2s"})
    others = fifty(proxy, pbx)

    def attack():
        clients = [Client(proxy.address) for _ in range(50)]
        start, open_ = time.monotonic(), set(clients)
        while open_ and time.monotonic() - start < 30:
            for client in list(open_):
                try:
                    client.socket.send(b"A")
                    client.socket.settimeout(0.001)
                    if client.socket.recv(100) == b"":
                        open_.discard(client)
                except TimeoutError:
                    pass
                except ConnectionError:
                    open_.discard(client)
        assert not open_ and 1.5 <= time.monotonic() - start <= 20

    under(attack, others)


def test_r22_descriptors_run_out(start_proxy, pbx, fifty):
    proxy = start_proxy({"pbx1": pbx}, files=256)
    others = fifty(proxy, pbx)
    held = []

    def attack():
        for _ in range(scaled(400)):
            client = connect(proxy)
            held.append(client)
        texts = {refused_text(client) for client in held[-20:]}
        assert texts == {refusal("Too many open files")}

    under(attack, others)
    listener = others.clients[0]
    pbx.drop_connections()  # what was kept back is enough to come back
    deadline = Deadline()
    while listener.ask(Action="Ping", Server="pbx1")["Response"] != "Success":
        assert not deadline.passed()
    for client in held:
        client.socket.close()
    deadline = Deadline()
    while True:
        try:
            proxy.login("bill", Events="off")
            return
        except (Closed, OSError):
            assert not deadline.passed()


def test_peers_that_vanish_are_probed(start_proxy, pbx):
    """The kernel probes a half-open connection; /proc/net/tcp shows that timer (02)."""
    proxy = start_proxy({"pbx1": pbx})
    client = proxy.login("dave", Events="off")
    client.fence()
    ours = "%08X:%04X" % (int.from_bytes(socket.inet_aton("127.0.0.1"), "little"), client.socket.getsockname()[1])
    deadline = Deadline()
    while True:  # an answer that is not acknowledged yet has another timer
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table]
        timers = [row[5][:2] for row in rows if row[2] == ours]  # the proxy's end: the client is its remote address
        if timers == ["02"]:
            return
        assert not deadline.passed(), timers
