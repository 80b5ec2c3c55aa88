"""A browser: a page from document_root uses fetch, EventSource and WebSocket, and tells what it saw by an action."""
import os
import shutil
import subprocess
import urllib.parse

import pytest

from harness.proxy import secret_of
from harness.web import ALL_PLUGINS, listeners

PAGE = """<!doctype html><meta charset="utf-8"><title>feeds</title>
<script>
const who = new URLSearchParams({ username: 'dave', secret: '%(secret)s' });
const auth = { Authorization: 'Basic ' + btoa('dave:%(secret)s') };
const seen = {};
const events = new EventSource('/events?' + who + '&events=call');
const socket = new WebSocket('ws://' + location.host + '/ws', ['ami.json']);

async function ask(action) {
    const response = await fetch('/', { method: 'POST', headers: auth, body: new URLSearchParams(action) });
    return response.json();
}

async function report() {
    if (seen.event && seen.socket && seen.answer && seen.foreign)
        await ask({ Action: 'UserEvent', UserEvent: 'Report', Seen: JSON.stringify(seen) });
}

function see(what, value) {
    seen[what] = value;
    report();
}

events.onopen = () => ask({ Action: 'UserEvent', UserEvent: 'Listening' });
events.addEventListener('Hangup', (event) => see('event', JSON.parse(event.data).Channel + event.lastEventId));
socket.onopen = () => socket.send(JSON.stringify({ Action: 'Login', Username: 'dave', Secret: '%(secret)s' }));
socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.Message === 'Authentication accepted')
        socket.send(JSON.stringify({ Action: 'Ping', ActionID: 'ping' }));
    if (message.ActionID === 'ping')
        see('socket', message.Ping);
};
ask({ Action: 'Ping', ActionID: 'a&b' }).then((answer) => see('answer', answer.ActionID));
const other = 'http://localhost:' + location.port + '/?Action=UserEvent&UserEvent=Foreign&' + who;
fetch(other, { mode: 'no-cors', headers: {} }).then(() => fetch(other)).catch((error) => see('foreign', String(error.name)));
</script>
"""
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-extensions", "--mute-audio",
           "--no-default-browser-check", "--remote-debugging-port=0"]


@pytest.fixture
def browser(tmp_path):
    """browser(url): opens it; the browser ends with the test."""
    assert BROWSER, "chromium is missing (tests/run.sh installs it)"
    started = []

    def start(url):
        folder = tmp_path / "profile"
        folder.mkdir()
        environment = {**os.environ, "HOME": str(folder)}
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_PRELOAD"):
            environment.pop(name, None)
        log = open(tmp_path / "browser.log", "wb")
        started.append((subprocess.Popen([BROWSER, *OPTIONS, f"--user-data-dir={folder}", url], stdin=subprocess.DEVNULL,
                                         stdout=log, stderr=log, env=environment), log))

    yield start
    for process, log in started:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def test_a_page_uses_everything(start_proxy, pbx, tmp_path, browser):
    root = tmp_path / "site"
    root.mkdir(mode=0o755)
    (root / "index.html").write_text(PAGE % {"secret": urllib.parse.quote(secret_of("dave"))})
    proxy = start_proxy({"pbx1": pbx}, listen=listeners(), plugins=ALL_PLUGINS, http={"document_root": "site"})
    host, port = proxy.addresses[1]
    browser(f"http://{host}:{port}/")
    pbx.expect(60, UserEvent="Listening").reply("Success")
    pbx.event("Hangup", "call,all", Channel="SIP/browser-")
    report = pbx.expect(60, UserEvent="Report")
    report.reply("Success")
    report = report["Seen"]
    assert '"socket":"Pong"' in report and '"answer":"a&b"' in report
    assert '"event":"SIP/browser-' in report and '"foreign":"TypeError"' in report
    assert pbx.actions == []   # nothing of the foreign request
    proxy.wait_for_line("warn", "protocol says")
