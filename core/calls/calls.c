// core/calls/calls.c: see calls.h. A message first updates the channels, then it is judged.
#include "ami/event_class.h"
#include "base/memory.h"
#include "calls/inside.h"

#include <stdlib.h>
#include <strings.h>

struct calls *calls_create(const struct call_rule *rules, size_t count)
{
    struct calls *calls = memory_zero(1, sizeof *calls);

    map_init(&calls->ids, false);
    map_init(&calls->names, true); // without case, as Asterisk finds channels
    map_init(&calls->links, false);
    map_init(&calls->bridges, false);
    rules_take(calls, rules, count);
    return calls;
}

void calls_begin(struct calls *calls)
{
    for (size_t i = 0; i < calls->reveal_count; i++) {
        message_unref(calls->reveals[i].message);
        free(calls->reveals[i].bits);
    }
    calls->reveal_count = 0;
}

void calls_destroy(struct calls *calls)
{
    if (calls == NULL)
        return;
    calls_begin(calls);
    bridges_free_all(calls);
    channels_free_all(calls);
    rules_free(calls);
    map_fini(&calls->ids);
    map_fini(&calls->names);
    map_fini(&calls->links);
    map_fini(&calls->bridges);
    for (uint32_t i = 0; i < calls->server_count; i++)
        free(calls->servers[i].name);
    free(calls->servers);
    free(calls->reveals);
    free(calls);
}

void calls_add_reveal(struct calls *calls, struct message *message, const uint64_t *bits)
{
    if (message == NULL)
        return;
    if (calls->reveal_count == calls->reveal_capacity) {
        calls->reveal_capacity = calls->reveal_capacity * 2 + 8;
        calls->reveals = memory_grow(calls->reveals, calls->reveal_capacity * sizeof *calls->reveals);
    }
    struct reveal *reveal = &calls->reveals[calls->reveal_count++];
    reveal->message = message_ref(message);
    reveal->bits = bits_new(calls);
    bits_copy(calls, reveal->bits, bits);
}

/** Returns the index of a server; server_count: it is not known (yet). */
static uint32_t calls_find_server(const struct calls *calls, struct span name)
{
    uint32_t i = 0;

    while (i < calls->server_count && !span_is(name, calls->servers[i].name))
        i++;
    return i;
}

uint32_t calls_server(struct calls *calls, struct span name)
{
    uint32_t place = calls_find_server(calls, name);

    if (place == calls->server_count) {
        calls->servers = memory_grow(calls->servers, (place + 1) * sizeof *calls->servers);
        calls->servers[calls->server_count++] =
            (struct known_server){.name = memory_text_of(name.bytes != NULL ? name.bytes : "", name.length)};
    }
    return place;
}

// --- judging ----------------------------------------------------------------------------------------------------

/** Judges a named channel that is not known. */
static void calls_judge_unknown(struct calls *calls, uint32_t server, const struct named_channel *named)
{
    const struct call *call = channels_find_call(calls, server, named->linked_id);
    struct span tenant = named->tenant;

    if (tenant.length == 0 && call != NULL)
        tenant = span_of(call->tenant);
    rules_match(calls, named->name, named->context, named->tenant, calls->scratch);
    if (call != NULL)
        bits_add(calls, calls->scratch, call->owners);
    rules_veto_tenant(calls, tenant, calls->scratch);
    bits_keep(calls, calls->verdict, calls->scratch);
}

static void calls_judge_bridges(struct calls *calls, uint32_t server)
{
    for (uint32_t i = 0; i < calls->identity.bridge_count; i++) {
        const struct bridge *bridge = bridges_find(calls, server, calls->identity.bridges[i].unique_id);
        if (bridge != NULL)
            bits_keep(calls, calls->verdict, bridge->seen);
        else
            bits_clear(calls, calls->verdict);
    }
}

/** Judges a message that names no channel and no bridge. */
static void calls_judge_rest(struct calls *calls)
{
    const struct identity *identity = &calls->identity;

    bits_copy(calls, calls->verdict, calls->more_events);
    for (uint32_t i = 0; i < identity->device_count; i++)
        rules_match_device(calls, identity->technology, identity->devices[i], calls->verdict);
    rules_of_context(calls, identity->context, calls->verdict);
    if (identity->tenant.length > 0)
        rules_match_tenant(calls, identity->tenant, calls->verdict);
}

/** Decides who sees the current message. @param channels  the channels that it names; NULL for one that is not known */
static void calls_judge(struct calls *calls, uint32_t server, struct channel *const *channels)
{
    const struct identity *identity = &calls->identity;
    bool names_nothing = identity->channel_count == 0 && identity->bridge_count == 0;

    bits_fill(calls, calls->verdict);
    if (identity->too_many)
        bits_clear(calls, calls->verdict);
    for (uint32_t i = 0; i < identity->channel_count; i++) {
        if (channels[i] != NULL)
            bits_keep(calls, calls->verdict, channels[i]->seen);
        else
            calls_judge_unknown(calls, server, &identity->channels[i]);
    }
    if (identity->channel_count == 0)
        calls_judge_bridges(calls, server);
    if (names_nothing && !identity->too_many)
        calls_judge_rest(calls);
    rules_veto(calls, identity->context, calls->verdict);
    tenants_veto_message(calls, calls->verdict);
    bits_copy(calls, calls->verdict_own, calls->verdict);
    if (names_nothing && identity->device_count == 0) {
        bits_fill(calls, calls->verdict_own);
        rules_veto(calls, identity->context, calls->verdict_own);
        tenants_veto_message(calls, calls->verdict_own);
    }
}

static bool is_too_long(const struct named_channel *named)
{
    return named->name.length > NAME_LENGTH || named->unique_id.length > NAME_LENGTH ||
           named->linked_id.length > NAME_LENGTH || named->context.length > NAME_LENGTH ||
           named->tenant.length > NAME_LENGTH;
}

/** May the event update the channels? */
static bool calls_may_update(const struct message *message, struct span event)
{
    return message->from_server && message->kind == MESSAGE_EVENT && !event_is_user_event(event);
}

void calls_observe(struct calls *calls, struct message *message, uint64_t now_ms)
{
    struct identity *identity = &calls->identity;
    struct span event = message_name(message);
    struct channel *channels[IDENTITY_CHANNELS] = {NULL};

    calls_begin(calls);
    identity_read(message, identity);
    for (uint32_t i = 0; i < identity->channel_count; i++)
        identity->too_many = identity->too_many || is_too_long(&identity->channels[i]);
    if (!calls_may_update(message, event) || identity->too_many) {
        calls_look(calls, message);
        return;
    }
    uint32_t server = calls_server(calls, identity->server);
    enum update update = learn_before(calls, server, message, channels);
    calls_judge(calls, server, channels);
    learn_after(calls, server, update, channels[0], message, now_ms);
    channels_purge(calls, now_ms);
}

void calls_look(struct calls *calls, const struct message *message)
{
    struct identity *identity = &calls->identity;
    struct channel *channels[IDENTITY_CHANNELS] = {NULL};

    calls_begin(calls);
    identity_read(message, identity);
    uint32_t server = calls_find_server(calls, identity->server);
    for (uint32_t i = 0; i < identity->channel_count; i++)
        channels[i] = learn_find(calls, server, &identity->channels[i]);
    calls_judge(calls, server, channels);
}

bool calls_sees(const struct calls *calls, size_t rule, bool own)
{
    return bits_has(own ? calls->verdict_own : calls->verdict, rule);
}

bool calls_names_channel(const struct calls *calls)
{
    return calls->identity.channel_count > 0;
}

size_t calls_revealed(const struct calls *calls)
{
    return calls->reveal_count;
}

/** Has the message another context or tenant than the rule? */
static bool is_foreign(const struct calls *calls, size_t rule, const struct message *message)
{
    const struct call_rule *own = &calls->rules[rule];
    struct identity identity;

    if (own->in_context == NULL && own->tenant == NULL)
        return false;
    identity_read(message, &identity);
    if (own->in_context != NULL && identity.context.length > 0 &&
        !span_equals(identity.context, span_of(own->in_context)))
        return true;
    return own->tenant != NULL && identity.tenant.length > 0 &&
           (identity.tenants_differ || !span_equals(identity.tenant, span_of(own->tenant)));
}

struct message *calls_reveal(const struct calls *calls, size_t index, size_t rule)
{
    const struct reveal *reveal = &calls->reveals[index];

    return bits_has(reveal->bits, rule) && !is_foreign(calls, rule, reveal->message) ? reveal->message : NULL;
}

// --- questions --------------------------------------------------------------------------------------------------

static bool is_seen_at(const struct calls *calls, size_t rule, uint32_t server, struct span text)
{
    const struct channel *channel = channels_find_name(calls, server, text);

    if (channel == NULL)
        channel = channels_find_id(calls, server, text); // Asterisk accepts name or Uniqueid
    return channel != NULL && !channel->ended && bits_has(channel->seen, rule);
}

bool calls_may_touch(const struct calls *calls, size_t rule, struct span server, struct span channel)
{
    const struct call_rule *own = &calls->rules[rule];

    if (own->channel != NULL && own->tenant == NULL && device_entry_has_channel(calls->entries[rule], channel))
        return true;
    for (uint32_t i = 0; i < calls->server_count; i++) {
        if ((server.length == 0 || span_is(server, calls->servers[i].name)) && is_seen_at(calls, rule, i, channel))
            return true;
    }
    return false;
}

/** Does the rule see every live channel of the server whose name begins like this? */
static bool sees_all_named(const struct calls *calls, size_t rule, uint32_t server, struct span beginning)
{
    for (const struct channel *channel = OLDEST_CHANNEL(&calls->live); channel != NULL;
         channel = NEWER_CHANNEL(channel)) {
        if (channel->server == server && !bits_has(channel->seen, rule) && channel->name != NULL &&
            strncasecmp(channel->name, beginning.bytes, beginning.length) == 0)
            return false;
    }
    return true;
}

bool calls_sees_channel(const struct calls *calls, size_t rule, struct span server, struct span name)
{
    const uint32_t at = calls_find_server(calls, server);
    const struct channel *channel = channels_find_name(calls, at, name);

    return channel != NULL && !channel->ended && bits_has(channel->seen, rule) && sees_all_named(calls, rule, at, name);
}

void calls_snapshot(const struct calls *calls, size_t rule, void (*each)(void *context, struct message *message),
                    void *context)
{
    for (const struct channel *channel = OLDEST_CHANNEL(&calls->live); channel != NULL;
         channel = NEWER_CHANNEL(channel)) {
        struct message *const messages[] = {channel->created, channel->state};
        if (rule != CALLS_ANY && !bits_has(channel->seen, rule))
            continue;
        for (size_t i = 0; i < 2; i++) {
            if (messages[i] != NULL && (rule == CALLS_ANY || !is_foreign(calls, rule, messages[i])))
                each(context, messages[i]);
        }
    }
}

size_t calls_count(const struct calls *calls)
{
    return calls->ids.count;
}
