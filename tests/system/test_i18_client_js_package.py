"""The package of examples/client-js: it installs and imports, its names are current, its types hold; how it waits."""

import json
import os
import re
import socket
import subprocess

import pytest

from harness.javascript import FOLDER
from harness.limits import DEADLINE
from harness.proxy import secret_of
from harness.streams import NODE_MODULES
from harness.tokens import forge
from harness.web import ALL_PLUGINS, Web, basic, listeners

TSC = os.path.join(NODE_MODULES, "typescript", "bin", "tsc")
# What must not be accepted; each line is an error.
WRONG = """import { Client } from 'astmanproxy-client';
const client = new Client({ url: '/', user: 'a', secret: 'b' });
// @ts-expect-error: the URL is missing
new Client({ user: 'a', secret: 'b' });
// @ts-expect-error: no such option
new Client({ url: '/', token: 't', retries: 3 });
// @ts-expect-error: a header is no function
client.call('Ping', { ActionID: () => 1 });
client.on('Hangup', (event) => {
    const channel: string | undefined = event.Channel;
    // @ts-expect-error: headers are no numbers
    const cause: number = event.Cause;
    return [channel, cause];
});
// @ts-expect-error: a list is no promise
client.list('QueueStatus').then();
client.on(':state', ({ state, wait }) => [state === 'up', wait?.toFixed()]);
// @ts-expect-error: no such state
client.on(':state', ({ state }) => state === 'down');
client.on('MyOwnEvent', (event) => event.Anything);
"""


def run(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=4 * DEADLINE, **options)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder in which the packed client was installed, without a network."""
    folder = tmp_path_factory.mktemp("project")
    environment = dict(os.environ, npm_config_cache=str(folder / "cache"), npm_config_offline="true")
    packed = json.loads(run("npm", "pack", "--json", "--pack-destination", folder, FOLDER, env=environment))[0]
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    run("npm", "install", "--no-audit", "--no-fund", folder / packed["filename"], cwd=folder, env=environment)
    return folder


def names_in(project):
    return set(os.listdir(project / "node_modules" / "astmanproxy-client"))


def example(language):
    with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as file:
        return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.M | re.S)


def test_i18_client_js_package_installs(project):
    assert names_in(project) == {
        "README.md",
        "client.d.ts",
        "client.js",
        "codes.js",
        "links.js",
        "names.d.ts",
        "package.json",
    }
    code = (
        "import { Client, AmiError } from 'astmanproxy-client'; console.log(typeof Client, new AmiError('a', 'b').code)"
    )
    assert run("node", "--input-type=module", "-e", code, cwd=project) == "function a\n"


def test_i18_client_js_names_are_current():
    run("node", os.path.join(FOLDER, "make-names.js"), "--check")


def test_i18_client_js_names_are_complete():
    with open(os.path.join(FOLDER, "names.d.ts"), encoding="utf-8") as file:
        text = file.read()
    for name in ("'CoreShowChannels'", "'ListServers'", "'AOC-D'", "ServerUp", "VoicemailPasswordChange"):
        assert name in text, name
    assert len(re.findall(r"^    [\w'-]+: .*;$", text, re.M)) > 150


def test_i18_client_js_names_are_those_of_the_contract(start_proxy, pbx):
    """Made from the same tables: each action of /openapi.json, and each event of /asyncapi.json."""
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS)
    web = Web(proxy.addresses[1], basic())
    proxy.clients.append(web)
    with open(os.path.join(FOLDER, "names.d.ts"), encoding="utf-8") as file:
        text = file.read()
    known = dict(re.findall(r"^export type (\w+Name) =\n(.*?);$", text, re.M | re.S))
    names = {name: set(re.findall(r"'([^']+)'", union)) for name, union in known.items()}
    paths = web.get("/openapi.json").json()["paths"]
    assert names["ActionName"] >= {path.split("/")[2] for path in paths if path.startswith("/actions/")} - {"{name}"}
    assert len([path for path in paths if path.startswith("/actions/")]) > 100
    events = web.get("/asyncapi.json").json()["components"]["messages"]
    assert len(events) > 100 and {name for name in events if name in names["EventName"]} >= set(events) - {
        "Action",
        "Answer",
    }


@pytest.mark.skipif(not os.path.exists(TSC), reason="typescript is not installed: tests/run.sh does it (npm ci)")
def test_i18_client_js_types(project):
    """The README's examples are right, and wrong uses are errors."""
    for number, code in enumerate(example("ts") + [WRONG]):
        (project / f"example{number}.ts").write_text(code + "export {};\n")
    options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"]
    files = sorted(str(path) for path in project.glob("example*.ts"))
    assert len(files) == 2
    run("node", TSC, *options, *files, cwd=project)


def test_i18_client_js_readme_runs(project, start_proxy, simulator):
    """The first example of the README, on the simulator."""
    proxy = start_proxy({"sim": simulator("--calls", "5")}, listen=listeners(), plugins=ALL_PLUGINS)
    code = example("js")[0].replace("127.0.0.1:1235", "{}:{}".format(*proxy.addresses[1]))
    code = code.replace("'demo', secret: 'demo'", f"'dave', secret: '{secret_of('dave')}'")
    printed = run("node", "--input-type=module", "-e", code, cwd=project)
    assert "CoreCurrentCalls" in printed


def test_i18_client_js_logs_in_by_token(tokened):
    proxy = tokened()
    url = "http://{}:{}/".format(*proxy.addresses[1])
    code = f"""import {{ Client }} from '{os.path.join(FOLDER, "client.js")}';
        for (const user of [undefined, 'bill']) {{
            const client = new Client({{ url: '{url}', token: '{forge()}', user }});
            await client.connect();
            console.log((await client.call('Ping')).Ping);
            client.close();
        }}"""
    assert run("node", "--input-type=module", "-e", code) == "Pong\nPong\n"


def test_i18_client_js_waits_longer_each_time():
    """Between half and all of a time that doubles up to a limit, and not always the same part of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # nobody listens there any more
    code = f"""import {{ Client }} from '{os.path.join(FOLDER, "client.js")}';
        const client = new Client({{ url: 'http://127.0.0.1:{port}/', token: 't', firstWait: 4, mostWait: 64 }});
        const waits = [];
        client.on(':state', ({{ state, wait }}) => {{
            if (state === 'lost' && waits.push(wait) === 12) client.close();
        }});
        await client.connect().catch((error) => console.log(JSON.stringify([error.code, waits])));"""
    code, waits = json.loads(run("node", "--input-type=module", "-e", code))
    assert code == "closed" and len(waits) == 12
    parts = [wait / min(64, 4 * 2**turn) for turn, wait in enumerate(waits)]
    assert all(0.5 <= part <= 1 for part in parts) and len({round(part, 3) for part in parts}) > 6


def test_i18_client_js_notices_a_silent_proxy():
    """A connection that is open, and over which nothing comes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"""import {{ Client }} from '{os.path.join(FOLDER, "client.js")}';
            const client = new Client({{ url: 'http://127.0.0.1:{port}/', token: 't', silence: 100 }});
            client.on(':state', ({{ state, error }}) => {{
                if (state === 'lost') console.log(error.code, error.message) ?? client.close();
            }});
            await client.connect().catch(() => {{}});"""
        assert run("node", "--input-type=module", "-e", code) == "lost the proxy is silent\n"


def test_i18_client_js_refuses_wrong_options():
    code = f"""import {{ Client }} from '{os.path.join(FOLDER, "client.js")}';
        for (const options of [{{}}, {{ url: 'http://x/' }}, {{ url: 'http://x/', user: 'a' }},
            {{ url: 'http://x/', token: 't', transport: 'pigeon' }}]) {{
            try {{ new Client(options); }} catch (error) {{ console.log(error.name); }}
        }}"""
    assert run("node", "--input-type=module", "-e", code).split() == ["TypeError"] * 4


def test_i18_client_js_is_short():
    """About 400 lines, without comments and blank lines."""
    lines = []
    for name in ("client.js", "links.js"):
        with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
            lines += [line.strip() for line in file]
    assert len([line for line in lines if line and not line.startswith(("//", "/*", "*"))]) <= 440
