// core/script/unknown.h: warnings about names that no Asterisk is known to send.  Thread: the worker's.
#ifndef SCRIPT_UNKNOWN_H
#define SCRIPT_UNKNOWN_H

#include "script/filter.h"

/** Logs that `file` uses an unknown event or header, with the most similar known name; once for each name.
 *  @param line  0: the name is in the options */
void script_warn_unknown(struct script_state *state, const struct loaded *file, bool is_event, struct span name,
                         unsigned line);
/** Does the same for all names in `events` and `where` of a filter. */
void script_warn_conditions(const struct script_filter *filter);

#endif
