"""Names that no Asterisk sends are reported when a script is loaded, with the nearest known name."""

import re

import pytest

from harness.proxy import USERS


def warnings(proxy):
    return [
        re.search(r"script=(\S+) name=\"?([^\" ]+)\"?(?: nearest=(\S+))?", line).groups()
        for line in proxy.lines
        if "no Asterisk is known to send" in line
    ]


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            'return {\n events = { "Newchanel", "Hangup" }, otherwise = true }',
            [("filters/typo.lua:2", "Newchanel", "Newchannel")],
        ),
        (
            'return { events = { "QueueCalerJoin", "queue*" }, otherwise = true }',
            [("filters/typo.lua:1", "QueueCalerJoin", "QueueCallerJoin")],
        ),
        ('return { events = { "Quue*" }, otherwise = true }', [("filters/typo.lua:1", "Quue", None)]),
        (
            'return { where = { Contxt = "a", Channel = "b" }, otherwise = true }',
            [("filters/typo.lua:1", "Contxt", "Context")],
        ),
        (
            'return { message = function(m)\n  return m.Event ~= "Hangpu" or m.CalerIDNum == "1" end }',
            [("filters/typo.lua:2", "Hangpu", "Hangup"), ("filters/typo.lua:2", "CalerIDNum", "CallerIDNum")],
        ),
        (
            'return { events = { "Newchannel", "VarSet", "newstate" }, where = { LocalOneContext = "x", Uniqueid = "y" },\n'
            'message = function(m) m.Marker = m.DestCallerIDNum return m.kind == "event" end }',
            [],
        ),
    ],
)
def test_f57_unknown_names_are_told_once(start_proxy, pbx, scripts, text, expected):
    both = [dict(user, filters=["typo"]) for user in USERS[:2]]
    proxy = start_proxy({"pbx1": pbx}, up=[], users=both, scripts={"path": scripts(filter_typo=text)})
    found = [(place, name, nearest) for place, name, nearest in warnings(proxy)]
    if expected and expected[0][2] is None:
        found = [(place, name, None) for place, name, _ in found]
    assert sorted(found, key=str) == sorted(expected, key=str), proxy.log()


def test_f57_names_in_the_options_of_stock_filters(start_proxy, pbx):
    users = [dict(USERS[0], filters=[{"only": {"events": ["Newchannel", "Hangupp"]}}])]
    proxy = start_proxy({"pbx1": pbx}, up=[], users=users)
    assert warnings(proxy) == [("filters/only.lua", "hangupp", "Hangup")]


def test_f57_stock_scripts_and_examples_have_none(start_proxy, pbx):
    users = [dict(USERS[0], filters=["cdronly", "brionly", "xfronly", "novar", "mask"])]
    assert warnings(start_proxy({"pbx1": pbx}, up=[], users=users)) == []
