// core/session/access/dial.h: devices and dial strings, as far as a user's entry speaks of them. Pure.  Thread: any.
#ifndef SESSION_ACCESS_DIAL_H
#define SESSION_ACCESS_DIAL_H

#include "ami/message.h"
#include "config/config.h"

/** Is it the user's own device, or has he none that he is held to? */
bool dial_is_own(const struct user_config *user, struct span device);
/** May he make a channel of that dial string? */
bool dial_may(const struct user_config *user, struct span dial);
/** Is it a Local channel, which goes on in the dialplan? */
bool dial_is_local(struct span dial);
/** The action with `context` in the dial string of a Local channel, `dial`, which is header `index`. The caller's. */
struct message *dial_enforce_context(const struct message *action, uint32_t index, struct span dial,
                                     const char *context);

#endif
