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

struct handover;
struct hub;

/** Remembers how the program was started; reads and unsets the variable by which an earlier process speaks to its
 *  successor. @param options  lent, outlives this */
struct handover *handover_create(const struct options *options);
void handover_destroy(struct handover *handover);
/** Is there an earlier process that waits for us? */
bool handover_is_successor(const struct handover *handover);
/** As the successor: we could not start. @param reason  its first line is told */
void handover_fail(struct handover *handover, const char *reason);
/** As the successor: to how many servers the earlier process is logged in. */
size_t handover_servers(const struct handover *handover);
/** As the successor: we accept connections. */
void handover_ready(struct handover *handover);
/** SIGUSR2: begins. A second one while that goes on is ignored, with a line in the log. */
void handover_begin(struct handover *handover, struct hub *hub);
/** This process ends: a successor that is not ready is ended, too. */
void handover_abandon(struct handover *handover);

#endif
