// core/ami/event_filter.h: `Action: Filter`: which events a session wants, in Asterisk's old and new syntax
// (main/manager.c: manager_add_filter, should_send_event). Sets are immutable and shared by reference. Pure.
// Thread: any; references are atomic.
//
// Clients write these, so what they may cost is bounded: so many filters, so long, so many steps of all their
// expressions together (ami/expression.h), and so much work for one event. An event that takes more than that is not
// passed: what its filters say of it is not known. The work is enough for any event of 500 bytes, whatever the
// filters are, and for one of hundreds of kilobytes with usual ones.
#ifndef AMI_EVENT_FILTER_H
#define AMI_EVENT_FILTER_H

#include "ami/message.h"

#define EVENT_FILTERS 64                    // of one session
#define EVENT_FILTER_EXPRESSION 512         // bytes; Asterisk takes any length
#define EVENT_FILTER_STEPS 1000             // of all expressions of one session
#define EVENT_FILTER_WORK UINT64_C(1000000) // steps gone for one event: some five milliseconds

struct event_filters;

enum event_filter_fault {
    EVENT_FILTER_OK,
    EVENT_FILTER_SYNTAX,   // the expression is none, or too long, or one of those that expression_read() refuses
    EVENT_FILTER_CRITERIA, // MatchCriteria cannot be read, or contradicts itself
    EVENT_FILTER_TOO_MANY  // filters, or steps of their expressions
};

/** A new set: `filters` (NULL: none) and one more. One reference, the caller's.
 *  @param expression  `Filter:`
 *  @param criteria  `MatchCriteria:`; NULL or empty: the old syntax, `[!]` and a POSIX extended expression, case-
 *    sensitive, which is looked for in the whole text of the event, line ends included
 *  @return NULL: see `fault` */
struct event_filters *event_filters_with(const struct event_filters *filters, struct span expression,
                                         const struct span *criteria, enum event_filter_fault *fault);
struct event_filters *event_filters_ref(struct event_filters *filters);
/** NULL is fine. */
void event_filters_unref(struct event_filters *filters);
/** Do both ask for the same, word for word? NULL: no filters. */
bool event_filters_equal(const struct event_filters *a, const struct event_filters *b);
/** Does the event pass? With includes it must match one; it must not match an exclude.
 *  @param filters  NULL: all pass */
bool event_filters_pass(const struct event_filters *filters, const struct message *event);
/** What Asterisk answers. */
const char *event_filter_text(enum event_filter_fault fault);

#endif
