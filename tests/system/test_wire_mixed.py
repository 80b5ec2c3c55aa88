"""Streams of a server that mix everything, cut at random places: each client gets what a simple model expects, byte for
byte. The seeds are fixed; AMP_SEEDS=first:last and AMP_TURNS try others."""

import itertools
import os
import random

import pytest

from harness.expected import LISTS, SINGLES, Asked, Model, shown, starts_list
from harness.limits import Deadline
from harness.proxy import secret_of
from harness.scripted import BANNER

FIRST, LAST = (int(number) for number in os.environ.get("AMP_SEEDS", "1:4").split(":"))
BREAKS = "AMP_SEEDS" in os.environ  # a broken list ends after 2 s of silence, which a busy machine may cause
TURNS = int(os.environ.get("AMP_TURNS", "6"))
ITEMS = [b"QueueParams", b"QueueMember", b"CoreShowChannel", b"E" * 64, b"F" * 65, b"event", b"OriginateX"]
IDS = [
    None,
    None,
    b"1",
    b"same",
    b"amp1-1.0123456789abcdef",
    b"\xe4\xff\x80",
    b"x" * 255,
    b"y" * 900,
    b"with: colon ",
]
LINES = [
    b"Channel: SIP/1-0",
    b"Queue: support",
    b"no colon",
    b": no name",
    b" Leading: blank",
    b" ActionID: blank",
    b"ActionID : blank",
    b"Name:value",
    b"Empty:",
    b"Empty: ",
    b"Nul: a\0b",
    b"\0",
    b"Return: a\rb",
    b"Return: a\r",
    b"\rReturn: a",
    b"Eight: \xe4\xf6\xfc\xff",
    b"\xff\xfe: \x80",
    b"Text: one\ntwo",
    b"Text: one\nEvent",
    b"Event: Second",
    b"Response: Success",
    b"Action: Login",
    b"Eventlist2: x",
    b"eventlist: no",
    b"Server: pbx2",
    b"A: b",
    b"a:t",
    b"act",
    b"E: e",
    b"eve",
    b"L" * 300 + b": long name",
    b"Long: " + b"z" * 700,
    b"Longer: " + b"z" * 5000,
]


class Round:
    """What the server sends in one go, with what the model makes of it."""

    def __init__(self, rng, model):
        self.rng, self.model, self.stream, self.number = rng, model, [], 0

    def put(self, lines):
        self.stream.append(b"".join(line + b"\r\n" for line in lines) + b"\r\n")
        if self.rng.random() < 0.05:
            self.stream.append(b"\r\n")  # superfluous

    def extras(self):
        self.number += 1
        lines = [b"Seq: %d" % self.number]
        for _ in range(self.rng.choice([0, 0, 1, 2, 5, 12])):
            lines.insert(self.rng.randrange(len(lines) + 1), self.rng.choice(LINES))
        return lines

    def id_line(self, asked):
        return self.rng.choice([b"ActionID: ", b"ActionID: ", b"ActionID: ", b"actionid: ", b"ACTIONID:"]) + asked.wire

    def response(self, asked, how=b"Success", starts=False):
        lines = [b"Response: " + how, self.id_line(asked), *([b"EventList: start"] if starts else []), *self.extras()]
        if not starts and starts_list(lines):
            starts = True
        self.put(lines)
        self.model.response(asked, lines)

    def with_id(self, name, id_line, privilege=None, more=()):
        lines = [b"Event: " + name]
        if privilege:
            lines.append(b"Privilege: " + privilege)
        rest = [*self.extras(), *more]
        place = self.rng.choice([0, len(rest), self.rng.randrange(len(rest) + 1)])
        rest[place:place] = [] if id_line is None else [id_line]
        return lines + rest

    def items(self, asked):
        name, usual = self.rng.choice(ITEMS), self.rng.random() < 0.7
        for _ in range(self.rng.choice([1, 2, 3, 10, 70])):
            line = b"ActionID: " + asked.wire if usual else self.id_line(asked)
            privilege = None if usual else self.rng.choice([None, None, b"Call", b"system,all"])
            lines = self.with_id(name, line, privilege)
            self.put(lines)
            self.model.event_of(asked, lines)

    def end_list(self, asked):
        lines = [b"Event: " + LISTS.get(asked.name, b"ZorkComplete"), b"ActionID: " + asked.wire]
        lines += [] if asked.is_implicit else [b"EventList: Complete"]
        lines += [b"ListItems: %d" % asked.items, *self.extras()]
        self.put(lines)
        self.model.event_of(asked, lines)

    def anything(self, everybody):
        """Something that no answer needs."""
        rng = self.rng
        kind = rng.choice(["event", "event", "foreign", "unknown", "of", "of", "of", "plain", "user"])
        asked = rng.choice(everybody) if everybody else None
        if kind == "event":
            lines = self.with_id(b"Newchannel", None, b"call,all")
            self.put(lines)
            self.model.plain_event(lines)
        elif kind == "plain":
            lines = self.with_id(b"Newstate", None)
            self.put(lines)
            self.model.plain_event(lines)
        elif kind == "foreign":
            lines = self.with_id(b"UserEvent", b"ActionID: " + rng.choice([b"foreign", b"amp1", b" "]), b"user,all")
            self.put(lines)
            self.model.event(lines, foreign=True)
        elif kind == "unknown":
            lines = [b"Response: Success", b"ActionID: nobody", *self.extras()]
            self.put(lines)
        elif kind == "user" and asked:
            lines = self.with_id(b"UserEvent", self.id_line(asked), b"user,all")
            self.put(lines)
            self.model.event_of(asked, lines)
        elif kind == "of" and asked:
            lines = self.with_id(rng.choice(ITEMS), self.id_line(asked), rng.choice([None, None, b"call,all"]))
            self.put(lines)
            self.model.event_of(asked, lines)

    def answer(self, asked, everybody):
        rng = self.rng
        if asked.state == "waiting":
            is_list = asked.name in LISTS or (asked.name == b"Zork" and rng.random() < 0.5)
            starts = is_list and rng.random() < (0.5 if self.model.is_old else 0.9)
            self.response(asked, b"Success" if starts else rng.choice([b"Success", b"Error"]), starts)
        for _ in range(rng.choice([0, 1, 2, 4])):
            if rng.random() < 0.3:
                self.anything(everybody)
            if asked.state == "listing":
                self.items(asked)
            if asked.state == "listing" and BREAKS and rng.random() < 0.05:
                self.response(asked, b"Error")
        if asked.state == "listing" and rng.random() < 0.8:
            self.end_list(asked)
            if rng.random() < 0.2:
                self.end_list(asked)


def send_cut(rng, lane, data):
    """Sends the stream in pieces, as one thing: no answer to a Ping comes between."""
    size = rng.choice([7, 61, 700, 20000, 1 << 20])
    with lane.lock:
        while data:
            length = rng.randrange(1, 2 * size)
            lane.socket.sendall(data[:length])
            data = data[length:]


def fence_answer(number):
    return [b"Response: Success", b"ActionID: fence-%d" % number, b"Ping: Pong", b"Timestamp: 1700000000.000001"]


def read_to_fence(client, number):
    """The bytes that came before the answer to a Ping that goes to the server."""
    client.send_raw(b"Action: Ping\r\nServer: pbx1\r\nActionID: fence-%d\r\n\r\n" % number)
    answer, deadline = shown(fence_answer(number)), Deadline()
    while answer not in client.buffer:
        client._fill(deadline, answer)
    before, _, client.buffer = client.buffer.partition(answer)
    return before


def change_watcher(rng, proxy, clients, model):
    """Somebody who sees everything comes or goes: then items are messages again."""
    if "all" not in clients and rng.random() < 0.4:
        clients["all"] = login(proxy, "dave", 1)
        model.clients["all"], model.got["all"] = True, []
    elif "all" in clients and rng.random() < 0.5:
        clients.pop("all").close()
        del model.clients["all"], model.got["all"]


def check(name, found, expected, note):
    wanted = b"".join(expected)
    if found == wanted:
        return
    at = next((i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), min(len(found), len(wanted)))
    raise AssertionError(
        f"{note} {name}: {len(found)} bytes, expected {len(wanted)}; from byte {at}\n"
        f"found    {found[max(0, at - 400) : at + 300]!r}\n"
        f"expected {wanted[max(0, at - 400) : at + 300]!r}"
    )


def login(proxy, name, index):
    client = proxy.connect(index)
    client.send(Action="Login", Username=name, Secret=secret_of(name), Events="on", ActionID="login")
    client.collect_until(Event="FullyBooted")
    return client


def ask(rng, clients, model, marks):
    """Each client sends some actions at once."""
    asked = []
    for name, client in clients.items():
        sent = b""
        for _ in range(rng.choice([0, 1, 1, 2, 5])):
            action = rng.choice([*LISTS, *LISTS, *SINGLES, b"Zork"])
            one = Asked(name, action, rng.choice(IDS), next(marks))
            sent += b"Action: " + action + b"\r\nServer: pbx1\r\nMark: %d\r\n" % one.mark
            sent += b"" if one.id is None else b"ActionID: " + one.id + b"\r\n"
            sent += b"\r\n"
            asked.append(one)
        client.send_raw(sent)
    return asked


@pytest.mark.parametrize("seed", range(FIRST, LAST + 1))
def test_streams_that_mix_everything(start_proxy, scripted, seed):
    is_old = seed % 2 == 0
    pbx = scripted(banner="Asterisk Call Manager/1.1" if is_old else BANNER)
    rng = random.Random(seed)
    listen = [
        {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off", "autofilter": mode}
        for mode in ("unique", "off")
    ]
    proxy = start_proxy({"pbx1": pbx}, listen=listen, limits={"exchange_timeout": "300s"})
    clients = {f"plain{i}": login(proxy, "dave", 0) for i in range(3)}
    model = Model(dict.fromkeys(clients, False), is_old)
    everybody, fence, marks = [], 0, itertools.count(1)
    for turn in range(TURNS):
        change_watcher(rng, proxy, clients, model)
        leaver = login(proxy, "bill", 0)
        asked = ask(rng, {**clients, f"left{turn}": leaver}, model, marks)
        by_mark = {one.mark: one for one in asked}
        for action in pbx.expect_all(len(asked)):
            one = by_mark[int(action["Mark"])]
            one.wire = action.id.encode()
            model.lane.append(one)
            everybody.append(one)
        leaver.reset() if rng.random() < 0.5 else leaver.close()
        part = Round(rng, model)
        for one in [one for one in everybody if one.state in ("waiting", "listing")]:
            if rng.random() < 0.9:
                part.answer(one, everybody)
            if rng.random() < 0.5:
                part.anything(everybody)
        send_cut(rng, pbx.main_lane(), b"".join(part.stream))
        if any(one.is_broken or one.is_implicit for one in model.lane):
            model.passes(None)  # the answer to a Ping shows that they have ended
        for name, client in clients.items():
            fence += 1
            expected, model.got[name] = model.got[name], []
            check(name, read_to_fence(client, fence), expected, f"seed {seed} turn {turn}")
            if name != "all" and "all" in clients:
                model.give("all", shown(fence_answer(fence)))
        model.passes(None)
        everybody = [one for one in everybody if one.state in ("waiting", "listing")] + [
            one for one in everybody if one.state == "gone"
        ][-5:]
