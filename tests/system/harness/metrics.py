"""What GET /metrics tells, read by python3-prometheus-client's parser."""

import pytest
from prometheus_client.parser import text_string_to_metric_families as parse

from .limits import Deadline
from .web import ALL_PLUGINS, Web

REPORTS = [
    {"address": "127.0.0.1", "port": 0, "input": "standard", "tls": "off"},
    {"address": "127.0.0.1", "port": 0, "input": "http", "output": "json", "tls": "off", "reports": True},
    {"address": "127.0.0.1", "port": 0, "input": "http", "output": "json", "tls": "off"},
]


class Scrape:
    """What one GET /metrics said: value(name, labels…)."""

    def __init__(self, text, parser=parse):
        self.text = text
        self.families = list(parser(text))
        self.samples = {}
        for family in self.families:
            for sample in family.samples:
                key = (sample.name, frozenset(sample.labels.items()))
                assert key not in self.samples, f"twice: {key}"
                self.samples[key] = sample.value

    def value(self, name, /, **labels):
        return self.samples[(name, frozenset(labels.items()))]

    def sum(self, name, /, **labels):
        return sum(
            value
            for (own, own_labels), value in self.samples.items()
            if own == name and set(labels.items()) <= own_labels
        )

    def names(self):
        return {name for name, _ in self.samples}


def scrape(proxy, **headers):
    web = Web(proxy.addresses[1])
    answer = web.get("/metrics", **headers)
    assert answer.status == 200, answer
    web.close()
    return Scrape(answer.text)


def grown(proxy, before, name, expected, /, **labels):
    """Waits until the metric is `expected` more than it was, and never more."""
    deadline = Deadline()
    while True:
        now = scrape(proxy).sum(f"astmanproxy_{name}", **labels) - before.sum(f"astmanproxy_{name}", **labels)
        assert now <= expected, f"{name}{labels} grew by {now}"
        if now == expected:
            return
        assert not deadline.passed(), f"{name}{labels} grew by {now}, not by {expected}"


def settled(proxy, name, expected, /, **labels):
    """Waits until the gauge is `expected`."""
    deadline = Deadline()
    while (now := scrape(proxy).sum(f"astmanproxy_{name}", **labels)) != expected:
        assert not deadline.passed(), f"{name}{labels} is {now}, not {expected}"


@pytest.fixture
def reporting(start_proxy, pbx):
    def start(servers=None, **sections):
        return start_proxy(
            {"pbx1": pbx} if servers is None else servers, plugins=ALL_PLUGINS, **{"listen": REPORTS, **sections}
        )

    return start
