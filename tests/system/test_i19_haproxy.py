"""The samples of the operator's guide for balancers, with the real haproxy: the proxy knows each client by its own address,
over TCP by the PROXY protocol and over HTTP by X-Forwarded-For."""

import os
import re
import socket

import pytest
import yaml

from harness.client import Client
from harness.limits import poll
from harness.night import sample
from harness.process import Process
from harness.proxy import free_port, secret_of
from harness.web import ALL_PLUGINS, Web, basic

ALICE, BOB = "127.0.0.7", "127.0.0.8"  # clients; haproxy itself is 127.0.0.1


class Balancer(Process):
    """haproxy with the guide's configuration, whose addresses are those of this test."""

    def __init__(self, folder, proxy):
        self.ports = {5038: free_port(), 8088: free_port()}
        listening = dict(zip((5038, 8088, 9234), proxy.addresses[1:], strict=True))
        text = sample("haproxy.cfg")
        text = re.sub(r"192\.0\.2\.10:(\d+)", lambda match: "127.0.0.1:%d" % listening[int(match[1])][1], text)
        text = re.sub(r"check port (\d+)", lambda match: "check port %d inter 200" % listening[int(match[1])][1], text)
        text = re.sub(r"bind :(\d+)", lambda match: f"bind 127.0.0.1:{self.ports[int(match[1])]}", text)
        path = os.path.join(folder, "haproxy.cfg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        super().__init__(["/usr/sbin/haproxy", "-db", "-f", path])

    def finish(self):
        self.process.kill()
        self.wait()


@pytest.fixture
def balanced(start_proxy, pbx, launch, tmp_path):
    """balanced(**sections) -> (proxy, haproxy in front of it). Its first listener is plain, for the harness."""

    def start(**sections):
        listen = yaml.safe_load(sample("astmanproxy.yaml").replace("192.0.2.10", "127.0.0.1"))["listen"]
        for entry in listen:
            entry.update(port=0, tls="off", **{key: ["127.0.0.1"] for key in ("trust", "allow") if key in entry})
        plain = {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"}
        proxy = start_proxy({"pbx1": pbx}, listen=[plain, *listen], plugins=ALL_PLUGINS, **sections)
        haproxy = launch(Balancer, str(tmp_path), proxy)
        assert poll(lambda: accepts(haproxy.ports[5038]) and accepts(haproxy.ports[8088])), haproxy.tail()
        return proxy, haproxy

    return start


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def arrive(proxy, haproxy, source):
    client = Client(("127.0.0.1", haproxy.ports[5038]), source=source)
    proxy.clients.append(client)
    return client


def test_over_tcp_each_client_has_its_own_address(balanced):
    """Also its own failures: who guesses is locked out alone."""
    proxy, haproxy = balanced(auth={"failures_per_minute": 2})
    for _ in range(3):
        arrive(proxy, haproxy, ALICE).login("dave", "wrong")
    assert "Too many failed logins" in arrive(proxy, haproxy, ALICE).login("dave", secret_of("dave"))["Message"]
    bob = arrive(proxy, haproxy, BOB)
    assert bob.login("dave", secret_of("dave"), Events="off")["Response"] == "Success"
    listed = bob.ask(ProxyAction="ListSessions").all("ProxyClientSession")
    assert any(address.startswith(BOB) for address in listed), listed
    assert not proxy.log_contains("PROXY header refused")


def test_over_http_each_client_has_its_own_address(balanced):
    """What a client itself writes into X-Forwarded-For is not believed."""
    users = [{"name": "dave", "secret": secret_of("dave"), "address": ["127.0.0.1", ALICE]}]
    proxy, haproxy = balanced(users=users)
    for source, forged, status in ((ALICE, "203.0.113.9", 200), (BOB, ALICE, 401), (ALICE, BOB, 200)):
        web = Web(("127.0.0.1", haproxy.ports[8088]), basic(), source=(source, 0))
        proxy.clients.append(web)
        answer = web.get("/?Action=Ping&Server=pbx1", X_Forwarded_For=forged)
        assert answer.status == status, (source, answer)
    proxy.wait_for_line(f"address={ALICE}:", "login accepted")


def test_a_proxy_that_reaches_no_asterisk_gets_no_new_clients(balanced, pbx):
    _, haproxy = balanced()
    assert poll(lambda: Web(("127.0.0.1", haproxy.ports[8088])).get("/").status != 503)
    pbx.go_down()
    assert poll(lambda: Web(("127.0.0.1", haproxy.ports[8088])).get("/").status == 503)
    haproxy.wait_for_line("proxy1 is DOWN")
