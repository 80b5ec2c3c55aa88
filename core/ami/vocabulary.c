// core/ami/vocabulary.c: see vocabulary.h. The names come from the public documentation of AMI events and from recorded
// messages of releases 1.2 to 24.
#include "ami/vocabulary.h"

#include "base/nearest.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

// clang-format off
/** Names of events (releases 1.2 to 24, and the proxy's own), sorted without case; if releases spell a name
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
    "ResourceListDetailComplete", "Resumed", "ResumePoint", "RTCPReceived", "RTCPSent", "RTPReceiverStat", "RTPSenderStat", "SendFAX",
    "SendFAXStatus", "ServerDown", "ServerUp", "SessionLimit", "SessionTimeout", "Set", "SetVar",
    "ShowDialPlanComplete", "Shutdown", "SIPpeerstatusComplete", "SIPQualifyPeerDone", "SoftHangupRequest", "SpanAlarm",
    "SpanAlarmClear", "Status", "StatusComplete", "SuccessfulAuth", "TestEvent", "Transfer", "TransportDetail",
    "UnexpectedAddress", "Unhold", "Unlink", "Unload", "UnParkedCall", "UserEvent", "VarSet", "VoicemailBoxDetail",
    "VoicemailBoxDetailComplete", "VoicemailPasswordChange", "VoicemailUserDetail", "VoicemailUserDetailComplete",
    "VoicemailUserEntry", "VoicemailUserEntryComplete", "WaitEventComplete", "Wink", "ZapShowChannels",
    "ZapShowChannelsComplete",
};

/** Names of headers of events and answers, sorted without case, without those that have a prefix (see below). */
static const char *const headers[] = {
    "100rel", "Abandoned", "AcceptMultipleSdpAnswers", "Account", "AccountCode", "AccountID", "ACL", "ACLName",
    "Action", "ActionID", "ActiveChannels", "Activity", "Address", "Admin", "Agent", "AgentCalled", "AgentName",
    "AggregateMwi", "Alarm", "Allow", "Allowoverlap", "AllowReload", "AllowSubscribe", "AllowTransfer",
    "AllowUnauthenticatedOptions", "AllowWildcardCerts", "AMAFlags", "AMIversion", "ANI", "AnsweredTime", "AnswerTime",
    "AOR", "Aors", "AppData", "Application", "ApplicationData", "AsteriskVersion", "AsycOperations",
    "AsymmetricRtpCodec", "AttemptedTransport", "Auth", "AuthenticateQualify", "AuthMethod", "AuthRejectionPermanent",
    "Auths", "AuthType", "AutoComedia", "AutoForcerport", "Available", "Begin", "BillableSeconds", "BillingID", "Bind",
    "BindRtpToMediaAddress", "BridgeCreator", "BridgedChannel", "BridgedUniqueid", "Bridgegroup", "BridgeID",
    "BridgeName", "BridgeNumChannels", "BridgePreviousVideoSource", "Bridgestate", "BridgeTechnology", "BridgeType",
    "BridgeUniqueid", "BridgeVideoSource", "BridgeVideoSourceMode", "Bundle", "CaListFile", "CaListPath", "Callee",
    "Caller", "CallerID", "CallerID1", "CallerID2", "CallerIDani", "CallerIDdnid", "CallerIDName", "CallerIDNum",
    "CalleridPrivacy", "CallerIDrdnis", "CalleridTag", "Callers", "Callgroup", "CallID", "Calls", "CallsTaken",
    "CallStarted", "Cause", "Cause-txt", "CertFile", "Challenge", "Channel", "Channel1", "Channel2", "ChannelCalling",
    "ChannelDriver", "Channels", "ChannelState", "ChannelStateDesc", "ChannelType", "ChanVariable", "Charge",
    "Chargeable", "ChargingAssociation", "ChargingType", "CID-CallingPres", "Cipher", "Class", "ClientUri", "Clone",
    "CloneState", "CodecPrefsIncomingAnswer", "CodecPrefsIncomingOffer", "CodecPrefsOutgoingAnswer",
    "CodecPrefsOutgoingOffer", "Comedia", "Command", "CommandId", "Completed", "CompletedFAXes", "Conference",
    "ConnectedLineMethod", "ConnectedLineName", "ConnectedLineNum", "Contact", "ContactAcl", "ContactHeaderParams",
    "Contacts", "ContactsRegistered", "ContactStatus", "ContactUser", "Context", "CoreCurrentCalls", "CoreID",
    "CoreProcessedCalls", "CoreReloadDate", "CoreReloadTime", "CoreStartupDate", "CoreStartupTime", "Cos", "CosAudio",
    "Cost", "CosVideo", "Count", "Counter", "Creation", "Currency", "CurrentSessions", "DAHDIChannel", "DAHDIGroup",
    "DAHDISpan", "Data", "DataRate", "DefaultExpiration", "Description", "DestApp", "DestBridgeUniqueid", "Destination",
    "DestinationChannel", "DestinationContext", "DestType", "Device", "DeviceState", "DeviceStateBusyAt", "DialStatus",
    "DialString", "Digit", "Direction", "DirectMedia", "DirectMediaGlareMitigation", "DirectMediaMethod",
    "DisableDirectMediaOnNat", "Disallow", "Disposition", "DNID", "Domain", "Dropped", "DtlsAutoGenerateCert",
    "DtlsCaFile", "DtlsCaPath", "DtlsCertFile", "DtlsCipher", "DtlsFingerprint", "DtlsPrivateKey", "DtlsRekey",
    "DtlsSetup", "DtlsVerify", "DtmfMode", "Duration", "DurationMs", "Dynamic", "EffectiveConnectedLineName",
    "EffectiveConnectedLineNum", "Email", "End", "EndMarked", "Endpoint", "EndpointName", "EndTime", "Env",
    "ErrorCorrectionMode", "Event", "EventList", "EventName", "Events", "EventTime", "EventTV", "EventVersion",
    "ExpectedAddress", "ExpectedResponse", "Expiration", "ExpirationTime", "Exten", "Extension", "ExtensionStates",
    "ExternalMediaAddress", "ExternalSignalingAddress", "ExternalSignalingHostname", "ExternalSignalingPort", "Extra",
    "FailedFAXes", "Family", "FatalRetryInterval", "Fax", "FaxDetect", "FaxDetectTimeout", "File", "FileName", "Files",
    "Filter", "FollowEarlyMediaFork", "ForbiddenRetryInterval", "ForceAvp", "Forcerport", "Forward", "From",
    "FromDomain", "FromUser", "Fullname", "FullState", "Func", "G726NonStandard", "GeolocIncomingCallProfile",
    "GeolocOutgoingCallProfile", "Granularity", "Handler", "Hint", "HoldTime", "IceSupport", "Id", "IdentifyBy",
    "Identities", "Ignore183WithoutSdp", "ImageResolution", "InbandProgress", "InCall", "IncludeContext",
    "IncomingCallOfferPref", "IncomingMwiMailbox", "Interface", "IPaddress", "IPport", "IsExternal", "Items", "JSON",
    "Key", "Language", "LastApplication", "LastCall", "LastData", "LastPause", "LastReload", "Length", "Line", "Link",
    "Linkedid", "ListContexts", "ListExtensions", "ListItem", "ListItems", "ListPriorities", "LocalAddress", "LocalNet",
    "LocalOptimization", "LocalStationID", "Location", "Locked", "Loggedin", "LoggedInChan", "LoggedInTime",
    "Loginchan", "LoginTime", "LongestHoldTime", "Mailbox", "Mailboxes", "MailboxName", "Marked", "MarkedUser", "Match",
    "MatchHeader", "MatchRequestUri", "Max", "MaxAudioStreams", "MaxContacts", "MaximumExpiration",
    "MaxRandomInitialDelay", "MaxRetries", "MaxVideoStreams", "MCallerIDName", "MCallerIDNameCharSet",
    "MCallerIDNamePres", "MCallerIDNameValid", "MCallerIDNum", "MCallerIDNumPlan", "MCallerIDNumPres",
    "MCallerIDNumValid", "MCallerIDPres", "MCallerIDSubaddr", "MCallerIDSubaddrOdd", "MCallerIDSubaddrType",
    "MCallerIDton", "MConnectedIDName", "MConnectedIDNameCharSet", "MConnectedIDNamePres", "MConnectedIDNameValid",
    "MConnectedIDNum", "MConnectedIDNumPlan", "MConnectedIDNumPres", "MConnectedIDNumValid", "MConnectedIDPres",
    "MConnectedIDSubaddr", "MConnectedIDSubaddrOdd", "MConnectedIDSubaddrType", "MConnectedIDton", "Md5Cred",
    "MediaAddress", "MediaEncryption", "MediaEncryptionOptimistic", "MediaUseReceivedTransport", "Meetme", "Member",
    "MemberName", "Membership", "MES", "Message", "MessageContext", "Method", "MinimumExpiration", "Module",
    "ModuleCount", "ModuleLoadStatus", "ModuleSelection", "ModuleVersion", "MohPassthrough", "MohSuggest", "Multiplier",
    "MusicClass", "Muted", "Mutex", "MwiFromUser", "MwiSubscribeReplacesUnsolicited", "Name", "NamedCallGroup",
    "NamedPickupGroup", "NativeFormats", "NeedsRestart", "New", "NewMessageCount", "NewMessages", "Newname",
    "NewPassword", "NextReg", "Node", "NonceLifetime", "NotificationBatchInterval", "NotifyEarlyInuseRinging", "Number",
    "NumberOf", "OauthClientid", "OauthSecret", "ObjectName", "ObjectType", "ObjectUserName", "Old", "OldAccountCode",
    "OldMessageCount", "OldMessages", "Oldname", "OldPeerAccount", "OneTouchRecording", "Operation", "Original",
    "OriginalPosition", "OriginalState", "Originator", "OutboundAuth", "OutboundAuths", "OutboundProxy",
    "OutgoingCallOfferPref", "Output", "OverlapContext", "PageNumber", "Pager", "PagesReceived", "PagesTransferred",
    "PagesTransmitted", "ParkerDialString", "ParkingDuration", "Parkinglot", "ParkingSpace", "ParkingTimeout",
    "Parties", "Password", "PasswordDigest", "Path", "PathSupport", "Paused", "PausedReason", "Peer", "PeerAccount",
    "PeerStatus", "Penalty", "Pickupgroup", "Ping", "Plan", "Port", "Position", "PreferredCodecOnly", "Presentity",
    "PresentityStatus", "Priority", "Privilege", "PrivKeyFile", "Protocol", "ProxyAction", "ProxyKey", "PruneOnBoot",
    "PT", "Qualify2xxOnly", "QualifyFrequency", "QualifyTimeout", "Queue", "Queues", "RateType", "RDNIS", "Readformat",
    "Readtrans", "Realm", "RealtimeDevice", "Reason", "ReceiveAttempts", "ReceivedChallenge", "ReceivedHash",
    "RecordOffFeature", "RecordOnFeature", "RedirectMethod", "ReferBlindProgress", "RefreshToken", "RegExpire",
    "Registrar", "RegistrationStatus", "Registry", "RegServer", "RemoteAddress", "RemoteStationID", "RemoveExisting",
    "RemoveUnavailable", "ReportCount", "ReportXCumulativeLost", "ReportXDLSR", "ReportXFractionLost",
    "ReportXHighestSequence", "ReportXIAJitter", "ReportXLSR", "ReportXSequenceNumberCycles", "ReportXSourceSSRC",
    "RequestParams", "RequestType", "RequireClientCert", "ReservedSessions", "Resolution", "ResourceDisplayName",
    "Response", "Restart", "Result", "ResultCode", "ResumeID", "RetryInterval", "RewriteContact", "Ringinuse", "RingTime", "Role",
    "RoundtripUsec", "RpidImmediate", "RtcpMux", "RTCPPort", "RtpEngine", "RtpIpv6", "RtpKeepalive", "RtpPortEnd",
    "RtpPortStart", "RtpSymmetric", "RtpTimeout", "RtpTimeoutHold", "RTT", "Scale", "SdpOwner", "SdpSession", "Seconds",
    "Secret", "SecurityNegotiation", "SendAoc", "SendConnectedLine", "SendDiversion", "SendHistoryInfo", "SendPai",
    "SendRpid", "SentNTP", "SentOctets", "SentPackets", "SentRTP", "SequenceNumber", "Server", "ServerUri", "Service",
    "ServiceEvent", "ServiceLevel", "ServicelevelPerf", "ServicelevelPerf2", "SessionID", "SessionNumber", "SessionTV",
    "SessionType", "Setting", "SetVar", "Severity", "Shutdown", "ShutdownReason", "SIP-Callid", "SIPcallid", "Source",
    "Span", "SpecialCode", "SrcUniqueID", "SrtpTag32", "SrvLookups", "SSRC", "StartTime", "State", "StateInterface",
    "Status", "StatusText", "StepFunction", "StirShaken", "StirShakenProfile", "Strategy", "SubEvent", "SubMinExpiry",
    "SubscribeContext", "SubscriptionType", "Subtype", "Success", "SupportedAlgorithmsUac", "SupportedAlgorithmsUas",
    "SupportOutbound", "SupportPath", "SuppressMohOnSendonly", "SuppressQ850ReasonHeaders", "SwapUniqueid", "Switch",
    "SymmetricTransport", "SystemName", "T38BindUdptlToMediaAddress", "T38Udptl", "T38UdptlEc", "T38UdptlIpv6",
    "T38UdptlMaxdatagram", "T38UdptlNat", "Tag", "Talking", "TalkingStatus", "TalkingTo", "TalkingToChan", "TalkTime",
    "TcpKeepaliveEnable", "TcpKeepaliveIdleTime", "TcpKeepaliveIntervalTime", "TcpKeepaliveProbeCount", "TechCause",
    "Technology", "Tenantid", "TextSupport", "Time", "Timeout", "Timers", "TimersMinSe", "TimersSessExpires",
    "Timestamp", "TimeToHangup", "To", "ToneZone", "Tos", "TosAudio", "TosVideo", "Total", "TotalBadLines",
    "TotalContacts", "TotalType", "TransferContext", "TransferExten", "TransferMethod", "TransferRate", "TransferType",
    "TransmitAttempts", "Transport", "TrustConnectedLine", "TrustIdInbound", "TrustIdOutbound", "Type", "TypeOf",
    "Uniqueid", "Uniqueid1", "Uniqueid2", "Unit", "Units", "Uptime", "UrgMessages", "URI", "UseAvpf", "UsePtime",
    "User", "UserAgent", "UserDefType", "UserEqPhone", "UserEvent", "UserField", "Username", "Usernum", "UserNumber",
    "UsingPassword", "Val", "Value", "Variable", "VerifyClient", "VerifyServer", "Version", "ViaAddr", "ViaAddress",
    "ViaPort", "VideoSupport", "VMContext", "VoicemailContext", "VoicemailExtension", "Wait", "Waiting", "WaitMarked",
    "Webrtc", "WebsocketWriteTimeout", "Weight", "Wrapuptime", "Writeformat", "Writetrans",
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

const char *vocabulary_nearest_event(struct span name)
{
    return nearest_of(name, event_table.names, event_table.count);
}

const char *vocabulary_nearest_header(struct span name)
{
    return nearest_of(name, header_table.names, header_table.count);
}

size_t vocabulary_count(void)
{
    return event_table.count;
}

const char *vocabulary_at(size_t index)
{
    return event_table.names[index];
}

const char *vocabulary_channel_header(size_t index)
{
    return index < COUNT(channel_headers) ? channel_headers[index] : NULL;
}

const char *vocabulary_bridge_header(size_t index)
{
    return index < COUNT(bridge_headers) ? bridge_headers[index] : NULL;
}
