"""ProxyKey: with an action, alone, wrong, and where none is configured."""

import pytest

from harness.proxy import PROXY_KEY, secret_of

FAILED = "Response: Error\nActionID: {}\nMessage: Authentication failed"


# -- ProxyKey


@pytest.fixture
def keyed(start_proxy, pbx):
    return start_proxy({"pbx1": pbx}, auth={"failures_per_minute": 1000, "proxy_key": PROXY_KEY})


def test_c29_proxy_key_with_an_action(keyed, pbx):
    client = keyed.connect()
    client.send(("ProxyKey", PROXY_KEY), Action="CoreStatus", ActionID="k1")
    action = pbx.expect(Action="CoreStatus")
    assert "ProxyKey" not in action
    action.reply("Success", CoreCurrentCalls="0")
    assert client.response("k1")["CoreCurrentCalls"] == "0"
    assert client.ask(Action="Ping", Server="pbx1")["Response"] == "Success"


def test_c29_proxy_key_alone(keyed):
    client = keyed.connect()
    client.send(ProxyKey=PROXY_KEY, ActionID="k1")
    assert client.read_until(Response="Success").text.startswith("Response: Success\nActionID: k1\n")


@pytest.mark.parametrize("key", ["wrong", "", PROXY_KEY + "x", PROXY_KEY[:-1]])
def test_c30_wrong_proxy_key(keyed, pbx, key):
    client = keyed.connect()
    client.send(("ProxyKey", key), Action="CoreStatus", ActionID="k1")
    [answer] = client.read_to_end()
    assert answer.text == FAILED.format("k1")
    assert pbx.actions == []


def test_c30_login_stays_possible(keyed):
    client = keyed.connect()
    assert client.login("dave", secret_of("dave"))["Response"] == "Success"


@pytest.mark.parametrize("key", ["", "any"])
def test_proxy_key_when_none_is_configured(proxy, pbx, key):
    client = proxy.connect()
    client.send(("ProxyKey", key), Action="CoreStatus", ActionID="k1")
    assert client.read_message()["Response"] == "Error"
    assert pbx.actions == []
