// core/ami/scope.c: see scope.h. Sorted by name without case; it has each action of the catalogue.
#include "ami/scope.h"

#include <strings.h>

// clang-format off
#define HEADERS(...) (const struct named_header[]){__VA_ARGS__, {NULL, 0}}
// clang-format on
#define PLAIN HEADERS({NULL, 0})
#define CHANNEL HEADERS({"Channel", NAMING_CHANNEL})
#define ROOM HEADERS({"Channel", NAMING_BEGINNING})
#define MEMBER HEADERS({"Interface", NAMING_DEVICE}, {"StateInterface", NAMING_DEVICE})
#define TRANSFER HEADERS({"Channel", NAMING_CHANNEL}, {"Context", NAMING_TARGET}, {"Exten", NAMING_EXTENSION})
#define PEER HEADERS({"Peer", NAMING_PEER})
#define ENDPOINT HEADERS({"Endpoint", NAMING_PEER})
#define CONTEXT HEADERS({"Context", NAMING_CONTEXT})

// clang-format off
static const struct action_scope scopes[] = {
    {"AbsoluteTimeout", SCOPE_OWN, CHANNEL},
    {"AgentCallbackLogin", SCOPE_NOBODYS, HEADERS({"Context", NAMING_CONTEXT}, {"Exten", NAMING_EXTENSION})},
    {"AgentLogoff", SCOPE_NOBODYS, PLAIN},
    {"Agents", SCOPE_LISTS, PLAIN},
    {"AGI", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"Command", NAMING_GRANTED})},
    {"AOCMessage", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"ChannelPrefix", NAMING_REFUSED})},
    {"Atxfer", SCOPE_OWN, TRANSFER},
    {"BlindTransfer", SCOPE_OWN, TRANSFER},
    {"Bridge", SCOPE_OWN, HEADERS({"Channel1", NAMING_BEGINNING}, {"Channel2", NAMING_BEGINNING})},
    {"BridgeDestroy", SCOPE_NOBODYS, PLAIN},
    {"BridgeInfo", SCOPE_LISTS, PLAIN},
    {"BridgeKick", SCOPE_OWN, CHANNEL},
    {"BridgeList", SCOPE_ALL, PLAIN},
    {"BridgeTechnologyList", SCOPE_LISTS, PLAIN},
    {"BridgeTechnologySuspend", SCOPE_NOBODYS, PLAIN},
    {"BridgeTechnologyUnsuspend", SCOPE_NOBODYS, PLAIN},
    {"CancelAtxfer", SCOPE_OWN, CHANNEL},
    {"Challenge", SCOPE_NEVER, PLAIN},
    {"ChangeMonitor", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"File", NAMING_GRANTED})},
    {"Command", SCOPE_OWN, HEADERS({"Command", NAMING_COMMAND})},
    {"ConfbridgeKick", SCOPE_OWN, ROOM},
    {"ConfbridgeList", SCOPE_ALL, PLAIN},
    {"ConfbridgeListRooms", SCOPE_LISTS, PLAIN},
    {"ConfbridgeLock", SCOPE_NOBODYS, PLAIN},
    {"ConfbridgeMute", SCOPE_OWN, ROOM},
    {"ConfbridgeSetSingleVideoSrc", SCOPE_OWN, ROOM},
    {"ConfbridgeStartRecord", SCOPE_NOBODYS, PLAIN},
    {"ConfbridgeStopRecord", SCOPE_NOBODYS, PLAIN},
    {"ConfbridgeUnlock", SCOPE_NOBODYS, PLAIN},
    {"ConfbridgeUnmute", SCOPE_OWN, ROOM},
    {"ControlPlayback", SCOPE_OWN, CHANNEL},
    {"CoreSettings", SCOPE_ALL, PLAIN},
    {"CoreShowChannelMap", SCOPE_OWN, CHANNEL},
    {"CoreShowChannels", SCOPE_ALL, PLAIN},
    {"CoreStatus", SCOPE_ALL, PLAIN},
    {"CreateConfig", SCOPE_NOBODYS, PLAIN},
    {"DAHDIDialOffhook", SCOPE_NOBODYS, PLAIN},
    {"DAHDIDNDoff", SCOPE_NOBODYS, PLAIN},
    {"DAHDIDNDon", SCOPE_NOBODYS, PLAIN},
    {"DAHDIHangup", SCOPE_NOBODYS, PLAIN},
    {"DAHDIRestart", SCOPE_NOBODYS, PLAIN},
    {"DAHDIShowChannels", SCOPE_LISTS, PLAIN},
    {"DAHDIShowStatus", SCOPE_LISTS, PLAIN},
    {"DAHDITransfer", SCOPE_NOBODYS, PLAIN},
    {"DataGet", SCOPE_NOBODYS, PLAIN},
    {"DBDel", SCOPE_NOBODYS, PLAIN},
    {"DBDelTree", SCOPE_NOBODYS, PLAIN},
    {"DBGet", SCOPE_NOBODYS, PLAIN},
    {"DBGetTree", SCOPE_NOBODYS, PLAIN},
    {"DBPut", SCOPE_NOBODYS, PLAIN},
    {"DeviceStateList", SCOPE_ALL, PLAIN},
    {"DialplanExtensionAdd", SCOPE_NOBODYS, CONTEXT},
    {"DialplanExtensionRemove", SCOPE_NOBODYS, CONTEXT},
    {"Events", SCOPE_NEVER, PLAIN},
    {"ExtensionState", SCOPE_LISTS, CONTEXT},
    {"ExtensionStateList", SCOPE_LISTS, PLAIN},
    {"FAXSession", SCOPE_LISTS, PLAIN},
    {"FAXSessions", SCOPE_ALL, PLAIN},
    {"FAXStats", SCOPE_LISTS, PLAIN},
    {"Filter", SCOPE_NEVER, PLAIN},
    {"GetConfig", SCOPE_NOBODYS, PLAIN},
    {"GetConfigJSON", SCOPE_NOBODYS, PLAIN},
    {"Getvar", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"Variable", NAMING_GET})},
    {"Hangup", SCOPE_OWN, CHANNEL},
    {"IAXnetstats", SCOPE_LISTS, PLAIN},
    {"IAXpeerlist", SCOPE_ALL, PLAIN},
    {"IAXpeers", SCOPE_LISTS, PLAIN},
    {"IAXregistry", SCOPE_LISTS, PLAIN},
    {"JabberSend", SCOPE_NOBODYS, PLAIN},
    {"ListCategories", SCOPE_NOBODYS, PLAIN},
    {"ListCommands", SCOPE_ALL, PLAIN},
    {"LocalOptimizeAway", SCOPE_OWN, CHANNEL},
    {"LoggerRotate", SCOPE_NOBODYS, PLAIN},
    {"Login", SCOPE_NEVER, PLAIN},
    {"Logoff", SCOPE_NEVER, PLAIN},
    {"MailboxCount", SCOPE_LISTS, PLAIN},
    {"MailboxStatus", SCOPE_LISTS, PLAIN},
    {"MeetmeList", SCOPE_ALL, PLAIN},
    {"MeetmeListRooms", SCOPE_LISTS, PLAIN},
    {"MeetmeMute", SCOPE_NOBODYS, PLAIN},
    {"MeetmeUnmute", SCOPE_NOBODYS, PLAIN},
    {"MessageSend", SCOPE_NOBODYS, HEADERS({"Variable", NAMING_ASSIGNMENTS})},
    {"MixMonitor", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"File", NAMING_GRANTED},
                                      {"Options", NAMING_GRANTED}, {"Command", NAMING_GRANTED})},
    {"MixMonitorMute", SCOPE_OWN, CHANNEL},
    {"ModuleCheck", SCOPE_LISTS, PLAIN},
    {"ModuleLoad", SCOPE_NOBODYS, PLAIN},
    {"Monitor", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"File", NAMING_GRANTED})},
    {"MuteAudio", SCOPE_OWN, CHANNEL},
    {"MWIDelete", SCOPE_NOBODYS, PLAIN},
    {"MWIGet", SCOPE_LISTS, PLAIN},
    {"MWIUpdate", SCOPE_NOBODYS, PLAIN},
    {"Originate", SCOPE_OWN, HEADERS({"Channel", NAMING_DIAL}, {"Context", NAMING_TARGET},
                                     {"Application", NAMING_REFUSED}, {"PreDialGoSub", NAMING_REFUSED},
                                     {"ChannelId", NAMING_REFUSED}, {"OtherChannelId", NAMING_REFUSED},
                                     {"Variable", NAMING_ASSIGNMENTS})},
    {"Park", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"Channel2", NAMING_EITHER},
                                {"TimeoutChannel", NAMING_EITHER}, {"AnnounceChannel", NAMING_EITHER},
                                {"Parkinglot", NAMING_GRANTED}, {"ParkingSpace", NAMING_GRANTED})},
    {"ParkedCalls", SCOPE_ALL, PLAIN},
    {"Parkinglots", SCOPE_LISTS, PLAIN},
    {"PauseMonitor", SCOPE_OWN, CHANNEL},
    {"Ping", SCOPE_ALL, PLAIN},
    {"PJSIPHangup", SCOPE_OWN, CHANNEL},
    {"PJSIPNotify", SCOPE_NOBODYS, HEADERS({"Channel", NAMING_CHANNEL}, {"Endpoint", NAMING_PEER},
                                           {"URI", NAMING_ANYONE}, {"Variable", NAMING_ASSIGNMENTS})},
    {"PJSIPQualify", SCOPE_OWN, ENDPOINT},
    {"PJSIPRegister", SCOPE_NOBODYS, PLAIN},
    {"PJSIPSetMaintenance", SCOPE_NOBODYS, ENDPOINT},
    {"PJSIPShowAors", SCOPE_LISTS, PLAIN},
    {"PJSIPShowAuths", SCOPE_NOBODYS, PLAIN},
    {"PJSIPShowContacts", SCOPE_LISTS, PLAIN},
    {"PJSIPShowEndpoint", SCOPE_NOBODYS, ENDPOINT},
    {"PJSIPShowEndpoints", SCOPE_LISTS, PLAIN},
    {"PJSIPShowMaintenance", SCOPE_LISTS, ENDPOINT},
    {"PJSIPShowRegistrationInboundContactStatuses", SCOPE_LISTS, PLAIN},
    {"PJSIPShowRegistrationsInbound", SCOPE_LISTS, PLAIN},
    {"PJSIPShowRegistrationsOutbound", SCOPE_LISTS, PLAIN},
    {"PJSIPShowResourceLists", SCOPE_LISTS, PLAIN},
    {"PJSIPShowSubscriptionsInbound", SCOPE_LISTS, PLAIN},
    {"PJSIPShowSubscriptionsOutbound", SCOPE_LISTS, PLAIN},
    {"PJSIPUnregister", SCOPE_NOBODYS, PLAIN},
    {"PlayDTMF", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"Digit", NAMING_EXTENSION})},
    {"PlayMF", SCOPE_OWN, CHANNEL},
    {"PresenceState", SCOPE_LISTS, PLAIN},
    {"PresenceStateList", SCOPE_LISTS, PLAIN},
    {"PRIDebugFileSet", SCOPE_NOBODYS, PLAIN},
    {"PRIDebugFileUnset", SCOPE_NOBODYS, PLAIN},
    {"PRIDebugSet", SCOPE_NOBODYS, PLAIN},
    {"PRIShowSpans", SCOPE_LISTS, PLAIN},
    {"QueueAdd", SCOPE_OWN, MEMBER},
    {"QueueChangePriorityCaller", SCOPE_NOBODYS, HEADERS({"Caller", NAMING_CHANNEL})},
    {"QueueLog", SCOPE_OWN, HEADERS({"Interface", NAMING_DEVICE}, {"UniqueId", NAMING_CHANNEL})},
    {"QueueMemberRingInUse", SCOPE_OWN, MEMBER},
    {"QueuePause", SCOPE_OWN, MEMBER},
    {"QueuePenalty", SCOPE_OWN, MEMBER},
    {"QueueReload", SCOPE_NOBODYS, PLAIN},
    {"QueueRemove", SCOPE_OWN, MEMBER},
    {"QueueReset", SCOPE_NOBODYS, PLAIN},
    {"QueueRule", SCOPE_LISTS, PLAIN},
    {"Queues", SCOPE_LISTS, PLAIN},
    {"QueueStatus", SCOPE_ALL, PLAIN},
    {"QueueSummary", SCOPE_LISTS, PLAIN},
    {"QueueWithdrawCaller", SCOPE_NOBODYS, HEADERS({"Caller", NAMING_CHANNEL})},
    {"Redirect", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"ExtraChannel", NAMING_CHANNEL},
                                    {"Context", NAMING_TARGET}, {"ExtraContext", NAMING_CONTEXT})},
    {"Reload", SCOPE_NOBODYS, PLAIN},
    {"SendFlash", SCOPE_OWN, CHANNEL},
    {"SendText", SCOPE_OWN, CHANNEL},
    {"SetCDRUserField", SCOPE_OWN, CHANNEL},
    {"Setvar", SCOPE_OWN, HEADERS({"Channel", NAMING_CHANNEL}, {"Variable", NAMING_SET})},
    {"ShowDialPlan", SCOPE_LISTS, CONTEXT},
    {"SIPnotify", SCOPE_NOBODYS, HEADERS({"Channel", NAMING_PEER}, {"Call-ID", NAMING_ANYONE},
                                         {"Variable", NAMING_ASSIGNMENTS})},
    {"SIPpeers", SCOPE_ALL, PLAIN},
    {"SIPpeerstatus", SCOPE_ALL, PEER},
    {"SIPqualifypeer", SCOPE_OWN, PEER},
    {"SIPshowpeer", SCOPE_OWN, PEER},
    {"SIPshowregistry", SCOPE_LISTS, PLAIN},
    {"SKINNYdevices", SCOPE_LISTS, PLAIN},
    {"SKINNYlines", SCOPE_LISTS, PLAIN},
    {"SKINNYshowdevice", SCOPE_LISTS, PLAIN},
    {"SKINNYshowline", SCOPE_LISTS, PLAIN},
    {"SorceryMemoryCacheExpire", SCOPE_NOBODYS, PLAIN},
    {"SorceryMemoryCacheExpireObject", SCOPE_NOBODYS, PLAIN},
    {"SorceryMemoryCachePopulate", SCOPE_NOBODYS, PLAIN},
    {"SorceryMemoryCacheStale", SCOPE_NOBODYS, PLAIN},
    {"SorceryMemoryCacheStaleObject", SCOPE_NOBODYS, PLAIN},
    {"Status", SCOPE_ALL, HEADERS({"Channel", NAMING_CHANNEL}, {"Variables", NAMING_GETS},
                                  {"AllVariables", NAMING_REFUSED})},
    {"StopMixMonitor", SCOPE_OWN, CHANNEL},
    {"StopMonitor", SCOPE_OWN, CHANNEL},
    {"UnpauseMonitor", SCOPE_OWN, CHANNEL},
    {"UpdateConfig", SCOPE_NOBODYS, PLAIN},
    {"UserEvent", SCOPE_ALL, HEADERS({"UserEvent", NAMING_EVENT})},
    {"VoicemailBoxSummary", SCOPE_LISTS, CONTEXT},
    {"VoicemailForward", SCOPE_NOBODYS, HEADERS({"Context", NAMING_CONTEXT}, {"ToContext", NAMING_CONTEXT})},
    {"VoicemailMove", SCOPE_NOBODYS, CONTEXT},
    {"VoicemailRefresh", SCOPE_NOBODYS, CONTEXT},
    {"VoicemailRemove", SCOPE_NOBODYS, CONTEXT},
    {"VoicemailUsersList", SCOPE_LISTS, PLAIN},
    {"VoicemailUserStatus", SCOPE_LISTS, CONTEXT},
    {"WaitEvent", SCOPE_NEVER, PLAIN},
    {"ZapDialOffhook", SCOPE_NOBODYS, PLAIN},
    {"ZapDNDoff", SCOPE_NOBODYS, PLAIN},
    {"ZapDNDon", SCOPE_NOBODYS, PLAIN},
    {"ZapHangup", SCOPE_NOBODYS, PLAIN},
    {"ZapRestart", SCOPE_NOBODYS, PLAIN},
    {"ZapShowChannels", SCOPE_LISTS, PLAIN},
    {"ZapTransfer", SCOPE_NOBODYS, PLAIN},
};
// clang-format on
#define SCOPES (sizeof scopes / sizeof scopes[0])

/** Like strcasecmp(). */
static int scope_compare(struct span action, const char *name)
{
    size_t length = strlen(name);
    int order = strncasecmp(action.bytes, name, action.length < length ? action.length : length);

    return order != 0 ? order : (action.length > length) - (action.length < length);
}

const struct action_scope *scope_find(struct span action)
{
    size_t low = 0, high = SCOPES;

    if (action.length == 0)
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = scope_compare(action, scopes[middle].action);
        if (order == 0)
            return &scopes[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct named_header *scope_header(const struct action_scope *scope, struct span name)
{
    const struct named_header *header = scope == NULL ? NULL : scope->headers;

    while (header != NULL && header->name != NULL && !span_is(name, header->name))
        header++;
    return header == NULL || header->name == NULL ? NULL : header;
}

size_t scope_count(void)
{
    return SCOPES;
}

const struct action_scope *scope_at(size_t index)
{
    return &scopes[index];
}
