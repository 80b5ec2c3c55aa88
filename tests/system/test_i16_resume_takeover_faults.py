"""SIGUSR2 while clients can come back, and something is not as it should be: the old process is behind, the new one ends
or never takes what was kept, or it has another configuration."""

import os
import signal

import yaml

from harness.message import encode
from harness.proxy import USERS, write_configuration
from harness.resume import Plain, marks, tell_both
from harness.takeover import follow, take_over


class Behind:
    """The old process has not read all that it was sent before the new one logged in: events with these marks go to the
    old one alone, just before the answer to the Ping with which it makes sure that it has read everything."""

    def __init__(self, pbx, marks):
        self.pbx, self.lane, self.marks = pbx, pbx.main_lane(), marks
        self.answer = pbx._on_ping
        pbx._on_ping = self.on_ping

    def on_ping(self, action):
        if action.connection is self.lane and len(self.pbx.lanes()) > 1:
            self.catch_up()
        self.answer(action)

    def catch_up(self):
        marks, self.marks = self.marks, ()
        for mark in marks:
            self.lane.send(encode([("Event", "Newexten"), ("Privilege", "call,all"), ("Mark", mark)]))


def test_i16_resume_waits_for_what_the_old_process_has_not_read(resumable_lasting, pbx, kind):
    proxy = resumable_lasting()
    client = kind(proxy)
    client.connect()
    tell_both(pbx, 0, 5)
    client.take(5)
    client.drop()
    behind = Behind(pbx, range(5, 10))
    take_over(proxy)
    behind.catch_up()
    tell_both(pbx, 10, 5)
    assert client.connect().name == "Resumed"
    assert marks(client.take(10)) == list(range(5, 15))


def test_i16_resume_tells_restarted_if_a_server_is_silent(resumable_lasting, pbx):
    """What it has sent cannot be known then."""
    proxy = resumable_lasting()
    client = Plain(proxy)
    client.connect()
    tell_both(pbx, 0, 5)
    client.take(5)
    client.drop()
    old_lane, answer = pbx.main_lane(), pbx._on_ping
    pbx._on_ping = lambda action: None if action.connection is old_lane else answer(action)
    take_over(proxy)
    how = client.connect()
    assert (how.name, how.headers["Reason"]) == ("EventsSkipped", "restarted")
    proxy.wait_for_line('kept feeds are not handed on reason="a server did not answer a Ping in time"')


class Stopped:
    """The new process is stopped as soon as it has asked for what was kept, so that it does not take it."""

    def __init__(self, proxy, pbx):
        self.pbx = pbx
        self.lane, self.answer, self.pid = pbx.main_lane(), pbx._on_ping, None
        pbx._on_ping = self.on_ping
        self.old = proxy.process.pid
        os.kill(self.old, signal.SIGUSR2)
        given = "kept feeds handed on worker="
        proxy.wait_until(lambda lines: sum(given in line for line in lines) == proxy.workers, given)

    def on_ping(self, action):
        if action.connection is self.lane and len(self.pbx.lanes()) > 1:
            with open(f"/proc/{self.old}/task/{self.old}/children", encoding="ascii") as children:
                self.pid = int(children.read().split()[-1])
            os.kill(self.pid, signal.SIGSTOP)
        self.answer(action)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)


def test_i16_resume_goes_on_if_the_new_process_ends(resumable_lasting, pbx, kind):
    """What was held is sent once, to clients that stayed connected and to clients that come back."""
    proxy = resumable_lasting()
    stays, comes_back = kind(proxy), kind(proxy)
    for client in (stays, comes_back):
        client.connect()
    tell_both(pbx, 0, 5)
    assert marks(stays.take(5)) == marks(comes_back.take(5)) == list(range(5))
    comes_back.drop()
    stopped = Stopped(proxy, pbx)
    tell_both(pbx, 5, 5)
    stopped.kill()
    proxy.wait_for_line("hand-over failed, this process goes on")
    tell_both(pbx, 10, 5)
    assert marks(stays.take(10)) == list(range(5, 15))
    assert comes_back.connect().name == "Resumed"
    assert marks(comes_back.take(10)) == list(range(5, 15))
    del pbx._on_ping
    take_over(proxy)  # the next one succeeds
    tell_both(pbx, 15, 5)
    stays.drop()
    assert stays.connect().name == "Resumed"
    assert marks(stays.take(5)) == list(range(15, 20))


def test_i16_resume_the_old_process_stands_still(resumable_lasting, pbx):
    """The new one waits for what was kept, then serves without it: the old one reads both at the same time later."""
    proxy = resumable_lasting()
    old = proxy.process.pid
    listening = sum("listening address=" in line for line in proxy.lines)
    os.kill(old, signal.SIGUSR2)
    proxy.wait_for_line("hand-over begins")
    os.kill(old, signal.SIGSTOP)
    try:
        proxy.wait_for_line("the earlier process did not answer in time")
        proxy.wait_until(
            lambda lines: sum("listening address=" in line for line in lines) == 2 * listening, "it serves"
        )
        with open(f"/proc/{old}/task/{old}/children", encoding="ascii") as children:
            new = int(children.read().split()[-1])
    finally:
        os.kill(old, signal.SIGCONT)
    follow(proxy)
    assert proxy.process.pid == new and proxy.login("dave").ask(Action="Ping")["Response"] == "Success"


def test_i16_resume_does_not_hand_on_a_stream_that_begins_meanwhile(resumable_lasting, pbx, kind):
    """What was kept is written already. The client is told that it has missed something."""
    proxy = resumable_lasting()
    stopped = Stopped(proxy, pbx)
    client = kind(proxy)
    assert client.connect().name == "ResumePoint"
    client.drop()
    stopped.go_on()
    follow(proxy)
    how = client.connect()
    assert (how.name, how.headers["Reason"]) == ("EventsSkipped", "too old")
    tell_both(pbx, 0, 1)
    assert marks(client.take(1)) == [0]


def test_i16_resume_holds_no_more_than_its_memory(resumable_lasting, pbx):
    proxy = resumable_lasting(resume={"keep": "60s", "memory": "1MiB"})
    client = Plain(proxy)
    client.connect()
    tell_both(pbx, 0, 1)
    client.take(1)
    Stopped(proxy, pbx)
    told = 'reason="more came meanwhile than resume.memory"'
    sent = 1
    while not proxy.log_contains(told) and sent < 100_000:
        pbx.event("Newexten", "call,all", Mark=sent, Filler="x" * 1000)
        sent += 1
    proxy.wait_for_line(told)
    pbx.event("Newexten", "call,all", Mark=sent)
    assert marks(client.take(sent)) == list(range(1, sent + 1))
    assert sum("more came meanwhile" in line for line in proxy.lines) == 1


def configured(proxy):
    with open(proxy.path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def over_with(proxy, pbx, kind, name="dave", **sections):
    """A client comes back to a new process with another configuration. @return it, and what it is told"""
    client = kind(proxy, name)
    client.connect()
    tell_both(pbx, 0, 5)
    client.take(5)
    client.drop()
    write_configuration(proxy.path, {**configured(proxy), **sections})
    proxy.make_readable()
    take_over(proxy)
    tell_both(pbx, 5, 5)
    return client, client.connect()


def test_i16_resume_is_off_in_the_new_process(resumable_lasting, pbx, kind):
    _, how = over_with(resumable_lasting(), pbx, kind, resume={"keep": "0s"})
    assert (how.name, how.headers.get("Reason")) == ("EventsSkipped", "off")


def test_i16_resume_users_rules_are_others_in_the_new_process(resumable_lasting, pbx, kind):
    users = [{**user, "read": ["call", "system"]} if user["name"] == "viewer" else user for user in USERS]
    client, how = over_with(resumable_lasting(), pbx, kind, "viewer", users=users)
    assert (how.name, how.headers.get("Reason")) == ("EventsSkipped", "another view")
    tell_both(pbx, 10, 1)
    received = []  # what the new process heard after the client came is for it, too
    while 10 not in received:
        received += marks(client.take(1))
    assert received == list(range(11 - len(received), 11))


def test_i16_resume_with_other_workers_in_the_new_process(resumable_lasting, pbx, kind):
    proxy = resumable_lasting()
    client, how = over_with(proxy, pbx, kind, workers=1 if configured(proxy)["workers"] == 4 else 4)
    assert how.name == "Resumed"
    assert marks(client.take(5)) == list(range(5, 10))
