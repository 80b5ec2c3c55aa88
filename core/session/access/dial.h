// core/session/access/dial.h: the devices and dial strings that a user's entry allows. Pure.  Thread: any.
#ifndef SESSION_ACCESS_DIAL_H
#define SESSION_ACCESS_DIAL_H

#include "ami/message.h"
#include "config/config.h"

/** Does it name one device only, with nothing upon which a shell would act? */
bool dial_is_plain(struct span dial);
/** Is it the user's own device, or is the user not limited to a device? A user with `tenant` and without `channel` is
 *  limited, unless their entry has a `write`. */
bool dial_is_own(const struct user_config *user, struct span device);
/** May the user make a channel of that dial string? */
bool dial_may(const struct user_config *user, struct span dial);
/** Is it a Local channel, which continues in the dialplan? */
bool dial_is_local(struct span dial);
/** Does it lead into no other context than the user's `out_context`, in every release of Asterisk? True for all dial
 *  strings if the user has none, and for devices. */
bool dial_stays(const struct user_config *user, struct span dial);
/** Makes a copy of the action with `context` in the dial string of a Local channel. @param dial  the value of header
 *  `index` @return the caller's */
struct message *dial_enforce_context(const struct message *action, uint32_t index, struct span dial,
                                     const char *context);

#endif
