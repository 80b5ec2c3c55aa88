"""Tens of thousands of users: they load, log in, and a reload takes a time that grows with their number, not its
square."""

import json
import os
import signal
import time

from harness.limits import poll
from harness.proxy import configuration, server_entry


def users(count):
    return [
        {
            "name": f"user{number}",
            "secret": f"secret-SECRET-{number}",
            "channel": f"SIP/{number}",
            "in_context": f"context{number % 1000}",
        }
        for number in range(count)
    ]


def write(proxy, pbx, workers, people):
    """As JSON, which is YAML: it is written quickly."""
    with open(proxy.path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(configuration([server_entry(pbx, "pbx1")], workers, users=people), file, indent=1)
    proxy.make_readable()


def reload_time(proxy, pbx, workers, count):
    """Seconds that a reload of so many takes, the reading of the file included."""
    write(proxy, pbx, workers, users(count))
    begin = time.monotonic()
    proxy.hang_up()  # returns when it is done
    return time.monotonic() - begin


def test_f16_many_users_load_and_reload(start_proxy, pbx, workers):
    """More than 1 MiB of them. Four times as many take four times as long; a square would be sixteen times."""
    proxy = start_proxy({"pbx1": pbx}, users=users(100), up=[])
    few, many = [], []  # the least of each counts: other programs can only make one longer

    def is_linear():
        few.append(reload_time(proxy, pbx, workers, 4000))
        many.append(reload_time(proxy, pbx, workers, 16002))
        return len(few) >= 2 and min(many) < 10 * min(few)

    assert poll(is_linear), (few, many)
    last = proxy.connect()
    assert last.login("user16001", "secret-SECRET-16001", Events="off")["Response"] == "Success"
    assert proxy.connect().login("user15999", "secret-SECRET-1", Events="off")["Response"] == "Error"


def test_f16_a_name_that_stands_twice_is_told(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=users(3), up=[])
    twice = users(2000) + [{"name": "user1234", "secret": "x-SECRET-1"}]
    write(proxy, pbx, 1, twice)
    proxy.process.send_signal(signal.SIGHUP)
    line = proxy.wait_for_line("configuration not reloaded")
    assert "users[2000].name" in line and "as in users[1234]" in line


def test_f16_clients_are_served_while_a_configuration_is_read(start_proxy, pbx, workers):
    """The file is read and judged on a thread of its own: actions, also of the proxy itself, are answered meanwhile."""
    proxy = start_proxy({"pbx1": pbx}, users=users(100), up=[])
    client = proxy.connect()
    assert client.login("user1", "secret-SECRET-1", Events="off")["Response"] == "Success"
    write(proxy, pbx, workers, users(20000))
    before = sum("configuration reloaded" in line for line in proxy.lines)
    proxy.process.send_signal(signal.SIGHUP)
    proxy.wait_for_line("log reopened")
    answered = 0
    while sum("configuration reloaded" in line for line in proxy.lines) == before:
        assert client.ask(Action="Ping")["Response"] == "Success"
        answered += 1
    assert answered >= 10, answered


def test_f16_reloads_that_come_together_are_all_answered(start_proxy, pbx, workers):
    """A reload that is asked for during another waits for the next one, which reads the files as they are then."""
    people = users(3000)
    people[0]["admin"] = True
    proxy = start_proxy({"pbx1": pbx}, users=people, up=[])
    admins = [proxy.connect() for _ in range(6)]
    for admin in admins:
        assert admin.login("user0", "secret-SECRET-0", Events="off")["Response"] == "Success"
    people[0]["secret"] = "other-SECRET-0"
    write(proxy, pbx, workers, people)
    for index, admin in enumerate(admins):
        admin.send(ProxyAction="Reload", ActionID=f"reload{index}")
    for index, admin in enumerate(admins):
        assert admin.response(f"reload{index}")["Response"] == "Success"
    assert proxy.connect().login("user0", "other-SECRET-0", Events="off")["Response"] == "Success"


def test_f16_a_reload_under_way_ends_with_the_proxy(start_proxy, pbx, workers):
    people = users(20000)
    people[0]["admin"] = True
    proxy = start_proxy({"pbx1": pbx}, users=people, up=[])
    admin = proxy.connect()
    assert admin.login("user0", "secret-SECRET-0", Events="off")["Response"] == "Success"
    proxy.make_readable()
    admin.send(ProxyAction="Reload", ActionID="late")
    client = proxy.connect()
    assert client.login("user1", "secret-SECRET-1", Events="off")["Response"] == "Success"
    proxy.process.send_signal(signal.SIGTERM)
    answers = [message for message in admin.read_to_end() if message.get("ActionID") == "late"]
    assert len(answers) == 1, answers  # done, or refused as the proxy goes down
    assert proxy.wait() == 0
    proxy.stopped = True
