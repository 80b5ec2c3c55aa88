// core/session/connection/hold.c: keeps the actions that a protocol hands in between amp_session_hold() and
// amp_session_release() (astmanproxy/plugin.h): meanwhile the session's input has another handler.
#include "base/memory.h"
#include "session/client/set.h"
#include "session/connection/input.h"
#include "session/delivery/own_frame.h"

#include <stdlib.h>

/** The actions that are kept, in order. */
struct hold {
    struct amp_input *input; // of the session
    struct list_head kept;   // of struct held
    uint32_t count;
};

static bool hold_keep(void *context, struct message *message, const char *rejected)
{
    struct hold *hold = context;
    struct held *held = memory_new(sizeof *held);

    *held = (struct held){.message = message, .rejected = rejected};
    list_add_last(&hold->kept, &held->node);
    hold->count++;
    return true;
}

static struct hold *hold_of(const struct session *session)
{
    return session->input.messages.on_message == hold_keep ? session->input.messages.context : NULL;
}

void amp_session_hold(struct amp_session *session)
{
    struct session *own = (struct session *)session;
    struct hold *hold = hold_of(own);

    if (hold != NULL || session_is_dead(own))
        return;
    hold = memory_zero(1, sizeof *hold);
    hold->input = &own->input.messages;
    own->input.messages.context = hold;
    own->input.messages.on_message = hold_keep;
}

uint32_t amp_session_held(const struct amp_session *session)
{
    const struct hold *hold = hold_of((const struct session *)session);

    if (hold != NULL)
        amp_input_recover(hold->input);
    return hold == NULL ? 0 : hold->count;
}

uint32_t amp_session_held_headers(const struct amp_session *session, const char *name)
{
    const struct hold *hold = hold_of((const struct session *)session);
    uint32_t count = 0;

    for (struct list_node *node = hold == NULL || name == NULL ? NULL : hold->kept.first; node != NULL;
         node = node->next) {
        const struct message *message = LIST_OBJECT(node, struct held, node)->message;
        for (uint32_t i = 0; i < message->header_count; i++) {
            struct span found, value;
            message_header(message, i, &found, &value);
            count += span_is(found, name);
        }
    }
    return count;
}

void amp_session_release(struct amp_session *session, bool judge)
{
    struct session *own = (struct session *)session;
    struct hold *hold = hold_of(own);

    if (hold == NULL || own_frame_refuses(own))
        return;
    own->input.messages.on_message = input_take_message;
    own->input.messages.context = own;
    for (struct list_node *node; (node = list_take_first(&hold->kept)) != NULL;) {
        struct held *held = LIST_OBJECT(node, struct held, node);
        if (judge)
            input_take_message(own, held->message, held->rejected);
        else
            message_unref(held->message);
        free(held);
    }
    free(hold);
}
