"""A server that does what the test says. It answers logins and keep-alive pings itself and hands every other action to
the test, which decides when, how and in which order to answer. It can also stall, flap and reset connections.

One thread accepts, and one thread reads each connection; tests run in the main thread and write to the sockets
themselves."""

import contextlib
import hashlib
import socket
import struct
import threading

from .limits import DEADLINE, Deadline
from .message import Message, encode

BANNER = "Asterisk Call Manager/5.0.2"


class Action(Message):
    """An action that the proxy sent, and the way to answer it."""

    def __init__(self, block, connection):
        super().__init__(block)
        self.connection = connection

    @property
    def id(self):
        return self["ActionID"]

    def send(self, *pairs):
        self.connection.send(encode(pairs))

    def reply(self, response="Success", *pairs, **headers):
        self.send(("Response", response), ("ActionID", self.id), *pairs, *headers.items())

    def start_list(self, message="List will follow"):
        self.reply("Success", EventList="start", Message=message)

    def item(self, event, *pairs, **headers):
        self.send(("Event", event), ("ActionID", self.id), *pairs, *headers.items())

    def end_list(self, event, count):
        self.item(event, EventList="Complete", ListItems=count)

    def drop_connection(self):
        self.connection.close()


class Connection:
    """One connection from the proxy: a lane. `events` is what its Login asked for."""

    def __init__(self, server, sock):
        self.server = server
        self.socket = sock
        self.logged_in = False
        self.events = "on"
        self.challenge = "987654321"
        self.lock = threading.Lock()
        self.received = b""
        self.open = True

    def send(self, data):
        with self.lock:
            try:
                for chunk in self.server.chunks(data):
                    self.socket.sendall(chunk)
            except OSError:
                pass

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def reset(self):
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def run(self):
        self.send((self.server.banner + "\r\n").encode())
        rest = b""
        while True:
            self.server.reading.wait()
            try:
                data = self.socket.recv(1 << 16)
            except OSError:
                break
            if not data:
                break
            self.received += data
            *blocks, rest = (rest + data).split(b"\r\n\r\n")
            for block in blocks:
                self.server.take(Action(block, self))
        self.open = False
        self.socket.close()
        self.server.ended(self)


class ScriptedServer:
    """Listens on a port of the kernel's choice. Faults are attributes and methods; the rest is expect() and reply()."""

    def __init__(self, secret, banner=BANNER, fully_booted=True, answers=None):
        self.secret = secret
        self.banner = banner
        self.fully_booted = fully_booted
        self.answers = dict(answers or {})  # action name -> function(action), called by the reading thread
        self.refuse_login = False  # answers every Login as Asterisk answers a wrong secret
        self.refuse_connections = False  # accepts and closes at once
        self.silent = False  # answers nothing by itself, not even a Ping
        self.lists_channels = []  # (name, id, linked id) that are up when the proxy itself asks
        self.cut = None  # bytes per write, None: as they come
        self.commands = None  # action -> classes, the answer to ListCommands; None: it is not known here
        self.reading = threading.Event()  # cleared: a stalled peer; its socket stays open
        self.reading.set()
        self.changed = threading.Condition()
        self.connections = []
        self.actions = []  # taken from the front by expect()
        self.accepted = 0
        self.logins = 0
        self.logoffs = 0
        self.pings = 0
        self.listings = 0  # ListCommands that were answered, or handled by the test
        self.login_actions = []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = self.socket.getsockname()
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def chunks(self, data):
        if self.cut is None:
            return [data]
        return [data[start : start + self.cut] for start in range(0, len(data), self.cut)]

    def _accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            self._take_over(sock)

    def _take_over(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.changed:  # one step, so that go_down() finds what was not refused
            self.accepted += 1
            self.changed.notify_all()
            if self.refuse_connections:
                sock.close()
                return
            connection = Connection(self, sock)
            self.connections.append(connection)
        threading.Thread(target=connection.run, daemon=True).start()

    # -- called by the reading threads

    def take(self, action):
        name = (action.get("Action") or "").lower()
        own = getattr(self, "_on_" + name, None)
        if own is not None:
            own(action)
            return
        if name == "status" and (action.id or "").startswith("amp0-"):  # of no session: the proxy's own question
            self._list_channels(action)
            return
        handler = self.answers.get(action.get("Action"))
        if handler is not None:
            handler(action)
            return
        with self.changed:
            self.actions.append(action)
            self.changed.notify_all()

    def _list_channels(self, action):
        if self.silent:
            return
        action.start_list()
        for name, uid, linked, *more in self.lists_channels:  # more: pairs
            action.item("Status", *more, Privilege="Call", Channel=name, Uniqueid=uid, Linkedid=linked)
        action.end_list("StatusComplete", len(self.lists_channels))

    def _answer(self, action, response, *pairs):
        if not self.silent:
            own = [("ActionID", action.get("ActionID"))] if "ActionID" in action else []
            action.send(("Response", response), *own, *pairs)

    def _on_challenge(self, action):
        self._answer(action, "Success", ("Challenge", action.connection.challenge))

    def _on_login(self, action):
        connection = action.connection
        key = hashlib.md5((connection.challenge + self.secret).encode()).hexdigest()
        right = action.get("Key") == key or action.get("Secret") == self.secret
        with self.changed:
            self.login_actions.append(action)
            self.changed.notify_all()
        if self.refuse_login or not right:
            self._answer(action, "Error", ("Message", "Authentication failed"))
            connection.close()
            return
        connection.events = (action.get("Events") or "on").lower()
        self._answer(action, "Success", ("Message", "Authentication accepted"))
        if self.fully_booted and connection.events != "off" and not self.silent:
            connection.send(
                encode(
                    [
                        ("Event", "FullyBooted"),
                        ("Privilege", "system,all"),
                        ("Uptime", "120"),
                        ("LastReload", "60"),
                        ("Status", "Fully Booted"),
                    ]
                )
            )
        with self.changed:
            connection.logged_in = True
            self.logins += 1
            self.changed.notify_all()

    def _on_ping(self, action):
        with self.changed:
            self.pings += 1
            self.changed.notify_all()
        self._answer(action, "Success", ("Ping", "Pong"), ("Timestamp", "1700000000.000001"))

    def _on_listcommands(self, action):
        """Answers an action that the proxy sends by itself; a client's is answered in the same way, or by `answers`."""
        handler = self.answers.get("ListCommands")
        if handler is not None:
            handler(action)
        elif self.commands is None:
            self._answer(
                action,
                "Error",
                (
                    "Message",
                    "Invalid/unknown command: ListCommands. Use Action: ListCommands to show available commands.",
                ),
            )
        else:
            self._answer(
                action,
                "Success",
                *[(name, f"What it does.  (Priv: {classes})") for name, classes in self.commands.items()],
            )
        with self.changed:
            self.listings += 1
            self.changed.notify_all()

    def _on_logoff(self, action):
        with self.changed:
            self.logoffs += 1
            self.changed.notify_all()
        self._answer(action, "Goodbye", ("Message", "Thanks for all the fish."))
        action.connection.close()

    def ended(self, connection):
        with self.changed:
            if connection in self.connections:
                self.connections.remove(connection)
            self.changed.notify_all()

    # -- called by tests

    def wait(self, condition, what, seconds=None):
        deadline = Deadline(seconds)
        with self.changed:
            while not condition():
                assert not deadline.passed(), f"not in time: {what}"
                self.changed.wait(deadline.left())

    def expect(self, seconds=None, **wanted):
        """The next action that has these headers; others stay where they are."""
        found = []

        def look():
            found[:] = [action for action in self.actions if action.matches(wanted)][:1]
            return bool(found)

        with self.changed:
            self.wait(look, f"action {wanted}; here are {self.actions[:5]}", seconds)
            self.actions.remove(found[0])
        return found[0]

    def expect_all(self, count, seconds=None):
        """The next `count` actions, whatever they are."""
        with self.changed:
            self.wait(lambda: len(self.actions) >= count, f"{count} actions", seconds)
            taken, self.actions = self.actions[:count], self.actions[count:]
        return taken

    def lanes(self):
        with self.changed:
            return [connection for connection in self.connections if connection.logged_in and connection.open]

    def main_lane(self):
        """The connection that gets events."""
        self.wait(lambda: any(lane.events != "off" for lane in self.lanes()), "a main lane")
        return next(lane for lane in self.lanes() if lane.events != "off")

    def send_raw(self, data):
        self.main_lane().send(data)

    def event(self, name, privilege="call,all", *pairs, **headers):
        """An event to whoever listens, as Asterisk heads it."""
        self.send_raw(encode([("Event", name), ("Privilege", privilege), *pairs, *headers.items()]))

    def event_for_all(self, name, privilege="call,all", **headers):
        """The same to every session that gets events: two, while one process takes over from another."""
        data = encode([("Event", name), ("Privilege", privilege), *headers.items()])
        for lane in [lane for lane in self.lanes() if lane.events != "off"]:
            lane.send(data)

    def drop_connections(self, reset=False):
        with self.changed:
            connections = list(self.connections)
        for connection in connections:
            connection.reset() if reset else connection.close()

    def go_down(self):
        """Loses every connection and takes no new one until go_up()."""
        with self.changed:
            self.refuse_connections = True
        self.drop_connections()

    def go_up(self):
        self.refuse_connections = False

    def stall(self):
        """Makes the server neither read nor answer, with its connections open."""
        self.silent = True
        self.reading.clear()

    def describe(self):
        """For whoever reads of a failed test: its state, and the kernel's of its connections (/proc/net/tcp)."""
        port = f":{self.address[1]:04X} "
        try:
            with open("/proc/net/tcp", encoding="ascii") as table:
                kernel = [line.rstrip() for number, line in enumerate(table) if number == 0 or port in line]
        except OSError as error:  # no descriptor is left, say: what the test failed at matters more
            kernel = [f"/proc/net/tcp: {error.strerror}"]
        with self.changed:
            lines = [
                f"{name}: {getattr(self, name)}"
                for name in (
                    "accepted",
                    "logins",
                    "logoffs",
                    "pings",
                    "listings",
                    "silent",
                    "refuse_connections",
                    "refuse_login",
                )
            ]
            lines += [
                f"connection open={lane.open} logged_in={lane.logged_in} events={lane.events} "
                f"received={len(lane.received)} last={bytes(lane.received[-300:])!r}"
                for lane in self.connections
            ]
            lines += [f"not taken: {action!r}" for action in self.actions[-20:]]
        return "\n".join(lines + kernel)

    def close(self):
        """The accepting thread ends before its descriptor is free: the next server may get the same number, and a
        thread that is late would take that one's connections."""
        self.reading.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes accept(), which close() does not
        self.thread.join(DEADLINE)
        self.socket.close()
        self.drop_connections()
