"""contrib/migrate: the users of the old program, their rights, filters and secrets."""

import stat

import pytest

from harness.migration import HASH, HOST, check, refused

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
