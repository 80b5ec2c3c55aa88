#!/usr/bin/env python3
"""What the live page costs its reader: 2,000 calls and 500 events a second in Chromium. `page.py` (with AMP_BUILD) runs it; it
needs python3-websockets and chromium."""

import contextlib
import os
import shutil
import sys
import time

import programs
from harness.browser import Browser
from programs import SECRET, USER, Proxy, Simulator, run_measurement

CALLS, RATE, SECONDS = 2000, 500, 20
PROBE = {"Action": "Getvar", "Variable": "BENCH"}
PAGE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../examples/dashboard"))
# Of each event: from its arrival to the drawing that shows it; and how late the page's own clock of 10 ms is.
LAGS = """(seconds) => import('/js/feed.js').then(({ feed }) => new Promise((resolve) => {
    const { onEvent } = feed.hooks;
    const lags = [], late = [], waiting = [];
    let last = performance.now();
    feed.hooks.onEvent = (message) => { waiting.push(performance.now()); onEvent(message); };
    const observer = new MutationObserver(() => {
        waiting.splice(0).forEach((time) => lags.push(performance.now() - time));
    });
    observer.observe(document.getElementById('events-count'), { childList: true, characterData: true, subtree: true });
    const clock = setInterval(() => {
        late.push(Math.max(0, performance.now() - last - 10));
        last = performance.now();
    }, 10);
    const rank = (values) => values.sort((a, b) => a - b)[Math.floor(values.length * 0.99)];
    setTimeout(() => {
        observer.disconnect();
        clearInterval(clock);
        feed.hooks.onEvent = onEvent;
        resolve({ events: lags.length, lag: rank(lags), late: rank(late) });
    }, seconds * 1000);
}))"""


def processor_seconds(browser):
    """Of the process that runs the page."""
    total = 0
    for entry in filter(str.isdigit, os.listdir("/proc")):
        line = programs.read_text(f"/proc/{entry}/cmdline")
        if "--type=renderer" in line and browser.profile in line:
            total += programs.cpu_seconds_of(entry) or 0
    return total


def log_in(page, port):
    page.resize(1440, 1000)
    page.go(f"http://127.0.0.1:{port}/")
    page.type("#user", USER)
    page.type("#secret", SECRET)
    page.key("Enter")
    page.wait(f"Number(document.getElementById('tile-calls').innerText) >= {CALLS}")


def measure(folder):
    site = os.path.join(folder, "site")
    shutil.copytree(PAGE, site)
    more = f"http: {{document_root: {site}}}\n"
    simulator = Simulator(folder, "--lists", str(CALLS), "--rate", str(RATE))
    proxy = Proxy(folder, simulator, PROBE, more=more)
    with contextlib.closing(Browser(folder)) as browser:
        page = browser.page()
        log_in(page, proxy.http_port)
        before, began = processor_seconds(browser), time.monotonic()
        found = page.run(f"({LAGS})({SECONDS})")
        share = (processor_seconds(browser) - before) / (time.monotonic() - began)
    print(
        f"{CALLS} calls, {found['events'] / SECONDS:.0f} events/s: {share:.0%} of a core; shown within "
        f"{found['lag']:.0f} ms (p99); a clock of the page is late by {found['late']:.0f} ms (p99)"
    )


if __name__ == "__main__":
    sys.exit(run_measurement("page.py", measure))
