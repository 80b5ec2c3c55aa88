"""Sessions, users, servers and scripts come and go while actions are in flight and are answered late.

The actions of each tenant carry its name, servers answer with that name, and no tenant may see another's. Every action
of a session that lives is answered once. Takes 30 seconds for each number of workers; AMP_SCALE=20 makes it ten
minutes."""

import collections
import itertools
import random
import signal
import threading
import time
import traceback

import pytest

from harness.client import Closed
from harness.late import Churn, LateServer, stacks
from harness.limits import DEADLINE, scaled
from harness.message import encode
from harness.proxy import SERVER_SECRET, USERS

SECONDS = scaled(30)
PATIENCE = max(60, 4 * DEADLINE)  # for an answer, on a machine that is busy
SECRET = "lives-SECRET-1"
LOG = {"level": "info", "repeat_lines": 0}
STAY, GO = ["stays1", "stays2", "stays3"], ["goes1", "goes2"]
ADMIN = [dict(user, admin=user["name"] == "dave") for user in USERS]
SCRIPTS = {
    "action_asks": """
        return { name = "Asks", run = function(a, reply, session)
          local got = amp.call{ Action = "CoreStatus", Tenant = a.Tenant }
          if session.alive then session:send{ Event = "Told", Mark = a.Tenant } end
          if got.ok then reply:ok{ Mark = got.response.Mark } else reply:error(got.reason) end
        end }""",
    "action_sleeps": """
        return { name = "Sleeps", run = function(a, reply, session) amp.sleep("30ms") reply:ok{ Mark = a.Tenant } end }""",
    "filter_waits": """
        local kept
        amp.on("session.login", function(s) amp.sleep("5ms") kept = s end)
        amp.on("session.closed", function(s) if kept and kept.alive then kept:send{ Event = "Gone" } end end)
        return { action = function(a, s)
          if a.Action ~= "QueueSummary" then return end
          local got = amp.call{ Action = "CoreSettings", Tenant = a.Tenant }
          if got.ok and got.response.Mark ~= a.Tenant then return false, "FOREIGN " .. got.response.Mark end
        end, message = function(m) end }""",
}


class Tenant(threading.Thread):
    """One session after the other of a user: what it sees is its own, and while it lives each action is answered once."""

    def __init__(self, proxy, name, seed, end):
        super().__init__(daemon=True)
        self.proxy, self.name, self.random, self.end = proxy, name, random.Random(seed), end
        self.may_end = name in GO  # its user may be removed, its session be kicked
        self.serial, self.actions, self.sessions, self.wrong = itertools.count(), 0, 0, None
        self.start()

    def run(self):
        try:
            while time.monotonic() < self.end and self.wrong is None:
                self.session()
        except Exception as error:  # for the main thread
            self.wrong = f"{error!r} {traceback.format_exc()}"

    def session(self):
        client = self.proxy.connect(deadline=PATIENCE)
        self.sessions += 1
        place = client.socket.getsockname()
        try:
            answer = client.login(self.name, SECRET, Events=self.random.choice(["on", "off", "call", "user"]))
            if answer["Response"] == "Success":
                for _ in range(self.random.randrange(1, 6)):
                    if not self.turn(client):
                        return
                client.close()
            else:
                assert self.may_end, answer
        except (Closed, ConnectionError, OSError) as error:
            assert self.may_end, f"the session of {self.name} from {place} ended: {error!r}"
        finally:
            client.close()
            self.proxy.clients.remove(client)

    def make(self, number):
        """One of the kinds of actions, as its headers."""
        own = [("Tenant", self.name), ("ActionID", number)]
        server = self.random.choice(
            [[], [("Server", "pbx1")], [("Server", "pbx2")], [("Server", "pbx3")], [("Server", "*")]]
        )
        kinds = [
            [("Action", "CoreStatus"), *server],
            [("Action", "QueueStatus"), *server],
            [("Action", "QueueSummary"), *server],
            [("Action", "Command"), ("Command", "x"), *server],
            [("Action", "Originate"), ("Channel", "SIP/1"), ("Async", "true"), ("Application", "Wait"), *server],
            [("Action", "Ping")],
            [("ProxyAction", "Asks")],
            [("ProxyAction", "Sleeps")],
            [("ProxyAction", "ListSessions")],
            [("Action", "WaitEvent"), ("Timeout", "0")],
        ]
        return self.random.choice(kinds) + own

    def turn(self, client):
        """Asks several things at once, then reads all answers, or goes away before. @return False: it has gone"""
        asked = {f"{self.name}-{next(self.serial)}": None for _ in range(self.random.randrange(1, 9))}
        for number in asked:
            asked[number] = self.make(number)
        client.send_raw(b"".join(encode(headers) for headers in asked.values()))
        if self.random.random() < 0.3:
            client.reset() if self.random.random() < 0.7 else client.close()
            return False
        waiting, seen = set(asked), collections.Counter()
        while waiting:
            self.judge(
                client.read_message(what=f"answers to {[asked[number] for number in waiting]}"), waiting, seen, asked
            )
        for message in client.fence():  # and no more
            self.judge(message, waiting, seen, asked)
        self.actions += len(asked)
        return True

    def judge(self, message, waiting, seen, asked):
        number = message.get("ActionID")
        assert message.get("Mark", self.name) in (self.name, ""), f"{self.name} was shown {message}"
        assert "FOREIGN" not in message.text, message
        assert number is None or number.startswith((self.name, "ask-", "fence-")), f"{self.name} was shown {message}"
        if number not in asked or message.kind not in ("response", "proxyresponse"):
            if message.get("EventList") in ("Complete", "Cancelled"):
                waiting.discard(number)
            if message.get("Event") == "WaitEventComplete":
                waiting.discard(number)
            return
        seen[number] += 1
        assert seen[number] == 1, f"answered twice: {asked[number]} by {message}"
        is_list = message.get("EventList") == "start" or dict(asked[number]).get("Action") == "WaitEvent"
        if not is_list:
            waiting.discard(number)


def kick_one(dave, names, chooser):
    victims, user = [], None
    for name, value in dave.ask(ProxyAction="ListSessions").headers:  # who has not logged in has no user
        if name == "ProxyClientSession":
            user = None
        elif name == "ProxyClientUser":
            user = value
        elif name == "ProxyClientId" and user in names:
            victims.append(value)
    if victims:
        dave.ask(ProxyAction="KickSession", Session=chooser.choice(victims))


def people(names):
    return ADMIN + [{"name": name, "secret": SECRET, "filters": ["waits"]} for name in names]


@pytest.mark.timeout(SECONDS * 2 + 300) if hasattr(pytest.mark, "timeout") else (lambda test: test)
def test_f_lifetime_stress(reloadable, scripted, scripts):
    settings = {
        "scripts": {"path": scripts(**SCRIPTS), "proxy_actions": ["stock", "asks", "sleeps"]},
        "share": {"in_flight": True},
        "log": LOG,
        "auth": {"failures_per_minute": 1000000},
    }
    servers = {"pbx1": scripted(), "pbx2": scripted()}
    third = scripted()
    proxy, change = reloadable(servers, users=people(STAY + GO), **settings)
    late = [LateServer(server, seed) for seed, server in enumerate([*servers.values(), third])]
    dave, adder = proxy.login("dave", Events="off"), proxy.login("dave", Events="off")
    dave.deadline = adder.deadline = PATIENCE
    chooser = random.Random(7)
    end = time.monotonic() + SECONDS

    def reload(turn):
        there = GO if turn % 3 == 2 else GO[turn % 2 : turn % 2 + 1]
        change(servers, users=people(STAY + there), **settings)
        proxy.process.send_signal(signal.SIGHUP)

    def lose(turn):
        servers["pbx2"].drop_connections(reset=turn % 2 == 0)

    def add_and_drop(turn):
        adder.ask(
            ProxyAction="AddServer",
            Server="pbx3",
            Host=third.address[0],
            Port=third.address[1],
            Username="proxy",
            Secret=SERVER_SECRET,
            Events="on",
        )
        if turn % 2:
            adder.ask(ProxyAction="DropServer", Server="pbx3")

    churns = [
        Churn(end, reload, 1.3),
        Churn(end, lose, 0.9),
        Churn(end, add_and_drop, 0.3),
        Churn(end, lambda turn: kick_one(dave, GO, chooser), 0.2),
        Churn(end, lambda turn: servers["pbx1"].event("UserEvent", "user,all", N=turn), 0.02),
    ]
    tenants = [Tenant(proxy, name, seed, end) for seed, name in enumerate((STAY + GO) * 2)]
    for thread in (*tenants, *churns):
        thread.join(max(0, end - time.monotonic()) + PATIENCE)
        assert not thread.is_alive(), f"{thread} hangs\n{stacks()}"
    for server in late:
        server.over.set()
        server.join(PATIENCE)
        assert not server.is_alive(), f"{server} hangs\n{stacks()}"
    wrong = [thread.wrong for thread in (*tenants, *churns) if thread.wrong]
    assert not wrong, "\n".join(wrong)
    assert all(churn.turns > 1 for churn in churns) and all(t.actions > 0 and t.sessions > 1 for t in tenants)
    print(
        f"{sum(t.sessions for t in tenants)} sessions, {sum(t.actions for t in tenants)} actions answered, "
        f"{sum(s.answered for s in late)} by servers, churns {[c.turns for c in churns]}"
    )
    assert proxy.login("dave").ask(Action="Ping")["Response"] == "Success"
