"""Many clients poll one long list: what each costs the server, asked for each or shared."""

import selectors
import time

import programs

ITEMS = 1000
SHARES = (
    ("asked for each", ""),
    ("in_flight", "share: {in_flight: true}\n"),
    ("kept for 1 s", "share: {in_flight: true, keep: [{action: CoreShowChannels, for: 1s}]}\n"),
)


class Poller:
    """One client: asks, and counts what comes until the list is complete."""

    def __init__(self, port, index):
        self.client = programs.Ami(port)
        self.socket = self.client.socket
        self.index, self.wrong = index, []

    def ask(self, number):
        self.id = f"p{self.index}-{number}"
        self.data = []
        self.end = b""
        self.socket.sendall(f"Action: CoreShowChannels\r\nActionID: {self.id}\r\n\r\n".encode())

    def read(self):
        """@return whether the list is complete"""
        received = self.socket.recv(1 << 18)
        if not received:
            raise programs.BenchError("a polling client was closed")
        self.data.append(received)
        self.end = (self.end + received)[-200:]
        return b"EventList: Complete" in self.end and self.end.endswith(b"\r\n\r\n")

    def check(self):
        data = b"".join(self.data)
        items, own = data.count(b"Event: CoreShowChannel\r\n"), data.count(f"ActionID: {self.id}\r\n".encode())
        if items < ITEMS or own != items + 2 or data.count(b"ActionID: ") != own:
            self.wrong.append(f"{self.id}: {items} items, {own} with its ActionID")


def poll(port, count, rounds):
    """Seconds that all took, and what was wrong."""
    pollers = [Poller(port, index) for index in range(count)]
    started = time.monotonic()
    for number in range(rounds):
        with selectors.DefaultSelector() as selector:
            for poller in pollers:
                poller.ask(number)
                selector.register(poller.socket, selectors.EVENT_READ, poller)
            waiting = count
            while waiting > 0:
                ready = selector.select(20)
                if not ready:
                    raise programs.BenchError(f"{waiting} polling clients were not answered")
                for key, _ in ready:
                    if key.data.read():
                        selector.unregister(key.fileobj)
                        waiting -= 1
        for poller in pollers:
            poller.check()
    seconds = time.monotonic() - started
    for poller in pollers:
        poller.client.close()
    return seconds, [text for poller in pollers for text in poller.wrong]


def seen_by(folder):
    """Actions of that name in the simulator's log."""
    return sum("CoreShowChannels" in line for line in programs.read_text(folder + "/actions.log").splitlines())


def measure(folder, probe, workers, count=200, rounds=3):
    """Rows (name, actions that the server saw, its CPU seconds, the proxy's, seconds, what was wrong)."""
    rows = []
    simulator = programs.Simulator(folder, "--lists", str(ITEMS), "--log", folder + "/actions.log")
    with simulator:
        for name, share in SHARES:
            with programs.Proxy(folder, simulator, probe, workers, more=share) as proxy:
                seen = seen_by(folder)
                cpu, own = simulator.cpu_seconds(), proxy.cpu_seconds()
                seconds, wrong = poll(proxy.port, count, rounds)
                seen = seen_by(folder) - seen
                rows.append((name, seen, simulator.cpu_seconds() - cpu, proxy.cpu_seconds() - own, seconds, wrong))
    return rows
