"""The samples of the operator's guide for balancers, with the real haproxy: the proxy knows each client by its own address,
over TCP by the PROXY protocol and over HTTP by X-Forwarded-For."""

from harness.balancers import ALICE, BOB, ONLY_FROM_ALICE, Haproxy
from harness.limits import poll
from harness.proxy import secret_of


def test_over_tcp_each_client_has_its_own_address(balance):
    """Also its own failures: who guesses is locked out alone."""
    proxy, haproxy = balance(Haproxy, auth={"failures_per_minute": 2})
    for _ in range(3):
        haproxy.client(ALICE).login("dave", "wrong")
    assert "Too many failed logins" in haproxy.client(ALICE).login("dave", secret_of("dave"))["Message"]
    bob = haproxy.client(BOB)
    assert bob.login("dave", secret_of("dave"), Events="off")["Response"] == "Success"
    listed = bob.ask(ProxyAction="ListSessions").all("ProxyClientSession")
    assert any(address.startswith(BOB) for address in listed), listed
    assert not proxy.log_contains("PROXY header refused")


def test_over_http_each_client_has_its_own_address(balance):
    balance(Haproxy, users=ONLY_FROM_ALICE)[1].assert_clients_keep_their_addresses()


def test_a_proxy_that_reaches_no_asterisk_gets_no_new_clients(balance, pbx):
    _, haproxy = balance(Haproxy)
    assert poll(lambda: haproxy.web().get("/").status != 503)
    pbx.go_down()
    assert poll(lambda: haproxy.web().get("/").status == 503)
    haproxy.wait_for_line("proxy1 is DOWN")
