// core/base/spares.c: see spares.h.
#include "base/spares.h"

#include "base/memory.h"
#include "base/pool.h"

#include <stdlib.h>

#define SMALLEST 256 // bytes; each shelf has blocks twice as long as the one before
#define SHELVES 4
#define SHELF_BYTES (256 * 1024) // kept on a shelf at most: what is made of one read from a server

// Global: of each thread, so that no lock is needed. A shelf without a size is not used yet.
static _Thread_local struct pool shelves[SHELVES];

static struct pool *spares_shelf_at(size_t index)
{
    struct pool *pool = &shelves[index];

    if (__builtin_expect(pool->size == 0, 0))
        pool_init(pool, (size_t)SMALLEST << index, SHELF_BYTES / (SMALLEST << index));
    return pool;
}

void *spares_take(size_t size, spares_shelf *shelf)
{
    size_t index = 0;

    while (index < SHELVES && size > (size_t)SMALLEST << index)
        index++;
    *shelf = index < SHELVES ? (spares_shelf)(index + 1) : 0;
    return index < SHELVES ? pool_take(spares_shelf_at(index)) : memory_new(size);
}

void spares_give(void *block, spares_shelf shelf)
{
    if (shelf == 0)
        free(block);
    else
        pool_give(spares_shelf_at(shelf - 1U), block);
}

void spares_end(void)
{
    for (size_t i = 0; i < SHELVES; i++)
        pool_fini(&shelves[i]);
}
