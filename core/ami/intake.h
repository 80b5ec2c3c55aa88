// core/ami/intake.h: the input buffer: bytes are read into its end and taken off its front.  For ami/ only.
//
//   bytes ── taken ── start ── held ── end ── free ── capacity
//
// Thread: its owner's.
#ifndef AMI_INTAKE_H
#define AMI_INTAKE_H

#include "base/span.h"

/** All zero: empty. The owner moves `start` past the bytes that it has taken, and `end` past those that were read. */
struct intake {
    char *bytes;
    size_t capacity, start, end;
};

/** Frees the buffer. */
void intake_fini(struct intake *intake);
/** Returns the bytes that were read and not taken. Valid until the next intake_reserve(). */
static inline struct span intake_held(const struct intake *intake)
{
    return (struct span){intake->bytes + intake->start, intake->end - intake->start};
}
/** Makes room for at least `wanted` (> 0) bytes after the held bytes. The total of bytes that it copies is proportional
 *  to the bytes read. @param available  set to the room @return the place for the bytes */
char *intake_reserve(struct intake *intake, size_t wanted, size_t *available);
/** Gives away the buffer itself, in which the held bytes begin at `*at`: so a large message is not copied. The held
 * bytes behind the first `length` (> 0) of them move to a new buffer, and room for `room` more takes their place.
 *  @return the block, of the caller, who frees it */
char *intake_give_away(struct intake *intake, size_t length, size_t room, size_t *at);
/** Empties the buffer, which must hold nothing that is needed, and frees it if a large message has made it large. */
void intake_give_back(struct intake *intake);

#endif
