// core/base/spares.c: see spares.h.
#include "base/spares.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define STEP 128 // bytes; each shelf has blocks so much longer than the one before
#define SHELVES 16
#ifdef __SANITIZE_ADDRESS__
#define MOST_BYTES ((size_t)0) // what still uses a block that was given back is found
#else
#define MOST_BYTES ((size_t)1 << 20) // kept at most: what is made of a few reads from a server
#endif

// Global: of each thread, so that no lock is needed.
static _Thread_local struct spares {
    void *shelves[SHELVES]; // the first block of each; each block begins with the address of the next
    size_t kept;            // bytes
} spares;

/** Takes the first block off a shelf that has one. @param size  of its blocks */
static inline void *take_first(void **first, size_t size)
{
    void *block = *first;

    memcpy(first, block, sizeof *first);
    memory_expect(*first, 3); // most messages are no longer
    spares.kept -= size;
    return block;
}

void *spares_take(size_t size, spares_shelf *shelf)
{
    size_t index = (size + STEP - 1) / STEP; // from 1

    if (index - 1 >= SHELVES) {
        *shelf = 0;
        return memory_new(size);
    }
    *shelf = (spares_shelf)index;
    void **first = &spares.shelves[index - 1];
    return *first != NULL ? take_first(first, index * STEP) : memory_new(index * STEP);
}

void spares_give(void *block, spares_shelf shelf)
{
    size_t size = (size_t)shelf * STEP;

    if (shelf == 0 || spares.kept + size > MOST_BYTES) {
        free(block);
        return;
    }
    void **first = &spares.shelves[shelf - 1];
    memcpy(block, first, sizeof *first);
    *first = block;
    spares.kept += size;
}

size_t spares_kept(void)
{
    return spares.kept;
}

void spares_end(void)
{
    for (size_t i = 0; i < SHELVES; i++) {
        while (spares.shelves[i] != NULL)
            free(take_first(&spares.shelves[i], (i + 1) * STEP));
    }
}
