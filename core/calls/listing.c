// core/calls/listing.c: the channels that were up before the proxy connected, from the answer to `Action: Status`.
#include "calls/inside.h"

/** Makes a Newchannel of the headers of a Status item (Asterisk main/manager_channels.c: both have the channel's
 *  state). */
static struct message *newchannel_of(const struct message *item)
{
    static const char *const headers[] = {
        "Channel",           "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum",
        "ConnectedLineName", "Language",     "AccountCode",      "Context",     "Exten",        "Priority",
        "Uniqueid",          "Linkedid",     "Tenantid",         "Server"};
    struct message_builder builder;
    struct message *made;
    struct span name, value;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "Newchannel");
    message_addf(&builder, "Privilege", "call,all");
    for (uint32_t i = 1; i < item->header_count; i++) {
        message_header(item, i, &name, &value);
        for (size_t k = 0; k < sizeof headers / sizeof headers[0]; k++) {
            if (span_is(name, headers[k]))
                message_add(&builder, name, value);
        }
    }
    made = message_build(&builder);
    made->from_server = true; // may be set, as nobody else has a reference yet
    return made;
}

static void end_unheard(struct calls *calls, uint32_t server, uint64_t now_ms)
{
    struct channel *next;

    for (struct channel *channel = OLDEST_CHANNEL(&calls->live); channel != NULL; channel = next) {
        next = NEWER_CHANNEL(channel);
        if (channel->server == server && channel->listing != calls->servers[server].listing)
            channels_end(calls, channel, now_ms);
    }
}

/** Handles the response that begins a list, or an Error in place of the rest. @param final  there is no list, as the
 *  action was refused */
static void note_response(struct known_server *server, const struct message *response, bool final)
{
    if (final)
        return;
    if (!span_is(message_name(response), "Success")) {
        server->is_spoiled = true;
        return;
    }
    server->listing++;
    server->is_spoiled = false;
}

void calls_list(struct calls *calls, const struct message *message, bool final, uint64_t now_ms)
{
    struct identity *identity = &calls->identity;
    struct channel *channel;

    calls_begin(calls);
    identity_read(message, identity);
    uint32_t server = calls_server(calls, identity->server);
    if (message->kind == MESSAGE_RESPONSE) {
        note_response(&calls->servers[server], message, final);
        return;
    }
    if (final) {
        if (message->from_server && !calls->servers[server].is_spoiled) // otherwise the list is incomplete
            end_unheard(calls, server, now_ms);
        return;
    }
    if (identity->channel_count == 0 || identity->too_many)
        return;
    channel = learn_channel(calls, server, &identity->channels[0], false);
    if (channel == NULL || channel->ended || channel->created != NULL)
        return;
    channel->created = newchannel_of(message);
    calls_add_reveal(calls, channel->created, channel->seen);
}
