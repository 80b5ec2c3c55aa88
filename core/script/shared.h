// core/script/shared.h: amp.shared: one store for the scripts of all workers. It has texts, numbers and booleans by
// key, optionally with a time of expiry. A full store refuses new values; nothing is evicted.  Thread: any; one lock.
#ifndef SCRIPT_SHARED_H
#define SCRIPT_SHARED_H

#include "base/span.h"

#include <stdint.h>

struct script_shared;

enum shared_kind { SHARED_NONE, SHARED_FLAG, SHARED_INTEGER, SHARED_NUMBER, SHARED_TEXT };
struct shared_value {
    enum shared_kind kind;
    bool flag;
    int64_t integer;
    double number;
    struct span text; // of shared_get(): the caller frees its bytes
};

enum shared_result {
    SHARED_OK,
    SHARED_FULL,
    SHARED_EXISTS,    // shared_set() with `only_new`
    SHARED_NO_NUMBER, // shared_incr() of a value that is not a number
};

/** Makes a store. @param bytes  most bytes of keys, values and their overhead */
struct script_shared *script_shared_create(uint64_t bytes);
/** Changes the limit. Present values stay. */
void script_shared_set_limit(struct script_shared *shared, uint64_t bytes);
void script_shared_destroy(struct script_shared *shared);
/** Returns the value of a key; SHARED_NONE: there is none. A text is a copy, which the caller frees. */
struct shared_value shared_get(struct script_shared *shared, struct span key, uint64_t now);
/** Sets the value of a key. @param only_new  not if there is one already @param life_ms  time until it expires, 0:
 *  never */
enum shared_result shared_set(struct script_shared *shared, struct span key, const struct shared_value *value,
                              bool only_new, uint64_t life_ms, uint64_t now);
/** Adds `by` to a number (0 if there is none), atomically. @param life_ms  for a new value; 0: never expires */
enum shared_result shared_incr(struct script_shared *shared, struct span key, int64_t by, uint64_t life_ms,
                               uint64_t now, int64_t *result);
/** Deletes a key. @return true: there was one */
bool shared_delete(struct script_shared *shared, struct span key, uint64_t now);
/** Calls `visit` with at most `most` keys that begin with `prefix`. It must copy keys, and must not use the store. */
void shared_keys(struct script_shared *shared, struct span prefix, uint64_t now, uint32_t most,
                 void (*visit)(void *visitor, struct span key), void *visitor);
/** Returns the bytes in use. */
uint64_t script_shared_bytes(struct script_shared *shared);

#endif
