"""What an entry `channel:` means: a device and its channels, or a prefix. Tested from the entry to what is sent."""

import subprocess

import pytest

from harness.limits import DEADLINE
from harness.proxy import BINARY, USERS, configuration, server_entry, write_configuration

SECRET = "device-SECRET-D"
ENTRIES = {
    "device": "SIP/100",
    "dashed": "SIP/100-",
    "endpoint": "PJSIP/100-office",
    "prefix": "SIP/100*",
    "span": "DAHDI/i1/",
    "local": "Local/5@out",
}
RULED = [{"name": name, "secret": SECRET, "channel": entry} for name, entry in ENTRIES.items()]
RULED.append({"name": "with", "secret": SECRET, "out_context": "out", "filterlocal": "allowwith"})


@pytest.fixture
def ruled(start_proxy, pbx):
    """A proxy whose server answers every action with success and records it."""
    taken = []

    def answer(action):
        taken.append(action)
        action.reply()

    pbx.answers.update(dict.fromkeys(("Originate", "QueueAdd", "Hangup"), answer))
    pbx.taken = taken
    return start_proxy({"pbx1": pbx}, users=USERS + RULED)


def login(proxy, name, **headers):
    client = proxy.connect()
    assert client.login(name, SECRET, **headers)["Response"] == "Success"
    client.fence()
    return client


def is_sent(client, pbx, action, header, value, **more):
    """Is the action sent on, with that value as it is? It is answered either way."""
    before = len(pbx.taken)
    answer = client.ask(("Action", action), (header, value), *more.items())
    sent = pbx.taken[before:]
    if answer["Response"] == "Success":
        assert [item[header] for item in sent] == [value]
        return True
    assert answer["Message"] == "Action Filtered" and sent == []
    return False


OTHERS = [
    "SIP/1001",
    "SIP/10",
    "SIP/100@evil.example",
    "SIP/100/extra",
    "SIP/100&SIP/200",
    "SIP/200&SIP/100",
    "SIP/100:5060",
    "SIP/100:x::y@192.0.2.1",
    "SIP/100-office",
    "SIP/100-0000001f",
    "SIP/100-",
    "PJSIP/100",
    "SIP/200",
    "Local/100@c",
    "Local/SIP/100",
    "SIP/100!x",
]


@pytest.mark.parametrize(
    "user, own, others",
    [
        ("device", ["SIP/100", "sip/100"], OTHERS),
        ("dashed", ["SIP/100", "Sip/100"], OTHERS),
        (
            "endpoint",
            ["PJSIP/100-office"],
            [
                "PJSIP/100",
                "PJSIP/100-office/sip:evil@192.0.2.1",
                "PJSIP/200@100-office",
                "PJSIP/100-office-2",
                "PJSIP/100-officer",
            ],
        ),
        ("prefix", ["SIP/100", "SIP/1001", "SIP/100@there.example"], ["SIP/10", "SIP/100&SIP/200", "SIP/100&SIP/1001"]),
        ("span", ["DAHDI/i1/5551234"], ["DAHDI/i1", "DAHDI/i11/5551234"]),
        (
            "local",
            ["Local/5@out", "Local/5@out/n"],
            ["Local/5@outer", "Local/55@out", "Local/5/n@out", "Local/5@out/n@x"],
        ),
    ],
)
def test_f09_devices_of_originate_and_queues(ruled, pbx, user, own, others):
    client = login(ruled, user, Events="off")
    for device, expected in [(name, True) for name in own] + [(name, False) for name in others]:
        call = is_sent(client, pbx, "Originate", "Channel", device, Context="c", Exten="1", Priority="1")
        member = is_sent(client, pbx, "QueueAdd", "Interface", device, Queue="q")
        assert (call, member) == (expected, expected), device


@pytest.mark.parametrize(
    "user, own, others",
    [
        (
            "device",
            ["SIP/100-0000001f", "sip/100-0000001F", "SIP/100-0000001f<ZOMBIE>"],
            [
                "SIP/1001-0000001f",
                "SIP/100-office-0000001f",
                "SIP/100@evil.example-0000001f",
                "SIP/100/extra-0000001f",
                "AsyncGoto/SIP/100-0000001f",
            ],
        ),
        ("endpoint", ["PJSIP/100-office-0000001f"], ["PJSIP/100-0000001f", "PJSIP/100-office-2-0000001f"]),
        ("prefix", ["SIP/100-0000001f", "SIP/1001-0000001f"], ["SIP/10-0000001f"]),
        ("local", ["Local/5@out-0000001f;1", "Local/5@out-0000001f;2"], ["Local/5@outer-0000001f;1"]),
    ],
)
def test_f09_channels_of_a_device(ruled, pbx, user, own, others):
    """They are seen, and may be acted upon, or neither."""
    client = login(ruled, user, Events="call")
    for number, name in enumerate(own + others):
        pbx.event("Newchannel", "call,all", Channel=name, Uniqueid=f"u{number}", Linkedid=f"u{number}")
    pbx.event("Newstate", "call,all", Channel=own[0], Uniqueid="u0", Linkedid="u0")
    seen = [message["Channel"] for message in client.collect_until(Event="Newstate")[:-1]]
    assert seen == own
    for name in own + others:
        assert is_sent(client, pbx, "Hangup", "Channel", name) == (name in own), name


def test_f09_options_of_a_local_channel_begin_at_the_first_slash(ruled, pbx):
    """`Local/5/n@out` goes to the context `default` of Asterisk, not to `out`."""
    client = login(ruled, "with", Events="off")
    for device, expected in (
        ("Local/5@out", True),
        ("Local/5@out/n", True),
        ("Local/5/n@out", False),
        ("Local/5/@out", False),
        ("Local/5@x/n@out", False),
    ):
        more = {"Context": "out", "Exten": "1", "Priority": "1"}
        assert is_sent(client, pbx, "Originate", "Channel", device, **more) == expected, device


@pytest.mark.parametrize("inline", [True, False], ids=["inline", "users_file"])
def test_f09_check_names_entries_whose_meaning_changed(tmp_path, pbx, inline):
    path, users = tmp_path / "astmanproxy.yaml", tmp_path / "users.yaml"
    sections = {"users": USERS + RULED} if inline else {"users_file": "users.yaml"}
    config = configuration([server_entry(pbx)], **sections)
    if not inline:
        del config["users"]
        write_configuration(users, {"users": USERS + RULED})
        users.chmod(0o600)
    write_configuration(path, config)
    result = subprocess.run(
        [BINARY, "-t", "-c", str(path)], capture_output=True, text=True, timeout=DEADLINE, check=False
    )
    assert result.returncode == 0 and "the configuration is fine" in result.stdout
    told = [line for line in result.stderr.splitlines() if ".channel: note: " in line]
    assert len(told) == 4  # not of prefixes
    for number, name in enumerate(ENTRIES):
        entry = ENTRIES[name]
        line = next((line for line in told if f"users[{len(USERS) + number}].channel: " in line), None)
        assert (line is None) == (entry[-1] in "*/")
        if line is not None:
            text = (path if inline else users).read_text().splitlines()
            place = int(line.split(":")[1])
            assert f'"{entry}" is the device {entry.rstrip("-")} ' in line and f'"{entry}*"' in line
            assert text[place - 1].strip() == f"channel: {entry}"
