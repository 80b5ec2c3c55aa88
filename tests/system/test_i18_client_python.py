"""The client in examples/client-python: actions, lists, events, its way back after a loss; its package."""

import asyncio
import contextlib
import os
import re
import socket
import ssl
import subprocess
import sys

import pytest

from harness.javascript import kick
from harness.limits import DEADLINE
from harness.process import SOURCE
from harness.proxy import secret_of
from harness.resume import KEEP, tell
from harness.telephony import list_channels
from harness.tokens import forge

FOLDER = os.path.join(SOURCE, "examples", "client-python")
sys.path.insert(0, FOLDER)

from astmanproxy_client import AmiError, Client, Message  # noqa: E402

PEOPLE = [{"name": "dave", "secret": "dave-SECRET-1"}, {"name": "bill", "secret": "bill-SECRET-2", "admin": True}]


def client_of(proxy, index=0, **options):
    return Client(*proxy.addresses[index], "dave", secret_of("dave"), **{"wait": (0.02, 0.2), **options})


def run(coroutine):
    async def limited():
        async with asyncio.timeout(2 * DEADLINE):
            return await coroutine

    return asyncio.run(limited())


class Until:
    """A list of what came, for which one can wait."""

    def __init__(self):
        self.items, self.changed = [], asyncio.Event()

    def __call__(self, item):
        self.items.append(item)
        self.changed.set()

    async def reach(self, count):
        while len(self.items) < count:
            self.changed.clear()
            await self.changed.wait()
        return self.items


def test_i18_client_python_calls(proxy, pbx):
    pbx.answers["CoreStatus"] = lambda action: action.reply("Success", CoreCurrentCalls=3)
    pbx.answers["Originate"] = lambda action: action.reply("Success", *action.headers[2:])  # behind the ActionID
    pbx.answers["Hangup"] = lambda action: action.reply("Error", Message="No such channel")

    async def main():
        async with client_of(proxy) as client:
            assert (await client.call("CoreStatus"))["corecurrentcalls"] == "3"
            assert (await client.call_proxy("ListServers"))["ProxyResponse"] == "Success"
            sent = await client.call(
                "Originate", Channel="SIP/ü", Async=True, Variable={"a": 1, "b": "x, (y)"}, Codecs=None, Timeout=1
            )
            assert (
                sent["Channel"] == "SIP/ü"
                and sent["Async"] == "true"
                and sent.all("variable") == ["a=1", r"b=x\, \(y\)"]
            )
            with pytest.raises(AmiError, match="No such channel") as failed:
                await client.call("Hangup", Channel="SIP/1")
            assert failed.value.code == "error" and failed.value.response["Response"] == "Error"
            for headers, code in (({"Server": "nowhere"}, "unknown-server"), ({"Server": "pbx1"}, "error")):
                with pytest.raises(AmiError) as failed:
                    await client.call("Hangup", **headers)
                assert failed.value.code == code
            with pytest.raises(AmiError) as failed:
                await client.call_proxy("NoSuchAction")
            assert failed.value.code == "unknown-proxy-action"
            with pytest.raises(ValueError, match="name of a variable"):
                await client.call("Originate", Variable={"a=b": 1})
            with pytest.raises(ValueError, match="Channel: expected a value without line ends"):
                await client.call("Hangup", Channel="x\r\nAction: Logoff")
            answers = await asyncio.gather(*(client.call("Ping") for _ in range(100)))
            assert len({answer["ActionID"] for answer in answers}) == 100

    run(main())


def test_i18_client_python_lists(proxy, pbx):
    pbx.answers["CoreShowChannels"] = list_channels(*({"Channel": f"SIP/{n}"} for n in range(20)))

    async def main():
        async with client_of(proxy) as client:
            stray = []
            client.on("CoreShowChannel", stray.append)
            names = [item["Channel"] async for item in client.list("CoreShowChannels")]
            assert names == [f"SIP/{n}" for n in range(20)]
            async with contextlib.aclosing(client.list("CoreShowChannels")) as items:
                async for item in items:
                    assert item["Channel"] == "SIP/0"
                    break
            await client.call("CoreShowChannels")
            await client.call("Ping")
            assert stray == [] and client._asked == {}

    run(main())


def test_i18_client_python_incomplete_lists_fail(proxy, pbx):
    def break_off(action):
        action.start_list()
        action.item("CoreShowChannel", Channel="SIP/1")
        action.drop_connection()

    pbx.answers["CoreShowChannels"] = break_off

    async def main():
        seen = []
        async with client_of(proxy) as client:
            with pytest.raises(AmiError) as failed:
                async for item in client.list("CoreShowChannels"):
                    seen.append(item["Channel"])
        assert failed.value.code == "cancelled" and seen == ["SIP/1"]

    run(main())


def test_i18_client_python_events(proxy, pbx):
    async def main():
        async with client_of(proxy, events="call") as client:
            failures, heard, all = [], Until(), Until()
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
            client.on("Hangup", lambda event: 1 / 0)
            end = client.on("hangup", heard)
            client.on("*", all)
            pbx.event("AgentLogin", "agent,all", Agent="7")
            pbx.event("Hangup", "call,all", Channel="SIP/1")
            await heard.reach(1)
            end()
            pbx.event("Hangup", "call,all", Channel="SIP/2")
            while [event.get("Channel") for event in all.items][-1:] != ["SIP/2"]:
                await all.reach(len(all.items) + 1)
            assert [event["Channel"] for event in heard.items] == ["SIP/1"]
            assert "AgentLogin" not in [event["Event"] for event in all.items]
            assert [type(context["exception"]) for context in failures] == [ZeroDivisionError] * 2

    run(main())


def test_i18_client_python_refused_login_is_final(proxy):
    async def main():
        client = Client(*proxy.addresses[0], "dave", "wrong")
        with pytest.raises(AmiError, match="Authentication failed") as failed:
            async with client:
                pass
        assert failed.value.code == "login-failed"
        with pytest.raises(AmiError):
            await client.call("Ping")

    run(main())


def test_i18_client_python_resumes(start_proxy, pbx):
    """After each of several losses no event is missed, and none comes twice."""
    proxy = start_proxy({"pbx1": pbx}, users=PEOPLE, resume=KEEP)

    async def main():
        async with client_of(proxy, events="call") as client:
            ups, lost, events = Until(), Until(), Until()
            client.on(":up", ups)
            client.on(":lost", lost)
            client.on("Newexten", events)
            await client.call_proxy("ListServers")  # behind SetResume
            for turn in range(3):
                tell(pbx, 20 * turn, 10)
                await events.reach(20 * turn + 1)
                await asyncio.to_thread(kick, proxy)
                tell(pbx, 20 * turn + 10, 10)
                await ups.reach(turn + 1)
            await events.reach(60)
            assert [int(event["Mark"]) for event in events.items] == list(range(60))
            assert ups.items == [True] * 3 and [error.code for error in lost.items] == ["lost"] * 3
            assert all("ResumeID" not in event for event in events.items)

    run(main())


def test_i18_client_python_says_that_it_does_not_resume(start_proxy, pbx):
    """What waits for an answer fails; what is not sent yet waits for the next connection."""
    proxy = start_proxy({"pbx1": pbx}, users=PEOPLE)

    async def main():
        async with client_of(proxy) as client:
            ups = Until()
            client.on(":up", ups)
            call = asyncio.create_task(client.call("CoreStatus"))
            await asyncio.to_thread(pbx.expect, Action="CoreStatus")
            await asyncio.to_thread(kick, proxy)
            with pytest.raises(AmiError) as failed:
                await call
            assert failed.value.code == "lost"
            assert (await client.call("Ping"))["Ping"] == "Pong" and ups.items == [False]

    run(main())


def test_i18_client_python_ends_waits(proxy, pbx):
    async def main():
        async with client_of(proxy) as client:
            client.timeout = 0.05
            with pytest.raises(AmiError) as failed:
                await client.call("CoreStatus")
            assert failed.value.code == "timeout"
            client.timeout = DEADLINE
            call = asyncio.create_task(client.call("CoreStatus"))
            for _ in range(2):
                await asyncio.to_thread(pbx.expect, Action="CoreStatus")
        with pytest.raises(AmiError) as failed:
            await call
        assert failed.value.code == "closed"

    run(main())


def test_i18_client_python_waits_longer_each_time():
    async def main():
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]  # nobody listens there any more
        loop, times = asyncio.get_running_loop(), Until()
        client = Client("127.0.0.1", port, token="t", wait=(0.004, 0.064))
        client.on(":lost", lambda error: times(loop.time()))
        entering = asyncio.create_task(client.__aenter__())
        await times.reach(10)
        await client.close()
        with pytest.raises(AmiError) as failed:
            await entering
        assert failed.value.code == "closed"
        waits = [after - before for before, after in zip(times.items, times.items[1:], strict=False)]
        assert all(wait >= 0.5 * min(0.064, 0.004 * 2**turn) for turn, wait in enumerate(waits)), waits

    run(main())


def test_i18_client_python_notices_a_silent_proxy():
    async def main():
        lost, held = Until(), []

        def accept(_, writer):
            held.append(writer)  # newer Pythons close what nobody holds
            writer.write(b"x\r\nResponse: Success\r\n\r\n")

        server = await asyncio.start_server(accept, "127.0.0.1")
        async with Client(*server.sockets[0].getsockname(), token="t", silence=0.1, wait=(0.02, 0.1)) as client:
            client.on(":lost", lost)
            assert (await lost.reach(1))[0].code == "lost" and "silent" in str(lost.items[0])
        server.close()
        for writer in held:
            writer.close()

    run(main())


def test_i18_client_python_logs_in_by_token(tokened):
    proxy = tokened()

    async def main():
        for user in ("", "bill"):
            async with Client(*proxy.addresses[0], user, token=forge()) as client:
                assert (await client.call("Ping"))["Ping"] == "Pong"

    run(main())


def test_i18_client_python_over_tls(start_proxy, pbx, authority):
    proxy = start_proxy({"pbx1": pbx}, up=[], tls={"certificate": authority.issue("proxy")}, listen={"tls": "required"})

    async def main():
        async with client_of(proxy, tls=ssl.create_default_context(cafile=authority.certificate)) as client:
            assert (await client.call("Ping"))["Ping"] == "Pong"
        with pytest.raises(AmiError) as failed:
            async with client_of(proxy, tls=ssl.create_default_context()):
                pass
        assert failed.value.code == "certificate"

    run(main())


def test_i18_client_python_messages():
    message = Message.parse(b"Response: Follows\r\nOutput: a: b\r\noutput:\r\nno header\r\nodd\xff: \xff")
    assert message.all("Output") == ["a: b", ""] and message.text == ["no header"] and "RESPONSE" in message
    assert message.get("odd\udcff") == "\udcff" and message.get("none") is None
    with pytest.raises(KeyError):
        message["none"]


def test_i18_client_python_refuses_wrong_options():
    with pytest.raises(TypeError, match="expected a secret or a token"):
        Client("h", 1, "a")
    with pytest.raises(TypeError, match="found retries"):
        Client("h", 1, "a", "b", retries=1)


def test_i18_client_python_readme_runs(start_proxy, simulator):
    proxy = start_proxy({"sim": simulator("--calls", "5")})
    with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as file:
        code = re.findall(r"^```python\n(.*?)^```$", file.read(), re.M | re.S)[0]
    host, port = proxy.addresses[0]
    code = code.replace('"127.0.0.1", 1234, "demo", "demo"', f'"{host}", {port}, "dave", "{secret_of("dave")}"')
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert result.returncode == 0 and "CoreCurrentCalls" in result.stdout, result.stderr


def test_i18_client_python_package_is_whole():
    """What pyproject.toml names is there, and needs nothing but the standard library."""
    import tomllib

    with open(os.path.join(FOLDER, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)
    assert "dependencies" not in project["project"]
    for package in project["tool"]["setuptools"]["packages"]:
        for name in os.listdir(os.path.join(FOLDER, package)):
            if name.endswith(".py"):
                with open(os.path.join(FOLDER, package, name), encoding="utf-8") as file:
                    used = set(re.findall(r"^(?:import|from) (\w+)", file.read(), re.M))
                assert used <= set(sys.stdlib_module_names), used
