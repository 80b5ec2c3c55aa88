// core/session/scripting/stats.h: the counters that `ProxyAction: Stats` shows. Thread: the worker's.
#ifndef SESSION_SCRIPTING_STATS_H
#define SESSION_SCRIPTING_STATS_H

#include <stdint.h>

/** Implements `each_stat` of struct script_host. @param context  struct sessions */
void stats_each(void *context, void (*visit)(void *visitor, const char *name, uint64_t value), void *visitor);

#endif
