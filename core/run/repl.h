// core/run/repl.h: `--repl`: tries Lua line by line on the messages of a capture.  Thread: the main one, alone.
#ifndef RUN_REPL_H
#define RUN_REPL_H

#include "config/config.h"

/** Reads lines from stdin until its end, and shows what they give on stdout.
 *  @param capture  a file of AMI; NULL: there are no messages
 *  @return 0; 1: there is no such user or file, the scripts do not load, or a line failed and stdin is no terminal */
int repl_run(const struct config *config, const char *user, const char *capture);

#endif
