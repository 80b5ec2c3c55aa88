"""Servers with a character encoding: json, xml and csv have names of callers in UTF-8, standard has the server's bytes."""

import json
import signal
import xml.etree.ElementTree as ElementTree

import pytest

from harness.limits import Deadline
from harness.proxy import USERS, configuration, server_entry, write_configuration

FORMATS = ["standard", "json", "xml", "csv"]
ENDINGS = {"standard": b"\r\n\r\n", "json": b"\n", "xml": b">\r\n\r\n", "csv": b"\r\n"}


@pytest.fixture
def two(start_proxy, scripted, workers):
    """pbx1 speaks windows-1251, pbx2 UTF-8."""
    one, other = scripted(), scripted()
    proxy = start_proxy({"pbx1": one, "pbx2": other}, users=USERS, plugins={"load": FORMATS})
    change(proxy, workers, [server_entry(one, "pbx1", encoding="windows-1251"), server_entry(other, "pbx2")])
    return proxy, one, other


def change(proxy, workers, entries):
    write_configuration(proxy.path, configuration(entries, workers, users=USERS, plugins={"load": FORMATS}))
    proxy.make_readable()
    proxy.hang_up()


def reader(proxy, style):
    client = proxy.login("dave")
    client.fence()
    client.send(ProxyAction="SetOutputFormat", OutputFormat=style, ActionID="format")
    read(client, style, b"format")
    return client


def read(client, style, mark):
    """All bytes up to the message with the mark."""
    deadline = Deadline()
    while not (mark in client.buffer and client.buffer.endswith(ENDINGS[style])):
        client._fill(deadline, mark)
    data, client.buffer = client.buffer, b""
    return data


def names_in(data, style):
    """The CallerIDName of each event."""
    if style == "json":
        return [json.loads(line)["CallerIDName"] for line in data.decode().splitlines() if "CallerIDName" in line]
    if style == "xml":
        root = ElementTree.fromstring(b"<all>" + data + b"</all>")
        return [header.get("Value") for header in root.iter("CallerIDName")]
    text = data.decode()
    return [line.split(": ", 1)[1] for line in text.replace('","', "\r\n").splitlines() if "CallerIDName" in line]


def event(pbx, name, **more):
    pbx.send_raw(
        b"Event: Newstate\r\nPrivilege: call,all\r\nCallerIDName: "
        + name
        + b"\r\n"
        + b"".join(key.encode() + b": " + value.encode() + b"\r\n" for key, value in more.items())
        + b"\r\n"
    )


@pytest.mark.parametrize("style", FORMATS)
def test_names_of_callers(two, style):
    proxy, one, other = two
    client = reader(proxy, style)
    event(one, "Иван".encode("cp1251"))
    event(one, b"ASCII")
    event(one, "Пётр".encode())  # as a client wrote it
    event(one, b"\x98\xef", Server="pbx2")  # a header that a caller chose
    event(one, "\ufffd\ufffd".encode())  # Asterisk repaired it
    event(one, "Ёж".encode("cp1251"), Mark="last")
    data = read(client, style, b"last")
    if style == "standard":
        raw = ["Иван".encode("cp1251"), b"ASCII", "Пётр".encode(), b"\x98\xef", "\ufffd\ufffd".encode()]
        for name in [*raw, "Ёж".encode("cp1251")]:
            assert b"CallerIDName: " + name + b"\r\n" in data
        return
    assert names_in(data, style) == ["Иван", "ASCII", "Пётр", "\ufffdп", "\ufffd\ufffd", "Ёж"]
    event(other, "Größe".encode(), Mark="other")
    assert names_in(read(client, style, b"other"), style) == ["Größe"]


def test_answers_and_lists(two):
    proxy, one, _ = two
    client = reader(proxy, "json")

    def list_channels(action):
        action.start_list("Каналы".encode("cp1251").decode("latin-1"))
        action.item("CoreShowChannel", Channel="SIP/1-0", CallerIDName="Иван".encode("cp1251").decode("latin-1"))
        action.end_list("CoreShowChannelsComplete", 1)

    one.answers["CoreShowChannels"] = list_channels
    client.send(Action="CoreShowChannels", ActionID="c")
    lines = [json.loads(line) for line in read(client, "json", b"CoreShowChannelsComplete").decode().splitlines()]
    assert [line.get("Message") for line in lines[:1]] == ["Каналы"]
    assert lines[1]["CallerIDName"] == "Иван"
    one.answers["Command"] = lambda action: action.send(
        ("Response", "Success"),
        ("ActionID", action.id),
        ("Message", "Command output follows"),
        ("Output", "Иван".encode("cp1251").decode("latin-1")),
        ("Output", "Last"),
    )
    client.send(Action="Command", Command="x", ActionID="o")
    assert json.loads(read(client, "json", b"Last"))["Output"] == ["Иван", "Last"]


def test_a_text_of_an_old_release(two):
    proxy, one, _ = two
    client = reader(proxy, "json")
    text = "Иван\nUp: 1\n".encode("cp1251")

    def answer(action):
        action.connection.send(
            b"Response: Follows\r\nPrivilege: Command\r\nActionID: "
            + action.id.encode()
            + b"\r\n"
            + text
            + b"--END COMMAND--\r\n\r\n"
        )

    one.answers["Command"] = answer
    client.send(Action="Command", Command="x", ActionID="o")
    with_it = json.loads(read(client, "json", b"END COMMAND"))
    assert "Иван\nUp: 1\n--END COMMAND--" in json.dumps(with_it, ensure_ascii=False).replace("\\n", "\n"), with_it
    assert with_it["ActionID"] == "o"


def test_a_filter_sees_the_bytes_and_its_copy_is_utf8(start_proxy, pbx, scripts):
    root = scripts(filter_adds="return { message = function(m) m.Length = #(m.CallerIDName or '') end }")
    users = [{**USERS[0], "filters": ["adds"]}, *USERS[1:]]
    proxy = start_proxy(
        {"pbx1": pbx},
        users=users,
        more={"encoding": "koi8-r"},
        plugins={"load": FORMATS},
        scripts={"path": root},
    )
    client = reader(proxy, "json")
    event(pbx, "Иван".encode("koi8-r"), Mark="last")
    message = json.loads(read(client, "json", b"last"))
    assert (message["CallerIDName"], message["Length"]) == ("Иван", "4")


def test_a_reload_changes_it(two, workers):
    proxy, one, other = two
    client = reader(proxy, "json")
    change(proxy, workers, [server_entry(one, "pbx1"), server_entry(other, "pbx2", encoding="windows-1252")])
    event(one, "Иван".encode("cp1251"), Mark="one")
    assert names_in(read(client, "json", b"one"), "json") == ["\ufffd" * 4]
    event(other, "Größe".encode("cp1252"), Mark="two")
    assert names_in(read(client, "json", b"two"), "json") == ["Größe"]
    assert one.accepted == 1  # the connection stays


@pytest.mark.parametrize("name", ["nonsense", "utf-16", "windows-1251//TRANSLIT"])
def test_an_encoding_that_is_none(two, name):
    proxy, one, _ = two
    write_configuration(proxy.path, configuration([server_entry(one, "pbx1", encoding=name)], 1, users=USERS))
    proxy.make_readable()
    with open(proxy.path, encoding="utf-8") as file:
        line = next(number for number, text in enumerate(file, 1) if "encoding:" in text)
    proxy.process.send_signal(signal.SIGHUP)
    told = proxy.wait_for_line("configuration not reloaded")
    assert f":{line}:" in told and "servers[0].encoding" in told and "iconv" in told


def test_utf8_is_the_default(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=USERS, more={"encoding": "UTF-8"}, plugins={"load": FORMATS})
    client = reader(proxy, "json")
    event(pbx, "Größe".encode(), Mark="last")
    assert names_in(read(client, "json", b"last"), "json") == ["Größe"]
