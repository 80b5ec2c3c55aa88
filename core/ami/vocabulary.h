// core/ami/vocabulary.h: the names of events and headers that Asterisk is known to send. For spelling only: nothing is
// refused because it is missing here, since modules and dialplans make events of their own.  Thread: any; constant.
#ifndef AMI_VOCABULARY_H
#define AMI_VOCABULARY_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/** The spelling of event `name` (no case), NULL if it is not known. */
const char *vocabulary_event(struct span name);
/** Is a header of that name (no case) known? Prefixes of channels and bridges (DestChannel, LocalOneContext …) are. */
bool vocabulary_has_header(struct span name);
/** The known name that `name` may have been meant to be, NULL: none is near. */
const char *vocabulary_nearest_event(struct span name);
const char *vocabulary_nearest_header(struct span name);
/** Number of known events, and event `index`: for tests. */
size_t vocabulary_count(void);
const char *vocabulary_at(size_t index);

#endif
