"""Proxy actions of administrators: sessions, servers, who may steer the proxy and what is shown to whom."""

import pytest

from harness.proxy import PROXY_KEY, USERS
from harness.steering import add_server, list_sessions
from harness.web import ALL_PLUGINS, Web, basic, listeners


def admin():
    return [dict(user, admin=user["name"] == "dave") for user in USERS]


# --- proxy actions


def test_c33_list_sessions_and_servers(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=admin())
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    answer = list_sessions(dave, 2)
    assert answer.headers[0] == ("ProxyResponse", "Success")
    assert answer.all("ProxyClientSession") == ["127.0.0.1"] * 2
    assert set(answer.all("ProxyClientUser")) == {"dave", "bill"}
    assert answer.all("ProxyServerSession") == ["127.0.0.1"]
    assert bill.ask(ProxyAction="ListSessions").all("ProxyClientUser") == ["bill"]
    dave.send(ProxyAction="ListServers")
    lines = dave.read_message().text.split("\n")
    assert lines[1] == f"ProxyListServer I: 127.0.0.1 H: 127.0.0.1 U: proxy P: {pbx.address[1]} E: on "  # C36


def test_list_sessions_part_by_part(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, users=admin())
    dave, *others = [proxy.login(name, Events="off") for name in ("dave", "bill", "bill", "caller", "bill")]
    whole = list_sessions(dave, 5)
    assert whole.get("NextBefore") is None
    numbers, before = [], {}
    for count in (2, 2, 1):
        part = dave.ask(ProxyAction="ListSessions", Most="2", **before)
        assert len(part.all("ProxyClientId")) == count and part.all("ProxyServerSession") == ["127.0.0.1"]
        numbers += part.all("ProxyClientId")
        before = {"Before": part["NextBefore"]} if count == 2 else None
    assert numbers == whole.all("ProxyClientId") and part.get("NextBefore") is None
    assert others[0].ask(ProxyAction="ListSessions", Most="2").all("ProxyClientUser") == ["bill"] * 2
    for wrong in ("0", "-1", "x", "1.5"):
        answer = dave.ask(ProxyAction="ListSessions", Before=wrong)
        assert answer["Message"] == "Before: expected a number above 0"


def test_c34_autofilter_is_answered_by_its_number(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx})
    dave = proxy.login("dave", Events="off")
    assert [
        dave.ask(ProxyAction="SetAutoFilter", AutoFilter=word)["AutoFilter"] for word in ("off", "on", "unique", "On")
    ] == ["0", "1", "2", "1"]


def test_c39_servers_are_added_and_dropped_by_admins(start_proxy, pbx, scripted, localhost):
    second = scripted()
    proxy = start_proxy({"pbx1": pbx}, users=admin())
    dave, bill = proxy.login("dave", Events="system"), proxy.login("bill", Events="off")
    assert bill.ask(ProxyAction="DropServer", Server="pbx1")["Message"] == "Permission denied"
    added = add_server(dave, second, localhost)
    assert added["ProxyResponse"] == "Success" and added["Message"] == "Added localhost"
    dave.read_until(Event="ServerUp", Server="localhost")
    dave.send(Action="CoreStatus", Server="localhost", ActionID="s")
    status = second.expect(Action="CoreStatus")
    dropped = bill.ask(ProxyAction="ListServers")
    assert dropped.text.count("ProxyListServer") == 2
    other = proxy.login("dave", Events="off")
    assert other.ask(ProxyAction="AddServer", Server="localhost")["ProxyResponse"] == "Failure"
    assert other.ask(ProxyAction="DropServer", Server="localhost")["Message"] == "Dropped localhost"
    lost = dave.response("s")
    assert lost["Response"] == "Error" and status is not None
    assert dave.ask(ProxyAction="DropServer", Server="localhost")["ProxyResponse"] == "Failure"
    second.wait(lambda: second.connections == [], "the end of its connections")
    dave.send(Action="CoreStatus", ActionID="first")
    pbx.expect(Action="CoreStatus").reply()
    assert dave.response("first")["Response"] == "Success"


def test_f39_where_the_servers_are_is_for_admins(start_proxy, pbx, scripted):
    """Names and states for all, addresses and accounts for admins and the ProxyKey alone, in every list and message."""
    second = scripted(fully_booted=True)
    proxy = start_proxy({"pbx1": pbx, "pbx2": second}, users=admin(), auth={"proxy_key": PROXY_KEY})
    secrets = ["127.0.0.1", str(pbx.address[1]), str(second.address[1]), " U: proxy"]
    place = f"ProxyListServer I: 127.0.0.1 H: 127.0.0.1 U: proxy P: {pbx.address[1]} E: on "
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="system")
    bill.fence()
    assert place in dave.ask(ProxyAction="ListServers").text
    assert "ProxyServerSession: 127.0.0.1" in dave.ask(ProxyAction="ListSessions").text
    shown = bill.ask(ProxyAction="ListServers").text
    assert shown.splitlines()[2:] == [
        f"ProxyListServer I: {name} H: {name} U: - P: - E: - S: up " for name in ("pbx1", "pbx2")
    ]
    second.go_down()
    down = bill.read_until(Event="ServerDown", Server="pbx2")
    shown += down.text + bill.ask(ProxyAction="ListServers").text + bill.ask(ProxyAction="Stats").text
    shown += bill.ask(Action="CoreStatus", Server="pbx2").text + bill.ask(Action="CoreStatus", Server="nowhere").text
    assert "H: pbx2 U: - P: - E: - S: down " in shown
    sessions = bill.ask(ProxyAction="ListSessions").text
    shown += sessions.split("ProxyServerSession", 1)[1]  # in front of it stands the user's own address
    assert "ProxyServerName: pbx2\nProxyServerStatus: down" in sessions
    assert [secret for secret in secrets if secret in shown] == []
    keyed = proxy.connect()
    assert place in keyed.ask(ProxyAction="ListServers", ProxyKey=PROXY_KEY).text
    assert "ProxyServerSession: 127.0.0.1" in keyed.ask(ProxyAction="ListSessions").text


def test_f39_without_a_login_it_is_not_shown_either(start_proxy, pbx):
    client = start_proxy({"pbx1": pbx}, auth={"required": False}).connect()
    answer = client.ask(ProxyAction="ListServers").text
    assert "H: pbx1 U: - P: - E: - S: up " in answer and "127.0.0.1" not in answer


def test_without_a_user_only_the_own_session_is_shown(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, auth={"required": False, "proxy_key": PROXY_KEY})
    clients = [proxy.connect() for _ in range(4)]
    keys = [{}, {}, {"ProxyKey": PROXY_KEY}, {"ProxyKey": PROXY_KEY}]
    for client, key in zip(clients, keys, strict=True):
        client.ask(ProxyAction="ListServers", **key)
    shown = [client.ask(ProxyAction="ListSessions") for client in clients]
    assert [len(answer.all("ProxyClientId")) for answer in shown] == [1] * 4
    assert len({answer["ProxyClientId"] for answer in shown}) == 4
    assert all(answer.get("NextBefore") is None for answer in shown)
    answer = clients[0].ask(ProxyAction="ListSessions", Before=shown[0]["ProxyClientId"])
    assert answer["ProxyResponse"] == "Success" and answer.get("ProxyClientId") is None


@pytest.mark.parametrize("form", ["json", "xml", "csv", "standard"])
def test_f39_in_every_format(start_proxy, pbx, form):
    proxy = start_proxy({"pbx1": pbx}, users=admin(), listen=listeners(), plugins=ALL_PLUGINS)
    shown = [
        Web(proxy.addresses[1], auth=basic(name)).get(f"/?ProxyAction=ListServers&format={form}").text
        for name in ("dave", "bill")
    ]
    assert "127.0.0.1" in shown[0] and str(pbx.address[1]) in shown[0] and "U: proxy" in shown[0]
    assert "127.0.0.1" not in shown[1] and str(pbx.address[1]) not in shown[1] and "U: -" in shown[1]


def test_proxy_key_may_steer_where_there_are_no_users(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, up=[], users=[], auth={"proxy_key": PROXY_KEY})
    client = proxy.connect()
    assert client.ask(ProxyAction="ListServers", ProxyKey=PROXY_KEY)["ProxyResponse"] == "Success"
    assert client.ask(ProxyAction="DropServer", Server="pbx1")["ProxyResponse"] == "Success"


def test_c39_neither_an_open_proxy_nor_a_key_beside_users_may_steer_it(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, auth={"proxy_key": PROXY_KEY, "required": False})
    client = proxy.connect()
    assert client.ask(ProxyAction="ListServers")["ProxyResponse"] == "Success"
    assert client.ask(ProxyAction="DropServer", Server="pbx1")["Message"] == "Permission denied"
    assert client.ask(ProxyAction="DropServer", Server="pbx1", ProxyKey=PROXY_KEY)["Message"] == "Permission denied"
