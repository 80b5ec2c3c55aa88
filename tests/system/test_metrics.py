"""GET /metrics: counters grow by exactly what the test sends. The parser of python3-prometheus-client reads the text."""

import json
import os
import re

import pytest
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open

from harness.certificates import Authority
from harness.limits import Deadline
from harness.metrics import REPORTS, Scrape, grown, scrape, settled
from harness.process import SOURCE
from harness.proxy import SECRETS
from harness.web import ALL_PLUGINS, Web

DASHBOARD = os.path.join(SOURCE, "contrib/grafana/astmanproxy.json")
RULES = os.path.join(SOURCE, "contrib/grafana/rules.yaml")


def test_events_are_counted_in_and_out(reporting, pbx):
    proxy = reporting()
    readers = [proxy.login("dave") for _ in range(3)]
    other = proxy.login("bill")
    other.send(ProxyAction="SetOutputFormat", OutputFormat="json")
    settled(proxy, "sessions", 1, input="standard", output="json")
    quiet = proxy.login("viewer")
    quiet.ask(Action="Events", EventMask="off")
    before = scrape(proxy)
    for number in range(20):
        pbx.event("Counted", "call,all", Number=number)
    for reader in readers:
        reader.read_until(Number="19")
    grown(proxy, before, "events_received_total", 20, server="pbx1")
    grown(proxy, before, "events_sent_total", 60, format="standard")
    grown(proxy, before, "events_sent_total", 20, format="json")
    grown(proxy, before, "events_sent_total", 0, format="xml")


def test_an_event_of_an_action_is_counted_once_for_who_asked(reporting, pbx):
    pbx.answers["UserEvent"] = lambda action: (
        action.send(("Event", "UserEvent"), ("Privilege", "user,all"), ("ActionID", action.id), ("UserEvent", "Own")),
        action.reply("Success", Message="Event Sent"),
    )
    proxy = reporting()
    asker, other = proxy.login("dave"), proxy.login("bill")
    before = scrape(proxy)
    asker.send(Action="UserEvent", UserEvent="Own", ActionID="u1")
    asker.read_until(Event="UserEvent", ActionID="u1")
    other.read_until(Event="UserEvent")
    grown(proxy, before, "events_sent_total", 2)


def test_actions_are_counted_by_outcome(reporting, pbx):
    pbx.answers["CoreStatus"] = lambda action: action.reply("Success", CoreCurrentCalls="1")
    proxy = reporting(limits={"exchange_timeout": "500ms"})
    dave, viewer, stranger = proxy.login("dave"), proxy.login("viewer"), proxy.connect()
    before = scrape(proxy)
    for _ in range(7):
        dave.ask(Action="CoreStatus")
    assert dave.ask(Action="Getvar", Variable="x")["Message"].startswith("No answer")  # nobody answers it
    assert viewer.ask(Action="Originate", Channel="a/b")["Message"] == "Permission denied"
    assert stranger.ask(Action="CoreStatus")["Response"] == "Error"
    assert dave.ask(Action="CoreStatus", Server="nobody")["Response"] == "Error"
    dave.send(Action="Getvar", Variable="y", ActionID="lost")
    pbx.expect(Action="Getvar", Variable="y").drop_connection()
    assert dave.response("lost")["Response"] == "Error"
    leaver = proxy.login("bill")
    proxy.wait_for_server()
    after = scrape(proxy)
    assert after.value("astmanproxy_server_losses_total", server="pbx1") == 1
    assert after.value("astmanproxy_server_up", server="pbx1") == 1
    assert after.value("astmanproxy_server_connections_total", server="pbx1") == 2
    leaver.send(Action="Getvar", Variable="z", ActionID="left")
    pbx.expect(Action="Getvar", Variable="z")
    leaver.close()
    grown(proxy, before, "actions_total", 1, outcome="timeout")
    grown(proxy, before, "actions_total", 1, outcome="lost")
    grown(proxy, before, "actions_total", 1, outcome="refused", reason="denied")
    grown(proxy, before, "actions_total", 1, outcome="refused", reason="not_logged_in")
    grown(proxy, before, "actions_total", 1, outcome="abandoned")
    # 7 answers, the login of `leaver`, and what wait_for_server() did: a login, a Logoff, Pings till one was answered
    deltas = {
        reason: scrape(proxy).sum("astmanproxy_actions_total", outcome=outcome, reason=reason)
        - before.sum("astmanproxy_actions_total", outcome=outcome, reason=reason)
        for outcome, reason in (("answered", ""), ("refused", "no_server"))
    }
    assert deltas[""] == 11 and deltas["no_server"] in (1, 2), deltas
    grown(proxy, before, "server_actions_failed_total", 1, server="pbx1", reason="lost")


def test_latency_is_a_histogram(reporting, pbx):
    pbx.answers["CoreStatus"] = lambda action: action.reply("Success")
    proxy = reporting()
    dave = proxy.login("dave")
    before = scrape(proxy)
    for _ in range(10):
        dave.ask(Action="CoreStatus")
    dave.send(Action="Getvar", Variable="slow", ActionID="slow")
    held = pbx.expect(Action="Getvar")
    proxy.login("bill").ask(Action="Ping")  # some time passes
    held.reply("Success", Value="1")
    dave.response("slow")
    after = scrape(proxy)
    name = "astmanproxy_server_action_duration_seconds"
    assert after.value(f"{name}_count", server="pbx1") - before.value(f"{name}_count", server="pbx1") == 11
    buckets = [
        (float(dict(labels)["le"]), value)
        for (own, labels), value in after.samples.items()
        if own == f"{name}_bucket" and dict(labels)["server"] == "pbx1"
    ]
    buckets.sort()
    assert [bound for bound, _ in buckets][:3] == [0.0005, 0.001, 0.0025] and buckets[-2][0] == 30
    counts = [count for _, count in buckets]
    assert counts == sorted(counts) and counts[-1] == after.value(f"{name}_count", server="pbx1")
    # The sum lies between what the buckets allow.
    least = sum(
        (count - before_count) * low
        for (low, before_count), (_, count) in zip([(0, 0)] + buckets[:-1], buckets, strict=True)
        if low < 30
    )
    assert least <= after.value(f"{name}_sum", server="pbx1") + 1e-6


def test_sessions_are_shown_by_listener_and_format(reporting):
    proxy = reporting()
    clients = [proxy.login("dave") for _ in range(3)] + [proxy.connect()]
    listener = "%s:%d" % proxy.addresses[0]
    settled(proxy, "sessions", 3, listener=listener, input="standard", output="standard", logged_in="yes")
    settled(proxy, "sessions", 1, listener=listener, logged_in="no")
    clients[0].send(ProxyAction="SetOutputFormat", OutputFormat="json")
    settled(proxy, "sessions", 1, listener=listener, output="json")
    before = scrape(proxy)
    clients[1].close()
    settled(proxy, "sessions", 2, listener=listener, logged_in="yes")
    grown(proxy, before, "sessions_ended_total", 1, reason="end_of_stream")
    assert (
        before.value(
            "astmanproxy_build_info",
            **dict(next(iter(labels for (name, labels) in before.samples if name == "astmanproxy_build_info"))),
        )
        == 1
    )


def test_failed_logins_and_refused_connections(reporting):
    listen = [REPORTS[0], REPORTS[1], {**REPORTS[0], "deny": ["127.0.0.0/8"]}]
    proxy = reporting(listen=listen, limits={"per_address": 20})
    before = scrape(proxy)
    proxy.connect().login("dave", "wrong")
    proxy.connect().login("nobody", "wrong")
    proxy.login("dave")
    proxy.connect(2, banner=False).read_to_end()
    grown(proxy, before, "logins_total", 2, result="failed")
    grown(proxy, before, "logins_total", 1, result="accepted")
    grown(proxy, before, "connections_refused_total", 1, reason="address")


def test_slow_clients_backlog_and_skipped_events(reporting, pbx):
    """The number of missed events that the client is told is the number that is counted."""
    proxy = reporting(limits={"output_backlog": "256KiB", "slow_client": "skip"})
    slow = proxy.login("dave", receive_buffer=4096)
    before = scrape(proxy)
    count = 8000
    for number in range(count):
        pbx.event("Flood", "call,all", Number=number, Filling="x" * 900)
    grown(proxy, before, "events_received_total", count)
    after = scrape(proxy)
    skipped = after.value("astmanproxy_events_skipped_total")
    assert skipped > 0 and after.value("astmanproxy_slow_clients_total", rule="skip") > 0
    assert after.value("astmanproxy_backlog_bytes") > 0
    received = dropped = 0
    deadline = Deadline(30)
    while received + dropped < count:
        message = slow.read_message(deadline)
        received += message.get("Event") == "Flood"
        dropped += int(message["Dropped"]) if message.get("Event") == "EventsSkipped" else 0
    assert received + dropped == count
    assert scrape(proxy).value("astmanproxy_events_skipped_total") == dropped
    settled(proxy, "backlog_bytes", 0)


def test_slow_clients_that_are_cut_off(reporting, pbx):
    proxy = reporting(limits={"output_backlog": "256KiB"})
    proxy.login("dave", receive_buffer=4096)
    before = scrape(proxy)
    for number in range(8000):
        pbx.event("Flood", "call,all", Number=number, Filling="x" * 900)
    grown(proxy, before, "slow_clients_total", 1, rule="disconnect")
    grown(proxy, before, "sessions_ended_total", 1, reason="slow")
    settled(proxy, "backlog_bytes", 0)


def test_scripts_are_counted_with_their_time(reporting):
    proxy = reporting()
    dave = proxy.login("dave")
    before = scrape(proxy)
    for _ in range(5):
        dave.ask(ProxyAction="ListServers")
    after = scrape(proxy)
    labels = {"script": "ListServers", "kind": "proxy_action"}
    assert (
        after.value("astmanproxy_script_calls_total", **labels)
        - before.value("astmanproxy_script_calls_total", **labels)
        == 5
    )
    assert after.value("astmanproxy_script_errors_total", **labels) == 0
    assert after.value("astmanproxy_script_seconds_total", **labels) > 0


def test_errors_and_counters_of_scripts(reporting, pbx, tmp_path):
    script = tmp_path / "fails.lua"
    script.write_text(
        "return { events = { 'Hello' }, message = function(m) amp.count('seen \"it\"\\n') error('no') end }\n"
    )
    script.chmod(0o644)
    proxy = reporting(
        users=[
            {"name": "dave", "secret": "dave-SECRET-1", "filters": [str(script)]},
            {"name": "bill", "secret": "bill-SECRET-2"},
        ]
    )
    dave, bill = proxy.login("dave"), proxy.login("bill")
    before = scrape(proxy)
    for _ in range(3):
        pbx.event("Hello")
    for _ in range(3):
        bill.read_until(Event="Hello")
    dave.ask(Action="Ping")
    grown(proxy, before, "script_errors_total", 3, kind="filter")  # on the worker that has the session
    after = scrape(proxy)
    assert after.value("astmanproxy_script_counts_total", name='seen "it"\n') == 3  # escaped, and read back
    assert 'name="seen \\"it\\"\\n"' in after.text


def test_stats_tell_the_same(reporting, pbx):
    proxy = reporting()
    dave = proxy.login("dave")
    for number in range(4):
        pbx.event("Counted", Number=number)
    dave.read_until(Number="3")
    dave.ask(Action="CoreStatus", Server="nobody")
    stats = dave.ask(ProxyAction="Stats")
    now = scrape(proxy)
    for name, metric, labels in [
        ("EventsReceived", "events_received_total", {}),
        ("EventsSent", "events_sent_total", {}),
        ("ActionsRefused", "actions_total", {"outcome": "refused"}),
        ("LoginsFailed", "logins_total", {"result": "failed"}),
        ("ScriptErrors", "script_errors_total", {}),
        ("LogLinesLost", "log_lines_lost_total", {}),
    ]:
        assert int(stats[name]) == now.sum(f"astmanproxy_{metric}", **labels), name
    assert int(stats["ActionsRefused"]) >= 1


def test_labels_are_escaped(reporting, pbx):
    proxy = reporting(servers={'a "b"\\c': pbx, "ünï": pbx}, up=[])
    settled(proxy, "server_up", 1, server='a "b"\\c')
    settled(proxy, "server_up", 1, server="ünï")


def test_shared_answers_and_reloads(reloadable, pbx):
    proxy, change = reloadable(plugins=ALL_PLUGINS, listen=REPORTS, share={"in_flight": True})
    first, second = proxy.login("dave"), proxy.login("dave")
    before = scrape(proxy)
    first.send(Action="QueueStatus", ActionID="1")
    asked = pbx.expect(Action="QueueStatus")
    second.send(Action="QueueStatus", ActionID="2")
    grown(proxy, before, "shared_answers_total", 1)
    asked.start_list()
    asked.end_list("QueueStatusComplete", 0)
    first.read_until(Event="QueueStatusComplete", ActionID="1")
    second.read_until(Event="QueueStatusComplete", ActionID="2")
    change(plugins=ALL_PLUGINS, listen=REPORTS)
    proxy.hang_up()
    grown(proxy, before, "reloads_total", 1, result="ok")
    with open(proxy.path, "a", encoding="utf-8") as file:
        file.write("\nnonsense: 1\n")
    proxy.hang_up("configuration not reloaded")
    grown(proxy, before, "reloads_total", 1, result="failed")
    after = scrape(proxy)
    assert after.value("astmanproxy_last_reload_successful") == 0
    assert after.value("astmanproxy_last_reload_timestamp_seconds") > 1.6e9
    assert after.value("astmanproxy_events_received_total", server="pbx1") >= before.value(
        "astmanproxy_events_received_total", server="pbx1"
    )  # a reload does not begin anew


def test_process_metrics(reporting):
    proxy = reporting()
    said = scrape(proxy)
    assert abs(said.value("process_resident_memory_bytes") / 1024 - proxy.memory_kib()) < proxy.memory_kib() / 4
    assert abs(said.value("process_open_fds") - proxy.descriptors()) <= 3
    assert said.value("process_cpu_seconds_total") <= proxy.cpu_seconds() + 0.05
    assert said.value("process_start_time_seconds") > 1.6e9


def test_both_formats_say_the_same_families(reporting, pbx):
    proxy = reporting()
    proxy.login("dave").ask(Action="CoreStatus", Server="none")
    web = Web(proxy.addresses[1])
    plain = web.get("/metrics")
    assert plain.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    rich = web.get("/metrics", Accept="application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
    assert rich.get("Content-Type").startswith("application/openmetrics-text; version=1.0.0")
    assert rich.text.endswith("# EOF\n")
    old, new = Scrape(plain.text), Scrape(rich.text, parse_open)
    assert old.names() == new.names()
    for family in new.families:
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
        assert re.fullmatch(r"(astmanproxy|process)_[a-z0-9_]+", family.name), family.name
    assert not any(secret in plain.text for secret in SECRETS) and "dave" not in plain.text


def test_methods_and_who_may_read(reporting):
    proxy = reporting()
    web = Web(proxy.addresses[1])
    web.send_raw(web.head("HEAD", "/metrics"))
    head = web.read(bodiless=True)
    assert head.status == 200 and int(head.get("Content-Length")) > 1000
    assert web.get("/healthz").text == "alive\n"  # and no body came
    refused = web.post("Action=Ping", target="/metrics")
    assert refused.status == 405 and refused.get("Allow") == "GET, HEAD"
    closed = Web(proxy.addresses[2])  # a listener without `reports`
    for target in ("/metrics", "/healthz", "/healthz/ready"):
        assert closed.get(target).status == 404


def test_reload_changes_who_may_read(reloadable):
    proxy, change = reloadable(plugins=ALL_PLUGINS, listen=REPORTS)
    scrape(proxy)
    change(plugins=ALL_PLUGINS, listen=[{**entry, "reports": False} for entry in REPORTS])
    proxy.hang_up()
    assert Web(proxy.addresses[1]).get("/metrics").status == 404


def test_wrong_value_of_reports_is_named(tmp_path, start_proxy, pbx):
    with pytest.raises(
        AssertionError, match=r"astmanproxy.yaml:\d+:\d+: listen\[1\].reports: expected true or false; found \"maybe\""
    ):
        start_proxy({"pbx1": pbx}, plugins=ALL_PLUGINS, listen=[REPORTS[0], {**REPORTS[1], "reports": "maybe"}])


# -- what is built on the metrics


def expressions():
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    found = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    found += [variable["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    with open(RULES, encoding="utf-8") as file:
        rules = [rule for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)
    assert len(rules) >= 4
    return found + [rule["expr"] for rule in rules]


def test_dashboard_and_rules_use_what_there_is(reloadable, pbx, tmp_path):
    exports = [{"user": "dave", "to": "http://127.0.0.1:9/", "events": ["agent"]}]  # posts nothing
    cluster = {"name": "c1", "node": "n1", "bus": ["nats://127.0.0.1:1"]}  # nobody listens there
    certificate = Authority(tmp_path).issue("localhost")
    sections = {"plugins": ALL_PLUGINS, "listen": REPORTS, "exports": exports, "cluster": cluster}
    sections["listen"] = [REPORTS[0], {**REPORTS[1], "pbx_metrics": True}, REPORTS[2]]
    sections |= {"tls": {"certificate": certificate}, "scripts": {"filters": ["novar"]}}
    proxy, change = reloadable(**sections)
    change(**sections)
    os.chmod(certificate, 0o644)
    proxy.hang_up()  # for the metrics of reloads
    pbx.event("QueueCallerJoin", "agent,all", Queue="q", Uniqueid="1")
    settled(proxy, "pbx_queue_waiting", 1, queue="q")
    known = scrape(proxy).names()
    used = {name for text in expressions() for name in re.findall(r"\b(?:astmanproxy|process)_\w+", text)}
    assert len(used) > 20
    assert used <= known, used - known
