"""The programs that the benchmark starts: simulator, proxy, reference, haproxy, load generators. Each is ended by its
own process id; what a program says goes to a file of the run's folder."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.abspath(os.path.join(os.path.dirname(__file__), "../system")))

from harness.limits import poll  # noqa: E402

BUILD = os.environ.get("AMP_BUILD", "")
SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../lua"))
USER, SECRET = "bench", "bench-secret"
START_SECONDS = 120
RUN_SECONDS = 120  # no single run takes longer, or something hangs


class BenchError(Exception):
    """The benchmark could not run (as opposed to: what it found is wrong)."""


def wait_for(find, what, seconds=START_SECONDS):
    """Asks `find()` until it gives something true."""
    found = poll(find, seconds, pause=0.002)
    if not found:
        raise BenchError(f"{what}: not in {seconds} s")
    return found


def read_text(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def cpu_seconds_of(pid):
    """@return None: there is no such process"""
    fields = read_text(f"/proc/{pid}/stat").rsplit(")", 1)
    if len(fields) < 2:
        return None
    values = fields[1].split()
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


class Program:
    """A process with a log file, and what the kernel says of its CPU time and memory."""

    started = []

    def __init__(self, folder, name, command, **options):
        Program.started.append(self)
        self.name = name
        self.process = None
        self.log_path = os.path.join(folder, f"{len(Program.started):02}-{name}.log")
        with open(self.log_path, "w", encoding="utf-8") as log:
            options.setdefault("stdin", subprocess.DEVNULL)
            options.setdefault("stdout", log)
            self.process = subprocess.Popen(command, stderr=log, **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                print(f"bench: {self.name} had to be killed", file=sys.stderr)
                self.process.kill()
                self.process.wait()

    def await_port(self, find):
        def look():
            if self.process.poll() is not None:
                raise BenchError(f"{self.name} ended with {self.process.returncode}:\n{read_text(self.log_path)}")
            return find()

        return wait_for(look, f"port of {self.name}")

    def cpu_seconds(self):
        found = cpu_seconds_of(self.process.pid)
        if found is None:
            raise BenchError(f"{self.name} is gone:\n{read_text(self.log_path)[-4000:]}")
        return found

    def busiest_thread_seconds(self):
        """CPU time of the thread that has used most."""
        tasks = f"/proc/{self.process.pid}/task"
        times = [read_text(f"{tasks}/{task}/stat").rsplit(")", 1)[-1].split() for task in os.listdir(tasks)]
        return max(int(values[11]) + int(values[12]) for values in times if values) / os.sysconf("SC_CLK_TCK")

    def memory_kib(self, field):
        """VmRSS: now; VmHWM: the most so far."""
        found = re.search(rf"{field}:\s+(\d+) kB", read_text(f"/proc/{self.process.pid}/status"))
        return int(found.group(1)) if found else 0


class Ami:
    """A plain AMI client without events: steers the simulator, asks whether a server is up."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS)
        self.file = self.socket.makefile("rb")
        self.file.readline()
        answer = self.ask(Action="Login", Username=USER, Secret=SECRET, Events="off")
        if "Success" not in answer:
            raise BenchError(f"login on port {port}: {answer}")

    def ask(self, **headers):
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.socket.sendall(lines.encode() + b"\r\n")
        while True:
            message = b""
            for line in self.file:
                if line == b"\r\n":
                    break
                message += line
            else:
                raise BenchError("the connection was closed")
            if message.startswith(b"Response:"):
                return message.decode("utf-8", "replace")

    def close(self):
        self.file.close()
        self.socket.close()


class Simulator(Program):
    def __init__(self, folder, *options):
        path = os.path.join(folder, "simulator.port")
        if os.path.exists(path):
            os.unlink(path)
        command = [
            os.path.join(BUILD, "astmansim"),
            "--port",
            "0",
            "--port-file",
            path,
            "--user",
            USER,
            "--secret",
            SECRET,
            "--seed",
            "1",
            *options,
        ]
        super().__init__(folder, "simulator", command)
        self.port = int(self.await_port(lambda: read_text(path).strip()))
        self.control = Ami(self.port)

    def emit(self, rate, events):
        """Starts `events` background events. @return the moment, nanoseconds of CLOCK_MONOTONIC"""
        now = time.monotonic_ns()
        answer = self.control.ask(Action="SimControl", Rate=rate, Events=events)
        if "Success" not in answer:
            raise BenchError(f"SimControl: {answer}")
        return now


def users_with(filters, count, rules=""):
    """`count` users with the same filters and rules, each a view of its own."""
    listed = (f", filters: [{', '.join(filters)}]" if filters else "") + (f", {rules}" if rules else "")
    return "".join(f"  - {{name: {USER}{index}, secret: {SECRET}{listed}}}\n" for index in range(count))


RESUME = "resume: {keep: 60s, memory: 64MiB}\n"


def proxy_config(simulator, workers, users, more, limits, other, listeners="", names=(), beside=()):
    tls = os.path.abspath(os.path.join(os.path.dirname(__file__), "../data/tls"))
    second = (
        f"  - {{name: other, host: 127.0.0.1, port: {other.port}, username: {USER}, secret: {SECRET}}}\n"
        if other
        else ""
    )
    second += "".join(  # the same simulator under further names
        f"  - {{name: {name}, host: 127.0.0.1, port: {simulator.port}, username: {USER}, secret: {SECRET}}}\n"
        for name in names
    )
    second += "".join(
        f"  - {{name: sim{number}, host: 127.0.0.1, port: {each.port}, username: {USER}, secret: {SECRET}}}\n"
        for number, each in enumerate(beside, 2)
    )
    identity = "process: {user: nobody, group: nogroup}\n" if os.geteuid() == 0 else ""
    return f"""listen:
  - {{address: 127.0.0.1, port: 0, input: standard, output: standard, tls: off}}
  - {{address: 127.0.0.1, port: 0, input: http, output: json, tls: off}}
  - {{address: 127.0.0.1, port: 0, input: standard, output: standard, tls: required}}
{listeners}tls: {{certificate: {tls}/server.pem, key: {tls}/server-key.pem}}
servers:
  - {{name: sim, host: 127.0.0.1, port: {simulator.port}, username: {USER}, secret: {SECRET}}}
{second}users:
  - {{name: {USER}, secret: {SECRET}}}
{users}plugins: {{path: {os.path.join(BUILD, "plugins")}}}
scripts: {{path: {SCRIPTS}}}
limits: {{{limits}}}
workers: {workers}
log: {{to: stderr, level: info}}
{more}{identity}"""


class Proxy(Program):
    """astmanproxy, logged in to the simulator `sim`, and to those `beside` it: sim2, sim3 and so on."""

    def __init__(
        self,
        folder,
        simulator,
        probe,
        workers="auto",
        users="",
        more="",
        limits="output_backlog: 1GiB",
        other=None,
        wrapper=(),
        listeners="",
        names=(),
        beside=(),
    ):
        path = os.path.join(folder, "astmanproxy.yaml")
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(proxy_config(simulator, workers, users, more, limits, other, listeners, names, beside))
        self.more_listeners = listeners.count("\n")
        started = time.monotonic()
        super().__init__(folder, "proxy", [*wrapper, os.path.join(BUILD, "astmanproxy"), "-f", "-c", path])
        self.port, self.http_port, self.tls_port, *self.other_ports = self.await_port(self._ports)
        self.start_ms = (time.monotonic() - started) * 1000
        client = Ami(self.port)
        wait_for(lambda: "Response: Success" in client.ask(**probe), "the proxy's server to come up")
        client.close()

    def _ports(self):
        found = re.findall(r"listening.*?address=127\.0\.0\.1:(\d+)", read_text(self.log_path))
        return [int(port) for port in found] if len(found) == 3 + self.more_listeners else None


class Reference(Program):
    def __init__(self, folder, simulator, clients):
        path = os.path.join(folder, "reference.port")
        if os.path.exists(path):
            os.unlink(path)
        command = [
            os.path.join(BUILD, "bench", "bench_reference"),
            str(simulator.port),
            USER,
            SECRET,
            path,
            str(clients),
        ]
        super().__init__(folder, "reference", command)
        self.port = int(self.await_port(lambda: read_text(path).strip()))


class Haproxy(Program):
    """haproxy in TCP mode: a connection of its own to the simulator for each client."""

    def __init__(self, folder, simulator):
        listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        path = os.path.join(folder, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"""global
    maxconn 4000
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
listen ami
    bind fd@{listener.fileno()}
    server sim 127.0.0.1:{simulator.port}
""")
        super().__init__(folder, "haproxy", [Haproxy.binary(), "-db", "-f", path], pass_fds=[listener.fileno()])
        self.port = listener.getsockname()[1]
        listener.close()

    @staticmethod
    def binary():
        return shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class Clients(Program):
    """bench_clients: listeners on `port`, all connected and logged in once this returns."""

    def __init__(self, folder, port, count, raw, shape="standard", user=USER):
        login = ["--raw", shape] if raw else [user, SECRET, shape]
        command = [os.path.join(BUILD, "bench", "bench_clients"), str(port), str(count), *login]
        super().__init__(folder, "clients", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._expect_line("ready")

    def _expect_line(self, wanted):
        line = self.process.stdout.readline().strip()
        if line != wanted:
            raise BenchError(f"clients: expected {wanted}, found {line!r}\n{read_text(self.log_path)}")

    def arm(self, events):
        self.process.stdin.write(f"expect {events}\n")
        self.process.stdin.flush()
        self._expect_line("armed")

    def result(self):
        """What came, once all did or all was silent for 20 seconds."""
        line = self.process.stdout.readline()
        if not line:
            raise BenchError(f"clients ended:\n{read_text(self.log_path)}")
        return json.loads(line)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                super().stop()


def run_measurement(name, measure):
    """The main function of a measurement: gives `measure` a folder, ends what it started. @return the exit code"""
    folder = tempfile.mkdtemp(prefix="amp-bench-")
    os.chmod(folder, 0o755)  # the proxy becomes another user
    try:
        measure(folder)
    except (BenchError, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    finally:
        for program in reversed(Program.started):
            program.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def run_http(port, connections, depth, each, request):
    """bench_http: one run. @return what it found"""
    command = [os.path.join(BUILD, "bench", "bench_http"), str(port), str(connections), str(depth), str(each), request]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=RUN_SECONDS)
    if done.returncode != 0:
        raise BenchError(f"bench_http on port {port}: {done.stderr}")
    return json.loads(done.stdout)


def run_actions(port, clients, depth, answers, action, events="off"):
    """bench_actions: one run. @return what it found"""
    command = [
        os.path.join(BUILD, "bench", "bench_actions"),
        *(str(number) for number in (port, clients, depth, answers)),
        USER,
        SECRET,
        "|".join(f"{name}: {value}" for name, value in action.items()),
        events,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=RUN_SECONDS)
    if not done.stdout.startswith("{"):
        raise BenchError(f"bench_actions on port {port}: {done.stderr}")
    return json.loads(done.stdout)


def run_logins(port, count):
    """bench_logins: one run. @return what it found"""
    command = [os.path.join(BUILD, "bench", "bench_logins"), str(port), str(count), USER, SECRET]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=RUN_SECONDS)
    if done.returncode != 0:
        raise BenchError(f"bench_logins on port {port}: {done.stderr}")
    return json.loads(done.stdout)
