"""haproxy and nginx with the samples of the operator's guide, in front of a proxy that has the guide's, too."""

import os
import re
import socket

import pytest
import yaml

from .client import Client
from .limits import poll
from .night import sample
from .process import Process
from .proxy import free_port, secret_of
from .web import ALL_PLUGINS, Web, basic

# Where the balancer is reached; what it sends to the proxy comes from 127.0.0.1. And two of its clients.
HERE, ALICE, BOB = "127.0.0.5", "127.0.0.7", "127.0.0.8"
# Users whose only one logs in from ALICE alone, and from where the harness does.
ONLY_FROM_ALICE = [{"name": "dave", "secret": secret_of("dave"), "address": ["127.0.0.1", ALICE]}]
# What stands around the sample: what Debian's nginx.conf says and what passes may depend on; files where the test may write.
NGINX = """
daemon off;
error_log stderr;
pid nginx.pid;
events {}
http {
    sendfile on;
    tcp_nopush on;
    gzip on;
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
%s
}
"""


class Balancer(Process):
    """`listening`: the proxy's ports, and `ports`: the balancer's own, both by those of the sample."""

    def __init__(self, folder, proxy, listening):
        self.folder, self.proxy, self.listening, self.ports = folder, proxy, listening, {}
        command = self.prepare()
        super().__init__(command)
        if not poll(lambda: self.closed or all(map(self.accepts, self.ports))) or self.closed:
            self.finish()
            raise AssertionError(f"{command} does not serve:\n{self.tail()}")

    def with_ports(self, text, own):
        """The sample with the addresses of this test. `own`: what precedes the balancer's own ports, a pattern."""
        self.ports = {int(port): free_port() for port in re.findall(rf"{own}(\d+)", text)}
        text = re.sub(rf"({own})(\d+)", lambda match: match[1] + str(self.ports[int(match[2])]), text)
        return re.sub(r"192\.0\.2\.10:(\d+)", lambda match: f"127.0.0.1:{self.listening[int(match[1])]}", text)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def accepts(self, port):
        with socket.socket() as probe:
            return probe.connect_ex((HERE, self.ports[port])) == 0

    def client(self, source):
        """A client of AMI, of that address."""
        self.proxy.clients.append(Client((HERE, self.ports[5038]), source=source))
        return self.proxy.clients[-1]

    def web(self, auth=None, source=ALICE):
        """A client of HTTP, of that address."""
        self.proxy.clients.append(Web((HERE, self.ports[8088]), auth, source=(source, 0)))
        return self.proxy.clients[-1]

    def assert_clients_keep_their_addresses(self):
        """Over HTTP; what a client itself writes into X-Forwarded-For is not believed. Wants users: ONLY_FROM_ALICE."""
        for source, forged, status in ((ALICE, "203.0.113.9", 200), (BOB, ALICE, 401), (ALICE, BOB, 200)):
            answer = self.web(basic(), source).get("/?Action=Ping&Server=pbx1", X_Forwarded_For=forged)
            assert answer.status == status, (source, answer)
        self.proxy.wait_for_line(f"address={ALICE}:", "login accepted")

    def finish(self):
        self.process.terminate()  # nginx ends its workers; killed, it leaves them
        self.wait()


class Haproxy(Balancer):
    def prepare(self):
        text = self.with_ports(sample("haproxy.cfg"), r"bind :")
        text = re.sub(r"check port (\d+)", lambda match: f"check port {self.listening[int(match[1])]} inter 200", text)
        return ["/usr/sbin/haproxy", "-db", "-f", self.write("haproxy.cfg", text.replace("bind :", f"bind {HERE}:"))]


class Nginx(Balancer):
    def prepare(self):
        text = self.with_ports(sample("nginx.conf"), r"listen ").replace("listen ", f"listen {HERE}:")
        return ["/usr/sbin/nginx", "-p", self.folder, "-e", "stderr", "-c", self.write("nginx.conf", NGINX % text)]


@pytest.fixture
def balance(start_proxy, pbx, launch, tmp_path):
    """balance(Haproxy, **sections) -> (proxy, balancer in front of it). The proxy's first listener is plain, for the
    harness."""

    def start(kind, **sections):
        config = yaml.safe_load(
            sample("astmanproxy.yaml").replace("192.0.2.10", "127.0.0.1").replace("192.0.2.5", HERE)
        )
        given = [entry["port"] for entry in config["listen"]]
        for entry in config["listen"]:
            entry.update(port=0, tls="off", **{key: ["127.0.0.1"] for key in ("trust", "allow") if key in entry})
        plain = {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"}
        config["listen"].insert(0, plain)
        for name, section in sections.items():
            config[name] = {**config.get(name, {}), **section} if isinstance(section, dict) else section
        proxy = start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS, **config)
        listening = dict(zip(given, (port for _, port in proxy.addresses[1:]), strict=True))
        return proxy, launch(kind, str(tmp_path), proxy, listening)

    return start
