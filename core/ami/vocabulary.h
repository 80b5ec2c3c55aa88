// core/ami/vocabulary.h: the names of events and headers that Asterisk sends, for spelling checks only. Other names are
// not refused, because modules and dialplans make events of their own.  Thread: any; constant.
#ifndef AMI_VOCABULARY_H
#define AMI_VOCABULARY_H

#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>

/** Returns the spelling of event `name` (in any case); NULL: it is unknown. */
const char *vocabulary_event(struct span name);
/** Is a header of that name (in any case) known, also with a prefix of a channel or bridge (DestChannel,
 *  LocalOneContext …)? */
bool vocabulary_has_header(struct span name);
/** Return the known event or header whose name is most similar to `name`; NULL: none is similar. */
const char *vocabulary_nearest_event(struct span name);
const char *vocabulary_nearest_header(struct span name);
/** Return the number of known events, and event `index`; for tests. */
size_t vocabulary_count(void);
const char *vocabulary_at(size_t index);
/** Return header `index` of the block about a channel, or about a bridge, without its prefix; NULL: there are no more.
 */
const char *vocabulary_channel_header(size_t index);
const char *vocabulary_bridge_header(size_t index);

#endif
