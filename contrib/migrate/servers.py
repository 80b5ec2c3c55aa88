"""`host`, `retryinterval` and `maxretries`: the sections servers and retry."""

import legacy

FIELDS = ("address", "port", "user", "secret", "events", "usessl")
_CLASSES = """system call log verbose command agent user config dtmf reporting cdr dialplan originate agi cc aoc test security
    message all""".split()
_TRUE = ("on", "yes", "true", "y", "t")  # what Asterisk takes for all classes, and for none
_FALSE = ("off", "no", "false", "n", "f", "0", "none")


def _split(conf, line):
    """The six fields of a host, as they were sent to Asterisk, or None with an error."""
    parts = line.value.split(b",")
    parts[:5] = [
        part.lstrip(legacy.BLANKS) for part in parts[:5]
    ]  # left by quotes; number reader, resolver, Asterisk skip them
    if len(parts) < len(FIELDS) or b"" in parts[: len(FIELDS)]:
        conf.error(
            line.number,
            "host: expected six fields: "
            + ", ".join(FIELDS)
            + "; found "
            + (f"{len(parts)}" if len(parts) < len(FIELDS) else f"no {FIELDS[parts.index(b'')]}"),
        )
        return None
    fields = {}
    for at, name in enumerate(FIELDS):
        kept = conf.version.host_case and name in ("user", "secret")
        value = parts[at] if kept else legacy.lower(parts[at])
        fields[name] = conf.text(line.number, f"host: {name}", value)
    return None if None in fields.values() else fields


def _note_losses(conf, line):
    written = line.written.split(b",")
    losses = [loss for loss in line.losses if not loss.startswith("capitals")]
    lowered = (
        []
        if conf.version.host_case
        else [
            name
            for name, part in zip(FIELDS, written, strict=False)
            if name in ("user", "secret") and legacy.lower(part) != part
        ]
    )
    if lowered:
        losses.append(f"capitals of {' and '.join(lowered)} were lowered (is it so in manager.conf?)")
    if len(written) > len(FIELDS):
        losses.append(f"fields behind the {len(FIELDS)}th were not read (a secret with a comma?)")
    if losses:
        conf.writer.comment(conf.look(line.number, "host: as the old program read it: " + "; ".join(losses)))


def _events(conf, line, word):
    if word in _TRUE:
        return "on"
    if word in _FALSE:
        return "off"
    if word in _CLASSES:
        return [word]
    conf.writer.comment(conf.look(line.number, "host: events is neither on, off nor a class of events: on is written"))
    return "on"


def _tls(conf, line, word):
    if word == "on":
        conf.writer.comment(
            "Encrypted, but neither certificate nor name of the server are checked, as before. Better: tls: "
            "verify, and ca_file."
        )
    elif word != "off":
        conf.writer.comment(conf.look(line.number, 'host: usessl was on only as exactly "on": this was read as off'))
    return "on" if word == "on" else "off"


def _name(taken, host, port):
    """What clients write in Server:; two servers of one host need two names."""
    names = [host, f"{host}:{port}"] + [f"{host}:{port}-{count}" for count in range(2, len(taken) + 3)]
    return next(name for name in names if name not in taken)


def write_secret(writer, files, secret, name):
    """`secret`, or a file of its own for one that YAML's reader would take for a variable of the environment."""
    if secret.startswith("${"):
        files[name] = secret
        writer.pair("secret_file", name)
    else:
        writer.pair("secret", secret)


def _write_server(conf, line, taken, files):
    fields = _split(conf, line)
    if fields is None:
        return
    writer = conf.writer
    port, clean = legacy.leading_number(fields["port"].encode())
    if not 1 <= port <= 65535:
        conf.error(line.number, f"host: port: expected 1 to 65535, found {port}")
        return
    name = _name(taken, fields["address"], port)
    with writer.item():
        _note_losses(conf, line)
        if not clean:
            writer.comment(
                conf.look(line.number, f"host: port is not a number as a whole; the old program read {port}")
            )
        if name != fields["address"]:
            writer.comment(
                conf.look(
                    line.number,
                    "host: names must be different now; clients that write the address in "
                    "Server: get the first server of that name",
                )
            )
        events, tls = _events(conf, line, fields["events"]), _tls(conf, line, fields["usessl"])
        writer.pair("name", name)
        writer.pair("host", fields["address"])
        writer.pair("port", port)
        writer.pair("username", fields["user"])
        write_secret(writer, files, fields["secret"], f"server-{len(taken) + 1}.secret")
        writer.pair("events", events)
        writer.pair("tls", tls)
    taken.append(name)


def write(conf, files):
    """The section servers. Returns the names of the servers."""
    writer, taken = conf.writer, []
    if not conf.hosts:
        writer.comment(conf.look(None, "no host: the old program ended at once; this one runs and answers alone"))
        return taken
    writer.comment(
        "As before the name of a server is its address in small letters, and the first that is up is the default. "
        "Changed: a server that a client names but that is unknown or down is an error, no longer another server in "
        "silence. Addresses of names are looked up at each connection; IPv6 works. The login at Asterisk is by MD5 "
        "challenge (login: plain sends the secret), and up to four connections are opened while actions block "
        "(lanes)."
    )
    with writer.mapping("servers"):
        for line in conf.hosts:
            _write_server(conf, line, taken, files)
    writer.blank()
    return taken


def write_retry(conf):
    """The section retry."""
    writer = conf.writer
    interval = conf.integer("retryinterval", 0, 0, 24 * 3600)
    writer.comment(
        "The wait grows from interval to max_interval while a server stays away; it was always the same."
        if interval
        else "retryinterval was 0, no wait at all between attempts: now it is two seconds at first."
    )
    attempts = conf.integer("maxretries", 0, 0, 1000000)
    with writer.mapping("retry"):
        writer.pair("interval", f"{interval or 2}s")
        writer.pair("max_interval", f"{max(60, interval)}s")
        if attempts:
            conf.comment_look(
                "maxretries",
                f"after {attempts} attempts a server is given up until a restart, as before, but "
                "with the longer waits; 0, for ever, is better",
            )
        writer.pair("attempts", attempts)
    writer.blank()
