// core/run/options.h: the command line. Thread: the main one, at start.
#ifndef RUN_OPTIONS_H
#define RUN_OPTIONS_H

#include "base/error.h"

#include <stdbool.h>

/** The options of the command line. */
struct options {
    const char *config_path; // lent by argv, or the default
    const char *try_user;    // show what this user's filters do with `try_file`; NULL: do not
    const char *try_file;    // a capture of AMI
    const char *repl_user;   // try Lua as this user on `try_file`, which may be NULL then; NULL: do not
    const char *expected;    // file with the expected output; NULL: show the output
    bool check;              // only check the configuration
    bool foreground;         // stay in the foreground, whatever the configuration says
    bool version, help;
    unsigned debug; // times -d was given: 1 is debug, more is trace; implies foreground
};

/** Fills `options` from the command line. @return false with `err` set if there is an unknown option, a missing
 *  argument or a word too many: then the caller shows options_usage() on stderr and ends with exit code 1 */
bool options_parse(struct options *options, int argc, char **argv, struct error *err);
/** The help text, some lines. */
const char *options_usage(void);

#endif
