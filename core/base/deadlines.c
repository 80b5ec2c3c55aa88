// core/base/deadlines.c: see deadlines.h.
#include "base/deadlines.h"

#include "base/memory.h"

#include <stdlib.h>

void deadlines_fini(struct deadlines *deadlines)
{
    free(deadlines->list);
    *deadlines = (struct deadlines){0};
}

struct deadline *deadlines_first(const struct deadlines *deadlines)
{
    return deadlines->count == 0 ? NULL : deadlines->list[0];
}

static void deadlines_put(struct deadlines *deadlines, struct deadline *deadline, uint32_t index)
{
    deadlines->list[index] = deadline;
    deadline->place = index + 1;
}

/** Puts an entry at `index`, where there is room, or nearer to the root. @return where it is now */
static uint32_t deadlines_rise(struct deadlines *deadlines, struct deadline *deadline, uint32_t index)
{
    while (index > 0 && deadlines->list[(index - 1) / 2]->due_ms > deadline->due_ms) {
        deadlines_put(deadlines, deadlines->list[(index - 1) / 2], index);
        index = (index - 1) / 2;
    }
    deadlines_put(deadlines, deadline, index);
    return index;
}

/** Puts an entry at `index`, where there is room, or farther from the root. */
static void deadlines_sink(struct deadlines *deadlines, struct deadline *deadline, uint32_t index)
{
    for (;;) {
        uint32_t child = 2 * index + 1;
        if (child + 1 < deadlines->count && deadlines->list[child + 1]->due_ms < deadlines->list[child]->due_ms)
            child++;
        if (child >= deadlines->count || deadlines->list[child]->due_ms >= deadline->due_ms)
            break;
        deadlines_put(deadlines, deadlines->list[child], index);
        index = child;
    }
    deadlines_put(deadlines, deadline, index);
}

static void take_out(struct deadlines *deadlines, struct deadline *deadline)
{
    uint32_t index = deadline->place - 1;
    struct deadline *last = deadlines->list[--deadlines->count];

    deadline->place = 0;
    if (last != deadline)
        deadlines_sink(deadlines, last, deadlines_rise(deadlines, last, index));
}

void deadlines_set(struct deadlines *deadlines, struct deadline *deadline, uint64_t due_ms)
{
    if (due_ms == DEADLINE_NEVER) {
        if (deadline->place > 0)
            take_out(deadlines, deadline);
        return;
    }
    if (deadline->place > 0 && deadline->due_ms == due_ms)
        return;
    deadline->due_ms = due_ms;
    if (deadline->place == 0) {
        if (deadlines->count == deadlines->capacity) {
            deadlines->capacity = deadlines->capacity == 0 ? 16 : 2 * deadlines->capacity;
            deadlines->list = memory_grow(deadlines->list, deadlines->capacity * sizeof(struct deadline *));
        }
        deadlines_rise(deadlines, deadline, deadlines->count++);
        return;
    }
    deadlines_sink(deadlines, deadline, deadlines_rise(deadlines, deadline, deadline->place - 1));
}
