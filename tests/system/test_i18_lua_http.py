"""amp.http: scripts ask other programs, within what `scripts.http` permits."""

import json

import pytest

from harness.metrics import REPORTS, grown, scrape
from harness.proxy import USERS
from harness.web import ALL_PLUGINS

FETCH = """return { name = "Fetch", summary = "asks", timeout = "60s",
  arguments = { Url = "optional", Path = "optional", Method = "optional", Body = "optional", Wait = "optional" },
  run = function(a, reply)
    local got, why = amp.http{ url = a.Url, method = a.Method, body = a.Body, timeout = a.Wait,
      headers = a.Body and { ["Content-Type"] = "application/json", ["X-Own"] = "7" } }
    if not got then return reply:error(why) end
    reply:ok{ Status = got.status, Body = got.body, Type = got.headers["x-kind"], Location = got.headers.location }
  end }"""


@pytest.fixture
def fetching(start_proxy, pbx, scripts, service):
    """fetching(more scripts, http=…, more=other sections, **more keys of `scripts`) -> the proxy, which permits the
    service"""

    def start(files=None, http=None, users=USERS, actions=("Fetch",), more=None, **keys):
        root = scripts(action_Fetch=FETCH, **(files or {}))
        section = {
            "path": root,
            "proxy_actions": list(actions),
            "http": [service.origin] if http is None else http,
            "http_allow": ["127.0.0.0/8"],
        }
        return start_proxy({"pbx1": pbx}, users=users, scripts={**section, **keys}, **(more or {}))

    return start


def test_i18_http_a_proxy_action_asks_and_is_answered(fetching, service):
    service.answers["/who?n=7"] = (201, [("X-Kind", "a"), ("X-Kind", "b")], b"coffee")
    dave = fetching().login("dave", Events="off")
    answer = dave.ask(ProxyAction="Fetch", Url=service.origin + "/who?n=7", Method="POST", Body='{"a":1}')
    assert (answer["Response"], answer["Status"], answer["Body"]) == ("Success", "201", "coffee"), answer
    assert answer["Type"] == "a, b"
    method, path, headers, body = service.asked[0]
    assert (method, path, body) == ("POST", "/who?n=7", b'{"a":1}')
    assert headers["X-Own"] == "7" and headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("astmanproxy/")


def test_i18_http_methods(fetching, service):
    dave = fetching().login("dave", Events="off")
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"):
        answer = dave.ask(ProxyAction="Fetch", Url=service.origin + "/x", Method=method)
        assert answer["Status"] == "200" and (answer.get("Body") or "") == ("" if method == "HEAD" else "fine"), answer
        assert (
            service.asked[-1][0] == method
            and service.asked[-1][3] == b""
            and "Content-Type" not in service.asked[-1][2]
        )


def test_i18_http_goes_nowhere_else(fetching, service, start_proxy, pbx, scripts):
    """Scheme, host and port are compared; redirects are not followed; nothing was asked of the service."""
    dave = fetching().login("dave", Events="off")
    port = service.origin.rsplit(":", 1)[1]
    for url in (
        "http://127.0.0.1/",
        f"https://127.0.0.1:{port}/",
        f"http://localhost:{port}/",
        f"http://127.0.0.1:{int(port) - 1}/",
        f"http://127.1:{port}/",
        f"http://2130706433:{port}/",
        "http://crm.example/",
    ):
        answer = dave.ask(ProxyAction="Fetch", Url=url)
        assert answer["Response"] == "Error", (url, answer)
        assert answer["Message"] == "scripts.http does not permit Fetch to go there", (url, answer)
    for url in (
        f"http://127.0.0.1:{port}@crm.example/",
        f"http://user:pw@127.0.0.1:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//127.0.0.1/",
        f"http://127.0.0.1:{port}/#x",
        f"http://127.0.0.1:{port}\\@crm.example/",
    ):
        assert dave.ask(ProxyAction="Fetch", Url=url)["Message"].startswith("expected a URL"), url
    assert service.asked == []
    service.answers["/go"] = (302, [("Location", service.origin + "/there")], b"")
    answer = dave.ask(ProxyAction="Fetch", Url=service.origin + "/go")
    assert (answer["Status"], answer["Location"]) == ("302", service.origin + "/there")
    assert [each[1] for each in service.asked] == ["/go"]


def test_i18_http_private_addresses_need_the_rule_of_exports(fetching, service):
    """The list alone does not open the proxy's own network."""
    dave = fetching(http_allow=["192.0.2.0/24"]).login("dave", Events="off")
    answer = dave.ask(ProxyAction="Fetch", Url=service.origin + "/x")
    assert answer["Message"] == "the address 127.0.0.1 is not a public one, and not allowed", answer
    assert service.asked == []


def test_i18_http_a_list_of_scripts_limits_who_may(fetching, service):
    other = FETCH.replace('"Fetch"', '"Other"')
    proxy = fetching({"action_Other": other}, http=[{service.origin: ["Other"]}], actions=("Fetch", "Other"))
    dave = proxy.login("dave", Events="off")
    answer = dave.ask(ProxyAction="Fetch", Url=service.origin + "/x")
    assert answer["Message"] == "scripts.http does not permit Fetch to go there", answer
    assert dave.ask(ProxyAction="Other", Url=service.origin + "/x")["Status"] == "200"


def test_i18_http_long_and_late_answers(fetching, service):
    service.answers["/fits"] = (200, [], b"x" * 2048)
    service.answers["/long"] = (200, [], b"x" * 2049)
    dave = fetching(http_bytes="2KiB").login("dave", Events="off")
    assert len(dave.ask(ProxyAction="Fetch", Url=service.origin + "/fits")["Body"]) == 2048
    answer = dave.ask(ProxyAction="Fetch", Url=service.origin + "/long")
    assert answer["Message"] == "the answer is larger than 2048 bytes", answer
    service.stall()
    answer = dave.ask(ProxyAction="Fetch", Url=service.origin + "/late", Wait="200ms")
    assert answer["Message"] == "no answer in time", answer
    service.go_on()
    assert dave.ask(ProxyAction="Fetch", Url=service.origin + "/fits")["Status"] == "200"


def test_i18_http_at_once_counts_for_each_user(fetching, service):
    """dave's requests do not take bill's place, and a place is free again when the session ends."""
    proxy = fetching(http_at_once=2)
    if proxy.workers > 1:
        pytest.skip("the limit is one of each worker")
    first, second, third, other = (proxy.login(user, Events="off") for user in ("dave", "dave", "dave", "bill"))
    service.stall()
    for number, client in enumerate((first, second, other)):
        client.send(ProxyAction="Fetch", Url=service.origin + f"/{number}", Wait="50s")
        service.expect(number + 1)
    refused = third.ask(ProxyAction="Fetch", Url=service.origin + "/3")
    assert refused["Message"] == "2 requests of this user wait already (scripts.http_at_once)", refused
    ended = sum("session closed" in line for line in proxy.lines)
    first.reset()
    proxy.wait_until(lambda lines: sum("session closed" in line for line in lines) > ended, "the end of a session")
    service.go_on()
    assert third.ask(ProxyAction="Fetch", Url=service.origin + "/4")["Status"] == "200"
    assert second.read_message()["Status"] == "200" and other.read_message()["Status"] == "200"


def test_i18_http_a_filters_hook_asks(fetching, pbx, service):
    """What a CRM says decides about an action, and the events go on meanwhile."""
    crm = """return { action = function(a)
      if a.Action ~= "Originate" then return true end
      local got, why = amp.http{ url = "ORIGIN/may?n=" .. a.Exten, timeout = "5s" }
      if not got then return false, "CRM: " .. why end
      local answer = amp.json.decode(got.body)
      if not (answer and answer.may) then return false, "CRM says no" end
      return true
    end }""".replace("ORIGIN", service.origin)
    users = [dict(user, filters=["crm"]) if user["name"] == "dave" else user for user in USERS]
    service.answers["/may?n=100"] = (200, [], json.dumps({"may": True}).encode())
    service.answers["/may?n=200"] = (200, [], json.dumps({"may": False}).encode())
    dave = fetching({"filter_crm": crm}, users=users).login("dave", Events="off")
    refused = dave.ask(Action="Originate", Channel="SIP/1", Exten="200", Context="a", Priority="1")
    assert refused["Message"] == "CRM says no", refused
    dave.send(Action="Originate", Channel="SIP/1", Exten="100", Context="a", Priority="1")
    pbx.expect(Action="Originate", Exten="100").reply()
    assert dave.read_message()["Response"] == "Success" and len(service.asked) == 2


def test_i18_http_is_counted_by_outcome_with_its_time(fetching, service):
    proxy = fetching(more={"listen": REPORTS, "plugins": ALL_PLUGINS})
    dave, other = proxy.login("dave", Events="off"), proxy.login("dave", Events="off")
    before = scrape(proxy)
    for _ in range(3):
        assert dave.ask(ProxyAction="Fetch", Url=service.origin + "/x")["Status"] == "200"
    for _ in range(2):
        assert dave.ask(ProxyAction="Fetch", Url="http://crm.example/")["Response"] == "Error"
    service.stall()
    other.send(ProxyAction="Fetch", Url=service.origin + "/slow", Wait="50s")
    service.expect(4)
    other.reset()
    for outcome, count in (("answered", 3), ("refused", 2), ("abandoned", 1), ("failed", 0)):
        grown(proxy, before, "script_http_requests_total", count, outcome=outcome)
    assert scrape(proxy).value("astmanproxy_script_http_seconds_total") > 0
    service.go_on()
    service.answers["/long"] = (200, [], b"x" * (1024 * 1024 + 1))
    assert dave.ask(ProxyAction="Fetch", Url=service.origin + "/long")["Response"] == "Error"
    grown(proxy, before, "script_http_requests_total", 1, outcome="failed")


def test_i18_http_refused_is_in_the_log_and_the_action_in_the_audit_log(fetching, tmp_path):
    """The log names the host and no path, which may be a secret; the proxy action's record has the reason."""
    path = tmp_path / "audit.log"
    proxy = fetching(more={"log": {"to": "stderr", "level": "debug", "audit": str(path)}})
    dave = proxy.login("dave", Events="off")
    assert dave.ask(ProxyAction="Fetch", Url="http://crm.example/key-4711")["Response"] == "Error"
    line = proxy.wait_for_line("request of a script refused")
    assert "script=Fetch user=dave to=http://crm.example:80 " in line and "4711" not in line
    assert 'reason="scripts.http does not permit Fetch to go there"' in line
    proxy.stop()
    records = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    (record,) = [each for each in records if each.get("proxy_action") == "Fetch"]
    assert (record["user"], record["outcome"]) == ("dave", "error")
    assert record["reason"] == "scripts.http does not permit Fetch to go there"


@pytest.mark.parametrize("how", ["reload", "close"])
def test_i18_http_ends_with_its_asker(fetching, service, how):
    """A reload gives scripts ten seconds, then the wait ends; a session's end ends it at once. Nothing leaks."""
    proxy = fetching(call_timeout="40s")
    dave = proxy.login("dave", Events="off")
    service.stall()
    dave.send(ProxyAction="Fetch", Url=service.origin + "/slow", ActionID="9")
    service.expect(1)
    if how == "close":
        dave.reset()
        other = proxy.login("bill", Events="off")
        assert other.ask(Action="Ping")["Response"] == "Success"
        return
    proxy.make_readable()
    proxy.hang_up()
    answer = dave.read_message()
    assert (answer["ActionID"], answer["Message"]) == ("9", "reloading"), answer


@pytest.mark.parametrize(
    "code, why",
    [
        ('amp.http{ url = "http://x.example", timeot = "1s" }', "unknown option 'timeot': did you mean 'timeout'?"),
        ("amp.http{}", "'url' is missing"),
        ('amp.http{ url = "http://x.example", method = "GTE" }', "unknown method 'GTE': did you mean 'GET'?"),
        ('amp.http{ url = "http://x.example", method = "GET", body = "x" }', "a GET has no body"),
        ('amp.http{ url = "http://x.example", timeout = "61s" }', "'timeout': expected at most 60s"),
        ('amp.http{ url = "http://x.example", headers = { Host = "y" } }', "the header Host is the program's own"),
        ('amp.http{ url = "http://x.example", headers = { A = "a\\r\\nB: c" } }', "expected a text of one line"),
        ('amp.http{ url = "http://x.example", headers = { ["a b"] = "c" } }', "expected names of headers"),
    ],
)
def test_i18_http_mistakes_are_said(fetching, code, why):
    wrong = (
        'return { name = "Wrong", run = function(a, reply) local well, why = pcall(function() %s end) '
        "reply:error(tostring(why)) end }" % code
    )
    proxy = fetching({"action_Wrong": wrong}, actions=("Fetch", "Wrong"))
    assert why in proxy.login("dave", Events="off").ask(ProxyAction="Wrong")["Message"]
