"""Before and at the login: banner, Login, Challenge, Logoff, ProxyKey, and what is refused."""

import time

import pytest

from harness.client import Client, md5_key
from harness.message import encode
from harness.proxy import PROXY_KEY, SECRETS, USERS, secret_of

FAILED = "Response: Error\nActionID: {}\nMessage: Authentication failed"


def test_c14_banner_repeats_the_servers(proxy, pbx):
    assert proxy.connect().banner == pbx.banner


def test_c14_banner_before_any_server_is_known(start_proxy, pbx):
    pbx.refuse_connections = True
    proxy = start_proxy({"pbx1": pbx}, up=[])
    assert proxy.connect().banner == "Asterisk Call Manager/11.0.0"


def test_c14_banner_of_ones_own(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, listen={"banner": "Asterisk Call Manager Proxy/2"})
    assert proxy.connect().banner == "Asterisk Call Manager Proxy/2"


def test_c19_c20_login_text(proxy):
    client = proxy.connect()
    client.send(Action="Login", Username="dave", Secret=secret_of("dave"), ActionID="l1", Events="off")
    assert client.read_message().text == "Response: Success\nActionID: l1\nMessage: Authentication accepted"
    assert client.fence() == []


def test_c20_login_without_action_id(proxy):
    client = proxy.connect()
    client.send(Action="Login", Username="dave", Secret=secret_of("dave"), Events="off")
    assert client.read_message().text == "Response: Success\nMessage: Authentication accepted"


@pytest.mark.parametrize("username, secret", [("dave", "wrong"), ("nobody", "wrong"), ("dave", ""), ("", "")])
def test_c19_c32_login_fails_after_a_second(proxy, username, secret):
    client = proxy.connect()
    begin = time.monotonic()
    client.send(Action="Login", Username=username, Secret=secret, ActionID="l1")
    assert client.read_message().text == FAILED.format("l1")
    assert time.monotonic() - begin >= 0.9
    assert client.read_to_end() == []


def test_c19_login_without_secret_fails(proxy):
    client = proxy.connect()
    assert client.ask(Action="Login", Username="dave", ActionID="x").text == FAILED.format("x")


FAILING = {
    "plain": {"Username": "dave", "Secret": "wrong"},
    "nobody": {"Username": "nobody", "Secret": "x"},
    "empty": {},
    "key": {"AuthType": "MD5", "Username": "dave", "Key": "0" * 32},
}


@pytest.mark.parametrize("kind", FAILING)
def test_f37_what_stands_behind_a_failed_login_is_not_done(start_proxy, pbx, kind):
    """Answered, then closed: neither a right Login behind it nor an action is looked at, even where no login is
    required."""
    proxy = start_proxy({"pbx1": pbx}, auth={"required": False, "proxy_key": PROXY_KEY})
    client = proxy.connect()
    client.challenge()
    right = [("Action", "Login"), ("Username", "dave"), ("Secret", secret_of("dave")), ("ActionID", "l2")]
    client.send_raw(
        encode([("Action", "Login"), *FAILING[kind].items(), ("ActionID", "l1")])
        + encode(right)
        + encode([("Action", "UserEvent"), ("UserEvent", "x"), ("ActionID", "u")])
        + encode([("Action", "Ping"), ("ProxyKey", PROXY_KEY), ("ActionID", "p")])
    )
    answers = [message for message in client.read_to_end() if message.kind != "event"]
    assert [message.text for message in answers] == [FAILED.format("l1")]
    proxy.login("bill", Events="off").fence()
    assert pbx.actions == [] and not proxy.log_contains("login accepted", "user=dave", "session=2 ")


def test_f37_a_failed_login_is_answered_in_the_clients_format(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, plugins={"load": ["json", "xml", "csv", "standard"]}, listen={"input": "auto"})
    for style, words in (
        ("json", b'{"Action":"Login","Username":"dave","Secret":"wrong","ActionID":"l1"}\n'),
        (
            "xml",
            b'<AsteriskManagerInput><Action Value="Login"/><Username Value="dave"/><Secret Value="wrong"/>'
            b'<ActionID Value="l1"/></AsteriskManagerInput>',
        ),
        ("csv", b'"Action: Login","Username: dave","Secret: wrong","ActionID: l1"\r\n'),
    ):
        client = Client(proxy.address, banner=False)
        proxy.clients.append(client)
        client.send_raw(words + words)
        assert [message.text for message in client.read_to_end()] == [FAILED.format("l1")], style


@pytest.mark.parametrize(
    "again",
    [
        {"Username": "dave", "Secret": secret_of("dave")},
        {"Username": "viewer", "Secret": secret_of("viewer"), "Events": "off"},
        {"Username": "dave", "Secret": "wrong"},
        {"Username": "nobody", "Secret": "x"},
        {},
        {"AuthType": "MD5", "Username": "dave", "Key": "x"},
    ],
    ids=["same", "other", "wrong", "nobody", "empty", "key"],
)
def test_f37_a_second_login_changes_nothing(proxy, pbx, again):
    """As with Asterisk: whoever it names, right or wrong. Rights, events, the user's name stay, and no failure is
    counted."""
    client = proxy.login("caller", Events="call")
    client.fence()
    client.send(("Action", "Login"), *again.items(), ("ActionID", "l2"))
    assert client.read_message().text == "Response: Success\nActionID: l2\nMessage: Already authenticated"
    assert client.ask(Action="Command", Command="core show uptime")["Message"] == "Permission denied"
    pbx.event("Newchannel", "call,all", Channel="SIP/1")
    assert client.read_message()["Event"] == "Newchannel"
    assert "ProxyClientUser: caller\n" in client.ask(ProxyAction="ListSessions").text + "\n"
    assert not proxy.log_contains("login refused")


def test_f37_a_second_login_by_challenge(proxy):
    client = proxy.login("viewer", Events="off")
    key = md5_key(client.challenge(), secret_of("dave"))
    answer = client.ask(Action="Login", AuthType="MD5", Username="dave", Key=key)
    assert (answer["Response"], answer["Message"]) == ("Success", "Already authenticated")
    assert client.ask(Action="CoreStatus")["Message"] == "Permission denied"


def test_f37_a_login_after_a_proxy_key(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, auth={"proxy_key": PROXY_KEY})
    client = proxy.connect()
    client.send(ProxyKey=PROXY_KEY, ActionID="k1")
    assert client.response("k1")["Response"] == "Success"
    assert client.login("viewer", secret_of("viewer"))["Message"] == "Already authenticated"
    client.send(Action="Command", Command="core show uptime", ActionID="c")  # viewer may not
    pbx.expect(Action="Command").reply()
    assert client.response("c")["Response"] == "Success"


def test_f37_a_first_login_where_none_is_required(start_proxy, pbx):
    """Who has not logged in yet can, once."""
    client = start_proxy({"pbx1": pbx}, auth={"required": False}).connect()
    assert client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert client.login("viewer", secret_of("viewer"))["Message"] == "Authentication accepted"
    assert client.login("dave", secret_of("dave"))["Message"] == "Already authenticated"
    assert client.ask(Action="CoreStatus")["Message"] == "Permission denied"


def test_c22_md5_login(proxy):
    client = proxy.connect()
    key = md5_key(client.challenge(), secret_of("dave"))
    answer = client.ask(Action="Login", AuthType="MD5", Username="dave", Key=key)
    assert answer["Message"] == "Authentication accepted"


def test_c23_challenge_is_fresh_and_nine_digits(proxy):
    client = proxy.connect()
    challenges = [client.challenge() for _ in range(5)] + [proxy.connect().challenge() for _ in range(5)]
    assert all(len(text) == 9 and text.isdigit() for text in challenges)
    assert len(set(challenges)) == len(challenges)


def test_c23_challenge_is_used_once(proxy):
    client = proxy.connect()
    key = md5_key(client.challenge(), secret_of("dave"))
    login = {"Action": "Login", "AuthType": "MD5", "Username": "dave", "Key": key}
    assert client.ask(**login)["Response"] == "Success"
    assert client.ask(**login)["Message"] == "Already authenticated"
    other = proxy.connect()
    other.challenge()
    assert other.ask(**login)["Message"] == "Authentication failed"  # another's


def test_c23_older_challenge_is_void(proxy):
    client = proxy.connect()
    old = md5_key(client.challenge(), secret_of("dave"))
    client.challenge()
    assert client.ask(Action="Login", AuthType="MD5", Username="dave", Key=old)["Message"] == "Authentication failed"


def test_md5_login_without_challenge_fails(proxy):
    client = proxy.connect()
    key = md5_key("", secret_of("dave"))
    assert client.ask(Action="Login", AuthType="MD5", Username="dave", Key=key)["Message"] == "Authentication failed"


@pytest.mark.parametrize("kind", ["", "SHA1"])
def test_c19_challenge_needs_auth_type(proxy, kind):
    client = proxy.connect()
    client.send(Action="Challenge", AuthType=kind, ActionID="c1")
    assert client.read_message().text == "Response: Error\nActionID: c1\nMessage: Must specify AuthType"


def test_c20_challenge_text(proxy):
    client = proxy.connect()
    client.send(Action="challenge", AuthType="md5", ActionID="c1")
    headers = client.read_message().headers
    assert [name for name, _ in headers] == ["Response", "ActionID", "Challenge"]


@pytest.mark.parametrize("before_login", [True, False])
def test_c21_logoff(proxy, before_login):
    client = proxy.connect() if before_login else proxy.login("dave", Events="off")
    client.send(Action="Logoff", ActionID="bye")
    [goodbye] = client.read_to_end()
    assert goodbye.text == "Response: Goodbye\nActionID: bye\nMessage: Thanks for all the fish."


def test_c21_logoff_as_proxy_action(proxy):
    client = proxy.login("dave", Events="off")
    client.send(ProxyAction="Logoff")
    assert client.read_to_end()[-1].text == "Response: Goodbye\nMessage: Thanks for all the fish."


def test_c21_logoff_of_one_does_not_touch_others(proxy, pbx):
    stays, leaves = proxy.login("dave"), proxy.login("bill")
    leaves.send(Action="Logoff")
    leaves.read_to_end()
    assert stays.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert pbx.logoffs == 0 and len(pbx.lanes()) == 1


def test_unknown_proxy_action(proxy):
    client = proxy.login("dave", Events="off")
    client.send(ProxyAction="Nonsense", ActionID="p1")
    assert client.read_message().text == "ProxyResponse: Error\nActionID: p1\nMessage: Invalid Proxy Action"


@pytest.mark.parametrize("action", ["Ping", "CoreShowChannels", "Events", "Command", "WaitEvent", "Filter", "Bogus"])
def test_c27_permission_denied_before_login(proxy, pbx, action):
    client = proxy.connect()
    client.send(Action=action, ActionID="a1")
    assert client.read_message().text == "Response: Error\nActionID: a1\nMessage: Permission denied"
    assert pbx.actions == []


def test_c27_proxy_actions_before_login(proxy):
    client = proxy.connect()
    client.send(ProxyAction="ListSessions", ActionID="a1")
    answer = client.read_message()
    assert answer["Message"] == "Permission denied" and answer["ActionID"] == "a1"


def test_c27_no_event_before_login(proxy, pbx):
    silent, watcher = proxy.connect(), proxy.login("dave")
    pbx.event("Newchannel", "call,all", Channel="SIP/1")
    watcher.read_until(Event="Newchannel")
    silent.send(Action="Ping", ActionID="a1")
    assert silent.read_message()["Message"] == "Permission denied"


def test_missing_action(proxy):
    client = proxy.connect()
    client.send(ActionID="m1")
    assert client.read_message().text == "Response: Error\nActionID: m1\nMessage: Missing action in request"


def test_c17_blank_blocks_are_ignored(proxy, pbx):
    client = proxy.connect()
    client.send_raw(b"\r\n\r\n\n\n\r\n")
    client.send(Action="Login", Username="dave", Secret=secret_of("dave"), Events="off")
    assert client.read_message()["Message"] == "Authentication accepted"
    client.send_raw(b"\r\n\r\n\r\n")
    assert client.fence() == []
    assert pbx.actions == []


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_c16_c18_line_ends_and_names(proxy, end):
    client = proxy.connect()
    lines = [
        b"aCTION:login",
        b"USERNAME:   dave",
        b"secret:" + secret_of("dave").encode(),
        b"actionid: k",
        b"events: off",
    ]
    client.send_raw(end.join(lines) + end + end)
    assert client.read_message().text == "Response: Success\nActionID: k\nMessage: Authentication accepted"


def test_c24_fully_booted_after_login(proxy):
    client = proxy.login("dave")
    booted = client.read_message()
    assert [name for name, _ in booted.headers] == ["Event", "Privilege", "Uptime", "LastReload", "Status"]
    assert booted["Event"] == "FullyBooted" and booted["Privilege"] == "system,all"
    assert booted["Status"] == "Fully Booted"
    assert 120 <= int(booted["Uptime"]) < 150 and 60 <= int(booted["LastReload"]) < 90


@pytest.mark.parametrize("events", ["off", "call"])
def test_c24_no_fully_booted_without_system(proxy, events):
    client = proxy.login("dave", Events=events)
    assert client.fence() == []


def test_c24_no_fully_booted_for_a_user_who_may_not_read_system(proxy):
    client = proxy.login("viewer")
    client.send(Action="Challenge", ActionID="c")
    assert client.read_message()["ActionID"] == "c"


def test_c24_no_fully_booted_while_no_server_is(start_proxy, pbx):
    pbx.refuse_connections = True
    proxy = start_proxy({"pbx1": pbx}, up=[])
    assert proxy.login("dave").fence() == []


def test_c26_auth_not_required(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, auth={"required": False})
    client = proxy.connect()
    assert client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert client.login("viewer", secret_of("viewer"))["Response"] == "Success"
    assert client.ask(Action="CoreStatus")["Message"] == "Permission denied"


def test_c12_failed_login_is_logged_without_the_secret(proxy):
    client = proxy.connect()
    client.login("dave", "guess-" + SECRETS[1])
    proxy.wait_for_line("login", "dave", "127.0.0.1")
    assert SECRETS[1] not in proxy.log()


LIMITED = "Too many failed logins, please try again in a minute"


def test_r18_guessing_from_an_address_is_refused(start_proxy, pbx):
    """Above the limit even the right secret of that user is refused; other users and open sessions are not delayed."""
    proxy = start_proxy({"pbx1": pbx}, auth={"failures_per_minute": 2})
    inside = proxy.login("bill", Events="off")
    for number in range(2):
        assert proxy.connect().login("dave", "guess", ActionID=str(number))["Message"] == "Authentication failed"
    answer = proxy.connect().login("dave", secret_of("dave"))
    assert (answer["Response"], answer["Message"]) == ("Error", LIMITED)
    proxy.wait_for_line("too many failures from this address")
    assert inside.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert proxy.connect().login("bill", secret_of("bill"), Events="off")["Response"] == "Success"


def test_f38_blanks_in_secrets(start_proxy, pbx):
    """A TAB within a secret is part of it; leading blanks of a value are dropped, as Asterisk does."""
    secret = "one\ttwo three "
    proxy = start_proxy(
        {"pbx1": pbx}, users=[dict(user, secret=secret) if user["name"] == "bill" else user for user in USERS]
    )
    for blanks in ("", " ", "\t  "):
        client = proxy.connect()
        client.send(Action="Login", Username="bill", Secret=blanks + secret, Events="off")
        assert client.read_message()["Message"] == "Authentication accepted", repr(blanks)
    client = proxy.connect()
    challenge = client.challenge()
    client.send(Action="Login", Username="bill", AuthType="MD5", Key=md5_key(challenge, secret), Events="off")
    assert client.read_message()["Message"] == "Authentication accepted"
