"""The client in examples/client-js where it runs: in node and in Chromium, over fetch() and over WebSockets."""

import json
import os
import shutil
import subprocess

import pytest

from .browser import Browser
from .limits import DEADLINE
from .proxy import secret_of
from .streams import CLIENTS, NODE_MODULES
from .web import ALL_PLUGINS, listeners

FOLDER = os.path.join(os.path.dirname(CLIENTS), os.pardir, "examples", "client-js")
PAGE = """<!doctype html><meta charset="utf-8"><title>client</title><link rel="icon" href="data:,"><script type="module">
import * as module from './client.js';
Object.assign(globalThis, module, { uncaught: [], ready: true });
addEventListener('error', (event) => uncaught.push(event.error.message));
</script>"""
HOSTS = ["node-fetch", "node-websocket", "chromium-fetch", "chromium-websocket"]
WRAPPED = """(async () => {
    try { return { value: await (async () => { %s })() }; }
    catch (error) { return { error: { name: error.name, code: error.code, message: error.message } }; }
})()"""


def kick(proxy, user="dave"):
    """Ends the sessions of a user."""
    admin = proxy.login("bill", Events="off")
    of, numbers = None, []
    for name, value in admin.ask(ProxyAction="ListSessions").headers:
        if name == "ProxyClientSession":
            of = None  # a browser's spare connection has no user
        if name == "ProxyClientUser":
            of = value
        if name == "ProxyClientId" and of == user:
            numbers.append(value)
    assert numbers
    for number in numbers:
        admin.ask(ProxyAction="KickSession", Session=number)
    admin.close()


class Failed(Exception):
    """JavaScript threw an error, which has a code if the client made it."""

    def __init__(self, error):
        super().__init__(f"{error['name']}: {error['message']}")
        self.name, self.code, self.message = error["name"], error.get("code"), error["message"]


class Node:
    """A process of node that evaluates what it is told."""

    def __init__(self, module):
        environment = dict(os.environ, NODE_PATH=NODE_MODULES)
        self.process = subprocess.Popen(
            ["node", os.path.join(CLIENTS, "evaluate.mjs"), module],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, expression):
        self.process.stdin.write(json.dumps(expression) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"node has ended: {self.process.wait(DEADLINE)}"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


class Script:
    """Runs statements with the client: `run("return 1 + 1")`. Its clients are in the global object `clients`."""

    def __init__(self, place, transport, url):
        self.place, self.transport, self.url = place, transport, url
        self.place.run("globalThis.clients = {}, globalThis.seen = [], null")

    def run(self, statements):
        result = self.place.run(WRAPPED % statements)
        if "error" in result:
            raise Failed(result["error"])
        return result.get("value")

    def wait(self, expression):
        """Waits until the expression is true. @return its value"""
        return self.run(f"""for (const end = Date.now() + {1000 * DEADLINE}; Date.now() < end;) {{
            const value = ({expression});
            if (value) return value;
            await new Promise((resolve) => setTimeout(resolve, 10));
        }}
        throw new Error('not in time: ' + {json.dumps(expression)} + ' ' + JSON.stringify(seen));""")

    def make(self, user="dave", **options):
        """Makes `client`, which notes the changes of its state in `states`."""
        options = {"url": self.url, "transport": self.transport, "firstWait": 20, "mostWait": 200, **options}
        if "token" not in options:
            options = {"user": user, "secret": secret_of(user), **options}
        needs_class = self.transport == "websocket" and isinstance(self.place, Node)
        extra = ", WebSocket: require('ws')" if needs_class else ""
        self.run(f"""globalThis.client = new Client({{ ...{json.dumps(options)}{extra} }});
            globalThis.states = [];
            client.on(':state', (change) => states.push({{ ...change, error: change.error?.code }}));""")

    def connect(self, user="dave", **options):
        self.make(user, **options)
        self.run("await client.connect()")

    def close(self):
        self.run("client.close()")
        assert self.run("return (globalThis.uncaught ?? []).filter((text) => text !== 'wanted')") == []


@pytest.fixture
def client_site(tmp_path):
    """A folder of the proxy with a page that has the client."""
    root = tmp_path / "site"
    root.mkdir()
    for name in ("client.js", "links.js", "codes.js"):
        shutil.copy(os.path.join(FOLDER, name), root)
    (root / "index.html").write_text(PAGE)
    for path in (root, *root.iterdir()):
        path.chmod(0o755)
    return root


@pytest.fixture
def start_site(start_for_scripts, pbx, client_site):
    """start_site(servers, **sections) -> a proxy with HTTP and the page on its second listener."""

    def start(servers=None, **sections):
        http = {"document_root": str(client_site)}
        return start_for_scripts(
            servers or {"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS, http=http, **sections
        )

    return start


def _start(host, proxy, folder, ended):
    kind, transport = host.split("-")
    url = "http://{}:{}/".format(*proxy.addresses[1])
    if kind == "node":
        if transport == "websocket" and not os.path.isdir(os.path.join(NODE_MODULES, "ws")):
            pytest.skip(f"ws is not installed in {NODE_MODULES}: tests/run.sh does it (npm ci)")
        place = Node(os.path.join(FOLDER, "client.js"))
        ended.append(place)
    else:
        browser = Browser(folder)
        ended.append(browser)
        place = browser.page()
        place.go(url)
        place.wait("globalThis.ready")
    return Script(place, transport, url)


@pytest.fixture(params=HOSTS)
def scripting(request, start_site, tmp_path):
    """scripting(servers, **sections) -> (proxy, Script), for each place and each way."""
    ended, scripts = [], []

    def start(servers=None, **sections):
        proxy = start_site(servers, **sections)
        scripts.append(_start(request.param, proxy, tmp_path, ended))
        return proxy, scripts[-1]

    yield start
    try:
        for script in scripts:
            script.close()
    finally:
        for place in ended:
            place.close()
