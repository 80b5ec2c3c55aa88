// core/base/pool.h: blocks of one size that are taken and given back thousands of times a second. A pool keeps blocks
// that came back for the next that are wanted, up to a number; any block may also go to free(). Thread: its owner's; a
// block may be freed, not given back, by any.
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool {
    size_t size; // of each block, bytes
    uint32_t most, kept;
    void *first; // of those that are kept: each begins with the address of the next
};

/** An empty pool. @param size  of each block, at least that of a pointer  @param most  blocks that it keeps */
void pool_init(struct pool *pool, size_t size, uint32_t most);
/** Frees what it keeps. Blocks that are in use stay. */
void pool_fini(struct pool *pool);
/** A block with undefined contents: pool_give() or free() ends it. */
void *pool_take(struct pool *pool);
/** Takes a block of pool_take() back. With the address sanitizer it is freed, so that what still uses it is found. */
void pool_give(struct pool *pool, void *block);

#endif
