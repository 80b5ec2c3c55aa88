"""Users whose secrets are hashes: logins over HTTP, event streams, WebSockets, and in every format."""

import base64
import json

import pytest

from harness.hashes import HASHES, SECRET, SLOW, has_checked, people
from harness.streams import Socket, Stream
from harness.web import ALL_PLUGINS, Web, basic, listeners

pytestmark = pytest.mark.usefixtures("no_secret_in_the_log")

# -- HTTP, feeds, formats


@pytest.fixture
def web(start_proxy, pbx):
    return start_proxy(
        {"pbx1": pbx}, users=people(hilda=HASHES["bcrypt"], slow=SLOW), listen=listeners(), plugins=ALL_PLUGINS
    )


@pytest.mark.parametrize(
    "auth",
    [
        basic("hilda", SECRET),
        f"Bearer hilda:{SECRET}",
        "Bearer " + base64.urlsafe_b64encode(f"hilda:{SECRET}".encode()).decode(),
    ],
)
def test_http_login_takes_effect_before_its_action(web, auth):
    client = Web(web.addresses[1], auth)
    answer = client.get("/?Action=CoreStatus&Server=none&ActionID=1")
    assert answer.status == 404 and answer.json()["ActionID"] == "1"  # hilda may, but there is no such server
    assert client.get("/?Action=Ping&ActionID=2").json()["Ping"] == "Pong"
    assert has_checked(web, 1)  # the same credentials on the same connection
    client.auth = basic("dave")
    assert client.get("/?Action=Ping").status == 200
    client.auth = basic("hilda", "wrong")
    assert client.get("/?Action=Ping").status == 401
    client.auth = auth
    assert client.get("/?Action=Ping&ActionID=3").json()["ActionID"] == "3"
    client.auth = None
    assert client.get("/?Action=Ping").status == 401


def test_http_pipelined_requests_wait_for_the_verdict(web):
    client = Web(web.addresses[1], basic("slow", SECRET))
    first = client.head("GET", "/?Action=Ping&ActionID=1")
    client.auth = basic("slow", "wrong")
    second = client.head("GET", "/?Action=Ping&ActionID=2")
    client.auth = basic("hilda", SECRET)
    client.send_raw(first + second + client.head("GET", "/?Action=Ping&ActionID=3"))
    answers = [client.read() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 401, 200]
    assert answers[0].json()["ActionID"] == "1" and answers[2].json()["ActionID"] == "3"


def test_http_that_gives_up_before_the_verdict(web):
    clients = [Web(web.addresses[1], basic("slow", SECRET)) for _ in range(8)]
    for client in clients:
        client.send_raw(client.head("GET", "/?Action=Ping", {"X-Maxtime": "1"}))
    assert [client.read().status for client in clients][-1] == 504
    assert Web(web.addresses[1], basic("hilda", SECRET)).get("/?Action=Ping").status == 200


@pytest.mark.parametrize(
    "target, auth",
    [
        ("/events", basic("hilda", SECRET)),
        (f"/events?username=hilda&secret={SECRET}", None),
        (f"/events?events=call&username=hilda&secret={SECRET}", None),
    ],
)
def test_event_stream(web, pbx, target, auth):
    stream = Stream(web, target, auth)
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert ("event", "Hangup") in stream.block()  # the first one: as with a plain secret, no FullyBooted before it
    assert Web(web.addresses[1], basic("hilda", "wrong")).get("/events").status == 401


def test_websocket(web, pbx):
    known = Socket(web, auth=basic("hilda", SECRET))
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert known.until(Event="Hangup")["Channel"] == "SIP/1"
    late = Socket(web, auth=None)
    for number, action in enumerate(
        [
            {"Action": "Login", "Username": "slow", "Secret": SECRET, "Events": "off"},
            {"Action": "Ping"},
            {"Action": "Login", "Username": "slow", "Secret": "wrong"},
            {"Action": "Ping"},
        ]
    ):
        late.send({**action, "ActionID": str(number)})
    answers = [late.message() for _ in range(4)]
    assert [answer["ActionID"] for answer in answers] == ["0", "1", "2", "3"]
    assert [answer["Response"] for answer in answers] == ["Success"] * 4  # the second Login changes nothing
    assert Socket(web, auth=basic("hilda", "wrong")).head.status == 401


@pytest.mark.parametrize("form", ["json", "xml", "csv"])
def test_every_format(start_proxy, pbx, form):
    proxy = start_proxy(
        {"pbx1": pbx}, users=people(hilda=HASHES["bcrypt"]), listen={"input": "auto"}, plugins=ALL_PLUGINS
    )
    login = {"Action": "Login", "Username": "hilda", "Secret": SECRET, "ActionID": "f", "Events": "off"}
    client = proxy.connect(banner=False)
    client.send_raw(
        {
            "json": json.dumps(login) + "\n",
            "csv": ",".join(f'"{name}: {value}"' for name, value in login.items()) + "\r\n",
            "xml": "<AsteriskManagerInput>"
            + "".join(f'<{name} Value="{value}"/>' for name, value in login.items())
            + "</AsteriskManagerInput>",
        }[form].encode()
    )
    assert client.read_message().text == "Response: Success\nActionID: f\nMessage: Authentication accepted"
