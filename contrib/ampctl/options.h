// contrib/ampctl/options.h: the command line of ampctl. Parser, `help` and each command's --help come from one table.
// Thread: main's.
#ifndef AMPCTL_OPTIONS_H
#define AMPCTL_OPTIONS_H

#include "base/error.h"
#include "commands.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** The options. All texts are lent by argv, or static. */
struct ctl_options {
    const char *config_path;
    bool config_given; // … by the user, so that it must be readable
    const char *control, *listener, *connect, *cert, *key, *tls_name, *ca_file, *user, *secret_file,
        *format; // NULL: not given
    bool tls, insecure, json, reconnect, proxy_key;
    bool help, version;
    uint64_t timeout_ms;               // time limit of each wait
    uint64_t interval_ms;              // status: how long events are counted, 0: not at all
    const struct ctl_command *command; // NULL: none, with `help` or `version`
    char **arguments;                  // after the command
    size_t argument_count;
};

/** Reads the command line; options may be before and after the command. Reorders argv.
 *  @return false with `err` set: what is wrong, one line */
bool ctl_options_parse(struct ctl_options *options, int argc, char **argv, struct error *err);
/** Writes the help. @param command  NULL: that of the program */
void ctl_options_help(FILE *out, const struct ctl_command *command);

#endif
