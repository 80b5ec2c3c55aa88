"""What a client is told that comes back too late, with an id that is not its own, or to another process or configuration."""

import pytest
import yaml

from harness.limits import Deadline
from harness.proxy import USERS
from harness.resume import Events, Plain, Socket, tell
from harness.streams import Socket as WebSocket

KINDS = {"events": Events, "socket": Socket, "plain": Plain}


@pytest.fixture(params=KINDS, ids=list(KINDS))
def kind(request):
    return KINDS[request.param]


def skipped(how, reason, dropped=None):
    assert how.name == "EventsSkipped" and how.headers["Reason"] == reason, how
    assert how.headers.get("Dropped") == (None if dropped is None else str(dropped)), how


def goes_on(client, pbx, mark):
    """It is live, and sees nothing from before."""
    tell(pbx, mark, 1)
    assert client.event().headers["Mark"] == str(mark)


def test_i16_resume_too_old_tells_the_number(resumable, pbx, kind):
    """Memory: the oldest go first, and it is told how many the client has missed."""
    proxy = resumable(resume={"keep": "60s", "memory": "64KiB"})
    watcher, client = kind(proxy), kind(proxy)
    watcher.connect()
    client.connect()
    tell(pbx, 0, 1)
    client.take(1)
    client.drop()
    tell(pbx, 1, 200, Text="x" * 3000)
    watcher.take(201)
    skipped(client.connect(), "too old", 200)
    goes_on(client, pbx, 1000)
    client.drop()
    assert client.connect().name == "Resumed"  # the place where it went on is a new start


def test_i16_resume_after_the_time_is_over(resumable, pbx, kind):
    proxy = resumable(resume={"keep": "500ms", "memory": "64MiB"})
    client, other = kind(proxy), kind(proxy)
    client.connect()
    tell(pbx, 0, 3)
    client.take(3)
    first = client.id
    tell(pbx, 3, 4)
    client.take(4)
    deadline = Deadline()
    while True:  # its feed lives as long as the client does, so the number is known
        how = other.connect(first)
        other.drop()
        if how.name == "EventsSkipped":
            break
        assert not deadline.passed()
    skipped(how, "too old", 4)
    client.drop()
    proxy.wait_for_line("kept feed ends")
    skipped(other.connect(first), "too old")


def test_i16_resume_with_the_id_of_another_user(resumable, pbx, kind):
    proxy = resumable()
    dave, bill = kind(proxy), kind(proxy, "bill")  # both may see the same
    dave.connect()
    bill.connect()
    tell(pbx, 0, 5)
    dave.take(5)
    bill.drop()
    skipped(bill.connect(dave.id.rsplit(".", 1)[0] + ".0"), "another view")
    goes_on(bill, pbx, 100)


@pytest.mark.parametrize("mine", KINDS)
@pytest.mark.parametrize("theirs", ["events", "socket", "plain", "mask", "format"])
def test_i16_resume_with_the_id_of_another_stream(resumable, pbx, mine, theirs):
    if mine == theirs:
        pytest.skip("that is no other one")
    proxy = resumable()
    streams = {
        **KINDS,
        "mask": lambda proxy: Events(proxy, query="?events=call"),
        "format": lambda proxy: Events(proxy, query="?format=xml"),
    }
    other, client = streams[theirs](proxy), KINDS[mine](proxy)
    if theirs == "format":
        other.open(None)
        id = None
        while id is None:
            block = other.client.until(b"\n\n").decode()
            id = next((line[4:] for line in block.split("\n") if line.startswith("id: ")), None)
    else:
        other.connect()
        id = other.id
    tell(pbx, 0, 5)
    skipped(client.connect(id), "another view")
    goes_on(client, pbx, 100)


def test_i16_resume_with_ids_that_were_never_given(resumable, pbx, kind):
    proxy = resumable()
    client = kind(proxy)
    client.connect()
    tell(pbx, 0, 2)
    client.take(2)
    epoch, worker, tag, number = client.id.split(".")
    forged = "f" if tag[-1] != "f" else "0"
    client.drop()
    for id, reason in [
        ("1", "unknown"),
        ("x" * 300, "unknown"),
        (f"{epoch}.{worker}.{tag}", "unknown"),
        (f"{epoch}.{worker}.{tag}.{number}.1", "unknown"),
        (f"{epoch}.{worker}.{tag}.-1", "unknown"),
        (f"{epoch}.{worker}.{tag}.18446744073709551616", "unknown"),
        (f"{epoch}.{worker}.{tag}.1000000", "unknown"),
        (f"{epoch}.4000000000.{tag}.{number}", "unknown"),
        (f"{epoch}.{worker}.{tag[:-1]}{forged}.{number}", "too old"),
        (f"{'0' * 12}.{worker}.{tag}.{number}", "restarted"),
    ]:
        skipped(client.connect(id), reason)
        client.drop()


def test_i16_resume_in_another_process(resumable, pbx, kind):
    client = kind(resumable())
    client.connect()
    client.drop()
    client.proxy.finish()
    client.proxy = resumable()
    skipped(client.connect(), "restarted")
    goes_on(client, pbx, 1)


def test_i16_resume_over_a_reload(resumable, pbx, kind):
    """A user whose rules are the same goes on; one whose rules have changed sees another view."""
    proxy = resumable()
    proxy.make_readable()
    same, changed = kind(proxy), kind(proxy, "viewer")
    for client in (same, changed):
        client.connect()
        tell(pbx, 0, 1)
        client.take(1)
        client.drop()
    with open(proxy.path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    config["users"] = [{**user, "read": ["call", "system"]} if user["name"] == "viewer" else user for user in USERS]
    with open(proxy.path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file, sort_keys=False)
    tell(pbx, 10, 2)
    proxy.hang_up()
    tell(pbx, 12, 2)
    assert same.connect().name == "Resumed"
    assert [item.headers["Mark"] for item in same.take(5)] == ["0", "10", "11", "12", "13"]
    skipped(changed.connect(), "another view")
    goes_on(changed, pbx, 100)


@pytest.mark.parametrize("ids", ["on", "off"])
def test_i16_resume_ids_of_a_socket_are_what_it_began_with(resumable, ids):
    """SetResume does not say that it changed what it cannot change."""
    client = WebSocket(resumable(), "/ws?ids=1" if ids == "on" else "/ws")
    for word in ("on", "off"):
        client.send({"ProxyAction": "SetResume", "IDs": word, "ActionID": word})
        answer = client.until(ActionID=word)
        assert answer["ProxyResponse"] == ("Success" if word == ids else "Error"), answer
        assert "ResumeID" not in answer and ":id" not in answer


def test_i16_resume_is_off_unless_it_is_configured(resumable, pbx):
    proxy = resumable(resume={"keep": "0s"})
    plain, socket, events = Plain(proxy), Socket(proxy), Events(proxy)
    assert proxy.login().ask(ProxyAction="SetResume", IDs="on")["ProxyResponse"] == "Error"
    for client in (socket, plain):
        skipped(client.connect("1"), "off")
    skipped(events.connect("17"), "off")
    tell(pbx, 0, 1)
    assert events.event().id.isdigit()
