// core/calls/identity.c: see identity.h. The name of a modern header is a prefix and a word (`DestChannel`,
// `LocalOneUniqueid`). Older headers are in a list of exceptions, some of them for one event only: for example,
// `Source` is a number in other events.
#include "calls/identity.h"

enum part {
    PART_NAME,
    PART_ID,
    PART_LINK,
    PART_CONTEXT,
    PART_TENANT,
    PART_BRIDGE,
    PART_TYPE,
    PART_COUNT,
    PART_DEVICE,
    PART_ENTRY,
    PART_NOTHING
};

// clang-format off
#define TEXT(literal) {(literal), sizeof(literal) - 1}
// clang-format on

/** The words at the end of modern header names. */
static const struct word {
    struct span text;
    enum part part;
} words[] = {
    {TEXT("BridgeUniqueid"), PART_BRIDGE}, {TEXT("BridgeType"), PART_TYPE}, {TEXT("BridgeNumChannels"), PART_COUNT},
    {TEXT("Channel"), PART_NAME},          {TEXT("Uniqueid"), PART_ID},     {TEXT("Linkedid"), PART_LINK},
    {TEXT("Context"), PART_CONTEXT},       {TEXT("Tenantid"), PART_TENANT}, {TEXT("Chan"), PART_NAME},
};

/** Headers with another meaning than by their last word; if `event` is set, in that event only. */
static const struct exception {
    struct span header;
    const char *event;
    enum part part;
    const char *prefix;
} exceptions[] = {
    {TEXT("Channel1"), NULL, PART_NAME, "1"},
    {TEXT("Channel2"), NULL, PART_NAME, "2"},
    {TEXT("Uniqueid1"), NULL, PART_ID, "1"},
    {TEXT("Uniqueid2"), NULL, PART_ID, "2"},
    {TEXT("Source"), "Dial", PART_NAME, "Src"},
    {TEXT("SrcUniqueID"), NULL, PART_ID, "Src"},
    {TEXT("Destination"), "Dial", PART_NAME, "Dest"},
    {TEXT("DestinationChannel"), NULL, PART_NAME, "Dest"},
    {TEXT("ChannelCalling"), NULL, PART_NAME, ""},
    {TEXT("BridgedChannel"), "AgentConnect", PART_ID, "Dest"},
    {TEXT("BridgedChannel"), NULL, PART_NAME, "Bridged"},
    {TEXT("BridgedUniqueid"), NULL, PART_ID, "Bridged"},
    {TEXT("Link"), "Status", PART_NAME, "Bridged"},
    {TEXT("Clone"), "Masquerade", PART_NAME, "Clone"},
    {TEXT("Original"), "Masquerade", PART_NAME, "Original"},
    {TEXT("Oldname"), "Rename", PART_NAME, ""},
    {TEXT("From"), "ParkedCall", PART_NAME, "From"},
    {TEXT("From"), "UnParkedCall", PART_NAME, "From"},
    {TEXT("SwapUniqueid"), NULL, PART_ID, "Swap"},
    {TEXT("BridgePreviousVideoSource"), NULL, PART_ID, "Video"},
    {TEXT("Loginchan"), "Agentcallbacklogin", PART_NOTHING, NULL}, // an extension
    {TEXT("Loginchan"), "Agentcallbacklogoff", PART_NOTHING, NULL},
    {TEXT("Loginchan"), NULL, PART_NAME, ""},
    {TEXT("Owner"), "JitterBufStats", PART_NAME, ""},
    {TEXT("Channel"), "DNDState", PART_DEVICE, NULL},
    {TEXT("Channel"), "Alarm", PART_NOTHING, NULL}, // a number of chan_dahdi
    {TEXT("Channel"), "AlarmClear", PART_NOTHING, NULL},
    {TEXT("Channel"), "LogChannel", PART_NOTHING, NULL},    // a file
    {TEXT("Channel"), "ChannelReload", PART_NOTHING, NULL}, // a driver
    {TEXT("Interface"), NULL, PART_DEVICE, NULL},
    {TEXT("StateInterface"), NULL, PART_DEVICE, NULL},
    {TEXT("Location"), NULL, PART_DEVICE, NULL},
    {TEXT("Device"), NULL, PART_DEVICE, NULL},
    {TEXT("Peer"), "PeerStatus", PART_DEVICE, NULL},
    {TEXT("Peer"), "SIPQualifyPeerDone", PART_ENTRY, NULL},
    {TEXT("AgentCalled"), "AgentCalled", PART_DEVICE, NULL},
    {TEXT("ObjectName"), NULL, PART_ENTRY, NULL},
    {TEXT("Endpoint"), NULL, PART_ENTRY, NULL},
    {TEXT("EndpointName"), NULL, PART_ENTRY, NULL},
};

/** Technologies of peers that are listed without one (chan_sip.c, chan_iax2.c: PeerEntry; res_pjsip). */
static const struct technology {
    struct span header;
    const char *value, *technology; // value NULL: any
} technologies[] = {
    {TEXT("Channeltype"), "SIP", "SIP"}, {TEXT("Channeltype"), "IAX", "IAX2"},  {TEXT("Channeltype"), "IAX2", "IAX2"},
    {TEXT("ObjectType"), NULL, "PJSIP"}, {TEXT("EndpointName"), NULL, "PJSIP"}, {TEXT("Endpoint"), NULL, "PJSIP"},
};

/** Rules most names out that are not in a table: for each last letter, a bit for each length. */
struct sieve {
    uint32_t lengths[32];
};

// Global: filled before main(), and only read afterwards.
static struct sieve exception_sieve;
// Global: the same.
static struct sieve technology_sieve;

static void sieve_add(struct sieve *sieve, struct span name)
{
    sieve->lengths[name.bytes[name.length - 1] & 31] |= UINT32_C(1) << (name.length & 31);
}

/** May the name be in the table? */
static bool sieve_passes(const struct sieve *sieve, struct span name)
{
    return (sieve->lengths[name.bytes[name.length - 1] & 31] >> (name.length & 31) & 1) != 0;
}

__attribute__((constructor)) static void fill_sieves(void)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
        sieve_add(&exception_sieve, exceptions[i].header);
    for (size_t i = 0; i < sizeof technologies / sizeof technologies[0]; i++)
        sieve_add(&technology_sieve, technologies[i].header);
}

static bool is_nothing(struct span value)
{
    return value.length == 0 || span_is(value, "none") || span_is(value, "<null>") || span_is(value, "<none>") ||
           span_is(value, "<unknown>") || span_is(value, "n/a"); // the last one: chan_agent
}

static struct named_channel *identity_channel_of(struct identity *identity, struct span prefix)
{
    for (uint32_t i = 0; i < identity->channel_count; i++) {
        if (span_equals_nocase(identity->channels[i].prefix, prefix))
            return &identity->channels[i];
    }
    if (identity->channel_count == IDENTITY_CHANNELS) {
        identity->too_many = true;
        return NULL;
    }
    struct named_channel *channel = &identity->channels[identity->channel_count++];
    *channel = (struct named_channel){.prefix = prefix};
    return channel;
}

static struct named_bridge *identity_bridge_of(struct identity *identity, struct span prefix)
{
    for (uint32_t i = 0; i < identity->bridge_count; i++) {
        if (span_equals_nocase(identity->bridges[i].prefix, prefix))
            return &identity->bridges[i];
    }
    if (identity->bridge_count == IDENTITY_BRIDGES) {
        identity->too_many = true;
        return NULL;
    }
    struct named_bridge *bridge = &identity->bridges[identity->bridge_count++];
    *bridge = (struct named_bridge){.prefix = prefix};
    return bridge;
}

static void set_first(struct span *field, struct span value)
{
    if (field->length == 0)
        *field = value;
}

static void add_device(struct identity *identity, struct span device)
{
    if (identity->device_count < IDENTITY_DEVICES)
        identity->devices[identity->device_count++] = device;
    else
        identity->too_many = true;
}

/** Notes a tenant for the whole message, too: a message that names two tenants belongs to none. */
static void note_tenant(struct identity *identity, struct span tenant)
{
    if (identity->tenant.length == 0)
        identity->tenant = tenant;
    else if (!span_equals(identity->tenant, tenant))
        identity->tenants_differ = true;
}

static void identity_note(struct identity *identity, enum part part, struct span prefix, struct span value)
{
    struct named_channel *channel;
    struct named_bridge *bridge;

    if (part == PART_NOTHING)
        return;
    if (part == PART_DEVICE || part == PART_ENTRY) {
        add_device(identity, value);
    } else if (part >= PART_BRIDGE) {
        bridge = identity_bridge_of(identity, prefix);
        if (bridge != NULL)
            set_first(part == PART_BRIDGE ? &bridge->unique_id
                      : part == PART_TYPE ? &bridge->type
                                          : &bridge->channel_count,
                      value);
    } else {
        if (part == PART_TENANT)
            note_tenant(identity, value);
        channel = identity_channel_of(identity, prefix);
        if (channel != NULL)
            set_first(part == PART_NAME     ? &channel->name
                      : part == PART_ID     ? &channel->unique_id
                      : part == PART_LINK   ? &channel->linked_id
                      : part == PART_TENANT ? &channel->tenant
                                            : &channel->context,
                      value);
    }
}

/** Does the name end with `word`? @param prefix  set to the rest */
static bool ends_with(struct span name, struct span word, struct span *prefix)
{
    if (name.length < word.length || ((name.bytes[name.length - 1] ^ word.bytes[word.length - 1]) & 0x5f) != 0)
        return false; // most names end in another letter
    *prefix = (struct span){name.bytes, name.length - word.length};
    return span_equals_nocase((struct span){name.bytes + prefix->length, word.length}, word);
}

static bool read_exception(struct identity *identity, struct span event, struct span name, struct span value)
{
    if (!sieve_passes(&exception_sieve, name))
        return false;
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++) {
        const struct exception *exception = &exceptions[i];
        if (!span_equals_nocase(name, exception->header))
            continue;
        if (exception->event == NULL || span_is(event, exception->event)) {
            identity_note(identity, exception->part, span_of(exception->prefix), value);
            return true;
        }
    }
    return false;
}

static void read_word(struct identity *identity, struct span name, struct span value)
{
    struct span prefix;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!ends_with(name, words[i].text, &prefix))
            continue;
        if (words[i].part == PART_NAME && prefix.length > 0 && span_is(prefix, "DAHDI"))
            return; // DAHDIChannel is a number
        identity_note(identity, words[i].part, prefix, value);
        return;
    }
}

/** Reads the channels of `Peer` in a CEL event: `SIP/1-0,SIP/2-0`. */
static void read_peers(struct identity *identity, struct span peers)
{
    size_t start = 0;

    for (size_t i = 0; i <= peers.length; i++) {
        if (i < peers.length && peers.bytes[i] != ',')
            continue;
        struct span name = {peers.bytes + start, i - start};
        start = i + 1;
        if (name.length > 0) // each name is its own prefix, which no other header has
            identity_note(identity, PART_NAME, name, name);
    }
}

static void read_technology(struct identity *identity, struct span name, struct span value)
{
    if (!sieve_passes(&technology_sieve, name))
        return;
    for (size_t i = 0; i < sizeof technologies / sizeof technologies[0]; i++) {
        const struct technology *one = &technologies[i];
        if (span_equals_nocase(name, one->header) && (one->value == NULL || span_is(value, one->value)))
            set_first(&identity->technology, span_of(one->technology));
    }
}

/** Can a header of that name matter? Most are ruled out by their last letter, which is fast. */
static bool is_candidate(struct span name)
{
    switch (name.bytes[name.length - 1] | 0x20) {
    case 'd': // Uniqueid Linkedid AgentCalled
    case 'l': // Channel Original
    case 't': // Context
    case 'e': // BridgeType Source Clone From… Interface Device Oldname ObjectName Newname
    case 's': // BridgeNumChannels
    case 'n': // Destination Location Loginchan TalkingToChan LoggedInChan
    case 'g': // ChannelCalling
    case 'k': // Link
    case 'm': // From
    case 'r': // Peer Owner Server
    case '1' | 0x20:
    case '2' | 0x20:
        return true;
    default:
        return false;
    }
}

/** Is the value of that header missing? Any value that is not empty can be the id of a tenant. */
static bool is_missing(struct span name, struct span value)
{
    struct span prefix;

    return is_nothing(value) && (value.length == 0 || !ends_with(name, span_of("Tenantid"), &prefix));
}

/** Removes channels that have only a context (`DestinationContext` of a Cdr) or only a Linkedid. */
static void drop_nameless(struct identity *identity)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < identity->channel_count; i++) {
        if (identity->channels[i].name.length > 0 || identity->channels[i].unique_id.length > 0)
            identity->channels[kept++] = identity->channels[i];
    }
    identity->channel_count = kept;
    kept = 0;
    for (uint32_t i = 0; i < identity->bridge_count; i++) {
        if (identity->bridges[i].unique_id.length > 0)
            identity->bridges[kept++] = identity->bridges[i];
    }
    identity->bridge_count = kept;
}

/** Does the event tell what a member of a queue does with a caller? */
static bool is_of_member(struct span event)
{
    return event.length > 5 && span_equals_nocase((struct span){event.bytes, 5}, span_of("Agent")) &&
           (span_is(event, "AgentConnect") || span_is(event, "AgentComplete") || span_is(event, "AgentDump"));
}

/** Parts the two channels that such an event of 1.0 to 11 names as one: the Uniqueid is the caller's, the name that of
 *  the member's channel (apps/app_queue.c). Newer ones have the member's channel in `Dest…`, and an `Interface`. */
static void part_member(struct identity *identity)
{
    struct named_channel *caller, *member;

    if (identity->device_count > 0)
        return;
    caller = identity_channel_of(identity, (struct span){0});
    member = identity_channel_of(identity, span_of("Dest"));
    if (caller == NULL || member == NULL || caller->unique_id.length == 0)
        return;
    set_first(&member->name, caller->name);
    caller->name = (struct span){0};
}

static void read_server(const struct message *message, struct identity *identity)
{
    struct span name, value;

    if (message->header_count == 0)
        return;
    message_header(message, message->header_count - 1, &name, &value);
    if (span_is(name, "Server"))
        identity->server = value;
}

void identity_read(const struct message *message, struct identity *identity)
{
    struct span event = message_name(message);
    bool is_cel = span_is(event, "CEL"), is_rename = span_is(event, "Rename");
    bool is_of_mailbox = span_is(event, "VoicemailPasswordChange"); // its Context is not one of the dialplan
    struct span name, value;

    identity->channel_count = identity->bridge_count = identity->device_count = 0;
    identity->technology = identity->context = identity->new_name = identity->server = (struct span){0};
    identity->tenant = (struct span){0};
    identity->too_many = identity->tenants_differ = false;
    identity->is_record = is_cel || span_is(event, "Cdr");
    for (uint32_t i = 0; i < message->header_count; i++) { // also the first, which in an action may be any header
        message_header(message, i, &name, &value);
        if (name.length < 4 || !is_candidate(name) || is_missing(name, value))
            continue;
        if (name.length == 7 && span_is(name, "Context") && !is_of_mailbox)
            set_first(&identity->context, value);
        read_technology(identity, name, value);
        if (is_cel && name.length == 4 && span_is(name, "Peer"))
            read_peers(identity, value);
        else if (is_rename && span_is(name, "Newname"))
            set_first(&identity->new_name, value);
        else if (!read_exception(identity, event, name, value))
            read_word(identity, name, value);
    }
    if (is_of_member(event))
        part_member(identity);
    read_server(message, identity);
    drop_nameless(identity);
}
