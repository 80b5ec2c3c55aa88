#!/usr/bin/python3
"""Do all includes point downwards, and is there no circle?

A room of core/ may include rooms of a lower rank and itself, as RANK says; those in ONLY may include what stands there
alone (core/README.md has the same table). server and session never meet. Plugins see the public header alone. The
programs in contrib/ use base, ami, config and net, and the kit for tests of plugins (contrib/testkit) plugin too; nobody
uses these programs. The folders of session/ stand on floors: FLOORS.

Headers do not include each other in a circle. Files, each a header with its source, do not either, if they lie in
different rooms or folders of session/. Besides, two things that the compiler cannot see: who uses the fields of struct
transport, and which fields point to a session."""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = (
    "base astmanproxy | ami auth net config http | letters exports | plugin script calls pbx cluster bus | server session |"
    " report | worker | hub | run | main contrib"
)
RANK = {room: rank for rank, rooms in enumerate(ROOMS.split("|")) for room in rooms.split()}
ONLY = {
    "ami": {"base"},
    "auth": {"base"},
    "net": {"base"},
    "config": {"base", "ami", "auth"},
    "http": {"base"},
    "exports": {"base", "config", "http"},
    "letters": {"base", "ami", "astmanproxy"},
    "plugin": {"base", "ami", "config", "astmanproxy"},
    "calls": {"base", "ami"},
    "pbx": {"base", "ami"},
    "cluster": {"base", "ami"},
    "bus": {"base", "ami", "config"},
    "script": {"base", "ami"},
    "report": {"base", "plugin", "pbx", "session/directory.h"},
}
FOR_CONTRIB = {"base", "ami", "config", "net"}
# The folders of session/, from the top. The middle ones may include each other's files, and client/ has parts of theirs
# as fields: that these know no session, and nobody above, is what the search for circles proves.
FLOORS = (("connection",), ("access", "delivery", "scripting"), ("client", ""))

INCLUDE = re.compile(r'^ *# *include +["<]([a-z_]+/[^">]+|[^"/]+\.h)[">]', re.M)
TRANSPORT = re.compile(
    r"transport(\.|->)(read_event|write_event|callback|context|tls|fd|error|connecting|reading|writing)\b"
)
SESSION_FIELD = re.compile(r"^    (?:const )?struct session \*([a-z_]+);", re.M)
# Who may outlive a session keeps its handle. These live on the stack or are set for one call (see their comments), and
# a letter owns its session.
SESSION_FIELDS = {
    ("session/delivery/deliver.c", "asker"),
    ("session/access/tied.c", "session"),
    ("session/connection/judgement.h", "session"),
    ("session/client/set.h", "framing"),
    ("letters/letters.h", "session"),
}


def name_of(path):
    """The name by which the file is included: below core/ or core/include/, or with its top folder."""
    return re.sub(r"^core/(include/)?", "", str(path.relative_to(ROOT)))


def room_of(name):
    if "/" not in name:
        return "main" if name.startswith("main.") else "none"
    return name.split("/")[0]


def place_of(name):
    """The room, and in session/ the folder."""
    return name.rsplit("/", 1)[0] if room_of(name) == "session" else room_of(name)


def wrong_plugin(target):
    if room_of(target) in RANK and not target.startswith("astmanproxy/"):
        return "a plugin includes astmanproxy/plugin.h and nothing else of the program"
    return None


def wrong_contrib(name, target):
    if "/" not in target or room_of(target) in FOR_CONTRIB:
        return None
    if name.startswith("contrib/testkit/") and room_of(target) in ("plugin", "astmanproxy"):
        return None
    return "a program in contrib/ may include base, ami, config and net alone"


def wrong_floor(name, target):
    """Within session/."""
    here, there = (place_of(file).removeprefix("session").strip("/") for file in (name, target))
    known = sum(FLOORS, ())
    if here not in known or there not in known:
        return "a folder of session/ that is not known (see FLOORS in this script)"
    return f"{there}/ is not below {here}/" if there in FLOORS[0] and here not in FLOORS[0] else None


def wrong_room(name, target):
    here, there = room_of(name), room_of(target)
    if here not in RANK or there not in RANK:
        return "a room without a rank (see RANK in this script)"
    if here == there:
        return wrong_floor(name, target) if here == "session" else None
    if here in ONLY:
        return (
            None if ONLY[here] & {there, target} else f"{here} may include these alone: {', '.join(sorted(ONLY[here]))}"
        )
    return f"{there} is not below {here}" if RANK[there] >= RANK[here] else None


def wrong(name, target):
    """Why the file must not include that; None: it may."""
    if name.startswith("plugins/"):
        return wrong_plugin(target)
    return wrong_contrib(name, target) if name.startswith("contrib/") else wrong_room(name, target)


def way(graph, begin, end):
    """The shortest way along includes, as a list; None: there is none."""
    before, queue = {begin: None}, collections.deque([begin])
    while queue:
        here = queue.popleft()
        if here == end:
            steps = []
            while here is not None:
                steps.append(here)
                here = before[here]
            return steps[::-1]
        for there in sorted(graph[here]):
            if there not in before:
                before[there] = here
                queue.append(there)
    return None


def circles(edges, what):
    """A line for each circle that has one of these edges in it; the rest of the way may go along any."""
    graph = collections.defaultdict(set)
    for here, there in edges:
        graph[here].add(there)
    seen, found = set(), []
    for here, there in sorted(edges):
        back = way(graph, there, here) if what(here, there) else None
        if back is not None and frozenset(back) not in seen:
            seen.add(frozenset(back))
            found.append("includes itself: " + " > ".join([here, *back]))
    return found


def main():
    sources = [path for folder in ("core", "contrib", "plugins") for path in sorted((ROOT / folder).rglob("*.[ch]"))]
    faults, headers, files = [], set(), set()
    for path in sources:
        name, text = name_of(path), path.read_text()
        in_core = path.is_relative_to(ROOT / "core")
        for match in INCLUDE.finditer(text):
            target = match.group(1)
            if match.group(0).endswith(">") and not name.startswith("plugins/"):
                continue
            why = wrong(name, target)
            if why is not None:
                line = text.count("\n", 0, match.start()) + 1
                faults.append(f"{path.relative_to(ROOT)}:{line}: {target}: {why}")
            if in_core and name.endswith(".h"):
                headers.add((name, target))
            if in_core and name[:-2] != target[:-2]:
                files.add((name[:-2], target[:-2]))
        if not name.startswith(("net/", "contrib/")) and TRANSPORT.search(text):
            faults.append(f"{name}: only core/net may use the fields of struct transport")
        for field in SESSION_FIELD.findall(text) if in_core else ():
            local = name.endswith(".c") and field in ("session", "outer")
            if not local and (name, field) not in SESSION_FIELDS:
                faults.append(
                    f"{name}: {field}: a field points to a session, which may end before: keep its handle "
                    "(base/handles.h)"
                )
    faults += circles(headers, lambda here, there: True)
    faults += circles(files, lambda here, there: place_of(here) != place_of(there))
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
