"""A browser: a page from document_root uses fetch, EventSource and WebSocket, and reports what it received by an
action."""

import urllib.parse

import pytest

from harness.browser import Browser
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


@pytest.fixture
def browser(tmp_path):
    """browser(url): opens it; the browser ends with the test."""
    started = []

    def start(url):
        started.append(Browser(tmp_path, url))

    yield start
    for one in started:
        one.close()


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
    assert pbx.actions == []  # nothing of the foreign request
    proxy.wait_for_line("warn", "protocol says")
