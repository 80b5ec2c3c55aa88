// core/base/spares.c: see spares.h.
#include "base/spares.h"

#include "base/memory.h"
#include "base/pool.h"

#include <stdlib.h>

#define STEP 128 // bytes; each shelf has blocks so much longer than the one before
#define SHELVES 16
#define MOST_BYTES ((size_t)1 << 20) // kept at most: what is made of a few reads from a server

// Global: of each thread, so that no lock is needed. A shelf without a size is not used yet.
static _Thread_local struct spares {
    struct pool shelves[SHELVES];
    size_t kept; // bytes
} spares;

void *spares_take(size_t size, spares_shelf *shelf)
{
    size_t index = (size + STEP - 1) / STEP; // from 1

    if (index == 0 || index > SHELVES) {
        *shelf = 0;
        return memory_new(size);
    }
    struct pool *pool = &spares.shelves[index - 1];
    *shelf = (spares_shelf)index;
    if (pool->kept == 0)
        return memory_new(index * STEP);
    spares.kept -= index * STEP;
    return pool_take(pool);
}

void spares_give(void *block, spares_shelf shelf)
{
    size_t size = (size_t)shelf * STEP;

    if (shelf == 0 || spares.kept + size > MOST_BYTES) {
        free(block);
        return;
    }
    struct pool *pool = &spares.shelves[shelf - 1];
    if (pool->size == 0)
        pool_init(pool, size, MOST_BYTES / STEP);
    if (pool->kept < pool->most) // always, but with the address sanitizer
        spares.kept += size;
    pool_give(pool, block);
}

size_t spares_kept(void)
{
    return spares.kept;
}

void spares_end(void)
{
    for (size_t i = 0; i < SHELVES; i++)
        pool_fini(&spares.shelves[i]);
    spares.kept = 0;
}
