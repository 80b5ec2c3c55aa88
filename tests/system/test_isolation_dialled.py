"""Headers of which Asterisk makes a dial string, so that they can lead into a context or to a device of others."""

import pytest

from harness.proxy import USERS
from harness.tied import SECRET, is_refused, is_sent, login

TIED = [
    {"name": "alpha", "secret": SECRET, "channel": "SIP/1"},
    {"name": "dialler", "secret": SECRET, "channel": "SIP/1", "out_context": "out"},
    {"name": "outonly", "secret": SECRET, "out_context": "out"},
    {"name": "seller", "secret": SECRET, "in_context": "sales", "out_context": "out"},
    {"name": "notifier", "secret": SECRET, "channel": "PJSIP/1", "write": ["system"]},
    {"name": "notifies", "secret": SECRET, "in_context": "sales", "write": ["system"]},
    {"name": "office", "secret": SECRET, "channel": "SIP/7-office", "out_context": "out-1"},
]


@pytest.fixture
def tied(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, users=USERS + TIED)


def test_f03_extensions_of_which_asterisk_makes_a_dial_string(tied, pbx):
    """A transfer dials `Local/EXTEN@CONTEXT`: the first `@` and the options behind a `/` are then in the extension."""
    alpha, dialler = login(tied, "alpha"), login(tied, "dialler")
    transfer = {"Channel": "SIP/1-0", "Context": "out"}
    for action, header in (("BlindTransfer", "Exten"), ("Atxfer", "Exten"), ("PlayDTMF", "Digit")):
        for value in ("5@other/n", "5@other", "5/n", "@", "/"):
            assert is_refused(dialler, pbx, **{"Action": action, **transfer, header: value}), (action, value)
            assert is_refused(dialler, pbx, **{"Action": action, **transfer, header.lower(): value}), (action, value)
            assert is_sent(alpha, pbx, **{"Action": action, **transfer, header: value})  # no context is out of bounds
        for value in ("5", "*5#A", "sales-1", "+49.30"):
            assert is_sent(dialler, pbx, **{"Action": action, **transfer, header: value}), (action, value)


def test_f09_who_is_rung_when_a_parked_call_is_not_fetched(tied, pbx):
    """Asterisk dials the header itself, be there such a channel or not."""
    outonly, seller, office = (login(tied, name) for name in ("outonly", "seller", "office"))
    watcher = tied.login("dave")
    for name in ("SIP/7-0", "Local/5@other-0;1", "Local/5@out-0;1"):
        pbx.event("Newchannel", "call,all", Channel=name, Uniqueid=name[-9:], Linkedid=name[-9:], Context="sales")
        watcher.read_until(Event="Newchannel")
    for client in (outonly, seller, office):  # their workers have heard of it, too
        client.send(Action="Ping", Server="pbx1", ActionID="p")
        client.response("p")
    for header in ("TimeoutChannel", "Channel2", "timeoutchannel"):
        park = {"Action": "Park", "Channel": "SIP/7-0"}
        for value in (
            "Local/5@other/n",
            "Local/5@other",
            "Local/5",
            "local/5@other-0;1",
            "Local/5@out/a/n",
            "Local/`5@out",
            f"Local/{'5' * 76}@out",  # older releases read 79 bytes of it
        ):
            assert is_refused(outonly, pbx, **park, **{header: value}), (header, value)
            assert is_refused(seller, pbx, **park, **{header: value}), (header, value)
        assert is_refused(seller, pbx, **park, **{header: "SIP/8"})
        for client, values in (
            (outonly, ("SIP/7-0", "SIP/8", "Local/5@out", "Local/5@out/n", "Local/5@out-0;1")),
            (seller, ("SIP/7-0", "Local/5@out-0;1")),
        ):
            for value in values:
                assert is_sent(client, pbx, **park, **{header: value}), (header, value)
        park["Channel"] = "SIP/7-office-0"
        for value in ("SIP/7-office", "SIP/7-0", "Local/5@out-1"):
            assert is_refused(office, pbx, **park, **{header: value}), (header, value)  # cut at the last `-`
        assert is_sent(office, pbx, **park, **{header: "SIP/7-office-0"})


@pytest.mark.parametrize(
    "action, own, header", [("PJSIPNotify", "Endpoint", "URI"), ("SIPnotify", "Channel", "Call-ID")]
)
def test_f05_devices_by_their_address_or_their_call(tied, pbx, action, own, header):
    """Asterisk prefers the id of a call to the device that is named beside it."""
    notifier, notifies = login(tied, "notifier"), login(tied, "notifies")
    more = {"Action": action, "Variable": "Event=talk"}
    for value in ("sip:2@host", "1", "PJSIP/1"):
        assert is_refused(notifier, pbx, **more, **{header: value}), value
        assert is_refused(notifier, pbx, **more, **{own: "PJSIP/1", header.lower(): value}), value
        assert is_sent(notifies, pbx, **more, **{header: value})  # any device is theirs to notify
    assert is_sent(notifier, pbx, **more, **{own: "PJSIP/1"})
