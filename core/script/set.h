// core/script/set.h: a set of texts, for amp.set and `where`.  Thread: the worker's; immutable after it was filled.
#ifndef SCRIPT_SET_H
#define SCRIPT_SET_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct set {
    uint32_t references;
    bool folded; // case does not matter
    uint32_t count, slot_count;
    size_t text_bytes;  // of all texts
    struct span *slots; // bytes NULL: free. The set owns the texts
};

struct set *set_create(bool folded);
struct set *set_ref(struct set *set);
void set_unref(struct set *set);
/** Adds a copy of `text`. */
void set_add(struct set *set, struct span text);
/** Returns the bytes that it takes. */
size_t set_bytes(const struct set *set);
bool set_has(const struct set *set, struct span text);
/** The same in two steps, to search many sets for one text; not for folded sets. */
uint32_t set_hash(struct span text);
bool set_has_hashed(const struct set *set, struct span text, uint32_t hash);

#endif
