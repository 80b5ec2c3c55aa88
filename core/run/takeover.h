// core/run/takeover.h: SIGUSR2: a new process of the program, perhaps of a new version, takes the place of this one,
// and the listening sockets stay open meanwhile.
//
//   this process       starts the new one with its listening sockets (LISTEN_FDS, see net/inherited.h) and a pipe
//   the new process    reads the configuration, logs in to as many servers as this one is logged in to, accepts
//                      connections, and says so through the pipe
//   this process       stops accepting only then, and ends in order (drain.h)
//
// If the new one cannot start, or is not ready within 30 s, this one goes on and says why.
// Thread: the main one at start, then the hub's.
#ifndef RUN_TAKEOVER_H
#define RUN_TAKEOVER_H

#include "base/error.h"
#include "run/options.h"

#include <stddef.h>

struct takeover;
struct service;

/** Remembers how the program was started; reads and unsets the variable by which an earlier process speaks to its
 *  successor. @param options  lent, outlives this */
struct takeover *takeover_create(const struct options *options);
void takeover_destroy(struct takeover *takeover);
/** Is there an earlier process that waits for us? */
bool takeover_is_successor(const struct takeover *takeover);
/** As the successor: we could not start. @param reason  its first line is told */
void takeover_fail(struct takeover *takeover, const char *reason);
/** As the successor: to how many servers the earlier process is logged in. */
size_t takeover_servers(const struct takeover *takeover);
/** Begins to accept connections: at once, or, as the successor, when logged in to as many servers as the earlier
 *  process. A successor that is not within 20 s says so and ends the loop. */
void takeover_await(struct service *service);
/** As the successor: we accept connections. */
void takeover_ready(struct takeover *takeover);
/** SIGUSR2: begins to hand over. A second one while that goes on is ignored, with a line in the log. */
void takeover_begin(struct service *service);
/** This process ends: a successor that is not ready is ended, too. */
void takeover_abandon(struct takeover *takeover);

#endif
