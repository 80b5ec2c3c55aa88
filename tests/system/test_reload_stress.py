"""The configuration changes while every kind of wait is open: every action is answered once.

Each kind has threads of its own, whose sessions wait for nothing else. A reload comes every tenth of a second, by
SIGHUP and by `ProxyAction: Reload` in turn, and alternates between two configurations. The test runs for four seconds
with each number of workers, and longer until each kind has been open during several reloads; AMP_SCALE=15 makes it a
minute."""

import collections
import itertools
import json
import random
import threading
import time
import traceback

import pytest

from harness.client import Closed
from harness.late import Churn, LateServer, stacks
from harness.limits import DEADLINE, scaled
from harness.message import encode
from harness.proxy import USERS
from harness.resume import KEEP

SECONDS = scaled(4)
LEAST_RELOADS = 3  # that each kind of wait must see
PATIENCE = max(60, 4 * DEADLINE)  # for an answer, on a machine that is busy
SECRET = "waits-SECRET-W"
HASH = "$2b$10$abcdefghijklmnopqrstuu0RgN4UTyEOEgMCWwUP.zIqi4yLl7XEa"  # of SECRET
LOG = {"level": "info", "repeat_lines": 0}
ADMIN = [dict(user, admin=user["name"] == "dave") for user in USERS]
PLUGINS = {"load": ["standard", "json"]}
SCRIPTS = {
    "action_asks": """
        return { name = "Asks", run = function(a, reply, session)
          local got = amp.call{ Action = "CoreStatus", Tenant = a.Tenant }
          if got.ok then reply:ok{ Mark = got.response.Mark } else reply:error(got.reason) end
        end }""",
    "action_sleeps": """
        return { name = "Sleeps", run = function(a, reply, session) amp.sleep("300ms") reply:ok{ Mark = a.Tenant } end }""",
    "action_lists": """
        return { name = "Lists", run = function(a, reply, session)
          reply:begin() reply:item{ Event = "One", N = 1 } amp.sleep("200ms") reply:item{ Event = "One", N = 2 }
        end }""",
    "filter_waits": """
        return { action = function(a, s)
          if a.Action == "QueueSummary" then amp.call{ Action = "CoreSettings", Tenant = a.Tenant } end
        end, message = function(m) end }""",
    "filter_marks": """
        return { message = function(m) if m.Event == "UserEvent" then m.Marked = "yes" end end }""",
}


# -- the kinds of waits: each makes the bytes of what a session sends, and the ActionIDs that are to be answered


def action(number, name, *more):
    return encode([("Action", name), *more, ("ActionID", number)])


def proxy_action(number, name, *more):
    return encode([("ProxyAction", name), *more, ("ActionID", number)])


def verdict(number):
    return [(number(), "QueueSummary")]


def script_at_work(number):
    return [(number(), name) for name in ("Sleeps", "Asks", "Lists")]


def queued(number):
    """More blocking actions than there are lanes."""
    return [(number(), name) for name in ("Command", "Command", "CoreStatus", "Command", "Command")]


def coalesced(number):
    return [(number(), "QueueStatus"), (number(), "QueueStatus")]


def lists_of_all(number):
    return [(number(), "QueueStatus", ("Server", "*")), (number(), "CoreStatus", ("Server", "*"))]


def of_a_server_that_goes(number):
    return [(number(), name, ("Server", "pbx3")) for name in ("QueueStatus", "Command", "CoreStatus")]


def originates(number):
    return [(number(), "Originate", ("Channel", "SIP/1"), ("Async", "true"), ("Application", "Wait"))]


def event(number):
    return [(number(), "WaitEvent", ("Timeout", "1"))]


def faster_than_allowed(number):
    return [(number(), "Ping") for _ in range(60)]


def everything(number):
    return [*script_at_work(number), *verdict(number), *queued(number), *originates(number), *lists_of_all(number)]


SCRIPTED = ("Sleeps", "Asks", "Lists")
KINDS = {
    "verdict": verdict,
    "script": script_at_work,
    "queued": queued,
    "coalesced": coalesced,
    "all": lists_of_all,
    "dropped": of_a_server_that_goes,
    "originate": originates,
    "event": event,
    "rate": faster_than_allowed,
    "goes": everything,
    "format": None,
    "credentials": None,
    "delay": None,
    "move": None,
}


class Waiter(threading.Thread):
    """Sessions of one kind, one after the other. While a session lives each of its actions is answered once."""

    def __init__(self, test, kind, seed):
        super().__init__(daemon=True, name=f"{kind}{seed}")
        self.test, self.kind, self.random = test, kind, random.Random(f"{kind}{seed}")
        self.user = {"verdict": "judged", "goes": "goes", "credentials": "hilda"}.get(kind, "stays")
        self.may_end = kind == "goes"  # its user is removed by every other reload
        self.serial, self.answered, self.reloads, self.wrong = itertools.count(), 0, 0, None
        self.start()

    def number(self):
        return f"{self.name}-{next(self.serial)}"

    def run(self):
        try:
            while not self.test.over() and self.wrong is None:
                self.session()
        except Exception as error:  # for the main thread
            self.wrong = f"{self.name}: {error!r} {traceback.format_exc()}"

    def session(self):
        client = self.test.proxy.connect(deadline=PATIENCE)
        try:
            if self.kind in ("credentials", "delay"):
                self.log_in_slowly(client)
            elif self.kind == "move":
                self.come_back(client)
            elif client.login(self.user, SECRET, Events=self.random.choice(["on", "off"]))["Response"] == "Success":
                for _ in range(self.random.randrange(1, 4)):
                    self.turn(client)
            else:
                assert self.may_end, "the login was refused"
        except (Closed, ConnectionError) as error:
            assert self.may_end, f"a session of {self.user} ended: {error!r}"
            self.reloads += 1  # the one that removed its user
        finally:
            client.close()
            self.test.proxy.clients.remove(client)

    def log_in_slowly(self, client):
        """WAIT_CREDENTIALS, WAIT_LOGIN_DELAY: one answer to a Login, and to what was sent behind it."""
        login, ping = self.number(), self.number()
        secret = SECRET if self.kind == "credentials" else "wrong"
        before = self.test.reloads
        client.send_raw(
            action(login, "Login", ("Username", self.user), ("Secret", secret), ("Events", "off"))
            + action(ping, "Ping")
        )
        answer = client.response(login)
        assert answer["Response"] == ("Success" if self.kind == "credentials" else "Error"), answer
        if self.kind == "credentials":
            assert client.response(ping)["Response"] == "Success"
            assert not [message for message in client.fence() if message.get("ActionID") in (login, ping)]
        self.count(before, 1)

    def come_back(self, client):
        """WAIT_MOVE: a Login with the id of an earlier connection goes to the worker that knows it. One answer to this
        Login, and to what was sent behind it."""
        assert client.login(self.user, SECRET, Events="on")["Response"] == "Success"
        client.send(ProxyAction="SetResume", IDs="on")
        id = client.read_until(Event="ResumePoint")["ResumeID"]
        login, status = self.number(), self.number()
        before = self.test.reloads
        returned = self.test.proxy.connect(deadline=PATIENCE)
        try:
            headers = [("Username", self.user), ("Secret", SECRET), ("Events", "on"), ("Resume", id)]
            returned.send_raw(action(login, "Login", *headers) + action(status, "CoreStatus", ("Tenant", self.name)))
            for number in (login, status):
                answer = returned.response(number)
                assert answer["Response"] == "Success", answer
            assert not [message for message in returned.fence() if message.get("ActionID") in (login, status)]
        finally:
            returned.close()
            self.test.proxy.clients.remove(returned)
        self.count(before, 2)

    def count(self, before, answered):
        self.reloads += self.test.reloads - before
        self.answered += answered

    def ask(self):
        """-> {ActionID: name}, bytes to send"""
        if self.kind == "format":
            numbers = [self.number() for _ in range(5)]
            data = action(numbers[0], "CoreStatus") + proxy_action(
                numbers[1], "SetInputFormat", ("InputFormat", "json")
            )
            for number, headers in (
                (2, {"Action": "CoreStatus"}),
                (3, {"ProxyAction": "SetInputFormat", "InputFormat": "standard"}),
            ):
                data += json.dumps(headers | {"ActionID": numbers[number]}).encode() + b"\n"
            return dict.fromkeys(numbers, "format"), data + action(numbers[4], "CoreStatus")
        asked = KINDS[self.kind](self.number)
        data = b"".join(
            (proxy_action if name in SCRIPTED else action)(number, name, ("Tenant", self.name), *more)
            if self.kind != "coalesced"
            else action(number, name)
            for number, name, *more in asked
        )
        return {number: name for number, name, *_ in asked}, data

    def turn(self, client):
        asked, data = self.ask()
        before = self.test.reloads
        client.send_raw(data)
        waiting, seen = set(asked), collections.Counter()
        while waiting:
            self.judge(client.read_message(what=f"answers to {[(n, asked[n]) for n in waiting]}"), waiting, seen, asked)
        for message in client.fence():  # and no more
            self.judge(message, waiting, seen, asked)
        self.count(before, len(asked))

    def judge(self, message, waiting, seen, asked):
        number = message.get("ActionID")
        assert number is None or number.startswith((self.name + "-", "ask-", "fence-")), (
            f"{self.name} was shown {message}"
        )
        assert message.get("Mark", self.name) in (self.name, ""), f"{self.name} was shown {message}"
        name = asked.get(number)
        if name is None:
            return
        if message.kind in ("response", "proxyresponse"):
            seen[number] += 1
            assert seen[number] == 1, f"{name} answered twice: {message}"
            if name == "WaitEvent" or message.get("EventList") == "start":
                return
            if name != "Originate" or message["Response"] != "Success":
                waiting.discard(number)
        elif message.get("EventList") in ("Complete", "Cancelled"):
            seen[number, "end"] += 1
            assert seen[number, "end"] == 1, f"{name} ended twice: {message}"
            waiting.discard(number)
        elif message.get("Event") in ("WaitEventComplete", "OriginateResponse"):
            waiting.discard(number)


class Stress:
    """The proxy, its servers, and whoever changes the configuration."""

    def __init__(self, reloadable, scripted, folder):
        self.section = {"path": folder, "proxy_actions": ["stock", "asks", "sleeps", "lists"]}
        self.servers = {"pbx1": scripted(), "pbx2": scripted()}
        self.third = scripted()
        self.proxy, self.change = reloadable(self.servers, **self.sections(0))
        self.late = [
            LateServer(server, seed, delay=0.25, spread=0.25)
            for seed, server in enumerate([*self.servers.values(), self.third])
        ]
        self.dave = self.proxy.login("dave", Events="off")
        self.dave.deadline = PATIENCE
        self.reloads, self.began, self.waiters = 0, time.monotonic(), []

    def sections(self, turn):
        """Every other configuration lacks a user, has another filter, and no bound on the rate of actions."""
        other = turn % 2 == 1
        names = ["stays", "judged"] + ([] if other else ["goes"])
        users = [{"name": name, "secret": SECRET} for name in names] + [{"name": "hilda", "secret": HASH}]
        users[1]["filters"] = ["waits", "marks"] if other else ["waits"]
        return {
            "users": ADMIN + users,
            "scripts": self.section,
            "share": {"in_flight": True},
            "resume": KEEP,
            "log": LOG,
            "plugins": PLUGINS,
            "auth": {"failures_per_minute": 1000000},
            "limits": {"actions_per_second": 0 if other else 40},
        }

    def reload(self, turn):
        """In the other configuration there is a third server, too."""
        servers = {**self.servers, "pbx3": self.third} if turn % 2 == 0 else self.servers
        self.change(servers, **self.sections(turn + 1))
        if turn % 4 < 2:
            self.proxy.hang_up()
        else:
            answer = self.dave.ask(ProxyAction="Reload")
            assert answer.get("ProxyResponse", answer.get("Response")) == "Success", answer
        self.reloads += 1

    def over(self):
        """The time is up, and every kind was open during reloads: on a busy machine this takes longer than that."""
        elapsed = time.monotonic() - self.began
        return elapsed >= PATIENCE + SECONDS or (
            elapsed >= SECONDS and all(waiter.reloads >= LEAST_RELOADS for waiter in self.waiters)
        )

    def run(self):
        self.waiters = [Waiter(self, kind, seed) for kind in KINDS for seed in range(2)]
        churns = [
            Churn(self.over, self.reload, 0.1),
            Churn(self.over, lambda turn: self.servers["pbx1"].event("UserEvent", "user,all", N=turn), 0.2),
        ]
        for thread in (*self.waiters, *churns):
            thread.join(max(0, self.began + SECONDS - time.monotonic()) + 2 * PATIENCE)
            assert not thread.is_alive(), f"{thread} hangs\n{stacks()}"
        for server in self.late:
            server.over.set()
            server.join(PATIENCE)
            assert not server.is_alive(), f"{server} hangs\n{stacks()}"
        return [thread.wrong for thread in (*self.waiters, *churns) if thread.wrong]


@pytest.mark.timeout(SECONDS + 600) if hasattr(pytest.mark, "timeout") else (lambda test: test)
def test_i14_reloads_while_every_kind_of_wait_is_open(reloadable, scripted, scripts):
    stress = Stress(reloadable, scripted, scripts(**SCRIPTS))
    wrong = stress.run()
    assert not wrong, "\n".join(wrong)
    few = {waiter.name: waiter.reloads for waiter in stress.waiters if waiter.reloads < LEAST_RELOADS}
    assert not few, f"these waits were open during too few reloads: {few}"
    print(f"{stress.reloads} reloads; answered: { {waiter.name: waiter.answered for waiter in stress.waiters} }")
    assert stress.proxy.login("dave").ask(Action="Ping")["Response"] == "Success"
