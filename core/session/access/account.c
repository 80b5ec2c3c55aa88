// core/session/access/account.c: see account.h.
#include "session/access/account.h"

#include "session/access/headers.h"

static bool account_is_in(struct span name)
{
    static const char *const words[] = {"AccountCode", "PeerAccount"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (text_ends(name, words[i]))
            return true;
    }
    return span_is(name, "Account");
}

struct message *account_show(const struct user_config *user, const struct message *message)
{
    struct message *changed = NULL;
    struct span name, value;

    if (user == NULL || user->account == NULL || !message->from_server)
        return NULL;
    struct span account = span_of(user->account);
    for (uint32_t i = 1; i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if (value.length > 0 && account_is_in(name) && !span_equals(value, account)) {
            struct message *copy = message_with_value(changed != NULL ? changed : message, i, account);
            message_unref(changed);
            changed = copy;
        }
    }
    return changed;
}

struct message *account_force(const struct user_config *user, const struct message *action)
{
    struct message_builder builder;
    struct span name, value;

    message_builder_init(&builder);
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        if (!account_is_in(name))
            message_add_copy(&builder, action, i);
    }
    message_addf(&builder, "Account", "%s", user->account);
    return message_build(&builder);
}
