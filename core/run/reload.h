// core/run/reload.h: a new configuration takes the place of the one in use, with its users, scripts and certificates,
// while sessions and servers that are the same stay connected. What takes long is done by a thread of its own
// (loader.h), so that nobody waits for it.  Thread: the hub's.
#ifndef RUN_RELOAD_H
#define RUN_RELOAD_H

#include "base/error.h"

struct command;
struct service;

/** Reads everything anew: configuration, users, servers, listeners, scripts, certificates, where the log goes. A
 *  mistake anywhere changes nothing. What cannot change while the program runs (workers, plugins and their sections,
 *  the process's own settings) stays as it was at the start, and is named in the log. If a reload is under way already,
 *  another one follows it, since the files may have changed in between.
 *  @param command  whom to tell how it ended, taken until then; NULL: the log alone */
void reload_begin(struct service *service, struct command *command);
/** The proxy goes down: whoever waits for a reload is told so. What is being read is given up when it is there. */
void reload_abandon(struct service *service);

#endif
