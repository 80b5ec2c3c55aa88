"""The audit log: a record of each login, refusal, token, reload and action that may change something, with its outcome."""

import json
import os
import re
import resource
import socket
import subprocess
import tempfile

import pytest

from harness.limits import Deadline
from harness.proxy import BINARY, USERS, Proxy, configuration, server_entry, write_configuration
from harness.takeover import take_over
from harness.tokens import create, enter, login

PEOPLE = [dict(USERS[0], admin=True)] + USERS[1:]


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o777)
        yield path


class Audit:
    def __init__(self, path):
        self.path = path

    def records(self):
        with open(self.path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def find(self, **wanted):
        return [record for record in self.records() if all(record.get(key) == value for key, value in wanted.items())]

    def wait(self, **wanted):
        deadline = Deadline()
        while not (found := self.find(**wanted)):
            assert deadline.left() > 0, (wanted, self.records())
        return found[-1]


@pytest.fixture
def audit(folder):
    return Audit(os.path.join(folder, "audit.log"))


@pytest.fixture
def proxy(tokened, audit):
    return tokened(log={"to": "stderr", "level": "debug", "audit": audit.path})


def test_who_did_what_where_and_how_it_ended(proxy, audit, pbx):
    caller = proxy.login("caller", Events="off")
    caller.send(
        ("Action", "Originate"),
        ("Channel", "SIP/1"),
        ("Variable", "A=1"),
        ("Variable", "MYPASSWORD=x"),
        ("ActionID", "1"),
    )
    pbx.expect(Action="Originate").reply()
    caller.response("1")
    record = audit.wait(event="action", action="Originate")
    assert (record["user"], record["server"], record["outcome"]) == ("caller", "pbx1", "success")
    assert record["address"].startswith("127.0.0.1:") and re.fullmatch(
        r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z", record["time"]
    )
    assert "Channel: SIP/1" in record["headers"] and "Variable: A=1" in record["headers"]
    assert "Variable: MYPASSWORD=***" in record["headers"]
    assert caller.ask(Action="Command", Command="x")["Message"] == "Permission denied"
    refused = audit.wait(event="refused", action="Command")
    assert refused["reason"] == "Permission denied" and refused["user"] == "caller"
    assert login(proxy, "wrong", "dave")[1]["Response"] == "Error"
    assert audit.wait(event="login", outcome="refused", user="dave")
    assert audit.wait(event="login", outcome="accepted", user="caller")


def test_outcomes(start_proxy, audit, scripted):
    pbx = scripted()
    proxy = start_proxy({"pbx1": pbx}, log={"audit": audit.path, "level": "debug"}, limits={"exchange_timeout": "1s"})
    dave = proxy.login("dave", Events="off")
    dave.send(Action="DBPut", Family="late", ActionID="1")
    pbx.expect(Action="DBPut")
    assert dave.response("1")["Response"] == "Error"
    assert audit.wait(action="DBPut")["outcome"] == "timed out"
    assert dave.ask(Action="DBDel", Server="none")["Response"] == "Error"
    assert audit.wait(action="DBDel")["outcome"] == "no server"
    dave.send(Action="DBDelTree", ActionID="2")
    dave.reset()
    assert audit.wait(action="DBDelTree")["outcome"] in ("not answered", "timed out", "success")
    dave = proxy.login("dave", Events="off")
    dave.send(Action="Status", Variables="SHELL(x)", ActionID="3")  # a reading action, but the function may write
    pbx.expect(Action="Status").reply()
    assert "Variables: SHELL(x)" in audit.wait(action="Status")["headers"]
    assert not audit.find(action="Ping") and not audit.find(action="CoreStatus")


def test_tokens_reloads_and_proxy_actions(proxy, audit):
    dave = proxy.login("dave", Events="off")
    token = create(dave, User="bill", Label="wallboard")
    made = audit.wait(event="token", outcome="created")
    assert (made["of_user"], made["label"], made["user"]) == ("bill", "wallboard", "dave")
    assert audit.wait(proxy_action="CreateToken")["outcome"] == "success"
    bill = enter(proxy, token, Events="off")
    assert audit.wait(event="login", token="wallboard")["user"] == "bill"
    assert bill.ask(ProxyAction="CreateToken", Label="x", Life="1h")["Message"] == "Permission denied"
    assert audit.wait(event="refused", token="wallboard")["proxy_action"] == "CreateToken"
    assert dave.ask(ProxyAction="RevokeToken", User="bill", Label="wallboard")["Response"] == "Success"
    bill.read_to_end()
    audit.wait(event="token", outcome="session ended", label="wallboard")
    assert dave.ask(ProxyAction="KickSession", Session="99")["Response"] == "Error"
    assert "no session 99" in audit.wait(proxy_action="KickSession", outcome="error")["reason"]
    proxy.hang_up()
    by_signal = audit.wait(event="reload", by="SIGHUP")
    assert by_signal["outcome"] == "success" and "user" not in by_signal
    assert dave.ask(ProxyAction="Reload")["Response"] == "Success"
    asked = audit.wait(event="reload", by="Reload")
    assert asked["user"] == "dave" and asked["session"] == audit.wait(proxy_action="Reload")["session"]
    with open(audit.path, encoding="utf-8") as file:
        text = file.read()
    assert token not in text and "SECRET" not in text


def test_rotation(proxy, audit):
    dave = proxy.login("dave", Events="off")
    os.rename(audit.path, audit.path + ".1")
    proxy.hang_up()
    for number in range(50):
        dave.ask(ProxyAction="KickSession", Session=str(1000 + number))
    deadline = Deadline()
    while not any("Session: 1049" in record.get("headers", []) for record in audit.records()):
        assert deadline.left() > 0
    first = Audit(audit.path + ".1")
    kicks = [record["headers"][0] for record in first.records() + audit.records() if "proxy_action" in record]
    assert kicks == [f"Session: {1000 + number}" for number in range(50)]  # none lost, in their order


def test_a_reload_that_fails_leaves_it_where_it_is(launch, tmp_path, workers, pbx, audit):
    place = {"audit": audit.path, "to": "stderr"}
    proxy = launch(Proxy, str(tmp_path), configuration([server_entry(pbx)], workers, users=PEOPLE, log=place), ("-f",))
    proxy.wait_for_server("pbx1")
    dave = proxy.login("dave", Events="off")
    other = Audit(audit.path + ".other")
    wrong = {"audit": other.path, "to": "/nowhere/log"}
    write_configuration(proxy.path, configuration([server_entry(pbx)], workers, users=PEOPLE, log=wrong))
    proxy.make_readable()
    assert "/nowhere/log" in dave.ask(ProxyAction="Reload")["Message"]
    dave.ask(ProxyAction="KickSession", Session="99")
    audit.wait(proxy_action="KickSession")
    assert other.records() == []


def test_full_disk(launch, tmp_path, workers, pbx, audit):
    config = configuration([server_entry(pbx)], workers, users=PEOPLE, log={"audit": audit.path, "level": "info"})
    proxy = launch(
        Proxy,
        str(tmp_path),
        config,
        ("-f",),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, resource.RLIM_INFINITY)),
    )
    proxy.wait_for_server("pbx1")
    dave = proxy.login("dave", Events="off")

    def kick(first, count):
        for number in range(first, first + count):
            answer = dave.ask(ProxyAction="KickSession", Session=str(number), Padding="x" * 800)
            assert answer["Response"] == "Error"

    kick(1000, 40)
    proxy.wait_for_line("audit log not written, records wait")
    kick(2000, 1200)  # more than the buffer holds; nobody waits for the disk
    command = ["prlimit", f"--pid={proxy.process.pid}", "--fsize=unlimited"]
    with open(f"/proc/{proxy.process.pid}/status", encoding="ascii") as file:  # only its owner may
        status = file.read()
    owner, group = (int(re.search(rf"^{kind}:\s+(\d+)", status, re.M).group(1)) for kind in ("Uid", "Gid"))
    subprocess.run(command, check=True, user=owner, group=group, extra_groups=[])
    kick(5000, 1)
    proxy.wait_for_line("audit log written again")
    proxy.wait_for_line("audit records lost count=")
    kick(5001, 1)
    deadline = Deadline()
    while not any("Session: 5001" in record.get("headers", []) for record in audit.records()):
        assert deadline.left() > 0
    records = audit.records()
    lost = sum(record["count"] for record in records if record["event"] == "lost")
    kept = [int(record["headers"][0].split()[1]) for record in records if record.get("proxy_action") == "KickSession"]
    assert kept == sorted(kept) and len(kept) + lost == 40 + 1200 + 2 and lost > 0


def test_full_disk_is_rotated_away(launch, tmp_path, workers, pbx, audit):
    """A record of which only a part had room is in one of the two files, as a whole."""
    config = configuration([server_entry(pbx)], workers, users=PEOPLE, log={"audit": audit.path, "level": "info"})
    limit = (20000, resource.RLIM_INFINITY)
    proxy = launch(
        Proxy, str(tmp_path), config, ("-f",), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    )
    proxy.wait_for_server("pbx1")
    dave = proxy.login("dave", Events="off")
    for number in range(24):
        dave.ask(ProxyAction="KickSession", Session=str(1000 + number), Padding="x" * 900)
    proxy.wait_for_line("audit log not written, records wait reason=", "a part of a record did not fit")
    assert os.path.getsize(audit.path) == 20000
    os.rename(audit.path, audit.path + ".1")
    proxy.hang_up("log reopened")
    proxy.wait_for_line("audit log written again")
    audit.wait(event="reload")
    kicks = [
        record["headers"][0]
        for record in Audit(audit.path + ".1").records() + audit.records()
        if "proxy_action" in record
    ]
    assert kicks == [f"Session: {1000 + number}" for number in range(24)]


def test_journal(start_proxy, pbx, folder):
    path = os.path.join(folder, "journal")
    journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    journal.bind(path)
    os.chmod(path, 0o777)
    journal.settimeout(Deadline().left())
    proxy = start_proxy({"pbx1": pbx}, log={"audit": f"journal:{path}"})
    proxy.login("dave")
    fields = dict(line.split("=", 1) for line in journal.recv(65536).decode().splitlines())
    assert fields["ASTMANPROXY_EVENT"] == "audit" and json.loads(fields["MESSAGE"])["event"] == "login"
    journal.close()


def test_takeover(lasting, pbx, audit):
    proxy = lasting(log={"audit": audit.path, "level": "debug"})
    proxy.login("dave")
    take_over(proxy)
    proxy.login("bill")
    audit.wait(event="login", user="bill")
    assert audit.find(event="login", user="dave")


def test_place_that_is_none(workers, tmp_path):
    path = tmp_path / "config.yaml"
    write_configuration(str(path), configuration([], workers, log={"audit": "stderr"}))
    done = subprocess.run([BINARY, "-t", "-c", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "log.audit: expected journal or a path with a slash" in done.stderr
