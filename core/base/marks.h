// core/base/marks.h: looks at 64 bytes at once, and gives a bit for each of them: where lines end. Written
// with the compiler's vector types; only how bytes become bits differs between processors.  Thread: any; pure.
#ifndef BASE_MARKS_H
#define BASE_MARKS_H

#include "base/span.h"

#define MARKS_WIDTH 64 // bytes; the bit of the first one is the lowest
#define MARKS_LANE 16

typedef uint8_t marks_lane __attribute__((vector_size(MARKS_LANE)));

/** Makes a bit of each of 16 bytes that are all ones or zero, with instructions that all processors have.
 *  @param found  by address, because processors pass vectors by value in different ways */
static inline uint64_t marks_bits_plainly(const marks_lane *found)
{
    uint64_t halves[2];

    memcpy(halves, found, sizeof halves);
    for (int i = 0; i < 2; i++) // of byte N bit N stays, and no two meet in the sum
        halves[i] = (le64toh(halves[i]) & UINT64_C(0x8040201008040201)) * UINT64_C(0x0101010101010101) >> 56;
    return halves[0] | halves[1] << 8;
}

/** Does the same by the processor's own instruction, if it has one. */
__attribute__((always_inline)) static inline uint64_t marks_bits(const marks_lane *found)
{
#if defined(__SSE2__) && defined(__GNUC__)
    typedef char signed_lane __attribute__((vector_size(MARKS_LANE)));
    return (uint16_t)__builtin_ia32_pmovmskb128((signed_lane)*found);
#else
    return marks_bits_plainly(found);
#endif
}

/** Marks the LFs among 16 bytes. */
__attribute__((always_inline)) static inline uint64_t marks_feeds_of(const char *bytes)
{
    marks_lane lane;

    memcpy(&lane, bytes, sizeof lane);
    lane = (marks_lane)(lane == '\n');
    return marks_bits(&lane);
}

/** Marks LFs. @param bytes  64 that may be read */
__attribute__((always_inline)) static inline uint64_t marks_feeds(const char *bytes)
{
    return marks_feeds_of(bytes) | marks_feeds_of(bytes + 16) << 16 | marks_feeds_of(bytes + 32) << 32 |
           marks_feeds_of(bytes + 48) << 48;
}

/** Returns 64 bytes that may be read: those at `at`, or if fewer are left, a copy of them with NULs behind it.
 *  @param copy  room for it */
__attribute__((always_inline)) static inline const char *marks_chunk(const char *at, const char *end,
                                                                     char copy[MARKS_WIDTH])
{
    if (end - at >= MARKS_WIDTH)
        return at;
    memset(copy, 0, MARKS_WIDTH);
    memcpy(copy, at, (size_t)(end - at));
    return copy;
}

/** A walk from LF to LF. */
struct marks_walk {
    const char *chunk, *end;
    uint64_t feeds; // those of the chunk that were not found yet
};

/** Begins at `at`; nothing at `end` or behind it is read. */
__attribute__((always_inline)) static inline struct marks_walk marks_walk(const char *at, const char *end)
{
    char copy[MARKS_WIDTH];

    return (struct marks_walk){at, end, marks_feeds(marks_chunk(at, end, copy))};
}

/** Returns the next LF, NULL if there is none. */
__attribute__((always_inline)) static inline const char *marks_next_feed(struct marks_walk *walk)
{
    char copy[MARKS_WIDTH];

    while (__builtin_expect(walk->feeds == 0, 0)) {
        walk->chunk += MARKS_WIDTH;
        if (walk->chunk >= walk->end)
            return NULL;
        walk->feeds = marks_feeds(marks_chunk(walk->chunk, walk->end, copy));
    }
    const char *feed = walk->chunk + __builtin_ctzll(walk->feeds);
    walk->feeds &= walk->feeds - 1;
    return feed;
}

#endif
