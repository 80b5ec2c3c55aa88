"""Live feeds over HTTP as server-sent events, by clients of other authors and by hand."""

import base64
import json

import pytest

from harness.limits import DEADLINE
from harness.proxy import PROXY_KEY, secret_of
from harness.streams import Socket, Stream, connect, data_of, node
from harness.web import basic


@pytest.fixture
def proxy(start_feeds):
    return start_feeds()


def test_events(proxy, pbx):
    stream = Stream(proxy)
    assert stream.head.get("Content-Type") == "text/event-stream; charset=utf-8"
    assert stream.head.get("Cache-Control") == "no-store" and stream.head.get("X-Accel-Buffering") == "no"
    pbx.event("Newchannel", "call,all", Channel="SIP/1", CallerIDName='"<&')
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    first, second = stream.event("Newchannel"), stream.event("Hangup")
    assert json.loads(data_of(first))["CallerIDName"] == '"<&'
    assert int(dict(second)["id"]) > int(dict(first)["id"]) > 0


@pytest.mark.parametrize(
    "name, start", [("xml", "<AsteriskManagerOutput>"), ("csv", '"Event: Hangup"'), ("standard", "Event: Hangup")]
)
def test_events_in_other_formats(proxy, pbx, name, start):
    stream = Stream(proxy, f"/events?format={name}")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    text = data_of(stream.event("Hangup"))
    assert text.startswith(start) and "SIP/1" in text


def test_events_have_the_same_ids_for_everybody(proxy, pbx):
    streams = [Stream(proxy) for _ in range(3)] + [Stream(proxy, "/events?events=call", basic("viewer"))]
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert len({tuple(stream.event("Hangup")[:2]) for stream in streams}) == 1


def test_event_mask_and_rights(proxy, pbx):
    masked, viewer = Stream(proxy, "/events?events=agent"), Stream(proxy, auth=basic("viewer"))
    pbx.event("Newchannel", "call,all", Channel="SIP/1")
    pbx.event("AgentCalled", "agent,all", Agent="a")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert ("event", "AgentCalled") in masked.block()
    assert ("event", "Newchannel") in viewer.block() and ("event", "Hangup") in viewer.block()


@pytest.mark.parametrize(
    "query",
    [
        f"username=dave&secret={secret_of('dave')}",
        f"events=call&Username=dave&Secret={secret_of('dave')}",
        f"proxykey={PROXY_KEY}",
    ],
)
def test_credentials_in_the_query(start_feeds, pbx, query):
    proxy = start_feeds(auth={"proxy_key": PROXY_KEY, "failures_per_minute": 1000})
    stream = Stream(proxy, "/events?" + query, None)
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    stream.event("Hangup")


def test_events_need_a_login(start_feeds):
    proxy = start_feeds(auth={"proxy_key": PROXY_KEY, "failures_per_minute": 1000})
    assert connect(proxy, None).get("/events").status == 401
    assert connect(proxy, basic("dave", "wrong")).get("/events").status == 401
    assert connect(proxy, None).get("/events?proxykey=wrong").status == 401
    assert connect(proxy).get("/events?format=bogus").status == 400


def test_names_of_events_are_only_names(proxy, pbx):
    stream = Stream(proxy)
    pbx.send_raw(b"Event: a: b\tc\xff\r\nPrivilege: call,all\r\nX: y\r\n\r\n")
    block = stream.event("a__b_c_")
    assert json.loads(data_of(block))["X"] == "y"


def test_keep_alive_comment(start_feeds):
    stream = Stream(start_feeds(http={"keep_alive": "200ms"}))
    for _ in range(3):
        assert stream.web.until(b"\n\n") == b": keep-alive"


def test_events_after_requests_on_the_same_connection(proxy, pbx):
    client = connect(proxy)
    assert client.get("/?Action=Ping").status == 200
    client.send_raw(client.head("GET", "/events"))
    assert client.read_head().status == 200
    client.until(b"\n\n")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert b"event: Hangup\n" in client.until(b"\n\n")


def test_npm_eventsource(proxy, pbx):
    with node("eventsource_session.js", f"http://{connect(proxy).host}/events", basic(), "2") as client:
        assert json.loads(client.stdout.readline()) == {"open": True}
        pbx.event("Newchannel", "call,all", Channel="SIP/1")
        pbx.event("Hangup", "call,all", Channel="SIP/1")
        first, second = (json.loads(client.stdout.readline()) for _ in range(2))
        assert client.wait(DEADLINE) == 0
    assert (first["type"], second["type"]) == ("Newchannel", "Hangup")
    assert first["data"]["Channel"] == "SIP/1" and int(second["id"]) > int(first["id"])


def test_feeds_are_shared(proxy, pbx):
    """Both kinds beside AMI clients: all get the same events, in the same order."""
    clients = [Socket(proxy) for _ in range(3)]
    streams = [Stream(proxy) for _ in range(3)]
    plain = proxy.login("dave")
    for number in range(200):
        pbx.event("Hangup", "call,all", Channel=f"SIP/{number}")
    expected = [f"SIP/{number}" for number in range(200)]
    assert [plain.read_until(Event="Hangup")["Channel"] for _ in expected] == expected
    for client in clients:
        assert [client.until(Event="Hangup")["Channel"] for _ in expected] == expected
    for stream in streams:
        assert [json.loads(data_of(stream.event("Hangup")))["Channel"] for _ in expected] == expected


def test_r15_key_of_the_query_is_not_logged(proxy):
    token = base64.b64encode(b"QUERY-SECRET").decode().rstrip("=")
    connect(proxy, None).get(f"/events?username=dave&secret={token}")
    assert token not in proxy.log()


def test_f37_logins_over_http(proxy):
    """Each request logs in for itself: nothing is closed, and a second login does not change the user of the
    credentials."""
    web = connect(proxy, basic("dave", "wrong"))
    assert web.get("/?Action=Ping").status == 401
    web.auth = basic("viewer")
    answer = web.post(f"Action=Login&Username=dave&Secret={secret_of('dave')}&format=json")
    assert answer.status == 200 and "Already authenticated" in answer.text
    assert web.post("Action=CoreStatus").status == 403
    web.auth = None
    assert web.post("Action=Login&Username=dave&Secret=wrong").status == 401
    assert web.post("Action=Ping").status == 401
