"""The simulator alone: headers and actions that only newer releases of Asterisk have."""

import re

from sim_helper import Simulator, header


def events_of(client, count):
    return [client.message() for _ in range(count)]


def test_tenants():
    """Endpoints have one from the beginning, the trunk from when the dialplan knows whom it calls."""
    with Simulator("--tenants", "acme,bolt", "--calls", "3", "--seed", "7") as simulator:
        client = simulator.connect()
        first, seen = {}, 0
        while seen < 400:
            message = client.message()
            seen += 1
            for prefix in ("", "Dest"):
                channel, tenant = header(message, prefix + "Channel"), header(message, prefix + "Tenantid")
                if channel is None or not message.startswith("Event: N") and prefix == "":
                    continue
                agent = re.match(r"PJSIP/(\d+)-", channel)
                if agent:
                    assert tenant == ("acme", "bolt")[int(agent[1]) % 2], message
                else:
                    first.setdefault(channel, tenant)
            if message.startswith("Event: CEL") and "PJSIP/10" in header(message, "Channel"):
                assert header(message, "TenantID") in ("acme", "bolt")
            if message.startswith("Event: Hangup"):
                assert header(message, "Tenantid") in ("acme", "bolt"), message
        assert first and set(first.values()) == {None}  # Newchannel of the trunk


def test_without_tenants_there_are_none():
    with Simulator("--calls", "2") as simulator:
        client = simulator.connect()
        assert not any("enantI" in message or "Tenantid" in message for message in events_of(client, 100))


def test_maintenance_and_tech_cause():
    with Simulator("--answer-ms", "1", "--talk-ms", "1") as simulator:
        client = simulator.connect()
        client.message()  # FullyBooted
        client.send("Action: PJSIPSetMaintenance", "Endpoint: 101", "State: on", "ActionID: m")
        told = sorted(events_of(client, 2))
        assert told[0] == "Event: PJSIPMaintenanceStatus\nPrivilege: system,all\nEndpoint: 101\nStatus: enabled"
        assert header(told[1], "Message") == "Maintenance mode enabled"
        client.send("Action: PJSIPShowMaintenance", "ActionID: s")
        answer, item, end = events_of(client, 3)
        assert header(answer, "EventList") == "start" and header(end, "ListItems") == "1"
        assert (header(item, "Endpoint"), header(item, "Status")) == ("101", "enabled")
        for pairs, text in (
            (("Endpoint: 999", "State: on"), "Endpoint '999' not found"),
            (("Endpoint: 101", "State: x"), "State must be 'on' or 'off'"),
            (("State: on",), "Endpoint parameter missing"),
        ):
            assert header(client.ask("Action: PJSIPSetMaintenance", *pairs), "Message") == text
        client.send("Action: Originate", "Channel: PJSIP/busy", "Application: Wait", "Async: true")
        while not (message := client.message()).startswith("Event: Hangup\n"):
            pass
        assert header(message, "TechCause") == "486"
        client.send("Action: Originate", "Channel: PJSIP/101", "Application: Wait", "Async: true")
        while not (message := client.message()).startswith("Event: Hangup\n"):
            pass
        assert header(message, "TechCause") is None
