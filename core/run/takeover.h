// core/run/takeover.h: SIGUSR2: a new process of the program, perhaps of a new version, replaces this one. The
// listening sockets stay open meanwhile.
//
//   this process       starts the new one with its listening sockets (LISTEN_FDS, see net/inherited.h) and a connection
//   the new process    reads the configuration, logs in to as many servers as this one is logged in to
//   both               hand kept feeds on (takeover_past.h), if clients can come back to them
//   the new process    accepts connections, and says so
//   this process       stops accepting only then, and drains (drain.h)
//
// If the new process cannot start, or is not ready within 30 s, this one continues and logs why.
// Thread: the main one at start, then the hub's.
#ifndef RUN_TAKEOVER_H
#define RUN_TAKEOVER_H

#include "base/error.h"
#include "run/options.h"

#include <stddef.h>

struct takeover;
struct service;

/** Remembers how the program was started; reads and unsets the variable that an old process sets for its
 *  new process. @param options  lent, outlives this */
struct takeover *takeover_create(const struct options *options);
void takeover_destroy(struct takeover *takeover);
/** Was this process started by an earlier one that it replaces? */
bool takeover_is_new_process(const struct takeover *takeover);
/** In the new process: reports that it could not start. @param reason  its first line is reported */
void takeover_fail(struct takeover *takeover, const char *reason);
/** In the new process: returns the number of servers that the old process is logged in to. */
size_t takeover_servers(const struct takeover *takeover);
/** Begins to accept connections: at once, or, as the new process, when logged in to as many servers as the old process.
 *  A new process that takes longer than 20 s reports this and ends the loop. */
void takeover_await(struct service *service);
/** In the new process: can the old process hand kept feeds on? */
bool takeover_has_past(const struct takeover *takeover);
/** In the new process: asks for them. takeover_take() follows. */
void takeover_ask(struct takeover *takeover);
/** In the new process: takes what the old process answers. @param fd  set to the file of the feeds, which is the
 *  caller's; -1: there is none @return false: it has not answered yet */
bool takeover_take(struct takeover *takeover, int *fd);
/** In the old process: gives the new one the file of kept feeds (lent). @param fd  -1: there is none
 *  @param reason  why not */
void takeover_give(struct takeover *takeover, int fd, const char *reason);
/** In the old process: ends the new one, which is not ready, and serves on. Does nothing if there is none.
 *  @param reason  for the log */
void takeover_give_up(struct takeover *takeover, const char *reason);
/** In the new process: reports that it accepts connections. */
void takeover_ready(struct takeover *takeover);
/** SIGUSR2: begins a takeover. A second one meanwhile is ignored, with a line in the log. */
void takeover_begin(struct service *service);
/** Called at the end of the process: ends a new process that is not ready, too. */
void takeover_abandon(struct takeover *takeover);

#endif
