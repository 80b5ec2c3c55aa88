// core/ami/event_class.h: privilege classes of events and actions, and event masks (Asterisk main/manager.c: perms[],
// strings_to_mask, get_perm). Thread: any; pure.
#ifndef AMI_EVENT_CLASS_H
#define AMI_EVENT_CLASS_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

// clang-format off
#define CLASS_SYSTEM    UINT32_C(1)
#define CLASS_CALL      UINT32_C(2)
#define CLASS_LOG       UINT32_C(4)
#define CLASS_VERBOSE   UINT32_C(8)
#define CLASS_COMMAND   UINT32_C(16)
#define CLASS_AGENT     UINT32_C(32)
#define CLASS_USER      UINT32_C(64)
#define CLASS_CONFIG    UINT32_C(128)
#define CLASS_DTMF      UINT32_C(256)
#define CLASS_REPORTING UINT32_C(512)
#define CLASS_CDR       UINT32_C(1024)
#define CLASS_DIALPLAN  UINT32_C(2048)
#define CLASS_ORIGINATE UINT32_C(4096)
#define CLASS_AGI       UINT32_C(8192)
#define CLASS_CC        UINT32_C(32768)
#define CLASS_AOC       UINT32_C(65536)
#define CLASS_TEST      UINT32_C(131072)
#define CLASS_SECURITY  UINT32_C(262144)
#define CLASS_UNKNOWN   UINT32_C(536870912) // any other name; not used by Asterisk, so only `all` includes it
#define CLASS_MESSAGE   UINT32_C(1073741824)
#define CLASS_ALL       UINT32_C(2147483647)
// clang-format on

/** Returns the bits of a `Privilege:` header, a comma-separated list. `all` and `<none>` add no bit. An unknown name
 *  adds CLASS_UNKNOWN, so that events with a class of a newer server are shown only to users who may see everything. */
uint32_t event_class_of_privilege(struct span privilege);
/** Parses an event mask (`Events:` of Login, `EventMask:`) as Asterisk does: digits are a bit mask, on/off words are
 *  compared without case, class names with case; every token except the last matches as a prefix, so that an empty one
 *  matches all.
 *  @return false: it is invalid (empty, or a negative number), and `mask` is unchanged */
bool event_mask_parse(struct span text, uint32_t *mask);
/** Finds the bit of a class name (exact; `all` is all bits, `none` is 0). @return false: the name is unknown */
bool event_class_find(struct span name, uint32_t *bits);
/** Is an event of that name a UserEvent? Users and callers write its headers, so these say nothing about channels. */
bool event_is_user_event(struct span name);
/** Writes the names of the classes, separated by commas; cut to `size`. */
void event_class_print(uint32_t bits, char *text, size_t size);
/** May a session with `mask` see an event of `classes`? All bits of the event must be in the mask. */
static inline bool event_class_visible(uint32_t classes, uint32_t mask)
{
    return (classes & ~mask) == 0;
}

#endif
