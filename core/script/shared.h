// core/script/shared.h: amp.shared: one store for the scripts of all workers. Texts, numbers and booleans under a key,
// each with an expiry if wanted. A full store refuses; nothing is evicted.  Thread: any; one lock.
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
    SHARED_NO_NUMBER, // shared_incr() of something else
};

/** @param bytes  most bytes of keys, values and what they cost to keep */
struct script_shared *script_shared_create(uint64_t bytes);
/** Changes that. What is there stays. */
void script_shared_set_limit(struct script_shared *shared, uint64_t bytes);
void script_shared_destroy(struct script_shared *shared);
/** The value, SHARED_NONE if there is none. A text is copied. */
struct shared_value shared_get(struct script_shared *shared, struct span key, uint64_t now);
/** Sets it. @param life_ms  0: until it is deleted */
enum shared_result shared_set(struct script_shared *shared, struct span key, const struct shared_value *value,
                              bool only_new, uint64_t life_ms, uint64_t now);
/** Adds to a number, 0 if there is none; in one step. @param life_ms  of one that is new, 0: for ever */
enum shared_result shared_incr(struct script_shared *shared, struct span key, int64_t by, uint64_t life_ms,
                               uint64_t now, int64_t *result);
/** @return was there one? */
bool shared_delete(struct script_shared *shared, struct span key, uint64_t now);
/** Calls `visit` (copies what it wants) with keys that begin with `prefix`, at most `most`. It must not call back. */
void shared_keys(struct script_shared *shared, struct span prefix, uint64_t now, uint32_t most,
                 void (*visit)(void *visitor, struct span key), void *visitor);
/** Bytes in use. */
uint64_t script_shared_bytes(struct script_shared *shared);

#endif
