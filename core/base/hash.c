// core/base/hash.c: see hash.h.
#include "base/hash.h"

#include <sys/random.h>

uint64_t hash_seed(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
        seed = (uint64_t)(uintptr_t)&seed; // too early after boot for random bytes
    return HASH_START ^ seed;
}
