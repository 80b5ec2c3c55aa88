#!/bin/sh
# Do all includes point downwards, and is there no circle? A room may include rooms of a lower rank and itself. The sub-rooms of `session/`
# are known by name and may include each other's headers, as long as no header includes itself by way of others. Besides: config may use ami, auth and net, which stand beside it; net, ami and auth use base alone; server and session never meet;
# plugins see the public header alone; the programs in contrib/ use base, ami, config and net, the kit for tests of plugins (contrib/testkit)
# uses plugin too, and nobody uses these programs.
set -eu
cd "$(dirname "$0")/.."
{
    find core contrib -name '*.[ch]' -exec grep -HnoE '^ *# *include +"[^"]+"' {} +
    find plugins -name '*.[ch]' -exec grep -HnoE '^ *# *include +["<][a-z_]+/[^">]+[">]' {} + || true
} | awk -F: '
    BEGIN {
        rank["base"] = rank["astmanproxy"] = 1
        rank["ami"] = rank["auth"] = rank["net"] = rank["config"] = 2
        rank["letters"] = 3
        rank["plugin"] = rank["script"] = rank["calls"] = 4
        rank["server"] = rank["session"] = 5
        rank["report"] = 6
        rank["worker"] = 7
        rank["hub"] = 8
        rank["run"] = 9
        rank["main"] = 10
        rank["contrib"] = 10
        uses_contrib["base"] = uses_contrib["ami"] = uses_contrib["config"] = uses_contrib["net"] = 1
        alone["net"] = alone["ami"] = alone["auth"] = 1
        beside["config>ami"] = beside["config>auth"] = beside["config>net"] = 1
    }
    function room(path) {
        if (path ~ /^contrib\//)
            return "contrib"
        sub(/^core\//, "", path)
        sub(/^include\//, "", path)
        if (path !~ /\//)
            return path == "main.c" ? "main" : "none"
        sub(/\/.*/, "", path)
        return path
    }
    function complain(why) { printf "%s:%s: %s: %s\n", $1, $2, $3, why; bad = 1 }
    {
        if ($1 ~ /^core\/session\/[a-z]+\// && $1 !~ /^core\/session\/(access|client|connection|delivery|scripting)\//)
            complain("a sub-room that is not known (see this script)")
        target = $3
        gsub(/^ *# *include +["<]|[">]$/, "", target)
        if ($1 ~ /^plugins\//) {
            if (room(target) in rank && target !~ /^astmanproxy\//)
                complain("a plugin includes astmanproxy/plugin.h and nothing else of the program")
            next
        }
        from = room($1); to = room(target)
        if ($1 ~ /^contrib\/testkit\// && (to == "plugin" || to == "astmanproxy"))
            next
        if (from == "contrib") {
            if (target ~ /\// && !(to in uses_contrib))
                complain("a program in contrib/ may include base, ami, config and net alone")
            next
        }
        if (!(from in rank) || !(to in rank))
            complain("a room without a rank (see this script)")
        else if (from == to || (from ">" to) in beside)
            next
        else if (rank[to] >= rank[from])
            complain(to " is not below " from)
        else if ((from in alone) && rank[to] > 1)
            complain(from " may include base alone")
    }
    END { exit bad }'

# Circles of headers, also within a room: tsort names the files of each.
circles=$(find core -name '*.h' -exec grep -HoE '^ *# *include +"[^"]+"' {} + |
    sed -E 's,^core/(include/)?,,; s,: *# *include +", ,; s,"$,,' | tsort 2>&1 >/dev/null) || true
if [ -n "$circles" ]; then
    printf 'headers that include each other:\n%s\n' "$circles"
    exit 1
fi
# The fields of a transport are those of its room.
if grep -rnE 'transport(\.|->)(read_event|write_event|callback|context|tls|fd|error|connecting|reading|writing)\>' core plugins \
    --include='*.[ch]' | grep -v '^core/net/'; then
    echo 'only core/net may use the fields of struct transport'
    exit 1
fi
# Who may outlive a session keeps its handle. Four fields live on the stack or are set for one call (see their comments), and a letter owns
# its session.
allowed='session/delivery/deliver.c: *struct session \*asker|session/access/tied.c: *const struct session \*session|'
allowed="$allowed"'session/connection/judgement.h: *struct session \*session|session/client/set.h: *struct session \*framing|'
allowed="$allowed"'letters/letters.h: *struct session \*session'
if grep -rE '^    (const )?struct session \*[a-z_]+;' core --include='*.[ch]' | grep -vE "^core/($allowed)" |
    grep -vE '\.c: +struct session \*(session|outer);'; then
    echo 'a field points to a session, which may end before: keep its handle (base/handles.h)'
    exit 1
fi
