// contrib/ampctl/commands.h: the table of commands. Each has a file of its own, or shares one with similar commands.
// Thread: main's.
#ifndef AMPCTL_COMMANDS_H
#define AMPCTL_COMMANDS_H

#include "base/error.h"
#include "exit.h"

#include <stddef.h>

struct ctl_options;
struct event_base;

/** Options that only some commands take. */
enum { CTL_TAKES_JSON = 1, CTL_TAKES_FORMAT = 2, CTL_TAKES_RECONNECT = 4, CTL_TAKES_INTERVAL = 8 };

/** Runs a command, which writes its output to stdout.
 *  @return CTL_OK, or another code with `err` set; `err` empty: it was written already, or stdout is closed */
typedef enum ctl_exit ctl_run(struct event_base *base, const struct ctl_options *options, struct error *err);

struct ctl_command {
    const char *name;
    const char *arguments; // as the usage shows them, "" if there are none
    const char *summary;
    const char *help; // more lines, each with its end; "" if there are none
    size_t fewest, most;
    unsigned takes; // CTL_TAKES_…
    ctl_run *run;
};

/** Ends with an entry without a name. */
extern const struct ctl_command ctl_commands[];

ctl_run command_help, command_status, command_servers, command_sessions, command_cluster, command_tail, command_send,
    command_reload, command_drop, command_kick, command_token, command_top, command_server, command_filters,
    command_log, command_unlock;

/** Finds a command by name. @return NULL: there is none */
const struct ctl_command *commands_find(const char *name);

#endif
