// contrib/ampctl/filter.h: which events `tail` shows: NAME, !NAME, HEADER=VALUE. Names without regard to case.
// Thread: main's; pure.
#ifndef AMPCTL_FILTER_H
#define AMPCTL_FILTER_H

#include "ami/message.h"
#include "base/error.h"

/** Texts are lent by argv. */
struct filter {
    const char **names, **excluded, **conditions; // of `conditions` each is "HEADER=VALUE"
    size_t name_count, excluded_count, condition_count;
};

/** Sorts the arguments. The caller calls filter_fini(). @return false with `err` set */
bool filter_read(struct filter *filter, char **arguments, size_t count, struct error *err);
void filter_fini(struct filter *filter);
/** Is the event to be shown? One of the names, all of the conditions, none of the excluded names. */
bool filter_passes(const struct filter *filter, const struct message *event);
/** The same for the proxy (Action: Filter, old syntax): expression `index`, the caller's; NULL: there are no more. An
 *  event passes if it matches one that does not begin with `!`, or there is none, and none that does. Only for at most
 *  one condition, as expressions are alternatives. */
char *filter_expression(const struct filter *filter, size_t index);

#endif
