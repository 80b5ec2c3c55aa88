"""A reload adds and removes servers: each is announced once, and nothing is announced of those that stay."""

import pytest

from harness.proxy import configuration, server_entry, write_configuration

SCRIPT = """
    amp.on("server.up", function(name) amp.log.info("seen up " .. name) end)
    amp.on("server.down", function(name) amp.log.info("seen down " .. name) end)
    return {name = "Watch", summary = "Watches servers", run = function(_, reply) reply:ok{Message = "here"} end}
"""


def told(proxy):
    """The callbacks of the scripts of all workers. Their order between workers is open, so the list is sorted."""
    return sorted(line.split("seen ")[1].split('"')[0].strip() for line in proxy.lines if "seen " in line)


@pytest.mark.parametrize("kept_first", [True, False])
def test_f24_a_reload_tells_only_of_those_that_went_and_came(start_proxy, scripted, scripts, workers, kept_first):
    kept, dropped, other, fresh = scripted(), scripted(), scripted(), scripted()
    folder = scripts(action_watch=SCRIPT)
    sections = {"scripts": {"path": folder, "proxy_actions": ["watch"]}}
    first = {"kept": kept, "dropped": dropped, "other": other}
    second = {"kept": kept, "fresh": fresh} if kept_first else {"fresh": fresh, "kept": kept}
    proxy = start_proxy(first, **sections)
    proxy.wait_until(
        lambda lines: sum("seen up" in line for line in lines) >= 3 * workers, "three servers in each worker"
    )
    client = proxy.login("dave")
    client.read_until(Event="FullyBooted")
    sent = proxy.login("dave", Events="off")
    sent.send(Action="CoreStatus", Server="dropped", ActionID="lost")
    dropped.expect(Action="CoreStatus")
    before = len(told(proxy))
    write_configuration(
        proxy.path, configuration([server_entry(server, name) for name, server in second.items()], workers, **sections)
    )
    proxy.make_readable()
    proxy.hang_up()
    assert sent.response("lost")["Response"] == "Error"
    proxy.wait_until(lambda lines: sum("seen up fresh" in line for line in lines) >= workers, "the fresh one")
    proxy.wait_until(lambda lines: sum("seen down" in line for line in lines) >= 2 * workers, "those that went")
    expected = sorted(["up kept", "up dropped", "up other", "up fresh", "down dropped", "down other"] * workers)
    assert told(proxy) == expected, (before, told(proxy))
    events = client.collect_until(Event="ServerUp", Server="fresh")
    names = [(event["Event"], event["Server"]) for event in events if event.get("Event", "").startswith("Server")]
    assert sorted(names) == [("ServerDown", "dropped"), ("ServerDown", "other"), ("ServerUp", "fresh")]
    assert kept.logins == 1 and kept.accepted == 1


def test_f24_dropserver_is_told(start_proxy, scripted, scripts, workers):
    kept, dropped = scripted(), scripted()
    folder = scripts(action_watch=SCRIPT)
    users = [{"name": "dave", "secret": "dave-SECRET-1", "admin": True}]
    proxy = start_proxy(
        {"kept": kept, "dropped": dropped}, users=users, scripts={"path": folder, "proxy_actions": ["stock", "watch"]}
    )
    proxy.wait_until(
        lambda lines: sum("seen up" in line for line in lines) >= 2 * workers, "two servers in each worker"
    )
    client = proxy.login("dave", Events="off")
    client.send(ProxyAction="DropServer", Server="dropped", ActionID="d")
    assert client.response("d").get("Message") == "Dropped dropped"
    proxy.wait_until(lambda lines: sum("seen down dropped" in line for line in lines) >= workers, "it went")
    assert told(proxy) == sorted(["up kept", "up dropped", "down dropped"] * workers)
