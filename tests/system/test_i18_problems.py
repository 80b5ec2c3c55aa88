"""Errors of the proxy over HTTP: RFC 9457 for clients that get JSON, codes, statuses; actions that the path names; and
variables as a JSON object."""

import json

import pytest

from harness.http import lists
from harness.limits import poll
from harness.proxy import USERS
from harness.streams import Socket
from harness.web import Web, basic

PROBLEM = "application/problem+json"
JSON = "application/json"


def is_problem(answer, status, code, **members):
    assert answer.status == status and answer.get("Content-Type") == PROBLEM + "; charset=utf-8", answer
    problem = answer.json()
    assert problem["type"] == "about:blank" and problem["title"] == answer.reason and problem["status"] == status
    assert problem["code"] == code and problem["detail"] == problem["Message"]
    assert "Error" in (problem.get("Response"), problem.get("ProxyResponse"))
    for name, value in members.items():
        assert problem[name] == value
    return True


# -- problems


def test_unknown_server_is_not_found(web):
    answer = web().get("/?Action=QueueStatus&Server=nowhere&ActionID=7")
    assert is_problem(answer, 404, "unknown-server", ActionID="7", Message="Unknown server: nowhere")


def test_who_gets_problems(start_web, pbx):
    proxy = start_web({"pbx1": pbx}, output="standard")
    client = Web(proxy.addresses[1], basic())
    proxy.clients.append(client)
    target = "/?Action=QueueStatus&Server=nowhere"
    for accept in (PROBLEM, JSON, f"text/xml;q=0.5, {JSON}", f"text/xml, {PROBLEM}", f"image/png, {PROBLEM};q=0.1"):
        assert is_problem(client.get(target, Accept=accept), 404, "unknown-server")
    assert is_problem(client.get(target + "&format=json", Accept="text/xml"), 404, "unknown-server")
    assert is_problem(client.post('{"Action":"X","Server":"nowhere"}', JSON), 404, "unknown-server")
    assert is_problem(client.post('{"Action":"X","Server":"nowhere"}', JSON, Accept="*/*"), 404, "unknown-server")
    for accept, media in (("text/xml", "text/xml"), (f"text/csv, {PROBLEM};q=0", "text/csv"), ("*/*", "text/plain")):
        answer = client.get(target, Accept=accept)
        assert answer.status == 404 and answer.get("Content-Type").startswith(media)
        assert "Unknown server: nowhere" in answer.text


def test_errors_before_the_action_are_problems(web, start_web, pbx):
    client = web()
    assert is_problem(client.get("/?Action=Ping&format=bogus"), 400, "unknown-format")
    assert is_problem(client.get("/?Action=Ping&Action=Ping&ActionID=x"), 400, "several-actions", ActionID="x")
    assert is_problem(client.post("<a/>", "application/x-strange"), 415, "unknown-body-type")
    assert is_problem(client.get("/nothing.html"), 404, "not-found")
    assert is_problem(web(None).get("/events"), 401, "not-logged-in")
    assert is_problem(web(None).get("/?Action=QueueStatus"), 401, "not-logged-in")
    assert is_problem(web("Digest x").get("/?Action=Ping"), 401, "invalid-credentials")
    assert is_problem(client.get("/?Action=Ping", Origin="https://evil.example"), 403, "origin-refused")
    client = web()
    client.send_raw("GET  / HTTP/1.1\r\n\r\n")
    assert is_problem(client.read(), 400, "invalid-request")


def test_problems_are_json_whatever_is_in_them(web):
    answer = web().get("/?Action=QueueStatus&Server=%FF%22%5C%01&ActionID=%FE%E2%82%AC")
    assert is_problem(answer, 404, "unknown-server", ActionID="\ufffd€", Message='Unknown server: \ufffd"\\\x01')


REPEATING = """return { answers = true, message = function(m) if m.Response == "Error" then
  m.Hint, m.type, m.code, m["N\\xff"] = { "one", "two", "three" }, "mine", "mine", "bytes" end end }"""


def test_each_member_of_a_problem_is_written_once(start_web, pbx, scripts):
    """A filter of the user can give an Error headers that come twice, or are named as a problem's own members."""
    users = [{**USERS[0], "filters": ["repeating"]}]
    proxy = start_web({"pbx1": pbx}, scripts={"path": scripts(filter_repeating=REPEATING)}, users=users)
    client = Web(proxy.addresses[1], basic())
    proxy.clients.append(client)
    answer = client.get("/?Action=QueueStatus&Server=nowhere")
    assert is_problem(answer, 404, "unknown-server", Hint=["one", "two", "three"])
    pairs = json.loads(answer.body, object_pairs_hook=lambda pairs: pairs)
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)) and "N\ufffd" not in keys, keys


def test_a_locked_address_says_when_to_try_again(start_web, pbx):
    proxy = start_web({"pbx1": pbx}, auth={"failures_per_minute": 2})
    for _ in range(2):
        client = Web(proxy.addresses[1], basic(secret="wrong"))
        assert is_problem(client.get("/?Action=Ping"), 401, "login-failed")
        client.close()
    for auth, target in ((basic(), "/?Action=Ping"), (basic(), "/events")):
        client = Web(proxy.addresses[1], auth)
        answer = client.get(target)
        client.close()
        assert is_problem(answer, 429, "address-locked")
        assert answer.get("Retry-After") == "60"


def test_a_connection_that_is_refused_at_once_gets_a_problem(start_web, pbx):
    """On a listener of HTTP; where AMI is spoken, too, it is an Error of AMI."""
    proxy = start_web({"pbx1": pbx}, limits={"sessions": 1})
    held = poll(lambda: (client := Web(proxy.addresses[1], basic())).get("/?Action=Ping").status == 200 and client)
    extra = Web(proxy.addresses[1], None)
    extra.send_raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = extra.read()
    assert is_problem(answer, 503, "session-limit", Message="Too many sessions")
    assert answer.get("Retry-After") == "5" and answer.get("Connection") == "close"
    plain = proxy.connect(banner=False)
    assert plain.read_until(Response="Error")["Message"] == "Too many sessions"
    for client in (held, extra):
        client.close()


# -- codes in JSON that is no problem


FAILING = """return { name = "Failing", summary = "fails", arguments = {}, run = function(a, reply)
  return reply:error("no such customer") end }"""


def test_errors_over_a_websocket_have_codes(start_feeds, pbx, scripts):
    root = scripts(action_Failing=FAILING)
    socket = Socket(start_feeds(scripts={"path": root, "proxy_actions": ["Failing"]}), "/ws?ids=1")

    def ask(**action):
        socket.send({**action, "ActionID": "a"})
        return socket.until(ActionID="a")

    for action, code in (
        ({"Action": "QueueStatus", "Server": "nowhere"}, "unknown-server"),
        ({"Channel": "SIP/1"}, "missing-action"),
    ):
        answer = ask(**action)
        assert answer.get("code") == code, answer
    pbx.answers["QueueStatus"] = lambda action: action.reply("Error", Message="Permission denied")
    answer = ask(Action="QueueStatus")
    assert answer["Message"] == "Permission denied" and "code" not in answer  # Asterisk's own
    answer = ask(ProxyAction="Failing")
    assert answer["Message"] == "no such customer" and answer["code"] == "error"
    assert "code" not in ask(Action="Ping")
    socket.web.close()


def test_the_error_of_a_script_has_a_code(start_web, pbx, scripts):
    root = scripts(action_Failing=FAILING)
    proxy = start_web({"pbx1": pbx}, scripts={"path": root, "proxy_actions": ["Failing"]})
    client = Web(proxy.addresses[1], basic())
    proxy.clients.append(client)
    answer = client.get("/?ProxyAction=Failing")
    assert answer.status == 200 and answer.json()["code"] == "error", answer


def test_asterisks_own_error_is_no_problem(web, pbx):
    pbx.answers["QueueStatus"] = lambda action: action.reply("Error", Message="Permission denied")
    answer = web().get("/?Action=QueueStatus", Accept=f"{PROBLEM}, {JSON}")
    assert answer.status == 200 and answer.get("Content-Type").startswith(JSON)
    assert "code" not in answer.json()


@pytest.mark.parametrize(
    "name, media, body",
    [
        ("json", JSON, '{"Action":"Ping"}'),
        ("xml", "text/xml", '<AsteriskManagerInput><Action Value="Ping"/></AsteriskManagerInput>'),
        ("csv", "text/csv", '"Action: Ping"\r\n'),
        ("standard", "text/plain", "Action: Ping\r\n\r\n"),
    ],
)
def test_the_answer_has_the_format_of_the_body(start_web, pbx, name, media, body):
    proxy = start_web({"pbx1": pbx}, output="csv" if name != "csv" else "json")
    client = Web(proxy.addresses[1], basic())
    proxy.clients.append(client)
    assert client.post(body, media).get("Content-Type").startswith(media)
    assert client.post(body, media, Accept="*/*").get("Content-Type").startswith(media)
    other = "text/xml" if name != "xml" else JSON
    assert client.post(body, media, Accept=other).get("Content-Type").startswith(other)


# -- actions that the path names


@pytest.mark.parametrize(
    "body, media",
    [
        ('{"ActionID":"1"}', JSON),
        ("ActionID=1", "application/x-www-form-urlencoded"),
        ("ActionID: 1\r\n\r\n", "text/plain"),
    ],
)
def test_the_path_names_the_action(web, pbx, body, media):
    pbx.answers["CoreShowChannels"] = lists
    answer = web().post(body, media, target="/actions/CoreShowChannels", Accept=JSON)
    assert answer.status == 200 and len(answer.json()) == 4
    assert answer.json()[0]["ActionID"] == "1"


def test_the_path_names_a_proxy_action(web):
    assert web().post("", target="/proxyactions/ListServers").status == 200
    assert is_problem(web().post("{}", JSON, target="/proxyactions/NoSuchThing"), 400, "unknown-proxy-action")


def test_an_action_without_arguments(web):
    for body, media in (("", JSON), ("{}", JSON), (" { \n } ", JSON), ("", "text/plain"), ("", "text/xml")):
        answer = web().post(body, media, target="/actions/Ping?ActionID=q")
        assert answer.status == 200 and answer.json()["Ping"] == "Pong" and answer.json()["ActionID"] == "q"
    assert is_problem(web().post("{}", JSON), 400, "invalid-json")


@pytest.mark.parametrize("named", ["Action", "action", "ProxyAction", "PROXYACTION"])
def test_nothing_beside_the_path_names_an_action(web, pbx, named):
    """A proxy in front that permits /actions/Ping must not be deceived."""
    client = web()
    for target, body, media in (
        (f"/actions/Ping?{named}=CoreStatus", "", "application/x-www-form-urlencoded"),
        ("/actions/Ping", f"{named}=CoreStatus", "application/x-www-form-urlencoded"),
        ("/actions/Ping", json.dumps({named: "CoreStatus"}), JSON),
        ("/proxyactions/ListServers", json.dumps({named: "Reload"}), JSON),
        ("/actions/Ping", f"{named}: CoreStatus\r\n\r\n", "text/plain"),
        ("/actions/Ping", f'"{named}: CoreStatus"\r\n', "text/csv"),
        (f"/actions/Ping?{named}=", "", "application/x-www-form-urlencoded"),
    ):
        assert is_problem(client.post(body, media, target=target, Accept=JSON), 400, "several-actions")
    assert is_problem(client.post(json.dumps({"Action": ["Ping", "CoreStatus"]}), JSON), 400, "several-actions")
    assert is_problem(client.post('{"ProxyAction":"Reload"}', JSON, target="/?Action=Ping"), 400, "several-actions")


def test_paths_of_actions_are_checked_as_others(start_web, web):
    client = web()
    for method, target in (("GET", "/actions/Ping"), ("GET", "/actions/Ping?Action=Ping"), ("GET", "/proxyactions/X")):
        client.send_raw(client.head(method, target))
        answer = client.read()
        assert is_problem(answer, 405, "unknown-method") and answer.get("Allow") == "POST, OPTIONS"
    for name in ("", "a/b", "%50ing", "Ping%0D%0A", "x" * 81, "a:b"):
        assert is_problem(client.post("", target="/actions/" + name), 404, "not-found")
    assert is_problem(client.post("", target="/actions/Ping", Origin="https://evil.example"), 403, "origin-refused")
    client = web()
    assert is_problem(client.post("{}", "text/html", target="/actions/Ping"), 415, "unknown-body-type")
    assert is_problem(client.post("[]", JSON, target="/actions/Ping"), 400, "invalid-json")
    assert is_problem(client.post("x" * 70000, JSON, target="/actions/Ping"), 413, "request-too-long")
    assert is_problem(web(None).post("{}", JSON, target="/actions/QueueStatus"), 401, "not-logged-in")
    assert is_problem(web(basic("viewer")).post("{}", JSON, target="/actions/Command"), 403, "permission-denied")


# -- JSON


def test_variables_as_an_object(web, pbx):
    actions = []
    pbx.answers["Originate"] = lambda action: (actions.append(action), action.reply("Success", Message="queued"))
    variables = {"A": "1", "B": 'x, "y" (z) [w] \\ €', "C": 7, "D": True, "__E": "", "CALLERID(name)": "a=b"}
    body = {"Channel": "SIP/1", "Variable": variables, "Codecs": ["ulaw", "alaw"]}
    assert web().post(json.dumps(body), JSON, target="/actions/Originate").status == 200
    (action,) = actions
    assert [value for name, value in action.headers if name == "Variable"] == [
        "A=1",
        'B=x\\, \\"y\\" \\(z\\) \\[w\\] \\\\ €'.encode().decode("latin-1"),
        "C=7",
        "D=true",
        "__E=",
        "CALLERID(name)=a=b",
    ]
    assert [value for name, value in action.headers if name == "Codecs"] == ["ulaw", "alaw"]


@pytest.mark.parametrize(
    "body, code",
    [
        ('{"Variable":{"A":null}}', "invalid-json"),
        ('{"Variable":{"A":["1"]}}', "invalid-json"),
        ('{"Variable":{"A":{"B":"1"}}}', "invalid-json"),
        ('{"Variable":[{"A":"1"}]}', "invalid-json"),
        ('{"Other":{"A":"1"}}', "invalid-json"),
        ('{"A":[["1"]]}', "invalid-json"),
        ('{"Variable":{"A":"1","A":"2"}}', "invalid-json"),
        ('{"A":"1","A":"2"}', "invalid-json"),
        ('{"A":"\\u0000"}', "invalid-json"),
        ("[" * 5000, "invalid-json"),
        ('{"A":' * 5000, "invalid-json"),
        ('{"Variable":{"":"1"}}', "invalid-message"),
        ('{"Variable":{"A=B":"1"}}', "invalid-message"),
        ('{"Variable":{"A,B":"1"}}', "invalid-message"),
        ('{"Variable":{"A\\\\":"1"}}', "invalid-message"),
        ('{"Variable":{"A":"1\\r\\nAction: Reload"}}', "invalid-message"),
        ('{"Variable":{"A\\n":"1"}}', "invalid-message"),
        ('{"A":"1\\nB: 2"}', "invalid-message"),
        ('{"A\\r":"1"}', "invalid-message"),
        ('{"A: b":"1"}', "invalid-message"),
    ],
)
def test_bad_json_gets_one_clear_error(web, body, code):
    client = web()
    assert is_problem(client.post(body, JSON, target="/actions/Originate"), 400, code)
    assert client.get("/?Action=Ping").status == 200
