"""HTTP: answers in each format, their ends, how long a request waits, and status codes."""

import csv
import xml.etree.ElementTree as ElementTree

import pytest

from harness.http import lists
from harness.web import Web, basic

# -- the answer


@pytest.mark.parametrize("how", ["field", "accept", "listener"])
@pytest.mark.parametrize(
    "name, media", [("json", "application/json"), ("xml", "text/xml"), ("csv", "text/csv"), ("standard", "text/plain")]
)
def test_c71_list_in_every_format(start_web, pbx, how, name, media):
    pbx.answers["CoreShowChannels"] = lists
    proxy = start_web({"pbx1": pbx}, output=name if how == "listener" else "standard" if name != "standard" else "json")
    client = Web(proxy.addresses[1], basic())
    proxy.clients.append(client)
    answer = client.get(
        "/?Action=CoreShowChannels" + (f"&format={name}" if how == "field" else ""),
        **({"Accept": f"text/html;q=0.9, {media}, */*;q=0.1"} if how == "accept" else {}),
    )
    assert answer.status == 200 and answer.get("Content-Type").startswith(media)
    if name == "json":
        messages = answer.json()
        assert messages[2]["ChanVariable"] == ["x=1", "y=2"]
        assert messages[1]["CallerIDName"] == 'a "b" <c> & d, e'
    elif name == "xml":
        messages = list(ElementTree.fromstring(answer.body))
    elif name == "csv":
        messages = [row for row in csv.reader(answer.text.splitlines()) if row]
    else:
        messages = answer.text.split("\r\n\r\n")[:-1]
    assert len(messages) == 4


def test_single_message_is_bare(web):
    assert isinstance(web().get("/?Action=Ping&format=json").json(), dict)
    assert ElementTree.fromstring(web().get("/?Action=Ping&format=xml").body).tag == "AsteriskManagerProxyOutput"


def test_unknown_format(web):
    assert web().get("/?Action=Ping&format=bogus").status == 400
    assert web().get("/?Action=Ping", Accept="image/png").json()["Ping"] == "Pong"


def test_long_answers_are_chunked(web, pbx):
    def answer_long(action):
        action.start_list()
        for number in range(2000):
            action.item("CoreShowChannel", Channel=f"SIP/{number}", Data="x" * 100)
        action.end_list("CoreShowChannelsComplete", 2000)

    pbx.answers["CoreShowChannels"] = answer_long
    client = web()
    answer = client.get("/?Action=CoreShowChannels")
    assert answer.get("Transfer-Encoding") == "chunked"
    assert [message.get("Channel") for message in answer.json()[1:-1]] == [f"SIP/{number}" for number in range(2000)]
    assert client.get("/?Action=Ping").status == 200


def test_c71_long_command_output(web, pbx):
    pbx.answers["Command"] = lambda action: action.send(
        ("Response", "Success"),
        ("ActionID", action.id),
        ("Message", "Command output follows"),
        *[("Output", f"line {number} " + "x" * 100) for number in range(5000)],
    )
    answer = web().get("/?Action=Command&Command=core+show+help")
    assert len(answer.json()["Output"]) == 5000


def test_c70_until_event(web, pbx):
    client = web()
    client.send_raw(
        client.head("GET", "/?Action=Originate&Channel=SIP/1&Async=true&ActionID=me", {"X-Until-Event": "Hangup"})
    )
    action = pbx.expect(Action="Originate")
    action.reply("Success", Message="Originate successfully queued")
    pbx.event("Newchannel", "call,all", Channel="SIP/1")
    pbx.event("Hangup", "call,all", Channel="SIP/1", Cause="16")
    messages = client.read().json()
    assert [message.get("Event") for message in messages] == [None, "Newchannel", "Hangup"]
    assert client.get("/?Action=Ping").status == 200


def test_c70_requests_behind_one_that_waits_for_an_event(web, pbx):
    client = web()
    client.send_raw(
        client.head("GET", "/?Action=CoreStatus", {"X-Until-Event": "Hangup"})
        + client.head("GET", "/?Action=Ping&ActionID=2")
    )
    pbx.expect(Action="CoreStatus").reply("Success")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert client.read().json()[-1]["Event"] == "Hangup"
    assert client.read().json()["ActionID"] == "2"


def test_c70_maxtime(web, pbx):
    client = web()
    assert client.get("/?Action=CoreStatus", X_Maxtime="200").status == 504
    assert client.read_to_end() == b""
    pbx.expect(Action="CoreStatus").reply("Success")
    client = web()
    client.send_raw(client.head("GET", "/?Action=CoreStatus", {"X-Maxtime": 500, "X-Until-Event": "Never"}))
    pbx.expect(Action="CoreStatus").reply("Success", CoreCurrentCalls="0")
    answer = client.read()
    assert answer.status == 200 and answer.json()["CoreCurrentCalls"] == "0"
    assert client.get("/?Action=Ping").status == 200


def test_max_wait(start_web, pbx):
    proxy = start_web({"pbx1": pbx}, http={"max_wait": "200ms"})
    client = Web(proxy.addresses[1], basic())
    assert client.get("/?Action=CoreStatus", X_Maxtime="60000").status == 504
    client.close()


def test_c69_status_codes(web, pbx):
    assert web(None).get("/?Action=Ping").status == 401
    viewer = web(basic("viewer"))
    assert viewer.get("/?Action=Originate&Channel=x").status == 403
    assert web().get("/?Action=Ping&Server=nowhere").status == 404
    assert web().get("/?Action=" + "x" * 1100).status == 400
    pbx.answers["CoreStatus"] = lambda action: action.reply("Error", Message="Asterisk says no")
    answer = web().get("/?Action=CoreStatus")
    assert answer.status == 200 and answer.json()["Message"] == "Asterisk says no"
    pbx.answers["CoreStatus"] = lambda action: action.drop_connection()
    client = web()
    assert client.get("/?Action=CoreStatus").status in (502, 503)
    assert client.get("/?Action=CoreStatus").status in (502, 503)


def test_c69_no_server(start_web, pbx):
    pbx.refuse_connections = True
    proxy = start_web({"pbx1": pbx}, up=[])
    client = Web(proxy.addresses[1], basic())
    answer = client.get("/?Action=CoreStatus")
    assert answer.status == 503 and int(answer.get("Retry-After")) > 0
    client.close()
