// core/ami/events.h: the events that Asterisk 18 to 24 document, and the proxy's own, with classes and headers.
// Asterisk's are made from events.tsv when the program is built.  Thread: any; constant tables.
#ifndef AMI_EVENTS_H
#define AMI_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

/** Lists of names are separated by blanks; an empty text is an empty list. */
struct event_info {
    const char *name;
    const char *classes;  // of its Privilege, separated by commas
    const char *channels; // prefixes of its blocks about channels; `.`: the empty one
    const char *bridges;  // prefixes of its blocks about bridges
    const char *until;    // the last branch that has it; empty: 24 has it
    const char *headers;  // the others
};

/** Return the number of events, and event `index`; the proxy's own are the last. */
size_t events_count(void);
const struct event_info *events_at(size_t index);
/** Is it an event of the proxy itself? */
bool events_is_own(const struct event_info *event);

#endif
