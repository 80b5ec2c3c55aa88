// core/session/access/policy.c: see policy.h.
#include "session/access/policy.h"

#include "ami/event_class.h"
#include "session/access/dial.h"
#include "session/access/functions.h"
#include "session/access/headers.h"
#include "session/access/tied.h"

#define FILTERED "Action Filtered"

// --- the account ------------------------------------------------------------------------------------------------

static bool ends_in_account_code(struct span name)
{
    static const char *const words[] = {"AccountCode", "PeerAccount"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (text_ends(name, words[i]))
            return true;
    }
    return span_is(name, "Account");
}

/** Puts `message` in place of `*kept`. */
static void policy_replace(struct message **kept, struct message *message)
{
    message_unref(*kept);
    *kept = message;
}

struct message *policy_show(const struct user_config *user, const struct message *message)
{
    struct message *changed = NULL;
    struct span name, value;

    if (user == NULL || user->account == NULL || !message->from_server)
        return NULL;
    struct span account = span_of(user->account);
    for (uint32_t i = 1; i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if (value.length > 0 && ends_in_account_code(name) && !span_equals(value, account))
            policy_replace(&changed, message_with_value(changed != NULL ? changed : message, i, account));
    }
    return changed;
}

/** Makes a copy of the action with the user's account as its only account code. */
static void force_account(const struct user_config *user, const struct message *action, struct message **changed)
{
    struct message_builder builder;
    struct span name, value;

    message_builder_init(&builder);
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        if (name.length == 0)
            message_add_line(&builder, value);
        else if (!ends_in_account_code(name))
            message_add(&builder, name, value);
    }
    message_addf(&builder, "Account", "%s", user->account);
    policy_replace(changed, message_build(&builder));
}

// --- the order of judgement -------------------------------------------------------------------------------------

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
    bool is_originate = span_is(message_action(action, NULL), "Originate");
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
    if (is_originate && config_is_tied(user) && user->filterlocal == FILTERLOCAL_ENFORCE && user->out_context != NULL)
        force_context(user, action, changed);
    if (is_originate && user->account != NULL)
        force_account(user, *changed != NULL ? *changed : action, changed);
    return NULL;
}
