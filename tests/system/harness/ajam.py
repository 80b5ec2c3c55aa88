"""A client of Asterisk's HTTP manager (AJAM): parameters in the query or a form, the session in a cookie."""

import hashlib
import re
import select
import urllib.parse

from .limits import DEADLINE
from .proxy import secret_of
from .web import ALL_PLUGINS, Web, listeners

COOKIE = re.compile(r'mansession_id="([0-9a-f]{32})"; Version=1; Max-Age=(\d+); Path=/; HttpOnly; SameSite=Lax')

CHALLENGE = re.compile(
    r'Digest algorithm=MD5, realm="asterisk", nonce="([0-9a-f]{80})", qop="auth", opaque="\1"(, stale=true)?'
)


def start_ajam(start_proxy, servers, ajam=None, http=None, **sections):
    """A proxy whose second listener has AJAM."""
    settings = {"ajam": {} if ajam is None else ajam, **(http or {})}
    return start_proxy(servers, listen=listeners(), plugins=ALL_PLUGINS, http=settings, **sections)


class Ajam:
    """A client with one connection at a time and a cookie. `path` may be given with each request; `source` is the
    address that it comes from."""

    def __init__(self, proxy, path="/rawman", cookie=None, deadline=None, source=None):
        self.proxy = proxy
        self.path = path
        self.cookie = cookie
        self.deadline = deadline
        self.source = source
        self.web = None

    def connect(self):
        self.web = Web(self.proxy.addresses[1], deadline=self.deadline, source=self.source and (self.source, 0))
        self.proxy.clients.append(self.web)
        return self.web

    def query(self, **parameters):
        return urllib.parse.urlencode({name.lower(): value for name, value in parameters.items()})

    def send_to(self, target, method="GET", headers=(), body=None):
        """Sends a request for `target` as it stands, over a connection of its own; `body` with its type in `headers`."""
        headers = dict(headers)
        if self.cookie is not None:
            headers.setdefault("Cookie", f'mansession_id="{self.cookie}"')
        if body is not None:
            headers["Content-Length"] = len(body)
        web = self.connect()
        web.send_raw(web.head(method, target, headers).encode() + (body or b""))
        return web

    def send(self, path=None, method="GET", headers=(), **parameters):
        """Sends a request with `parameters` in its query."""
        query = self.query(**parameters)
        return self.send_to(f"{path or self.path}?{query}" if query else path or self.path, method, headers)

    def post(self, body, content_type="application/x-www-form-urlencoded", target=None, headers=()):
        """Sends `body` (a mapping: as a form) and reads the answer."""
        data = body if isinstance(body, bytes) else urllib.parse.urlencode(body).encode()
        head = {"Content-Type": content_type, **dict(headers)}
        return self.receive(self.send_to(target or self.path, "POST", head, data))

    def receive(self, web=None):
        answer = (web or self.web).read()
        match = COOKIE.fullmatch(answer.get("Set-Cookie", ""))
        if match is not None:
            self.cookie = match.group(1)
        return answer

    def ask(self, path=None, **parameters):
        return self.receive(self.send(path, **parameters))

    def login(self, user="dave", **parameters):
        answer = self.ask(Action="login", Username=user, Secret=secret_of(user), **parameters)
        assert answer.status == 200 and "Authentication accepted" in answer.text, answer
        return answer

    def wait_event(self, name, **parameters):
        """Sends a WaitEvent with the ActionID `name` twice, so that the second one waits for certain: its arrival ends
        the first with an empty answer. Returns the second one's connection."""
        waits = [self.send(Action="WaitEvent", ActionID=name, **parameters) for _ in range(2)]
        ready, _, _ = select.select([web.socket for web in waits], [], [], DEADLINE)
        ended, waiting = sorted(waits, key=lambda web: web.socket not in ready)
        assert self.receive(ended).body == b""
        ended.close()
        return waiting


def md5(*parts):
    return hashlib.md5(":".join(parts).encode("latin-1")).hexdigest()


class Digest(Ajam):
    """A client that authenticates each request by a digest. It takes the nonce of a challenge when `ask` gets one, and
    then asks again, as browsers and libraries do."""

    def __init__(self, proxy, user="dave", path="/arawman", secret=None, old=False):
        super().__init__(proxy, path)
        self.user = user
        self.secret = secret or secret_of(user)
        self.old = old  # RFC 2069
        self.nonce = None
        self.count = 0
        self.challenges = []  # what each 401 said

    def authorization(self, method, target, **changes):
        """Returns the header for the next request; `changes` are fields with wrong values."""
        self.count += 1
        said = {"username": self.user, "realm": "asterisk", "nonce": self.nonce or "", "uri": target}
        said |= {"algorithm": "MD5", "opaque": self.nonce or ""}
        if not self.old:
            said |= {"qop": "auth", "nc": f"{self.count:08x}", "cnonce": "0a4f113b"}
        said |= changes
        first, second = md5(said["username"], said["realm"], self.secret), md5(method, said["uri"])
        if "qop" in said:
            proof = md5(first, said["nonce"], said["nc"], said["cnonce"], said["qop"], second)
        else:
            proof = md5(first, said["nonce"], second)
        said.setdefault("response", proof)
        bare = ("algorithm", "nc", "qop")
        return "Digest " + ", ".join(
            f"{name}={value}" if name in bare else f'{name}="{value}"'
            for name, value in said.items()
            if value is not None
        )

    def send(self, path=None, method="GET", headers=(), **parameters):
        query = self.query(**parameters)
        target = f"{path or self.path}?{query}" if query else path or self.path
        return self.send_to(target, method, {**dict(headers), "Authorization": self.authorization(method, target)})

    def receive(self, web=None):
        answer = (web or self.web).read()
        if answer.status == 401:
            self.challenges.append(answer.get("WWW-Authenticate"))
            self.nonce, self.count = CHALLENGE.fullmatch(self.challenges[-1]).group(1), 0
        return answer

    def challenge(self):
        """Asks for a nonce, as a client does that has none."""
        assert self.receive(self.send_to(self.path)).status == 401
        return self

    def ask(self, path=None, **parameters):
        answer = self.receive(self.send(path, **parameters))
        if answer.status == 401 and self.challenges[-1].endswith(", stale=true"):
            answer = self.receive(self.send(path, **parameters))
        return answer
