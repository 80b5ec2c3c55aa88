"""Commands in README and the guides are run here as a new user would type them, against the demo's configuration, with
the ports and folders of the test in place of the demo's."""

import os
import re
import select
import subprocess

import pytest
import yaml

from harness.limits import DEADLINE, Deadline
from harness.process import BUILD, SOURCE
from harness.proxy import BINARY, Proxy
from harness.sim import SECRET, USER, Simulator

PAGES = ["README.md", "contrib/guides/gui.md"]
ENDLESS = ("nc -C", "curl -N", "ampctl tail")  # these go on until they are ended: what they print is judged
EXPECTED = {  # a part of the line: what it must print
    "nc -C": "Asterisk Call Manager/",
    "nc -q 3": '"OutputFormat":"json"',
    "Action=CoreShowChannels&format=json": '"Event":"CoreShowChannelsComplete"',
    "Action=CoreStatus&format=xml": "CoreReloadTime",
    "curl -N": "data: ",
    '{"Action":"Ping"}': '"Ping":"Pong"',
    '{"Server":"nowhere"}': '"code":"unknown-server"',
    "/openapi.json": '"/actions/QueueStatus"',
    "--try wallboard": "Event: VarSet",
    "ampctl status": "1 up",
    "ampctl tail": "Event: ",
    "ampctl send": "Event: CoreShowChannelsComplete",
    "ampctl sessions": "\tadmin\t",
}


def lines_of(page):
    """Commands of the page: what stands behind `$`, with the lines that continue it, without comments."""
    with open(os.path.join(SOURCE, page), encoding="utf-8") as file:
        blocks = re.findall(r"^    \$ (.*(?:(?<=[|\\])\n {6,}.*)*)", file.read(), re.M)
    return [re.sub(r"\s+# .*$", "", block) for block in blocks]


class Demo:
    """The demo's programs, as contrib/demo.sh starts them, on ports of the kernel's choice."""

    def __init__(self, folder, launch):
        self.simulator = launch(Simulator, "--seed", "1", "--calls", "6")
        with open(os.path.join(SOURCE, "config/demo.yaml"), encoding="utf-8") as file:
            config = yaml.safe_load(file)
        for listen in config["listen"]:
            listen["port"] = 0
        config["servers"][0].update(port=self.simulator.address[1], username=USER, secret=SECRET)
        config.update(
            workers=1,
            plugins={"path": os.path.join(BUILD, "plugins")},
            scripts={"path": os.path.join(SOURCE, "lua")},
            http={"document_root": os.path.join(SOURCE, "examples/dashboard")},
        )
        if os.geteuid() == 0:
            config["process"] = {"user": "nobody", "group": "nogroup"}
        self.proxy = launch(Proxy, str(folder), config)
        self.proxy.wait_for_line("server up")
        for listen, (_, port) in zip(config["listen"], self.proxy.addresses, strict=True):
            listen["port"] = port
        self.config = os.path.join(folder, "demo.yaml")  # where ampctl reads how to connect
        with open(self.config, "w", encoding="utf-8") as file:
            yaml.safe_dump(config, file)

    def typed(self, line):
        """The line as it is typed here."""
        scripts, pages = (str(port) for _, port in self.proxy.addresses)
        line = re.sub(r"^ampctl ", "build/release/ampctl -c build/demo/demo.yaml ", line)
        line = re.sub(r"(127\.0\.0\.1[: ])1234\b", rf"\g<1>{scripts}", line)
        line = re.sub(r"(127\.0\.0\.1[: ])1235\b", rf"\g<1>{pages}", line)
        line = line.replace("build/demo/demo.yaml", self.config).replace("build/release/", BUILD + "/")
        return line.replace("$(cat build/demo/simulator.pid)", str(self.simulator.process.pid))


def run(line, environment):
    """Types a line and waits for its end. @return (exit code, what it printed)"""
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=SOURCE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=DEADLINE,
    )
    return done.returncode, done.stdout


def watch(line, environment, expected):
    """Types a line that goes on; ends it as soon as it has printed what is expected. @return what it printed"""
    deadline, shown = Deadline(), ""
    process = subprocess.Popen(
        ["bash", "-c", "exec " + line],
        cwd=SOURCE,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        while expected not in shown and select.select([process.stdout], [], [], deadline.left())[0]:
            part = os.read(process.stdout.fileno(), 65536)
            if not part:
                break
            shown += part.decode(errors="replace")
        return shown
    finally:
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.wait()


@pytest.mark.parametrize("page", PAGES)
def test_f43_every_line_that_can_be_typed_works(page, launch, tmp_path):
    demo = Demo(tmp_path, launch)
    environment = dict(os.environ, HOME=str(tmp_path), LC_ALL="C.UTF-8")
    lines = [line for line in lines_of(page) if not line.startswith(("kill ", "alias "))]
    assert len(lines) >= 3
    for line in lines:
        expected = next((text for part, text in EXPECTED.items() if part in line), None)
        assert expected is not None, f"{page}: nothing is known of what this line prints: {line}"
        if any(word in line for word in ENDLESS):
            shown = watch(demo.typed(line), environment, expected)
        else:
            code, shown = run(demo.typed(line), environment)
            assert code == 0, f"{page}: exit code {code} of: {line}\n{shown}"
        assert expected in shown, f"{page}: expected {expected} from: {line}\n{shown}"


def test_f43_a_client_sees_that_the_pbx_was_stopped(launch, tmp_path):
    demo = Demo(tmp_path, launch)
    client = demo.proxy.connect()
    assert client.login("demo", "demo")["Response"] == "Success"
    stop = next(line for line in lines_of("README.md") if line.startswith("kill "))
    assert run(demo.typed(stop), os.environ)[0] == 0
    demo.simulator.wait()
    demo.simulator.stopped = True
    event = client.read_until(Event="ServerDown")
    assert event["Server"] == "sim" and event["Reason"]


def test_f43_the_proxys_programs_are_called_by_paths_that_the_demo_has():
    """No command of the section that follows the demo needs an installation."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        demo = re.search(r"^## Five minutes$(.*?)^## Install$", file.read(), re.M | re.S)[1]
    assert os.access(BINARY, os.X_OK)
    assert not re.findall(r"^    \$ (?:astmanproxy|astmansim) ", demo, re.M)
    with open(os.path.join(SOURCE, "contrib/demo-functions.sh"), encoding="utf-8") as file:
        script = file.read()
    for program, package in (("nc", "netcat-openbsd"), ("curl", "curl")):
        assert f"$ {program} " in demo and re.search(rf"\b{package}\b", script), program
