// core/session/access/policy.c: see policy.h.
#include "session/access/policy.h"

#include "ami/event_class.h"
#include "session/access/account.h"
#include "session/access/dial.h"
#include "session/access/functions.h"
#include "session/access/headers.h"
#include "session/access/tied.h"

#define FILTERED "Action Filtered"

/** Puts `message` in place of `*kept`. */
static void policy_replace(struct message **kept, struct message *message)
{
    message_unref(*kept);
    *kept = message;
}

/** Makes a copy of the action with the user's context in its Local channels. */
static void force_context(const struct user_config *user, const struct message *action, struct message **changed)
{
    uint32_t index = 0;
    struct span value;

    while (headers_next(action, "Channel", &index, &value)) {
        if (dial_is_local(value))
            policy_replace(changed, dial_enforce_context(*changed != NULL ? *changed : action, index - 1, value,
                                                         user->out_context));
    }
}

const char *policy_refuse(const struct session *session, const struct message *action, struct message **changed)
{
    const struct user_config *user = session->user;
    const char *fault = NULL;

    *changed = NULL;
    if ((session->write & CLASS_SYSTEM) == 0)
        fault = functions_refuse(action);
    if (fault != NULL || user == NULL)
        return fault;
    if (user->account != NULL && functions_set_account(action))
        return FILTERED;
    if (config_is_tied(user) && !tied_may(session, action))
        return FILTERED;
    bool is_originate = span_is(message_action(action, NULL), "Originate");
    if (is_originate && config_is_tied(user) && user->filterlocal == FILTERLOCAL_ENFORCE && user->out_context != NULL)
        force_context(user, action, changed);
    if (is_originate && user->account != NULL)
        policy_replace(changed, account_force(user, *changed != NULL ? *changed : action));
    return NULL;
}
