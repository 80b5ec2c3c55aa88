"""A session of panoramisk: HOST PORT USER SECRET. Prints one JSON line per response and event, in the order received."""

import asyncio
import json
import sys

from panoramisk import Manager


def show(step, message):
    print(json.dumps({"step": step, "message": dict(message.items())}, sort_keys=True), flush=True)


async def session(host, port, username, secret):
    manager = Manager(loop=asyncio.get_running_loop(), host=host, port=port, username=username, secret=secret)
    booted, ended = asyncio.Event(), asyncio.Event()

    def on_event(_, event):
        show("event", event)
        if event.event == "FullyBooted":
            booted.set()
        if event.event == "CEL" and event.EventName == "LINKEDID_END":  # the last event of the call
            ended.set()

    manager.register_event("*", on_event)
    await manager.connect()
    await booted.wait()
    show("ping", await manager.send_action({"Action": "Ping"}))
    for message in await manager.send_action({"Action": "CoreShowChannels"}, as_list=True):
        show("list", message)
    show("settings", await manager.send_action({"Action": "CoreSettings"}))
    show("command", await manager.send_command("core show version"))
    show("unknown", await manager.send_action({"Action": "NoSuchAction"}))
    show("user event", await manager.send_action({"Action": "UserEvent", "UserEvent": "Hello", "Text": "x"}))
    originate = {
        "Action": "Originate",
        "Channel": "Local/101@tenant-a",
        "Application": "Wait",
        "Data": "1",
        "Async": "true",
    }
    answer = await manager.send_action(originate)
    for message in answer if isinstance(answer, list) else [answer]:
        show("originate", message)
    await ended.wait()
    show("logoff", await manager.send_action({"Action": "Logoff"}))
    manager.close()


asyncio.run(asyncio.wait_for(session(sys.argv[1], int(sys.argv[2]), *sys.argv[3:5]), 30))
