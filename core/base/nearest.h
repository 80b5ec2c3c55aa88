// core/base/nearest.h: which known name was probably meant by a mistyped one. Thread: any; pure.
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/span.h"

#include <stddef.h>

#define NEAREST_LONGEST 64 // longest name that is compared

/** A search: nearest_begin(), then nearest_try() for each known name. */
struct nearest {
    struct span name; // lent
    const char *best; // the most similar name until now, lent; NULL: each differs too much
    size_t least;     // letters in which a name may differ to be better
};

/** Begins the search for what `name` means. A name that differs in more than 3 letters, or in more than a third of
 *  them, is not similar. */
void nearest_begin(struct nearest *nearest, struct span name);
/** Compares with a known name, without regard to case. */
void nearest_try(struct nearest *nearest, const char *known);
/** Returns the most similar of `count` names; NULL: none is similar. */
const char *nearest_of(struct span name, const char *const *names, size_t count);

#endif
