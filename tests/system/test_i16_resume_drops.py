"""A thousand losses under load, and users whose views differ: rules, filters with a state, TLS."""

import random
import threading

import pytest

from harness.limits import scaled
from harness.proxy import USERS, secret_of
from harness.resume import KEEP, Events, Plain, Socket
from harness.tls import TlsClient, trusting
from harness.web import ALL_PLUGINS, listeners

DROPS = scaled(1000, 100)
COUNTER = """
    local count = 0
    return {
      stateful = true,
      events = { "Newexten" },
      otherwise = true,
      message = function(m)
        count = count + 1
        if count % 3 == 0 then return false end
        m.Count = count
      end,
    }
"""


@pytest.mark.parametrize("kind", [Events, Socket])
def test_i16_resume_of_a_thousand_drops_under_load(start_proxy, pbx, kind):
    """0 lost, 0 twice. The load does not wait for the client."""
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS, resume=KEEP)
    over, sent = threading.Event(), [0]

    def load():
        while not over.is_set():
            for _ in range(20):
                pbx.event("Newexten", "call,all", Mark=sent[0])
                sent[0] += 1
            over.wait(0.01)

    client = kind(proxy)
    client.connect()
    thread = threading.Thread(target=load)
    thread.start()
    try:
        expected, chance = 0, random.Random(1)
        for _ in range(DROPS):
            for item in client.take(chance.randrange(1, 30)):
                assert item.headers["Mark"] == str(expected)
                expected += 1
            client.drop()
            proxy.clients.remove(client.client)
            assert client.connect().name == "Resumed"
    finally:
        over.set()
        thread.join()
    for item in client.take(sent[0] - expected):
        assert item.headers["Mark"] == str(expected)
        expected += 1


@pytest.mark.parametrize("kind", [Events, Socket, Plain])
@pytest.mark.parametrize("whose", ["rules", "filters"])
def test_i16_resume_of_views_is_the_stream_of_who_never_dropped(start_proxy, pbx, scripts, kind, whose):
    more = {"channel": "SIP/dave"} if whose == "rules" else {"filters": ["counter"]}
    proxy = start_proxy(
        {"pbx1": pbx},
        listen=listeners(),
        plugins=ALL_PLUGINS,
        resume=KEEP,
        users=[dict(USERS[0], **more), *USERS[1:]],
        scripts={"path": scripts(filter_counter=COUNTER)},
    )
    steady, client = kind(proxy), kind(proxy)
    steady.connect()
    client.connect()
    chance, received, expected = random.Random(2), [], []
    for round in range(60):
        for _ in range(chance.randrange(1, 20)):
            channel = chance.choice(["SIP/dave-00000001", "SIP/other-00000002"])
            pbx.event("Newexten", "call,all", Channel=channel, Uniqueid=f"1.{channel[4]}", Mark=round)
        last = "SIP/dave-00000001"
        for _ in range(3):  # of three in a row the filter lets two pass
            pbx.event("Newexten", "call,all", Channel=last, Uniqueid="1.d", Mark=f"end{round}")
        expected += until_end(steady, round)
        if chance.random() < 0.5:
            client.drop()
            assert client.connect().name == "Resumed"
        received += until_end(client, round)
    assert [item.body for item in received] == [item.body for item in expected]


def until_end(client, round):
    items = [client.event()]
    while items[-1].headers["Mark"] != f"end{round}":
        items.append(client.event())
    return items


def test_i16_resume_over_tls(start_proxy, authority, pbx):
    """A session that goes to another worker takes the state of its encryption along."""
    proxy = start_proxy(
        {"pbx1": pbx}, tls={"certificate": authority.issue("proxy")}, listen={"tls": "optional"}, resume=KEEP
    )
    place = None
    for mark in range(12):
        client = TlsClient(proxy.address, trusting(authority))
        proxy.clients.append(client)
        client.login("dave", secret_of("dave"), **({} if place is None else {"Resume": place}))
        if place is None:
            client.send(ProxyAction="SetResume")
            client.read_until(Event="ResumePoint")
        else:
            assert client.read_until(Event="Resumed")["Events"] == "0"
        pbx.event("Newexten", "call,all", Mark=mark)
        place = client.read_until(Event="Newexten", Mark=str(mark))["ResumeID"]
        client.close()


def test_i16_resume_of_everybodys_answers(start_proxy, pbx):
    """`autofilter: off`: the answers to others belong to the stream, also while nobody who reads it is there."""
    listen = listeners()
    listen[0]["autofilter"] = "off"
    proxy = start_proxy({"pbx1": pbx}, listen=listen, plugins=ALL_PLUGINS, resume=KEEP)
    client, bill = Plain(proxy), proxy.login("bill")
    client.connect()
    client.drop()
    proxy.wait_for_line("session closed", "user=dave", "reset")
    bill.send(Action="CoreStatus", ActionID="bills")
    pbx.expect(Action="CoreStatus").reply(Mark="answer")
    bill.response("bills")
    assert client.connect().name == "Resumed"
    assert client.event().headers["Mark"] == "answer"
