// core/ami/catalogue.c: the table of actions, sorted by name without case, and what depends on an action's headers.
#include "ami/catalogue.h"

#include "ami/event_class.h"

#define SYSTEM_REPORTING (CLASS_SYSTEM | CLASS_REPORTING)
#define CALL_DEFAULT_MS 30000 // an Originate without `Timeout:`
#define BLOCKS 1
#define SENSITIVE 2
#define LATE 4
// clang-format off
#define ACTION(name, classes, effect, shape, flags, completion) \
    {name, classes, completion, EFFECT_##effect, ANSWER_##shape, \
     ((flags) & BLOCKS) != 0, ((flags) & SENSITIVE) != 0, ((flags) & LATE) != 0}
// clang-format on
#define ONE(name, classes, effect, flags) ACTION(name, classes, effect, SINGLE, flags, NULL)
#define LIST(name, classes, effect, flags, completion) ACTION(name, classes, effect, LIST, flags, completion)
#define EVENT(name, classes, effect, flags) ACTION(name, classes, effect, EVENT, flags, NULL)
#define TEXT(name, classes, effect, flags) ACTION(name, classes, effect, TEXT, flags, NULL)

// clang-format off
static const struct action_info actions[] = {
    ONE("AbsoluteTimeout", CLASS_SYSTEM | CLASS_CALL, CHANGES, 0),
    ONE("AgentCallbackLogin", CLASS_AGENT, CHANGES, 0),
    ONE("AgentLogoff", CLASS_AGENT, CHANGES, 0),
    LIST("Agents", CLASS_AGENT, VOLATILE, 0, "AgentsComplete"),
    ONE("AGI", CLASS_AGI, CHANGES, SENSITIVE),
    ONE("AOCMessage", CLASS_AOC, CHANGES, 0),
    ONE("Atxfer", CLASS_CALL, CHANGES, 0),
    ONE("BlindTransfer", CLASS_CALL, CHANGES, 0),
    ONE("Bridge", CLASS_CALL, CHANGES, 0),
    ONE("BridgeDestroy", 0, CHANGES, SENSITIVE),
    LIST("BridgeInfo", 0, VOLATILE, 0, "BridgeInfoComplete"),
    ONE("BridgeKick", 0, CHANGES, SENSITIVE),
    LIST("BridgeList", 0, VOLATILE, 0, "BridgeListComplete"),
    LIST("BridgeTechnologyList", 0, STABLE, 0, "BridgeTechnologyListComplete"),
    ONE("BridgeTechnologySuspend", 0, CHANGES, SENSITIVE),
    ONE("BridgeTechnologyUnsuspend", 0, CHANGES, SENSITIVE),
    ONE("CancelAtxfer", CLASS_CALL, CHANGES, 0),
    ONE("Challenge", 0, SESSION, 0),
    ONE("ChangeMonitor", CLASS_CALL, CHANGES, 0),
    ONE("Command", CLASS_COMMAND, CHANGES, BLOCKS | SENSITIVE),
    ONE("ConfbridgeKick", CLASS_CALL, CHANGES, 0),
    LIST("ConfbridgeList", CLASS_REPORTING, VOLATILE, 0, "ConfbridgeListComplete"),
    LIST("ConfbridgeListRooms", CLASS_REPORTING, VOLATILE, 0, "ConfbridgeListRoomsComplete"),
    ONE("ConfbridgeLock", CLASS_CALL, CHANGES, 0),
    ONE("ConfbridgeMute", CLASS_CALL, CHANGES, 0),
    ONE("ConfbridgeSetSingleVideoSrc", CLASS_CALL, CHANGES, 0),
    ONE("ConfbridgeStartRecord", CLASS_SYSTEM, CHANGES, SENSITIVE),
    ONE("ConfbridgeStopRecord", CLASS_SYSTEM, CHANGES, 0),
    ONE("ConfbridgeUnlock", CLASS_CALL, CHANGES, 0),
    ONE("ConfbridgeUnmute", CLASS_CALL, CHANGES, 0),
    ONE("ControlPlayback", CLASS_CALL, CHANGES, 0),
    ONE("CoreSettings", SYSTEM_REPORTING, STABLE, 0),
    LIST("CoreShowChannelMap", SYSTEM_REPORTING, VOLATILE, 0, "CoreShowChannelMapComplete"),
    LIST("CoreShowChannels", SYSTEM_REPORTING, VOLATILE, 0, "CoreShowChannelsComplete"),
    ONE("CoreStatus", SYSTEM_REPORTING, VOLATILE, 0),
    ONE("CreateConfig", CLASS_CONFIG, CHANGES, SENSITIVE),
    ONE("DAHDIDialOffhook", 0, CHANGES, SENSITIVE),
    ONE("DAHDIDNDoff", 0, CHANGES, SENSITIVE),
    ONE("DAHDIDNDon", 0, CHANGES, SENSITIVE),
    ONE("DAHDIHangup", 0, CHANGES, SENSITIVE),
    ONE("DAHDIRestart", 0, CHANGES, BLOCKS | SENSITIVE),
    LIST("DAHDIShowChannels", 0, VOLATILE, 0, "DAHDIShowChannelsComplete"),
    LIST("DAHDIShowStatus", 0, VOLATILE, 0, "DAHDIShowStatusComplete"),
    ONE("DAHDITransfer", 0, CHANGES, SENSITIVE),
    ONE("DataGet", 0, OWN, LATE),
    ONE("DBDel", CLASS_SYSTEM, CHANGES, SENSITIVE),
    ONE("DBDelTree", CLASS_SYSTEM, CHANGES, SENSITIVE),
    LIST("DBGet", SYSTEM_REPORTING, VOLATILE, SENSITIVE, "DBGetComplete"),
    LIST("DBGetTree", SYSTEM_REPORTING, VOLATILE, SENSITIVE, "DBGetTreeComplete"),
    ONE("DBPut", CLASS_SYSTEM, CHANGES, SENSITIVE),
    LIST("DeviceStateList", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0, "DeviceStateListComplete"),
    ONE("DialplanExtensionAdd", CLASS_SYSTEM, CHANGES, SENSITIVE),
    ONE("DialplanExtensionRemove", CLASS_SYSTEM, CHANGES, SENSITIVE),
    ONE("Events", 0, SESSION, 0),
    ONE("ExtensionState", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0),
    LIST("ExtensionStateList", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0, "ExtensionStateListComplete"),
    EVENT("FAXSession", CLASS_CALL, VOLATILE, 0),
    LIST("FAXSessions", CLASS_CALL, VOLATILE, 0, "FAXSessionsComplete"),
    EVENT("FAXStats", CLASS_REPORTING, VOLATILE, 0),
    ONE("Filter", CLASS_SYSTEM, SESSION, 0),
    ONE("GetConfig", CLASS_SYSTEM | CLASS_CONFIG, STABLE, SENSITIVE),
    ONE("GetConfigJSON", CLASS_SYSTEM | CLASS_CONFIG, STABLE, SENSITIVE),
    ONE("Getvar", CLASS_CALL | CLASS_REPORTING, OWN, 0),
    ONE("Hangup", CLASS_SYSTEM | CLASS_CALL, CHANGES, SENSITIVE),
    TEXT("IAXnetstats", SYSTEM_REPORTING, VOLATILE, 0),
    LIST("IAXpeerlist", SYSTEM_REPORTING, VOLATILE, 0, "PeerlistComplete"),
    LIST("IAXpeers", SYSTEM_REPORTING, VOLATILE, 0, "PeerlistComplete"),
    LIST("IAXregistry", SYSTEM_REPORTING, VOLATILE, 0, "RegistrationsComplete"),
    ONE("JabberSend", CLASS_SYSTEM, CHANGES, LATE),
    ONE("ListCategories", CLASS_CONFIG, STABLE, SENSITIVE),
    ONE("ListCommands", 0, STABLE, 0),
    ONE("LocalOptimizeAway", CLASS_SYSTEM | CLASS_CALL, CHANGES, 0),
    ONE("LoggerRotate", SYSTEM_REPORTING, CHANGES, 0),
    ONE("Login", 0, SESSION, 0),
    ONE("Logoff", 0, SESSION, 0),
    ONE("MailboxCount", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0),
    ONE("MailboxStatus", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0),
    LIST("MeetmeList", CLASS_REPORTING, VOLATILE, 0, "MeetmeListComplete"),
    LIST("MeetmeListRooms", CLASS_REPORTING, VOLATILE, 0, "MeetmeListRoomsComplete"),
    ONE("MeetmeMute", CLASS_CALL, CHANGES, 0),
    ONE("MeetmeUnmute", CLASS_CALL, CHANGES, 0),
    ONE("MessageSend", CLASS_MESSAGE, CHANGES, SENSITIVE),
    ONE("MixMonitor", CLASS_SYSTEM, CHANGES, SENSITIVE),
    ONE("MixMonitorMute", CLASS_SYSTEM | CLASS_CALL, CHANGES, 0),
    ONE("ModuleCheck", CLASS_SYSTEM, STABLE, 0),
    ONE("ModuleLoad", CLASS_SYSTEM, CHANGES, BLOCKS | SENSITIVE | LATE),
    ONE("Monitor", CLASS_CALL, CHANGES, 0),
    ONE("MuteAudio", CLASS_SYSTEM, CHANGES, 0),
    ONE("MWIDelete", CLASS_CALL, CHANGES, 0),
    LIST("MWIGet", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0, "MWIGetComplete"),
    ONE("MWIUpdate", CLASS_CALL, CHANGES, 0),
    ONE("Originate", CLASS_ORIGINATE, CHANGES, BLOCKS | SENSITIVE),
    ONE("Park", CLASS_CALL, CHANGES, 0),
    LIST("ParkedCalls", CLASS_CALL, VOLATILE, 0, "ParkedCallsComplete"),
    LIST("Parkinglots", CLASS_CALL, STABLE, 0, "ParkinglotsComplete"),
    ONE("PauseMonitor", CLASS_CALL, CHANGES, 0),
    ONE("Ping", 0, LOCAL, 0),
    ONE("PJSIPHangup", CLASS_SYSTEM | CLASS_CALL, CHANGES, SENSITIVE),
    ONE("PJSIPNotify", CLASS_SYSTEM, CHANGES, SENSITIVE),
    ONE("PJSIPQualify", SYSTEM_REPORTING, CHANGES, BLOCKS),
    ONE("PJSIPRegister", SYSTEM_REPORTING, CHANGES, 0),
    ONE("PJSIPSetMaintenance", CLASS_SYSTEM, CHANGES, 0),
    LIST("PJSIPShowAors", CLASS_SYSTEM, STABLE, 0, "AorListComplete"),
    LIST("PJSIPShowAuths", CLASS_SYSTEM, STABLE, SENSITIVE, "AuthListComplete"),
    LIST("PJSIPShowContacts", CLASS_SYSTEM, VOLATILE, 0, "ContactListComplete"),
    LIST("PJSIPShowEndpoint", CLASS_SYSTEM, STABLE, SENSITIVE, "EndpointDetailComplete"),
    LIST("PJSIPShowEndpoints", CLASS_SYSTEM, STABLE, 0, "EndpointListComplete"),
    LIST("PJSIPShowMaintenance", SYSTEM_REPORTING, VOLATILE, 0, "PJSIPMaintenanceStatusComplete"),
    LIST("PJSIPShowRegistrationInboundContactStatuses", CLASS_SYSTEM, VOLATILE, 0, "ContactStatusDetailComplete"),
    LIST("PJSIPShowRegistrationsInbound", CLASS_SYSTEM, VOLATILE, 0, "InboundRegistrationDetailComplete"),
    LIST("PJSIPShowRegistrationsOutbound", SYSTEM_REPORTING, VOLATILE, 0, "OutboundRegistrationDetailComplete"),
    LIST("PJSIPShowResourceLists", CLASS_SYSTEM, STABLE, 0, "ResourceListDetailComplete"),
    LIST("PJSIPShowSubscriptionsInbound", CLASS_SYSTEM, VOLATILE, 0, "InboundSubscriptionDetailComplete"),
    LIST("PJSIPShowSubscriptionsOutbound", CLASS_SYSTEM, VOLATILE, 0, "OutboundSubscriptionDetailComplete"),
    ONE("PJSIPUnregister", SYSTEM_REPORTING, CHANGES, 0),
    ONE("PlayDTMF", CLASS_CALL, CHANGES, 0),
    ONE("PlayMF", CLASS_CALL, CHANGES, 0),
    ONE("PresenceState", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0),
    LIST("PresenceStateList", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0, "PresenceStateListComplete"),
    ONE("PRIDebugFileSet", CLASS_SYSTEM, CHANGES, SENSITIVE),
    ONE("PRIDebugFileUnset", 0, CHANGES, 0),
    ONE("PRIDebugSet", 0, CHANGES, LATE),
    LIST("PRIShowSpans", 0, VOLATILE, 0, "PRIShowSpansComplete"),
    ONE("QueueAdd", CLASS_AGENT, CHANGES, 0),
    ONE("QueueChangePriorityCaller", 0, CHANGES, SENSITIVE),
    ONE("QueueLog", CLASS_AGENT, CHANGES, 0),
    ONE("QueueMemberRingInUse", CLASS_AGENT, CHANGES, 0),
    ONE("QueuePause", CLASS_AGENT, CHANGES, 0),
    ONE("QueuePenalty", CLASS_AGENT, CHANGES, 0),
    ONE("QueueReload", 0, CHANGES, SENSITIVE),
    ONE("QueueRemove", CLASS_AGENT, CHANGES, 0),
    ONE("QueueReset", 0, CHANGES, SENSITIVE),
    ONE("QueueRule", 0, STABLE, 0),
    TEXT("Queues", 0, VOLATILE, 0),
    LIST("QueueStatus", 0, VOLATILE, 0, "QueueStatusComplete"),
    LIST("QueueSummary", 0, VOLATILE, 0, "QueueSummaryComplete"),
    ONE("QueueWithdrawCaller", 0, CHANGES, SENSITIVE),
    ONE("Redirect", CLASS_CALL, CHANGES, 0),
    ONE("Reload", CLASS_CONFIG | CLASS_SYSTEM, CHANGES, BLOCKS | SENSITIVE),
    ONE("SendFlash", CLASS_CALL, CHANGES, 0),
    ONE("SendText", CLASS_CALL, CHANGES, 0),
    ONE("SetCDRUserField", CLASS_CALL, CHANGES, 0),
    ONE("Setvar", CLASS_CALL, CHANGES, SENSITIVE),
    LIST("ShowDialPlan", CLASS_CONFIG | CLASS_REPORTING, STABLE, 0, "ShowDialPlanComplete"),
    ONE("SIPnotify", CLASS_SYSTEM, CHANGES, SENSITIVE),
    LIST("SIPpeers", SYSTEM_REPORTING, VOLATILE, 0, "PeerlistComplete"),
    LIST("SIPpeerstatus", CLASS_SYSTEM, VOLATILE, 0, "SIPpeerstatusComplete"),
    ONE("SIPqualifypeer", SYSTEM_REPORTING, CHANGES, LATE),
    ONE("SIPshowpeer", SYSTEM_REPORTING, STABLE, 0),
    LIST("SIPshowregistry", SYSTEM_REPORTING, VOLATILE, 0, "RegistrationsComplete"),
    LIST("SKINNYdevices", SYSTEM_REPORTING, VOLATILE, 0, "DevicelistComplete"),
    LIST("SKINNYlines", SYSTEM_REPORTING, VOLATILE, 0, "LinelistComplete"),
    ONE("SKINNYshowdevice", SYSTEM_REPORTING, STABLE, 0),
    ONE("SKINNYshowline", SYSTEM_REPORTING, STABLE, 0),
    ONE("SorceryMemoryCacheExpire", CLASS_SYSTEM, CHANGES, 0),
    ONE("SorceryMemoryCacheExpireObject", CLASS_SYSTEM, CHANGES, 0),
    ONE("SorceryMemoryCachePopulate", CLASS_SYSTEM, CHANGES, BLOCKS),
    ONE("SorceryMemoryCacheStale", CLASS_SYSTEM, CHANGES, 0),
    ONE("SorceryMemoryCacheStaleObject", CLASS_SYSTEM, CHANGES, 0),
    LIST("Status", CLASS_SYSTEM | CLASS_CALL | CLASS_REPORTING, VOLATILE, 0, "StatusComplete"),
    ONE("StopMixMonitor", CLASS_SYSTEM | CLASS_CALL, CHANGES, 0),
    ONE("StopMonitor", CLASS_CALL, CHANGES, 0),
    ONE("UnpauseMonitor", CLASS_CALL, CHANGES, 0),
    ONE("UpdateConfig", CLASS_CONFIG, CHANGES, BLOCKS | SENSITIVE),
    ONE("UserEvent", CLASS_USER, CHANGES, LATE),
    LIST("VoicemailBoxSummary", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0, "VoicemailBoxDetailComplete"),
    ONE("VoicemailForward", CLASS_USER, CHANGES, 0),
    ONE("VoicemailMove", CLASS_USER, CHANGES, 0),
    ONE("VoicemailRefresh", CLASS_USER, CHANGES, 0),
    ONE("VoicemailRemove", CLASS_USER, CHANGES, 0),
    LIST("VoicemailUsersList", CLASS_CALL | CLASS_REPORTING, STABLE, BLOCKS, "VoicemailUserEntryComplete"),
    LIST("VoicemailUserStatus", CLASS_CALL | CLASS_REPORTING, VOLATILE, 0, "VoicemailUserDetailComplete"),
    ONE("WaitEvent", 0, SESSION, BLOCKS),
    ONE("ZapDialOffhook", 0, CHANGES, SENSITIVE),
    ONE("ZapDNDoff", 0, CHANGES, SENSITIVE),
    ONE("ZapDNDon", 0, CHANGES, SENSITIVE),
    ONE("ZapHangup", 0, CHANGES, SENSITIVE),
    ONE("ZapRestart", 0, CHANGES, BLOCKS | SENSITIVE),
    LIST("ZapShowChannels", 0, VOLATILE, 0, "ZapShowChannelsComplete"),
    ONE("ZapTransfer", 0, CHANGES, SENSITIVE),
};
// clang-format on
#define ACTION_COUNT (sizeof actions / sizeof *actions)

#define PLACES 1024 // a power of two

_Static_assert(PLACES > 2 * ACTION_COUNT, "most names are at their place");

/** What is compared of a name: its length, its first and its last eight bytes in lower case. Of a name of four to seven
 *  bytes it is the first and last four, of a shorter one `first` has all. */
struct catalogue_key {
    uint64_t first, last;
    size_t length;
};

/** Where the action of a name is: the action's number, counted from 1, and the name's key. */
struct catalogue_place {
    struct catalogue_key key;
    uint16_t number; // 0: nothing is here
};

// Global: filled before main(), and only read afterwards. Each action is at the place of its name or the next that was
// free.
static struct catalogue_place places[PLACES];

static inline struct catalogue_key catalogue_key(struct span name)
{
    struct catalogue_key key = {.length = name.length};
    char first[sizeof key.first] = {0};

    if (name.length >= 8) {
        key.first = span_fold8(name.bytes);
        key.last = span_fold8(name.bytes + name.length - 8);
    } else if (name.length >= 4) {
        key.first = span_fold4(name.bytes);
        key.last = span_fold4(name.bytes + name.length - 4);
    } else {
        for (size_t i = 0; i < name.length; i++)
            first[i] = name.bytes[i];
        key.first = span_fold8(first);
    }
    return key;
}

static size_t place_of(const struct catalogue_key *key)
{
    uint64_t hash = (key->first + key->length) ^ key->last * UINT64_C(0xc2b2ae3d27d4eb4f);

    hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)((hash ^ hash >> 29) >> 32) % PLACES;
}

/** Fills `places` before main(), so that no thread can see it incomplete. */
__attribute__((constructor)) static void fill_places(void)
{
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        struct catalogue_key key = catalogue_key(span_of(actions[i].name));
        size_t place = place_of(&key);
        while (places[place].number != 0)
            place = (place + 1) % PLACES;
        places[place] = (struct catalogue_place){key, (uint16_t)(i + 1)};
    }
}

const struct action_info *catalogue_find(struct span name)
{
    if (name.length == 0)
        return NULL;
    struct catalogue_key key = catalogue_key(name);
    for (size_t place = place_of(&key); places[place].number != 0; place = (place + 1) % PLACES) {
        const struct catalogue_key *other = &places[place].key;
        const struct action_info *action = &actions[places[place].number - 1];
        if (other->first == key.first && other->last == key.last && other->length == key.length &&
            (key.length <= 2 * sizeof key.first || span_is(name, action->name)))
            return action;
    }
    return NULL;
}

bool catalogue_only_reads(struct span name)
{
    static const char *const proxy_actions[] = {"ListCluster",   "ListIOHandlers", "ListProxyActions", "ListScripts",
                                                "ListServers",   "ListSessions",   "ScriptStatus",     "ServerStatus",
                                                "SessionStatus", "Stats"};
    const struct action_info *info = catalogue_find(name);

    for (size_t i = 0; i < sizeof proxy_actions / sizeof proxy_actions[0]; i++) {
        if (span_is(name, proxy_actions[i]))
            return true;
    }
    return info != NULL &&
           (info->effect == EFFECT_STABLE || info->effect == EFFECT_VOLATILE || info->effect == EFFECT_LOCAL);
}

bool catalogue_message_only_reads(const struct message *action)
{
    struct span proxy_action, variables;
    bool is_proxy = message_find(action, "ProxyAction", &proxy_action) && proxy_action.length > 0;

    return catalogue_only_reads(is_proxy ? proxy_action : message_action(action, NULL)) &&
           !(message_find(action, "Variables", &variables) && variables.length > 0);
}

/** Asterisk's ast_true(). */
static bool is_true(struct span value)
{
    return span_is(value, "yes") || span_is(value, "true") || span_is(value, "y") || span_is(value, "t") ||
           span_is(value, "1") || span_is(value, "on");
}

/** Is it an Originate? A comparison with the name is needed only for the few actions that block. */
static bool is_originate(const struct message *action)
{
    return action->info != NULL && action->info->blocking && span_is(span_of(action->info->name), "Originate");
}

bool catalogue_is_async_call(const struct message *action)
{
    struct span value;
    return is_originate(action) && message_find(action, "Async", &value) && is_true(value);
}

bool catalogue_blocks_now(const struct message *action)
{
    struct span value;
    if (is_originate(action))
        return !catalogue_is_async(action);
    if (span_is(span_of(action->info->name), "UpdateConfig"))
        return message_find(action, "Reload", &value) && value.length > 0;
    return true;
}

bool catalogue_waits_for_people(const struct message *action)
{
    return is_originate(action) && !catalogue_is_async(action);
}

bool catalogue_ends_list(struct span event)
{
    static const char end[] = "Complete";
    const size_t length = sizeof end - 1;

    return event.length > length && span_is((struct span){event.bytes + event.length - length, length}, end);
}

/** Reads a number as sscanf("%d") does: blanks, a sign, digits, then anything. @return false: there is no number */
static bool read_number(struct span text, int64_t *number)
{
    size_t at = 0;
    bool negative;

    while (at < text.length && strchr(" \t\v\f", text.bytes[at]) != NULL && text.bytes[at] != '\0')
        at++;
    negative = at < text.length && text.bytes[at] == '-';
    at += at < text.length && (text.bytes[at] == '-' || text.bytes[at] == '+');
    if (at == text.length || text.bytes[at] < '0' || text.bytes[at] > '9')
        return false;
    for (*number = 0; at < text.length && text.bytes[at] >= '0' && text.bytes[at] <= '9'; at++) {
        if (*number <= INT32_MAX)
            *number = *number * 10 + (text.bytes[at] - '0');
    }
    *number = negative ? -*number : *number;
    return true;
}

uint64_t catalogue_call_ms(const struct message *action)
{
    struct span value;
    int64_t number = CALL_DEFAULT_MS;

    if (!is_originate(action))
        return 0;
    if (message_find(action, "Timeout", &value) && value.length > 0 && !read_number(value, &number))
        return 0;
    return number <= 0 || number > (int64_t)CATALOGUE_LONGEST_CALL_MS ? CATALOGUE_LONGEST_CALL_MS : (uint64_t)number;
}

uint32_t catalogue_count(void)
{
    return (uint32_t)ACTION_COUNT;
}

const struct action_info *catalogue_at(uint32_t index)
{
    return &actions[index];
}
