"""The list "Three in the morning" of the operator's guide: each of its faults is made, and the very command of the guide,
run at a terminal, shows the cause as the guide says it. In the place of journalctl there is a script that has its options
and reads what the proxy has logged."""

import contextlib
import os
import re
import signal

import pytest

from harness import night
from harness.certificates import Authority
from harness.limits import poll
from harness.process import SOURCE, readable
from harness.proxy import Proxy, configuration, free_port, limit_file_size, server_entry, write_configuration
from harness.sim import Simulator
from harness.steering import ADMINS
from harness.web import ALL_PLUGINS

ROWS = night.rows()
FAULTS = {}  # title -> function


@pytest.fixture
def workers():
    return 4


def fault(title):
    """The function makes the fault of the row with that title."""

    def register(function):
        FAULTS[title] = function
        return function

    return register


class Night:
    """A proxy with a control socket before simulators, or, where the server must do what none does, a scripted one."""

    def __init__(self, get, folder):
        self.get, self.folder = get, folder
        self.launch, self.place, self.workers = get("launch"), get("place"), get("workers")
        self.proxy = None
        self.stack = contextlib.ExitStack()

    def simulator(self, *options):
        return self.launch(Simulator, *options)

    def configuration(self, server, more=None, **sections):
        sections = {"control": {"path": self.place}, "users": ADMINS, **sections}
        return configuration([server_entry(server, **(more or {}))], self.workers, **sections)

    def start(self, server=None, is_up=True, more=None, listening=True, **sections):
        """Starts the proxy. `server`: a simulator of its own unless given."""
        config = self.configuration(server or self.simulator(), more, **sections)
        self.proxy = self.launch(Proxy, str(self.folder), config, listening=listening)
        if is_up:
            self.proxy.wait_for_server()
        return self.proxy

    def scripts(self, name, text):
        """The section `scripts` with a filter."""
        path = self.folder / "own" / "filters" / f"{name}.lua"
        path.parent.mkdir(parents=True)
        path.write_text(text)
        for each in (self.folder, path.parent.parent, path.parent, path):
            each.chmod(0o755)
        return {
            "path": [str(self.folder / "own"), readable(os.path.join(SOURCE, "lua"))],
            "quarantine": 3,
        }

    def certificate(self, days):
        folder = self.folder / "ca"
        folder.mkdir()
        return {"certificate": Authority(folder).issue("localhost", days=days)}


@pytest.fixture
def at_night(request, tmp_path):
    made = Night(request.getfixturevalue, tmp_path)
    with made.stack:
        yield made


@pytest.mark.parametrize("title", ROWS)
def test_the_command_shows_the_cause(at_night, tmp_path, title):
    row = ROWS[title]
    FAULTS[title](at_night)
    folder = tmp_path / "bin"
    folder.mkdir()
    night.Machine(folder, at_night.proxy.path).shows(row, at_night.proxy.log)


def test_every_row_is_run_and_has_a_cure():
    assert set(ROWS) == set(FAULTS) and len(ROWS) >= 15
    assert [row.number for row in ROWS.values()] == list(range(1, len(ROWS) + 1))
    assert all(len(row.cure) > 20 and len(row.prints) > 3 for row in ROWS.values())


# -- Asterisk


@fault("Asterisk is unreachable")
def unreachable(at_night):
    server = at_night.simulator()
    at_night.start(server)
    server.stop()


@fault("Asterisk is frozen")
def frozen(at_night):
    server = at_night.simulator()
    at_night.start(server, more={"ping_interval": "1s"})
    server.signal(signal.SIGSTOP)
    at_night.stack.callback(server.signal, signal.SIGCONT)


@fault("Asterisk refuses the proxy's account")
def wrong_account(at_night):
    at_night.start(at_night.simulator("--secret", "another"), is_up=False)


@fault("the proxy's account lacks classes")
def lacking(at_night):
    at_night.start(at_night.simulator("--write", "system,call,reporting,user"))


@fault("an action is never answered")
def unanswered(at_night):
    pbx = at_night.get("pbx")
    proxy = at_night.start(pbx, more={"lanes": 2})
    dave = proxy.login("dave", Events="off")
    dave.send(Action="Command", Command="sleep", ActionID="1")
    pbx.expect(Action="Command")


@fault("a server was drained and forgotten")
def drained(at_night):
    dave = at_night.start().login("dave", Events="off")
    assert dave.ask(ProxyAction="DrainServer", Server="pbx1")["Response"] == "Success"


# -- users and clients


@fault("a user cannot log in")
def wrong_secret(at_night):
    assert at_night.start().connect().login("bill", "wrong")["Response"] == "Error"


@fault("a user is locked out")
def locked_out(at_night):
    proxy = at_night.start(auth={"failures_per_minute": 2})
    for _ in range(3):
        proxy.connect().login("bill", "wrong")


@fault("a token was revoked")
def revoked(at_night):
    vault = at_night.get("vault")
    dave = at_night.start(auth=vault.auth).login("dave", Events="off")
    made = dave.ask(ProxyAction="CreateToken", Label="wallboard", Life="1h", User="bill")
    assert dave.ask(ProxyAction="RevokeToken", Label="wallboard", User="bill")["Response"] == "Success"
    assert at_night.proxy.connect().login("bill", made["Token"])["Response"] == "Error"


@fault("a client reads too slowly")
def slow(at_night):
    pbx = at_night.get("pbx")
    proxy = at_night.start(pbx, limits={"output_backlog": "64MiB"})
    proxy.login("bill", receive_buffer=4096)
    watcher = proxy.login("dave")

    def lag():
        for _ in range(500):
            pbx.event("Filler", Text="x" * 5000)
        pbx.event("Mark")
        watcher.read_until(Event="Mark")
        return any(int(each["Backlog"]) > 1 << 20 for each in sessions(watcher) if each["User"] == "bill")

    assert poll(lag)


def sessions(admin):
    admin.send(ProxyAction="SessionStatus", ActionID="s")
    return [each for each in admin.collect_until(EventList="Complete") if each.get("Event") == "SessionStatus"]


@fault("connections are refused by a limit")
def limited(at_night):
    proxy = at_night.start(limits={"per_address": 2})
    for _ in range(3):
        proxy.connect(banner=False)


@fault("all clients have one address")
def one_address(at_night):
    proxy = at_night.start()
    proxy.login("bill"), proxy.login("dave")


@fault("the proxy refuses what the balancer says")
def untrusted(at_night):
    proxy = at_night.start()
    proxy.connect(banner=False).send_raw(b"PROXY TCP4 203.0.113.7 192.0.2.1 51234 5038\r\n")


# -- filters

BROKEN = 'return { events = { "Fault" }, message = function(m) error("so it is") end }\n'
DEAF = "return { message = function(m) return false end }\n"


def raise_events(at_night, name, script):
    """bill has the filter, and dave sees that the events came."""
    pbx = at_night.get("pbx")
    users = [dict(user, filters=[name]) if user["name"] == "bill" else user for user in ADMINS]
    proxy = at_night.start(pbx, users=users, scripts=at_night.scripts(name, script))
    dave = proxy.login("dave")
    proxy.login("bill")
    for _ in range(5):
        pbx.event("Fault")
    pbx.event("Mark")
    dave.read_until(Event="Mark")


@fault("a filter is in quarantine")
def quarantined(at_night):
    raise_events(at_night, "mask-cards", BROKEN)


@fault("a filter drops all")
def dropping(at_night):
    raise_events(at_night, "only-mine", DEAF)


# -- the proxy


@fault("a reload is refused")
def refused_reload(at_night):
    proxy = at_night.start()
    proxy.make_readable()
    with open(proxy.path, "a", encoding="utf-8") as file:
        file.write("limitz: {sessions: 10}\n")


@fault("a change is not in force")
def restart_needed(at_night):
    server = at_night.simulator()
    proxy = at_night.start(server)
    change = at_night.configuration(server, control={"path": at_night.place, "group": "daemon"})
    write_configuration(proxy.path, change)
    proxy.make_readable()


@fault("a certificate has ended")
def ended(at_night):
    at_night.start(tls=at_night.certificate(days=-1), listen={"tls": "optional"})


@fault("others can read the secrets")
def exposed(at_night):
    at_night.start(insecure_permissions="allow")
    os.chmod(at_night.proxy.path, 0o644)


@fault("the log's disk is full")
def full_disk(at_night):
    folder = at_night.get("log_folder")
    listen = [{"address": "127.0.0.1", "port": free_port(), "input": "standard"}]
    log = {"to": str(folder / "proxy.log"), "level": "info", "repeat_lines": 0}
    proxy = at_night.start(is_up=False, listening=False, listen=listen, log=log)
    proxy.addresses = [("127.0.0.1", listen[0]["port"])]
    assert poll(lambda: os.path.exists(at_night.place))
    assert poll(lambda: (folder / "proxy.log").read_text().count("server up") == 1)
    limit_file_size(proxy, os.path.getsize(folder / "proxy.log"))
    proxy.connect().close()


@fault("two proxies want one port")
def one_port(at_night):
    first = at_night.start()
    listen = [{"address": "127.0.0.1", "port": first.address[1], "input": "standard"}]
    config = configuration([], at_night.workers, listen=listen, control={"path": "off"})
    folder = at_night.folder / "second"
    folder.mkdir()
    to_journal = ["sh", "-c", 'JOURNAL_STREAM=$(stat -L -c %d:%i /dev/stderr) exec "$0" "$@"']  # as systemd sets it
    second = at_night.launch(Proxy, str(folder), config, listening=False, wrapper=to_journal)
    assert second.wait() == 1
    at_night.proxy = second


@fault("a node of a cluster is alone")
def alone(at_night):
    cluster = at_night.get("start_cluster")(nodes=2, sections={"users": ADMINS})
    config = {"control": {"path": at_night.place}, "users": ADMINS}
    at_night.proxy = cluster.start_node("n3", **config)
    at_night.proxy.wait_for_server()
    for name in ("n1", "n2"):
        cluster.kill(cluster.nodes[name])


@fault("the bus of a cluster is away")
def no_bus(at_night):
    at_night.start(is_up=False, cluster={"name": "c1", "node": "n1", "bus": [f"nats://127.0.0.1:{free_port()}"]})


@fault("an export delivers nothing")
def stalled_export(at_night):
    pbx = at_night.get("pbx")
    to = f"http://127.0.0.1:{free_port()}/hook"
    crm = {"name": "crm", "user": "dave", "to": to, "allow": ["127.0.0.0/8"]}
    at_night.start(pbx, exports=[crm], plugins=ALL_PLUGINS, limits={"drain": "1s"})
    pbx.event("Newexten")


# -- alerts


@pytest.mark.parametrize("alert, annotations", night.alerts(), ids=[name for name, _ in night.alerts()])
def test_every_alert_leads_to_the_list(alert, annotations):
    """Its runbook is a row, and that row's command."""
    by_number = {row.number: row for row in ROWS.values()}
    number, command = re.fullmatch(r"operator\.md, Three in the morning (\d+): (.+)", annotations["runbook"]).groups()
    assert by_number[int(number)].command == command, alert
