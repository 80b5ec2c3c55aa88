"""The live page: that nothing jumps, what it costs, how it looks."""

import os

import pytest

from harness.dashboard import ADMINS, OUTPUT, log_in
from harness.limits import poll

LOADED = "document.documentElement.dataset.loaded === 'yes'"


# -- what it costs


def shot(page, name):
    os.makedirs(OUTPUT, exist_ok=True)
    page.screenshot(os.path.join(OUTPUT, f"dashboard-{name}.png"))


SHIFTS = """(rows) => new Promise((resolve) => {
    const found = [];
    let changed = 0;
    const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
            found.push([entry.value, entry.sources.map((source) => {
                const node = source.node && source.node.nodeType === 3 ? source.node.parentNode : source.node;
                return node ? `${node.tagName} ${node.id} ${node.className}` : 'gone';
            })]);
    });
    observer.observe({ type: 'layout-shift' });
    new MutationObserver((records, calls) => {
        for (const record of records)
            changed += record.addedNodes.length + record.removedNodes.length;
        if (changed < rows)
            return;
        calls.disconnect();
        requestAnimationFrame(() => setTimeout(() => { observer.disconnect(); resolve(found); }));
    }).observe(document.getElementById('calls-list'), { childList: true });
})"""


@pytest.mark.parametrize("size", [(1440, 1000), (390, 844)])
def test_i19_nothing_jumps(serve, simulator, page, size):
    """The sum of the layout shifts is at most 0.1 while rows of calls come and go 100 times."""
    sim = simulator("--seed", "1", "--calls", "12", "--rate", "20")
    log_in(page, serve({"sim": sim}, users=ADMINS), "bill")
    page.wait(LOADED)
    page.resize(*size)
    page.wait("document.querySelectorAll('.call').length > 8")
    found = page.run(f"({SHIFTS})(100)")
    total = sum(value for value, _ in found)
    print(f"layout shift at {size}: {total:.4f}")
    assert total <= 0.1, sorted(found, reverse=True)[:10]
    assert page.errors == []


# Counted while `events` more are shown: how often the page is drawn, and the most that one drawing writes.
WRITES = """(events) => new Promise((resolve) => {
    const counter = document.getElementById('events-count');
    const began = performance.now(), before = Number(counter.innerText);
    let drawings = 0, most = 0;
    const observer = new MutationObserver((records) => {
        most = Math.max(most, records.length);
        if (!records.some((record) => counter.contains(record.target)))
            return;
        drawings++;
        const shown = Number(counter.innerText) - before;
        if (shown >= events) {
            observer.disconnect();
            resolve({ shown, drawings, most, took: performance.now() - began });
        }
    });
    observer.observe(document.body, { attributes: true, childList: true, characterData: true, subtree: true });
})"""
BETWEEN = 60  # milliseconds between two drawings, at least (DRAWING in render.js)
MOST_WRITES = 1000  # five for each of the 200 rows


def test_i19_many_calls_cost_little(serve, simulator, page):
    """2,000 calls and 500 events a second: however many events come, drawings are 60 ms apart, and each writes no more
    than what 100 calls and 100 events need. tests/bench/page.py measures what that takes."""
    sim = simulator("--seed", "1", "--lists", "2000", "--rate", "500")
    log_in(page, serve({"sim": sim}))
    page.wait(LOADED, 60)
    page.wait("Number(document.getElementById('tile-calls').innerText) >= 2000", 60)
    found = page.run(f"({WRITES})(2000)")
    print(f"2,000 calls: {found}")
    assert found["drawings"] <= found["took"] / BETWEEN + 2
    assert found["most"] <= MOST_WRITES
    assert page.run("document.querySelectorAll('.call').length") == 100
    assert page.run("document.querySelectorAll('.event').length") <= 100
    assert page.errors == []


# -- how it looks


def opens_a_call(page):
    """By a key, as calls come and go above the button, and a mouse may be late."""
    page.run("document.querySelector('.call .more')?.focus()")
    page.key("Enter")
    return page.run("document.getElementById('call-dialog').open")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name,size", [("desk", (1440, 1000)), ("phone", (390, 844))])
def test_i19_screenshots(serve, simulator, page, name, size, scheme):
    """Full of life: build/…/test-output/dashboard-life-*.png."""
    sim = simulator("--seed", "1", "--calls", "9")
    page.prefer(scheme)
    proxy = serve({"sim": sim}, users=ADMINS)
    log_in(page, proxy, "bill")
    page.wait(LOADED)
    boss = proxy.login("bill", Events="off")
    boss.ask(Action="QueuePause", Interface="PJSIP/103", Paused="true", Reason="Lunch")
    page.wait_for_text("#agents-list", "Lunch")
    page.wait("Number(document.querySelectorAll('.facts dd')[4].innerText) >= 2", 60)  # calls that are done
    page.resize(*size, name == "phone")
    page.wait("document.documentElement.scrollWidth <= innerWidth && document.querySelectorAll('.call').length > 6")
    shot(page, f"life-{name}-{scheme}")
    page.wait("!document.querySelector('.call.over')")
    assert poll(lambda: opens_a_call(page))
    page.wait_for_text("#call-life", "is called")
    shot(page, f"life-call-{name}-{scheme}")
    assert page.errors == []
    if name == "desk":
        page.run("document.documentElement.classList.add('wall'); document.getElementById('call-dialog').close()")
        shot(page, f"life-wall-{scheme}")
        assert page.run("document.documentElement.scrollWidth <= innerWidth")
