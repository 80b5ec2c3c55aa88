"""The control socket: ampctl works without a login, whatever the configuration says and whoever is locked out."""

import os
import pathlib
import signal
import socket
import stat
import subprocess

import pytest

from harness import ctl
from harness.client import Client
from harness.limits import DEADLINE, poll
from harness.metrics import scrape
from harness.process import SOURCE, readable
from harness.proxy import BINARY, configuration, secret_of, server_entry, write_configuration
from harness.takeover import take_over


def control(proxy, *arguments, **options):
    return ctl.run("-c", proxy.path, *arguments, **options)


class Control(Client):
    """A connection to the control socket."""

    def __init__(self, path, banner=True):
        begun = socket.socket(socket.AF_UNIX)
        begun.settimeout(DEADLINE)
        begun.connect(path)
        super().__init__(path, banner=banner, begun=begun)


def start(start_proxy, pbx, place, **sections):
    return start_proxy({"pbx1": pbx}, control={"path": place}, **sections)


# -- who may, and what they get


def test_needs_no_login_and_belongs_to_its_owner(start_proxy, pbx, place):
    proxy = start(start_proxy, pbx, place)
    mode = os.stat(place).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
    result = control(proxy, "status", "--interval", "0")
    assert result.code == 0 and dict(result.rows)["servers"] == "1 up", result
    rows = control(proxy, "sessions").rows
    assert [row[1:3] for row in rows] == [["", f"control/{os.geteuid()}"]]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_who_may_not_open_the_file_is_told(start_proxy, pbx, place):
    proxy = start(start_proxy, pbx, place)
    proxy.make_readable()
    command = ["setpriv", "--reuid=daemon", "--clear-groups", ctl.BINARY, "-c", proxy.path, "status"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert result.returncode == 2 and f"unix:{place}: Permission denied" in result.stderr, result
    command[-1:-1] = ["--control", place]
    result = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert result.returncode == 3 and result.stderr.count("Permission denied") == 1, result


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another group")
def test_a_group_may_be_let_in(start_proxy, pbx, place):
    proxy = start_proxy({"pbx1": pbx}, control={"path": place, "group": "daemon"})
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o660
    command = ["setpriv", "--reuid=daemon", "--regid=daemon", "--clear-groups", ctl.BINARY, "--control", place]
    result = subprocess.run([*command, "status"], capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert result.returncode == 0 and "1 up" in result.stdout, result
    assert proxy.log().count("address=control/1 ") > 0


def test_the_proxy_reads_and_judges_the_file(reporting, place):
    """Its refusal and its metrics are the proxy's."""
    proxy = reporting(control={"path": place})
    proxy.make_readable()
    assert control(proxy, "reload").code == 0
    with open(proxy.path, "a", encoding="utf-8") as file:
        file.write("nonsense: [\n")
    result = control(proxy, "reload")
    assert result.code == 1 and result.err.startswith("ampctl: the proxy refused: ") and proxy.path in result.err
    assert control(proxy, "status", "--interval", "0").code == 0
    assert scrape(proxy).value("astmanproxy_reloads_total", result="failed") == 1


def test_whoever_is_locked_out(start_proxy, pbx, place):
    """No limit holds for it, and no filter sees it."""
    proxy = start(
        start_proxy,
        pbx,
        place,
        up=[],
        limits={"sessions": 2, "actions_per_second": 1, "per_address": 2},
        scripts={"path": [os.path.dirname(place), readable(os.path.join(SOURCE, "lua"))], "filters": [blocker(place)]},
    )
    held = [proxy.connect(), proxy.connect()]
    assert "Too many sessions" in proxy.connect(banner=False).read_message()["Message"]
    assert poll(lambda: control(proxy, "status", "--interval", "0").rows[2] == ["servers", "1 up"])
    pbx.answers["CoreStatus"] = lambda action: action.reply("Success")
    for _ in range(4):
        assert control(proxy, "send", "Action=CoreStatus", "Server=pbx1").code == 0
    answer = held[0].login("dave", secret_of("dave"))
    assert answer["Response"] == "Success" and held[0].ask(Action="CoreStatus")["Message"] == "not now"


def blocker(place):
    """A filter that refuses every action."""
    folder = pathlib.Path(place).parent / "filters"
    folder.mkdir(mode=0o755)
    (folder / "nothing.lua").write_text('return { action = function() return false, "not now" end }\n')
    return "nothing"


def test_other_ways_to_log_in_are_used_when_asked_for(start_proxy, pbx, place):
    proxy = start(start_proxy, pbx, place)
    where = f"127.0.0.1:{proxy.address[1]}"
    assert [row[1] for row in control(proxy, "--connect", where, "-u", "dave", "sessions").rows] == ["dave"]
    assert control(proxy, "--control", "off", "status").code == 2  # its listener takes any free port


def test_a_proxy_that_does_not_answer_is_no_wrong_usage(start_proxy, pbx, place):
    """There is no other way either: the configuration has no admin who could log in."""
    proxy = start(start_proxy, pbx, place)
    proxy.process.send_signal(signal.SIGSTOP)
    try:
        result = control(proxy, "--timeout", "1", "status")
    finally:
        proxy.process.send_signal(signal.SIGCONT)
    assert result.code == 3 and f"unix:{place}: timed out" in result.err and result.err.count("\n") == 1
    assert control(proxy, "status").code == 0


def test_the_wrong_proxy_is_not_steered(start_proxy, pbx, place, tmp_path):
    """Another proxy has the socket that this configuration names."""
    proxy = start(start_proxy, pbx, place)
    other = tmp_path / "other.yaml"
    write_configuration(other, configuration([server_entry(pbx)], control={"path": place}))
    result = ctl.run("-c", str(other), "reload")
    assert result.code == 2 and f"that proxy serves {proxy.path}" in result.err
    assert "configuration reloaded" not in proxy.log()
    assert ctl.run("--control", place, "status").code == 0


# -- the socket's file


def check(folder, **sections):
    path = os.path.join(folder, "checked.yaml")
    write_configuration(path, configuration([], **sections))
    return subprocess.run([BINARY, "-t", "-c", path], capture_output=True, text=True, timeout=DEADLINE, check=False)


@pytest.mark.parametrize("path", ["relative/control", "/" + "x" * 120])
def test_a_path_that_cannot_be_is_refused(tmp_path, path):
    result = check(tmp_path, control={"path": path})
    assert (
        result.returncode == 1
        and "control.path: expected off, or an absolute path of at most 107 bytes" in result.stderr
    )


def test_a_folder_that_everybody_may_write_to_is_refused(tmp_path, place):
    os.chmod(os.path.dirname(place), 0o777)
    path = os.path.join(tmp_path, "open.yaml")
    write_configuration(path, configuration([], control={"path": place}))
    result = subprocess.run([BINARY, "-f", "-c", path], capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert result.returncode == 1 and "expected a folder that only its owner can write to" in result.stderr


def test_without_a_folder_the_proxy_does_without_the_default_socket(start_proxy, pbx):
    if os.path.exists("/run/astmanproxy"):
        pytest.skip("this machine has the folder")
    assert "no control socket reason=" in start_proxy({"pbx1": pbx}).log()


def test_a_dead_proxys_socket_is_replaced_and_a_live_ones_is_not(start_proxy, pbx, place, tmp_path):
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(place)
    dead.close()
    proxy = start(start_proxy, pbx, place)
    assert control(proxy, "status", "--interval", "0").code == 0
    path = os.path.join(tmp_path, "second.yaml")
    write_configuration(path, configuration([], control={"path": place}))
    result = subprocess.run([BINARY, "-f", "-c", path], capture_output=True, text=True, timeout=DEADLINE, check=False)
    assert result.returncode == 1 and f"control: listen unix:{place}: Address already in use" in result.stderr
    assert control(proxy, "status", "--interval", "0").code == 0


def test_it_is_handed_over_in_a_takeover(lasting, place):
    proxy = lasting(control={"path": place})
    client = Control(place)
    before = os.stat(place).st_ino
    old = take_over(proxy)
    assert old.wait(DEADLINE) == 0 and client.read_to_end() is not None
    assert os.stat(place).st_ino == before
    assert control(proxy, "status", "--interval", "0").code == 0
    assert stat.S_IMODE(os.stat(place).st_mode) == 0o600


def test_a_reload_moves_it(reloadable, place):
    proxy, change = reloadable(control={"path": place})
    change(control={"path": place + "2"})
    assert ctl.run("--control", place, "reload").code == 0
    assert poll(lambda: ctl.run("--control", place + "2", "status").code == 0)
    assert not os.path.exists(place)
    change(control={"path": "off"})
    assert ctl.run("--control", place + "2", "reload").code == 0
    assert poll(lambda: not os.path.exists(place + "2"))
    proxy.hang_up()


def open_at(place):
    """A unix socket for everybody, and the control socket elsewhere."""
    return {"listen": [{"address": "127.0.0.1", "port": 0}, {"address": f"unix:{place}"}], "control": {"path": "off"}}


def is_stranger(place):
    """Has whoever connects there no rights before a login?"""
    return Control(place).ask(Action="CoreStatus")["Message"] == "Permission denied"


def test_a_reload_does_not_make_it_of_a_socket_for_everybody(reloadable, place):
    proxy, change = reloadable(**open_at(place))
    assert is_stranger(place)
    change(listen=open_at(place)["listen"][:1], control={"path": place})
    proxy.hang_up("configuration not reloaded")
    proxy.wait_for_line(f"control: listen unix:{place}: Address already in use")
    assert is_stranger(place)


def test_a_takeover_does_not_make_it_of_a_socket_for_everybody(lasting, pbx, place):
    proxy = lasting(**open_at(place))
    os.chmod(place, 0o777)
    sections = {"listen": open_at(place)["listen"][:1], "control": {"path": place}}
    write_configuration(proxy.path, configuration([server_entry(pbx)], proxy.workers, **sections))
    proxy.make_readable()
    proxy.process.send_signal(signal.SIGUSR2)
    proxy.wait_for_line("hand-over failed")
    assert f"listen unix:{place}: expected a socket to which only its owner can connect" in proxy.log()
    assert is_stranger(place)


# -- its clients


def test_connections_that_are_never_closed_keep_nobody_out(start_proxy, pbx, place):
    proxy = start(start_proxy, pbx, place)
    idle = [Control(place) for _ in range(40)]
    for _ in range(3):
        assert control(proxy, "status", "--interval", "0").code == 0
    assert idle[0].read_to_end() == []  # the oldest made room
    assert idle[-1].ask(Action="Ping")["Response"] == "Success"
    assert len(control(proxy, "sessions").rows) <= 32


def test_a_client_that_does_not_read_is_ended(start_proxy, pbx, place):
    proxy = start(start_proxy, pbx, place, limits={"output_backlog": "64KiB"})
    deaf = Control(place)
    assert deaf.ask(Action="Events", EventMask="on")["Response"] == "Success"
    for number in range(3000):
        pbx.event("Filler", Number=number, Text="x" * 1000)
    proxy.wait_until(lambda lines: any("address=control/" in line and "closed" in line for line in lines), "its end")
    assert control(proxy, "status", "--interval", "0").code == 0


def test_it_gets_no_events_until_it_asks_and_then_all(start_proxy, pbx, place, started):
    proxy = start(start_proxy, pbx, place)
    quiet = Control(place)
    watching = started(ctl.Started, "-c", proxy.path, "tail")

    def shows():
        pbx.event("Newchannel", Channel="PJSIP/9-1")
        watching.out.fill(0.05)
        return b"PJSIP/9-1" in watching.out.data

    assert poll(shows)
    watching.interrupt()
    assert watching.finish().code == 0
    assert quiet.fence() == []
