"""The operator's guide's sample for nginx, with the real one: pages, event streams and WebSockets pass as they come, and the
proxy knows each client by its own address."""

import pytest

from harness.balancers import ALICE, BOB, HERE, ONLY_FROM_ALICE, Nginx
from harness.streams import Socket, Stream, data_of
from harness.web import basic


@pytest.fixture
def balanced(balance, site):
    """(proxy that serves the live page, nginx in front of it)"""
    return balance(Nginx, http={"document_root": str(site)})


def same_site(nginx):
    """What a browser says of a request of the page that nginx has shown to it."""
    return {"Origin": f"http://{HERE}:{nginx.ports[8088]}", "Sec-Fetch-Site": "same-origin"}


def assert_alice_is_listed(nginx):
    """As one of the proxy's sessions, which another client asks for."""
    listed = nginx.web(basic(), BOB).get("/?ProxyAction=ListSessions&format=standard").text
    assert f"ProxyClientSession: {ALICE}\r\n" in listed, listed


def test_pages_and_actions(balanced, site):
    """Over one connection; with errors of the proxy's own, and unchanged files that are not sent again."""
    _, nginx = balanced
    web = nginx.web(basic())
    page = web.get("/")
    assert page.status == 200 and page.body == (site / "index.html").read_bytes()
    for path in site.glob("*.js"):
        assert web.get(f"/{path.name}").body == path.read_bytes()
    assert web.get("/", Accept_Encoding="gzip").get("Content-Encoding") == "gzip"
    assert web.get("/", If_Modified_Since=page.get("Last-Modified")).status == 304
    answer = web.post("Action=Ping&Server=pbx1", **same_site(nginx))
    assert answer.status == 200 and answer.json()["Ping"] == "Pong"
    assert web.get("/none").status == 404
    assert nginx.web().get("/?Action=Ping").get("WWW-Authenticate")


def test_events_are_not_held_back(balanced, pbx):
    """Each comes before the next one is sent, however small."""
    proxy, nginx = balanced
    stream = Stream(nginx.web(basic()), **same_site(nginx))
    for number in range(3):
        pbx.event("Hangup", "call,all", Channel=f"SIP/{number}")
        assert f"SIP/{number}" in data_of(stream.event("Hangup"))
    assert_alice_is_listed(nginx)
    stream.close()
    proxy.wait_for_line(f"address={ALICE}:", "session closed")


def test_websockets(balanced, pbx):
    proxy, nginx = balanced
    client = Socket(nginx.web(basic()), **same_site(nginx))
    assert client.head.status == 101
    client.send({"Action": "Ping", "ActionID": "1"})
    assert client.until(ActionID="1")["Ping"] == "Pong"
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    assert client.until(Event="Hangup")["Channel"] == "SIP/1"
    assert_alice_is_listed(nginx)
    client.web.close()
    proxy.wait_for_line(f"address={ALICE}:", "session closed")


def test_other_sites_and_names_are_refused(balanced):
    """nginx hands on what the browser says of itself and of the host it asked for."""
    _, nginx = balanced
    assert Socket(nginx.web(basic()), Origin="http://evil.example").head.status == 403
    answer = nginx.web(basic()).get("/?Action=Ping", Origin="http://evil.example")
    assert answer.status == 403
    web = nginx.web(basic())
    web.host = "evil.example"
    assert web.get("/").status == 403


def test_each_client_has_its_own_address(balance):
    balance(Nginx, users=ONLY_FROM_ALICE)[1].assert_clients_keep_their_addresses()
