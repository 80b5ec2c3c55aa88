// core/base/deadlines.h: times that are waited for, the earliest first: a heap whose entries live in what waits, so
// that setting a time takes no memory once the heap is large enough. Thread: its owner's.
#ifndef BASE_DEADLINES_H
#define BASE_DEADLINES_H

#include <stdint.h>

#define DEADLINE_NEVER UINT64_MAX

/** The place of an object in the heap. Zeroed: it is not in it. */
struct deadline {
    uint64_t due_ms; // as of clock_ms()
    uint32_t place;  // in the heap, from 1 on; 0: it is not in it
};

/** Zeroed: empty. */
struct deadlines {
    struct deadline **list;
    uint32_t count, capacity;
};

/** Frees the memory of the heap; its entries are left alone. */
void deadlines_fini(struct deadlines *deadlines);
/** Sets the time of an entry. @param due_ms  DEADLINE_NEVER: the entry leaves the heap */
void deadlines_set(struct deadlines *deadlines, struct deadline *deadline, uint64_t due_ms);
/** Returns the entry with the earliest time; NULL: there is none. */
struct deadline *deadlines_first(const struct deadlines *deadlines);

#endif
