"""The sections listen, tls, auth, process and log, and settings that have no key any more."""

import socket

import certificate

_FORMATS = ("standard", "xml", "csv", "http")
_OLD_BANNER = {"1.22": "1.22pre081119", "1.28": "1.28.2", "1.30": "1.30.0"}
_SECOND_MS = 1000


def _write_address(conf):
    name = "listenaddress"
    text = conf.take_text(name)
    if text != "*":
        try:
            text = socket.inet_ntoa(socket.inet_aton(text))
        except OSError:
            conf.error(
                conf.number_of(name),
                f"{name}: expected an IPv4 address or *, found "
                + ("something else" if text else "nothing")
                + ": the old program could not be reached",
            )
    conf.writer.pair("address", text)


def _write_port(conf):
    port = conf.integer("listenport", 0, 0, 65535)
    if port == 0:
        conf.comment_look("listenport", "0: any free port, as before; one that clients know is better")
    conf.writer.pair("port", port)


def _format(conf, name, wrong):
    """A format's name; `wrong` is the one that crashed the old program."""
    word = conf.word(name)
    if word == wrong:
        conf.error(conf.number_of(name), f"{name}: {wrong} crashed the old program; expected another format")
    elif word and word not in _FORMATS:
        conf.comment_look(
            name,
            "no format of the old program itself: if it was a module of your own, it must be rebuilt as a "
            "plugin; else the old program fell back in silence to standard, as is written here",
        )
        word = "standard"
    elif not word and conf.version.name != "1.30":
        conf.comment_look(name, f"not set: {conf.version.name} took any module that it found; standard is written")
    return word or "standard"


def _write_banner(conf):
    banner = conf.take_text("forcebanner")
    if banner:
        conf.writer.pair("banner", banner)
        return
    conf.writer.comment("The first line for clients is now that of Asterisk. Where a client wants the old one:")
    conf.writer.comment(f'banner: "Asterisk Call Manager Proxy/{_OLD_BANNER[conf.version.name]}"')


def _write_autofilter(conf):
    word = conf.word("autofilter")
    mode = word if word in ("on", "unique") else "off"
    if word not in ("", "off", mode):
        conf.comment_look("autofilter", "expected off, on or unique: any other word was read as off")
    if mode != "off" and conf.version.name == "1.30":
        conf.comment_look(
            "autofilter",
            f"{mode} filtered nothing in 1.30, by a fault: now it does, and clients that got used to "
            "foreign answers" + (" and to events" if mode == "on" else "") + " no longer get them",
        )
    if mode == "unique":
        conf.writer.comment("Answers to actions without ActionID went to everybody: now to the one who asked.")
    conf.writer.pair("autofilter", mode)


def _write_tls_mode(conf):
    """Whether clients may or must encrypt. Returns it."""
    encrypted, plain = conf.yes("acceptencryptedconnection"), conf.yes("acceptunencryptedconnection")
    timeout_ms = conf.integer("sslclienthellotimeout", 500, -(10**9), 10**9)
    mode = "off" if not encrypted else "optional" if plain else "required"
    if not encrypted and not plain:
        conf.error(
            conf.number_of("acceptunencryptedconnection"),
            "neither acceptencryptedconnection nor acceptunencryptedconnection is yes: the old program accepted nobody; "
            "set at least one",
        )
    if mode == "required" and not conf.is_set("certfile"):
        conf.error(
            conf.number_of("acceptencryptedconnection"),
            "acceptencryptedconnection alone is yes, but there is no certfile: the old program accepted nobody",
        )
    if encrypted and timeout_ms <= 0:
        mode = "off" if plain else mode
        conf.comment_look(
            "sslclienthellotimeout",
            "0 switched TLS off for clients, although acceptencryptedconnection is yes"
            + ("" if plain else ": now they can connect, and nobody else"),
        )
    conf.writer.pair("tls", mode)
    if mode == "optional":
        _write_detect_timeout(conf, timeout_ms)
    return mode


def _write_detect_timeout(conf, timeout_ms):
    conf.writer.comment(
        "As before a client that says nothing for so long is plain and gets its banner; others no longer wait for it."
    )
    if timeout_ms > 60 * _SECOND_MS:
        conf.comment_look("sslclienthellotimeout", "60s is the most now")
        timeout_ms = 60 * _SECOND_MS
    conf.writer.pair("detect_timeout", f"{timeout_ms}ms")


def write_listen(conf):
    """The section listen, with one entry. Returns its mode of TLS."""
    writer = conf.writer
    with writer.mapping("listen"), writer.item():
        _write_address(conf)
        writer.comment("Bound before the privileges are dropped: may be below 1024 now.")
        _write_port(conf)
        writer.comment(
            "Only this format, as before (xml and http get no banner); auto would take all formats on this port."
        )
        writer.pair("input", _format(conf, "inputformat", "csv"))
        writer.pair("output", _format(conf, "outputformat", "http"))
        _write_banner(conf)
        _write_autofilter(conf)
        mode = _write_tls_mode(conf)
    writer.blank()
    return mode


def write_tls(conf, mode):
    """The section tls, if clients may encrypt."""
    writer = conf.writer
    path = conf.take_text("certfile")
    if not path:
        if mode == "optional":
            conf.comment_look("acceptencryptedconnection", "there is no certfile: nothing is encrypted, as before")
        return
    if mode == "off":
        writer.comment("TLS was not accepted from clients, so this certificate was not used:")
        writer.comment(f"tls: certificate: {path}")
        writer.blank()
        return
    if not path.startswith("/"):
        conf.comment_look("certfile", "a relative path starts now in the folder of this file")
    for weakness in certificate.inspect(path):
        conf.comment_look("certfile", weakness)
    with writer.mapping("tls"):
        writer.pair("certificate", path)
        writer.pair("key", path)
    writer.blank()


def write_auth(conf):
    """The section auth."""
    writer = conf.writer
    required, key = conf.yes("authrequired"), conf.take_text("proxykey")
    if key.startswith("${"):
        conf.error(
            conf.number_of("proxykey"),
            'proxykey: "${" begins the name of a variable of the environment now: expected another key',
        )
    if key and not required:
        writer.comment(
            "proxykey was asked of everybody, authrequired = no notwithstanding. With required: false everybody "
            "would get in without it."
        )
    if not required and not key:
        conf.comment_look(
            "authrequired",
            "not yes, and no proxykey: everybody may do everything without a login, as before; "
            "required: true is better",
        )
    writer.comment(
        (
            "Before a login nothing but Login, Challenge and Logoff is answered now: proxy actions were open to everybody. "
            if required or key
            else ""
        )
        + "AddServer, DropServer and what else steers the proxy is for users with admin: true (or for holders of the "
        "proxy_key if there are no users), and no user is made one here."
    )
    with writer.mapping("auth"):
        writer.pair("required", required or bool(key))
        if key:
            writer.comment(
                "The key is no longer sent on to Asterisk. A user of users.yaml may log in without it now. A wrong "
                "key is answered by an error before the connection is closed."
            )
            writer.pair("proxy_key", key)
    writer.blank()
    if not required and not key:
        _write_get(writer)


def _write_get(writer):
    """Without a required login, GET may only read unless the configuration says otherwise."""
    writer.comment(
        "As before any web page can have a browser send actions by GET, since no login is required: take this out "
        "if no client sends actions that change something by GET."
    )
    with writer.mapping("http"):
        writer.pair("allow_get", True)
    writer.blank()


def write_process(conf):
    """The sections process and log."""
    writer = conf.writer
    user, group, path = conf.take_text("proc_user"), conf.take_text("proc_group"), conf.take_text("logfile")
    if user == "root":
        conf.error(conf.number_of("proc_user"), "proc_user: expected any user but root, as the old program did")
    for name, value in (("proc_user", user), ("proc_group", group)):
        if not value:
            conf.comment_look(
                name,
                "not set, so the old program did not start; set it in process, as this one does not serve as "
                "root either",
            )
    if user or group:
        writer.comment(
            "Also the supplementary groups of the user are set now. A reload (SIGHUP) reads this file, the users and "
            "the certificate again, as this user, who must be able to read them."
        )
        with writer.mapping("process"):
            for name, value in (("user", user), ("group", group)):
                if value:
                    writer.pair(name, value)
        writer.blank()
    if not path:
        conf.comment_look("logfile", "not set, so the old program did not start; the log goes to stderr")
        return
    writer.comment("Lines have a level now, and logins, failed logins and the ups and downs of servers are logged.")
    if not path.startswith("/"):
        conf.comment_look("logfile", "a relative path starts now in the folder of this file")
        path = "./" + path
    with writer.mapping("log"):
        writer.pair("to", path)
    writer.blank()


def write_rest(conf):
    """The section csv, and settings that have no key any more."""
    writer = conf.writer
    writer.comment(
        "CSV as of old: a blank after each comma, an empty line after each record. Changed: quotes inside of fields are "
        "doubled, as RFC 4180 says."
    )
    with writer.mapping("csv"):
        writer.pair("legacy", True)
    timeouts = [name for name in ("asteriskwritetimeout", "clientwritetimeout") if name in conf.lines]
    if timeouts:
        writer.blank()
        writer.comment(
            f"No longer needed: {' and '.join(timeouts)}. Nobody waits for a slow client or server; a client that does "
            "not read is closed when limits.output_backlog (8MiB) has gathered (limits.slow_client)."
        )
    if conf.leftovers:
        writer.blank()
        writer.comment("Lines of the old file that meant nothing:")
        for text in conf.leftovers:
            writer.comment(text)
