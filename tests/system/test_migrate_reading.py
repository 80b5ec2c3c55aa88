"""contrib/migrate reads the lines of the old files as the old programs did: blanks, quotes, comments, character sets."""

import pytest

from harness.migration import HOST, NEEDED, refused

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
