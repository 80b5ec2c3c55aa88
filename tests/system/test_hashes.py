"""Users whose secrets are hashes of crypt(3): every way to log in, off the event loops, in order, across reloads."""

import re
import time

import pytest

from harness.client import md5_key
from harness.hashes import CHECKED, FAILED, HASHES, LIMITED, OTHER, SECRET, SLOW, checks, has_checked, people
from harness.proxy import PROXY_KEY, SECRETS, configuration, secret_of, server_entry, write_configuration
from harness.streams import Socket
from harness.web import ALL_PLUGINS, Web, basic, listeners

pytestmark = pytest.mark.usefixtures("no_secret_in_the_log")


def test_c31_hashes_of_each_kind(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=people(**HASHES))
    for name in HASHES:
        client = proxy.connect()
        client.send(Action="Login", Username=name, Secret=SECRET, ActionID="l1", Events="off")
        assert client.read_message().text == "Response: Success\nActionID: l1\nMessage: Authentication accepted"
        assert client.fence() == []
        assert client.login(name, SECRET + "x")["Message"] == "Already authenticated"  # C22
        assert proxy.connect().login(name, SECRET + "x")["Message"] == FAILED
    assert proxy.login("dave", Events="off").fence() == []


@pytest.mark.parametrize("secret", ["", "wrong", SECRET[:-1], SECRET + "x", "x" * 600, HASHES["bcrypt"]])
def test_c31_c32_wrong_secrets(hashed, secret):
    client = hashed.connect()
    begin = time.monotonic()
    client.send(Action="Login", Username="hilda", Secret=secret, ActionID="l1")
    assert client.read_message().text == f"Response: Error\nActionID: l1\nMessage: {FAILED}"
    assert time.monotonic() - begin >= 0.9
    assert hashed.connect().login("hilda", SECRET)["Response"] == "Success"


def test_c31_a_hash_cannot_serve_the_md5_challenge(hashed):
    for secret in (SECRET, HASHES["bcrypt"]):
        client = hashed.connect()
        key = md5_key(client.challenge(), secret)
        answer = client.ask(Action="Login", AuthType="MD5", Username="hilda", Key=key, ActionID="m")
        assert answer.text == f"Response: Error\nActionID: m\nMessage: {FAILED}"
    hashed.wait_for_line("login refused", "hilda", "an MD5 key cannot be compared")
    client = hashed.connect()
    key = md5_key(client.challenge(), secret_of("dave"))
    assert client.ask(Action="Login", AuthType="MD5", Username="dave", Key=key)["Response"] == "Success"
    assert checks(hashed) == 0


@pytest.mark.parametrize(
    "name, secret",
    [("nobody", "wrong"), ("nobody", SECRET), ("hilda", "wrong"), ("dave", "wrong"), ("dave", SECRET), ("", "wrong")],
)
def test_r19_every_refusal_costs_one_hash(hashed, name, secret):
    """So an unknown user cannot be told from a wrong secret, nor a user with a hash from one without. The result of the
    substitute hash does not count: its secret is refused, too."""
    client = hashed.connect()
    client.send(Action="Login", Username=name, Secret=secret, ActionID="l1")
    assert client.read_message().text == f"Response: Error\nActionID: l1\nMessage: {FAILED}"
    assert has_checked(hashed, 1)


def test_r19_without_hashed_users_nothing_is_computed(proxy):
    assert proxy.connect().login("nobody", "wrong")["Message"] == FAILED
    assert proxy.connect().login("dave", "wrong")["Message"] == FAILED
    assert checks(proxy) == 0


def test_input_waits_for_the_verdict_and_answers_keep_their_order(slow):
    client = slow.connect()
    actions = [
        ("Challenge", "AuthType: MD5\r\n"),
        ("Login", f"Username: hilda\r\nSecret: {SECRET}\r\nEvents: off\r\n"),
        ("Ping", ""),
        ("Ping", "Server: pbx1\r\n"),
        ("Login", f"Username: hilda\r\nSecret: x{SECRET}\r\n"),
        ("Ping", ""),
        ("Login", f"Username: dave\r\nSecret: {secret_of('dave')}\r\nEvents: off\r\n"),
        ("Logoff", ""),
    ]
    # the second and third Login are of a session that is logged in (C22)
    client.send_raw(
        "".join(
            f"Action: {action}\r\nActionID: {number}\r\n{more}\r\n" for number, (action, more) in enumerate(actions)
        ).encode()
    )
    answers = [message for message in client.read_to_end() if message.kind == "response"]
    assert [answer["ActionID"] for answer in answers] == [str(number) for number in range(8)]
    assert [answer["Response"] for answer in answers] == ["Success"] * 7 + ["Goodbye"]
    assert [answers[number]["Message"] for number in (4, 6)] == ["Already authenticated"] * 2


def test_end_of_stream_after_a_login_is_answered(slow):
    client = slow.connect()
    client.send(Action="Login", Username="hilda", Secret=SECRET, Events="off")
    client.send(Action="Ping")
    client.socket.shutdown(1)
    assert [message["Response"] for message in client.read_to_end()] == ["Success", "Success"]


def test_hashes_hold_up_nobody_else(slow, pbx):
    """While one hash after the other is computed, a client of the same worker is served: checks of seconds are still to
    come when its answer is there."""
    other = slow.login("dave", Events="call")
    waiting = [slow.connect() for _ in range(20)]
    for client in waiting:
        client.send(Action="Login", Username="hilda", Secret=SECRET, ActionID="l", Events="off")
    pbx.event("Newchannel", "call,all", Channel="SIP/1")
    assert other.read_until(Event="Newchannel")["Channel"] == "SIP/1"
    assert other.ask(Action="Ping", Server="pbx1")["Response"] == "Success"
    assert checks(slow) < 15
    for client in waiting:
        assert client.response("l")["Message"] == "Authentication accepted"


def test_sessions_that_go_meanwhile(slow, pbx):
    """Some end by RST, some in order, some during their check, some long before: only checks that are waited for are
    computed, and all other sessions go on."""
    for number in range(20):
        client = slow.connect()
        client.send(Action="Login", Username="hilda", Secret=SECRET)
        if number % 2:
            client.reset()
        else:
            client.close()
    last = slow.connect()
    assert last.login("hilda", SECRET, Events="off")["Response"] == "Success"
    assert checks(slow) < 20
    assert last.ask(Action="Ping", Server="pbx1")["Response"] == "Success"


def test_waiting_for_a_check_costs_no_login_time(start_proxy, pbx):
    """A client that has sent its Login in time is not slow, however many others are checked before it."""
    proxy = start_proxy({"pbx1": pbx}, users=people(hilda=SLOW), auth={"timeout": "1s"})
    clients = []
    for _ in range(10):  # two seconds of work
        clients.append(proxy.connect())
        clients[-1].send(Action="Login", Username="hilda", Secret=SECRET, ActionID="l", Events="off")
    silent = proxy.connect()
    assert silent.read_to_end() == []
    proxy.wait_for_line("no login in time")
    for client in clients:
        assert client.response("l")["Response"] == "Success"
    assert proxy.log().count("no login in time") == 1
    assert proxy.login("dave", Events="off").fence() == []


def test_the_end_does_not_wait_for_checks(start_proxy, pbx):
    slow = start_proxy({"pbx1": pbx}, users=people(hilda=SLOW), limits={"drain": "2s"})
    clients = [slow.connect() for _ in range(40)]  # eight seconds of work
    for client in clients:
        client.send(Action="Login", Username="hilda", Secret=SECRET)
    slow.wait_for_line(CHECKED)
    assert slow.stop() == 0
    assert checks(slow) < 40


# -- guessing


def test_r18_no_hash_after_the_limit(start_proxy, pbx):
    """Guesses that were sent before the limit was reached, and wait, are not computed either."""
    proxy = start_proxy({"pbx1": pbx}, users=people(hilda=HASHES["bcrypt"]), auth={"failures_per_minute": 3})
    guessing = [proxy.connect() for _ in range(30)]
    for number, client in enumerate(guessing):
        client.send(Action="Login", Username="hilda" if number % 2 else "nobody", Secret="guess", ActionID="g")
    messages = [client.response("g")["Message"] for client in guessing]
    assert messages.count(FAILED) == 6 and messages.count(LIMITED) == 24  # three guesses at each
    assert has_checked(proxy, 6)
    assert proxy.connect().login("hilda", SECRET)["Message"] == LIMITED  # the right one, at the user that is guessed at
    assert has_checked(proxy, 6)
    elsewhere = proxy.connect(source="127.0.0.2")
    assert elsewhere.login("hilda", SECRET, Events="off")["Response"] == "Success"


def test_r18_one_counter_for_all_protocols(start_proxy, pbx):
    proxy = start_proxy(
        {"pbx1": pbx},
        users=people(hilda=HASHES["bcrypt"]),
        listen=listeners(),
        plugins=ALL_PLUGINS,
        auth={"failures_per_minute": 4, "proxy_key": PROXY_KEY},
    )
    for _ in range(2):
        assert Web(proxy.addresses[1], basic("hilda", "guess")).get("/?Action=Ping").status == 401
    assert proxy.connect().login("hilda", "guess")["Message"] == FAILED
    socket = Socket(proxy, auth=None)
    socket.send({"Action": "Login", "Username": "hilda", "Secret": "guess", "ActionID": "g"})
    assert socket.until(ActionID="g")["Message"] == FAILED
    assert proxy.connect().login("hilda", SECRET)["Message"] == LIMITED
    answer = Web(proxy.addresses[1], basic("hilda", SECRET)).get("/?Action=Ping")
    assert answer.status == 429 and answer.get("Retry-After") == "60"
    for _ in range(4):
        assert Web(proxy.addresses[1], None).get("/?Action=Ping&ProxyKey=guess").status == 401
    answer = Web(proxy.addresses[1], None).get(f"/?Action=Ping&ProxyKey={PROXY_KEY}")
    assert answer.status == 429 and answer.get("Retry-After") == "60"
    assert Web(proxy.addresses[1], basic("dave")).get("/?Action=Ping").status == 200


# -- reload


def reload_with(proxy, pbx, workers, users):
    write_configuration(proxy.path, configuration([server_entry(pbx, "pbx1")], workers, users=users))
    proxy.make_readable()
    proxy.hang_up()


def many_logins(proxy, secret):
    """So many that the last ones are judged after a reload that follows."""
    clients = [proxy.connect() for _ in range(15)]
    for client in clients:
        client.send(Action="Login", Username="hilda", Secret=secret, ActionID="l", Events="off")
    return clients


def test_reload_while_checks_wait(slow, pbx, workers):
    clients = many_logins(slow, SECRET)
    reload_with(slow, pbx, workers, people(hilda=SLOW, ruth=SLOW))
    for client in clients:
        assert client.response("l")["Message"] == "Authentication accepted"
        assert client.fence() == []


@pytest.mark.parametrize("users", [people(), people(hilda=OTHER)], ids=["gone", "another secret"])
def test_what_counts_is_the_newer_configuration(slow, pbx, workers, users):
    clients = many_logins(slow, SECRET)
    reload_with(slow, pbx, workers, users)
    assert clients[-1].response("l")["Message"] == FAILED
    assert slow.connect().login("hilda", SECRET)["Message"] == FAILED


# -- what is told


def test_r41_r42_no_secret_in_any_log_list_or_answer(start_proxy, pbx):
    """Every way to bring a secret in, right and wrong, at the loudest level."""
    proxy = start_proxy(
        {"pbx1": pbx},
        users=people(hilda=HASHES["bcrypt"]),
        listen=listeners(),
        plugins=ALL_PLUGINS,
        options=("-d", "-d", "-d"),
        auth={"proxy_key": PROXY_KEY, "failures_per_minute": 1000},
    )
    said = []
    wrong = "guess-SECRET-10"
    client = proxy.connect()
    keys = [md5_key(client.challenge(), secret) for secret in (wrong, secret_of("dave"))]
    for headers in (
        {"AuthType": "MD5", "Username": "hilda", "Key": keys[0]},
        {"Username": "hilda", "Secret": wrong},
        {"Username": wrong, "Secret": wrong},
        {"Username": "dave", "Secret": wrong},
        {"Username": "hilda", "Secret": SECRET},
        {"Username": "dave", "Secret": secret_of("dave")},
    ):
        asker = client if "Key" in headers else proxy.connect()
        said.append(asker.ask(Action="Login", **headers).text)
    client = proxy.connect()
    challenge = client.challenge()
    keys.append(md5_key(challenge, secret_of("dave")))
    said.append(client.ask(Action="Login", AuthType="MD5", Username="dave", Key=keys[-1]).text)
    said.append(client.ask(("ProxyKey", PROXY_KEY), Action="Ping").text)
    for action in ("ListSessions", "ListServers", "Stats"):
        said.append("\n".join(message.text for message in client_list(client, action)))
    headers = [
        basic("hilda", SECRET),
        basic("hilda", wrong),
        f"Bearer hilda:{SECRET}",
        f"Bearer x{wrong}",
        f"Digest {wrong}",
    ]
    for auth in headers:
        said.append(Web(proxy.addresses[1], auth).get("/?Action=Ping").text)
    for target in (f"/?Action=Ping&ProxyKey={wrong}", f"/?Action=Login&Username=hilda&Secret={SECRET}", f"/?{wrong}"):
        said.append(Web(proxy.addresses[1], None).get(target).text)
    Web(proxy.addresses[1], None).get(f"/events?username=hilda&secret={wrong}")
    Socket(proxy, f"/ws?username=hilda&secret={SECRET}", auth=None)
    assert proxy.stop() == 0
    tokens = [header.split(" ", 1)[1] for header in headers]
    log = re.sub(r"username=\"guess-SECRET-10\"", "", proxy.log())  # who takes the name for the secret
    for secret in [*SECRETS, SECRET, wrong, *keys, *tokens, *HASHES.values(), HASHES["bcrypt"][29:]]:
        assert secret not in log, secret
        assert not [text for text in said if secret in text], secret


def client_list(client, action):
    client.send(ProxyAction=action, ActionID=action)
    messages = [client.read_until(ActionID=action)]
    return messages + client.fence()
