// core/ami/event_filter.h: the filters of `Action: Filter`, in Asterisk's old and new syntax (main/manager.c:
// manager_add_filter, should_send_event). Sets are immutable and shared by reference. Pure. Thread: any; references are
// atomic.
//
// Clients write these filters, so their cost is limited: the number of filters, their length, the steps of all their
// expressions together (ami/expression.h), and the work for one event. An event that exceeds the work is not passed.
// The work is enough for any event of 500 bytes with any filters, and for hundreds of kilobytes with usual filters.
#ifndef AMI_EVENT_FILTER_H
#define AMI_EVENT_FILTER_H

#include "ami/message.h"

#define EVENT_FILTERS 64                    // most filters of one session
#define EVENT_FILTER_EXPRESSION 512         // longest expression in bytes; Asterisk has no limit
#define EVENT_FILTER_STEPS 1000             // most steps of all expressions of one session
#define EVENT_FILTER_WORK UINT64_C(1000000) // most steps executed for one event: about 5 ms

struct event_filters;

enum event_filter_fault {
    EVENT_FILTER_OK,
    EVENT_FILTER_SYNTAX,   // the expression is too long, or expression_read() refuses it
    EVENT_FILTER_CRITERIA, // MatchCriteria cannot be parsed, or contradicts itself
    EVENT_FILTER_TOO_MANY  // too many filters, or too many steps in their expressions
};

/** Makes a set of `filters` (NULL: none) and one more filter. The caller owns the reference.
 *  @param expression  `Filter:`
 *  @param criteria  `MatchCriteria:`; NULL or empty: the old syntax, `[!]` and a POSIX extended expression, case-
 *    sensitive, which is looked for in the whole text of the event, line ends included
 *  @return NULL: see `fault` */
struct event_filters *event_filters_with(const struct event_filters *filters, struct span expression,
                                         const struct span *criteria, enum event_filter_fault *fault);
/** Adds a reference. `filters` may be NULL. @return `filters` */
struct event_filters *event_filters_ref(struct event_filters *filters);
/** Releases a reference. `filters` may be NULL. */
void event_filters_unref(struct event_filters *filters);
/** Do both have the same filters with the same texts, in the same order? NULL: no filters. */
bool event_filters_equal(const struct event_filters *a, const struct event_filters *b);
/** Does the event pass? If there are includes it must match one of them, and it must match no exclude.
 *  @param filters  NULL: all events pass */
bool event_filters_pass(const struct event_filters *filters, const struct message *event);
/** Returns Asterisk's text for the fault. */
const char *event_filter_text(enum event_filter_fault fault);

/** Returns the number of filters; of NULL none. */
size_t event_filters_count(const struct event_filters *filters);
/** Returns filter `index` as a text for event_filters_read(); lent. */
const char *event_filters_source(const struct event_filters *filters, size_t index);
/** As event_filters_with(), for a filter that is given as such a text. */
struct event_filters *event_filters_read(const struct event_filters *filters, struct span source,
                                         enum event_filter_fault *fault);

#endif
