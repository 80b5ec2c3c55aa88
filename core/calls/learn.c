// core/calls/learn.c: what events teach of channels, calls and bridges. A table says which event teaches what; every
// event teaches name, context and Linkedid of the channels that it names.
#include "base/memory.h"
#include "calls/inside.h"

#include <stdlib.h>

static const struct teaching {
    const char *event;
    enum lesson lesson;
} teachings[] = {
    {"Newchannel", LESSON_CREATED},
    {"Newstate", LESSON_STATE},
    {"Hangup", LESSON_ENDED},
    {"Shutdown", LESSON_SHUTDOWN},
    {"Rename", LESSON_RENAMED},
    {"BridgeEnter", LESSON_ENTERED},
    {"BridgeLeave", LESSON_LEFT},
    {"BridgeCreate", LESSON_BRIDGE},
    {"BridgeDestroy", LESSON_BRIDGE_GONE},
    {"DialBegin", LESSON_JOINED},
    {"DialState", LESSON_JOINED},
    {"DialEnd", LESSON_JOINED},
    {"Dial", LESSON_JOINED},
    {"Bridge", LESSON_JOINED},
    {"Link", LESSON_JOINED},
    {"LocalBridge", LESSON_JOINED},
    {"LocalOptimizationBegin", LESSON_JOINED},
    {"LocalOptimizationEnd", LESSON_JOINED},
    {"BlindTransfer", LESSON_JOINED},
    {"AttendedTransfer", LESSON_JOINED},
    {"Transfer", LESSON_JOINED},
    {"Masquerade", LESSON_JOINED},
    {"Pickup", LESSON_JOINED},
    {"UnParkedCall", LESSON_JOINED},
    {"AgentCalled", LESSON_JOINED},
    {"AgentConnect", LESSON_JOINED},
};

static enum lesson find_lesson(struct span event)
{
    for (size_t i = 0; i < sizeof teachings / sizeof teachings[0]; i++) {
        if (span_is(event, teachings[i].event))
            return teachings[i].lesson;
    }
    return LESSON_NONE;
}

struct channel *learn_find(const struct calls *calls, uint32_t server, const struct named_channel *named)
{
    if (named->unique_id.length > 0)
        return channels_find_id(calls, server, named->unique_id);
    return channels_find_name(calls, server, named->name);
}

struct channel *learn_channel(struct calls *calls, uint32_t server, const struct named_channel *named, bool renamed)
{
    struct channel *channel = learn_find(calls, server, named);

    if (channel == NULL && named->unique_id.length == 0)
        return NULL;
    if (channel == NULL)
        channel = channels_create(calls, server, named->unique_id, named->name);
    else if (!renamed && named->unique_id.length > 0 && named->name.length > 0 && !span_is(named->name, channel->name))
        channels_rename(calls, channel, named->name);
    channel->listing = calls->servers[server].listing;
    if (named->context.length > 0 && !span_equals(named->context, span_of(channel->context))) {
        free(channel->context);
        channel->context = memory_text_of(named->context.bytes, named->context.length);
    }
    if (channel->ended)
        return channel; // what comes after the Hangup changes nothing
    channels_link(calls, channel, named->linked_id);
    channels_judge(calls, channel, named->context);
    return channel;
}

static void replace(struct message **kept, struct message *message)
{
    message_ref(message);
    message_unref(*kept);
    *kept = message;
}

static void join_all(struct calls *calls, struct channel *const *channels, uint32_t count)
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

/** Do the channels of that bridge talk to each other as one call does? Conferences and parking lots do not count. */
static bool is_conversation(const struct named_bridge *named)
{
    return span_is(named->type, "basic") ||
           (span_is(named->type, "stasis") && named->channel_count.length == 1 && named->channel_count.bytes[0] <= '2');
}

static void note_bridge(struct calls *calls, uint32_t server, enum lesson lesson, struct channel *channel,
                        struct message *message)
{
    const struct named_bridge *named = &calls->identity.bridges[0];
    struct bridge *bridge;

    if (calls->identity.bridge_count == 0 || named->unique_id.length > NAME_LENGTH)
        return;
    if (lesson == LESSON_BRIDGE) {
        bridge = bridges_get(calls, server, named->unique_id);
        replace(&bridge->created, message);
    } else if (lesson == LESSON_ENTERED && channel != NULL && !channel->ended) {
        bridge = bridges_get(calls, server, named->unique_id);
        struct channel *latest = LATEST_OF_BRIDGE(bridge);
        if (latest != NULL && latest != channel && is_conversation(named))
            channels_join(calls, latest, channel);
        bridges_enter(calls, bridge, channel);
    }
}

static void end_all(struct calls *calls, uint32_t server, uint64_t now_ms)
{
    struct channel *next;

    for (struct channel *channel = OLDEST_CHANNEL(&calls->live); channel != NULL; channel = next) {
        next = NEWER_CHANNEL(channel);
        if (channel->server == server)
            channels_end(calls, channel, now_ms);
    }
}

void learn_after(struct calls *calls, uint32_t server, enum lesson lesson, struct channel *channel,
                 struct message *message, uint64_t now_ms)
{
    struct bridge *bridge;

    if (lesson == LESSON_SHUTDOWN)
        end_all(calls, server, now_ms);
    if (lesson == LESSON_BRIDGE_GONE && calls->identity.bridge_count > 0) {
        bridge = bridges_find(calls, server, calls->identity.bridges[0].unique_id);
        if (bridge != NULL)
            bridges_destroy(calls, bridge);
    }
    if (channel == NULL)
        return;
    if (lesson == LESSON_ENDED)
        channels_end(calls, channel, now_ms);
    else if (lesson == LESSON_LEFT)
        bridges_leave(channel);
    else if (lesson == LESSON_CREATED && !channel->ended)
        replace(&channel->created, message);
    else if (lesson == LESSON_STATE && !channel->ended)
        replace(&channel->state, message);
}

enum lesson learn_before(struct calls *calls, uint32_t server, struct message *message, struct channel **channels)
{
    const struct identity *identity = &calls->identity;
    enum lesson lesson = find_lesson(message_name(message));

    for (uint32_t i = 0; i < identity->channel_count; i++)
        channels[i] = learn_channel(calls, server, &identity->channels[i], lesson == LESSON_RENAMED);
    if (lesson == LESSON_RENAMED && channels[0] != NULL && identity->new_name.length > 0) {
        channels_rename(calls, channels[0], identity->new_name);
        channels_judge(calls, channels[0], span_of(channels[0]->context));
    } else if (lesson == LESSON_JOINED || lesson == LESSON_ENTERED) { // … a channel that takes another's place
        join_all(calls, channels, identity->channel_count);
    }
    note_bridge(calls, server, lesson, channels[0], message);
    return lesson;
}
