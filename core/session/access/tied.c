// core/session/access/tied.c: see tied.h. The headers that the action reads are checked, and so are headers that name a
// channel, device or context in other actions, because releases differ. Only a header that the action reads can make it
// the user's own. An action with two headers of one name is refused, because Asterisk reads the first in most actions
// and releases, but the last in others.
#include "session/access/tied.h"

#include "ami/device.h"
#include "ami/scope.h"
#include "calls/identity.h"
#include "session/access/dial.h"
#include "session/access/functions.h"
#include "session/access/headers.h"
#include "session/access/rights.h"
#include "session/client/set.h"

/** The action that is checked, and its sender. Lives in one call of tied_may(). */
struct request {
    const struct session *session;
    const struct user_config *user;
    const struct message *action;
    const struct action_scope *scope; // NULL: the action is unknown
    struct target target;
    size_t rule; // VIEW_NO_RULE: the user sees all channels
};

// --- channels ---------------------------------------------------------------------------------------------------

typedef bool ask_calls(const struct calls *calls, size_t rule, struct span server, struct span channel);

/** Does `ask` answer true for the channel on each server to which the action goes? */
static bool holds_there(const struct request *request, struct span channel, ask_calls *ask)
{
    const struct servers_state *state = request->session->sessions->state;
    const struct calls *calls = request->session->sessions->verdicts.calls;
    bool holds = true;

    if (request->rule == VIEW_NO_RULE)
        return true;
    if (!request->target.all && request->target.server.length == 0)
        return ask(calls, request->rule, (struct span){" ", 1}, channel); // none is up: a name that no server has
    if (!request->target.all)
        return ask(calls, request->rule, request->target.server, channel);
    for (uint32_t i = 0; i < state->count && holds; i++)
        holds = !state->servers[i].up || ask(calls, request->rule, span_of(state->servers[i].name), channel);
    return holds;
}

static bool may_touch(const struct request *request, struct span channel)
{
    return holds_there(request, channel, calls_may_touch);
}

/** Is it a CLI command about one channel of the user's own? */
static bool may_command(const struct request *request, struct span command)
{
    static const char *const forms[] = {"core show channel ", "channel request hangup ", "hangup request ", NULL};

    for (const char *const *form = forms; *form != NULL; form++) {
        if (!text_begins(command, *form))
            continue;
        struct span rest = {command.bytes + strlen(*form), command.length - strlen(*form)};
        for (size_t i = 0; i < rest.length; i++) {
            if ((unsigned char)rest.bytes[i] <= ' ' || strchr("\"\\", rest.bytes[i]) != NULL)
                return false; // the CLI would split or unquote the text
        }
        return rest.length > 0 && request->rule != VIEW_NO_RULE && may_touch(request, rest);
    }
    return false;
}

// --- UserEvent --------------------------------------------------------------------------------------------------

/** Is it empty or one of the user's own contexts, so that an event with it is not shown to other tied users? */
static bool is_own_context(const struct user_config *user, struct span context)
{
    return context.length == 0 || (user->in_context != NULL && span_equals(context, span_of(user->in_context))) ||
           (user->out_context != NULL && span_equals(context, span_of(user->out_context)));
}

/** Does it name no tenant but the user's own? */
static bool is_own_tenant(const struct user_config *user, const struct identity *identity)
{
    return identity->tenant.length == 0 ||
           (user->tenant != NULL && !identity->tenants_differ && span_equals(identity->tenant, span_of(user->tenant)));
}

/** Would this header make the event look like another one? */
static bool is_head_of_event(struct span header)
{
    static const char *const names[] = {"Event", "Response", "Privilege", "Timestamp", "SystemName", NULL};

    for (const char *const *name = names; *name != NULL; name++) {
        if (span_is(header, *name))
            return true;
    }
    return false;
}

/** May the user send this UserEvent? The channels and devices that an event names decide who sees it, so it may only
 *  name the sender's own. */
static bool may_tell(const struct request *request)
{
    struct identity identity;
    struct span name, value;

    for (uint32_t i = 0; i < request->action->header_count; i++) {
        message_header(request->action, i, &name, &value);
        if (is_head_of_event(name))
            return false;
    }
    identity_read(request->action, &identity);
    if (identity.too_many || identity.bridge_count > 0 || !is_own_context(request->user, identity.context) ||
        !is_own_tenant(request->user, &identity))
        return false;
    for (uint32_t i = 0; i < identity.channel_count; i++) {
        const struct named_channel *channel = &identity.channels[i];
        if ((channel->name.length > 0 && !may_touch(request, channel->name)) ||
            (channel->unique_id.length > 0 && !may_touch(request, channel->unique_id)) ||
            (channel->linked_id.length > 0 && !may_touch(request, channel->linked_id)) ||
            !is_own_context(request->user, channel->context))
            return false;
    }
    for (uint32_t i = 0; i < identity.device_count; i++) {
        if (request->user->channel == NULL ||
            !device_entry_lists(device_entry_of(request->user->channel), identity.technology, identity.devices[i]))
            return false;
    }
    return true;
}

/** May a user without `channel` name any device? Not if they see only some calls. */
static bool has_all_devices(const struct user_config *user)
{
    return user->write_given || !config_has_call_rule(user);
}

/** May the user name this device as a queue's member? A Local channel leads into a context, so that
 *  must be the user's. */
static bool may_name_device(const struct user_config *user, struct span device)
{
    if (!dial_stays(user, device))
        return false;
    return user->channel != NULL ? dial_is_own(user, device) : has_all_devices(user) && dial_is_plain(device);
}

/** May the user name this peer? A name without technology has that of the action. */
static bool may_name_peer(const struct request *request, struct span peer)
{
    static const char *const technologies[] = {"PJSIP", "SIP"};
    struct span action = message_action(request->action, NULL), technology = {0};

    if (request->user->channel == NULL)
        return has_all_devices(request->user);
    for (size_t i = 0; i < 2 && technology.length == 0; i++) {
        if (text_begins(action, technologies[i]))
            technology = span_of(technologies[i]);
    }
    return device_entry_lists(device_entry_of(request->user->channel), technology, peer);
}

/** May the user name this channel or device? Park dials it later, up to its last `-`, be there such a channel or not
 *  (main/channel.c: ast_channel_name_to_dial_string). */
static bool may_ring(const struct request *request, struct span value)
{
    const struct user_config *user = request->user;
    const char *end = memrchr(value.bytes, '-', value.length);
    struct span dialled = {value.bytes, end == NULL ? value.length : (size_t)(end - value.bytes)};

    if (!dial_is_plain(value) || !dial_stays(user, dialled))
        return false;
    if (user->channel != NULL && dial_is_own(user, dialled))
        return true;
    return may_touch(request, value) && (user->channel == NULL || !dial_is_own(user, value));
}

// --- one header -------------------------------------------------------------------------------------------------

static bool may_name(const struct request *request, enum naming naming, struct span value)
{
    const struct user_config *user = request->user;

    switch (naming) {
    case NAMING_CHANNEL:
        return may_touch(request, value);
    case NAMING_BEGINNING:
        return holds_there(request, value, calls_sees_channel);
    case NAMING_DIAL:
        return dial_may(user, value);
    case NAMING_DEVICE:
        return may_name_device(user, value);
    case NAMING_EITHER:
        return may_ring(request, value);
    case NAMING_PEER:
        return may_name_peer(request, value);
    case NAMING_ANYONE:
        return user->channel == NULL && has_all_devices(user);
    case NAMING_CONTEXT:
    case NAMING_TARGET:
        return user->out_context == NULL || span_equals(value, span_of(user->out_context));
    case NAMING_EXTENSION: // the first `@` begins the context, a `/` ends it
        return user->out_context == NULL || !text_has_any(value, "@/");
    case NAMING_ASSIGNMENTS:
        return functions_may_assign(user, value);
    case NAMING_SET:
        return functions_may_set(user, value);
    case NAMING_GET:
        return functions_may_get(user, value);
    case NAMING_GETS:
        return functions_may_get_all(user, value);
    case NAMING_COMMAND:
        return may_command(request, value);
    case NAMING_EVENT:
        return may_tell(request);
    case NAMING_GRANTED:
        return user->write_given;
    case NAMING_REFUSED:
        break;
    }
    return false;
}

/** Finds what a header names that the action is not known to read. Some release, module or script may read it.
 *  @return false: nothing */
static bool names_anyway(struct span header, enum naming *naming)
{
    static const struct named_header known[] = {
        {"Channel1", NAMING_CHANNEL},       {"Channel2", NAMING_CHANNEL},
        {"Caller", NAMING_CHANNEL},         {"Interface", NAMING_DEVICE},
        {"StateInterface", NAMING_DEVICE},  {"Context", NAMING_CONTEXT},
        {"ExtraContext", NAMING_CONTEXT},   {"Variable", NAMING_ASSIGNMENTS},
        {"Variables", NAMING_GETS},         {"ChannelId", NAMING_REFUSED},
        {"OtherChannelId", NAMING_REFUSED}, {"PreDialGoSub", NAMING_REFUSED},
        {"ChannelPrefix", NAMING_REFUSED},  {"Peer", NAMING_PEER},
        {"Endpoint", NAMING_PEER},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        *naming = known[i].naming;
        if (span_is(header, known[i].name))
            return true;
    }
    *naming = NAMING_CHANNEL;
    return text_ends(header, "Channel") || text_ends(header, "Chan");
}

static bool may_have(const struct request *request, uint32_t index)
{
    struct span name, value;
    enum naming naming;

    message_header(request->action, index, &name, &value);
    const struct named_header *header = scope_header(request->scope, name);
    if (header == NULL)
        return value.length == 0 || !names_anyway(name, &naming) || may_name(request, naming, value);
    for (uint32_t i = 0; i < index && header->naming != NAMING_ASSIGNMENTS; i++) {
        struct span other, ignored;
        message_header(request->action, i, &other, &ignored);
        if (span_equals_nocase(other, name))
            return false;
    }
    return value.length == 0 || may_name(request, header->naming, value);
}

// --- the action -------------------------------------------------------------------------------------------------

/** Are the required headers present: the one that makes the action the user's own, and each context for which Asterisk
 *  would otherwise choose one? */
static bool has_what_it_needs(const struct request *request)
{
    for (const struct named_header *header = request->scope->headers; header->name != NULL; header++) {
        bool is_key = header == request->scope->headers && request->scope->scope == SCOPE_OWN;
        bool is_target = header->naming == NAMING_TARGET && request->user->out_context != NULL;
        if ((is_key || is_target) && !headers_have(request->action, header->name))
            return false;
    }
    return true;
}

static bool may_do(const struct request *request)
{
    switch (request->scope == NULL ? SCOPE_NOBODYS : request->scope->scope) {
    case SCOPE_ALL:
    case SCOPE_OWN:
        return true;
    case SCOPE_LISTS:
        return request->user->write_given || request->user->lists_given;
    case SCOPE_NOBODYS:
        return request->user->write_given;
    case SCOPE_NEVER:
        break;
    }
    return false;
}

bool tied_may(const struct session *session, const struct message *action)
{
    struct request request = {
        .session = session,
        .user = session->user,
        .action = action,
        .scope = scope_find(message_action(action, NULL)),
        .target = rights_target(session, action),
        .rule = session->view == NULL ? VIEW_NO_RULE : session->view->rule,
    };

    if (request.rule == VIEW_NO_RULE && config_has_call_rule(session->user))
        return false; // the view that knows the user's channels is missing
    if (!may_do(&request) || (request.scope != NULL && !has_what_it_needs(&request)))
        return false;
    for (uint32_t i = 0; i < action->header_count; i++) {
        if (!may_have(&request, i))
            return false;
    }
    return true;
}
