// core/session/delivery/resume_id.h: the text by which a client says what it has received last:
//
//   EPOCH.WORKER.TAG.NUMBER     of this process; the worker and the secret name of a feed; a message of that feed
//
// For clients it is opaque. TAG is 96 random bits: who was not given an id of a feed cannot make one.  Thread: any.
#ifndef SESSION_DELIVERY_RESUME_ID_H
#define SESSION_DELIVERY_RESUME_ID_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

#define RESUME_EPOCH_SIZE 13 // 48 bits in hexadecimal, and a NUL
#define RESUME_TAG_SIZE 25
#define RESUME_ID_SIZE 80 // any id, with a NUL

struct resume_id {
    char epoch[RESUME_EPOCH_SIZE];
    uint32_t worker;
    char tag[RESUME_TAG_SIZE];
    uint64_t number;
};

/** Fills `text` with `size` - 1 unpredictable hexadecimal digits and a NUL. Ends the program if the machine has none.
 */
void resume_id_random(char *text, size_t size);
/** @return false: no id of any astmanproxy */
bool resume_id_parse(struct span text, struct resume_id *id);
/** Are both the same tag? In constant time. */
bool resume_id_is_tag(const char *tag, const char *other);

#endif
