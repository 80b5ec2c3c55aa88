"""Chromium without a screen, driven over its remote debugging protocol: reads the page, clicks and types."""

import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
import urllib.request

import websockets

from .limits import DEADLINE, Deadline
from .process import Process

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--mute-audio",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
]
FOREIGN = (
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ASAN_OPTIONS",
    "UBSAN_OPTIONS",
    "TSAN_OPTIONS",
    "LD_PRELOAD",
)


class Browser(Process):
    """A process with a profile of its own below `folder`; its environment has no proxies and no sanitizers' settings."""

    def __init__(self, folder, url="about:blank", *options):
        assert BROWSER, "chromium is missing (tests/run.sh installs it)"
        self.profile = os.path.join(str(folder), "profile")
        os.mkdir(self.profile)
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environment["HOME"] = self.profile
        self.pages = []
        super().__init__([BROWSER, *OPTIONS, *options, f"--user-data-dir={self.profile}", url], env=environment)

    def _port(self):
        """The port for commands, which it chose."""
        line = self.wait_for_line("DevTools listening on ws://")
        return int(re.search(r"listening on ws://[^/]+:(\d+)/", line).group(1))

    def page(self):
        """Its tab."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self._port()}/json/list", timeout=DEADLINE) as answer:
            target = next(entry for entry in json.load(answer) if entry["type"] == "page")
        self.pages.append(Page(target["webSocketDebuggerUrl"]))
        return self.pages[-1]

    def close(self):
        for page in self.pages:
            page.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(DEADLINE)


class Page:
    """A tab. `errors` are the lines that its console would show in red, and exceptions."""

    def __init__(self, url):
        self.loop = asyncio.new_event_loop()
        self.errors = []
        self.serial = 0
        self.socket = self.loop.run_until_complete(self._connect(url))
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")

    @staticmethod
    async def _connect(url):
        return await websockets.connect(url, max_size=1 << 26, ping_interval=None)

    def close(self):
        self.loop.run_until_complete(self.socket.close())
        self.loop.close()

    def command(self, method, **parameters):
        """Sends a command and waits for its result; what the page tells meanwhile is kept."""
        self.serial += 1
        return self.loop.run_until_complete(
            asyncio.wait_for(self._command(self.serial, method, parameters), 4 * DEADLINE)
        )

    async def _command(self, serial, method, parameters):
        await self.socket.send(json.dumps({"id": serial, "method": method, "params": parameters}))
        while True:
            message = json.loads(await self.socket.recv())
            if message.get("id") == serial:
                assert "error" not in message, f"{method}: {message['error']}"
                return message["result"]
            self._note(message)

    def _note(self, message):
        parameters = message.get("params", {})
        if message["method"] == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"])[:2000])
        elif message["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
            self.errors.append(json.dumps(parameters["args"])[:2000])
        elif message["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
            self.errors.append(parameters["entry"]["text"] + " " + parameters["entry"].get("url", ""))

    # -- looking

    def run(self, expression):
        """The value of an expression, which may be a promise."""
        result = self.command("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, f"{expression}: {result['exceptionDetails']}"
        return result["result"].get("value")

    def wait(self, expression, seconds=None):
        """Waits until the expression is true. @return its value"""
        limit = (DEADLINE if seconds is None else seconds) * 1000
        found = self.run(f"""new Promise((resolve) => {{
            const end = performance.now() + {limit};
            const look = () => {{
                const value = ({expression});
                if (value || performance.now() > end) resolve(value);
                else setTimeout(look, 20);
            }};
            look();
        }})""")
        assert found, f"not in time: {expression}; the page shows:\n{self.text('body')[:3000]}"
        return found

    @staticmethod
    def _text(selector):
        """An expression: what is to be read in the first element that matches; '' if it is not shown."""
        return (
            f"((node) => node && node.getClientRects().length > 0 ? node.innerText : '')"
            f"(document.querySelector({json.dumps(selector)}))"
        )

    def text(self, selector):
        return self.run(self._text(selector))

    def texts(self, selector):
        return self.run(f"[...document.querySelectorAll({json.dumps(selector)})].map((node) => node.innerText)")

    def wait_for_text(self, selector, words, seconds=None):
        self.wait(f"{self._text(selector)}.includes({json.dumps(words)})", seconds)

    def screenshot(self, path):
        image = self.command("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(image))

    # -- doing

    def go(self, url):
        """Opens it and waits until it was read."""
        self.command("Page.navigate", url=url)
        self.wait(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(url)})")

    def click(self, selector):
        """Clicks with the mouse in the middle of the first element that matches; again if it has moved meanwhile."""
        deadline = Deadline(DEADLINE)
        while not self._click_once(selector):
            assert not deadline.passed(), f"no press reaches {selector}"

    def _click_once(self, selector):
        """@return False: something else was there when the mouse was pressed"""
        x, y = self.wait(f"""(() => {{
            const node = document.querySelector({json.dumps(selector)});
            if (!node || node.disabled || node.getClientRects().length === 0) return null;
            node.scrollIntoView({{ block: 'center', behavior: 'instant' }});
            const box = node.getBoundingClientRect();
            window.pressed = window.released = false;
            node.addEventListener('click', () => {{ window.pressed = true; }}, {{ once: true, capture: true }});
            addEventListener('mouseup', () => {{ window.released = true; }}, {{ once: true, capture: true }});
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        deadline = Deadline(DEADLINE)
        while self.run("window.released") is False:  # a busy page takes it late; a second press would undo the first
            assert not deadline.passed(), f"the page takes no press of {selector}"
        return self.run("window.pressed") is not False  # a press may lead to another page

    def type(self, selector, text):
        """Puts `text` in the place of what a field holds."""
        self.click(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.key("Delete")
        self.command("Input.insertText", text=text)

    def key(self, name):
        codes = {"Delete": 46, "Enter": 13, "Escape": 27, "Tab": 9}
        extra = {"text": "\r"} if name == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.command(
                "Input.dispatchKeyEvent",
                type=kind,
                key=name,
                code=name,
                windowsVirtualKeyCode=codes[name],
                **(extra if kind == "keyDown" else {}),
            )

    def choose(self, selector, value):
        self.run(f"""(() => {{
            const node = document.querySelector({json.dumps(selector)});
            node.value = {json.dumps(value)};
            node.dispatchEvent(new Event('change'));
        }})()""")

    # -- the screen

    def resize(self, width, height, mobile=False):
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if mobile else 1,
            mobile=mobile,
        )

    def prefer(self, scheme):
        """dark or light, as the system would say."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
