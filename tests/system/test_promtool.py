"""promtool of Debian's package prometheus reads our metrics and alerts, and runs the alerts."""

import os
import subprocess

import yaml

from harness.certificates import Authority
from harness.limits import DEADLINE
from harness.metrics import scrape
from harness.process import SOURCE

RULES = os.path.join(SOURCE, "contrib/grafana/rules.yaml")
DAY = 86400


def promtool(*arguments, **options):
    return subprocess.run(
        ["promtool", *arguments], capture_output=True, text=True, timeout=DEADLINE, check=False, **options
    )


def test_promtool_takes_the_rules():
    result = promtool("check", "rules", RULES)
    assert result.returncode == 0 and "SUCCESS" in result.stdout, result.stdout + result.stderr


def test_promtool_takes_the_metrics(reporting, tmp_path):
    """Names, types and help are as its authors advise."""
    proxy = reporting(tls={"certificate": Authority(tmp_path).issue("localhost")})
    text = scrape(proxy).text
    assert "astmanproxy_certificate_expiry_timestamp_seconds" in text
    result = promtool("check", "metrics", input=text)
    assert result.returncode == 0 and result.stderr == "", result.stdout + result.stderr


def fires(at, alert, **labels):
    """A case for `promtool test rules`: the alert is there at that time, with these labels; none: it is not there."""
    expected = [{"exp_labels": labels}] if labels else []
    return {"eval_time": at, "alertname": alert, "exp_alerts": expected}


INPUT = [
    {"series": 'up{job="astmanproxy",instance="a"}', "values": "1 1 0x10 1x10"},
    {"series": 'astmanproxy_filters_quarantined{instance="a",script="mask"}', "values": "0x4 1x9 0x10"},
    {"series": 'astmanproxy_log_lines_lost_total{instance="a"}', "values": "0x5 7x20"},
    {
        "series": 'astmanproxy_certificate_expiry_timestamp_seconds{instance="a",use="tls.certificate",file="/c"}',
        "values": f"{40 * DAY}x9 {20 * DAY}x9 {60}x20",  # promtool's time begins at 0
    },
]
MASK = {"instance": "a", "script": "mask", "severity": "critical"}
FILE = {"instance": "a", "use": "tls.certificate", "file": "/c"}
CASES = [
    fires("2m", "AstmanproxyDown"),  # only for a moment
    fires("5m", "AstmanproxyDown", instance="a", job="astmanproxy", severity="critical"),
    fires("20m", "AstmanproxyDown"),
    fires("3m", "AstmanproxyFilterQuarantined"),
    fires("5m", "AstmanproxyFilterQuarantined", **MASK),
    fires("14m", "AstmanproxyFilterQuarantined", **MASK),  # as long as the state
    fires("16m", "AstmanproxyFilterQuarantined"),
    fires("4m", "AstmanproxyLogLinesLost"),
    fires("8m", "AstmanproxyLogLinesLost", instance="a", severity="warning"),
    fires("5m", "AstmanproxyCertificateEndsSoon"),
    fires("15m", "AstmanproxyCertificateEndsSoon", severity="warning", **FILE),
    fires("15m", "AstmanproxyCertificateEnded"),
    fires("25m", "AstmanproxyCertificateEnded", severity="critical", **FILE),
]


def test_alerts_begin_and_end_with_what_they_tell(tmp_path):
    with open(RULES, encoding="utf-8") as file:
        rules = yaml.safe_load(file)
    for rule in rules["groups"][0]["rules"]:
        del rule["annotations"]  # texts for people
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    case = {"interval": "1m", "input_series": INPUT, "alert_rule_test": CASES}
    path = tmp_path / "cases.yaml"
    path.write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [case]}))
    result = promtool("test", "rules", str(path))
    assert result.returncode == 0 and "SUCCESS" in result.stdout, result.stdout + result.stderr
