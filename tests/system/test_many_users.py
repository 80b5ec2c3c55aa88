"""Tens of thousands of users: they load, log in, and a reload takes a time that grows with their number, not its square."""
import json
import os
import signal
import time

from harness.proxy import configuration, server_entry


def users(count):
    return [{"name": f"user{number}", "secret": f"secret-SECRET-{number}", "channel": f"SIP/{number}",
             "in_context": f"context{number % 1000}"} for number in range(count)]


def write(proxy, pbx, workers, people):
    """As JSON, which is YAML: it is written quickly."""
    with open(proxy.path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(configuration([server_entry(pbx, "pbx1")], workers, users=people), file, indent=1)
    proxy.make_readable()


def reload_time(proxy, pbx, workers, count):
    """Seconds that a reload of so many takes, the reading of the file included."""
    write(proxy, pbx, workers, users(count))
    begin = time.monotonic()
    proxy.hang_up()   # returns when it is done
    return time.monotonic() - begin


def test_f16_many_users_load_and_reload(start_proxy, pbx, workers):
    """More than 1 MiB of them. Four times as many take four times as long; a square would be sixteen times."""
    proxy = start_proxy({"pbx1": pbx}, users=users(100), up=[])
    few = min(reload_time(proxy, pbx, workers, count) for count in (4000, 4001, 4002))
    many = min(reload_time(proxy, pbx, workers, count) for count in (16000, 16001, 16002))
    last = proxy.connect()
    assert last.login("user16001", "secret-SECRET-16001", Events="off")["Response"] == "Success"
    assert proxy.connect().login("user15999", "secret-SECRET-1", Events="off")["Response"] == "Error"
    assert many < 10 * few, (few, many)


def test_f16_a_name_that_stands_twice_is_told(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=users(3), up=[])
    twice = users(2000) + [{"name": "user1234", "secret": "x-SECRET-1"}]
    write(proxy, pbx, 1, twice)
    proxy.process.send_signal(signal.SIGHUP)
    line = proxy.wait_for_line("configuration not reloaded")
    assert "users[2000].name" in line and "as in users[1234]" in line
