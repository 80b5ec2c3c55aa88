// core/run/reload.h: a new configuration takes the place of the one in use, with its users, scripts and certificates,
// while sessions and servers that are the same stay connected.  Thread: the hub's.
#ifndef RUN_RELOAD_H
#define RUN_RELOAD_H

#include "base/error.h"

struct service;

/** Reads everything anew: configuration, users, servers, listeners, scripts, certificates, where the log goes. A
 *  mistake anywhere changes nothing. What cannot change while the program runs (workers, plugins and their sections,
 *  the process's own settings) stays as it was at the start, and is named in the log.
 *  @param notes  set to that: a line each, the caller's; NULL if there is none. May be NULL
 *  @return false with `err`, which was logged */
bool reload(struct service *service, char **notes, struct error *err);

#endif
