// core/session/delivery/plain_answer.c: see plain_answer.h.
#include "session/delivery/plain_answer.h"

#include "session/access/rights.h"
#include "session/client/count.h"
#include "session/client/set.h"

/** Does the session get the text of messages, without a frame? */
static bool is_plain(const struct session *session)
{
    return session->format.protocol == NULL && session->format.input != NULL && session->format.frame == NULL &&
           (session->format.output->capabilities & AMP_ENCODES_TEXT) != 0;
}

bool plain_answer_is_for(const struct session *session, const struct ask *ask)
{
    return is_plain(session) && view_is_transparent(session->view, SCRIPT_ANSWER) && !rights_trims(ask) &&
           ask->withheld == 0;
}

bool plain_answer_write(struct session *session, const struct entry *entry, enum amp_delivery_kind kind)
{
    struct message *message = entry->part.message;
    struct span id = message_action_id(entry->ask->action), pieces[MESSAGE_SPLICE_PIECES];

    if (!plain_answer_is_for(session, entry->ask))
        return false;
    if (kind == AMP_DELIVERY_ANSWER && entry->part.final)
        count_answer(session, (enum amp_reason)entry->part.reason);
    int count = message_splice_action_id(message, id.length > 0 ? &id : NULL, pieces);
    output_add_message(&session->output, message, pieces, count);
    sessions_mark_dirty(session);
    return true;
}
