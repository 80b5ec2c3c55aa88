"""Converts astmanproxy.users. A line is a user, or lets anybody in by accident and must not become a user."""

import dataclasses
import re

import legacy
from report import Source
from servers import write_secret

FILTERS = ("cdronly", "brionly", "xfronly", "novar")
_FIELDS = ("secret", "channel", "out_context", "in_context", "account", "server", "more_events", "filters")
_RESTRICTIONS = ("channel", "out_context", "in_context", "account")
_MORE_EVENTS = _FIELDS.index("more_events")
_BCRYPT = re.compile(r"\$2[abxy]\$[0-9]{2}\$[./A-Za-z0-9]{53}")
_HASH = re.compile(
    r"\$(2|y\$|gy\$|7\$|6\$|5\$|1\$|md5|sha1)"
)  # what crypt(3) makes, so what the program takes for a hash


@dataclasses.dataclass
class User:
    """One user as the old program read it. Texts; `filters` are names; `notes` are sentences for the operator."""

    number: int
    name: str
    secret: str
    channel: str = ""
    out_context: str = ""
    in_context: str = ""
    account: str = ""
    server: str = ""
    more_events: bool = False
    filters: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)

    def is_restricted(self):
        return bool(self.filters) or any(getattr(self, name) for name in _RESTRICTIONS)


class Users(Source):
    """The users, and comments about the lines that are not users."""

    def __init__(self, path, content, version, report):
        super().__init__(path, report)
        self.version = version
        self.users = []
        self.holes = []
        self._lines = {}  # name -> line
        for number, text in legacy.read_lines(content):
            self._take(legacy.read_user(number, text))

    def _hole(self, line, text):
        self.holes.append(self.look(line.number, text))

    def _take(self, line):
        fields = line.value.split(b",")
        if not line.name and not line.is_pair:
            self._hole(
                line,
                "a line of blanks made a user without name and secret, which let everybody log in: no user is made now",
            )
        elif not line.is_pair:
            self._hole(line, 'a line without "=" made a user of that name with an empty secret: no user now')
        elif not line.name:
            self._hole(line, "no name: no user now")
        else:
            name = self.text(line.number, "name", line.name)
            if name is None:
                return
            if not fields[0]:
                self._hole(line, f'"{name}" has an empty secret and could log in without one: no user now')
            elif name in self._lines:
                self.error(
                    line.number,
                    f'a second user "{name}" (the first is in line {self._lines[name]}); the old program '
                    "tried both, the last first: expected one line for each name",
                )
            else:
                self._lines[name] = line.number
                self._add(line, name, fields)

    def _add(self, line, name, fields):
        texts = {
            what: self.text(line.number, f'user "{name}": {what}', value)
            for what, value in zip(_FIELDS, fields, strict=False)
        }
        if None in texts.values():
            return
        user = User(
            line.number,
            name,
            texts["secret"],
            texts.get("channel", ""),
            texts.get("out_context", ""),
            texts.get("in_context", ""),
            *(_lowered(texts.get(what, "")) for what in ("account", "server")),
        )
        # The old program looked at each character of the field, and at the end of the line.
        user.more_events = len(fields) == _MORE_EVENTS + 1 or texts.get("more_events", "") != ""
        if len(fields) > self.version.user_fields:
            user.notes.append(f"only {self.version.user_fields} fields were read (a secret with a comma?)")
        elif "filters" in texts:
            self._take_filters(user, texts["filters"].lower())
        self._judge(user, line, texts)
        self.users.append(user)

    @staticmethod
    def _take_filters(user, field):
        user.filters = [name for name in FILTERS if name in field]
        unknown = [word for word in field.split("|") if word and not any(name in word for name in FILTERS)]
        if unknown:
            user.notes.append(f"unknown filters were ignored: {', '.join(unknown)}")

    def _judge(self, user, line, texts):
        if line.losses:
            user.notes.append("as the old program read the line: " + "; ".join(line.losses))
        for what in ("out_context", "in_context"):
            text = getattr(user, what)
            if text != _lowered(text):
                user.notes.append(
                    f"{what} has capitals: "
                    + (
                        "it was compared without regard to case"
                        if self.version.name == "1.22"
                        else "it was lowered and so could never match"
                    )
                    + "; now it is compared exactly, as it is written here"
                )
        if user.account != texts.get("account", ""):
            user.notes.append("account has capitals, but Asterisk got it lowered, as it is written here")
        self._judge_secret(user)

    def _judge_secret(self, user):
        secret = user.secret
        if self.version.hashes and secret.startswith("$"):
            if _BCRYPT.fullmatch(secret):
                user.notes.append("the secret is a hash: as before it cannot serve the MD5 challenge")
            else:
                user.notes.append(
                    'a secret that begins with "$" was a hash that nothing matched, so nobody could log in: now it '
                    + ("is a hash that works if it is a good one" if _HASH.match(secret) else "is a plain secret")
                )
        elif _HASH.match(secret):
            self.error(
                user.number,
                f'user "{user.name}": the secret begins as a hash does, and would be taken for one: '
                "expected another secret",
            )


def _lowered(text):
    return legacy.lower(text.encode()).decode()


_HEAD = """A reload (SIGHUP) reads this file again; sessions that are logged in get the rights that their users have then (they kept
their old ones). A name is here once; names and secrets are compared exactly."""
_RESTRICTED = """\
What changed for users with a channel, a context or an account: all events of a call that concerns the user's channel
are seen, over the headers of old and new Asterisks, and nothing of other calls; own answers and items of own lists always come.
A channel that ends in * is a prefix, as every channel was; without the star it is one device and its channels (SIP/100, not
SIP/1001), which is what is mostly meant: take the star out where you can.
Contexts are compared exactly. An account is forced over Account and AccountCode, for this user alone (it was shown to others).
Actions were restricted by Channel and Context alone, so write: [all] is as before; without it such a user may do only what belongs
to calls: [call, agent, originate, user, message, reporting, cc, aoc]. Take the line out where you can."""
_FILTERED = """Filters are scripts now; the "only" ones let own answers pass, and know the events of new Asterisks."""
_LOCAL = (
    """filterlocal was one setting for all, and without effect, by a fault: now it works, for users with a channel."""
)


def _write_user(writer, users, user, servers, filterlocal, files):
    with writer.item():
        for note in user.notes:
            writer.comment(users.look(user.number, f'user "{user.name}": {note}'))
        if user.server and user.server not in servers:
            writer.comment(users.look(user.number, f'user "{user.name}": there is no server "{user.server}"'))
        if filterlocal in ("allowwith", "enforce") and user.channel and not user.out_context:
            writer.comment(
                users.look(
                    user.number,
                    f'user "{user.name}": filterlocal {filterlocal} needs an out_context; left out, which is off',
                )
            )
        writer.pair("name", user.name)
        write_secret(writer, files, user.secret, f"user-{user.number}.secret")
        for what in _RESTRICTIONS + ("server",):
            if getattr(user, what):
                writer.pair(what, getattr(user, what) + ("*" if what == "channel" else ""))
        if user.more_events:
            writer.pair("more_events", True)
        if user.filters:
            writer.pair("filters", user.filters)
        if filterlocal and user.channel and (user.out_context or filterlocal in ("off", "allow")):
            writer.pair("filterlocal", filterlocal)
        if user.is_restricted():
            writer.pair("write", ["all"])


def write(writer, users, servers, filterlocal, files):
    """users.yaml. `filterlocal` is the old global word, "" if it was not set; `files` takes secrets that need their
    own."""
    writer.comment(" ".join(_HEAD.split()))
    for text, wanted in (
        (_RESTRICTED, any(user.is_restricted() for user in users.users)),
        (_FILTERED, any(user.filters for user in users.users)),
        (_LOCAL, filterlocal not in ("", "off")),
    ):
        if wanted:
            writer.comment(" ".join(text.split()))
    writer.blank()
    for text in users.holes:
        writer.comment(text)
    if users.holes:
        writer.blank()
    if not users.users:
        writer.comment("There are none.")
        writer.pair("users", [])
        return
    with writer.mapping("users"):
        for user in users.users:
            _write_user(writer, users, user, servers, filterlocal, files)
            writer.blank()
