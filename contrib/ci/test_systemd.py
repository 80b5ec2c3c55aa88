"""The service under a systemd that runs: each promise of the units. `systemd.sh` prepares the system and starts this."""

import os
import socket
import threading

import pytest
import yaml
from machine import UNIT, Machine

from harness.client import Client
from harness.limits import DEADLINE, poll
from harness.scripted import ScriptedServer

TREE = os.environ["AMP_TREE"]
PORT = 1234
SECRETS = {"pbx1": "server-of-the-machine", "bill": "bill-of-the-machine", "steve": "steve-of-the-machine"}
DROP_INS = f"/etc/systemd/system/{UNIT}.d"
CONFIG = "/etc/astmanproxy/astmanproxy.yaml"


@pytest.fixture(scope="module")
def machine():
    made = Machine(TREE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def pbx():
    server = ScriptedServer(SECRETS["pbx1"])
    yield server
    server.close()


def configure(machine, pbx, users=("bill",), **sections):
    text = {
        "listen": [{"name": "ami", "address": "127.0.0.1", "port": PORT}],
        "servers": [
            {
                "name": "pbx1",
                "host": pbx.address[0],
                "port": pbx.address[1],
                "username": "proxy",
                "secret": "${PBX1_SECRET}",
            }
        ],
        "users": [{"name": name, "secret": f"${{{name.upper()}_SECRET}}"} for name in users],
        **sections,
    }
    machine.write(CONFIG, yaml.safe_dump(text))


def login(user="bill"):
    client = Client(("127.0.0.1", PORT))
    assert client.login(user, SECRETS[user])["Response"] == "Success"
    return client


def answers(client):
    client.send(Action="Ping", ActionID="alive")
    return client.read_until(ActionID="alive")["Response"] == "Success"


class Callers:
    """Connects again and again until told to stop; each connection must be taken and greeted."""

    def __init__(self):
        self.greeted, self.wrong, self.ended = 0, [], threading.Event()
        self.thread = threading.Thread(target=self._call)

    def _call(self):
        while not self.ended.is_set():
            try:
                with socket.create_connection(("127.0.0.1", PORT), DEADLINE) as caller:
                    caller.settimeout(DEADLINE)
                    if caller.recv(100).startswith(b"Asterisk Call Manager"):
                        self.greeted += 1
                    else:
                        self.wrong.append("closed without a greeting")
            except OSError as error:
                self.wrong.append(repr(error))

    def __enter__(self):
        self.thread.start()
        assert poll(lambda: self.greeted > 0)
        return self

    def __exit__(self, *ignored):
        before = self.greeted
        poll(lambda: self.greeted > before + 3 or self.wrong)  # some came after what was tried
        self.ended.set()
        self.thread.join()


# --- installed, but not configured


def test_installation_waits_for_a_configuration(machine):
    assert machine.run("cat", "/proc/1/comm") == "systemd\n"
    shown = machine.run("sh", "-c", "dpkg -i /packages/*.deb")
    assert "not (re)started: its configuration cannot work yet" in shown
    assert machine.run("systemctl", "is-enabled", UNIT) == "enabled\n"
    assert machine.run("systemctl", "is-active", UNIT, check=False) == "inactive\n"


def test_start_fails_where_the_configuration_cannot_work(machine):
    assert not machine.succeeds("systemctl", "start", UNIT)
    assert any('found none of the name "PBX1_SECRET"' in str(entry["MESSAGE"]) for entry in machine.journal())
    machine.run("systemctl", "stop", UNIT)
    # The tests below start it more often in a minute than the unit allows.
    machine.write(f"{DROP_INS}/often.conf", "[Unit]\nStartLimitIntervalSec=0\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "reset-failed", UNIT)


# --- Type=notify


def test_start_returns_once_clients_are_served(machine, pbx):
    configure(machine, pbx)
    machine.write(
        "/etc/astmanproxy/environment", "".join(f"{name.upper()}_SECRET={text}\n" for name, text in SECRETS.items())
    )
    machine.run("systemctl", "start", UNIT)
    client = login()  # not later: READY=1 was said
    assert machine.show("ActiveState") == "active" and machine.show("SubState") == "running"
    assert machine.show("StatusText")
    assert poll(lambda: answers(client))
    client.close()


def test_process_has_no_rights_that_it_does_not_need(machine):
    status = machine.status(machine.main_process())
    account = machine.run("id", "-u", "astmanproxy").strip()
    assert status["Uid"].split() == [account] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def test_control_socket_answers_ampctl(machine):
    assert "pbx1" in machine.run("ampctl", "servers")
    assert not machine.succeeds(
        "runuser", "-u", "nobody", "--", "ampctl", "--control", "/run/astmanproxy/control", "status"
    )


# --- reload


def test_reload_changes_the_running_process(machine, pbx):
    client, before = login(), machine.main_process()
    configure(machine, pbx, users=("bill", "steve"))
    machine.run("systemctl", "reload", UNIT)
    assert poll(lambda: machine.show("ActiveState") == "active") and machine.main_process() == before
    login("steve").close()
    assert answers(client)
    client.close()


def test_reload_fails_on_mistakes_and_changes_nothing(machine, pbx):
    client, before = login(), machine.main_process()
    configure(machine, pbx, nonsense=True)
    assert not machine.succeeds("systemctl", "reload", UNIT)
    assert any("nonsense" in str(entry["MESSAGE"]) for entry in machine.journal())
    assert machine.main_process() == before and machine.show("ActiveState") == "active" and answers(client)
    client.close()
    configure(machine, pbx)


# --- the store of descriptors


def test_restart_refuses_nobody(machine):
    before = machine.main_process()
    assert int(machine.show("NFileDescriptorStore")) >= 1
    with Callers() as callers:
        machine.run("systemctl", "restart", UNIT)
    assert machine.main_process() != before
    assert callers.wrong == [] and callers.greeted > 3


def test_killed_process_comes_back_with_its_sockets(machine):
    before, restarts = machine.main_process(), int(machine.show("NRestarts"))
    machine.run("kill", "-KILL", str(before))
    with socket.create_connection(("127.0.0.1", PORT), DEADLINE) as caller:  # RestartSec= lies between
        caller.settimeout(DEADLINE)
        assert caller.recv(100).startswith(b"Asterisk Call Manager")
    assert machine.main_process() not in (0, before) and int(machine.show("NRestarts")) == restarts + 1


def test_upgrade_of_the_package_restarts_and_refuses_nobody(machine):
    before = machine.main_process()
    with Callers() as callers:
        machine.run("sh", "-c", "dpkg --force-confold -i /packages/*.deb")
        assert poll(lambda: machine.show("ActiveState") == "active" and machine.main_process() not in (0, before))
    assert callers.wrong == []


# --- the watchdog


def test_watchdog_ends_a_process_that_hangs(machine):
    machine.write(f"{DROP_INS}/quick.conf", "[Service]\nWatchdogSec=2s\nRestartSec=100ms\n")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)
    before, restarts = machine.main_process(), int(machine.show("NRestarts"))
    assert machine.show("WatchdogUSec") == "2s"
    machine.run("kill", "-STOP", str(before))
    assert poll(lambda: int(machine.show("NRestarts")) > restarts)
    assert poll(lambda: machine.show("ActiveState") == "active") and machine.main_process() != before
    assert any("Watchdog timeout" in str(entry["MESSAGE"]) for entry in machine.journal())
    login().close()


def test_watchdog_leaves_a_process_alone_that_works(machine):
    """The proxy says WATCHDOG=1 often enough: systemd has heard of it since it became active, and nothing was restarted."""
    before, restarts = machine.main_process(), machine.show("NRestarts")
    began = int(machine.show("WatchdogTimestampMonotonic"))
    assert poll(lambda: int(machine.show("WatchdogTimestampMonotonic")) > began + 3 * 2_000_000)
    assert machine.main_process() == before and machine.show("NRestarts") == restarts
    machine.run("rm", f"{DROP_INS}/quick.conf")
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)


# --- another process takes over


def test_takeover_keeps_the_unit_and_refuses_nobody(machine):
    before, restarts = machine.main_process(), machine.show("NRestarts")
    with Callers() as callers:
        machine.run("systemctl", "kill", "--kill-whom=main", "--signal=USR2", UNIT)
        assert poll(lambda: machine.main_process() not in (0, before))
        assert poll(lambda: not machine.succeeds("test", "-e", f"/proc/{before}"))  # it has drained
    assert machine.show("ActiveState") == "active" and machine.show("NRestarts") == restarts
    assert callers.wrong == [] and answers(login())


# --- the journal


def test_lines_have_priorities(machine, pbx):
    began = machine.run("date", "+%s").strip()
    pbx.go_down()
    assert poll(lambda: [e for e in machine.journal("--since", f"@{began}") if "server lost" in str(e["MESSAGE"])])
    entries = [entry for entry in machine.journal("--since", f"@{began}") if "server lost" in str(entry["MESSAGE"])]
    assert entries[0]["PRIORITY"] == "4" and not entries[0]["MESSAGE"].startswith("<")
    assert entries[0]["SYSLOG_IDENTIFIER"] == "astmanproxy" and entries[0]["_SYSTEMD_UNIT"] == UNIT
    pbx.go_up()


def test_fields_of_lines_and_audit(machine, pbx):
    configure(machine, pbx, log={"to": "journal", "audit": "journal"})
    machine.run("systemctl", "restart", UNIT)
    login().close()
    found = poll(lambda: machine.journal("ASTMANPROXY_EVENT=audit"))
    assert any('"bill"' in entry["MESSAGE"] for entry in found)
    found = poll(lambda: machine.journal("ASTMANPROXY_SERVER=pbx1"))
    assert found and all(entry["SYSLOG_IDENTIFIER"] == "astmanproxy" and entry["PRIORITY"] for entry in found)
    assert not [entry for entry in machine.journal() if SECRETS["bill"] in str(entry["MESSAGE"])]


# --- the end, and the socket unit


def test_stop_informs_clients_and_ends_well(machine):
    client = login()
    machine.run("systemctl", "stop", UNIT)
    client.read_to_end()
    client.close()
    assert machine.show("Result") == "success" and machine.show("ActiveState") == "inactive"
    assert machine.show("ExecMainStatus") == "0"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", PORT), DEADLINE)


def test_socket_unit_starts_the_service_with_the_first_client(machine, pbx):
    configure(machine, pbx)
    machine.run("systemctl", "enable", "--now", "astmanproxy.socket")
    assert machine.show("ActiveState") == "inactive"
    client = login()
    assert machine.show("ActiveState") == "active" and machine.show("TriggeredBy") == "astmanproxy.socket"
    client.close()
    with Callers() as callers:  # systemd holds the socket meanwhile
        machine.run("systemctl", "stop", UNIT)
    assert callers.wrong == []


def test_purge_stops_and_leaves_nothing(machine):
    machine.run("dpkg", "--purge", "astmanproxy")
    assert machine.run("systemctl", "list-units", "--no-legend", "--state=active", "astmanproxy*") == ""
    assert not machine.succeeds("getent", "passwd", "astmanproxy") and not machine.succeeds("test", "-e", CONFIG)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", PORT), DEADLINE)
