// core/base/handles.h: handles of objects that may be gone at lookup. An owner numbers its objects (slot and
// generation). Code that may outlive an object keeps its handle and looks the object up each time. Slots are reused,
// generations are not: the handle of a removed object never finds another one.  Thread: a table has one owner; any
// thread may hold a handle.
#ifndef BASE_HANDLES_H
#define BASE_HANDLES_H

#include <stdbool.h>
#include <stdint.h>

/** All zero: no object. */
struct handle {
    uint32_t slot, generation;
};

/** Is it the handle of nothing? */
static inline bool handle_is_none(struct handle handle)
{
    return handle.generation == 0;
}

/** Are both the same handle? */
static inline bool handle_equals(struct handle a, struct handle b)
{
    return a.slot == b.slot && a.generation == b.generation;
}

struct handle_slot {
    void *object;        // NULL: the slot is free
    uint32_t generation; // of the object, or of the one that comes next; 0: used up
    uint32_t next_free;  // slot number + 1, 0: the last
};

/** All zero is empty. */
struct handles {
    struct handle_slot *slots;
    uint32_t count, capacity;
    uint32_t first_free; // slot number + 1, 0: none
};

/** Frees the table, but not the objects; its handles then find nothing. */
void handles_fini(struct handles *handles);
/** Gives `object` (lent, not NULL, until handles_remove()) a handle that no other object had before. */
struct handle handles_add(struct handles *handles, void *object);
/** Removes the object; the handle then finds nothing. Does nothing if the handle finds nothing. */
void handles_remove(struct handles *handles, struct handle handle);
/** The object, NULL if it is gone. Lent: keep the handle, not this. */
void *handles_find(const struct handles *handles, struct handle handle);

#endif
