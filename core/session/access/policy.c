// core/session/access/policy.c: see policy.h. Every occurrence of a header is judged, since which one Asterisk takes
// depends on header and release.
#include "session/access/policy.h"

#include "ami/catalogue.h"
#include "ami/device.h"
#include "ami/event_class.h"
#include "base/memory.h"
#include "session/access/functions.h"
#include "session/access/headers.h"
#include "session/connection/set.h"

#include <stdlib.h>

#define FILTERED "Action Filtered"
#define LOCAL "Local/"

// --- the account ------------------------------------------------------------------------------------------------

static bool ends_in_account_code(struct span name)
{
    static const char *const words[] = {"AccountCode", "PeerAccount"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if (name.length >= length && strncasecmp(name.bytes + name.length - length, words[i], length) == 0)
            return true;
    }
    return span_is(name, "Account");
}

/** Puts `message` in place of `*kept`. */
static void take(struct message **kept, struct message *message)
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
            take(&changed, message_with_value(changed != NULL ? changed : message, i, account));
    }
    return changed;
}

/** The action with the user's account in it, and no other. */
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
    take(changed, message_build(&builder));
}

// --- contexts and Local channels --------------------------------------------------------------------------------

/** Is it the user's own device, or has he none that he is held to? */
static bool is_own_device(const struct user_config *user, struct span device)
{
    return user->channel == NULL || device_entry_is(device_entry_of(user->channel), device);
}

/** The dial string with the user's context in it. */
static struct message *enforce_context(const struct message *action, uint32_t index, struct span dial,
                                       const char *context)
{
    struct span old = device_local_context(dial);
    size_t options = strlen(LOCAL);
    char *text = memory_new(dial.length + strlen(context) + 2), *to = text;
    struct message *changed;

    if (old.bytes != NULL) {
        options = (size_t)(old.bytes - dial.bytes) + old.length;
        to = mempcpy(to, dial.bytes, (size_t)(old.bytes - dial.bytes) - 1);
    } else {
        while (options < dial.length && dial.bytes[options] != '/')
            options++;
        to = mempcpy(to, dial.bytes, options);
    }
    *to++ = '@';
    to = mempcpy(to, context, strlen(context));
    to = mempcpy(to, dial.bytes + options, dial.length - options);
    changed = message_with_value(action, index, (struct span){text, (size_t)(to - text)});
    free(text);
    return changed;
}

/** May he originate to `Local/…`? */
static bool may_dial_local(const struct user_config *user, struct span dial)
{
    switch (user->filterlocal) {
    case FILTERLOCAL_ALLOW:
        return true;
    case FILTERLOCAL_ENFORCE:
        return user->out_context != NULL; // it will be made so
    case FILTERLOCAL_ALLOWWITH:
        return user->out_context != NULL && span_equals(device_local_context(dial), span_of(user->out_context));
    case FILTERLOCAL_OFF:
        break;
    }
    if (!is_own_device(user, dial))
        return false;
    return user->out_context == NULL || span_equals(device_local_context(dial), span_of(user->out_context));
}

/** The channel that an Originate makes. */
static bool may_dial(const struct user_config *user, struct span dial)
{
    if (memchr(dial.bytes, '&', dial.length) != NULL)
        return false;
    if (begins(dial, LOCAL))
        return may_dial_local(user, dial);
    return is_own_device(user, dial);
}

static bool has_foreign_context(const struct user_config *user, const struct message *action)
{
    static const char *const headers[] = {"Context", "ExtraContext", NULL};
    struct span value;

    for (const char *const *header = headers; user->out_context != NULL && *header != NULL; header++) {
        uint32_t index = 0;
        while (headers_next(action, *header, &index, &value)) {
            if (!span_equals(value, span_of(user->out_context)))
                return true;
        }
    }
    return false;
}

static const char *check_originate(const struct user_config *user, const struct message *action,
                                   struct message **changed)
{
    uint32_t index = 0;
    struct span value;

    if (headers_have(action, "Application") || headers_have(action, "PreDialGoSub"))
        return FILTERED; // these may do anything, in any context
    if (user->out_context != NULL && !headers_have(action, "Context"))
        return FILTERED;
    while (headers_next(action, "Channel", &index, &value)) {
        if (!may_dial(user, value))
            return FILTERED;
        if (user->filterlocal == FILTERLOCAL_ENFORCE && user->out_context != NULL && begins(value, LOCAL)) {
            struct message *made =
                enforce_context(*changed != NULL ? *changed : action, index - 1, value, user->out_context);
            take(changed, made);
        }
    }
    return NULL;
}

// --- channels that are there ------------------------------------------------------------------------------------

/** What an action says of channels. */
enum naming { NAMES_NONE, NAMES_OWN, NAMES_FOREIGN };

static enum naming more(enum naming so_far, bool own)
{
    return !own || so_far == NAMES_FOREIGN ? NAMES_FOREIGN : NAMES_OWN;
}

static bool names_channel(struct span header)
{
    size_t length = header.length;

    return (length >= 7 && strncasecmp(header.bytes + length - 7, "Channel", 7) == 0) || span_is(header, "Channel1") ||
           span_is(header, "Channel2") || span_is(header, "Caller");
}

static enum naming naming_of(const struct session *session, const struct message *action, bool is_originate)
{
    const struct view *view = session->view;
    const struct user_config *user = session->user;
    enum naming naming = NAMES_NONE;
    struct span header, value, server;

    message_find(action, "Server", &server);
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &header, &value);
        if (value.length == 0)
            continue;
        if (names_channel(header))
            naming = more(naming, is_originate ||
                                      calls_may_touch(session->sessions->verdicts.calls, view->rule, server, value));
        else if (span_is(header, "Interface") || span_is(header, "StateInterface"))
            naming = more(naming, is_own_device(user, value));
    }
    return naming;
}

/** A CLI command about one channel, which its user sees. */
static bool may_command(const struct session *session, const struct message *action)
{
    static const char *const forms[] = {"core show channel ", "channel request hangup ", "hangup request ", NULL};
    struct span command;

    if (!message_find(action, "Command", &command))
        return false;
    for (const char *const *form = forms; *form != NULL; form++) {
        struct span rest = {command.bytes + strlen(*form), command.length - strlen(*form)};
        if (begins(command, *form) && rest.length > 0 && memchr(rest.bytes, ' ', rest.length) == NULL)
            return calls_may_touch(session->sessions->verdicts.calls, session->view->rule, (struct span){0}, rest);
    }
    return false;
}

/** Of users who see some calls only. */
static const char *check_calls(const struct session *session, const struct message *action, struct span name)
{
    const struct action_info *info = catalogue_find(name);
    bool is_originate = span_is(name, "Originate");
    enum naming naming = naming_of(session, action, is_originate);

    if (naming == NAMES_FOREIGN)
        return FILTERED;
    if (span_is(name, "Command"))
        return may_command(session, action) ? NULL : FILTERED;
    if ((span_is(name, "Getvar") || span_is(name, "Setvar")) && naming == NAMES_NONE)
        return FILTERED; // a global one
    if (naming == NAMES_OWN || session->user->write_given || span_is(name, "UserEvent"))
        return NULL;
    return info == NULL || info->effect == EFFECT_CHANGES || info->sensitive ? FILTERED : NULL;
}

const char *policy_refuse(const struct session *session, const struct message *action, struct message **changed)
{
    const struct user_config *user = session->user;
    struct span name = message_action(action, NULL);
    bool is_originate = span_is(name, "Originate");
    const char *fault = NULL;

    *changed = NULL;
    if ((session->write & CLASS_SYSTEM) == 0)
        fault = functions_refuse(action);
    if (fault != NULL || user == NULL)
        return fault;
    if (has_foreign_context(user, action) || functions_are_forbidden(user, action))
        return FILTERED;
    if (config_is_tied(user) && is_originate)
        fault = check_originate(user, action, changed);
    if (fault == NULL && session->view != NULL && session->view->rule != VIEW_NO_RULE)
        fault = check_calls(session, action, name);
    if (fault == NULL && is_originate && user->account != NULL)
        force_account(user, *changed != NULL ? *changed : action, changed);
    if (fault != NULL)
        take(changed, NULL);
    return fault;
}
