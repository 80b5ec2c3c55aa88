// core/run/spawn.h: a child that runs the program anew, with descriptors of ours.  Thread: the hub's; there may be
// others.
#ifndef RUN_SPAWN_H
#define RUN_SPAWN_H

#include "base/error.h"

#include <stddef.h>
#include <sys/types.h>

/** What it is started with; all lent. */
struct spawn {
    const char *program; // path
    const char *config_path;
    const char *variable; // NAME=VALUE in its environment
    int *fds;             // become 3, 4, … ; behind them stands its end of the pipe
    const char **names;   // of these, for LISTEN_FDNAMES
    size_t count;
    unsigned debug; // -d so many times
};

/** Starts it: in the foreground, as it is a child of ours, and with the watchdog's and socket activation's variables in
 *  its own name. @param pipe_fd  set to our end of a pipe from it, non-blocking
 *  @return its process id; 0 with `err` */
pid_t spawn_start(const struct spawn *spawn, int *pipe_fd, struct error *err);

#endif
