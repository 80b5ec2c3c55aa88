"""Where scripts are looked for: the folders of the program, and a folder of the user's own."""

import os
import subprocess

import pytest

from harness.process import SOURCE
from harness.proxy import BINARY, USERS, configuration, write_configuration

OWN = 'return { name = "%s", summary = "own", run = function(a, reply) reply:ok{ From = "%s" } end }'


@pytest.fixture
def own(tmp_path):
    """own(**files) -> a folder with these and nothing else"""

    def make(name="own", **files):
        root = tmp_path / name
        for path, text in files.items():
            folder, _, script = path.partition("_")
            target = root / {"filter": "filters", "action": "proxyactions", "lib": "lib"}[folder]
            target.mkdir(parents=True, exist_ok=True)
            (target / f"{script}.lua").write_text(text)
        for folder in [tmp_path, *root.rglob("*"), root]:
            os.chmod(folder, 0o755)
        return str(root)

    return make


def test_f51_stock_is_what_the_package_ships(start_proxy, pbx, scripts):
    root = scripts(action_mine=OWN % ("Mine", "folder"), action_broken="this is no Lua")
    client = start_proxy({"pbx1": pbx}, scripts={"path": root}).login("dave", Events="off")
    assert client.ask(ProxyAction="Mine")["Message"] == "Invalid Proxy Action"
    assert client.ask(ProxyAction="Stats")["Response"] == "Success"


def test_f51_own_scripts_beside_the_stock(start_proxy, pbx, own):
    mine = own(
        action_mine=OWN % ("Mine", "own"),
        action_Stats=OWN % ("Stats", "own"),
        filter_mark='local t = amp.use "texts" return { message = function(m) m.Mark = t.mark end }',
        lib_texts='return { mark = "own" }',
    )
    other = own("other", action_mine=OWN % ("Mine", "other"), lib_texts='return { mark = "other" }')
    stock = os.path.join(SOURCE, "lua")
    proxy = start_proxy(
        {"pbx1": pbx},
        users=[dict(USERS[0], filters=["mark", "novar"])],
        scripts={"path": [mine, other, stock], "proxy_actions": ["stock", "mine"]},
    )
    client = proxy.login("dave", Events="call")
    assert client.ask(ProxyAction="Mine")["From"] == "own"  # the first that has it
    assert client.ask(ProxyAction="Stats")["From"] == "own"  # also of what is stock
    assert client.ask(ProxyAction="ListScripts")["Message"] == "Permission denied"
    pbx.event("Newchannel", Channel="SIP/1")
    assert client.read_until(Event="Newchannel")["Mark"] == "own"


def test_f51_a_folder_alone_is_a_list_of_one(start_proxy, pbx):
    stock = os.path.join(SOURCE, "lua")
    client = start_proxy({"pbx1": pbx}, scripts={"path": [stock]}).login("dave", Events="off")
    assert client.ask(ProxyAction="Stats")["Response"] == "Success"


@pytest.mark.parametrize(
    "path, filters, wrong",
    [
        ([], [], "scripts.path: expected a path or a list of paths"),
        ({"a": "b"}, [], "scripts.path: expected a path or a list"),
        (["/nowhere", "/elsewhere"], [], "proxy action 'stock': none of the folders"),
        ([os.path.join(SOURCE, "lua"), "/elsewhere"], ["nothere"], "filter 'nothere': none of the folders"),
    ],
)
def test_f51_mistakes(tmp_path, path, filters, wrong):
    file = str(tmp_path / "bad.yaml")
    write_configuration(file, configuration([], users=[dict(USERS[0], filters=filters)], scripts={"path": path}))
    result = subprocess.run([BINARY, "-t", "-c", file], capture_output=True, text=True, timeout=20)
    assert result.returncode == 1 and wrong in result.stderr, result.stderr
