"""Interleaved calls of two tenants (harness/calls.py): nothing is lost, and nobody sees too much, in every format."""

import re
import threading

import pytest

from harness.calls import TENANTS, interleaved
from harness.limits import Deadline, scaled
from harness.message import encode
from harness.proxy import USERS, configuration, server_entry, write_configuration
from harness.tenants import TenantPbx

FORMATS = ("standard", "json", "xml", "csv")
SECRET = "tenant-SECRET-T"
RULED = [{"name": tenant, "secret": SECRET, "channel": f"PJSIP/{tenant}-*"} for tenant in TENANTS]
TAGGED = [{"name": f"{tenant}-tagged", "secret": SECRET, "tenant": tenant} for tenant in TENANTS]
MARK = re.compile(rb"\bMark\b[^0-9]{1,12}([0-9]+)")


class Reader(threading.Thread):
    """Takes everything that a client is sent, until the last mark: the marks in their order."""

    def __init__(self, client, last):
        super().__init__(daemon=True)
        self.client, self.last, self.marks, self.error = client, last, [], None
        self.start()

    def run(self):
        deadline = Deadline(240)
        data = self.client.buffer
        try:
            while not self.marks or self.marks[-1] != self.last:
                cut = data.rfind(b"Server") + 1  # each message ends in that header: nothing is cut in two before it
                self.marks += [int(mark) for mark in MARK.findall(data[:cut])]
                data = data[cut:]
                self.client.socket.settimeout(max(0.1, deadline.left()))
                received = self.client.socket.recv(1 << 18)
                if not received:
                    self.error = "closed"
                    return
                data += received
                if data.endswith(self.client.ending):
                    self.marks += [int(mark) for mark in MARK.findall(data)]
                    data = b""
        except OSError as error:
            self.error = str(error)


def connect(proxy, name, secret, style):
    """A client that gets `style`, all classes of events."""
    client = proxy.connect()
    assert client.login(name, secret)["Response"] == "Success"
    client.fence()
    client.send(ProxyAction="SetOutputFormat", OutputFormat=style, ActionID="format")
    deadline = Deadline()
    client.ending = {"standard": b"\r\n\r\n", "json": b"\n", "xml": b">\r\n\r\n", "csv": b"\r\n"}[style]
    while not (b"format" in client.buffer and client.buffer.endswith(client.ending)):
        client._fill(deadline, "the new format")
    client.buffer = b""
    return client


def send_all(pbx, steps):
    """The steps as one stream, which the proxy reads in pieces that end anywhere. They are sent whole: the server answers
    the proxy's Ping between two sends."""
    for start in range(0, len(steps), 200):
        pbx.send_raw(b"".join(encode(step.pairs) for step in steps[start : start + 200]))


def expected_of(steps, tenant):
    marks = []
    for step in steps:
        marks += step.first.get(tenant, [])
        if tenant in step.sees:
            marks.append(step.mark)
    return marks


def first_difference(got, expected):
    for place, (one, other) in enumerate(zip(got, expected, strict=False)):
        if one != other:
            return place
    return min(len(got), len(expected))


def explain(steps, got, expected):
    place = first_difference(got, expected)
    by_mark = {step.mark: step for step in steps}
    lines = [f"{len(got)} marks came, {len(expected)} were due; first difference at {place}"]
    for title, marks in (("came", got), ("due", expected)):
        lines += [f"{title}:"] + [
            f"  {by_mark[mark].pairs} for {sorted(by_mark[mark].sees)} first {by_mark[mark].first}"
            for mark in marks[max(0, place - 1) : place + 2]
        ]
    return "\n".join(lines)


@pytest.fixture
def matrix(start_proxy, pbx):
    return start_proxy(
        {"pbx1": pbx},
        users=USERS + RULED + TAGGED,
        limits={"output_backlog": "512MiB"},
        plugins={"load": list(FORMATS)},
    )


def read_all(proxy, users, last):
    """A reader for each user (tenant -> name) and format."""
    return {
        (tenant, style): Reader(connect(proxy, name, SECRET, style), last)
        for tenant, name in users.items()
        for style in FORMATS
    }


def judge(readers, free, steps, last):
    for reader in [free, *readers.values()]:
        reader.join(300)
        assert reader.error is None and not reader.is_alive(), reader.error
    assert free.marks[: free.marks.index(last)] == [step.mark for step in steps]
    for (tenant, style), reader in readers.items():
        expected = expected_of(steps, tenant) + [last]
        assert reader.marks == expected, f"{tenant} {style}: " + explain(steps, reader.marks[:-1], expected[:-1])


def test_r02_each_tenant_sees_his_calls_and_no_byte_of_others(matrix, pbx):
    steps = list(interleaved(scaled(100_000, 2_000)))
    last = steps[-1].mark + 1
    readers = read_all(matrix, {tenant: tenant for tenant in TENANTS}, last)
    free = Reader(connect(matrix, "dave", "dave-SECRET-1", "standard"), last)
    send_all(pbx, steps)
    pbx.event("QueueMemberStatus", "agent,all", Interface="PJSIP/a-1", StateInterface="PJSIP/b-1", Mark=last)  # for all
    judge(readers, free, steps, last)


def test_r02_each_tenant_by_tenantid(matrix, pbx):
    """The same, and more ways from tenant to tenant (harness/tenants.py), with Asterisk's own Tenantid."""
    steps = list(interleaved(scaled(100_000, 2_000), kind=TenantPbx))
    last = steps[-1].mark + 1
    readers = read_all(matrix, {tenant: f"{tenant}-tagged" for tenant in TENANTS}, last)
    free = Reader(connect(matrix, "dave", "dave-SECRET-1", "standard"), last)
    send_all(pbx, steps)
    for tenant in TENANTS:
        pbx.event("UserEvent", "user,all", UserEvent="last", Tenantid=tenant, Mark=last)
    judge(readers, free, steps, last)


def test_r02_each_tenant_through_reloads(matrix, pbx, workers):
    """Users with other rules come and go meanwhile, before those of the tenants and after them."""
    steps = list(interleaved(scaled(20_000, 2_000), kind=TenantPbx))
    last = steps[-1].mark + 1
    readers = read_all(matrix, {tenant: f"{tenant}-tagged" for tenant in TENANTS}, last)
    free = Reader(connect(matrix, "dave", "dave-SECRET-1", "standard"), last)
    sections = {"limits": {"output_backlog": "512MiB"}, "plugins": {"load": list(FORMATS)}}
    others = [{"name": f"other{n}", "secret": SECRET, "tenant": "abc"[n % 3]} for n in range(70)]
    for number in range(10):
        send_all(pbx, steps[number * len(steps) // 10 : (number + 1) * len(steps) // 10])
        more = others[: (7 * number) % 71]
        users = [*more, *TAGGED] if number % 2 == 0 else [*TAGGED, *more]
        config = configuration([server_entry(pbx, "pbx1")], workers, users=[*users, *USERS, *RULED], **sections)
        write_configuration(matrix.path, config)
        matrix.make_readable()
        matrix.hang_up()
    for tenant in TENANTS:
        pbx.event("UserEvent", "user,all", UserEvent="last", Tenantid=tenant, Mark=last)
    judge(readers, free, steps, last)
