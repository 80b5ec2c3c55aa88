"""Rights: the server says which class an action needs, else a table; an action that neither knows needs all classes."""

import signal

import pytest

from harness.proxy import USERS, configuration, secret_of, server_entry, write_configuration

SECRET = secret_of("dave")
CLASSES = [
    "system",
    "call",
    "log",
    "verbose",
    "command",
    "agent",
    "user",
    "config",
    "dtmf",
    "reporting",
    "cdr",
    "dialplan",
    "originate",
    "agi",
    "cc",
    "aoc",
    "test",
    "security",
    "message",
]
WRITES = {
    "nobody": [],
    "all": ["all"],
    "every": CLASSES,
    "mixed": ["agi", "reporting"],
    **{name: [name] for name in CLASSES},
}
PEOPLE = [
    *USERS,
    *({"name": name, "secret": SECRET, "write": write} for name, write in WRITES.items()),
    {"name": "tied", "secret": SECRET, "write": ["call"], "server": "pbx2"},
]

TOLD = {  # what the server says; the table in the program knows none of the Vendor ones
    **{f"Vendor{name}": f"{name},all" for name in CLASSES},
    "VendorTwo": "call,agent,all",
    "VendorFree": "<none>",
    "VendorAll": "all",
    "VendorNewer": "newer,all",
    "VendorHalfNewer": "agent,newer,all",
    "Redirect": "call,all",
    "Hangup": "agi,all",  # the table: system, call
    "QueueReset": "dialplan,all",  # the table: none
    "DBGet": "<none>",  # the table: system, reporting
}
TABLE = {
    "Setvar": ["call"],
    "CoreStatus": ["system", "reporting"],
    "UserEvent": ["user"],
    "QueueStatus": "read",
    "ZapHangup": "changes",
}  # the last two without a class
UNKNOWN = ["NoSuchAction", "Vendor", "Vendorcalls"]


def is_allowed(write, action):
    """The rule, from the words of the documentation; it shares nothing with the program."""
    if write == ["all"]:
        return True
    if action in TOLD:
        names = [name for name in TOLD[action].split(",") if name in CLASSES]
        if TOLD[action] == "<none>":
            return write != [] or action == "DBGet"  # one that changes nothing is for everybody
        return any(name in write for name in names)
    if action in TABLE:
        if isinstance(TABLE[action], str):
            return TABLE[action] == "read" or write != []
        return any(name in write for name in TABLE[action])
    return False


def login(proxy, name, **headers):
    client = proxy.connect()
    secret = SECRET if name in WRITES or name == "tied" else secret_of(name)
    answer = client.login(name, secret, **{"Events": "call", **headers})
    assert answer["Response"] == "Success", answer
    return client


def settle(pbx, *clients):
    """What the server has sent until now has reached the workers of these clients."""
    pbx.event("Settled")
    for client in clients:
        client.read_until(Event="Settled")


def wait_for_listing(pbx, count):
    pbx.wait(lambda: pbx.listings >= count, f"ListCommands number {count}")


def answers_everything(pbx, *more):
    for action in [*TOLD, *TABLE, *UNKNOWN, *more]:
        pbx.answers[action] = lambda taken: taken.reply("Success", Taken=taken["Action"])


def may(client, action, **headers):
    """Sends the action; did it reach the server?"""
    answer = client.ask(Action=action, **headers)
    if answer["Response"] == "Success":
        return True
    assert answer["Message"] == "Permission denied", answer
    return False


@pytest.fixture
def start(start_proxy):
    def make(servers, **sections):
        return start_proxy(servers, users=PEOPLE, **sections)

    return make


@pytest.fixture
def taught(start, pbx):
    """A proxy whose server has reported which rights its actions need."""
    pbx.commands = dict(TOLD)
    answers_everything(pbx)
    proxy = start({"pbx1": pbx})
    wait_for_listing(pbx, 1)
    return proxy


def test_matrix_of_users_and_actions(taught, pbx):
    for name, write in WRITES.items():
        client = login(taught, name)
        settle(pbx, client)
        for action in [*TOLD, *TABLE, *UNKNOWN]:
            assert may(client, action) == is_allowed(write, action), (name, action)
        client.close()
    assert pbx.actions == []


def test_names_of_actions_have_no_case(taught, pbx):
    client = login(taught, "agi")
    settle(pbx, client)
    pbx.answers["hAnGuP"] = pbx.answers["VENDORagi"] = lambda action: action.reply("Success")
    assert may(client, "hAnGuP") and may(client, "VENDORagi")


@pytest.mark.parametrize("told", [None, {}], ids=["error", "empty"])
def test_server_that_tells_nothing_is_judged_by_the_table(start, pbx, told):
    pbx.commands = told
    answers_everything(pbx)
    proxy = start({"pbx1": pbx})
    wait_for_listing(pbx, 1)
    caller, agi, every = (login(proxy, name) for name in ("call", "agi", "every"))
    settle(pbx, caller, agi, every)
    assert may(caller, "Hangup") and not may(agi, "Hangup")
    assert not may(caller, "Vendorcall") and not may(every, "Vendorcall") and may(login(proxy, "all"), "Vendorcall")


def test_answer_that_never_comes_holds_nothing_up(start, pbx):
    """The server is up at once; the question is given up, and what has no ActionID still finds its asker."""
    pbx.answers["ListCommands"] = lambda action: None
    proxy = start({"pbx1": pbx}, limits={"exchange_timeout": "1s"})
    client = login(proxy, "call")
    answers_everything(pbx)
    assert may(client, "Hangup") and not may(client, "CoreStatus")
    proxy.wait_for_line("ListCommands not answered")
    client.send(Action="Redirect2", ActionID="x")
    assert client.response("x")["Message"] == "Permission denied"
    pbx.answers["Hangup"] = lambda action: action.send(("Response", "Success"), ("Message", "without ActionID"))
    assert client.ask(Action="Hangup")["Message"] == "without ActionID"
    assert pbx.listings == 1


@pytest.mark.parametrize("event", ["Reload", "Load", "Unload"])
def test_learned_again_when_modules_change(taught, pbx, event):
    client, agi = login(taught, "call"), login(taught, "agi")
    settle(pbx, client, agi)
    assert not may(client, "Hangup") and may(agi, "Hangup")
    pbx.commands = {**TOLD, "Hangup": "call,all"}
    pbx.event(event, "system,all", Module="chan_x", Status="0")
    wait_for_listing(pbx, 2)
    settle(pbx, client, agi)
    assert may(client, "Hangup") and not may(agi, "Hangup")


def test_many_reloads_are_one_question(taught, pbx):
    client = login(taught, "call")
    for number in range(200):
        pbx.event("Load", "system,all", Module=f"m{number}")
    wait_for_listing(pbx, 2)
    settle(pbx, client)
    assert pbx.listings <= 4  # one each 300 ms, should this machine be that slow


def test_one_question_at_a_time(taught, pbx):
    """A reload while the question is in flight asks once more, after the answer."""
    asked = []
    pbx.answers["ListCommands"] = asked.append
    client = login(taught, "call")
    pbx.event("Reload", "system,all")
    pbx.wait(lambda: len(asked) == 1, "a question")
    pbx.event("Reload", "system,all")
    pings = pbx.pings
    for _ in range(5):  # each a turn of the hub's loop
        assert client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert pbx.pings > pings and len(asked) == 1
    asked[0].reply("Success", Vendorcall="x  (Priv: user,all)")
    pbx.wait(lambda: len(asked) == 2, "the second question")
    settle(pbx, client)
    assert not may(client, "Vendorcall")
    asked[1].reply("Success", Vendorcall="x  (Priv: call,all)")
    settle(pbx, client)
    assert may(client, "Vendorcall")


def test_learned_again_after_a_reconnect(taught, pbx):
    """After a reconnect the old report counts until the new one comes; an Error withdraws it."""
    asked = []
    client = login(taught, "call", Events="call,system")
    settle(pbx, client)
    assert may(client, "Vendorcall") and not may(client, "Hangup")
    pbx.answers["ListCommands"] = asked.append
    pbx.drop_connections()
    client.read_until(Event="ServerUp")
    pbx.wait(lambda: len(asked) == 1, "a question")
    assert may(client, "Vendorcall") and not may(client, "Hangup")
    asked[0].reply("Success", Hangup="x  (Priv: call,all)", Vendorcall="x  (Priv: agi,all)")
    settle(pbx, client)
    assert may(client, "Hangup") and not may(client, "Vendorcall")
    pbx.answers["ListCommands"] = lambda action: action.reply("Error", Message="Permission denied")
    pbx.drop_connections()
    client.read_until(Event="ServerUp")
    wait_for_listing(pbx, 3)
    settle(pbx, client)
    assert may(client, "Hangup") and not may(client, "Vendorcall")


def test_reload_keeps_what_was_learned_of_servers_that_stay(start, scripted, workers):
    one, two, other = scripted(), scripted(), scripted()
    one.commands, two.commands = {"Vendorcall": "call,all"}, {"Vendorcall": "call,all", "Hangup": "agi,all"}
    for server in (one, two, other):
        answers_everything(server)
    proxy = start({"pbx1": one, "pbx2": two})
    wait_for_listing(one, 1)
    wait_for_listing(two, 1)
    client = login(proxy, "call", Events="call,system")
    settle(one, client)
    settle(two, client)
    assert may(client, "Vendorcall", Server="pbx1") and not may(client, "Hangup", Server="pbx2")
    entries = [server_entry(one, "pbx1"), server_entry(other, "pbx2")]  # another Asterisk by the same name
    write_configuration(proxy.path, configuration(entries, workers, users=PEOPLE))
    proxy.make_readable()
    proxy.signal(signal.SIGHUP)
    client.read_until(Event="ServerUp", Server="pbx2")
    wait_for_listing(other, 1)
    settle(other, client)
    assert may(client, "Vendorcall", Server="pbx1") and one.listings == 1
    assert may(client, "Hangup", Server="pbx2") and not may(client, "Vendorcall", Server="pbx2")


def test_each_server_has_its_own(start, scripted):
    one, two = scripted(), scripted()
    one.commands = {"Vendor1": "call,all", "Hangup": "agi,all", "Both": "call,all", "Mixed": "call,all"}
    two.commands = {"Vendor2": "call,all", "Hangup": "call,all", "Both": "call,all", "Mixed": "agi,all"}
    for server in (one, two):
        answers_everything(server, "Vendor1", "Vendor2", "Both", "Mixed")
    proxy = start({"pbx1": one, "pbx2": two})
    wait_for_listing(one, 1)
    wait_for_listing(two, 1)
    client, tied = login(proxy, "call", Events="call,system"), login(proxy, "tied")
    settle(one, client, tied)
    settle(two, client, tied)
    assert may(client, "Vendor1", Server="pbx1") and not may(client, "Vendor1", Server="pbx2")
    assert may(client, "Vendor2", Server="PBX2") and not may(client, "Vendor2", Server="pbx1")
    assert may(client, "Vendor1") and not may(client, "Vendor2")  # without a name: the first that is up
    assert may(client, "Both", Server="*") and not may(client, "Mixed", Server="*")  # all of them must allow
    assert not may(client, "Hangup", Server="*") and may(client, "Hangup", Server="pbx2")
    assert may(tied, "Vendor2") and may(tied, "Hangup", Server="pbx1") and not may(tied, "Mixed", Server="pbx1")
    assert client.ask(Action="Hangup", Server="nowhere")["Message"] == "Unknown server: nowhere"
    assert not may(client, "Vendor1", Server="nowhere")
    one.go_down()
    client.read_until(Event="ServerDown")
    assert may(client, "Vendor2") and not may(client, "Vendor1") and may(client, "Hangup")
    assert may(client, "Hangup", Server="*") and not may(client, "Mixed", Server="*")


def test_list_of_commands_shows_what_the_user_may(taught, pbx):
    pbx.commands = {**TOLD, "Ping": "<none>", "Events": "<none>", "Filter": "system,all", "Login": "<none>"}
    local = {"Ping", "Events", "Filter", "Login"}  # the proxy's own: whatever classes they have there
    for name in ("nobody", "call", "mixed", "every", "all"):
        client = login(taught, name)
        answer = client.ask(Action="listcommands")
        assert answer["Response"] == "Success" and answer.last == ("Server", "pbx1")
        shown = {header for header, value in answer.headers if "(Priv: " in value}
        assert shown == local | {action for action in TOLD if is_allowed(WRITES[name], action)}, name
        assert all(value.endswith(f"(Priv: {TOLD[header]})") for header, value in answer.headers if header in TOLD)
        client.close()


def test_list_of_commands_of_all_servers_is_trimmed_too(start, scripted):
    one, two = scripted(), scripted()
    one.commands, two.commands = {"A": "call,all", "B": "agi,all"}, {"C": "call,all", "D": "agi,all"}
    proxy = start({"pbx1": one, "pbx2": two})
    client = login(proxy, "call", Events="off")
    client.send(Action="ListCommands", Server="*", ActionID="l")
    got = client.collect_until(EventList="Complete")
    items = [message for message in got if message.headers[0] == ("Event", "ListCommandsResponse")]
    assert sorted("".join(name for name in "ABCD" if name in item) for item in items) == ["A", "C"]


def test_account_that_lacks_classes_is_warned_of_once(start, pbx):
    pbx.commands = {
        "DBPut": "system,all",
        "Redirect": "call,all",
        "UserEvent": "user,all",
        "CoreSettings": "system,reporting,all",
    }
    proxy = start({"pbx1": pbx})
    wait_for_listing(pbx, 1)
    proxy.wait_for_line("warn", "server=pbx1", "lacks write classes missing=command,config,originate")
    client = login(proxy, "call", Events="call,system")
    pbx.event("Reload", "system,all")
    wait_for_listing(pbx, 2)
    settle(pbx, client)
    assert proxy.log().count("lacks write classes") == 1
    pbx.drop_connections()
    client.read_until(Event="ServerUp")
    wait_for_listing(pbx, 3)
    pbx.wait(lambda: proxy.log().count("lacks write classes") >= 2, "the second warning")
    settle(pbx, client)
    assert proxy.log().count("lacks write classes") == 2


def test_account_with_all_rights_is_not_warned_of(start, pbx):
    pbx.commands = {
        "DBPut": "system,all",
        "Redirect": "call,all",
        "UserEvent": "user,all",
        "Command": "command,all",
        "CoreSettings": "system,reporting,all",
        "Originate": "originate,all",
        "UpdateConfig": "config,all",
    }
    proxy = start({"pbx1": pbx})
    wait_for_listing(pbx, 1)
    settle(pbx, login(proxy, "call"))
    assert not proxy.log_contains("lacks write classes")


def test_simulator_tells_its_own(start, simulator):
    """SimControl stands in no table, and needs no class there; the account lacks some."""
    proxy = start({"sim": simulator("--write", "call,user,reporting,system,config")})
    proxy.wait_for_line("lacks write classes missing=command,originate")
    client, nobody = login(proxy, "call", Events="off"), login(proxy, "nobody", Events="off")
    while client.ask(Action="SimControl", Rate="0")["Response"] != "Success":  # until its worker has heard
        pass
    assert nobody.ask(Action="SimControl", Rate="0")["Message"] == "Permission denied"
    listed = [name for name, value in client.ask(Action="ListCommands").headers if "(Priv: " in value]
    assert "SimControl" in listed and "Hangup" in listed and "Ping" in listed
    assert "UserEvent" not in listed and "Originate" not in listed and "Reload" not in listed


# -- read


@pytest.mark.parametrize(
    "read, sees", [(["call"], False), (["system"], True), (["system", "call"], True), (["all"], True), ([], False)]
)
def test_read_classes_hold_for_events_of_the_proxy_itself(start_proxy, pbx, read, sees):
    proxy = start_proxy({"pbx1": pbx}, users=[*USERS, {"name": "reader", "secret": SECRET, "read": read}])
    reader, watcher = proxy.connect(), login(proxy, "dave", Events="on")
    assert reader.login("reader", SECRET, Events="on")["Response"] == "Success"
    reader.fence()
    pbx.drop_connections()
    watcher.read_until(Event="ServerUp")
    reader.send(Action="Ping", Server="pbx1", ActionID="end")  # behind them, by the same way
    got = [message.get("Event") for message in reader.collect_until(ActionID="end")[:-1]]
    wanted = ["ServerDown", "ServerUp"]
    assert [event for event in got if event in wanted] == (wanted if sees else [])
    assert ("FullyBooted" in got) == sees


def test_class_that_nobody_knows_is_for_those_who_may_see_all(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=[*USERS, {"name": "most", "secret": SECRET, "read": CLASSES}])
    everything, most = login(proxy, "dave", Events="on"), proxy.connect()
    assert most.login("most", SECRET, Events="on")["Response"] == "Success"
    pbx.event("Newer", "call,newer,all")
    pbx.event("Settled", "<none>")
    assert "Newer" in [message.get("Event") for message in everything.collect_until(Event="Settled")]
    assert "Newer" not in [message.get("Event") for message in most.collect_until(Event="Settled")]
