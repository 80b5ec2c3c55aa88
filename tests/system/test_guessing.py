"""Wrong secrets delay only those who send them: not other users of the address, other addresses, or the hashing thread."""

from harness import ctl
from harness.hashes import SECRET, SLOW, people
from harness.proxy import USERS, secret_of
from harness.web import ALL_PLUGINS, Web, basic, listeners

FAILED = "Authentication failed"
LIMITED = "Too many failed logins, please try again in a minute"


def guess(proxy, user, source=None, secret="guess"):
    client = proxy.connect(source=source) if source else proxy.connect()
    client.send(Action="Login", Username=user, Secret=secret, ActionID="g")
    return client


def fail(proxy, user, times):
    guessing = [guess(proxy, user) for _ in range(times)]
    return [client.response("g")["Message"] for client in guessing]


def shown(proxy, name):
    return Web(proxy.addresses[1], basic(name)).get("/?Action=Ping")


def test_f13_a_wrong_program_locks_out_only_its_own_user(start_proxy, pbx, workers):
    """A program of this machine with an old secret of `dave`: `bill` logs in from here, over AMI, HTTP and by ampctl."""
    proxy = start_proxy(
        {"pbx1": pbx}, listen=listeners(reports=True), plugins=ALL_PLUGINS, auth={"failures_per_minute": 10}
    )
    assert set(fail(proxy, "dave", 10)) == {FAILED}
    assert set(fail(proxy, "dave", 10)) == {LIMITED}
    assert guess(proxy, "dave", secret=secret_of("dave")).response("g")["Message"] == LIMITED
    assert proxy.connect().login("bill", secret_of("bill"), Events="off")["Response"] == "Success"
    assert shown(proxy, "bill").status == 200
    answer = shown(proxy, "dave")
    assert answer.status == 429 and answer.get("Retry-After") == "60" and LIMITED in answer.text
    where = f"127.0.0.1:{proxy.address[1]}"
    for user, code in (("bill", 0), ("dave", 1)):
        result = ctl.run("--connect", where, "-u", user, "servers", env=ctl.environment(AMPCTL_SECRET=secret_of(user)))
        assert (result.code == 0) == (code == 0), result
        assert code == 0 or result.err == f"ampctl: cannot log in as dave: the proxy refused: {LIMITED}\n"
    metrics = Web(proxy.addresses[1]).get("/metrics").text
    counts = dict(line.rsplit(" ", 1) for line in metrics.splitlines() if line.startswith("astmanproxy_logins_total"))
    assert counts['astmanproxy_logins_total{result="failed"}'] == "10"
    assert int(counts['astmanproxy_logins_total{result="limited"}']) >= 13


def test_f13_spraying_is_bounded_and_right_secrets_pass(start_proxy, pbx):
    """One guess at each of many users: past the address's bound each user has one; the right secret of another passes."""
    names = [f"user{number}" for number in range(25)]
    proxy = start_proxy(
        {"pbx1": pbx},
        auth={"failures_per_minute": 2},
        users=USERS + [{"name": name, "secret": f"right-{name}"} for name in names],
    )
    guessing = [guess(proxy, name) for name in names]
    assert {client.response("g")["Message"] for client in guessing} == {FAILED}
    guessing = [guess(proxy, name) for name in names]
    assert {client.response("g")["Message"] for client in guessing} == {LIMITED}
    assert proxy.connect().login("dave", secret_of("dave"), Events="off")["Response"] == "Success"


def test_f13_many_addresses_with_wrong_secrets_do_not_starve_right_ones(start_proxy, pbx, workers):
    """250 addresses guess at users with hashes of a fifth of a second each, which is a minute of work. Who was right
    from there before comes first."""
    names = ["hilda", "ruth", "vera"]
    proxy = start_proxy({"pbx1": pbx}, users=people(**dict.fromkeys(names, SLOW)), limits={"unauthenticated": 2000})
    for name in names:
        assert guess(proxy, name, "127.0.3.1", SECRET).response("g")["Response"] == "Success"
    guessing = [guess(proxy, "hilda", f"127.0.2.{number + 1}") for number in range(250)]
    good = [guess(proxy, name, "127.0.3.1", SECRET) for name in names * 3]
    assert [client.response("g")["Response"] for client in good] == ["Success"] * 9
    assert proxy.log().count("secret checked") < 200  # most of the guesses still wait
    for client in guessing:
        client.close()
