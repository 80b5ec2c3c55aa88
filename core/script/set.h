// core/script/set.h: a set of texts, as amp.set makes and `where` asks.  Thread: the worker's; immutable once filled.
#ifndef SCRIPT_SET_H
#define SCRIPT_SET_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct set {
    uint32_t references;
    bool folded; // texts that differ in the case of letters only are the same
    uint32_t count, slot_count;
    struct span *slots; // bytes NULL: free. The texts are the set's own
};

struct set *set_create(bool folded);
struct set *set_ref(struct set *set);
void set_unref(struct set *set);
/** Adds a copy of `text`. */
void set_add(struct set *set, struct span text);
bool set_has(const struct set *set, struct span text);
/** The same in two steps, for who asks many sets for one text; not of folded ones. */
uint32_t set_hash(struct span text);
bool set_has_hashed(const struct set *set, struct span text, uint32_t hash);

#endif
