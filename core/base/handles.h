// core/base/handles.h: names for objects that may be gone when somebody asks for them. An owner numbers its objects
// (slot and generation); whoever outlives an object, or may, keeps its handle and looks it up each time. A slot is used
// again, its generation is not: the handle of one that is gone never finds another.  Thread: a table is one owner's;
// the handle itself is a number that any thread may carry about.
#ifndef BASE_HANDLES_H
#define BASE_HANDLES_H

#include <stdbool.h>
#include <stdint.h>

/** All zero: of nothing. */
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

/** Frees the table, not what is in it; its handles find nothing any more. */
void handles_fini(struct handles *handles);
/** Gives `object` (lent, not NULL, till handles_remove()) a handle that no other has had. */
struct handle handles_add(struct handles *handles, void *object);
/** From now on the handle finds nothing. Nothing happens if it found nothing before. */
void handles_remove(struct handles *handles, struct handle handle);
/** The object, NULL if it is gone. Lent: keep the handle, not this. */
void *handles_find(const struct handles *handles, struct handle handle);

#endif
