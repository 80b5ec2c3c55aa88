"""Reads lines of astmanproxy.conf and astmanproxy.users as the old programs did, byte by byte, and notes what they
lost.

Three readings: 1.22 (the original), 1.28 (the fork's releases before 1.30: quotes, more keys) and 1.30 (the fork: user
and secret of `host` keep their case, secrets may be hashes). Everything is bytes: lower-casing was that of the C
locale."""

import dataclasses

LINE_BYTES = 1023  # a longer line was read as two
BLANKS = b" \t"
ENDS = b";#\r\n"

_KEYS = """host retryinterval maxretries listenaddress listenport authrequired proxykey inputformat outputformat autofilter
    acceptencryptedconnection acceptunencryptedconnection sslclienthellotimeout certfile asteriskwritetimeout
    clientwritetimeout proc_user proc_group logfile""".split()


@dataclasses.dataclass(frozen=True)
class Version:
    """What differs between the old programs in reading their files."""

    name: str
    quotes: bool  # "text" keeps case and blanks in astmanproxy.conf
    host_case: bool  # user and secret of `host` keep their case, `=` in it is kept
    hashes: bool  # a user's secret that begins with $ is a hash
    user_fields: int  # fields of a user that were read
    value_bytes: int  # longest value of astmanproxy.conf; more crashed the program
    keys: frozenset


VERSIONS = {
    "1.22": Version("1.22", False, False, False, 7, 79, frozenset(_KEYS)),
    "1.28": Version("1.28", True, False, False, 8, 79, frozenset(_KEYS + ["filterlocal", "forcebanner"])),
    "1.30": Version("1.30", True, True, True, 8, 255, frozenset(_KEYS + ["filterlocal", "forcebanner"])),
}


@dataclasses.dataclass
class Line:
    """One line: what was read of it (`name`, `value`), and `written`, the value without lower-casing."""

    number: int
    name: bytes
    value: bytes = b""
    written: bytes = b""
    is_pair: bool = False  # has a `=`
    losses: list = dataclasses.field(default_factory=list)  # sentences for the operator


def lower(text):
    """tolower() of the C locale."""
    return text.translate(bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256)))


def read_lines(content):
    """(number, text) of each line that was not skipped as a comment, cut as the old programs cut them."""
    for number, line in enumerate(content.split(b"\n"), 1):
        line += b"\n"
        for start in range(0, len(line), LINE_BYTES):
            text = line[start : start + LINE_BYTES].split(b"\0")[0]
            if text and text[0] not in b";#\r\n":
                yield number, text


def _find_losses(raw, line, stop, quoted):
    """The value that was read after the first `=`; `stop` is where reading ended."""
    kept, rest = raw[:stop], raw[stop:]
    losses = []
    if line.value != line.written:
        losses.append("capitals were lowered")
    if not quoted and any(blank in part.strip(BLANKS) for part in kept.split(b",") for blank in (b" ", b"\t")):
        losses.append("blanks inside were removed")
    if kept.count(b"=") > line.value.count(b"="):
        losses.append('a further "=" was removed')
    if rest[:1] in (b";", b"#") and (quoted or kept[-1:].strip(BLANKS)):
        losses.append(f'it ended at the "{chr(rest[0])}", and the rest was a comment')
    if quoted and rest[:1] == b'"' and rest[1:].split(b";")[0].split(b"#")[0].strip(BLANKS + b"\r\n"):
        losses.append("the text behind the closing quote was not read")
    return losses


def _read(number, text, lowers, quotes, host_case):
    """The old programs' loop: name, then value; a quote begins a literal text, `host` of 1.30 an almost literal one."""
    name, value, written = bytearray(), bytearray(), bytearray()
    state, begin, stop = "name", len(text), len(text)
    for at, byte in enumerate(text):
        if state == "quoted":
            if byte in b'"' + ENDS:
                stop = at
                break
        elif quotes and byte == 0x22 and (state == "value" or (state == "host" and not value)):
            state = "quoted"
            continue
        elif byte in BLANKS:
            continue
        elif byte in ENDS:
            stop = at
            break
        elif byte == 0x3D and state != "host":
            if state == "name":
                begin = at + 1
                state = "host" if host_case and bytes(name) == b"host" else "value"
            continue
        read = lower(bytes([byte])) if lowers and state in ("name", "value") else bytes([byte])
        if state == "name":
            name += read
        else:
            value += read
            written.append(byte)
    line = Line(number, bytes(name), bytes(value), bytes(written), state != "name")
    line.losses = _find_losses(text[begin:], line, stop - begin, state == "quoted")
    return line


def read_setting(number, text, version):
    """A line of astmanproxy.conf."""
    return _read(number, text, True, version.quotes, version.host_case)


def read_user(number, text):
    """A line of astmanproxy.users: neither lower-casing nor quotes, whatever the version."""
    return _read(number, text, False, False, False)


def leading_number(text):
    """atoi(): (number, whether there was nothing else). What does not begin with a digit is 0."""
    text = text.lstrip(BLANKS)
    sign = 1 if text[:1] in (b"-", b"+") else 0
    digits = sign
    while digits < len(text) and text[digits : digits + 1].isdigit():
        digits += 1
    if digits == sign:
        return 0, False
    return int(text[:digits]), digits == len(text)
