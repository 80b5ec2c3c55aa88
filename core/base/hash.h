// core/base/hash.h: one hash for every table of the program: FNV-1a, 64 bits (draft-eastlake-fnv). Start with
// HASH_START if only the program or its operator chooses the keys, and with hash_seed() if clients or servers do: they
// could choose keys that all fall into one slot.
// Thread: any; the functions are pure but for hash_seed().
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/span.h"

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(14695981039346656037)

/** A random start value, a different one at each call. */
uint64_t hash_seed(void);

/** `hash` continued with one byte, or with any small number. */
static inline uint64_t hash_step(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(1099511628211);
}

/** `hash` continued with bytes. */
static inline uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < length; i++)
        hash = hash_step(hash, at[i]);
    return hash;
}

/** `hash` continued with a text. */
static inline uint64_t hash_span(uint64_t hash, struct span text)
{
    return hash_bytes(hash, text.bytes, text.length);
}

/** `hash` continued with a name, which is the same in any case of its ASCII letters. */
static inline uint64_t hash_name(uint64_t hash, struct span name)
{
    for (size_t i = 0; i < name.length; i++)
        hash = hash_step(hash, span_fold(name.bytes[i]));
    return hash;
}

/** Mixes the bits, so that the low bits depend on all bits: for tables whose size is a power of two. */
static inline uint64_t hash_mix(uint64_t hash)
{
    hash ^= hash >> 32;
    return hash * UINT64_C(0x9E3779B97F4A7C15) >> 16;
}

#endif
