"""AJAM with clients that others have made: curl with a cookie jar, PHP with its own reading of cookies, a browser."""

import contextlib
import subprocess

import pytest

from harness.ajam import Ajam, start_ajam
from harness.browser import Browser
from harness.limits import DEADLINE
from harness.proxy import secret_of
from harness.web import ALL_PLUGINS, listeners

SECRET = secret_of("dave")

# What CRM connectors do: the first answer's cookie is cut out by hand and sent as it came, quotes and all.
PHP = r"""<?php
[, $base, $user, $secret] = $argv;
$cookie = null;
function ask(array $parameters, bool $post = false) {
    global $base, $cookie;
    $http = ['timeout' => 60, 'ignore_errors' => true, 'method' => $post ? 'POST' : 'GET', 'header' => []];
    if ($cookie !== null) $http['header'][] = "Cookie: mansession_id=$cookie";
    $url = $base;
    if ($post) {
        $http['header'][] = 'Content-Type: application/x-www-form-urlencoded';
        $http['content'] = http_build_query($parameters);
    } else {
        $url .= '?' . http_build_query($parameters);
    }
    $body = file_get_contents($url, false, stream_context_create(['http' => $http]));
    foreach ($http_response_header as $line)
        if (preg_match('/^Set-Cookie: mansession_id=([^;]+);/i', $line, $found)) $cookie = $found[1];
    return $body;
}
echo ask(['action' => 'login', 'username' => $user, 'secret' => $secret], true);
echo ask(['action' => 'ping', 'actionid' => 'php 1']);
echo ask(['action' => 'waitevent', 'timeout' => 30]);
echo ask(['action' => 'logoff']);
echo ask(['action' => 'ping']);
"""

PAGE = """<!doctype html><meta charset="utf-8"><title>ajam</title><link rel="icon" href="data:,"><body><script>
const seen = document.createElement('pre');
document.body.append(seen);
const show = (text) => { seen.textContent += text; };

function ask(path, parameters) { // as the demo pages of Asterisk do it: XMLHttpRequest, and XML
    return new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.onload = () => resolve(request);
        request.open('GET', '/asterisk/' + path + '?' + new URLSearchParams(parameters));
        request.send();
    });
}

(async () => {
    const login = await ask('rawman', { action: 'login', username: 'dave', secret: '%(secret)s' });
    show(login.responseText.includes('Authentication accepted') ? '[login]' : login.responseText);
    show(document.cookie === '' ? '[hidden]' : document.cookie);
    for (;;) {
        const answer = await ask('mxml', { action: 'waitevent', timeout: 30, ajaxdest: 'box' });
        const all = [...answer.responseXML.querySelectorAll('response[id=box] > generic')];
        const hold = all.find((node) => node.getAttribute('event') === 'Hold');
        if (hold) {
            show('[' + hold.getAttribute('channel') + ']');
            break;
        }
    }
    const over = await fetch('/rawman?action=logoff').then((response) => response.text());
    show(over.includes('Goodbye') ? '[over]' : over);
})();
</script>
"""


@pytest.fixture
def client(start_proxy, pbx):
    client = Ajam(start_ajam(start_proxy, {"pbx1": pbx}))
    client.connect()
    return client


def wait_for_login(proxy):
    """Returns once a session without a connection has logged in: from then on it collects events."""
    proxy.wait_until(
        lambda lines: any(
            "login accepted" in line and f"session={number} " in line for number in opened(lines) for line in lines
        ),
        "a login of AJAM",
    )


def opened(lines):
    return [line.split("session=")[1].split()[0] for line in lines if "session opened without a connection" in line]


def test_i16_ajam_curl_with_a_cookie_jar(client, pbx, tmp_path):
    jar = str(tmp_path / "jar")
    command = ["curl", "-sS", "--max-time", str(int(DEADLINE)), "--noproxy", "*", "-c", jar, "-b", jar]

    def ask(query, *options):
        target = f"http://{client.web.host}/asterisk/rawman?{query}"
        return subprocess.run([*command, *options, target], capture_output=True, timeout=DEADLINE, check=True).stdout

    assert b"Authentication accepted" in ask("", "-d", f"action=login&username=dave&secret={SECRET}")
    assert b"ActionID: c1\r\nPing: Pong" in ask("action=ping&actionid=c1")
    pbx.event("Hold", "call,all", Channel="SIP/1")
    assert b"Event: Hold\r\n" in ask("action=waitevent&timeout=30")
    assert b"Thanks for all the fish" in ask("action=logoff")
    assert b"Permission denied" in ask("action=ping")
    assert client.proxy.log().count("session opened without a connection") == 1


def test_i16_ajam_php_with_its_own_cookies(client, pbx, tmp_path):
    script = tmp_path / "client.php"
    script.write_text(PHP)
    command = ["php", "-n", str(script), f"http://{client.web.host}/asterisk/rawman", "dave", SECRET]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as php:
        wait_for_login(client.proxy)
        pbx.event("Hold", "call,all", Channel="SIP/1")
        out, err = php.communicate(timeout=DEADLINE)
    assert php.returncode == 0 and err == b"", (out, err)
    words = [b"Authentication accepted", b"ActionID: php 1\r\nPing: Pong", b"Event: Hold\r\n", b"Goodbye", b"denied"]
    places = [out.find(word) for word in words]
    assert -1 not in places and places == sorted(places), out


def test_i16_ajam_page_in_a_browser(start_proxy, pbx, tmp_path):
    root = tmp_path / "pages"
    root.mkdir(mode=0o755)
    (root / "index.html").write_text(PAGE % {"secret": SECRET})
    tmp_path.chmod(0o755)
    http = {"ajam": {}, "document_root": str(root)}
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS, http=http)
    host, port = proxy.addresses[1][:2]
    with contextlib.closing(Browser(tmp_path)) as browser:
        page = browser.page()
        page.go(f"http://{host}:{port}/index.html")
        page.wait_for_text("pre", "[login]")
        wait_for_login(proxy)
        pbx.event("Hold", "call,all", Channel="SIP/1")
        page.wait_for_text("pre", "[login][hidden][SIP/1][over]")
        assert page.errors == []
