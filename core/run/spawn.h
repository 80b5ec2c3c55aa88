// core/run/spawn.h: starts the program again as a child, with some of our descriptors.  Thread: the hub's; there may be
// others.
#ifndef RUN_SPAWN_H
#define RUN_SPAWN_H

#include "base/error.h"

#include <stddef.h>
#include <sys/types.h>

/** The child's parameters; all lent. */
struct spawn {
    const char *program; // path
    const char *config_path;
    const char *variable; // NAME=VALUE in its environment
    int *fds;             // become 3, 4, …; the child's end of the connection follows them
    const char **names;   // of these, for LISTEN_FDNAMES
    size_t count;
    unsigned debug; // number of -d
};

/** Starts the child in the foreground, with the variables of watchdog and socket activation set to its process id.
 *  @param told_fd  set to our end of a connection to it, a stream socket, non-blocking
 *  @return its process id; 0 with `err` */
pid_t spawn_start(const struct spawn *spawn, int *told_fd, struct error *err);

#endif
