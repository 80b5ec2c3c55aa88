#!/usr/bin/python3
"""Has every text by which the proxy refuses something a row in the table of codes, and does the manual list them all?

Texts are found by their look: a string in a source that answers clients, of two words or more, with a capital in front,
that is not written to a log. Those that are no refusals stand in OTHERS. A text is compared with what stands in the
table after its format's parts (`%s`) became `*`."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ["plugins/*/*.c", "core/session/**/*.c", "core/server/*.[ch]", "core/ami/writer.c", "core/ami/event_filter.c"]
SOURCES += ["core/plugin/host.c", "core/hub/accept.c", "core/hub/cluster_ask.c", "core/script/action_run.c"]
SOURCES += ["core/hub/control.c", "core/hub/cluster_report.c"]
SOURCES += ["core/script/filter_action.c", "core/auth/token.c", "core/auth/revocations.c", "lua/proxyactions/*.lua"]
# AJAM answers as Asterisk does, in pages without a code.
SKIPPED = {
    "plugins/http/ajam_response.c",
    "plugins/http/ajam_render.c",
    "plugins/http/ajam.c",
    "plugins/http/ajam_error.c",
}
SKIPPED |= {"plugins/http/ajam_session.c", "plugins/http/ajam_digest.c", "plugins/http/response.c"}  # statuses
OTHERS = {
    "Already authenticated",
    "Answers of * servers will follow",
    "Asterisk Call Manager/11.0.0",
    "Authentication accepted",
    "Fully Booted",
    "Logoff was not answered",
    "Proxy Shutting Down",
    "Thanks for all the fish.",
    "The answer was empty",
    "Waiting for Event completed.",
}
SUFFIX = "; the action was not sent"  # of core/server/queue.c, behind other texts
STRING = r'"((?:[^"\\]|\\.)*)"'
CALL = re.compile(r"\b(log_\w+|amp_session_warn|printf|fprintf|error_unexpected|LUA_RAISE)\s*\($")


def plain(text):
    text = text.replace('\\"', '"').replace("\\n", " ")
    return re.sub(r"%[+ #0]*[\d.*]*(?:\" PRIu64 \"|hh?|ll?|z)?[a-zA-Z]", "*", text)


def is_in_log(source, at):
    """Is the text an argument of a call that writes to the log?"""
    depth = 0
    for i in range(at - 1, max(0, at - 400), -1):
        depth += {")": 1, "(": -1}.get(source[i], 0)
        if depth < 0:
            return bool(CALL.search(source[: i + 1]))
        if source[i] in ";{}":
            break
    return False


def texts_of(path):
    source = re.sub(r"'(\\.|[^'\\])'", "0", path.read_text())
    if path.suffix == ".lua":
        source = "\n".join(re.findall(r"reply:error\((?:[^()]|\([^()]*\))*\)", source))
        source = re.sub(r'"\s*\.\.[\s\w.]*\.\.\s*"', "*", source)  # "Server " .. name .. " is down"
        source = re.sub(r'"\s*\.\.', '*"', source)
    else:
        source = re.sub(r'"\s*PRI\w+\s*"', "u", source)
        source = re.sub(r"(?:^|(?<=\s))//.*|/\*.*?\*/", "", source, flags=re.M)
        source = re.sub(r'"\s*\n\s*"', "", source)
    for found in re.finditer(STRING, source):
        text = plain(found[1])
        if re.match(r"[A-Z][\w./-]*:? [\w*(%]", text) and "\\r" not in text and not is_in_log(source, found.start()):
            yield text


def rows_of():
    source = (ROOT / "core/plugin/error_codes.c").read_text()
    rows = re.findall(r"^    \{\"([a-z-]+)\", " + STRING + r", \w+\},$", source, re.M)
    return [(code, plain(text).replace("\\\\", "\\")) for code, text in rows]


def fits(row, text):
    return re.fullmatch(".*".join(re.escape(part) for part in row.split("*")), text, re.S)


def of_manual():
    manual = (ROOT / "contrib/man/astmanproxy.8").read_text()
    section = re.search(r"^\.Sh ERROR CODES\n(.*?)^\.Sh ", manual, re.S | re.M)[1]
    found = []
    for item in section.split(".It Cm ")[1:]:
        code, _, rest = item.partition("\n")
        block = re.search(r"\.Bd -literal -compact\n(.*?)\.Ed", rest, re.S)
        found += [(code, line) for line in block[1].splitlines()] if block else []
    return found


def main():
    rows, faults, used = rows_of(), [], set()
    for path in sorted({path for pattern in SOURCES for path in ROOT.glob(pattern)}):
        name = str(path.relative_to(ROOT))
        for text in texts_of(path) if name not in SKIPPED else ():
            fitting = {row for _, row in rows if fits(row, text) or fits(row, text + SUFFIX)}
            used |= fitting
            if not fitting and text not in OTHERS:
                faults.append(f'{name}: "{text}" has no row in core/plugin/error_codes.c')
    faults += [
        f'core/plugin/error_codes.c: no source has "{row}"' for _, row in rows if row[0].isupper() and row not in used
    ]
    listed = of_manual()
    faults += [f"contrib/man/astmanproxy.8, ERROR CODES: missing {row}" for row in rows if row not in listed]
    faults += [f"contrib/man/astmanproxy.8, ERROR CODES: not in the table: {row}" for row in listed if row not in rows]
    if not faults and listed != rows:
        faults.append("contrib/man/astmanproxy.8, ERROR CODES: another order than the table's")
    print("\n".join(faults) or f"{len(rows)} texts, {len({code for code, _ in rows})} codes")
    return bool(faults)


sys.exit(main())
