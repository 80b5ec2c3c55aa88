// core/ami/vocabulary.c: see vocabulary.h. The names come from the public documentation of AMI events and from recorded
// messages of releases 1.2 to 22.
#include "ami/vocabulary.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST 64 // longest name that is compared by distance

// clang-format off
/** Names of events (releases 1.2 to 22, and the proxy's own), sorted without case; if releases spell a name
 *  differently, the newer spelling. */
static const char *const events[] = {
    "Agentcallbacklogin", "Agentcallbacklogoff", "AgentCalled", "AgentComplete", "AgentConnect", "AgentDump",
    "AgentLogin", "AgentLogoff", "AgentRingNoAnswer", "Agents", "AgentsComplete", "AGIExec", "AGIExecEnd",
    "AGIExecStart", "Alarm", "AlarmClear", "AOC-D", "AOC-E", "AOC-S", "AorDetail", "AorList", "AorListComplete",
    "AsyncAGI", "AsyncAGIEnd", "AsyncAGIExec", "AsyncAGIStart", "AttendedTransfer", "AuthDetail", "AuthList",
    "AuthListComplete", "AuthMethodNotAllowed", "BlindTransfer", "Bridge", "BridgeAction", "BridgeCreate",
    "BridgeDestroy", "BridgeEnter", "BridgeExec", "BridgeInfoChannel", "BridgeInfoComplete", "BridgeLeave",
    "BridgeListComplete", "BridgeListItem", "BridgeMerge", "BridgeTechnologyListComplete", "BridgeTechnologyListItem",
    "BridgeVideoSourceUpdate", "CCAvailable", "CCCallerRecalling", "CCCallerStartMonitoring", "CCCallerStopMonitoring",
    "CCFailure", "CCMonitorFailed", "CCOfferTimerStart", "CCRecallComplete", "CCRequestAcknowledged", "CCRequested",
    "Cdr", "CEL", "ChallengeResponseFailed", "ChallengeSent", "ChannelHungup", "ChannelReload",
    "ChannelsHungupListComplete", "ChannelTalkingStart", "ChannelTalkingStop", "ChannelUpdate", "ChanSpyStart",
    "ChanSpyStop", "ConfbridgeEnd", "ConfbridgeJoin", "ConfbridgeLeave", "ConfbridgeList", "ConfbridgeListComplete",
    "ConfbridgeListRooms", "ConfbridgeListRoomsComplete", "ConfbridgeMute", "ConfbridgeRecord", "ConfbridgeStart",
    "ConfbridgeStopRecord", "ConfbridgeTalking", "ConfbridgeUnmute", "ConfbridgeWelcome", "ContactList",
    "ContactListComplete", "ContactStatus", "ContactStatusDetail", "ContactStatusDetailComplete", "CoreShowChannel",
    "CoreShowChannelMap", "CoreShowChannelMapComplete", "CoreShowChannelsComplete", "DAHDIChannel", "DAHDIShowChannels",
    "DAHDIShowChannelsComplete", "DAHDIShowStatus", "DAHDIShowStatusComplete", "DBGetComplete", "DBGetResponse",
    "DBGetTreeComplete", "DBGetTreeResponse", "DeadlockStart", "DeviceEntry", "DevicelistComplete", "DeviceStateChange",
    "DeviceStateListComplete", "Dial", "DialBegin", "DialEnd", "DialState", "DNDState", "DTMF", "DTMFBegin", "DTMFEnd",
    "EndpointDetail", "EndpointDetailComplete", "EndpointList", "EndpointListComplete", "EventsSkipped",
    "ExtensionStateListComplete", "ExtensionStatus", "FailedACL", "FaxReceived", "FaxSent", "FAXSession",
    "FAXSessionsComplete", "FAXSessionsEntry", "FAXStats", "FAXStatus", "Flash", "FullyBooted", "Hangup",
    "HangupHandlerPop", "HangupHandlerPush", "HangupHandlerRun", "HangupRequest", "Hold", "IdentifyDetail",
    "InboundRegistrationDetail", "InboundRegistrationDetailComplete", "InboundSubscriptionDetail",
    "InboundSubscriptionDetailComplete", "InvalidAccountID", "InvalidPassword", "InvalidTransport", "JabberEvent",
    "JabberStatus", "JitterBufStats", "Join", "Leave", "LineEntry", "LinelistComplete", "Link", "ListDialplan", "Load",
    "LoadAverageLimit", "LocalBridge", "LocalOptimizationBegin", "LocalOptimizationEnd", "LogChannel", "Masquerade",
    "MCID", "MeetmeEnd", "MeetmeJoin", "MeetmeLeave", "MeetmeList", "MeetmeListComplete", "MeetmeListRooms",
    "MeetmeListRoomsComplete", "MeetmeMute", "MeetmeTalking", "MeetmeTalkRequest", "MemoryLimit", "MessageWaiting",
    "MiniVoiceMail", "MixMonitorMute", "MixMonitorStart", "MixMonitorStop", "MobileStatus", "ModuleLoadReport",
    "MonitorStart", "MonitorStop", "MusicOnHold", "MusicOnHoldStart", "MusicOnHoldStop", "MWIGet", "MWIGetComplete",
    "NewAccountCode", "NewCallerid", "Newchannel", "NewConnectedLine", "Newexten", "NewPeerAccount", "Newstate",
    "OriginateResponse", "OutboundRegistrationDetail", "OutboundRegistrationDetailComplete",
    "OutboundSubscriptionDetail", "OutboundSubscriptionDetailComplete", "ParkedCall", "ParkedCallGiveUp",
    "ParkedCallsComplete", "ParkedCallSwap", "ParkedCallTimeOut", "Parkinglot", "ParkinglotsComplete", "PeerEntry",
    "PeerlistComplete", "PeerStatus", "Pickup", "PJSIPMaintenanceStatus", "PJSIPMaintenanceStatusComplete",
    "PresenceStateChange", "PresenceStateListComplete", "PresenceStatus", "PRIShowSpans", "PRIShowSpansComplete",
    "ProxyShutdown", "QueueCallerAbandon", "QueueCallerJoin", "QueueCallerLeave", "QueueEntry", "QueueMember",
    "QueueMemberAdded", "QueueMemberPause", "QueueMemberPaused", "QueueMemberPenalty", "QueueMemberRemoved",
    "QueueMemberRinginuse", "QueueMemberStatus", "QueueParams", "QueueStatusComplete", "QueueSummary",
    "QueueSummaryComplete", "ReceiveFAX", "ReceiveFAXStatus", "RegistrationsComplete", "Registry", "RegistryEntry",
    "Reload", "Rename", "RequestBadFormat", "RequestNotAllowed", "RequestNotSupported", "ResourceListDetail",
    "ResourceListDetailComplete", "RTCPReceived", "RTCPSent", "RTPReceiverStat", "RTPSenderStat", "SendFAX",
    "SendFAXStatus", "ServerDown", "ServerUp", "SessionLimit", "SessionTimeout", "Set", "SetVar",
    "ShowDialPlanComplete", "Shutdown", "SIPpeerstatusComplete", "SoftHangupRequest", "SpanAlarm", "SpanAlarmClear",
    "Status", "StatusComplete", "SuccessfulAuth", "TestEvent", "Transfer", "TransportDetail", "UnexpectedAddress",
    "Unhold", "Unlink", "Unload", "UnParkedCall", "UserEvent", "VarSet", "VoicemailBoxDetail",
    "VoicemailBoxDetailComplete", "VoicemailPasswordChange", "VoicemailUserDetail", "VoicemailUserDetailComplete",
    "VoicemailUserEntry", "VoicemailUserEntryComplete", "WaitEventComplete", "Wink", "ZapShowChannels",
    "ZapShowChannelsComplete",
};

/** Names of headers of events and answers, sorted without case, without those that have a prefix (see below). */
static const char *const headers[] = {
    "Abandoned", "Account", "AccountCode", "AccountID", "ACL", "ACLName", "Action", "ActionID", "ActiveChannels",
    "Address", "Admin", "Agent", "AgentCalled", "AgentName", "AMAFlags", "AMIversion", "ANI", "AnswerTime", "AOR",
    "AppData", "Application", "ApplicationData", "AsteriskVersion", "AttemptedTransport", "AuthMethod", "Auths",
    "AutoComedia", "AutoForcerport", "Available", "Begin", "BillableSeconds", "BridgeCreator", "BridgedChannel",
    "BridgedUniqueid", "Bridgegroup", "BridgeID", "BridgeName", "BridgeNumChannels", "BridgePreviousVideoSource",
    "Bridgestate", "BridgeTechnology", "BridgeType", "BridgeUniqueid", "BridgeVideoSource", "BridgeVideoSourceMode",
    "Callee", "Caller", "CallerID", "CallerID1", "CallerID2", "CallerIDani", "CallerIDdnid", "CallerIDName",
    "CallerIDNum", "CallerIDrdnis", "Callers", "Callgroup", "CallID", "Calls", "CallsTaken", "CallStarted", "Cause",
    "Cause-txt", "Challenge", "Channel", "Channel1", "Channel2", "ChannelCalling", "ChannelDriver", "Channels",
    "ChannelState", "ChannelStateDesc", "ChannelType", "ChanVariable", "CID-CallingPres", "Class", "Clone",
    "CloneState", "Comedia", "Command", "CommandId", "Completed", "Conference", "ConnectedLineName", "ConnectedLineNum",
    "Contacts", "ContactStatus", "Context", "CoreCurrentCalls", "CoreID", "CoreProcessedCalls", "CoreReloadDate",
    "CoreReloadTime", "CoreStartupDate", "CoreStartupTime", "Count", "DAHDIChannel", "DAHDIGroup", "DAHDISpan", "Data",
    "Description", "DestApp", "DestBridgeUniqueid", "Destination", "DestinationChannel", "DestinationContext",
    "DestType", "Device", "DeviceState", "DialStatus", "DialString", "Digit", "Direction", "Disposition", "DNID",
    "Domain", "Dropped", "Duration", "DurationMs", "Dynamic", "EffectiveConnectedLineName", "EffectiveConnectedLineNum",
    "Email", "End", "EndMarked", "EndpointName", "EndTime", "Env", "Event", "EventList", "EventName", "Events",
    "EventTime", "EventTV", "EventVersion", "ExpectedAddress", "ExpectedResponse", "Exten", "Extension", "Extra",
    "Family", "Fax", "File", "Filter", "Forcerport", "Forward", "From", "Fullname", "Func", "Handler", "Hint",
    "HoldTime", "Id", "Identities", "InCall", "IncludeContext", "Interface", "IPaddress", "IPport", "IsExternal",
    "Items", "JSON", "Key", "Language", "LastApplication", "LastCall", "LastData", "LastPause", "LastReload", "Line",
    "Link", "Linkedid", "ListContexts", "ListExtensions", "ListItems", "ListPriorities", "LocalAddress",
    "LocalOptimization", "Location", "Loggedin", "LoggedInChan", "LoggedInTime", "Loginchan", "LoginTime",
    "LongestHoldTime", "Mailbox", "MailboxName", "MarkedUser", "Max", "Meetme", "Member", "MemberName", "Membership",
    "MES", "Message", "Module", "ModuleCount", "ModuleLoadStatus", "ModuleSelection", "ModuleVersion", "MusicClass",
    "Muted", "Name", "NativeFormats", "NeedsRestart", "New", "NewMessageCount", "NewMessages", "Newname", "Node",
    "ObjectName", "ObjectType", "ObjectUserName", "Old", "OldAccountCode", "OldMessageCount", "OldMessages", "Oldname",
    "OldPeerAccount", "Operation", "Original", "OriginalPosition", "OriginalState", "Originator", "OutboundAuths",
    "Output", "Pager", "ParkerDialString", "ParkingDuration", "Parkinglot", "ParkingSpace", "ParkingTimeout",
    "PathSupport", "Paused", "PausedReason", "Peer", "PeerAccount", "Penalty", "Pickupgroup", "Ping", "Port",
    "Position", "Presentity", "PresentityStatus", "Priority", "Privilege", "ProxyAction", "ProxyKey", "PT", "Queue",
    "Queues", "RDNIS", "Readformat", "Readtrans", "RealtimeDevice", "Reason", "ReceivedChallenge", "ReceivedHash",
    "RegExpire", "Registrar", "RegistrationStatus", "Registry", "RemoteAddress", "ReportCount", "RequestParams",
    "RequestType", "Response", "Restart", "Result", "ResultCode", "Ringinuse", "RingTime", "Role", "RoundtripUsec",
    "RTCPPort", "RTT", "Seconds", "Secret", "SentNTP", "SentOctets", "SentPackets", "SentRTP", "SequenceNumber",
    "Server", "Service", "ServiceEvent", "ServiceLevel", "ServicelevelPerf", "ServicelevelPerf2", "SessionID",
    "SessionTV", "Setting", "Severity", "Shutdown", "ShutdownReason", "SIP-Callid", "SIPcallid", "Source",
    "SrcUniqueID", "SSRC", "StartTime", "State", "StateInterface", "Status", "StatusText", "Strategy", "SubEvent",
    "Subtype", "Success", "SwapUniqueid", "Switch", "SystemName", "Tag", "Talking", "TalkingStatus", "TalkingTo",
    "TalkingToChan", "TalkTime", "TechCause", "Tenantid", "TextSupport", "Time", "Timeout", "Timestamp", "TimeToHangup",
    "To", "Total", "TransferContext", "TransferExten", "TransferMethod", "TransferType", "Transport", "Type",
    "Uniqueid", "Uniqueid1", "Uniqueid2", "Uptime", "UrgMessages", "URI", "User", "UserAgent", "UserDefType",
    "UserEvent", "UserField", "Username", "Usernum", "UsingPassword", "Val", "Value", "Variable", "Version",
    "ViaAddress", "VideoSupport", "VMContext", "VoicemailContext", "Wait", "Waiting", "WaitMarked", "Weight",
    "Wrapuptime", "Writeformat", "Writetrans",
};

/** Headers of a channel's snapshot, which may follow each of `channel_prefixes` (main/manager_channels.c:
 *  ast_manager_build_channel_state_string_prefix). */
static const char *const channel_headers[] = {
    "Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum",
    "ConnectedLineName", "Language", "AccountCode", "Context", "Exten", "Priority", "Uniqueid", "Linkedid", "Tenantid",
    "ChanVariable",
};
static const char *const channel_prefixes[] = {
    "Dest", "LocalOne", "LocalTwo", "Source", "Transferer", "Transferee", "OrigTransferer", "SecondTransferer",
    "TransferTarget", "DestTransferer", "Target", "Spyer", "Spyee", "Parkee", "Retriever",
};

/** The same for bridges (main/manager_bridges.c: ast_manager_build_bridge_state_string_prefix). */
static const char *const bridge_headers[] = {
    "BridgeUniqueid", "BridgeType", "BridgeTechnology", "BridgeCreator", "BridgeName", "BridgeNumChannels",
    "BridgeVideoSourceMode", "BridgeVideoSource",
};
static const char *const bridge_prefixes[] = {
    "To", "From", "Orig", "Second",
};
// clang-format on

#define COUNT(list) (sizeof(list) / sizeof *(list))

struct table {
    const char *const *names;
    size_t count;
};
static const struct table event_table = {events, COUNT(events)}, header_table = {headers, COUNT(headers)};

/** Compares without case; a prefix of the other comes first. */
static int vocabulary_compare(struct span name, const char *known)
{
    size_t length = strlen(known), shorter = name.length < length ? name.length : length;
    int order = strncasecmp(name.bytes, known, shorter);

    return order != 0 ? order : (name.length > length) - (name.length < length);
}

static const char *vocabulary_find(const struct table *table, struct span name)
{
    size_t low = 0, high = table->count;

    if (name.length == 0)
        return NULL;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = vocabulary_compare(name, table->names[middle]);
        if (order == 0)
            return table->names[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const char *vocabulary_event(struct span name)
{
    return vocabulary_find(&event_table, name);
}

/** Does the name consist of one of `prefixes` and one of `words`? */
static bool is_made_of(struct span name, const char *const *prefixes, size_t prefix_count, const char *const *words,
                       size_t word_count)
{
    for (size_t i = 0; i < prefix_count; i++) {
        size_t length = strlen(prefixes[i]);
        if (name.length <= length || strncasecmp(name.bytes, prefixes[i], length) != 0)
            continue;
        for (size_t k = 0; k < word_count; k++) {
            if (span_is((struct span){name.bytes + length, name.length - length}, words[k]))
                return true;
        }
    }
    return false;
}

bool vocabulary_has_header(struct span name)
{
    return vocabulary_find(&header_table, name) != NULL ||
           is_made_of(name, channel_prefixes, COUNT(channel_prefixes), channel_headers, COUNT(channel_headers)) ||
           is_made_of(name, bridge_prefixes, COUNT(bridge_prefixes), bridge_headers, COUNT(bridge_headers));
}

static char lower_byte(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + 32) : byte;
}

/** Counts the letters to insert, delete, replace or exchange with the next (Damerau distance), without case. */
static size_t vocabulary_distance(struct span name, const char *known)
{
    size_t length = strlen(known);
    size_t rows[3][LONGEST + 1] = {{0}};

    for (size_t k = 0; k <= length; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= name.length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t k = 1; k <= length; k++) {
            char a = lower_byte(name.bytes[i - 1]), b = lower_byte(known[k - 1]);
            size_t least = above[k - 1] + (a != b);
            least = above[k] + 1 < least ? above[k] + 1 : least;
            least = row[k - 1] + 1 < least ? row[k - 1] + 1 : least;
            if (i > 1 && k > 1 && a == lower_byte(known[k - 2]) && lower_byte(name.bytes[i - 2]) == b)
                least = second[k - 2] + 1 < least ? second[k - 2] + 1 : least;
            row[k] = least;
        }
    }
    return rows[name.length % 3][length];
}

/** Returns the most similar name of the table; NULL: each differs in more than 3 letters, or a third of them. */
static const char *vocabulary_nearest(const struct table *table, struct span name)
{
    const char *best = NULL;
    size_t least = name.length / 3 < 3 ? name.length / 3 : 3;

    if (name.length == 0 || name.length > LONGEST)
        return NULL;
    for (size_t i = 0; i < table->count; i++) {
        size_t length = strlen(table->names[i]);
        if (length > LONGEST || length > name.length + least || name.length > length + least)
            continue;
        size_t found = vocabulary_distance(name, table->names[i]);
        if (found < least + (best == NULL)) {
            best = table->names[i];
            least = found;
        }
    }
    return best;
}

const char *vocabulary_nearest_event(struct span name)
{
    return vocabulary_nearest(&event_table, name);
}

const char *vocabulary_nearest_header(struct span name)
{
    return vocabulary_nearest(&header_table, name);
}

size_t vocabulary_count(void)
{
    return event_table.count;
}

const char *vocabulary_at(size_t index)
{
    return event_table.names[index];
}
