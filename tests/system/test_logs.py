"""Where the log goes, and what its lines look like: files that are rotated under load, syslog and the journal with
fields (sockets of the tests' own), the limit on lines that repeat."""

import os
import re
import shutil
import socket
import subprocess
import threading

import pytest

from harness.limits import Deadline
from harness.process import SOURCE
from harness.proxy import BINARY, SECRETS, Proxy, configuration, server_entry, write_configuration

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warn|info|debug|trace) (.*)")
PAIR = re.compile(r'[a-z0-9_]+=("(?:[^"\\]|\\.)*"|[^\s"=]*)')


class Daemon:
    """A datagram socket that gathers what comes."""

    def __init__(self, path):
        self.path = str(path)
        self.lines = []
        self.changed = threading.Condition()
        self.open()

    def open(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        threading.Thread(target=self._read, args=(self.socket,), daemon=True).start()

    def _read(self, own):
        while True:
            try:
                data = own.recv(1 << 16)
            except OSError:
                return
            if not data:
                return
            with self.changed:
                self.lines.append(data)
                self.changed.notify_all()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        os.unlink(self.path)

    def wait_for(self, *words):
        deadline = Deadline()
        with self.changed:
            while not (found := [line for line in self.lines if all(word in line for word in words)]):
                assert not deadline.passed(), f"{words} did not come; {self.lines[-20:]}"
                self.changed.wait(deadline.left())
        return found[0]


@pytest.fixture
def open_folder(tmp_path):
    """A folder in which the user that the proxy becomes may make files."""
    folder = tmp_path / "log"
    folder.mkdir()
    folder.chmod(0o777)
    for parent in list(tmp_path.parents)[:-2]:
        os.chmod(parent, 0o711)
    tmp_path.chmod(0o711)
    return folder


def wait_for_text(path, text):
    deadline = Deadline()
    while text not in (path.read_text() if path.exists() else ""):
        assert not deadline.passed(), f"{text} is not in {path}: {path.read_text()[-2000:] if path.exists() else None}"


def quiet_start(launch, tmp_path, pbx, workers, **log):
    """A proxy whose log goes elsewhere: it listens on a Unix socket, because the test cannot read a port from the
    log."""
    address = f"unix:{tmp_path}/socket"
    config = configuration([server_entry(pbx, "pbx1")], workers, log=log)
    config["listen"] = [{"address": address, "input": "standard", "tls": "off"}]
    proxy = launch(Proxy, str(tmp_path), config, listening=False)
    return proxy, f"{tmp_path}/socket"


class UnixClient:
    def __init__(self, path):
        deadline = Deadline()
        while True:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.socket.connect(path)
                break
            except OSError:
                assert not deadline.passed(), f"nobody listens at {path}"
        self.socket.settimeout(15)
        self.file = self.socket.makefile("rb")
        self.file.readline()

    def ask(self, text):
        self.socket.sendall(text.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        while self.file.readline() not in (b"\r\n", b""):
            pass

    def close(self):
        self.file.close()
        self.socket.close()


def login(path, name="dave", secret="dave-SECRET-1"):
    client = UnixClient(path)
    client.ask(f"Action: Login\nUsername: {name}\nSecret: {secret}\nEvents: off")
    return client


# -- the shape of lines


def test_every_line_is_words_and_then_key_value(proxy, pbx):
    """Of a life with all that usually happens: sessions and servers come and go, logins fail, an answer is late."""
    dave = proxy.login("dave")
    dave.ask(Action="Getvar", Variable="x\x01", Server="none")
    proxy.connect().login('we "ird\\', "wrong")
    pbx.send_raw(b"Response: Success\r\nMessage: nobody asked\r\n\r\n")
    pbx.go_down()
    dave.read_until(Event="ServerDown")
    pbx.go_up()
    dave.read_until(Event="ServerUp")
    dave.send(Action="Logoff")
    dave.read_to_end()
    proxy.wait_for_line("session closed")
    for line in proxy.log().splitlines():
        found = LINE.fullmatch(line)
        assert found, line
        rest = PAIR.sub("", found.group(2))
        assert re.fullmatch(r"[A-Za-z ,':;-]+", rest), f"not words and key=value: {line}"
        words = re.search(r"(?:^| )([A-Za-z][A-Za-z ,':-]*?)(?= [a-z0-9_]+=|$)", found.group(2))
        assert words, f"no event word: {line}"


def test_lines_about_a_session_name_it(proxy):
    client = proxy.login("dave")
    client.close()
    proxy.connect().login("bill", "wrong")
    proxy.wait_for_line("session closed")
    about = [
        line
        for line in proxy.log().splitlines()
        if re.search(r" session (opened|closed)| login (accepted|refused)", line)
    ]
    assert len(about) >= 4 and all(re.search(r" session=\d+ ", line) for line in about), about


# -- files


def test_r48_a_file_is_reopened_under_load_and_loses_nothing(launch, tmp_path, open_folder, pbx, workers):
    log = open_folder / "proxy.log"
    proxy, path = quiet_start(launch, tmp_path, pbx, workers, to=str(log), level="info", repeat_lines=0)
    wait_for_text(log, "listening")
    proxy.make_readable()
    stop, opened = threading.Event(), []

    def come_and_go():
        while not stop.is_set():
            UnixClient(path).close()
            opened.append(1)

    threads = [threading.Thread(target=come_and_go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(5):
        count = len(opened)
        while len(opened) < count + 20:
            pass
        os.rename(log, open_folder / f"proxy.log.{turn}")
        proxy.signal(1)
        wait_for_text(log, "log reopened")
    stop.set()
    for thread in threads:
        thread.join()
    assert proxy.stop() == 0
    text = "".join(file.read_text() for file in open_folder.iterdir())
    numbers = sorted(int(number) for number in re.findall(r"session=(\d+) .*session opened\n", text))
    assert numbers == list(range(1, len(opened) + 1))
    assert text.count("session closed") == len(opened)
    assert all(LINE.fullmatch(line) for line in text.splitlines())


# -- daemons


def test_syslog_lines_have_priority_tag_and_number(launch, tmp_path, open_folder, pbx, workers):
    daemon = Daemon(open_folder / "log")
    proxy, path = quiet_start(launch, tmp_path, pbx, workers, to=f"syslog:{daemon.path}")
    client = login(path)
    login(path, "dave", "wrong").close()
    opened = daemon.wait_for(b"session opened").decode()
    assert re.fullmatch(
        r"<30>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d astmanproxy\[%d\]: session=\d+ user=- address=unix session "
        r"opened" % proxy.process.pid,
        opened,
    ), opened
    assert daemon.wait_for(b"login refused").startswith(b"<28>")  # warnings of daemons
    client.close()
    assert proxy.stop() == 0
    daemon.close()
    assert not any(secret.encode() in line for secret in SECRETS for line in daemon.lines)


def fields(datagram):
    found = {}
    for line in datagram.decode().splitlines():
        name, _, value = line.partition("=")
        assert re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", name), datagram
        found.setdefault(name, value)
    return found


def test_journal_entries_have_fields(launch, tmp_path, open_folder, pbx, workers):
    daemon = Daemon(open_folder / "journal")
    proxy, path = quiet_start(launch, tmp_path, pbx, workers, to=f"journal:{daemon.path}")
    login(path, 'a "b" c\\', "wrong").close()
    refused = fields(daemon.wait_for(b"login refused"))
    assert refused["PRIORITY"] == "4" and refused["SYSLOG_IDENTIFIER"] == "astmanproxy"
    assert refused["ASTMANPROXY_SESSION"].isdigit() and refused["ASTMANPROXY_USERNAME"] == 'a "b" c\\'
    assert refused["ASTMANPROXY_EVENT"] == "login refused" and refused["ASTMANPROXY_REASON"] == "wrong"
    assert refused["MESSAGE"].startswith("session=") and "login refused" in refused["MESSAGE"]
    up = fields(daemon.wait_for(b"server up"))
    assert up["ASTMANPROXY_SERVER"] == "pbx1" and up["ASTMANPROXY_BANNER"] == "Asterisk Call Manager/5.0.2"
    assert up["ASTMANPROXY_EVENT"] == "server up" and up["PRIORITY"] == "6"
    opened = fields(daemon.wait_for(b"session opened"))
    assert opened["ASTMANPROXY_EVENT"] == "session opened" and opened["ASTMANPROXY_ADDRESS"] == "unix"
    proxy.stop()
    daemon.close()


@pytest.mark.parametrize("kind", ["syslog", "journal"])
def test_r48_a_daemon_that_is_gone_holds_up_nobody(launch, tmp_path, open_folder, pbx, workers, kind):
    daemon = Daemon(open_folder / "socket")
    proxy, path = quiet_start(launch, tmp_path, pbx, workers, to=f"{kind}:{daemon.path}")
    daemon.wait_for(b"listening")
    daemon.close()
    for _ in range(5):
        login(path).close()  # served as ever
    daemon.open()
    client = login(path)
    told = daemon.wait_for(b"lines lost count=")
    assert int(re.search(rb"count=(\d+)", told).group(1)) >= 5
    client.close()
    proxy.stop()
    daemon.close()


def test_lines_for_the_journal_on_stderr_say_their_level(launch, tmp_path, pbx, workers):
    """systemd names in JOURNAL_STREAM the device and inode of the stderr that it connected."""
    path = tmp_path / "c.yaml"
    write_configuration(path, configuration([server_entry(pbx)], workers))
    with open(tmp_path / "stderr", "wb") as stderr:
        status = os.fstat(stderr.fileno())
        environment = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        process = subprocess.Popen([BINARY, "-f", "-c", str(path)], stderr=stderr, env=environment)
        try:
            wait_for_text(tmp_path / "stderr", "listening")
        finally:
            process.terminate()
            assert process.wait(15) == 0
    lines = (tmp_path / "stderr").read_text().splitlines()
    assert all(re.match(r"<[34567]>(error|warn|info|debug) ", line) for line in lines[1:]), lines
    assert any(line.startswith("<6>info listening") for line in lines)


def test_why_it_does_not_start_is_an_error_in_the_journal(tmp_path, pbx):
    """Each line, of a configuration with mistakes and of a port that another program has."""
    mistakes = {**configuration([server_entry(pbx)]), "limitz": {}, "userz": []}
    taken = configuration([], listen=[{"address": "127.0.0.1", "port": pbx.address[1]}])
    for config, expected in ((mistakes, "limitz"), (taken, "Address already in use")):
        path = tmp_path / "c.yaml"
        write_configuration(path, config)
        with open(tmp_path / "stderr", "wb") as stderr:
            status = os.fstat(stderr.fileno())
            environment = {**os.environ, "JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
            process = subprocess.run([BINARY, "-f", "-c", str(path)], stderr=stderr, env=environment, check=False)
        lines = (tmp_path / "stderr").read_text().splitlines()
        assert process.returncode == 1 and any(expected in line for line in lines), lines
        assert all(line.startswith("<3>") for line in lines if "Sanitizer" not in line and " warn " not in line), lines


# -- what repeats


def test_lines_that_repeat_are_limited_and_counted(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, log={"repeat_lines": 5, "repeat_interval": "1s"})
    client = proxy.connect()
    count = 40
    for _ in range(count):
        proxy.connect(banner=False).close()
    proxy.wait_until(
        lambda lines: (
            sum(
                int(re.search(r"suppressed=(\d+)", line).group(1)) for line in lines if 'event="session opened"' in line
            )
            + sum("session opened" in line and "suppressed" not in line for line in lines)
            == count + 2
        ),
        "all sessions told of or counted",
    )  # this client's, and one of the harness
    proxy.wait_for_line("suppressed=")
    client.close()


def test_errors_that_differ_are_never_left_out(start_proxy, pbx, tmp_path):
    scripts = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
    root = tmp_path / "lua"
    shutil.copytree(os.path.join(SOURCE, "lua"), root)
    for word in scripts:
        text = f"return {{ name = '{word}', run = function() error('{word} is wrong') end }}\n"
        (root / f"proxyactions/{word}.lua").write_text(text)
    proxy = start_proxy(
        {"pbx1": pbx},
        log={"repeat_lines": 1, "repeat_interval": "1h"},
        scripts={"path": str(root), "proxy_actions": ["stock", *scripts]},
    )
    dave = proxy.login("dave")
    for _ in range(3):
        for script in scripts:
            dave.ask(ProxyAction=script)
    lines = [line for line in proxy.log().splitlines() if "proxy action failed" in line]
    assert len(lines) == len(scripts), lines


def test_debug_lines_are_not_limited(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, log={"repeat_lines": 1, "repeat_interval": "1h"})
    assert proxy.log().count("lane state") >= 5


@pytest.mark.parametrize(
    "key, value, expected",
    [
        ("to", "nowhere", "stderr, syslog, journal"),
        ("to", "syslog:here", "stderr, syslog, journal"),
        ("to", "journal:/" + "x" * 120, "stderr, syslog, journal"),
        ("repeat_lines", "many", "a number from 0 to 1000000"),
        ("repeat_interval", "10", "a duration"),
        ("repeat_interval", "5ms", "from 1s to 1h"),
        ("level", "loud", "error, warn, info, debug, trace"),
    ],
)
def test_wrong_values_of_log_are_named(start_proxy, pbx, key, value, expected, workers):
    with pytest.raises(AssertionError) as wrong:
        start_proxy({"pbx1": pbx}, log={key: value})
    line = next(line for line in str(wrong.value).splitlines() if f"log.{key}: expected" in line)
    assert re.search(r"astmanproxy\.yaml:\d+:\d+: ", line) and expected in line, line
