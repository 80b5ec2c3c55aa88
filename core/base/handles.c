// core/base/handles.c: see handles.h. Free slots are chained. A slot whose generations are used up is not used again.
#include "base/handles.h"

#include "base/memory.h"

#include <stdlib.h>

void handles_fini(struct handles *handles)
{
    free(handles->slots);
    *handles = (struct handles){0};
}

static uint32_t take_slot(struct handles *handles)
{
    uint32_t slot;

    if (handles->first_free != 0) {
        slot = handles->first_free - 1;
        handles->first_free = handles->slots[slot].next_free;
        return slot;
    }
    if (handles->count == handles->capacity) {
        handles->capacity = handles->capacity == 0 ? 16 : handles->capacity * 2;
        handles->slots = memory_grow(handles->slots, handles->capacity * sizeof *handles->slots);
    }
    slot = handles->count++;
    handles->slots[slot] = (struct handle_slot){.generation = 1};
    return slot;
}

struct handle handles_add(struct handles *handles, void *object)
{
    uint32_t slot = take_slot(handles);

    handles->slots[slot].object = object;
    return (struct handle){slot, handles->slots[slot].generation};
}

void handles_remove(struct handles *handles, struct handle handle)
{
    struct handle_slot *slot;

    if (handles_find(handles, handle) == NULL)
        return;
    slot = &handles->slots[handle.slot];
    slot->object = NULL;
    if (++slot->generation == 0)
        return;
    slot->next_free = handles->first_free;
    handles->first_free = handle.slot + 1;
}

void *handles_find(const struct handles *handles, struct handle handle)
{
    if (handle.generation == 0 || handle.slot >= handles->count)
        return NULL;
    if (handles->slots[handle.slot].generation != handle.generation)
        return NULL;
    return handles->slots[handle.slot].object;
}
