// core/ami/event_filter.h: `Action: Filter`: which events a session wants, in Asterisk's old and new syntax
// (main/manager.c: manager_add_filter, should_send_event). Sets are immutable and shared by reference. Pure. Thread:
// one at a time for a set: matching keeps state inside the compiled expressions.
#ifndef AMI_EVENT_FILTER_H
#define AMI_EVENT_FILTER_H

#include "ami/message.h"

#define EVENT_FILTERS 64            // of one session
#define EVENT_FILTER_EXPRESSION 512 // bytes; Asterisk takes any length

struct event_filters;

enum event_filter_fault {
    EVENT_FILTER_OK,
    EVENT_FILTER_SYNTAX,   // the expression does not compile, or is one of those that are not taken: see below
    EVENT_FILTER_CRITERIA, // MatchCriteria cannot be read, or contradicts itself
    EVENT_FILTER_TOO_MANY
};

/** A new set: `filters` (NULL: none) and one more. One reference, the caller's.
 *  @param expression  `Filter:`
 *  @param criteria  `MatchCriteria:`, NULL: the old syntax, `[!]` and a POSIX extended expression, case-sensitive,
 * which is looked for in the whole text of the event, line ends included
 *  @return NULL: see `fault`. Refused besides what regcomp(3) refuses: back references, and repetitions whose bounds
 *    multiply to more than 1,000: either lets a few bytes cost seconds or gigabytes */
struct event_filters *event_filters_with(struct event_filters *filters, struct span expression,
                                         const struct span *criteria, enum event_filter_fault *fault);
struct event_filters *event_filters_ref(struct event_filters *filters);
/** NULL is fine. */
void event_filters_unref(struct event_filters *filters);
/** Do both ask for the same, word for word? NULL: no filters. */
bool event_filters_equal(const struct event_filters *a, const struct event_filters *b);
/** Does the event pass? With includes it must match one; it must not match an exclude. @param filters  NULL: all pass
 */
bool event_filters_pass(struct event_filters *filters, const struct message *event);
/** What Asterisk answers. */
const char *event_filter_text(enum event_filter_fault fault);

#endif
