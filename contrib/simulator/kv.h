// kv.h: names and values, sorted by name: the AstDB, global and channel variables.
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct kv_pair {
    char *name;
    char *value;
};

struct kv {
    struct kv_pair *pairs;
    size_t count;
    size_t capacity;
};

/** Lends the value of `name` until the next change, or NULL. */
const char *kv_find(const struct kv *kv, const char *name);

/** Sets `name`; both strings are copied. */
void kv_set(struct kv *kv, const char *name, const char *value);

/** Removes every name that begins with `prefix` (`exact`: only that name). @return how many there were */
size_t kv_remove(struct kv *kv, const char *prefix, bool exact);

void kv_fini(struct kv *kv);
