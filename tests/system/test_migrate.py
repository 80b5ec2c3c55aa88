"""contrib/migrate: the old program's files become ours, read as it read them, and nothing is lost without a word."""

import os
import re
import stat
import subprocess

import pytest
import yaml

from harness.client import md5_key
from harness.limits import DEADLINE
from harness.process import BUILD, SOURCE
from harness.proxy import BINARY, SERVER_SECRET, Proxy, secret_of

TOOL = os.path.join(SOURCE, "contrib/migrate/astmanproxy-migrate")
HASH = "$2b$04$abcdefghijklmnopqrstuuo3Vn7Z1bq1t5vU5gCqf0mJw0Yc8T1ay"
HOST = "host = 127.0.0.1, 5038, dave, moo, on, off"
# What the old program needed to run at all, in lines that tests replace by name.
NEEDED = {
    "host": HOST,
    "listenaddress": "listenaddress = *",
    "listenport": "listenport = 1234",
    "acceptunencryptedconnection": "acceptunencryptedconnection = yes",
    "authrequired": "authrequired = yes",
    "proc_user": "proc_user = nobody",
    "proc_group": "proc_group = nogroup",
    "logfile": "logfile = /var/log/amp.log",
}


class Result:
    """What one run of the tool gave."""

    def __init__(self, process, folder):
        self.code, self.errors = process.returncode, process.stderr.replace(f"{folder.parent}/", "")
        self.folder = folder
        self.main_text, self.users_text = (self._text(name) for name in ("astmanproxy.yaml", "users.yaml"))
        self.main = yaml.safe_load(self.main_text)
        self.listen = self.main["listen"][0] if self.main else None
        self.users = yaml.safe_load(self.users_text)["users"] if self.code == 0 else None

    def _text(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    @property
    def user(self):
        assert self.code == 0 and len(self.users) == 1, self.errors
        return self.users[0]

    def said(self, *words):
        """Is there a line on the terminal with all `words`?"""
        return any(all(word in line for word in words) for line in self.errors.splitlines())

    def comments(self):
        text = " ".join(
            line.strip() for line in (self.main_text + self.users_text).splitlines() if line.strip().startswith("#")
        )
        return re.sub(r" # ", " ", text)


@pytest.fixture
def migrate(tmp_path):
    """migrate(conf lines, users lines, *options, without=names, env=…) -> Result. Lines of `conf` are added to NEEDED and
    replace lines of their name there. Bytes are taken as they are."""

    def run(conf="", users="dave=x", *options, without=(), env=None):
        if not isinstance(conf, bytes):
            own = ["".join(line.split("=")[0].split()).lower() for line in conf.splitlines()]
            kept = [line for name, line in NEEDED.items() if name not in own and name not in without]
            conf = "\n".join([conf, *kept, ""]).encode()
        (tmp_path / "astmanproxy.conf").write_bytes(conf)
        (tmp_path / "astmanproxy.users").write_bytes(users if isinstance(users, bytes) else users.encode() + b"\n")
        out = tmp_path / "out"
        process = subprocess.run(
            [
                TOOL,
                "--output",
                str(out),
                *options,
                str(tmp_path / "astmanproxy.conf"),
                str(tmp_path / "astmanproxy.users"),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
            env=env,
        )
        return Result(process, out)

    return run


def check(result):
    """Feeds the result to the program's own check, with the folders of this build."""
    path = result.folder / "astmanproxy.yaml"
    path.write_text(result.main_text + f"\nplugins:\n  path: {BUILD}/plugins\nscripts:\n  path: {SOURCE}/lua\n")
    return subprocess.run(
        [BINARY, "--check", "-c", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def refused(result, *words):
    """Nothing was written, and a line says why."""
    assert result.code == 1 and not result.main_text and not result.users_text
    assert result.said("error", *words), result.errors
    assert "Traceback" not in result.errors
    return True


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
    """Without `required` everybody would get in who names no key."""
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


# -- how lines were read


def test_c06_blanks_comments_and_numbers(migrate):
    result = migrate(
        "\t; a comment\n#another\n l i s t e n p o r t\t = 1 2 3 4x ; five\nproxykey = a b;c\nretryinterval = many"
    )
    assert result.listen["port"] == 1234 and result.said("astmanproxy.conf:3:", "the old program read 1234")
    assert result.main["auth"]["proxy_key"] == "ab"
    assert result.said("astmanproxy.conf:4:", "blanks inside were removed", 'ended at the ";"')
    assert result.main["retry"]["interval"] == "2s" and result.said("astmanproxy.conf:5:", "the old program read 0")


def test_c06_equal_signs(migrate):
    result = migrate("proxykey = a=b==")
    assert result.main["auth"]["proxy_key"] == "ab" and result.said("proxykey", 'a further "="')


def test_quotes_of_the_fork(migrate):
    result = migrate(
        'proxykey = "Foo Bar=1" rest\nhost = "1.2.3.4, 5038, My User, Sec Ret, on, on"\nauthrequired = "yes"'
    )
    assert result.main["auth"] == {"required": True, "proxy_key": "Foo Bar=1"}
    assert result.said("proxykey", "behind the closing quote")
    server = result.main["servers"][0]
    assert (server["username"], server["secret"], server["port"]) == ("My User", "Sec Ret", 5038)
    assert server["tls"] == "off" and result.said("usessl")  # " on" was not "on"


def test_quotes_end_at_comments(migrate):
    result = migrate('proxykey = "Foo;Bar"')
    assert result.main["auth"]["proxy_key"] == "Foo" and result.said('ended at the ";"')


def test_quotes_of_the_original_were_text(migrate):
    result = migrate('authrequired = "yes"\nproxykey = "Ab C"', "a=b", "--from", "1.22")
    assert result.main["auth"] == {"required": True, "proxy_key": '"abc"'}
    assert result.said("authrequired", 'only "yes"')


@pytest.mark.parametrize("version", ["1.22", "1.28"])
def test_lower_case_of_the_original(migrate, version):
    result = migrate("host = PBX, 5038, Dave, MoO=1, ON, on", "a=b", "--from", version)
    assert result.main["servers"] == [
        {"name": "pbx", "host": "pbx", "port": 5038, "username": "dave", "secret": "moo1", "events": "on", "tls": "on"}
    ]
    assert result.said("astmanproxy.conf:1:", "capitals of user and secret were lowered", "manager.conf")
    assert "MoO" not in result.errors + result.main_text and "moo1" not in result.errors


def test_quotes_of_the_fork_before_1_30(migrate):
    result = migrate('forcebanner = "Hello There"\nproxykey = "Ab"', "a=$2b$x", "--from", "1.28")
    assert refused(result, "astmanproxy.users:1:", "hash")
    result = migrate('forcebanner = "Hello There"\nproxykey = "Ab"', "a=b,,,,,,,novar", "--from", "1.28")
    assert result.listen["banner"] == "Hello There" and result.main["auth"]["proxy_key"] == "Ab"
    assert result.user["filters"] == ["novar"]


def test_long_lines_are_two(migrate):
    result = migrate("", "; " + "x" * 1021 + "evil=secret\na=b\n")
    assert [user["name"] for user in result.users] == ["evil", "a"]  # so it was


def test_long_values_are_taken_as_a_whole(migrate):
    result = migrate(f"proxykey = {'k' * 100}", "a=b", "--from", "1.22")
    assert result.main["auth"]["proxy_key"] == "k" * 100 and result.said("79 bytes")


def test_carriage_returns(migrate):
    conf = "\r\n".join(NEEDED.values()).encode() + b"\r\n\r\n"
    result = migrate(conf, b"\r\na=b,SIP/1\r\n")
    assert result.listen["port"] == 1234 and result.user["channel"] == "SIP/1*" and result.user["secret"] == "b"


def test_other_character_sets(migrate):
    assert migrate("", "jörg=gehü\n").user == {"name": "jörg", "secret": "gehü"}
    assert migrate("", b"; f\xfcr alle\na=b\n", "--force").user["name"] == "a"  # only a comment
    wrong = migrate(
        b"proxykey = \xe9\nlistenaddress=*\nacceptunencryptedconnection=yes\n" + HOST.encode() + b"\n",
        b"a=x\xfc\n",
        "--force",
    )
    assert wrong.code == 1 and wrong.said("astmanproxy.conf:1: error: proxykey: expected UTF-8, found the byte 0xe9")
    assert wrong.said("astmanproxy.users:1: error:", "0xfc")


# -- fields of astmanproxy.users


def test_c51_fields(migrate):
    result = migrate(
        f"{HOST}\nhost = Pbx2, 1, u, s, on, off",
        "Steve=Ste Ve=,SIP/Snom190,out,in,MyAcct,PBX2,y,novar|cdronly ; comment",
    )
    assert result.user == {
        "name": "Steve",
        "secret": "SteVe",
        "channel": "SIP/Snom190*",
        "out_context": "out",
        "in_context": "in",
        "account": "myacct",
        "server": "pbx2",
        "more_events": True,
        "filters": ["cdronly", "novar"],
        "write": ["all"],
    }
    assert result.said("astmanproxy.users:1:", "blanks inside were removed", 'a further "="')
    assert result.said("account has capitals") and not result.said("no server")
    assert "SteVe" not in result.errors


def test_c58_restricted_users_keep_all_actions(migrate):
    for field in (1, 2, 3, 4):
        result = migrate("", "a=b" + "," * field + "x", "--force")
        assert result.user["write"] == ["all"] and "[call, agent, originate" in result.comments()
    result = migrate("", "a=b", "--force")
    assert result.user == {"name": "a", "secret": "b"} and "write" not in result.users_text


@pytest.mark.parametrize(
    "fields, on",
    [
        ("SIP/1,,,,,y", True),
        ("SIP/1,,,,,", True),
        ("SIP/1,,,,", False),
        ("SIP/1,,,,,,", False),
        ("SIP/1,,,,,n,novar", True),
        ("SIP/1,,,,,,novar", False),
    ],
)
def test_c53_more_events(migrate, fields, on):
    """Six commas switch it on: the old program looked at the end of the line as a character of the field."""
    assert migrate("", f"a=b,{fields}").user.get("more_events", False) is on


@pytest.mark.parametrize(
    "field, filters, unknown",
    [
        ("cdronly|novar", ["cdronly", "novar"], False),
        ("XfrOnly", ["xfronly"], False),
        ("brionlyxfronly", ["brionly", "xfronly"], False),
        ("novar|dtmf", ["novar"], True),
        ("nothing", None, True),
    ],
)
def test_c55_filters(migrate, field, filters, unknown):
    result = migrate("", f"a=b,,,,,,,{field}")
    assert result.user.get("filters") == filters
    assert result.said("astmanproxy.users:1:", "unknown filters") == unknown


def test_filters_were_not_read_by_the_original(migrate):
    result = migrate("", "a=b,,,,,,y,novar", "--from", "1.22")
    assert "filters" not in result.user and result.user["more_events"] is True and result.said("only 7 fields")


def test_contexts_are_written_as_found(migrate):
    fork, original = (migrate("", "a=b,,Local,IN", "--force", *options) for options in ((), ("--from", "1.22")))
    for result in (fork, original):
        assert (result.user["out_context"], result.user["in_context"]) == ("Local", "IN")
    assert fork.said("out_context has capitals", "never match") and fork.said("in_context has capitals")
    assert original.said("out_context has capitals", "without regard to case")


def test_server_of_a_user_that_is_not_there(migrate):
    assert migrate("", "a=b,,,,,elsewhere").said("astmanproxy.users:1:", 'no server "elsewhere"')


def test_c31_hashes(migrate):
    result = migrate("", f"a={HASH}")
    assert result.user["secret"] == HASH and result.said("MD5 challenge") and HASH not in result.errors
    assert migrate("", "a=$6$salt$text", "--force").said("nothing matched", "hash that works")
    plain = migrate("", "a=$dollar", "--force")
    assert plain.user["secret"] == "$dollar" and plain.said("nothing matched", "plain secret")


def test_hashes_of_the_original_were_text(migrate):
    result = migrate("", "a=b\nc=$2abc", "--from", "1.22")
    assert refused(result, "astmanproxy.users:2:", '"c"', "expected another secret") and "$2abc" not in result.errors
    assert migrate("", "a=$dollar", "--from", "1.22").user["secret"] == "$dollar"


def test_secrets_that_look_like_variables_get_a_file(migrate):
    result = migrate("host = a, 1, u, ${X}, on, off", "b=${HOME}\n", "--from", "1.22")
    assert result.user == {"name": "b", "secret_file": "user-1.secret"}
    assert result.main["servers"][0]["secret_file"] == "server-1.secret"
    for name, text in (("user-1.secret", "${HOME}"), ("server-1.secret", "${x}")):
        path = result.folder / name
        assert path.read_text() == text and stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "line, words",
    [
        ("[general]", ['without "="']),
        ("   ", ["without name and secret"]),
        ("\t; comment", ["without name and secret"]),
        ("=secret", ["no name"]),
        ("eve=", ['"eve"', "empty secret"]),
        ("eve=,SIP/1", ['"eve"', "empty secret"]),
        ("eve= ; secret", ['"eve"', "empty secret"]),
        ("eve,secret", ['without "="']),
    ],
)
def test_c32_holes_are_closed(migrate, line, words):
    result = migrate("", f"a=b\n{line}\n")
    assert result.code == 0 and [user["name"] for user in result.users] == ["a"]
    assert result.said("astmanproxy.users:2:", *words)
    assert "LOOK astmanproxy.users:2:" in result.comments()
    assert "eve,secret" not in result.errors + result.users_text


def test_second_user_of_a_name_is_refused(migrate):
    assert refused(migrate("", "a=b\n\nA=c\na=d,SIP/1\n"), "astmanproxy.users:4:", "line 1")


def test_without_users(migrate):
    result = migrate("", "; nobody\n")
    assert result.users == [] and check(result).returncode == 0


@pytest.mark.parametrize(
    "secret",
    [
        "yes",
        "123",
        "0x1F",
        "1e3",
        "a: b",
        "null",
        "~",
        "'q'",
        '"q"',
        "\\",
        "*x",
        "&x",
        "!x",
        "-",
        "?",
        "@x",
        "%x",
        "`x",
        "{x",
        "[x]",
        "2001-01-01",
        "1:30",
        "a\u2028b",
        "\U0001f600",
        "|",
        ">",
    ],
)
def test_every_text_survives_yaml(migrate, secret):
    result = migrate("", f"{secret}={secret}")
    assert result.user == {"name": secret.replace(" ", ""), "secret": secret.replace(" ", "")}
    assert check(result).returncode == 0


# -- certificates


def make_certificate(path, *options):
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-subj",
            "/CN=x",
            "-keyout",
            f"{path}.key",
            "-out",
            path,
            *options,
        ],
        check=True,
        capture_output=True,
    )
    with open(path, "a", encoding="ascii") as out, open(f"{path}.key", encoding="ascii") as key:
        out.write(key.read())


TLS = "acceptencryptedconnection = yes\nacceptunencryptedconnection = yes\ncertfile = "


@pytest.mark.parametrize(
    "options, words",
    [
        (["-newkey", "rsa:1024", "-sha1"], [["sha1"], ["1024 bits"]]),
        (["-newkey", "rsa:1024", "-sha256"], [["1024 bits"]]),
        (["-newkey", "rsa:2048", "-sha256"], []),
        (["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha256"], []),
    ],
)
def test_weak_certificates(migrate, tmp_path, options, words):
    path = str(tmp_path / "proxy.pem").lower()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    make_certificate(path, *options)
    result = migrate(TLS + path)
    assert result.main["tls"] == {"certificate": path, "key": path}
    assert len([line for line in result.errors.splitlines() if "certfile" in line]) == len(words)
    assert all(result.said("astmanproxy.conf:3:", *line) for line in words)


def test_certificate_without_key_or_sense(migrate, tmp_path):
    path = os.path.join(str(tmp_path).lower(), "x.pem")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write("nothing\n")
    result = migrate(TLS + path)
    assert result.code == 0 and result.said("holds no key") and result.said("no certificate")


def test_certificate_that_could_not_be_looked_at(migrate, tmp_path):
    path = os.path.join(str(tmp_path).lower(), "x.pem")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    make_certificate(path, "-newkey", "rsa:2048")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").symlink_to("/usr/bin/python3")
    assert migrate(TLS + path, env={"PATH": str(tools)}).said("astmanproxy.conf:3:", "was not looked at")


# -- the command


def test_files_are_private_and_never_overwritten(migrate):
    result = migrate()
    for name in ("astmanproxy.yaml", "users.yaml"):
        assert stat.S_IMODE((result.folder / name).stat().st_mode) == 0o600
    (result.folder / "astmanproxy.yaml").unlink()
    (result.folder / "users.yaml").write_text("mine")
    again = migrate()
    assert again.code == 1 and "users.yaml: exists already; --force" in again.errors
    assert not again.main_text and again.users_text == "mine"
    forced = migrate("", "a=b", "--force")
    assert forced.code == 0 and forced.user["name"] == "a"
    assert stat.S_IMODE((forced.folder / "users.yaml").stat().st_mode) == 0o600
    assert sorted(os.listdir(forced.folder)) == ["astmanproxy.yaml", "users.yaml"]


def run(*words, **more):
    return subprocess.run(
        [TOOL, *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
        **more,
    )


def test_command_line(tmp_path):
    assert run("--help").returncode == 0
    for words in ((), ("--from", "2", "x"), ("--nonsense", "x")):
        result = run(*words)
        assert result.returncode == 1 and "astmanproxy-migrate" in result.stderr
    missing = run(tmp_path / "none.conf")
    assert missing.returncode == 1 and "none.conf: No such file" in missing.stderr and "Traceback" not in missing.stderr
    assert run(tmp_path, tmp_path).returncode == 1  # a folder


def test_users_beside_and_elsewhere(tmp_path):
    (tmp_path / "a.conf").write_text("\n".join(NEEDED.values()))
    lonely = run("a.conf", cwd=tmp_path)
    assert lonely.returncode == 0 and "no USERS was given" in lonely.stderr
    assert yaml.safe_load((tmp_path / "users.yaml").read_text()) == {"users": []}
    (tmp_path / "astmanproxy.users").write_text("a=b\n")
    assert run("--force", "a.conf", cwd=tmp_path).returncode == 0
    assert yaml.safe_load((tmp_path / "users.yaml").read_text())["users"][0]["name"] == "a"
    missing = run("--force", "a.conf", "nobody.users", cwd=tmp_path)
    assert missing.returncode == 1 and "nobody.users: No such file" in missing.stderr


def test_leaves_nothing_beside_the_script(migrate):
    assert migrate().code == 0
    assert "__pycache__" not in os.listdir(os.path.dirname(TOOL))


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
