// contrib/ampctl/commands.c: the table of commands.
#include "commands.h"

#include <stdint.h>
#include <string.h>

// clang-format off
const struct ctl_command ctl_commands[] = {
    {"status", "", "what the proxy does: version, uptime, servers, sessions, events", 
     "Events are counted for a second (--interval SECONDS; 0: the mean since the start).\n"
     "Columns when piped: name, value.\n",
     0, 0, CTL_TAKES_JSON | CTL_TAKES_INTERVAL, command_status},
    {"top", "", "servers, the busiest sessions and scripts, refreshed until Ctrl-C",
     "Needs a user with admin: true. --interval SECONDS between two pictures; 0: one picture, with means since the start.\n"
     "The first picture always has these. With --json each picture is a line.\n",
     0, 0, CTL_TAKES_JSON | CTL_TAKES_INTERVAL, command_top},
    {"servers", "", "the Asterisks, also those that are down",
     "Columns when piped: name, status (up, drained, down), address, host, port, user, events, node; for admins also\n"
     "since (seconds since 1970), round trip (microseconds), actions in flight and waiting, lanes, ms until the next try,\n"
     "reason; since the start: events seen, actions answered, time of these (microseconds).\n",
     0, 0, CTL_TAKES_JSON, command_servers},
    {"sessions", "", "the clients that are connected; without admin rights only your own",
     "Columns when piped: number, user, address, input format, output format, connection (none: it has none); for admins\n"
     "also age (s), mean bytes a second, bytes sent, backlog (bytes), slow, actions in flight, last action and how long ago\n"
     "(s).\n",
     0, 0, CTL_TAKES_JSON, command_sessions},
    {"cluster", "", "the nodes of a cluster, and which of them owns which Asterisk",
     "Needs a user with admin: true. All is as the node sees it that is asked.\n"
     "Rows when piped: `node`, name, state (alive, draining, gone), here (yes, no), version, ms since it was heard,\n"
     "since when (seconds since 1970), sessions, servers that it owns; then `server`, name, status, owner, nodes that\n"
     "stand by, epoch, source (lane, bus, soon, none), lag, gaps, repaired, lost.\n",
     0, 0, CTL_TAKES_JSON, command_cluster},
    {"tail", "[FILTER...]", "events as they happen, until Ctrl-C",
     "A FILTER is one of\n"
     "  NAME           events of that name; `*` stands for anything: 'Queue*'. Several: any of them\n"
     "  !NAME          no events of that name\n"
     "  HEADER=VALUE   events with such a header; `*` in VALUE as above. Several: all of them\n"
     "Names of events and headers are compared without regard to case, values with it.\n"
     "--format NAME has the proxy write another format (standard, json, xml, csv, ...), byte by byte as its clients get\n"
     "it; the proxy judges the filters then, and takes one HEADER=VALUE. --json is --format json.\n"
     "--reconnect goes on when the proxy comes back.\n",
     0, SIZE_MAX, CTL_TAKES_JSON | CTL_TAKES_FORMAT | CTL_TAKES_RECONNECT, command_tail},
    {"send", "HEADER=VALUE...", "sends an action and shows its whole answer",
     "One of the headers is Action or ProxyAction. Lists are shown to their end.\n"
     "Exit code 1 if the answer is an Error.\n",
     1, 127, CTL_TAKES_JSON, command_send},
    {"reload", "", "the proxy reads configuration, users, scripts and certificates again",
     "Needs a user with admin: true. A mistake changes nothing and is shown; so is what needs a restart.\n", 0, 0, CTL_TAKES_JSON, command_reload},
    {"drop", "SERVER", "takes a server out until the proxy reloads or restarts",
     "Needs a user with admin: true. SERVER is a name as `servers` shows it.\n", 1, 1, CTL_TAKES_JSON, command_drop},
    {"kick", "SESSION", "ends a client's session",
     "Needs a user with admin: true. SESSION is a number as `sessions` shows it.\n", 1, 1, CTL_TAKES_JSON, command_kick},
    {"token", "create|revoke|list-revoked [LABEL] [HEADER=VALUE...]", "makes and revokes tokens, which stand for a secret",
     "  create LABEL Life=8h [Actions=A,B] [ReadOnly=yes] [User=NAME]   shows the token\n"
     "  revoke LABEL [User=NAME]      ends the tokens of that label; '*': all of the user\n"
     "  list-revoked                  columns when piped: user, label, made until, kept until\n"
     "Other users' tokens need a user with admin: true.\n",
     1, 16, CTL_TAKES_JSON, command_token},
    {"server", "drain|resume SERVER", "takes a server out of service, or back into it",
     "Needs a user with admin: true. A drained server stays connected and its events go on, but it gets no new actions.\n",
     2, 2, CTL_TAKES_JSON, command_server},
    {"filters", "[release NAME]", "the filters: state, errors, time; ends the quarantine of one",
     "Needs a user with admin: true.\n"
     "Columns when piped: name, kind, state (active, observing, quarantined), time (microseconds), messages seen, entered,\n"
     "passed, dropped, changed, errors; uses (in each worker), of these observing and quarantined.\n",
     0, 2, CTL_TAKES_JSON, command_filters},
    {"log", "LEVEL", "changes the level of the proxy's log until it reloads or restarts",
     "Needs a user with admin: true. LEVEL is error, warn, info, debug or trace.\n", 1, 1, CTL_TAKES_JSON, command_log},
    {"unlock", "ADDRESS", "forgets the failed logins of an address",
     "Needs a user with admin: true.\n", 1, 1, CTL_TAKES_JSON, command_unlock},
    {"help", "[COMMAND]", "shows this help, or that of a command", "", 0, 1, 0, command_help},
    {0},
};
// clang-format on

const struct ctl_command *commands_find(const char *name)
{
    for (const struct ctl_command *command = ctl_commands; command->name != NULL; command++) {
        if (strcmp(command->name, name) == 0)
            return command;
    }
    return NULL;
}
