"""Formats per client: chosen by the listener, by what the client says first, or by a proxy action."""

import csv
import io
import json
import time
import xml.etree.ElementTree as ElementTree

import pytest

from harness.client import Client
from harness.limits import Deadline
from harness.proxy import PROXY_KEY, secret_of

ALL = {"load": ["http", "xml", "json", "csv", "standard"]}
AUTO = {"input": "auto"}


@pytest.fixture
def auto(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, plugins=ALL, listen=AUTO)


def bare(proxy, index=0):
    """A connection that has sent nothing and expects no banner."""
    client = Client(proxy.addresses[index], banner=False)
    proxy.clients.append(client)
    return client


def read_raw(client, end):
    deadline = Deadline()
    while end not in client.buffer:
        client._fill(deadline, end)
    data, client.buffer = client.buffer.split(end, 1)
    return data + end


def login_line(name="dave"):
    return {"Action": "Login", "Username": name, "Secret": secret_of(name), "ActionID": "in"}


# --- looking up the protocol


def test_silent_client_gets_the_banner_after_a_while(auto):
    started = time.monotonic()
    assert auto.connect().banner.startswith("Asterisk Call Manager/")
    assert time.monotonic() - started >= 0.2


def test_client_that_speaks_first_is_answered_in_ami(auto):
    client = bare(auto)
    client.send(**login_line())
    assert client.read_line().startswith("Asterisk Call Manager/")
    assert client.read_message()["Message"] == "Authentication accepted"


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("first", ["json", "xml", "csv", "standard"])
def test_format_is_told_by_the_first_bytes_in_any_pieces(auto, first, size):
    data = {
        "json": json.dumps(login_line()) + "\n",
        "csv": ",".join(f'"{name}: {value}"' for name, value in login_line().items()) + "\r\n",
        "xml": "\r\n<AsteriskManagerInput>"
        + "".join(f'<{name} Value="{value}"/>' for name, value in login_line().items())
        + "</AsteriskManagerInput>",
        "standard": "".join(f"{name}: {value}\r\n" for name, value in login_line().items()) + "\r\n",
    }[first].encode()
    client = bare(auto)
    for start in range(0, len(data), size):
        client.send_raw(data[start : start + size])
    if first == "standard":
        client.read_line()
    assert client.read_message()["Message"] == "Authentication accepted"  # output: is the listener's


def test_c15_no_banner_for_xml(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, plugins=ALL, up=[], listen={"input": "xml", "output": "xml"})
    client = bare(proxy)
    client.send_raw(b'<AsteriskManagerInput><Action Value="Challenge"/><AuthType Value="MD5"/></AsteriskManagerInput>')
    answer = read_raw(client, b"</AsteriskManagerProxyOutput>\r\n\r\n")
    assert answer.startswith(b'<AsteriskManagerProxyOutput>\r\n <Response Value="Success"/>\r\n <Challenge Value="')


def test_fixed_input_greets_at_once(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, plugins=ALL, up=[], listen={"detect_timeout": "30s"})
    assert proxy.connect().banner.startswith("Asterisk Call Manager/")


def test_end_of_stream_ends_the_last_action(auto):
    """No line end, no blank line: what is whole but for its end mark counts."""
    client = bare(auto)
    client.send_raw(json.dumps(login_line()).encode())
    client.socket.shutdown(1)
    assert client.read_message()["Message"] == "Authentication accepted"
    assert [message for message in client.read_to_end() if message.kind != "event"] == []


# --- SetOutputFormat, SetInputFormat, ListIOHandlers


def test_c35_output_format_is_answered_in_the_new_format(auto):
    client = auto.login("dave", Events="off")
    client.send(ProxyAction="SetOutputFormat", OutputFormat="JSON", ActionID="o")
    assert json.loads(read_raw(client, b"\n")) == {"ProxyResponse": "Success", "ActionID": "o", "OutputFormat": "json"}
    client.send(Action="Ping", ActionID="p")
    assert json.loads(read_raw(client, b"\n"))["Ping"] == "Pong"
    client.send(ProxyAction="SetOutputFormat", OutputFormat="csv", ActionID="o")
    row = next(csv.reader(io.StringIO(read_raw(client, b"\r\n").decode())))
    assert row == ["ProxyResponse: Success", "ActionID: o", "OutputFormat: csv"]
    client.send(ProxyAction="SetOutputFormat", OutputFormat="xml", ActionID="o")
    document = ElementTree.fromstring(read_raw(client, b"</AsteriskManagerProxyOutput>\r\n\r\n"))
    assert [(item.tag, item.get("Value")) for item in document] == [
        ("ProxyResponse", "Success"),
        ("ActionID", "o"),
        ("OutputFormat", "xml"),
    ]
    client.send(ProxyAction="SetOutputFormat", OutputFormat="standard", ActionID="o")
    assert client.read_message()["OutputFormat"] == "standard"


@pytest.mark.parametrize("wrong", ["http", "nonsense"])
def test_c35_unknown_output_format_is_an_error(auto, wrong):
    client = auto.login("dave", Events="off")
    answer = client.ask(ProxyAction="SetOutputFormat", OutputFormat=wrong)
    assert answer["ProxyResponse"] == "Error"
    assert client.ask(Action="Ping")["Ping"] == "Pong"


def test_c35_without_a_format_nothing_changes(auto):
    client = auto.login("dave", Events="off")
    answer = client.ask(ProxyAction="SetOutputFormat")
    assert answer["ProxyResponse"] == "Success" and answer["OutputFormat"] == "standard"


def test_events_follow_the_output_format(auto, pbx):
    client, other = auto.login("dave", Events="call"), auto.login("bill", Events="call")
    assert client.ask(ProxyAction="SetOutputFormat", OutputFormat="standard")["ProxyResponse"] == "Success"
    client.send(ProxyAction="SetOutputFormat", OutputFormat="json")
    read_raw(client, b"\n")
    pbx.event("Newchannel", "call,all", ("Variable", "a=1"), ("Variable", "b=2"), Channel="SIP/1")
    assert json.loads(read_raw(client, b"\n")) == {
        "Event": "Newchannel",
        "Privilege": "call,all",
        "Variable": ["a=1", "b=2"],
        "Channel": "SIP/1",
        "Server": "pbx1",
    }
    assert other.read_message()["Channel"] == "SIP/1"


def test_input_format_changes_for_what_follows_even_in_one_segment(auto):
    client = auto.login("dave", Events="off")
    client.send_raw(
        b"ProxyAction: SetInputFormat\r\nInputFormat: json\r\nActionID: 1\r\n\r\n"
        b'{"Action": "Ping", "ActionID": "2"}\n'
        b'{"ProxyAction": "SetInputFormat", "InputFormat": "csv", "ActionID": "3"}\n'
        b'"Action: Ping","ActionID: 4"\r\n'
    )
    assert [client.read_message()["ActionID"] for _ in range(4)] == ["1", "2", "3", "4"]


def test_input_format_waits_behind_answers(auto, pbx):
    client = auto.login("dave", Events="off")
    client.send_raw(
        b"Action: CoreStatus\r\nActionID: 1\r\n\r\n"
        b"ProxyAction: SetInputFormat\r\nInputFormat: json\r\nActionID: 2\r\n\r\n"
        b'{"Action": "Ping", "ActionID": "3"}\n'
    )
    pbx.expect(Action="CoreStatus").reply()
    assert [client.read_message()["ActionID"] for _ in range(3)] == ["1", "2", "3"]


def test_list_io_handlers(auto):
    answer = auto.login("dave", Events="off").ask(ProxyAction="ListIOHandlers")
    assert answer["ProxyResponse"] == "Success"
    assert answer.all("InputHandler") == ["http", "xml", "json", "csv", "standard"]
    assert answer.all("OutputHandler") == ["xml", "json", "csv", "standard"]


def test_proxy_actions_need_a_login(auto):
    client = auto.connect()
    for action in ("SetOutputFormat", "SetInputFormat", "ListIOHandlers", "Nonsense"):
        assert client.ask(ProxyAction=action)["Message"] == "Permission denied"


# --- what must not reach Asterisk as more than one header (R01)


@pytest.mark.parametrize("where", ["name", "value"])
@pytest.mark.parametrize("bad", ["\r", "\n", "\r\nAction: Command\r\nCommand: core stop now", "\0"])
@pytest.mark.parametrize("format", ["json", "xml", "csv"])
def test_r01_line_ends_make_no_second_header(auto, pbx, format, bad, where):
    name, value = ("Vari" + bad + "able", "x") if where == "name" else ("Variable", "x" + bad + "y")
    client = bare(auto)
    if format == "json":
        lines = [
            json.dumps(login_line()),
            json.dumps({"Action": "Setvar", name: value, "ActionID": "bad"}),
            '{"Action": "Ping", "ActionID": "after"}',
        ]
        client.send_raw("".join(line + "\n" for line in lines).encode())
    elif format == "csv":

        def record(headers):
            return ",".join(f'"{key}: {text}"' for key, text in headers.items()) + "\r\n"

        client.send_raw(
            (
                record(login_line())
                + record({"Action": "Setvar", name: value, "ActionID": "bad"})
                + record({"Action": "Ping", "ActionID": "after"})
            ).encode()
        )
    else:

        def document(headers):
            items = "".join(f'<Header Name="{key}" Value="{text}"/>' for key, text in headers.items())
            for raw in "\r\n":
                items = items.replace(raw, f"&#{ord(raw)};")
            return f"<AsteriskManagerInput>{items}</AsteriskManagerInput>"

        client.send_raw(
            (
                document(login_line())
                + document({"Action": "Setvar", name: value, "ActionID": "bad"})
                + document({"Action": "Ping", "ActionID": "after"})
            ).encode()
        )
    answers = [client.read_message()]
    assert answers[0]["Message"] == "Authentication accepted"
    while answers[-1].get("ActionID") != "after":  # or closed, where the stream makes no sense any more
        try:
            answers.append(client.read_message())
        except AssertionError:
            break
    errors = [message for message in answers if message.get("Response") == "Error"]
    assert len(errors) == 1
    assert pbx.actions == []


def test_r01_proxy_key_in_json(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, plugins=ALL, listen=AUTO, auth={"proxy_key": PROXY_KEY})
    client = bare(proxy)
    client.send_raw(json.dumps({"Action": "CoreStatus", "ProxyKey": PROXY_KEY, "ActionID": "k"}).encode() + b"\n")
    action = pbx.expect(Action="CoreStatus")
    assert "ProxyKey" not in action
    action.reply()
