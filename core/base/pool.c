// core/base/pool.c: see pool.h.
#include "base/pool.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void pool_init(struct pool *pool, size_t size, uint32_t most)
{
#ifdef __SANITIZE_ADDRESS__
    most = 0;
#endif
    *pool = (struct pool){.size = size, .most = most};
}

void pool_fini(struct pool *pool)
{
    while (pool->kept > 0)
        free(pool_take(pool));
}

void *pool_take(struct pool *pool)
{
    void *block = pool->first;

    if (block == NULL)
        return memory_new(pool->size);
    memcpy(&pool->first, block, sizeof pool->first);
    memory_expect(pool->first, 4); // of the next taker: of many in flight, the caches hold only a part
    pool->kept--;
    return block;
}

void pool_give(struct pool *pool, void *block)
{
    if (pool->kept == pool->most) {
        free(block);
        return;
    }
    memcpy(block, &pool->first, sizeof pool->first);
    pool->first = block;
    pool->kept++;
}
