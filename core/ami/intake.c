// core/ami/intake.c: see intake.h.
#include "ami/intake.h"

#include "base/memory.h"

#include <stdlib.h>

#define BUFFER_BYTES ((size_t)64 * 1024) // smallest buffer
#define IDLE_BYTES ((size_t)1024 * 1024) // an empty buffer that is larger is freed

void intake_fini(struct intake *intake)
{
    free(intake->bytes);
    *intake = (struct intake){0};
}

/** Moves the held bytes into a buffer of `capacity` bytes. */
static void change_capacity(struct intake *intake, size_t capacity)
{
    size_t held = intake->end - intake->start;

    if (held > 0 && intake->start > 0)
        memmove(intake->bytes, intake->bytes + intake->start, held);
    if (held == 0) { // no need to copy
        free(intake->bytes);
        intake->bytes = NULL;
    }
    intake->bytes = memory_grow(intake->bytes, capacity); // realloc() moves the pages of a large block without copying
    intake->capacity = capacity;
    intake->start = 0;
    intake->end = held;
}

char *intake_give_away(struct intake *intake, size_t length, size_t room, size_t *at)
{
    struct intake rest = {0};
    char *block = intake->bytes;
    size_t behind = intake->start + length, available;

    *at = intake->start;
    if (intake->end > behind) {
        memcpy(intake_reserve(&rest, intake->end - behind, &available), block + behind, intake->end - behind);
        rest.end = intake->end - behind;
    }
    *intake = rest;
    return memory_grow(block, behind + room); // mostly smaller than it was, and stays where it is
}

void intake_give_back(struct intake *intake)
{
    intake->start = intake->end = 0;
    if (intake->capacity > IDLE_BYTES)
        intake_fini(intake);
}

char *intake_reserve(struct intake *intake, size_t wanted, size_t *available)
{
    size_t held = intake->end - intake->start;

    if (intake->capacity - intake->end < wanted) {
        if (intake->start >= held && intake->capacity - held >= wanted) { // copies no more bytes than were taken
            memmove(intake->bytes, intake->bytes + intake->start, held);
            intake->start = 0;
            intake->end = held;
        } else {
            size_t least = held + wanted > BUFFER_BYTES ? held + wanted : BUFFER_BYTES;
            change_capacity(intake, 2 * intake->capacity > least ? 2 * intake->capacity : least);
        }
    }
    *available = intake->capacity - intake->end;
    return intake->bytes + intake->end;
}
