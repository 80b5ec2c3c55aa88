// core/calls/learn.c: updates channels, calls and bridges from events. A table has the update for each event; besides,
// every event updates name, context and Linkedid of the channels that it names.
#include "base/memory.h"
#include "calls/inside.h"

#include <stdlib.h>

static const struct event_update {
    const char *event;
    enum update update;
} updates[] = {
    {"Newchannel", UPDATE_CREATED},
    {"Newstate", UPDATE_STATE},
    {"Hangup", UPDATE_ENDED},
    {"Shutdown", UPDATE_SHUTDOWN},
    {"Rename", UPDATE_RENAMED},
    {"BridgeEnter", UPDATE_ENTERED},
    {"BridgeLeave", UPDATE_LEFT},
    {"BridgeCreate", UPDATE_BRIDGE},
    {"BridgeDestroy", UPDATE_BRIDGE_GONE},
    {"DialBegin", UPDATE_JOINED},
    {"DialState", UPDATE_JOINED},
    {"DialEnd", UPDATE_JOINED},
    {"Dial", UPDATE_JOINED},
    {"Bridge", UPDATE_JOINED},
    {"Link", UPDATE_JOINED},
    {"LocalBridge", UPDATE_JOINED},
    {"LocalOptimizationBegin", UPDATE_JOINED},
    {"LocalOptimizationEnd", UPDATE_JOINED},
    {"BlindTransfer", UPDATE_JOINED},
    {"AttendedTransfer", UPDATE_JOINED},
    {"Transfer", UPDATE_JOINED},
    {"Masquerade", UPDATE_JOINED},
    {"Pickup", UPDATE_JOINED},
    {"UnParkedCall", UPDATE_JOINED},
    {"AgentCalled", UPDATE_JOINED},
    {"AgentConnect", UPDATE_JOINED},
};

static enum update learn_find_update(struct span event)
{
    for (size_t i = 0; i < sizeof updates / sizeof updates[0]; i++) {
        if (span_is(event, updates[i].event))
            return updates[i].update;
    }
    return UPDATE_NONE;
}

struct channel *learn_find(const struct calls *calls, uint32_t server, const struct named_channel *named)
{
    if (named->unique_id.length > 0)
        return channels_find_id(calls, server, named->unique_id);
    return channels_find_name(calls, server, named->name);
}

static void learn_name(struct calls *calls, struct channel *channel, struct span name)
{
    channels_rename(calls, channel, name);
    channels_disown(calls, channel);
}

struct channel *learn_channel(struct calls *calls, uint32_t server, const struct named_channel *named, bool renamed)
{
    struct channel *channel = learn_find(calls, server, named);

    if (channel == NULL && (named->unique_id.length == 0 || calls->identity.is_record))
        return NULL;
    if (channel == NULL)
        channel = channels_create(calls, server, named->unique_id, named->name);
    else if (!renamed && !calls->identity.is_record && named->unique_id.length > 0 && named->name.length > 0 &&
             !span_is(named->name, channel->name))
        learn_name(calls, channel, named->name);
    channel->listing = calls->servers[server].listing;
    if (named->context.length > 0 && !span_equals(named->context, span_of(channel->context))) {
        free(channel->context);
        channel->context = memory_text_of(named->context.bytes, named->context.length);
    }
    if (channel->ended)
        return channel; // events after the Hangup change nothing
    tenants_note(calls, channel, named->tenant);
    channels_link(calls, channel, named->linked_id);
    channels_judge(calls, channel, named->context);
    return channel;
}

static void learn_replace(struct message **kept, struct message *message)
{
    message_ref(message);
    message_unref(*kept);
    *kept = message;
}

static void learn_join_all(struct calls *calls, struct channel *const *channels, uint32_t count)
{
    struct channel *first = NULL;

    for (uint32_t i = 0; i < count; i++) {
        if (channels[i] == NULL || channels[i]->ended)
            continue;
        if (first != NULL)
            channels_join(calls, first, channels[i]);
        else
            first = channels[i];
    }
}

/** Do the channels of that bridge form one call? Those of conferences and parking lots do not. */
static bool is_conversation(const struct named_bridge *named)
{
    return span_is(named->type, "basic") ||
           (span_is(named->type, "stasis") && named->channel_count.length == 1 && named->channel_count.bytes[0] <= '2');
}

static void learn_note_bridge(struct calls *calls, uint32_t server, enum update update, struct channel *channel,
                              struct message *message)
{
    const struct named_bridge *named = &calls->identity.bridges[0];
    struct bridge *bridge;

    if (calls->identity.bridge_count == 0 || named->unique_id.length > NAME_LENGTH)
        return;
    if (update == UPDATE_BRIDGE) {
        bridge = bridges_get(calls, server, named->unique_id);
        learn_replace(&bridge->created, message);
    } else if (update == UPDATE_ENTERED && channel != NULL && !channel->ended) {
        bridge = bridges_get(calls, server, named->unique_id);
        struct channel *latest = LATEST_OF_BRIDGE(bridge);
        if (latest != NULL && latest != channel && is_conversation(named))
            channels_join(calls, latest, channel);
        bridges_enter(calls, bridge, channel);
    }
}

/** Forgets the channel that had the Uniqueid of a new one: a server that was restarted may use it again. The Newchannel
 *  of a channel that a listing had is no new one, and has the same name. */
static void learn_drop_old(struct calls *calls, uint32_t server)
{
    const struct named_channel *named = &calls->identity.channels[0];
    struct channel *old = calls->identity.channel_count == 0 ? NULL : channels_find_id(calls, server, named->unique_id);

    if (old != NULL && (old->ended || (old->created != NULL && !span_is(named->name, old->name))))
        channels_drop(calls, old);
}

static void learn_end_all(struct calls *calls, uint32_t server, uint64_t now_ms)
{
    struct channel *next;

    for (struct channel *channel = OLDEST_CHANNEL(&calls->live); channel != NULL; channel = next) {
        next = NEWER_CHANNEL(channel);
        if (channel->server == server)
            channels_end(calls, channel, now_ms);
    }
}

void learn_after(struct calls *calls, uint32_t server, enum update update, struct channel *channel,
                 struct message *message, uint64_t now_ms)
{
    struct bridge *bridge;

    if (update == UPDATE_SHUTDOWN)
        learn_end_all(calls, server, now_ms);
    if (update == UPDATE_BRIDGE_GONE && calls->identity.bridge_count > 0) {
        bridge = bridges_find(calls, server, calls->identity.bridges[0].unique_id);
        if (bridge != NULL)
            bridges_destroy(calls, bridge);
    }
    if (channel == NULL)
        return;
    if (update == UPDATE_ENDED)
        channels_end(calls, channel, now_ms);
    else if (update == UPDATE_LEFT)
        bridges_leave(channel);
    else if (update == UPDATE_CREATED && !channel->ended)
        learn_replace(&channel->created, message);
    else if (update == UPDATE_STATE && !channel->ended)
        learn_replace(&channel->state, message);
}

enum update learn_before(struct calls *calls, uint32_t server, struct message *message, struct channel **channels)
{
    const struct identity *identity = &calls->identity;
    enum update update = learn_find_update(message_name(message));

    if (update == UPDATE_CREATED)
        learn_drop_old(calls, server);
    for (uint32_t i = 0; i < identity->channel_count; i++)
        channels[i] = learn_channel(calls, server, &identity->channels[i], update == UPDATE_RENAMED);
    if (update == UPDATE_RENAMED && channels[0] != NULL && identity->new_name.length > 0) {
        learn_name(calls, channels[0], identity->new_name);
        channels_judge(calls, channels[0], span_of(channels[0]->context));
    } else if (update == UPDATE_JOINED || update == UPDATE_ENTERED) { // BridgeEnter names the channel that it replaces
        learn_join_all(calls, channels, identity->channel_count);
    }
    learn_note_bridge(calls, server, update, channels[0], message);
    return update;
}
