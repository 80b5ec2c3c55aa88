"""Regression tests of faults found in code reviews: order of letters, texts cut before they are compared, starts that
fail."""

import os
import resource
import signal
from functools import partial

import pytest

from harness.limits import DEADLINE, Deadline
from harness.message import encode
from harness.proxy import USERS, Proxy, configuration, server_entry
from harness.web import ALL_PLUGINS, Web, basic, listeners

ADMIN = [dict(user, admin=user["name"] == "dave") for user in USERS]
NO_LEAKS = dict(
    os.environ, ASAN_OPTIONS=":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0"]))
)  # looking for leaks takes descriptors
REUSING = dict(
    os.environ,
    ASAN_OPTIONS=":".join(
        filter(None, [os.environ.get("ASAN_OPTIONS"), "quarantine_size_mb=0", "thread_local_quarantine_size_kb=0"])
    ),
)


@pytest.mark.parametrize("workers", [1])  # only there do a worker's asks hurry to the hub
@pytest.mark.parametrize("count", [64, 200])
def test_f58_asks_do_not_overtake_a_command(start_proxy, scripted, count):
    """An admin drops a server; what another client asks of it afterwards, however much, comes too late."""
    pbx1, pbx2 = scripted(), scripted()
    proxy = start_proxy({"pbx1": pbx1, "pbx2": pbx2}, users=ADMIN, limits={"in_flight": count})
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    bill.fence()
    dave.fence()  # heard last, so looked at first
    proxy.process.send_signal(signal.SIGSTOP)  # so that both are read in one turn of the loop, in this order
    dave.send(ProxyAction="DropServer", Server="pbx2", ActionID="drop")
    bill.send_raw(
        b"".join(encode([("Action", "CoreStatus"), ("Server", "pbx2"), ("ActionID", n)]) for n in range(count))
    )
    proxy.process.send_signal(signal.SIGCONT)
    assert dave.response("drop")["Message"] == "Dropped pbx2"
    answers = [bill.response(str(n)) for n in range(count)]
    assert {answer.get("Message") for answer in answers} == {"Unknown server: pbx2"}
    assert not pbx2.actions


def test_f58_reload_while_going_down_is_told(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=ADMIN)
    bill = proxy.login("bill", Events="off")
    bill.send(Action="CoreStatus", ActionID="c")
    action = pbx.expect(Action="CoreStatus")
    proxy.process.send_signal(signal.SIGTERM)
    proxy.wait_for_drain()
    proxy.hang_up("configuration not reloaded")
    proxy.wait_for_line("configuration not reloaded", "the proxy is going down")
    action.reply()
    assert bill.response("c")["Response"] == "Success"
    assert proxy.process.wait(DEADLINE) == 0
    proxy.stopped = True


def test_f58_long_names_of_users(start_proxy, pbx, scripts):
    """Two names that differ only at their ends: each user's filter receives only its own sessions."""
    folder = scripts(
        filter_greets="""
        local options, user = ...
        amp.on("session.login", function(s) s:send{ Event = "Greeting", Whom = user.name, Who = s.user } end)
        return { message = function(m) end }"""
    )
    names = ["u" * 63 + "a", "u" * 63 + "b", "u" * 200 + "c"]
    users = ADMIN + [{"name": name, "secret": "long-SECRET-1", "filters": ["greets"]} for name in names]
    proxy = start_proxy({"pbx1": pbx}, users=users, scripts={"path": folder})
    for name in names:
        client = proxy.connect()
        assert client.login(name, "long-SECRET-1", Events="off")["Response"] == "Success"
        greetings = [(m["Whom"], m["Who"]) for m in client.fence() if m.get("Event") == "Greeting"]
        assert greetings == [(name, name)]
    shown = proxy.login("dave", Events="off").ask(ProxyAction="ListSessions").all("ProxyClientUser")
    assert set(names) <= set(shown)


def test_f58_long_names_of_servers(start_proxy, scripted, scripts):
    """The same with names of servers: rights and script callbacks are those of the right server."""
    folder = scripts(
        filter_counts="""
        local options, user = ...
        amp.on("server.down", function(name) amp.shared:set(name, true) end)
        return { message = function(m) end }""",
        action_downs="""
        return { name = "Downs", run = function(a, reply)
          reply:ok{ Down = amp.shared:get(a.Which) and "yes" or "no" }
        end }""",
    )
    long = {
        name: scripted(answers={"Special": lambda action: action.reply()})
        for name in ("s" * 130 + "1", "s" * 130 + "2")
    }
    first, second = long
    long[first].commands = {"Ping": "<none>", "Special": "system,all"}
    long[second].commands = {"Ping": "<none>", "Special": "call,all"}
    users = [dict(user, filters=["counts"]) if user["name"] == "dave" else user for user in ADMIN]
    proxy = start_proxy(long, users=users, scripts={"path": folder, "proxy_actions": ["stock", "downs"]})
    dave, caller = proxy.login("dave"), proxy.login("caller", Events="off")
    deadline = Deadline()
    while caller.ask(Action="Special", Server=second)["Response"] == "Error":  # its list has not come yet
        assert not deadline.passed()
    assert caller.ask(Action="Special", Server=first)["Message"] == "Permission denied"
    long[second].go_down()
    dave.read_until(Event="ServerDown", Server=second)
    while dave.ask(ProxyAction="Downs", Which=second)["Down"] == "no":
        assert not deadline.passed()
    assert dave.ask(ProxyAction="Downs", Which=first)["Down"] == "no"
    long[second].go_up()


def test_f58_too_few_descriptors_for_the_loops(launch, tmp_path, pbx, workers):
    """With too few descriptors at the start the proxy ends with a message: it neither crashes nor hangs."""
    for files in range(8, 40, 2):
        folder = tmp_path / str(files)
        folder.mkdir()
        config = configuration([server_entry(pbx)], workers)
        proxy = launch(
            Proxy,
            str(folder),
            config,
            ("-f",),
            listening=False,
            env=NO_LEAKS,
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_NOFILE, (files, files)),
        )
        deadline = Deadline(60)
        while proxy.process.poll() is None and not proxy.log_contains("listening address="):
            assert not deadline.passed(), proxy.tail()
            with proxy.changed:
                proxy.changed.wait(0.05)
        if proxy.process.poll() is None:
            proxy.process.send_signal(signal.SIGTERM)
        code = proxy.process.wait(30)
        proxy.stopped = True
        assert code >= 0, f"{files} descriptors: signal {-code}\n{proxy.tail()}"
        assert not proxy.verdict(), proxy.tail()


def test_f58_what_rules_and_filters_change_is_judged_anew(start_proxy, pbx, scripts):
    """Each change is a new message, perhaps in the place of the old one: the right is that of the last."""
    folder = scripts(
        filter_turns="""
        return { action = function(a) if a.Turn then a.Action = a.Turn end end }"""
    )
    users = USERS + [
        {
            "name": "turner",
            "secret": "turner-SECRET-1",
            "write": ["call", "originate"],
            "read": ["call"],
            "filters": ["turns"],
            "account": "t",
        }
    ]
    proxy = start_proxy({"pbx1": pbx}, users=users, env=REUSING, scripts={"path": folder})
    client = proxy.connect()
    assert client.login("turner", "turner-SECRET-1", Events="off")["Response"] == "Success"
    for _turn in range(20):
        for forbidden in ("CoreSettings", "Command", "Reload"):
            answer = client.ask(
                Action="Originate", Channel="SIP/1", Exten="1", Priority="1", Context="c", Turn=forbidden, Async="true"
            )
            assert answer["Response"] == "Error", answer
    assert not pbx.actions


def test_f58_copies_of_many_views_are_each_their_own(start_proxy, pbx, scripts):
    """Every user's filter writes its own mark into every event; freed copies leave their place to the next."""
    folder = scripts(
        filter_marks="""
        local options, user = ...
        return { events = { "UserEvent" }, message = function(m) m.Mark = user.name end }"""
    )
    names = [f"m{n}" for n in range(6)]
    users = USERS + [{"name": name, "secret": "mark-SECRET-1", "filters": ["marks"]} for name in names]
    proxy = start_proxy(
        {"pbx1": pbx}, users=users, env=REUSING, scripts={"path": folder}, listen=listeners(), plugins=ALL_PLUGINS
    )
    clients = {}
    for name in names:
        clients[name] = proxy.connect()
        assert clients[name].login(name, "mark-SECRET-1", Events="user")["Response"] == "Success"
    streams = {}
    for name in names:
        streams[name] = Web(proxy.addresses[1], basic(name, "mark-SECRET-1"))
        streams[name].send_raw(streams[name].head("GET", "/events", {"Accept": "text/event-stream"}))
        assert streams[name].read_head().status == 200
    count = 100
    for n in range(count):
        pbx.event("UserEvent", "user,all", N=n, Body="x" * (n % 7))
    for name, client in clients.items():
        events = [m for m in client.collect_until(Event="UserEvent", N=str(count - 1)) if m.get("Event") == "UserEvent"]
        assert [m["N"] for m in events] == [str(n) for n in range(count)]
        assert {m["Mark"] for m in events} == {name}
    for name, stream in streams.items():
        seen = stream.until(f'"N":"{count - 1}"'.encode()) + stream.until(b"\n\n")
        assert seen.count(f'"Mark":"{name}"'.encode()) == count == seen.count(b'"Mark":')
        stream.close()


def test_f01_a_filter_closes_sessions_while_it_judges(start_proxy, pbx, scripts):
    """Sessions, and the feeds that they alone read, end in the midst of the delivery of an event."""
    folder = scripts(
        filter_closes="""
        local kept = {}
        amp.on("session.login", function(s) kept[#kept + 1] = s end)
        return { message = function(m)
          if m.Event == "UserEvent" and m.Close then
            for _, s in ipairs(kept) do
              if s.alive then s:set_autofilter("off") s:set_output("csv") s:close() end
            end
            kept = {}
          end
        end }"""
    )
    users = [dict(user, filters=["closes"]) if user["name"] in ("dave", "bill") else user for user in USERS]
    proxy = start_proxy({"pbx1": pbx}, users=users, scripts={"path": folder}, plugins={"load": ["standard", "csv"]})
    stays = proxy.login("caller", Events="on")
    for turn in range(4):
        masks = ["on", "user", "call,user", "system,user"] * 3
        clients = [proxy.login(name, Events=mask) for mask in masks for name in ("dave", "bill")]
        for n in range(3):
            pbx.event("UserEvent", "user,all", N=n, Turn=turn)
        pbx.event("UserEvent", "user,all", Close="yes")
        for client in clients:
            client.read_to_end()
        assert stays.ask(Action="Ping")["Response"] == "Success"
