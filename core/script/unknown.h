// core/script/unknown.h: warnings of names that no Asterisk is known to send.  Thread: the worker's.
#ifndef SCRIPT_UNKNOWN_H
#define SCRIPT_UNKNOWN_H

#include "script/filter.h"

/** Logs that `file` asks for an event or header that nobody knows, with the nearest known name; once for each name.
 *  @param line  0: it stands in the options */
void script_warn_unknown(struct script_state *state, const struct loaded *file, bool is_event, struct span name,
                         unsigned line);
/** The same of all names in `events` and `where` of a filter that was loaded. */
void script_warn_conditions(const struct script_filter *filter);

#endif
