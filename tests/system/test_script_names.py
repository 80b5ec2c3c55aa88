"""Every access filter of the program and of the guides, tried with every spelling of an action's name."""

import json
import os
import re

import pytest

from harness.limits import DEADLINE
from harness.process import SOURCE
from harness.proxy import USERS

SPELLINGS = ["Originate", "originate", "ORIGINATE", "oRIGINATE", " Originate", "  originate\t", "Originate "]


def example(name):
    with open(os.path.join(SOURCE, "examples/filters", f"{name}.lua"), encoding="utf-8") as file:
        return file.read()


def of_the_guide():
    """The filter of lua/README.md that judges actions."""
    with open(os.path.join(SOURCE, "lua/README.md"), encoding="utf-8") as file:
        text = file.read()
    found = [snippet for snippet in re.findall(r"```lua\n(.*?)```", text, re.S) if "action = function" in snippet]
    assert len(found) >= 1
    return found[0]


FILTERS = {
    "guide": (of_the_guide, {"names": ["mine"]}, {"Context": "other"}, "Context is not yours"),
    "tenant": (lambda: example("tenant"), {"contexts": ["mine"]}, {"Context": "other"}, "Context is not yours"),
    "ratelimit": (lambda: example("ratelimit"), {"calls": 0}, {"Context": "other"}, "at most 0 calls a minute"),
    "afterhours": (lambda: example("afterhours"), {"from": 0, "to": 0}, {"Exten": "5"}, "No calls at this hour"),
    "queues": (None, {"names": ["mine"]}, {"Queue": "other"}, "Queue is not yours"),
}


def spellings(name):
    return ["QueueAdd", "queueadd", "QUEUEADD", " queueAdd"] if name == "queues" else SPELLINGS


def listen(*inputs):
    return [{"address": "127.0.0.1", "port": 0, "input": kind, "output": kind, "tls": "off"} for kind in inputs]


class Page:
    """A client in JSON, a line a message."""

    def __init__(self, client, **login):
        client.socket.settimeout(DEADLINE)
        self.socket, self.lines = client.socket, client.socket.makefile("rb")
        assert self.ask(Action="Login", Events="off", **login)["Response"] == "Success"

    def ask(self, **headers):
        self.socket.sendall(json.dumps(headers).encode() + b"\n")
        return json.loads(self.lines.readline())


@pytest.mark.parametrize("name", FILTERS)
def test_f45_access_filters_refuse_every_spelling(start_proxy, pbx, scripts, name):
    text, options, headers, reason = FILTERS[name]
    root = scripts(**({} if text is None else {f"filter_{name}": text()}))
    proxy = start_proxy(
        {"pbx1": pbx},
        up=[],
        users=[dict(USERS[0], filters=[{name: options}]), USERS[1]],
        scripts={"path": root},
        plugins={"load": ["standard", "json"]},
        listen=listen("standard", "json"),
    )
    dave = proxy.login("dave", Events="off")
    proxy.wait_for_server(user="bill")
    page = Page(proxy.connect(1, banner=False), Username="dave", Secret=USERS[0]["secret"])
    for word in spellings(name):
        answer = dave.ask(("Action", word), Channel="SIP/1", **headers)
        assert (answer["Response"], answer["Message"]) == ("Error", reason), word
        answer = dave.ask(("Action", ""), ("Action", word), Channel="SIP/1", **headers)
        assert answer["Response"] == "Error", word
        answer = page.ask(Action=word, Channel="SIP/1", **headers)
        assert (answer["Response"], answer["Message"]) == ("Error", reason), word
    assert [action for action in pbx.actions if action["Action"].strip().lower() in ("originate", "queueadd")] == []


def test_f45_the_server_gets_what_the_client_wrote(start_proxy, pbx, scripts):
    root = scripts(filter_mark='return { action = function(a) if a.Action == "Originate" then a.Seen = "yes" end end }')
    proxy = start_proxy({"pbx1": pbx}, users=[dict(USERS[0], filters=["mark"])], scripts={"path": root})
    dave = proxy.login("dave", Events="off")
    dave.send(Action="oRiginate", Channel="SIP/1", Async="true", ActionID="o")
    action = pbx.expect(Seen="yes")
    assert action["Action"] == "oRiginate"
    action.reply()
    assert dave.response("o")["Response"] == "Success"


def test_f45_servers_and_proxy_actions_in_one_spelling(start_proxy, pbx, scripts):
    """What names a server is compared without case by the proxy too."""
    root = scripts(
        filter_fence='return { action = function(a) if a.Server == "pbx1" then return false, "not there" end end }'
    )
    proxy = start_proxy(
        {"pbx1": pbx}, up=[], users=[dict(USERS[0], filters=["fence"]), USERS[1]], scripts={"path": root}
    )
    proxy.wait_for_server(user="bill")
    dave = proxy.login("dave", Events="off")
    for word in ("pbx1", "PBX1", "Pbx1 ", " pBx1"):
        assert dave.ask(Action="CoreStatus", Server=word)["Response"] == "Error", word
        assert dave.ask(("Server", ""), ("Server", word), Action="CoreStatus")["Response"] == "Error", word
    assert not [action for action in pbx.actions if action["Action"] == "CoreStatus"]
