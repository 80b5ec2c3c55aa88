"""The class Client: it logs in, asks, listens, and comes back after a loss."""

import asyncio
import contextlib
import itertools
import random
import re
import secrets
import ssl

from .codes import CODES
from .message import Message, encode

LONGEST = 1 << 24  # bytes of one message
STABLE = 10  # seconds that a connection lasts until the next wait is a short one again
TEMPORARY = {
    "lost",
    "address-locked",
    "login-busy",
    "user-limit",
    "session-limit",
    "going-down",
    "timeout",
    "out-of-memory",
}
PATTERNS = [(code, re.compile(".*".join(map(re.escape, text.split("*"))), re.S)) for code, text in CODES]


class AmiError(Exception):
    """What went wrong. `code` is stable, the text is for people, `response` the message with `Response: Error`."""

    def __init__(self, code, text, response=None):
        super().__init__(text)
        self.code, self.response = code, response

    @classmethod
    def of(cls, response):
        text = response.get("Message", "the action failed")
        codes = (code for code, pattern in PATTERNS if pattern.fullmatch(text))
        is_servers = "Server" in response  # the proxy's own errors name no server
        return cls("error" if is_servers else next(codes, "error"), text, response)

    @property
    def is_temporary(self):
        """May it succeed later? Else a login is not tried again."""
        return self.code in TEMPORARY


class _Asked:
    """What waits for an answer: its response, then its items, None behind the last one."""

    def __init__(self):
        self.response = asyncio.get_running_loop().create_future()
        self.items = asyncio.Queue()
        self.is_list = False  # else items are dropped
        self.over = False

    def take(self, message):
        """@return is it a part of the answer?"""
        if ("Event" in message) != self.response.done():
            return False
        kind = message.get("EventList", "").lower()
        if "Event" not in message:
            if "Error" in (message.get("Response"), message.get("ProxyResponse")):
                self.end(AmiError.of(message))
            else:
                self.response.set_result(message)
                self.over = not self.is_list and kind != "start"
        elif kind == "cancelled":
            self.end(AmiError("cancelled", "the list is not complete: a server was lost", message))
        elif kind == "complete" or message["Event"].endswith("Complete"):
            self.end(None)
        elif self.is_list:
            self.items.put_nowait(message)
        return True

    def end(self, error):
        self.over = True
        if not self.response.done() and error is not None:
            self.response.set_exception(error)
            self.response.exception()  # it may be that nobody waits
        self.items.put_nowait(error)


class Client:
    """Use it as `async with Client(...) as client:`. Everything belongs to the event loop in which it was entered."""

    def __init__(self, host, port, user="", secret=None, **options):
        """Options: `token`, one of `ProxyAction: CreateToken`, in place of a secret (the user may be left out then);
        `events`, the event classes, `call,agent` or `off`; `tls`, an ssl.SSLContext; in seconds `timeout`, until an answer
        and between two items of a list; `silence`, after which the proxy is taken for dead; `wait`, before the second
        attempt to connect, and the most before a later one."""
        known = {"token": None, "events": "on", "tls": None, "timeout": 30.0, "silence": 45.0, "wait": (0.5, 30.0)}
        if unknown := set(options) - set(known):
            raise TypeError(f"expected the options {', '.join(known)}; found {', '.join(sorted(unknown))}")
        options = {**known, **options}
        if secret is None and options["token"] is None:
            raise TypeError("expected a secret or a token")
        word = secret if options["token"] is None else options["token"]
        self._place = (host, port, options["tls"])
        self._login = [("Action", "Login"), ("Username", user), ("Secret", word), ("Events", options["events"])]
        self.timeout, self.silence, self._wait = options["timeout"], options["silence"], options["wait"]
        self._listeners, self._asked = {}, {}
        self._numbers, self._prefix = itertools.count(1), secrets.token_hex(3)
        self._is_up, self._since, self._changed = False, 0.0, asyncio.Condition()
        self._error = AmiError("closed", "the client is not open")  # None: it is
        self._id = ""  # ResumeID of the last message; empty: unknown
        self._writer = self._task = None

    async def __aenter__(self):
        """Connects. Raises AmiError if the login is refused; a proxy that does not answer is tried again."""
        self._error = None
        self._task = asyncio.create_task(self._run())
        try:
            await self._until_up(None)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *what):
        await self.close()

    async def close(self):
        """Ends the connection. What waits for an answer fails."""
        await self._end(AmiError("closed", "the client was closed"))
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def on(self, name, listener):
        """Calls `listener(event)` for each event of that name (in any case), `*` for all; `:up` with True if the stream goes
        on and nothing was missed, `:lost` with the error. @return a function that ends it"""
        listeners = self._listeners.setdefault(name.lower(), [])
        listeners.append(listener)
        return lambda: listeners.remove(listener)

    async def call(self, action, **headers):
        """Sends an action. @return its response. Raises AmiError if that is an Error"""
        return await self._call([("Action", action), *headers.items()])

    async def call_proxy(self, name, **headers):
        """The same for a ProxyAction."""
        return await self._call([("ProxyAction", name), *headers.items()])

    async def list(self, action, **headers):
        """The items of an action whose answer is a list, one by one as they come."""
        async with self._ask([("Action", action), *headers.items()]) as asked:
            asked.is_list = True
            async with self._in_time():
                await asyncio.shield(asked.response)
            while (item := await self._next(asked)) is not None:
                yield item

    async def _next(self, asked):
        async with self._in_time():
            item = await asked.items.get()
        if isinstance(item, AmiError):
            raise item
        return item

    # --- actions

    async def _call(self, headers):
        async with self._ask(headers) as asked, self._in_time():
            return await asyncio.shield(asked.response)

    @contextlib.asynccontextmanager
    async def _ask(self, headers):
        """Sends an action once there is a connection. What comes of a list behind the end of the block is dropped."""
        await self._until_up(self.timeout)
        id, asked = f"{self._prefix}-{next(self._numbers)}", _Asked()
        self._writer.write(encode([headers[0], ("ActionID", id), *headers[1:]]))
        self._asked[id] = asked
        try:
            yield asked
        finally:
            asked.is_list = False
            if asked.over or not asked.response.done():
                self._asked.pop(id, None)

    @contextlib.asynccontextmanager
    async def _in_time(self):
        try:
            async with asyncio.timeout(self.timeout):
                yield
        except TimeoutError:
            raise AmiError("timeout", "no answer in time") from None

    async def _until_up(self, timeout):
        """Waits for the connection: what was not sent yet may wait."""
        try:
            async with asyncio.timeout(timeout):
                async with self._changed:
                    await self._changed.wait_for(lambda: self._is_up or self._error is not None)
        except TimeoutError:
            raise AmiError("timeout", "not connected in time") from None
        if self._error is not None:
            raise self._error

    # --- the connection

    async def _run(self):
        """Connects again and again, with waits that grow and differ, so that clients do not come back all at once."""
        attempt, (first, most), loop = 0, self._wait, asyncio.get_running_loop()
        while self._error is None:
            error = await self._connect()
            if self._is_up and loop.time() - self._since > STABLE:
                attempt = 0
            self._drop(error)
            self._tell(":lost", error)
            if not error.is_temporary:
                await self._end(error)
                return
            wait = min(most, first * 2**attempt) * random.uniform(0.5, 1)
            attempt = min(attempt + 1, 30)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await asyncio.Event().wait()

    async def _connect(self):
        """One connection, from the banner to its end. @return why it has ended"""
        host, port, tls = self._place
        try:
            async with asyncio.timeout(self.timeout):
                reader, self._writer = await asyncio.open_connection(host, port, ssl=tls, limit=LONGEST)
                await reader.readuntil(b"\n")  # Asterisk Call Manager/…
                await self._log_in(reader)
            while True:
                await self._take(await self._read(reader))
        except AmiError as error:
            return error
        except ssl.SSLCertVerificationError as error:
            return AmiError("certificate", str(error))
        except EOFError:
            return AmiError("lost", "the connection was lost")
        except (OSError, asyncio.LimitOverrunError) as error:
            return AmiError("lost", str(error) or "no answer in time")

    async def _log_in(self, reader):
        self._writer.write(encode([*self._login, *([("Resume", self._id)] if self._id else [])]))
        answer = await self._read(reader)
        if answer.get("Response") != "Success":
            raise AmiError.of(answer)
        if not self._id:
            self._writer.write(encode([("ProxyAction", "SetResume"), ("IDs", "on"), ("ActionID", "resume")]))
            await self._set_up(False)

    async def _read(self, reader):
        """The next message. A proxy that says nothing is asked, and then taken for dead."""
        for _ in range(2):
            try:
                async with asyncio.timeout(self.silence / 2):
                    return Message.parse((await reader.readuntil(b"\r\n\r\n"))[:-4])
            except TimeoutError:
                self._writer.write(encode([("Action", "Ping"), ("ActionID", "ping")]))
        raise AmiError("lost", "the proxy is silent")

    async def _take(self, message):
        id = message.get("ResumeID")
        if id is not None:
            self._id = id
            message.headers = [pair for pair in message.headers if pair[0] != "ResumeID"]
        event = message.get("Event")
        if not self._is_up and event in ("Resumed", "EventsSkipped"):
            await self._set_up(event == "Resumed")
        asked = self._asked.get(message.get("ActionID"))
        if asked is not None and asked.take(message):
            if asked.over:
                self._asked.pop(message["ActionID"], None)
        elif event is not None:
            self._tell(event, message)
            self._tell("*", message)

    async def _set_up(self, resumed):
        async with self._changed:
            self._is_up, self._since = True, asyncio.get_running_loop().time()
            self._changed.notify_all()
        self._tell(":up", resumed)

    def _drop(self, error):
        self._is_up = False
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        asked, self._asked = self._asked, {}
        for each in asked.values():
            each.end(error)

    async def _end(self, error):
        async with self._changed:
            self._error = self._error or error
            self._changed.notify_all()
        self._drop(error)

    def _tell(self, name, what):
        """A listener that fails neither stops the others nor the connection."""
        for listener in list(self._listeners.get(name.lower(), ())):
            try:
                listener(what)
            except Exception as error:
                context = {"message": f"a listener of {name} has failed", "exception": error}
                asyncio.get_running_loop().call_exception_handler(context)
