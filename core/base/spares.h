// core/base/spares.h: blocks of memory of a few sizes, of which each thread keeps some for the next that it wants: a
// message is made and freed for each that passes. The C library takes ten times as long, as it looks for a place first.
// Thread: any; a block may be given back by another thread than the one that took it, which then keeps it.
#ifndef BASE_SPARES_H
#define BASE_SPARES_H

#include <stddef.h>
#include <stdint.h>

/** Where a block goes when it is given back; 0: to free(), as it is too long for this. */
typedef uint8_t spares_shelf;

/** Returns a block of at least `size` bytes, with undefined contents: spares_give() ends it. @param shelf  set: the
 *  caller keeps it with the block. If it is 0, the block is also one of malloc() */
void *spares_take(size_t size, spares_shelf *shelf) __attribute__((returns_nonnull));
/** Takes the block back. @param shelf  as spares_take() has set it */
void spares_give(void *block, spares_shelf shelf);
/** Returns the bytes that the calling thread keeps: at most 1 MiB. */
size_t spares_kept(void);
/** Frees what the calling thread keeps. Required at the end of each thread that gives blocks back, and worth it in one
 *  that takes none. */
void spares_end(void);

#endif
