// core/session/delivery/give.c: see give.h.
#include "session/delivery/give.h"

#include "session/client/count.h"
#include "session/delivery/encode.h"
#include "session/delivery/own_frame.h"

/** Is a message of that kind handed to the session's protocol? */
static bool give_is_for_protocol(const struct session *session, enum amp_delivery_kind kind)
{
    return !session_is_encoded(session) || (session->format.collecting && kind == AMP_DELIVERY_ANSWER);
}

// Nothing is sent to a session whose input format is not known yet.
void session_give(struct session *session, struct message *message, enum amp_delivery_kind kind, bool final,
                  enum amp_reason reason)
{
    struct amp_delivery delivery = {sizeof delivery, kind, final, reason};

    if (session_is_dead(session)) { // an earlier message has ended it, and the caller has more
        message_unref(message);
        return;
    }
    if (kind == AMP_DELIVERY_ANSWER && final)
        count_answer(session, reason);
    else if (kind == AMP_DELIVERY_EVENT)
        metric_add(count_of_events(session->sessions,
                                   session_is_encoded(session) ? session->format.output : session->format.input),
                   1);
    if (give_is_for_protocol(session, kind)) {
        session->format.input->protocol->message(session->format.protocol, amp_message_of(message), &delivery);
    } else if (session->format.input != NULL) {
        struct span bytes = encode_for(session, message, 0, (struct span){0});
        bool failed = session->sessions->encoding_failed;
        if (!failed)
            own_frame_send(session, message, 0, bytes, 0);
        encode_forget(session->sessions);
        if (failed)
            session_plugin_failed(session, session->format.output, ENCODING_FAILED);
        sessions_mark_dirty(session);
    }
    message_unref(message);
}

void session_send(struct session *session, struct message *message)
{
    session_give(session, message, AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
}
