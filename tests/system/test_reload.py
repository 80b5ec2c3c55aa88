"""What a reload changes while the program runs, and the changes that it reports because they need a restart."""

import os
import pathlib
import shutil
import signal
import tempfile

import pytest
import yaml

from harness.client import Client
from harness.limits import DEADLINE, Deadline, scaled
from harness.process import BUILD
from harness.proxy import USERS, configuration, secret_of, server_entry, write_configuration

ADMIN = [dict(USERS[0], admin=True)] + USERS[1:]
LISTEN = {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"}


def place_of(proxy, key):
    """FILE:LINE of the first line that begins with `key`."""
    with open(proxy.path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip().startswith(key):
                return f"{proxy.path}:{number}"
    return proxy.path


# -- what needs a restart is named


@pytest.mark.parametrize(
    "sections, key, words",
    [
        ({"workers": 2}, "workers:", "workers changed from {workers} to 2: needs a restart"),
        ({"process": {"pid_file": "/run/x.pid"}}, "pid_file:", "process.pid_file changed from nothing to /run/x.pid"),
        ({"process": {"background": True}}, "background:", "process.background changed from false to true"),
        (
            {"plugins": {"path": BUILD + "/plugins", "load": ["standard", "csv"]}},
            "load:",
            "plugins.load changed from [standard] to [standard, csv]",
        ),
        ({"plugins": {"path": BUILD + "/./plugins"}}, "path:", "plugins.path changed from"),
    ],
)
def test_what_needs_a_restart_is_named(start_proxy, pbx, workers, sections, key, words):
    words = words.replace("{workers}", str(workers))
    proxy = start_proxy({"pbx1": pbx}, users=ADMIN)
    client = proxy.login("dave", Events="off")
    other = dict(sections)
    config = configuration([server_entry(pbx)], other.pop("workers", workers), users=ADMIN, **other)
    write_configuration(proxy.path, config)
    proxy.make_readable()
    for _ in range(2):  # said each time: it still is not so
        proxy.hang_up()
        line = proxy.wait_for_line(" warn setting not in force", words)
        assert f"{place_of(proxy, key)}: " in line and line.endswith("needs a restart")
    answer = client.ask(ProxyAction="Reload")
    assert words in answer["NeedsRestart"] and place_of(proxy, key) in answer["NeedsRestart"]
    write_configuration(proxy.path, configuration([server_entry(pbx)], workers, users=ADMIN))
    proxy.make_readable()
    answer = client.ask(ProxyAction="Reload")
    assert answer["Message"] == "Reloaded" and "NeedsRestart" not in answer


def test_each_setting_has_a_line(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=ADMIN)
    write_configuration(proxy.path, configuration([server_entry(pbx)], 3, users=ADMIN, process={"pid_file": "/run/x"}))
    proxy.make_readable()
    answer = proxy.login("dave", Events="off").ask(ProxyAction="Reload")
    notes = [value for name, value in answer.headers if name == "NeedsRestart"]
    assert len(notes) == 2 and "workers" in notes[0] + notes[1] and "process.pid_file" in notes[0] + notes[1]


def test_section_of_a_plugin_needs_a_restart(start_proxy, pbx):
    plugins = {"load": ["http", "json", "standard"]}
    proxy = start_proxy({"pbx1": pbx}, plugins=plugins, http={"max_wait": "5s"})
    for section, changed in (({"max_wait": "6s"}, True), ({"max_wait": "5s"}, False)):
        write_configuration(proxy.path, configuration([server_entry(pbx)], 1, plugins=plugins, http=section))
        proxy.make_readable()
        before = len(proxy.lines)
        proxy.hang_up()
        proxy.login("dave", Events="off").fence()
        lines = [line for line in proxy.lines[before:] if "http changed: needs a restart" in line]
        assert bool(lines) is changed
        assert not changed or place_of(proxy, "http:") in lines[0]


# -- what changes at once


def test_listeners_come_and_go(reloadable, pbx):
    """Sessions of a removed listener stay; new connections to it are refused."""
    proxy, change = reloadable()
    client = proxy.login("dave", Events="off")
    change(listen=[dict(LISTEN, address="127.0.0.2"), LISTEN])
    proxy.hang_up()
    fresh = [line for line in proxy.lines if "listening address=127.0.0.2" in line]
    assert len(fresh) == 1 and sum("info listening" in line for line in proxy.lines) == 2  # the other one stayed
    port = int(fresh[0].split("127.0.0.2:")[1].split()[0])
    other = Client(("127.0.0.2", port))
    assert other.login("bill", secret_of("bill"), Events="off")["Response"] == "Success"
    proxy.login("bill", Events="off").fence()
    change(listen=[dict(LISTEN, address="127.0.0.2")])
    proxy.hang_up()
    proxy.wait_for_line("no longer listening", "127.0.0.1")
    with pytest.raises(ConnectionRefusedError):
        Client(proxy.address)
    assert client.fence() == [] and other.fence() == []
    change(listen=[dict(LISTEN, address="127.0.0.2", autofilter="on")])
    proxy.hang_up()
    assert client.fence() == [] and other.fence() == []
    other.close()


def test_socket_that_cannot_be_opened_changes_nothing(reloadable, pbx):
    proxy, change = reloadable()
    change(listen=[LISTEN, dict(LISTEN, address="192.0.2.1", port=5)], users=USERS[1:])
    proxy.hang_up("configuration not reloaded")
    proxy.wait_for_line("configuration not reloaded", "listen 192.0.2.1 port 5")
    assert proxy.login("dave", Events="off").fence() == []  # still a user


def test_log_moves(reloadable, pbx):
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        path = pathlib.Path(folder, "proxy.log")
        proxy, change = reloadable()
        change(log={"to": "/nonexistent/proxy.log"})
        proxy.hang_up("configuration not reloaded")
        change(log={"to": str(path), "level": "info"})
        proxy.signal(signal.SIGHUP)
        client = proxy.login("dave", Events="off")
        deadline = Deadline()  # the hub reloads, and a worker answers: nothing that a client sees says when it is done
        while not (path.exists() and "configuration reloaded" in path.read_text()):
            assert not deadline.passed(), "the log has not moved"
            assert client.fence() == []
        assert "debug" not in path.read_text()
        change(log={"to": "stderr", "level": "debug"})
        proxy.hang_up()


def test_log_of_an_option_stays(start_proxy, pbx, workers):
    """-d sets the log's destination and level."""
    proxy = start_proxy({"pbx1": pbx}, options=("-d",))
    write_configuration(proxy.path, configuration([server_entry(pbx)], workers, log={"to": "syslog", "level": "error"}))
    proxy.make_readable()
    proxy.hang_up()
    before = len(proxy.lines)
    proxy.login("dave", Events="off").fence()
    proxy.wait_until(lambda lines: any("login accepted" in line for line in lines[before:]), "a line of a later login")


def test_limits_of_guessing_change(reloadable, pbx):
    proxy, change = reloadable()
    change(auth={"failures_per_minute": 2})
    proxy.hang_up()
    for _ in range(2):
        assert proxy.connect().login("dave", "wrong")["Response"] == "Error"
    assert proxy.connect().login("dave", secret_of("dave"))["Response"] == "Error"
    change(auth={"failures_per_minute": 1000})
    proxy.hang_up()
    proxy.login("dave")


# -- mistakes


MISTAKES = [
    ("workers", "many"),
    ("nonsense", 1),
    ("limits", {"sessions": "x"}),
    ("limits", {"drain": "1ms"}),
    ("auth", {"timeout": 5}),
    ("log", {"level": "loud"}),
    ("users", [{"name": "a"}]),
    ("users", "nobody"),
    ("servers", [{"host": "x", "port": 99999}]),
    ("servers", "x"),
    ("listen", []),
    ("plugins", {"load": "x"}),
    ("listen", [{"autofilter": "maybe"}]),
    ("scripts", {"memory": "1"}),
    ("scripts", {"time": "1h"}),
    ("retry", {"interval": "soon"}),
    ("share", {"keep": [{"action": "Originate"}]}),
    ("tls", {"key": "/x"}),
    ("process", {"background": "perhaps"}),
    ("users", [{"name": "a", "secret": "b", "read": ["nothing"]}]),
]


def test_r11_broken_configurations_change_nothing(reloadable, pbx):
    """200 reloads of broken files: each is refused with file, line and column, and everybody stays."""
    proxy, _ = reloadable()
    with open(proxy.path, encoding="utf-8") as file:
        good = yaml.safe_load(file)
    proxy.make_readable()
    client = proxy.login("dave", Events="call")
    for turn in range(scaled(200, least=20)):
        name, value = MISTAKES[turn % len(MISTAKES)]
        write_configuration(proxy.path, dict(good, **{name: value}))
        with open(proxy.path, "a", encoding="utf-8") as file:
            file.write("# turn\n" * turn)
        os.chmod(proxy.path, 0o644)
        before = len(proxy.lines)
        proxy.hang_up("configuration not reloaded")
        line = next(line for line in proxy.lines[before:] if "configuration not reloaded" in line)
        where = line.split('reason="')[1].split(": ")[0].rsplit(":", 2)
        assert where[0] == proxy.path and where[1].isdigit() and where[2].isdigit(), line
    pbx.event("Newchannel", Channel="SIP/1")
    assert client.read_until(Event="Newchannel")["Channel"] == "SIP/1"
    assert pbx.accepted == 1
    write_configuration(proxy.path, good)
    os.chmod(proxy.path, 0o644)
    proxy.hang_up()


def test_reload_while_the_proxy_goes_down(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    client = proxy.login("dave", Events="off")
    client.send(Action="CoreStatus", ActionID="1")
    action = pbx.expect(Action="CoreStatus")
    proxy.signal(signal.SIGTERM)
    proxy.wait_for_line("ending signal")
    proxy.signal(signal.SIGHUP)
    proxy.wait_for_line("log reopened")
    action.reply()
    assert client.response("1")["Response"] == "Success"
    assert proxy.wait(DEADLINE) == 0
    assert not proxy.log_contains("configuration reloaded")
