// core/session/delivery/recode.h: messages of servers with a character encoding of their own (`encoding:` of the
// server's entry) in UTF-8, for all formats but those that pass a message's own bytes. Costs nothing if no server has
// one, and little for messages that are ASCII.  Thread: the worker's.
#ifndef SESSION_DELIVERY_RECODE_H
#define SESSION_DELIVERY_RECODE_H

#include "ami/message.h"
#include "config/config.h"
#include "session/client/set.h"

struct recoder;

/** Makes the encodings of a configuration's servers. @return the caller's; NULL: no server has one */
struct recoder *recoder_create(const struct config *config);
/** Frees them. It may be NULL. */
void recoder_destroy(struct recoder *recoder);
/** Makes a copy of the message in UTF-8. @return the caller's; NULL: it is in UTF-8, or its server has no encoding */
struct message *recode_message(struct recoder *recoder, const struct message *message);

/** Has the format write the message, in UTF-8 unless it writes the message's own bytes. */
static inline void recode_encode(const struct sessions *sessions, const struct amp_plugin *format,
                                 const struct message *message, struct amp_output *output)
{
    struct message *copy = sessions->recoder == NULL || (format->capabilities & AMP_ENCODES_TEXT) != 0
                               ? NULL
                               : recode_message(sessions->recoder, message);

    format->encode(amp_message_of(copy != NULL ? copy : message), output);
    if (copy != NULL)
        message_unref(copy);
}

#endif
