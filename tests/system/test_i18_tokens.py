"""Tokens: made, accepted wherever a secret is, and what each permits."""

import os
import subprocess

import pytest

from harness.process import BUILD
from harness.streams import Socket, Stream
from harness.tokens import OTHER, create, enter, forge, login, payload
from harness.web import Web, basic


@pytest.fixture
def proxy(tokened):
    return tokened()


# -- made


def test_user_makes_a_token_and_it_is_a_login(proxy):
    bill = proxy.login("bill", Events="off")
    answer = bill.ask(ProxyAction="CreateToken", Label="wallboard", Life="8h")
    assert answer["User"] == "bill" and answer["Label"] == "wallboard" and int(answer["Ends"]) > 0
    for user in ("bill", ""):
        client = enter(proxy, answer["Token"], user, Events="off")
        assert client.ask(Action="Ping")["Ping"] == "Pong"
    proxy.wait_for_line("login accepted token=wallboard")
    listed = bill.ask(ProxyAction="ListSessions")
    assert ("ProxyClientToken", "wallboard") in listed.headers
    assert answer["Token"] not in str(listed.headers) and answer["Token"] not in proxy.log()


def test_only_admins_make_them_for_others(proxy):
    bill, dave = proxy.login("bill", Events="off"), proxy.login("dave", Events="off")
    refused = bill.ask(ProxyAction="CreateToken", Label="t", Life="1h", User="dave")
    assert refused["Message"] == "Permission denied"
    assert bill.ask(ProxyAction="RevokeToken", Label="t", User="dave")["Message"] == "Permission denied"
    client = enter(proxy, create(dave, User="bill"), Events="off")
    assert client.ask(ProxyAction="CreateToken", Label="u", Life="1h")["Message"] == "Permission denied"


WRONG_WISHES = [
    ({"Life": "1h", "Ends": "99999999999"}, "expected either Life or Ends"),
    ({}, "expected either Life or Ends"),
    ({"Life": "0s"}, "Ends: expected a time to come"),
    ({"Life": "1y"}, "Life: expected"),
    ({"Life": "31d"}, "at most 2592000 seconds"),
    ({"Ends": "99999999999"}, "at most 2592000 seconds"),
    ({"Ends": "9" * 40}, "Ends: expected"),
    ({"Life": "1h", "Label": "a b"}, "Label: expected"),
    ({"Life": "1h", "Label": "x" * 65}, "Label: expected"),
    ({"Life": "1h", "ReadOnly": "perhaps"}, "ReadOnly: expected"),
    ({"Life": "1h", "ReadOnly": "yes", "Actions": "Originate"}, "Originate does not only read"),
    ({"Life": "1h", "Actions": ","}, "Actions: expected"),
    ({"Life": "1h", "Actions": "A" * 700}, "Actions: expected"),
]


def test_wrong_wishes(proxy):
    bill = proxy.login("bill", Events="off")
    for headers, text in WRONG_WISHES:
        answer = bill.ask(ProxyAction="CreateToken", **{"Label": "t", **headers})
        assert answer["Response"] == "Error" and text in answer["Message"], (headers, answer)


def test_without_keys_there_are_none(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    answer = proxy.login("bill", Events="off").ask(ProxyAction="CreateToken", Label="t", Life="1h")
    assert answer["Response"] == "Error" and "auth.token_keys" in answer["Message"]
    assert login(proxy, forge())[1]["Message"] == "Authentication failed"


# -- wherever a secret is


def test_over_http(proxy):
    token = forge()
    for auth in (basic("bill", token), f"Bearer {token}", f"Bearer bill:{token}"):
        assert Web(proxy.addresses[1], auth).get("/?Action=Ping").json()["Ping"] == "Pong"
    assert Web(proxy.addresses[1], basic("dave", token)).get("/?Action=Ping").status == 401


def test_one_connection_has_the_rights_of_each_request(proxy):
    """What a connection was a moment ago neither widens a token nor is narrowed by it."""
    full, token = basic("bill", "bill-SECRET-2"), f"Bearer {forge(actions='CoreStatus')}"
    web = Web(proxy.addresses[1])
    for _ in range(2):
        for auth, status in ((full, 200), (token, 403), (full, 200)):
            assert web.get("/?ProxyAction=ListSessions", Authorization=auth).status == status, auth
    assert web.get("/?ProxyAction=ListSessions").status in (401, 403)


def test_in_the_url_of_a_stream(proxy, pbx):
    token = forge(actions="Events")
    for query in (f"token={token}", f"username=bill&secret={token}"):
        stream = Stream(proxy, f"/events?{query}&events=call", auth=None)
        pbx.event("Hangup", "call,all", Number=query[:5])
        assert query[:5] in str(stream.event("Hangup"))
        socket = Socket(proxy, f"/ws?{query}", auth=None)
        socket.send({"Action": "Ping", "ActionID": "1"})
        assert socket.until(ActionID="1")["Ping"] == "Pong"
    assert token not in proxy.log()


def test_ajam(proxy):
    web = Web(proxy.addresses[1])
    answer = web.get(f"/asterisk/rawman?action=login&username=bill&secret={forge()}")
    assert "Authentication accepted" in answer.text
    cookie = answer.get("Set-Cookie").split(";")[0]
    assert "Pong" in web.get("/asterisk/rawman?action=ping", Cookie=cookie).text


# -- what it permits


def test_a_list_permits_nothing_else(proxy, pbx):
    client = enter(proxy, forge(actions="CoreStatus,ListServers"))
    client.send(Action="CoreStatus", ActionID="1")
    pbx.expect(Action="CoreStatus").reply()
    assert client.response("1")["Response"] == "Success"
    assert client.ask(ProxyAction="ListServers")["ProxyResponse"] == "Success"
    assert client.ask(Action="Ping")["Ping"] == "Pong"
    for action in ("Originate", "Events", "Filter", "WaitEvent", "Command", "NoSuchAction"):
        answer = client.ask(Action=action, EventMask="on", Operation="Add", Filter="x", Server="*")
        assert answer["Message"] == "Permission denied", action
    assert client.ask(Action="Ping", Server="pbx1")["Message"] == "Permission denied"
    for action in ("ListSessions", "Reload", "CreateToken", "RevokeToken", "ListRevokedTokens", "SetOutputFormat"):
        assert client.ask(ProxyAction=action, Label="t", Life="1h")["Message"] == "Permission denied", action
    body = client.ask(Action="CoreStatus", ProxyAction="Reload")
    assert body["Message"] == "Permission denied"
    pbx.event("Hangup", "call,all", Number="1")
    assert all(message.get("Event") != "Hangup" for message in client.fence())


def test_token_that_only_reads(proxy, pbx):
    client = enter(proxy, forge(only_reads=True), Events="off")
    client.send(Action="CoreShowChannels", ActionID="1")
    pbx.expect(Action="CoreShowChannels").reply()
    assert client.response("1")["Response"] == "Success"
    for action in ("Originate", "Command", "Getvar", "NoSuchAction", "UserEvent"):
        assert client.ask(Action=action)["Message"] == "Permission denied", action
    assert client.ask(Action="Status", Variables="SHELL(x)")["Message"] == "Permission denied"
    for action in ("Reload", "SetOutputFormat", "AddServer"):
        assert client.ask(ProxyAction=action)["Message"] == "Permission denied", action


def test_what_steers_the_proxy_must_be_listed(proxy):
    secret = "dave-SECRET-1"
    plain = enter(proxy, forge(secret, user="dave"), "dave", Events="off")
    assert plain.ask(ProxyAction="ListScripts")["Message"] == "Permission denied"
    listed = enter(proxy, forge(secret, user="dave", actions="ListScripts"), "dave", Events="off")
    assert listed.ask(ProxyAction="ListScripts")["Response"] == "Success"
    assert listed.ask(ProxyAction="Reload")["Message"] == "Permission denied"


def test_a_star_permits_all_that_its_user_may_do(proxy):
    boss = proxy.login("dave", Events="off")
    client = enter(proxy, create(boss, Actions="*"), "dave", Events="off")
    assert client.ask(ProxyAction="ListScripts")["Response"] == "Success"
    assert client.ask(ProxyAction="CreateToken", Label="u", Life="1h")["Message"] == "Permission denied"
    client = enter(proxy, create(proxy.login("bill", Events="off"), Actions="*"), Events="off")
    assert client.ask(ProxyAction="ListScripts")["Message"] == "Permission denied"
    both = boss.ask(ProxyAction="CreateToken", Label="t", Life="1h", Actions="*", ReadOnly="yes")
    assert both["Message"] == "Actions: * does not only read"


def test_a_token_may_end_itself_and_no_other(proxy):
    boss = proxy.login("dave", Events="off")
    mine, star = create(boss, Label="mine"), create(boss, Label="star", Actions="*")
    others = [create(boss, Label="other"), create(boss, Label="mine", User="bill")]
    for token, label in ((mine, "mine"), (star, "star")):
        client = enter(proxy, token, "dave", Events="off")
        for wrong in ({"Label": "other"}, {"Label": "*"}, {"Label": label, "User": "bill"}, {"Label": label.upper()}):
            assert client.ask(ProxyAction="RevokeToken", **wrong)["Message"] == "Permission denied", wrong
        client.send(ProxyAction="RevokeToken", Label=label)
        client.read_to_end()
        assert login(proxy, token, "dave")[1]["Message"] == "Authentication failed"
    enter(proxy, others[0], "dave", Events="off")
    enter(proxy, others[1], "bill", Events="off")
    client = enter(proxy, create(boss, Label="reads", ReadOnly="yes"), "dave", Events="off")
    assert client.ask(ProxyAction="RevokeToken", Label="reads")["Message"] == "Permission denied"


def test_own_proxy_actions_must_be_listed(tokened, scripts, pbx):
    folder = scripts(
        action_Stats2="""
        return { name = "Stats2", summary = "x", run = function(_, reply) reply:ok{} end }
        """
    )
    proxy = tokened(scripts={"path": folder, "proxy_actions": ["stock", "Stats2"]})
    client = enter(proxy, forge(only_reads=True), Events="off")
    assert client.ask(ProxyAction="Stats2")["Message"] == "Permission denied"
    client = enter(proxy, forge(actions="Stats2"), Events="off")
    assert client.ask(ProxyAction="Stats2")["Response"] == "Success"


def test_resume_needs_the_right_to_events(tokened, pbx):
    proxy = tokened(resume={"keep": "60s"})
    bill = proxy.login("bill", Events="call")
    assert bill.ask(ProxyAction="SetResume")["IDs"] == "on"
    pbx.event("Hangup", "call,all", Number="1")
    identity = bill.read_until(Event="Hangup", Number="1")["ResumeID"]
    pbx.event("Hangup", "call,all", Number="2")
    bill.read_until(Event="Hangup", Number="2")
    thief, answer = login(proxy, forge(actions="CoreStatus"), Events="call", Resume=identity)
    assert answer["Response"] == "Success"
    assert all(message.get("Event") != "Hangup" for message in thief.fence())
    friend, answer = login(proxy, forge(actions="CoreStatus,Events"), Events="call", Resume=identity)
    assert friend.read_until(Event="Hangup")["Number"] == "2"


# -- what is no token


def wrong_tokens():
    good = forge()
    prefix, body, signature = good.split(".")
    other = forge(label="other").split(".")[1]
    yield "tampered", f"{prefix}.{other}.{signature}"
    yield "signature", f"{prefix}.{body}.{'A' * 43}"
    for cut in (5, 6, len(prefix) + len(body), len(good) - 1):
        yield f"cut {cut}", good[:cut]
    yield "longer", good + "A"
    yield "huge", "amt1." + "A" * 60000 + "." + signature
    yield "other key", forge(key=OTHER)
    yield "other secret", forge(secret="x")
    yield "swapped user", forge(secret="bill-SECRET-2", user="dave")
    yield "no user", forge(user="nobody-here")
    yield "trailing bytes", forge(data=payload() + b"x")
    yield "another format", forge(data=b"\2" + payload()[1:])
    yield "unknown flag", forge(data=payload()[:1] + b"\4" + payload()[2:])
    yield "ended", forge(ends=1)
    yield "of the future", forge(made=2**62, ends=2**43)
    yield "for ever", forge(ends=2**62)
    yield "empty", forge(data=b"")


def test_wrong_tokens(tokened):
    """All at once: each refusal is held back for a second."""
    proxy = tokened(auth={"failures_per_minute": 1000})
    waiting = []
    for name, token in wrong_tokens():
        client = proxy.connect()
        client.send(Action="Login", Username="bill", Secret=token)
        waiting.append((name, token, client))
    for name, token, client in waiting:
        answer = client.read_message()
        assert answer["Response"] == "Error", (name, answer)
        assert answer["Message"] == "Authentication failed" or "line too long" in answer["Message"], (name, answer)
        assert token not in proxy.log(), name


def test_rate_of_bad_tokens_is_limited(tokened):
    proxy = tokened(auth={"failures_per_minute": 2})
    for _ in range(2):
        assert login(proxy, forge(key=OTHER))[1]["Message"] == "Authentication failed"
    assert "Too many failed logins" in login(proxy, forge())[1]["Message"]
    assert login(proxy, forge("dave-SECRET-1", user="dave"), "dave")[1]["Response"] == "Success"


def test_a_token_that_has_ended_locks_out_itself_alone(tokened):
    proxy = tokened(auth={"failures_per_minute": 2})
    for _ in range(2):
        assert login(proxy, forge(ends=1))[1]["Message"] == "Authentication failed"
    assert "Too many failed logins" in login(proxy, forge(ends=1))[1]["Message"]
    enter(proxy, forge(label="another"))
    proxy.login("bill")


def test_ws_login_message(proxy):
    socket = Socket(proxy, auth=None)
    socket.send({"Action": "Login", "Username": "bill", "Secret": forge(), "ActionID": "1"})
    assert socket.until(ActionID="1")["Response"] == "Success"


# -- ampctl


def test_ampctl(proxy):
    def run(*arguments):
        host, port = proxy.addresses[0]
        command = [os.path.join(BUILD, "ampctl"), "--connect", f"{host}:{port}", "-u", "bill", *arguments]
        environment = {**os.environ, "AMPCTL_SECRET": "bill-SECRET-2"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    done = run("token", "create", "board", "Life=1h", "Actions=CoreStatus,Events")
    assert done.returncode == 0, done
    enter(proxy, done.stdout.strip())
    assert run("token", "revoke", "board").stdout == "Revoked board\n"
    assert login(proxy, done.stdout.strip())[1]["Message"] == "Authentication failed"
    listed = run("token", "list-revoked").stdout.split("\t")
    assert listed[:2] == ["bill", "board"] and len(listed) == 4, listed
    for wrong in (["create", "x"], ["revoke"], ["list-revoked", "x"], ["x"], ["create", "x", "y"]):
        assert run("token", *wrong).returncode == 2, wrong
    assert run("token", "create", "x", "Life=1y").returncode == 1
