"""What an operator must see: certificates that end, filters that stand still, lines of the log that were lost."""

import os
import re
import subprocess
import time

import pytest

from harness.certificates import Authority
from harness.limits import DEADLINE, poll
from harness.metrics import REPORTS, scrape, settled
from harness.proxy import (
    BINARY,
    Proxy,
    configuration,
    free_port,
    limit_file_size,
    server_entry,
    write_configuration,
)
from harness.web import ALL_PLUGINS, Web

DAY = 86400


@pytest.fixture
def authority(tmp_path):
    folder = tmp_path / "ca"
    folder.mkdir()
    folder.chmod(0o755)
    return Authority(folder)


def issue(authority, name, days):
    pem = authority.issue(name, days=days)
    for folder, _, names in os.walk(authority.folder):
        for file in names:
            os.chmod(os.path.join(folder, file), 0o644)
    return {"certificate": pem}


def check(tmp_path, config):
    path = tmp_path / "checked.yaml"
    write_configuration(str(path), config)
    return subprocess.run(
        [BINARY, "-t", "-c", str(path)], capture_output=True, text=True, timeout=DEADLINE, check=False
    )


WARNINGS = {
    -1: r"certificate has ended use=tls.certificate file=\S+ ended=\d{4}-\d\d-\d\dT\S+Z",
    10: r"certificate ends soon use=tls.certificate file=\S+ ends=\S+Z days=(9|10)\b",
    29: r"certificate ends soon .* days=(28|29)\b",
    31: None,
}


def test_check_warns_of_certificates_that_end_within_30_days(authority, tmp_path, pbx):
    for days, expected in WARNINGS.items():
        config = configuration([server_entry(pbx)], tls=issue(authority, f"c{days}", days))
        result = check(tmp_path, config)
        assert result.returncode == 0, result.stderr
        if expected is None:
            assert "certificate" not in result.stderr, result.stderr
        else:
            assert re.search(expected, result.stderr), result.stderr


def test_a_reload_warns_and_the_metric_has_the_end(authority, reloadable, pbx):
    sections = {"listen": REPORTS, "plugins": ALL_PLUGINS}
    proxy, change = reloadable(**sections, tls=issue(authority, "good", 400))
    name = "astmanproxy_certificate_expiry_timestamp_seconds"
    first = scrape(proxy).sum(name, use="tls.certificate")
    assert abs(first - time.time() - 400 * DAY) < DAY
    assert not proxy.log_contains("certificate ends soon")
    change(**sections, tls=issue(authority, "short", 3))
    proxy.hang_up()
    proxy.wait_for_line(" warn ", "certificate ends soon use=tls.certificate", "days=")
    second = scrape(proxy).sum(name, use="tls.certificate")
    assert abs(second - time.time() - 3 * DAY) < DAY
    change(**sections)
    proxy.hang_up()
    assert name not in scrape(proxy).names()


# -- filters that stand still

BROKEN = "return { events = { 'Counted' }, message = function(m) error('broken') end }\n"


def test_a_quarantined_filter_is_seen_as_long_as_it_stands_still(reloadable, pbx, tmp_path):
    filters = tmp_path / "mine" / "filters"
    filters.mkdir(parents=True)
    (filters / "bad.lua").write_text(BROKEN)
    for folder in (tmp_path / "mine", filters):
        folder.chmod(0o755)
    (filters / "bad.lua").chmod(0o644)
    scripts = {"path": [str(tmp_path / "mine")], "proxy_actions": [], "filters": ["bad"], "quarantine": 3}
    sections = {"listen": REPORTS, "plugins": ALL_PLUGINS}
    proxy, change = reloadable(**sections, scripts=scripts)
    reader = proxy.login("dave")
    web = Web(proxy.addresses[1])
    proxy.clients.append(web)
    assert scrape(proxy).sum("astmanproxy_filters_quarantined", script="bad") == 0
    assert web.get("/healthz/ready").text == "ready\n"
    for number in range(5):
        pbx.event("Counted", "call,all", Number=number)
    proxy.wait_for_line("filter stands still until a reload")
    settled(proxy, "filters_quarantined", 1, script="bad")
    ready = web.get("/healthz/ready")
    assert ready.status == 200  # other proxies have the same filter: this is no reason to send clients away
    assert ready.text == "ready\nthe filter bad stands still until a reload: users and workers: 1\n"
    assert web.get("/healthz").text == "alive\n"
    (filters / "bad.lua").write_text("return { events = { 'Counted' }, message = function(m) end }\n")
    change(**sections, scripts=scripts)
    proxy.hang_up()
    assert poll(lambda: web.get("/healthz/ready").text == "ready\n")
    settled(proxy, "filters_quarantined", 0, script="bad")
    reader.close()


# -- the log


def test_lines_that_a_full_disk_did_not_take_are_told_and_none_is_torn(launch, pbx, tmp_path, log_folder, workers):
    """The limit of the file's size stands for a disk: the kernel writes the part of a line that fits."""
    path = log_folder / "proxy.log"
    ports = [free_port(), free_port()]
    listen = [{**entry, "port": port} for entry, port in zip(REPORTS[:2], ports, strict=True)]
    log = {"to": str(path), "level": "info", "repeat_lines": 0}
    config = configuration([server_entry(pbx)], workers, listen=listen, plugins=ALL_PLUGINS, log=log)
    proxy = launch(Proxy, str(tmp_path), config, listening=False)
    proxy.addresses = [("127.0.0.1", port) for port in ports]
    assert poll(lambda: path.exists() and "server up" in path.read_text())
    full = path.stat().st_size + 130  # room for a line, and for a part of the next one
    limit_file_size(proxy, full)
    name = "astmanproxy_log_lines_lost_total"
    assert poll(lambda: scrape(proxy).value(name) >= 20)  # each scrape is a session
    assert path.stat().st_size == full
    lost = scrape(proxy).value(name)
    limit_file_size(proxy, "unlimited")
    assert poll(lambda: "lines lost count=" in path.read_text())
    text = path.read_text()
    assert int(re.search(r" warn lines lost count=(\d+)\n", text).group(1)) >= lost
    for row in text.splitlines():
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warn|info) \w", row), row
        assert len(re.findall(r"\dZ (?:error|warn|info) ", row)) == 1, row
