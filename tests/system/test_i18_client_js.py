"""The client in examples/client-js: actions, lists, events, its way back after a loss; in node and in Chromium."""

import pytest

from harness.javascript import Failed, kick
from harness.resume import KEEP, tell
from harness.telephony import list_channels

PEOPLE = [{"name": "dave", "secret": "dave-SECRET-1"}, {"name": "bill", "secret": "bill-SECRET-2", "admin": True}]


def test_i18_client_js_calls(scripting, pbx):
    """Responses, proxy actions, and headers that are objects."""
    _, script = scripting()
    pbx.answers["CoreStatus"] = lambda action: action.reply("Success", CoreCurrentCalls=3)
    pbx.answers["Originate"] = lambda action: action.reply("Success", *action.headers[2:])  # behind the ActionID
    script.connect()
    assert script.run("return await client.call('CoreStatus')")["CoreCurrentCalls"] == "3"
    assert script.run("return (await client.callProxy('ListServers')).ProxyResponse") == "Success"
    sent = script.run("""return await client.call('Originate', { Channel: 'SIP/\\u00fc', Priority: 1, Async: true,
        Variable: { a: 1, b: 'x, y' }, Codecs: undefined })""")
    assert sent["Channel"] == "SIP/ü" and sent["Priority"] == "1" and sent["Variable"] == ["a=1", r"b=x\, y"]


ERRORS = [
    ("client.call('Hangup', { Channel: 'SIP/1' })", "No such channel", "error"),
    ("client.call('Redirect', { Channel: 'SIP/1' })", "Permission denied", "error"),  # the server's own error
    ("client.callProxy('NoSuchAction')", "Invalid Proxy Action", "unknown-proxy-action"),
    ("client.call('QueueStatus', { Server: 'nowhere' })", "Unknown server: nowhere", "unknown-server"),
    ("client.callProxy('Reload')", "Permission denied", "permission-denied"),
    ("client.call('Ping', { Variable: { 'a=b': 1 } })", "Failed to parse", "invalid-message"),
    ("client.call('Ping', { Server: { a: 1 } })", "Failed to parse JSON", "invalid-json"),
]


def test_i18_client_js_errors_have_codes(scripting, pbx):
    """The proxy's own, the same over a WebSocket, where only the text comes, as over HTTP."""
    _, script = scripting()
    pbx.answers["Hangup"] = lambda action: action.reply("Error", Message="No such channel")
    pbx.answers["Redirect"] = lambda action: action.reply("Error", Message="Permission denied")
    script.connect()
    for statement, message, code in ERRORS:
        with pytest.raises(Failed) as failed:
            script.run(f"await {statement}")
        assert failed.value.name == "AmiError" and failed.value.message.startswith(message), statement
        assert failed.value.code == code, statement


def test_i18_client_js_many_calls_at_once(scripting, pbx):
    _, script = scripting()
    pbx.answers["Getvar"] = lambda action: action.reply("Success", Value=action["Variable"])
    script.connect()
    found = script.run("""const ask = (n) => client.call('Getvar', { Variable: n });
        return (await Promise.all([...Array(100).keys()].map(ask))).map((answer) => Number(answer.Value));""")
    assert found == list(range(100))


def test_i18_client_js_lists(scripting, pbx):
    """Items come one by one; the rest of a list that is left early is nobody's event."""
    _, script = scripting()
    pbx.answers["CoreShowChannels"] = list_channels(*({"Channel": f"SIP/{n}"} for n in range(20)))
    script.connect()
    script.run("client.on('CoreShowChannel', (event) => seen.push(event))")
    names = script.run("""const names = [];
        for await (const item of client.list('CoreShowChannels')) names.push(item.Channel);
        return names;""")
    assert names == [f"SIP/{n}" for n in range(20)]
    first = script.run("for await (const item of client.list('CoreShowChannels')) return item.Channel;")
    assert first == "SIP/0"
    script.run("await client.call('CoreShowChannels'); await client.call('Ping');")
    assert script.run("return seen") == []


def test_i18_client_js_incomplete_lists_fail(scripting, pbx):
    _, script = scripting()

    def break_off(action):
        action.start_list()
        action.item("CoreShowChannel", Channel="SIP/1")
        action.drop_connection()

    pbx.answers["CoreShowChannels"] = break_off
    script.connect()
    with pytest.raises(Failed) as failed:
        script.run("for await (const item of client.list('CoreShowChannels')) seen.push(item.Channel);")
    assert failed.value.code == "cancelled" and script.run("return seen") == ["SIP/1"]


def test_i18_client_js_events(scripting, pbx):
    """Listeners hear events until they are taken away; one that throws disturbs no other."""
    _, script = scripting()
    script.connect(events="call")
    script.run("""client.on('Hangup', () => { throw new Error('wanted'); });
        globalThis.off = client.on('Hangup', (event) => seen.push(event.Channel));
        client.on('*', (event) => seen.push(event.Event));""")
    pbx.event("AgentLogin", "agent,all", Agent="7")
    pbx.event("Hangup", "call,all", Channel="SIP/1")
    script.wait("seen.includes('Hangup')")
    script.run("off()")
    pbx.event("Hangup", "call,all", Channel="SIP/2")
    script.wait("seen.filter((name) => name === 'Hangup').length === 2")
    heard = script.run("return seen")
    assert "SIP/1" in heard and "SIP/2" not in heard and "AgentLogin" not in heard
    assert script.wait("uncaught.length") == 2


def test_i18_client_js_knows_each_call_of_the_simulator(scripting, simulator):
    """First events, then the list: no channel ends that the application does not know."""
    _, script = scripting({"sim": simulator("--calls", "20")})
    script.connect(events="call")
    script.run("""globalThis.known = new Set();
        client.on('Newchannel', (event) => known.add(event.Uniqueid));
        client.on('Hangup', (event) => seen.push(known.has(event.Uniqueid)));
        for await (const channel of client.list('CoreShowChannels')) known.add(channel.Uniqueid);
        seen.length = 0;""")
    script.wait("seen.length >= 5")
    assert all(script.run("return seen"))


def test_i18_client_js_wrong_secret_is_final(scripting):
    _, script = scripting()
    script.make(secret="wrong")
    with pytest.raises(Failed) as failed:
        script.run("await client.connect()")
    assert failed.value.name == "AmiError" and failed.value.code == "login-failed"
    assert script.run("return client.state") == "closed"
    assert [change["state"] for change in script.run("return states")] == ["connecting", "closed"]
    with pytest.raises(Failed) as again:
        script.run("await client.call('Ping')")
    assert again.value.code == failed.value.code


def test_i18_client_js_resumes(scripting, pbx):
    """After each of several losses no event is missed, none comes twice, and the application is told."""
    proxy, script = scripting(resume=KEEP, users=PEOPLE)
    script.connect(events="call,user")
    script.run("client.on('Newexten', (event) => seen.push(Number(event.Mark)))")
    for turn in range(3):
        tell(pbx, 20 * turn, 10)
        script.wait(f"seen.length >= {20 * turn + 1}")
        kick(proxy)
        tell(pbx, 20 * turn + 10, 10)
        script.wait(f"states.filter((change) => change.state === 'up').length >= {turn + 2}")
    script.wait("seen.length >= 60")
    assert script.run("return seen") == list(range(60))
    states = script.run("return states")
    assert [change["resumed"] for change in states if change["state"] == "up"] == [False, True, True, True]
    assert [change["error"] for change in states if change["state"] == "lost"] == ["lost"] * 3


def test_i18_client_js_says_that_it_does_not_resume(scripting, pbx):
    """Without `resume:` the application must ask again. What waits for an answer fails; what is not sent yet waits."""
    proxy, script = scripting(users=PEOPLE)
    script.connect()
    script.run("globalThis.call = client.call('CoreStatus').catch((error) => error.code), null")
    pbx.expect(Action="CoreStatus")
    kick(proxy)
    assert script.run("return await call") == "lost"
    assert script.run("return (await client.call('Ping')).Response") == "Success"
    states = script.run("return states")
    assert [change.get("resumed") for change in states if change["state"] == "up"] == [False, False]


def test_i18_client_js_late_items_are_no_events(scripting, pbx):
    """What comes of a list after its end by a time limit."""
    _, script = scripting()
    script.connect()
    script.run("""client.on('CoreShowChannel', (event) => seen.push(event.Channel));
        const listed = async () => { for await (const item of client.list('CoreShowChannels', {}, { timeout: 300 })) first(); };
        globalThis.came = new Promise((resolve) => { globalThis.first = resolve; });
        globalThis.list = listed().catch((error) => error.code);""")
    action = pbx.expect(Action="CoreShowChannels")
    action.start_list()
    action.item("CoreShowChannel", Channel="SIP/1")
    assert script.run("return await list") == "timeout"
    action.item("CoreShowChannel", Channel="SIP/2")
    action.end_list("CoreShowChannelsComplete", 2)
    pbx.event("Hangup", "call,all", Channel="SIP/3")
    script.run("client.on('Hangup', (event) => seen.push(event.Channel))")
    pbx.event("Hangup", "call,all", Channel="SIP/4")
    script.wait("seen.includes('SIP/4')")
    assert not {"SIP/1", "SIP/2"} & set(script.run("return seen"))


def test_i18_client_js_ends_waits(scripting, pbx):
    """A call ends by its time limit, by a signal, or with the client."""
    _, script = scripting()
    script.connect()
    for code, options in (("timeout", "{ timeout: 30 }"), ("aborted", "{ signal: AbortSignal.timeout(30) }")):
        with pytest.raises(Failed) as failed:
            script.run(f"await client.call('CoreStatus', {{}}, {options})")
        assert failed.value.code == code
        pbx.expect(Action="CoreStatus").reply("Success")
    script.run("globalThis.call = client.call('CoreStatus').catch((error) => error.code), null")
    pbx.expect(Action="CoreStatus")
    script.run("client.close()")
    assert script.run("return await call") == "closed"
    assert script.run("return client.state") == "closed"
