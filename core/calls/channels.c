// core/calls/channels.c: channels from Newchannel until some time after Hangup, and the calls that they form.
#include "base/memory.h"
#include "calls/inside.h"

#include <stddef.h>
#include <stdlib.h>

#define ENDED_MS (10 * 60 * 1000) // a Cdr may come late (cdr.conf: batch mode, five minutes)
#define ENDED_COUNT 10000

#define CHANNEL_OF(node, field) LIST_OBJECT(node, struct channel, field)

struct channel *channels_find_id(const struct calls *calls, uint32_t server, struct span id)
{
    struct map_node *node = map_find(&calls->ids, server, id);

    return node == NULL ? NULL : CHANNEL_OF(node, by_id);
}

struct channel *channels_find_name(const struct calls *calls, uint32_t server, struct span name)
{
    struct map_node *node = map_find(&calls->names, server, name);

    return node == NULL ? NULL : CHANNEL_OF(node, by_name);
}

struct call *channels_find_call(const struct calls *calls, uint32_t server, struct span linked_id)
{
    struct map_node *node = map_find(&calls->links, server, linked_id);

    return node == NULL ? NULL : ((struct link *)(void *)((char *)node - offsetof(struct link, node)))->call;
}

// --- who sees what ----------------------------------------------------------------------------------------------

/** Makes the channel visible to the rules in `bits`. Its earlier messages are revealed to those that did not see it. */
static void channels_see(struct calls *calls, struct channel *channel, const uint64_t *bits)
{
    bits_copy(calls, calls->fresh, bits);
    bits_take(calls, calls->fresh, channel->seen);
    if (!bits_any(calls, calls->fresh))
        return;
    if (calls->has_tenants) {
        rules_veto_tenant(calls, tenants_of(channel), calls->fresh);
        if (!bits_any(calls, calls->fresh))
            return;
    }
    bits_add(calls, channel->seen, calls->fresh);
    calls_add_reveal(calls, channel->created, calls->fresh);
    calls_add_reveal(calls, channel->state, calls->fresh);
    if (channel->bridge != NULL)
        bridges_see(calls, channel->bridge, channel->seen);
}

void channels_see_all(struct calls *calls, const struct call *call)
{
    for (struct channel *channel = FIRST_OF_CALL(call); channel != NULL; channel = NEXT_OF_CALL(channel)) {
        if (!channel->ended)
            channels_see(calls, channel, call->owners);
    }
}

void channels_judge(struct calls *calls, struct channel *channel, struct span context)
{
    struct call *call = channel->call;

    rules_match(calls, span_of(channel->name), context, span_of(channel->tenant), calls->scratch);
    bits_take(calls, calls->scratch, channel->own);
    if (!bits_any(calls, calls->scratch))
        return;
    bits_add(calls, channel->own, calls->scratch);
    bits_take(calls, calls->scratch, call->owners);
    if (bits_any(calls, calls->scratch)) {
        bits_add(calls, call->owners, calls->scratch);
        channels_see_all(calls, call);
    }
    channels_see(calls, channel, channel->own);
}

void channels_count_owners(struct calls *calls, struct call *call)
{
    bits_clear(calls, call->owners);
    for (const struct channel *channel = FIRST_OF_CALL(call); channel != NULL; channel = NEXT_OF_CALL(channel)) {
        if (!channel->ended)
            bits_add(calls, call->owners, channel->own);
    }
}

void channels_disown(struct calls *calls, struct channel *channel)
{
    if (channel->ended || !bits_any(calls, channel->own))
        return;
    rules_keep_named(calls, span_of(channel->name), channel->own);
    channels_count_owners(calls, channel->call);
}

// --- calls ------------------------------------------------------------------------------------------------------

static void channels_enter_call(struct call *call, struct channel *channel)
{
    channel->call = call;
    list_add_last(&call->channels, &channel->of_call);
}

static void channels_free_call(struct calls *calls, struct call *call)
{
    struct link *next;

    for (struct link *link = call->links; link != NULL; link = next) {
        next = link->next;
        map_remove(&calls->links, &link->node);
        free(link);
    }
    free(call->owners);
    free(call->tenant);
    free(call);
}

static void channels_leave_call(struct calls *calls, struct channel *channel)
{
    struct call *call = channel->call;

    list_remove(&call->channels, &channel->of_call);
    if (call->channels.first == NULL)
        channels_free_call(calls, call);
}

static void channels_merge(struct calls *calls, struct call *into, struct call *gone)
{
    struct link **end = &into->links;

    if (into == gone)
        return;
    for (struct link *link = gone->links; link != NULL; link = link->next)
        link->call = into;
    while (*end != NULL)
        end = &(*end)->next;
    *end = gone->links;
    gone->links = NULL;
    for (struct channel *channel; (channel = FIRST_OF_CALL(gone)) != NULL;) {
        list_remove(&gone->channels, &channel->of_call);
        channels_enter_call(into, channel);
    }
    bits_add(calls, into->owners, gone->owners);
    tenants_merge(calls, into, gone);
    channels_free_call(calls, gone);
    channels_see_all(calls, into);
}

void channels_link(struct calls *calls, struct channel *channel, struct span linked_id)
{
    struct call *known;
    struct link *link;

    if (linked_id.length == 0)
        return;
    known = channels_find_call(calls, channel->server, linked_id);
    if (known != NULL) {
        channels_merge(calls, known, channel->call);
        return;
    }
    link = memory_zero(1, sizeof *link + linked_id.length + 1);
    memcpy(link->text, linked_id.bytes, linked_id.length);
    link->call = channel->call;
    link->next = channel->call->links;
    channel->call->links = link;
    map_add(&calls->links, &link->node, channel->server, (struct span){link->text, linked_id.length});
}

void channels_join(struct calls *calls, struct channel *channel, struct channel *other)
{
    channels_merge(calls, channel->call, other->call);
}

// --- channels ---------------------------------------------------------------------------------------------------

struct channel *channels_create(struct calls *calls, uint32_t server, struct span id, struct span name)
{
    struct channel *channel = memory_zero(1, sizeof *channel);
    struct call *call = memory_zero(1, sizeof *call);

    call->owners = bits_new(calls);
    channel->server = server;
    channel->id = memory_text_of(id.bytes, id.length);
    channel->name = memory_text_of(name.bytes != NULL ? name.bytes : "", name.length);
    channel->own = memory_zero(2 * calls->words + 1, sizeof(uint64_t));
    channel->seen = channel->own + calls->words;
    channels_enter_call(call, channel);
    list_add_last(&calls->live, &channel->by_age);
    map_add(&calls->ids, &channel->by_id, server, (struct span){channel->id, id.length});
    if (name.length > 0)
        map_add(&calls->names, &channel->by_name, server, (struct span){channel->name, name.length});
    return channel;
}

void channels_rename(struct calls *calls, struct channel *channel, struct span name)
{
    map_remove(&calls->names, &channel->by_name);
    free(channel->name);
    channel->name = memory_text_of(name.bytes, name.length);
    map_add(&calls->names, &channel->by_name, channel->server, (struct span){channel->name, name.length});
}

static void forget_messages(struct channel *channel)
{
    message_unref(channel->created);
    message_unref(channel->state);
    channel->created = channel->state = NULL;
}

static void channels_free(struct calls *calls, struct channel *channel)
{
    list_remove(channel->ended ? &calls->ended : &calls->live, &channel->by_age);
    calls->ended_count -= channel->ended ? 1 : 0;
    map_remove(&calls->ids, &channel->by_id);
    map_remove(&calls->names, &channel->by_name);
    bridges_leave(channel);
    channels_leave_call(calls, channel);
    forget_messages(channel);
    free(channel->own);
    free(channel->id);
    free(channel->name);
    free(channel->context);
    free(channel->tenant);
    free(channel);
}

void channels_end(struct calls *calls, struct channel *channel, uint64_t now_ms)
{
    if (channel->ended)
        return;
    list_remove(&calls->live, &channel->by_age);
    channel->ended = true;
    channel->ended_ms = now_ms;
    list_add_last(&calls->ended, &channel->by_age);
    calls->ended_count++;
    bridges_leave(channel);
    forget_messages(channel);
    if (bits_any(calls, channel->own))
        channels_count_owners(calls, channel->call);
    if (channel->tenant != NULL && tenants_weigh(calls, channel->call, false))
        channels_see_all(calls, channel->call);
}

void channels_drop(struct calls *calls, struct channel *channel)
{
    channels_end(calls, channel, 0);
    channels_free(calls, channel);
}

void channels_purge(struct calls *calls, uint64_t now_ms)
{
    struct channel *oldest = OLDEST_CHANNEL(&calls->ended);

    while (oldest != NULL && (now_ms - oldest->ended_ms > ENDED_MS || calls->ended_count > ENDED_COUNT)) {
        channels_free(calls, oldest);
        oldest = OLDEST_CHANNEL(&calls->ended);
    }
}

void channels_free_all(struct calls *calls)
{
    while (calls->live.first != NULL)
        channels_free(calls, OLDEST_CHANNEL(&calls->live));
    while (calls->ended.first != NULL)
        channels_free(calls, OLDEST_CHANNEL(&calls->ended));
}

// --- other rules ------------------------------------------------------------------------------------------------

/** A change of rules. */
struct change {
    const size_t *kept; // the new index of each old rule, SIZE_MAX: it was removed
    size_t old_count;
    size_t *fresh; // indexes of rules that are new
    size_t fresh_count;
};

/** Computes a channel's bits for the new rules: those of kept rules stay; a new rule owns the channel by its name. */
static void channels_change_rules_of(struct calls *calls, struct channel *channel, const struct change *change)
{
    rule_bits block = memory_zero(2 * calls->words + 1, sizeof(uint64_t)), seen = block + calls->words;

    rules_carry_over(change->kept, change->old_count, channel->own, block);
    rules_carry_over(change->kept, change->old_count, channel->seen, seen);
    free(channel->own);
    channel->own = block;
    channel->seen = seen;
    for (size_t i = 0; i < change->fresh_count; i++)
        rules_match_one(calls, change->fresh[i], span_of(channel->name), span_of(channel->context), channel->own);
    rules_match_tenant(calls, span_of(channel->tenant), channel->own);
    bits_add(calls, channel->seen, channel->own);
}

static void channels_change_rules_in(struct calls *calls, const struct list_head *list, const struct change *change)
{
    for (struct channel *channel = OLDEST_CHANNEL(list); channel != NULL; channel = NEWER_CHANNEL(channel)) {
        channels_change_rules_of(calls, channel, change);
        if (FIRST_OF_CALL(channel->call) == channel) { // once for each call
            free(channel->call->owners);
            channel->call->owners = bits_new(calls);
        }
    }
}

/** Lists the indexes of rules that are new. */
static void list_fresh(const struct calls *calls, struct change *change, size_t old_count)
{
    bool *stays = memory_zero(calls->rule_count + 1, sizeof *stays);

    for (size_t i = 0; i < old_count; i++) {
        if (change->kept[i] != SIZE_MAX)
            stays[change->kept[i]] = true;
    }
    change->fresh = memory_new((calls->rule_count + 1) * sizeof *change->fresh);
    for (size_t i = 0; i < calls->rule_count; i++) {
        if (!stays[i])
            change->fresh[change->fresh_count++] = i;
    }
    free(stays);
}

void channels_new_rules(struct calls *calls, const size_t *kept, size_t old_count)
{
    struct change change = {.kept = kept, .old_count = old_count};

    list_fresh(calls, &change, old_count);
    channels_change_rules_in(calls, &calls->ended, &change);
    channels_change_rules_in(calls, &calls->live, &change);
    free(change.fresh);
    for (struct channel *channel = OLDEST_CHANNEL(&calls->live); channel != NULL; channel = NEWER_CHANNEL(channel))
        bits_add(calls, channel->call->owners, channel->own);
    for (struct channel *channel = OLDEST_CHANNEL(&calls->live); channel != NULL; channel = NEWER_CHANNEL(channel)) {
        (void)tenants_weigh(calls, channel->call, true);
        bits_copy(calls, calls->scratch, channel->call->owners);
        rules_veto_tenant(calls, tenants_of(channel), calls->scratch);
        bits_add(calls, channel->seen, calls->scratch);
    }
    bridges_new_rules(calls, kept, old_count);
}
