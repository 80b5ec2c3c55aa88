"""examples/filters/callerid.lua and lua/lib/callers.lua remove a caller's number and name from all headers of all
events."""

import glob
import os
import re

import pytest

from harness.process import SOURCE
from harness.proxy import USERS

NUMBER, NAME = "493012345678", "Anna Winter"
PREFIXES = [
    "",
    "Dest",
    "LocalOne",
    "LocalTwo",
    "Source",
    "Transferer",
    "Transferee",
    "OrigTransferer",
    "SecondTransferer",
    "TransferTarget",
    "DestTransferer",
    "Target",
    "Spyer",
    "Spyee",
    "Parkee",
    "Retriever",
    "Clone",
    "NewPrefixOfTomorrow",
]


@pytest.fixture
def client(start_proxy, pbx, scripts):
    with open(os.path.join(SOURCE, "examples/filters/callerid.lua"), encoding="utf-8") as file:
        root = scripts(filter_callerid=file.read())
    return start_proxy({"pbx1": pbx}, users=[dict(USERS[0], filters=["callerid"])], scripts={"path": root}).login(
        "dave", Events="call"
    )


@pytest.mark.parametrize("spell", [str, str.lower, str.upper], ids=["as-sent", "lower", "upper"])
def test_f52_no_header_says_who_calls(client, pbx, spell):
    for prefix in PREFIXES:
        headers = {
            prefix + name: value
            for name, value in (
                ("CallerIDNum", NUMBER),
                ("CallerIDName", NAME),
                ("ConnectedLineNum", "+" + NUMBER),
                ("ConnectedLineName", NAME),
            )
        }
        pbx.event(
            "Newchannel", "call,all", Marker=prefix or "none", **{spell(name): value for name, value in headers.items()}
        )
        seen = client.read_until(Event="Newchannel", Marker=prefix or "none").text
        assert "012345678" not in seen and NAME not in seen and seen.count("49301...") + seen.count("+4930...") == 2, (
            seen
        )


@pytest.mark.parametrize(
    "name, value, shown",
    [
        ("CallerIDani", NUMBER, "49301..."),
        ("CallerIDdnid", NUMBER, "49301..."),
        ("CallerIDrdnis", NUMBER, "49301..."),
        ("DNID", NUMBER, "49301..."),
        ("RDNIS", NUMBER, "49301..."),
        ("ANI", NUMBER, "49301..."),
        ("EffectiveConnectedLineNum", NUMBER, "49301..."),
        ("EffectiveConnectedLineName", NAME, ""),
        ("CallerID", f'"{NAME}" <{NUMBER}>', "<49301...>"),
        ("CallerID1", NUMBER, "49301..."),
        ("CallerID", NAME, ""),
        ("Source", NUMBER, "49301..."),
        ("CallerIDNum", "100", "100"),
        ("CallerIDNum", "<unknown>", "<unknown>"),
        ("Uniqueid", "1795393947.17", "1795393947.17"),
        ("Exten", NUMBER, NUMBER),
        ("Company", NUMBER, NUMBER),
    ],
)
def test_f52_each_header_of_that_kind(client, pbx, name, value, shown):
    pbx.event("CEL", "call,all", **{name: value})
    assert client.read_until(Event="CEL")[name] == shown


def test_f52_nothing_of_the_captures_is_left(client, pbx):
    """Every header of the captures whose value is a caller's number: with a long number in its place."""
    names = set()
    for path in glob.glob(os.path.join(SOURCE, "tests/data/captures/*.txt")):
        with open(path, encoding="latin-1") as file:
            names |= set(re.findall(r"^([\w-]*(?:CallerID|ConnectedLine)\w*): ", file.read(), re.M))
    names = {name for name in names if not name.endswith("Pres")}
    assert len(names) >= 8
    pbx.event("Newchannel", "call,all", **dict.fromkeys(names, NUMBER))
    assert NUMBER not in client.read_until(Event="Newchannel").text
