"""An error carries the ActionID of the refused message, wherever it stands in it and whatever else is wrong with it."""

import json

import pytest

from harness.client import Client
from harness.web import ALL_PLUGINS, Web, basic

FORMATS = ("standard", "json", "xml", "csv")
ID = "id-7"
LONG = "x" * 2000
LIMITS = {"headers": 20, "message_bytes": "4KiB"}


@pytest.fixture
def proxy(start_proxy, pbx):
    listen = [
        {"address": "127.0.0.1", "port": 0, "input": form, "output": "standard", "tls": "off"} for form in FORMATS
    ]
    listen.append({"address": "127.0.0.1", "port": 0, "input": "http", "output": "json", "tls": "off"})
    return start_proxy({"pbx1": pbx}, listen=listen, plugins=ALL_PLUGINS, limits=LIMITS)


def encode(form, pairs, name="ActionID"):
    """`pairs` in a format; a pair without a name is put there as it is."""
    if form == "standard":
        return "".join((f"{key}: {value}" if key else value) + "\r\n" for key, value in pairs) + "\r\n"
    if form == "json":
        return (
            "{" + ",".join(f"{json.dumps(key)}:{json.dumps(value)}" if key else value for key, value in pairs) + "}\n"
        )
    if form == "csv":
        return ",".join(f'"{key}: {value}"' if key else value for key, value in pairs) + "\r\n"
    return (
        "<AsteriskManagerInput>"
        + "".join(f'<{key} Value="{value}"/>' if key else value for key, value in pairs)
        + "</AsteriskManagerInput>"
    )


FAULTS = {  # what is put into a message, and the word of its Error
    ("standard", "no colon"): [("", "no header")],
    ("standard", "long line"): [("Data", LONG)],
    ("standard", "blank in a name"): [("", "A b: c")],
    ("json", "null"): [("Data", None)],
    ("json", "object"): [("Data", {"ActionID": "no"})],
    ("json", "syntax"): [("", '"Data":nonsense')],
    ("json", "twice"): [("Data", "1"), ("Data", "2")],
    ("json", "line end"): [("Data", "a\nb")],
    ("xml", "attribute"): [("", '<Data Value="1" Other="2"/>')],
    ("xml", "text"): [("", "text")],
    ("xml", "not well-formed"): [("", "<Data Value=oops/>")],
    ("xml", "depth"): [("", "<Data><More/></Data>")],
    ("csv", "no colon"): [("", '"no header"')],
    ("csv", "quote"): [("", '"Data: a"b"')],
}
for kind in FORMATS:
    FAULTS[kind, "headers"] = [(f"Variable{number}", "1") for number in range(30)]
    FAULTS[kind, "bytes"] = [(f"Variable{number}", "y" * 900) for number in range(8)]


def told(proxy, form, pairs):
    """The messages that a client gets for sending just this."""
    client = Client(proxy.addresses[FORMATS.index(form)], banner=form == "standard")
    proxy.clients.append(client)
    client.send_raw(encode(form, pairs).encode())
    return client.read_message()


def around(wrong):
    """Messages with the ActionID before what is wrong, and behind it."""
    return [("Action", "Ping"), ("ActionID", ID)] + wrong, [("Action", "Ping")] + wrong + [("ActionID", ID)]


@pytest.mark.parametrize("form", FORMATS)
def test_f38_the_error_names_its_action(proxy, form):
    for fault, wrong in [(fault, wrong) for (kind, fault), wrong in FAULTS.items() if kind == form]:
        for pairs in around(wrong):
            answer = told(proxy, form, pairs)
            assert (answer["Response"], dict(answer.headers).get("ActionID")) == ("Error", ID), (fault, pairs, answer)
            assert answer["Message"] not in ("Permission denied", "Missing action in request"), (fault, answer)


@pytest.mark.parametrize("size", [1, 700])
def test_f38_also_in_pieces(proxy, size):
    client = Client(proxy.addresses[0])
    proxy.clients.append(client)
    data = encode("standard", [("Action", "Ping")] + FAULTS["standard", "headers"] + [("ActionID", ID)]).encode()
    for start in range(0, len(data), size):
        client.send_raw(data[start : start + size])
    answer = client.read_message()
    assert answer["Message"] == "Too many headers" and answer["ActionID"] == ID
    client.read_to_end()


def test_f38_who_never_says_it_is_told_all_the_same(proxy):
    client = Client(proxy.addresses[0])
    proxy.clients.append(client)
    client.send_raw(b"Action: Ping\r\n" + b"a: b\r\n" * 30)  # no end, no ActionID
    answer = client.read_message()
    assert answer["Message"] == "Too many headers" and "ActionID" not in dict(answer.headers)
    client.read_to_end()


BEFORE_LOGIN = [
    ([("Foo", "bar")], "Missing action in request"),
    ([("Action", "CoreStatus")], "Permission denied"),
    ([("Action", "Login"), ("Username", "dave"), ("Secret", "x")], "Authentication failed"),
    ([("ProxyAction", "ListServers")], "Permission denied"),
]


@pytest.mark.parametrize("form", FORMATS)
def test_f38_before_the_login(proxy, form):
    for pairs, said in BEFORE_LOGIN:
        answer = told(proxy, form, pairs + [("ActionID", ID)])
        assert (answer["Message"], answer["ActionID"]) == (said, ID)


BODIES = {"application/json": "json", "text/xml": "xml", "text/csv": "csv", "text/plain": "standard"}


@pytest.mark.parametrize("media", sorted(BODIES))
def test_f38_bodies_over_http(proxy, media):
    web = Web(proxy.addresses[-1], auth=basic())
    for (form, fault), wrong in sorted(FAULTS.items()):
        if form != BODIES[media]:
            continue
        for pairs in around(wrong):
            answer = web.post(encode(form, pairs), media, Accept="application/json")  # not as it was sent
            assert answer.status == 400, (fault, answer)
            assert answer.json()["ActionID"] == ID and answer.json()["Response"] == "Error", (fault, answer)


FIELDS = [
    ("/?Action=Ping&X=%zz&ActionID=id-7", basic(), 400),
    ("/?Action=Ping&Action=Ping&ActionID=id-7", basic(), 400),
    ("/?ActionID=id-7&Action=Ping&X=a%0Ab", basic(), 400),
    ("/?Action=Ping&ActionID=id-7", basic("dave", "wrong"), 401),
    ("/?Action=Ping&ActionID=id-7", "Nonsense x", 401),
    ("/?Action=Ping&format=none&ActionID=id-7", basic(), 400),
    ("/?Action=CoreStatus&ActionID=id-7", None, 401),
    ("/?Action=Ping&" + "&".join(f"V{n}=1" for n in range(170)) + "&ActionID=id-7", basic(), 400),
]


def test_f38_fields_over_http(proxy):
    for target, auth, status in FIELDS:
        answer = Web(proxy.addresses[-1], auth=auth).get(target)
        assert answer.status == status, answer
        assert b"Error" in answer.body and ID.encode() in answer.body, answer
