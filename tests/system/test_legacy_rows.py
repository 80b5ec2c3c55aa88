"""Rows of the compatibility list that no other test names: proxy actions, XML and form input, crashes."""

import os
import re
import signal
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from harness.client import Client
from harness.limits import DEADLINE, Deadline
from harness.process import BUILD, SOURCE
from harness.proxy import BINARY, USERS, secret_of
from harness.steering import add_server, list_sessions
from harness.web import ALL_PLUGINS, Web, basic, listeners


def admin(name="dave"):
    return [dict(user, admin=user["name"] == name) for user in USERS]


def raw(proxy, index=0):
    """A connection that awaits no banner."""
    client = Client(proxy.addresses[index], banner=False)
    proxy.clients.append(client)
    return client


def read_until(client, end):
    """What came, up to the first `end`."""
    deadline = Deadline()
    while end not in client.buffer:
        client._fill(deadline, end)
    taken, client.buffer = client.buffer.split(end, 1)
    return taken + end


# --- start


def test_f44_c03_paths_are_options_and_a_failed_start_is_told(tmp_path):
    """Nothing is compiled in that an option cannot change, and a start in the background that fails ends with its code."""
    path = tmp_path / "elsewhere.yaml"
    path.write_text(
        "listen: [{address: 192.0.2.1, port: 1}]\n"  # an address that this machine has not got
        f"plugins: {{path: {BUILD}/plugins, load: [standard]}}\nscripts: {{path: {SOURCE}/lua}}\n"
        "process: {background: true, user: nobody, group: nogroup}\nlog: {to: stderr}\n"
    )
    done = subprocess.run(
        [BINARY, "-c", path], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE
    )
    assert done.returncode == 1
    assert "192.0.2.1" in done.stderr


# --- proxy actions


def test_f44_c36_list_servers_has_its_shape(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=admin())
    dave = proxy.login("dave", Events="off")
    dave.send(ProxyAction="ListServers")
    lines = dave.read_message().text.split("\n")
    assert lines == [
        "ProxyResponse: Success",
        f"ProxyListServer I: 127.0.0.1 H: 127.0.0.1 U: proxy P: {pbx.address[1]} E: on ",
    ]


def test_f44_c37_list_sessions_keeps_its_headers_and_their_order(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=admin())
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    bill.send(ProxyAction="SetAutoFilter", AutoFilter="on", ActionID="bills")
    bill.response("bills")
    bill.send(Action="Ping", ActionID="shown")
    bill.response("shown")
    names = [name for name, _ in list_sessions(dave, 2).headers if name != "ActionID"]
    assert names[0] == "ProxyResponse"
    clients = " ".join(name for name in names if name.startswith("ProxyClient"))
    groups = ["ProxyClientSession" + rest for rest in clients.split("ProxyClientSession")[1:]]
    assert len(groups) == 2
    old = ["ProxyClientSession", "ProxyClientActionID", "ProxyClientInputHandler", "ProxyClientOutputHandler"]
    for group in (group.split() for group in groups):
        kept = [name for name in group if name in old]
        assert (
            kept == [name for name in old if name in kept] and group[: len(kept)] == kept
        )  # what is new stands behind
        assert {"ProxyClientSession", "ProxyClientInputHandler", "ProxyClientOutputHandler"} <= set(kept)
    answer = dave.ask(ProxyAction="ListSessions")
    assert "shown" in answer.all("ProxyClientActionID")
    assert answer.all("ProxyClientUser")[0] == "bill"  # newest first
    assert names.index("ProxyServerSession") > max(
        index for index, name in enumerate(names) if name.startswith("ProxyClient")
    )


def test_f44_c38_add_server_answers_at_once_and_the_new_one_comes_last(start_proxy, pbx, scripted, localhost):
    second = scripted()
    proxy = start_proxy({"pbx1": pbx}, users=admin())
    dave = proxy.login("dave", Events="system")
    nobody = dave.ask(ProxyAction="AddServer", Server="127.0.0.9", Port="9", Username="u", Secret="s", Events="on")
    assert nobody["Message"] == "Added 127.0.0.9"  # nobody listens there: it is tried on and on
    added = add_server(dave, second, localhost)
    assert added["ProxyResponse"] == "Success"
    dave.read_until(Event="ServerUp", Server="localhost")
    dave.send(Action="CoreStatus", ActionID="default")
    pbx.expect(Action="CoreStatus").reply()  # the first one that is configured stays the default
    assert dave.response("default")["Response"] == "Success"
    dave.send(ProxyAction="ListServers", ActionID="list")
    listed = re.findall(r"H: (\S+) ", dave.response("list").text)
    assert listed == ["127.0.0.1", "127.0.0.9", "localhost"]


# --- XML and forms


@pytest.fixture
def xml(start_proxy, pbx):
    return start_proxy(
        {"pbx1": pbx},
        plugins=ALL_PLUGINS,
        listen=[
            {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"},
            {"address": "127.0.0.1", "port": 0, "input": "xml", "output": "xml", "tls": "off"},
        ],
    )


XML_END = b"</AsteriskManagerProxyOutput>\r\n"  # of what the proxy itself answers


def login_xml():
    return (
        f'<AsteriskManagerInput>\n<Action Value="Login"/>\n<Username Value="dave"/>\n<Secret Value="{secret_of("dave")}"/>\n'
        '<Events Value="off"/>\n</AsteriskManagerInput>\n'
    ).encode()


def test_f44_c65_xml_input_of_the_old_shape_without_a_blank_line(xml):
    client = raw(xml, 1)
    client.send_raw(login_xml())
    root = ElementTree.fromstring(read_until(client, XML_END))
    assert root.find("Message").get("Value") == "Authentication accepted"


def test_f44_c65_entities_are_read(xml, pbx):
    client = raw(xml, 1)
    client.send_raw(login_xml())
    read_until(client, XML_END)
    client.send_raw(
        b'<AsteriskManagerInput><Action Value="DBGet"/><Family Value="a&amp;b &lt;&#65;&gt;"/></AsteriskManagerInput>'
    )
    assert pbx.expect(Action="DBGet")["Family"] == "a&b <A>"


def test_f44_c65_what_is_no_xml_is_told_and_closed(xml):
    client = raw(xml, 1)
    client.send_raw(b"<AsteriskManagerInput><Action Value=Login/></AsteriskManagerInput>\r\n\r\n")
    assert b"Invalid XML Input" in read_to_end(client)


def read_to_end(client):
    deadline = Deadline()
    while not client.ended:
        client._fill(deadline, "the end of the connection")
    return client.buffer


@pytest.fixture
def web(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS, listen=listeners())


def test_f44_c68_forms_are_split_first_and_then_decoded(web, pbx):
    client = Web(web.addresses[1], basic())
    client.send_raw(client.head("GET", "/?Action=DBGet&Family=a%26Val%3Db+c%2B&Key=100%25"))
    action = pbx.expect(Action="DBGet")
    assert action["Family"] == "a&Val=b c+" and action["Key"] == "100%" and "Val" not in action
    action.reply()
    assert client.read().status == 200


@pytest.mark.parametrize("hidden", ["%0d%0a", "%0a", "%0D", "%00"])
def test_f44_c68_line_ends_in_forms_are_refused(web, pbx, hidden):
    client = Web(web.addresses[1], basic())
    client.send_raw(client.head("GET", f"/?Action=DBGet&Family=a{hidden}Action:+Command&Key=k"))
    assert client.read().status == 400
    assert [action for action in pbx.actions if action.get("Action") in ("DBGet", "Command")] == []


# --- plugins and crashes


def test_f44_c73_modules_of_the_old_program_are_refused_with_a_reason(tmp_path):
    """Their functions were called format_read and so on; a shared object without our description is named and left out."""
    source = tmp_path / "old.c"
    source.write_text("int _read(void) { return 0; }\nint _write(void) { return 0; }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", tmp_path / "old.so", source], check=True, timeout=DEADLINE)
    config = tmp_path / "old.yaml"
    config.write_text(
        f"listen: [{{port: 0}}]\nplugins: {{path: {tmp_path}, load: [old]}}\nscripts: {{path: {SOURCE}/lua}}\n"
    )
    done = subprocess.run(
        [BINARY, "-t", "-c", config], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE
    )
    assert done.returncode == 1 and "old.so" in done.stderr and "amp_plugin_v1" in done.stderr


CRASHED = {  # what ended the old program, before any login
    "an output format that is input only": b"ProxyAction: SetOutputFormat\r\nOutputFormat: http\r\n\r\n",
    "a server with long values": b"ProxyAction: AddServer\r\nServer: "
    + b"s" * 900
    + b"\r\nPort: 5038\r\nUsername: "
    + b"u" * 900
    + b"\r\nSecret: "
    + b"x" * 900
    + b"\r\nEvents: on\r\n\r\n",
    "a drop without a server": b"ProxyAction: DropServer\r\n\r\n",
    "a drop of a server": b"ProxyAction: DropServer\r\nServer: pbx1\r\n\r\n",
    "a long line": b"Action: Login\r\nUsername: " + b"u" * 3000 + b"\r\n\r\n",
    "many headers": b"Action: Login\r\n" + b"X: y\r\n" * 300 + b"\r\n",
    "a long ActionID": b"Action: Challenge\r\nAuthType: MD5\r\nActionID: " + b"i" * 2000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("what", CRASHED)
def test_f44_c75_what_crashed_the_old_program_before_a_login(start_proxy, pbx, what):
    proxy = start_proxy({"pbx1": pbx})
    client = proxy.connect()
    client.send_raw(CRASHED[what])
    client.socket.shutdown(1)
    client.read_to_end()
    assert proxy.login("dave", Events="off").ask(Action="Ping")["Response"] == "Success"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / http/1.1\r\n\r\n",
        b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET /?" + b"a=b&" * 330 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_f44_c75_requests_that_crashed_the_old_program(web, data):
    client = raw(web, 1)
    client.send_raw(data)
    client.socket.shutdown(1)
    read_to_end(client)
    assert web.login("dave", Events="off").ask(Action="Ping")["Response"] == "Success"


def test_f44_c75_xml_without_a_value(xml):
    client = raw(xml, 1)
    client.send_raw(b"<AsteriskManagerInput><Action/></AsteriskManagerInput>\r\n\r\n")
    client.socket.shutdown(1)
    read_to_end(client)
    assert xml.login("dave", Events="off").ask(Action="Ping")["Response"] == "Success"


def test_f44_c75_a_long_line_of_a_server(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    dave = proxy.login("dave", Events="on")
    pbx.event("VarSet", Variable="LONG", Value="v" * 300000)
    assert dave.read_until(Event="VarSet")["Value"] == "v" * 300000


def test_f44_c75_a_hangup_of_a_client_in_the_middle_of_everything(start_proxy, pbx):
    """Sessions were walked without a lock while others were freed."""
    proxy = start_proxy({"pbx1": pbx})
    others = [proxy.login("dave", Events="on") for _ in range(20)]
    for index, client in enumerate(others):
        pbx.event("UserEvent", UserEvent=f"Number{index}")
        client.reset()
    assert proxy.login("bill", Events="off").ask(Action="Ping")["Response"] == "Success"
    proxy.signal(signal.SIGTERM)
    assert proxy.wait() == 0
    proxy.stopped = True


def test_f44_rows_of_the_lists_have_tests():
    """Every row C01 to C75 and every test R01 to R52 stands in the name of a test."""
    names = []
    for folder, _, files in os.walk(os.path.join(SOURCE, "tests")):
        for path in (os.path.join(folder, name) for name in files if name.endswith((".c", ".py"))):
            with open(path, encoding="utf-8") as file:
                names += re.findall(r"\b(?:def|void) (\w+)\(", file.read())
    rows = {row for name in names for row in re.findall(r"(?<![a-z0-9])[cr]\d\d(?![a-z0-9])", name.replace("_", " "))}
    missing = {f"c{number:02}" for number in range(1, 76)} | {f"r{number:02}" for number in range(1, 53)}
    assert not missing - rows, sorted(missing - rows)
