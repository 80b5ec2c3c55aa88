"""Fixtures. Each test runs with 1 and with 4 workers; each proxy is ended by SIGTERM and judged afterwards."""

import functools
import os
import pathlib
import resource
import shutil
import socket
import sys
import tempfile
import textwrap

import pytest

sys.path.insert(0, os.path.dirname(__file__))

from harness import proxy as proxies  # noqa: E402
from harness import signals  # noqa: E402
from harness.certificates import Authority  # noqa: E402
from harness.process import finds_races, readable  # noqa: E402
from harness.proxy import SERVER_SECRET, SOURCE, Proxy, configuration, server_entry, write_configuration  # noqa: E402
from harness.scripted import ScriptedServer  # noqa: E402
from harness.sim import Simulator  # noqa: E402

# Modules of the harness with fixtures that several files use.
pytest_plugins = [
    f"harness.{name}"
    for name in (
        "balancers",
        "cluster",
        "dashboard",
        "gone",
        "hashes",
        "http",
        "installation",
        "streams",  # before javascript and resume, which import it
        "javascript",
        "metrics",
        "migration",
        "nats",
        "packages",
        "receiver",
        "steering",
        "service",
        "resume",
        "takeover",
        "tokens",
    )
]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """A folder of this run's own. pytest's own is one for all runs of a user, and each that starts closes it to others:
    to the user that a proxy becomes, too, who then cannot read a configuration again."""
    if config.option.basetemp is None:
        config.own_folder = tempfile.mkdtemp(prefix="amp-")
        config.option.basetemp = os.path.join(config.own_folder, "t")


def pytest_sessionfinish(session, exitstatus):
    """What failed leaves its files."""
    folder = getattr(session.config, "own_folder", None)
    if folder is not None and exitstatus != pytest.ExitCode.TESTS_FAILED:
        shutil.rmtree(folder, ignore_errors=True)


def pytest_sessionstart():
    signals.restore()
    if not os.access(proxies.BINARY, os.X_OK):
        raise pytest.UsageError(f"no program at {proxies.BINARY}: set AMP_BUILD to a build folder")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Puts beside a failure what its processes have logged and what its scripted servers, and the kernel, have seen."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for process in getattr(item, "processes", []):
            report.sections.append((f"log of {os.path.basename(process.command[0])}", process.tail(5000)))
        for server in getattr(item, "servers", []):
            report.sections.append((f"the scripted server at port {server.address[1]}", server.describe()))


@pytest.fixture
def public_folder():
    """A folder that the user that the proxy becomes can read, for reloads."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield path


@pytest.fixture
def authority(public_folder):
    """A certificate authority of this test's own."""
    return Authority(public_folder)


# Under the thread sanitizer four do all that one does, and more threads meet; AMP_ALL_WORKERS=1 is for one, too.
COUNTS = [4] if finds_races() and not os.environ.get("AMP_ALL_WORKERS") else [1, 4]


@pytest.fixture
def localhost():
    """That name, where the machine knows it: without /etc/hosts it may not."""
    try:
        socket.getaddrinfo("localhost", None, socket.AF_INET)
    except socket.gaierror:
        pytest.skip("this machine does not know the name localhost (/etc/hosts)")
    return "localhost"


@pytest.fixture(params=COUNTS, ids=[f"workers{count}" for count in COUNTS])
def workers(request):
    return request.param


@pytest.fixture
def scripted(request):
    """Makes scripted servers; all are closed after the test."""
    made = request.node.servers = []

    def make(**options):
        made.append(ScriptedServer(SERVER_SECRET, **options))
        return made[-1]

    yield make
    for server in made:
        server.close()


@pytest.fixture
def pbx(scripted):
    """One scripted server."""
    return scripted()


@pytest.fixture
def launch(request, tmp_path, scripted):
    """Starts processes that live as long as the test: launch(Class, …). They end before the scripted servers do: else
    a proxy could connect again to a port that is another test's by then."""
    request.node.processes = []

    def start(kind, *arguments, **options):
        process = kind(*arguments, **options)
        request.node.processes.append(process)
        return process

    yield start
    failures = []
    for process in request.node.processes:
        try:
            process.finish()
        except AssertionError as error:
            failures.append(str(error))
    assert not failures, "\n".join(failures)


@pytest.fixture
def start_proxy_of(launch, tmp_path):
    """start_proxy_of(workers, {"pbx1": server, …}, up=[…], **sections of the configuration) -> Proxy.

    Waits until the servers named in `up` (all, unless given) take actions."""

    def start(workers, servers, up=None, options=("-f",), more=None, env=None, files=None, **sections):
        entries = [server_entry(server, name, **(more or {})) for name, server in servers.items()]
        popen = {"env": env}
        if files is not None:  # descriptors that it may have
            popen["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
        proxy = launch(Proxy, str(tmp_path), configuration(entries, workers, **sections), options, **popen)
        for name in servers if up is None else up:
            proxy.wait_for_server(name)
        return proxy

    return start


@pytest.fixture
def start_proxy(start_proxy_of, workers):
    """start_proxy({"pbx1": server, …}, …) -> Proxy: with each number of workers."""
    return functools.partial(start_proxy_of, workers)


@pytest.fixture
def start_for_scripts(start_proxy_of):
    """start_for_scripts({"pbx1": server, …}, …) -> Proxy: for tests of programs in a browser or in node, which do not
    depend on the number of workers. With several of them, a program's connections are at different ones."""
    return functools.partial(start_proxy_of, max(COUNTS))


@pytest.fixture
def proxy(start_proxy, pbx):
    """A proxy whose one server is `pbx`."""
    return start_proxy({"pbx1": pbx})


@pytest.fixture
def simulator(launch):
    return lambda *options: launch(Simulator, *options)


@pytest.fixture
def reloadable(start_proxy, pbx):
    """reloadable(**sections) -> (proxy, change(**sections)): its configuration can be read by the user it becomes."""

    def start(servers=None, **sections):
        named = {"pbx1": pbx} if servers is None else servers
        proxy = start_proxy(named, **sections)
        workers = 1

        def change(servers=None, **sections):
            entries = [server_entry(server, name) for name, server in (servers or named).items()]
            write_configuration(proxy.path, configuration(entries, workers, **sections))
            proxy.make_readable()

        return proxy, change

    return start


@pytest.fixture
def log_folder():
    """A folder that the proxy's user may write to; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        yield pathlib.Path(folder)


@pytest.fixture
def scripts(tmp_path):
    """scripts(filters/name.lua text, …) -> a folder with the stock scripts and these."""
    root = tmp_path / "lua"
    root.mkdir()
    for folder in ("filters", "proxyactions", "lib"):
        (root / folder).mkdir()
        stock = os.path.join(readable(os.path.join(SOURCE, "lua")), folder)
        for name in os.listdir(stock) if os.path.isdir(stock) else []:
            os.symlink(os.path.join(stock, name), root / folder / name)
    for folder in [tmp_path, root]:
        os.chmod(folder, 0o755)

    def write(**files):
        for name, text in files.items():
            folder, _, script = name.partition("_")
            path = root / {"filter": "filters", "action": "proxyactions"}[folder] / f"{script}.lua"
            path.write_text(textwrap.dedent(text))
        return str(root)

    return write
