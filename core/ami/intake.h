// core/ami/intake.h: the buffer that a peer's bytes are read into and taken from the front of.  For ami/ only.
//
//   bytes ── taken ── start ── held ── end ── free ── capacity
//
// Thread: its owner's.
#ifndef AMI_INTAKE_H
#define AMI_INTAKE_H

#include "base/span.h"

/** All zero: empty. The owner moves `start` over what it has taken, and `end` over what was read. */
struct intake {
    char *bytes;
    size_t capacity, start, end;
};

/** Frees the buffer. */
void intake_fini(struct intake *intake);
/** What was read and not taken. Valid until the next intake_reserve(). */
static inline struct span intake_held(const struct intake *intake)
{
    return (struct span){intake->bytes + intake->start, intake->end - intake->start};
}
/** Room for at least `wanted` (> 0) bytes behind what is held. Copies no more than a constant share of all that is
 * read. */
char *intake_reserve(struct intake *intake, size_t wanted, size_t *available);
/** Nothing is held: after a giant the least room is enough again. */
void intake_give_back(struct intake *intake);

#endif
