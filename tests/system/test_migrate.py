"""contrib/migrate: keys of the old astmanproxy.conf become keys of astmanproxy.yaml, and nothing is lost without a
message."""

import os

import pytest

from harness.client import md5_key
from harness.migration import HASH, check, refused
from harness.process import BUILD, SOURCE
from harness.proxy import SERVER_SECRET, Proxy, secret_of

# -- keys of astmanproxy.conf


def test_c05_host(migrate):
    server = migrate("host = PBX.example.org, 5038, Dave, Se=Cret, on, off").main["servers"]
    assert server == [
        {
            "name": "pbx.example.org",
            "host": "pbx.example.org",
            "port": 5038,
            "username": "Dave",
            "secret": "Se=Cret",
            "events": "on",
            "tls": "off",
        }
    ]


def test_hosts_add_up_and_have_names_of_their_own(migrate):
    result = migrate(
        "host = a, 1, u, s, off, on\nhost = b, 2, u, s, call, off\nhost = a, 3, u, s, yes, off\n"
        "host = a, 3, u, s, strange, maybe"
    )
    servers = result.main["servers"]
    assert [server["name"] for server in servers] == ["a", "b", "a:3", "a:3-2"]
    assert [server["events"] for server in servers] == ["off", ["call"], "on", "on"]
    assert [server["tls"] for server in servers] == ["on", "off", "off", "off"]
    assert result.said("astmanproxy.conf:4:", "events") and result.said("astmanproxy.conf:4:", "usessl")
    assert result.said("astmanproxy.conf:3:", "names") and "verify" in result.comments()


@pytest.mark.parametrize(
    "line, words",
    [
        ("host = a, 5038, user, secret, on", ["six fields", "found 5"]),
        ("host = a, 5038, , secret, on, off", ["no user"]),
        ('host = "a, 5038,  , secret, on, off"', ["no user"]),
        ("host = a, manager, user, secret, on, off", ["port", "1 to 65535"]),
        ("host = a, 70000, user, secret, on, off", ["port"]),
        ("host", ["six fields"]),
    ],
)
def test_bad_host_is_refused(migrate, line, words):
    result = migrate(line)
    assert refused(result, "astmanproxy.conf:1:", *words)
    assert "secret," not in result.errors.replace("user, secret, events", "")


def test_host_with_more_fields_and_with_no_host(migrate):
    result = migrate("host = a, 5038, user, sec, ret, on, off")
    assert result.main["servers"][0]["secret"] == "sec" and result.main["servers"][0]["tls"] == "on"
    assert result.said("astmanproxy.conf:1:", "6th", "comma")
    assert migrate(b"listenaddress=*\nlistenport=1\nacceptunencryptedconnection=yes\n", "", "--force").said("no host")


def test_retry(migrate):
    retry = migrate("retryinterval = 2\nmaxretries = 10")
    assert retry.main["retry"] == {"interval": "2s", "max_interval": "60s", "attempts": 10}
    assert retry.said("astmanproxy.conf:2:", "for ever, is better")
    assert migrate("retryinterval = 90", "a=b", "--force").main["retry"]["max_interval"] == "90s"
    none = migrate("", "a=b", "--force")
    assert none.main["retry"] == {"interval": "2s", "max_interval": "60s", "attempts": 0} and "was 0" in none.comments()


def test_listen(migrate):
    assert {
        "address": "*",
        "port": 1234,
        "input": "standard",
        "output": "standard",
        "autofilter": "off",
        "tls": "off",
    } == migrate().listen
    listen = migrate(
        "listenaddress = 10.1\nlistenport = 99\ninputformat = HTTP\noutputformat = xml", "a=b", "--force"
    ).listen
    assert (listen["address"], listen["port"], listen["input"], listen["output"]) == ("10.0.0.1", 99, "http", "xml")


@pytest.mark.parametrize(
    "line, words",
    [
        ("listenaddress = pbx.example.org", ["IPv4"]),
        ("listenaddress =", ["IPv4", "nothing"]),
        ("listenport = 123456", ["0 to 65535"]),
        ("listenport = -1", ["0 to 65535"]),
        ("inputformat = csv", ["crashed"]),
        ("outputformat = http", ["crashed"]),
        ("retryinterval = -1", ["0 to 86400"]),
        ("maxretries = 99999999999", ["0 to 1000000"]),
        ("proc_user = root", ["root"]),
        ("proxykey = ${abc}", ["proxykey"]),
        ("logfile = /var/\x01log", ["control character"]),
        ("acceptunencryptedconnection = no", ["accepted nobody"]),
        ("acceptunencryptedconnection = on", ["accepted nobody"]),
        ("acceptunencryptedconnection = no\nacceptencryptedconnection = yes", ["accepted nobody"]),
    ],
)
def test_what_never_worked_is_refused(migrate, line, words):
    result = migrate(line)
    lines = line.splitlines()
    assert refused(
        result,
        f"astmanproxy.conf:{len(lines)}: error: {lines[-1].split(' ')[0]}"
        if len(lines) > 1
        else "astmanproxy.conf:1: error:",
        *words,
    )
    assert lines[0].split(" ")[0] in result.errors or len(lines) > 1


def test_missing_keys_that_were_needed(migrate):
    assert refused(migrate(without=["listenaddress"]), "astmanproxy.conf: error: listenaddress")
    assert refused(migrate(without=["acceptunencryptedconnection"]), "accepted nobody")
    result = migrate(without=["proc_user", "proc_group", "logfile", "listenport"])
    assert result.listen["port"] == 0 and "process" not in result.main and "log" not in result.main
    assert all(result.said(name) for name in ("proc_user", "proc_group", "logfile", "listenport"))


def test_all_mistakes_in_one_run(migrate):
    result = migrate("listenport = 70000\nproc_user = root", "a=b\na=c\n")
    assert (
        result.said("astmanproxy.conf:1:")
        and result.said("astmanproxy.conf:2:")
        and result.said("astmanproxy.users:2:")
    )
    assert "3 to repair" in result.errors


@pytest.mark.parametrize("word, mode", [("off", "off"), ("ON", "on"), ("unique", "unique"), ("yes", "off")])
def test_autofilter(migrate, word, mode):
    result = migrate(f"autofilter = {word}")
    assert result.listen["autofilter"] == mode
    assert result.said("autofilter") == (word != "off")  # 1.30 filtered nothing
    old = migrate(f"autofilter = {word}", "a=b", "--force", "--from", "1.22")
    assert old.listen["autofilter"] == mode and old.said("autofilter") == (word == "yes")


@pytest.mark.parametrize(
    "encrypted, plain, mode", [("yes", "yes", "optional"), ("yes", "no", "required"), ("no", "yes", "off")]
)
def test_c13_encryption(migrate, encrypted, plain, mode):
    result = migrate(
        f"acceptencryptedconnection = {encrypted}\nacceptunencryptedconnection = {plain}\n"
        "certfile = /no/such.pem\nsslclienthellotimeout = 200"
    )
    assert result.listen["tls"] == mode
    assert result.listen.get("detect_timeout") == ("200ms" if mode == "optional" else None)
    if mode == "off":
        assert "tls" not in result.main and "/no/such.pem" in result.comments()
    else:
        assert result.main["tls"] == {"certificate": "/no/such.pem", "key": "/no/such.pem"}
        assert result.said("astmanproxy.conf:3:", "could not be read")


def test_sslclienthellotimeout(migrate):
    both = "acceptencryptedconnection = yes\nacceptunencryptedconnection = yes\n"
    assert migrate(both).listen["detect_timeout"] == "500ms"
    off = migrate(both + "sslclienthellotimeout = 0", "a=b", "--force")
    assert off.listen["tls"] == "off" and "detect_timeout" not in off.listen and off.said("switched TLS off")
    long = migrate(both + "sslclienthellotimeout = 100000", "a=b", "--force")
    assert long.listen["detect_timeout"] == "60000ms" and long.said("60s")


def test_c26_authrequired(migrate):
    assert migrate("authrequired = Yes").main["auth"] == {"required": True}
    result = migrate("authrequired = true", "a=b", "--force")
    assert result.main["auth"] == {"required": False}
    assert result.said("astmanproxy.conf:1:", 'only "yes"') and result.said("without a login")


def test_c29_proxykey_is_still_asked_of_everybody(migrate):
    """Without `required` clients that send no key would be let in."""
    result = migrate("authrequired = no\nproxykey = foobar")
    assert result.main["auth"] == {"required": True, "proxy_key": "foobar"} and "notwithstanding" in result.comments()
    lowered = migrate("proxykey = FooBar", "a=b", "--force")
    assert lowered.main["auth"]["proxy_key"] == "foobar" and lowered.said(
        "astmanproxy.conf:1:", "capitals were lowered"
    )
    assert "FooBar" not in lowered.errors and "foobar" not in lowered.errors


def test_c14_forcebanner(migrate):
    assert migrate('forcebanner = "Asterisk Call Manager/1.1"').listen["banner"] == "Asterisk Call Manager/1.1"
    plain = migrate("forcebanner = Asterisk Call Manager/1.1", "a=b", "--force")
    assert plain.listen["banner"] == "asteriskcallmanager/1.1"
    assert plain.said("capitals were lowered", "blanks inside were removed")
    assert "banner" not in migrate("", "a=b", "--force").listen
    assert (
        'banner: "Asterisk Call Manager Proxy/1.22pre081119"'
        in migrate("", "a=b", "--force", "--from", "1.22").comments()
    )


def test_process_and_log(migrate):
    result = migrate("logfile = /Var/Log/amp.log")
    assert result.main["process"] == {"user": "nobody", "group": "nogroup"}
    assert result.main["log"] == {"to": "/var/log/amp.log"} and result.said("logfile", "capitals were lowered")
    relative = migrate("logfile = syslog", "a=b", "--force")
    assert relative.main["log"] == {"to": "./syslog"} and relative.said("relative path")


def test_write_timeouts_are_named(migrate):
    result = migrate("asteriskwritetimeout = 100\nclientwritetimeout = 200")
    assert "asteriskwritetimeout and clientwritetimeout" in result.comments() and "slow_client" in result.comments()


def test_c66_csv_as_of_old(migrate):
    assert migrate().main["csv"] == {"legacy": True}


@pytest.mark.parametrize("word", ["off", "allow", "allowwith", "enforce"])
def test_c56_filterlocal_goes_to_users_with_a_channel(migrate, word):
    result = migrate(f"filterlocal = {word}", "a=b,SIP/1,local\nc=d\ne=f,SIP/2\n")
    assert result.users[0]["filterlocal"] == word and "filterlocal" not in result.users[1]
    assert "filterlocal" not in result.main
    assert result.users[2].get("filterlocal", "off") == (word if word in ("off", "allow") else "off")
    assert result.said("astmanproxy.users:3:", "out_context") == (word in ("allowwith", "enforce"))
    assert ("without effect" in result.comments()) == (word != "off")


def test_filterlocal_of_other_words_and_versions(migrate):
    result = migrate("filterlocal = some", "a=b,SIP/1")
    assert result.user["filterlocal"] == "off" and result.said("astmanproxy.conf:1:", "any other word")
    old = migrate("filterlocal = allow", "a=b,SIP/1", "--force", "--from", "1.22")
    assert "filterlocal" not in old.user and old.said('"filterlocal" is no key', "--from")


def test_c06_unknown_and_repeated_keys_are_listed(migrate):
    result = migrate("outputfomat = xml\n[general]\nlistenport = 1\nListenPort = 2")
    assert result.listen["port"] == 2 and result.listen["output"] == "standard"
    assert result.said("astmanproxy.conf:1:", '"outputfomat"', '"outputformat" meant')
    assert result.said("astmanproxy.conf:2:", '"[general]"') and result.said(
        "astmanproxy.conf:3:", "overridden by line 4"
    )
    assert all(word in result.comments() for word in ("outputfomat", "[general]", "overridden"))


def test_formats_that_are_not_known(migrate):
    result = migrate("inputformat = mymodule")
    assert result.listen["input"] == "standard" and result.said("astmanproxy.conf:1:", "plugin")
    old = migrate("", "a=b", "--force", "--from", "1.22")
    assert old.listen["output"] == "standard" and old.said("outputformat: not set")
    assert not migrate("", "a=b", "--force").said("outputformat")


# -- the result in the program


def test_c05_result_passes_the_check(migrate):
    result = migrate(
        "retryinterval = 2\nmaxretries = 10\nproxykey = foobar\nautofilter = unique\ninputformat = http\n"
        'outputformat = xml\nforcebanner = "A B/1"\nhost = x, 1, u, s, on, on\nhost = x, 2, u, s, call, off\n'
        "logfile = amp.log",
        "bill=pass\nsteve=steve,,,,,x\nwall=board,,,,,,,cdronly|novar",
    )
    answer = check(result)
    assert answer.returncode == 0, answer.stderr


def test_c05_result_with_restrictions_passes_the_check(migrate):
    result = migrate(
        "filterlocal = enforce",
        f"steve=steve,SIP/snom190,local,\ndave=securepass,SIP/1002,,,davesaccount,,y,novar\nhash={HASH},SIP/1,,,,,",
    )
    answer = check(result)
    assert answer.returncode == 0, answer.stderr


def test_c05_migrated_proxy_serves(migrate, launch, simulator, workers):
    """Old files, our program: the users log in by secret and by challenge, and the server answers."""
    port = simulator().address[1]
    result = migrate(
        f"host = 127.0.0.1, {port}, proxy, {SERVER_SECRET}, on, off\nlistenaddress = 127.0.0.1\nlistenport = 0\n"
        "retryinterval = 1",
        f"dave = {secret_of('dave')}\n   \nempty=\nbill={secret_of('bill')},,,,,127.0.0.1\n",
    )
    assert result.code == 0, result.errors
    config = result.main | {
        "plugins": {"path": os.path.join(BUILD, "plugins")},
        "log": {"level": "debug"},
        "workers": workers,
        "scripts": {"path": os.path.join(SOURCE, "lua")},
    }
    if os.geteuid() != 0:
        del config["process"]
    proxy = launch(Proxy, str(result.folder), config)
    proxy.wait_for_server("127.0.0.1")
    assert proxy.login("bill").ask(Action="CoreStatus")["Server"] == "127.0.0.1"
    for name, secret in (("dave", secret_of("bill")), ("", ""), ("empty", "")):
        assert proxy.connect().login(name, secret)["Response"] == "Error"
    client = proxy.connect()
    key = md5_key(client.challenge(), secret_of("dave"))
    assert client.ask(Action="Login", AuthType="MD5", Username="dave", Key=key)["Response"] == "Success"


@pytest.mark.parametrize(
    "required, key, written", [("no", "", True), ("yes", "", False), ("no", "abc", False), ("yes", "abc", False)]
)
def test_f10_get_goes_on_where_no_login_is_required(migrate, required, key, written):
    result = migrate(f"authrequired = {required}" + (f"\nproxykey = {key}" if key else ""))
    assert result.main.get("http", {}).get("allow_get") is (True if written else None)
    assert ("by GET" in result.comments()) == written
    assert check(result).returncode == 0
