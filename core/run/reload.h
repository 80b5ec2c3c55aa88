// core/run/reload.h: a new configuration replaces the one in use, with its users, scripts and certificates. Sessions
// and unchanged servers stay connected. Long work runs on a thread of its own (loader.h), so that no loop waits for
// it.  Thread: the hub's.
#ifndef RUN_RELOAD_H
#define RUN_RELOAD_H

#include "base/error.h"

struct calls;
struct command;
struct service;

/** Reads everything again: configuration, users, servers, listeners, scripts, certificates, the log's target. An error
 *  anywhere changes nothing. Settings that need a restart (workers, plugins and their sections, the process's own
 *  settings) stay as they were at the start, and the log names them. If a reload is already in progress, another one
 *  follows it, because the files may have changed in between.
 *  @param command  gets the result, taken until then; NULL: the result goes to the log only */
void reload_begin(struct service *service, struct command *command);
/** The proxy drains: commands that wait for a reload get an error. A configuration that is being read is dropped when
 *  it is complete. */
void reload_abandon(struct service *service);
/** Frees the rules of a worker that a reload has replaced (taken) on the loader's thread. Thread: any. */
void reload_dispose(struct service *service, struct calls *rules);

#endif
