// Made by make-names.js from the tables of astmanproxy; do not edit.

/** Actions that the proxy knows; others are sent, too. */
export type ActionName =
    | 'AbsoluteTimeout' | 'AgentCallbackLogin' | 'AgentLogoff' | 'Agents' | 'AGI' | 'AOCMessage' | 'Atxfer'
    | 'BlindTransfer' | 'Bridge' | 'BridgeDestroy' | 'BridgeInfo' | 'BridgeKick' | 'BridgeList'
    | 'BridgeTechnologyList' | 'BridgeTechnologySuspend' | 'BridgeTechnologyUnsuspend' | 'CancelAtxfer'
    | 'Challenge' | 'ChangeMonitor' | 'Command' | 'ConfbridgeKick' | 'ConfbridgeList' | 'ConfbridgeListRooms'
    | 'ConfbridgeLock' | 'ConfbridgeMute' | 'ConfbridgeSetSingleVideoSrc' | 'ConfbridgeStartRecord'
    | 'ConfbridgeStopRecord' | 'ConfbridgeUnlock' | 'ConfbridgeUnmute' | 'ControlPlayback' | 'CoreSettings'
    | 'CoreShowChannelMap' | 'CoreShowChannels' | 'CoreStatus' | 'CreateConfig' | 'DAHDIDialOffhook'
    | 'DAHDIDNDoff' | 'DAHDIDNDon' | 'DAHDIHangup' | 'DAHDIRestart' | 'DAHDIShowChannels' | 'DAHDIShowStatus'
    | 'DAHDITransfer' | 'DataGet' | 'DBDel' | 'DBDelTree' | 'DBGet' | 'DBGetTree' | 'DBPut' | 'DeviceStateList'
    | 'DialplanExtensionAdd' | 'DialplanExtensionRemove' | 'Events' | 'ExtensionState' | 'ExtensionStateList'
    | 'FAXSession' | 'FAXSessions' | 'FAXStats' | 'Filter' | 'GetConfig' | 'GetConfigJSON' | 'Getvar' | 'Hangup'
    | 'IAXnetstats' | 'IAXpeerlist' | 'IAXpeers' | 'IAXregistry' | 'JabberSend' | 'ListCategories' | 'ListCommands'
    | 'LocalOptimizeAway' | 'LoggerRotate' | 'Login' | 'Logoff' | 'MailboxCount' | 'MailboxStatus' | 'MeetmeList'
    | 'MeetmeListRooms' | 'MeetmeMute' | 'MeetmeUnmute' | 'MessageSend' | 'MixMonitor' | 'MixMonitorMute'
    | 'ModuleCheck' | 'ModuleLoad' | 'Monitor' | 'MuteAudio' | 'MWIDelete' | 'MWIGet' | 'MWIUpdate' | 'Originate'
    | 'Park' | 'ParkedCalls' | 'Parkinglots' | 'PauseMonitor' | 'Ping' | 'PJSIPHangup' | 'PJSIPNotify'
    | 'PJSIPQualify' | 'PJSIPRegister' | 'PJSIPSetMaintenance' | 'PJSIPShowAors' | 'PJSIPShowAuths'
    | 'PJSIPShowContacts' | 'PJSIPShowEndpoint' | 'PJSIPShowEndpoints' | 'PJSIPShowMaintenance'
    | 'PJSIPShowRegistrationInboundContactStatuses' | 'PJSIPShowRegistrationsInbound'
    | 'PJSIPShowRegistrationsOutbound' | 'PJSIPShowResourceLists' | 'PJSIPShowSubscriptionsInbound'
    | 'PJSIPShowSubscriptionsOutbound' | 'PJSIPUnregister' | 'PlayDTMF' | 'PlayMF' | 'PresenceState'
    | 'PresenceStateList' | 'PRIDebugFileSet' | 'PRIDebugFileUnset' | 'PRIDebugSet' | 'PRIShowSpans' | 'QueueAdd'
    | 'QueueChangePriorityCaller' | 'QueueLog' | 'QueueMemberRingInUse' | 'QueuePause' | 'QueuePenalty'
    | 'QueueReload' | 'QueueRemove' | 'QueueReset' | 'QueueRule' | 'Queues' | 'QueueStatus' | 'QueueSummary'
    | 'QueueWithdrawCaller' | 'Redirect' | 'Reload' | 'SendFlash' | 'SendText' | 'SetCDRUserField' | 'Setvar'
    | 'ShowDialPlan' | 'SIPnotify' | 'SIPpeers' | 'SIPpeerstatus' | 'SIPqualifypeer' | 'SIPshowpeer'
    | 'SIPshowregistry' | 'SKINNYdevices' | 'SKINNYlines' | 'SKINNYshowdevice' | 'SKINNYshowline'
    | 'SorceryMemoryCacheExpire' | 'SorceryMemoryCacheExpireObject' | 'SorceryMemoryCachePopulate'
    | 'SorceryMemoryCacheStale' | 'SorceryMemoryCacheStaleObject' | 'Status' | 'StopMixMonitor' | 'StopMonitor'
    | 'UnpauseMonitor' | 'UpdateConfig' | 'UserEvent' | 'VoicemailBoxSummary' | 'VoicemailForward'
    | 'VoicemailMove' | 'VoicemailRefresh' | 'VoicemailRemove' | 'VoicemailUsersList' | 'VoicemailUserStatus'
    | 'WaitEvent' | 'ZapDialOffhook' | 'ZapDNDoff' | 'ZapDNDon' | 'ZapHangup' | 'ZapRestart' | 'ZapShowChannels'
    | 'ZapTransfer';

/** Actions whose answer is a list. */
export type ListName =
    | 'Agents' | 'BridgeInfo' | 'BridgeList' | 'BridgeTechnologyList' | 'ConfbridgeList' | 'ConfbridgeListRooms'
    | 'CoreShowChannelMap' | 'CoreShowChannels' | 'DAHDIShowChannels' | 'DAHDIShowStatus' | 'DBGet' | 'DBGetTree'
    | 'DeviceStateList' | 'ExtensionStateList' | 'FAXSessions' | 'IAXpeerlist' | 'IAXpeers' | 'IAXregistry'
    | 'MeetmeList' | 'MeetmeListRooms' | 'MWIGet' | 'ParkedCalls' | 'Parkinglots' | 'PJSIPShowAors'
    | 'PJSIPShowAuths' | 'PJSIPShowContacts' | 'PJSIPShowEndpoint' | 'PJSIPShowEndpoints' | 'PJSIPShowMaintenance'
    | 'PJSIPShowRegistrationInboundContactStatuses' | 'PJSIPShowRegistrationsInbound'
    | 'PJSIPShowRegistrationsOutbound' | 'PJSIPShowResourceLists' | 'PJSIPShowSubscriptionsInbound'
    | 'PJSIPShowSubscriptionsOutbound' | 'PresenceStateList' | 'PRIShowSpans' | 'QueueStatus' | 'QueueSummary'
    | 'ShowDialPlan' | 'SIPpeers' | 'SIPpeerstatus' | 'SIPshowregistry' | 'SKINNYdevices' | 'SKINNYlines'
    | 'Status' | 'VoicemailBoxSummary' | 'VoicemailUsersList' | 'VoicemailUserStatus' | 'ZapShowChannels';

/** Proxy actions that come with the proxy. */
export type ProxyActionName =
    | 'AddServer' | 'CreateToken' | 'DrainServer' | 'DropServer' | 'KickSession' | 'ListCluster' | 'ListIOHandlers'
    | 'ListProxyActions' | 'ListRevokedTokens' | 'ListScripts' | 'ListServers' | 'ListSessions' | 'Logoff'
    | 'ReleaseFilter' | 'Reload' | 'ResumeServer' | 'RevokeToken' | 'ScriptStatus' | 'ServerStatus'
    | 'SessionStatus' | 'SetAutoFilter' | 'SetInputFormat' | 'SetLogLevel' | 'SetOutputFormat' | 'SetResume'
    | 'Stats' | 'UnlockAddress';

/** Events that servers and the proxy send; modules and dialplans make others. */
export type EventName =
    | 'Agentcallbacklogin' | 'Agentcallbacklogoff' | 'AgentCalled' | 'AgentComplete' | 'AgentConnect' | 'AgentDump'
    | 'AgentLogin' | 'AgentLogoff' | 'AgentRingNoAnswer' | 'Agents' | 'AgentsComplete' | 'AGIExec' | 'AGIExecEnd'
    | 'AGIExecStart' | 'Alarm' | 'AlarmClear' | 'AOC-D' | 'AOC-E' | 'AOC-S' | 'AorDetail' | 'AorList'
    | 'AorListComplete' | 'AsyncAGI' | 'AsyncAGIEnd' | 'AsyncAGIExec' | 'AsyncAGIStart' | 'AttendedTransfer'
    | 'AuthDetail' | 'AuthList' | 'AuthListComplete' | 'AuthMethodNotAllowed' | 'BlindTransfer' | 'Bridge'
    | 'BridgeAction' | 'BridgeCreate' | 'BridgeDestroy' | 'BridgeEnter' | 'BridgeExec' | 'BridgeInfoChannel'
    | 'BridgeInfoComplete' | 'BridgeLeave' | 'BridgeListComplete' | 'BridgeListItem' | 'BridgeMerge'
    | 'BridgeTechnologyListComplete' | 'BridgeTechnologyListItem' | 'BridgeVideoSourceUpdate' | 'CCAvailable'
    | 'CCCallerRecalling' | 'CCCallerStartMonitoring' | 'CCCallerStopMonitoring' | 'CCFailure' | 'CCMonitorFailed'
    | 'CCOfferTimerStart' | 'CCRecallComplete' | 'CCRequestAcknowledged' | 'CCRequested' | 'Cdr' | 'CEL'
    | 'ChallengeResponseFailed' | 'ChallengeSent' | 'ChannelHungup' | 'ChannelReload'
    | 'ChannelsHungupListComplete' | 'ChannelTalkingStart' | 'ChannelTalkingStop' | 'ChannelUpdate'
    | 'ChanSpyStart' | 'ChanSpyStop' | 'ConfbridgeEnd' | 'ConfbridgeJoin' | 'ConfbridgeLeave' | 'ConfbridgeList'
    | 'ConfbridgeListComplete' | 'ConfbridgeListRooms' | 'ConfbridgeListRoomsComplete' | 'ConfbridgeMute'
    | 'ConfbridgeRecord' | 'ConfbridgeStart' | 'ConfbridgeStopRecord' | 'ConfbridgeTalking' | 'ConfbridgeUnmute'
    | 'ConfbridgeWelcome' | 'ContactList' | 'ContactListComplete' | 'ContactStatus' | 'ContactStatusDetail'
    | 'ContactStatusDetailComplete' | 'CoreShowChannel' | 'CoreShowChannelMap' | 'CoreShowChannelMapComplete'
    | 'CoreShowChannelsComplete' | 'DAHDIChannel' | 'DAHDIShowChannels' | 'DAHDIShowChannelsComplete'
    | 'DAHDIShowStatus' | 'DAHDIShowStatusComplete' | 'DBGetComplete' | 'DBGetResponse' | 'DBGetTreeComplete'
    | 'DBGetTreeResponse' | 'DeadlockStart' | 'DeviceEntry' | 'DevicelistComplete' | 'DeviceStateChange'
    | 'DeviceStateListComplete' | 'Dial' | 'DialBegin' | 'DialEnd' | 'DialState' | 'DNDState' | 'DTMF'
    | 'DTMFBegin' | 'DTMFEnd' | 'EndpointDetail' | 'EndpointDetailComplete' | 'EndpointList'
    | 'EndpointListComplete' | 'EventsSkipped' | 'ExtensionStateListComplete' | 'ExtensionStatus' | 'FailedACL'
    | 'FaxReceived' | 'FaxSent' | 'FAXSession' | 'FAXSessionsComplete' | 'FAXSessionsEntry' | 'FAXStats'
    | 'FAXStatus' | 'Flash' | 'FullyBooted' | 'Hangup' | 'HangupHandlerPop' | 'HangupHandlerPush'
    | 'HangupHandlerRun' | 'HangupRequest' | 'Hold' | 'IdentifyDetail' | 'InboundRegistrationDetail'
    | 'InboundRegistrationDetailComplete' | 'InboundSubscriptionDetail' | 'InboundSubscriptionDetailComplete'
    | 'InvalidAccountID' | 'InvalidPassword' | 'InvalidTransport' | 'JabberEvent' | 'JabberStatus'
    | 'JitterBufStats' | 'Join' | 'Leave' | 'LineEntry' | 'LinelistComplete' | 'Link' | 'ListDialplan' | 'Load'
    | 'LoadAverageLimit' | 'LocalBridge' | 'LocalOptimizationBegin' | 'LocalOptimizationEnd' | 'LogChannel'
    | 'Masquerade' | 'MCID' | 'MeetmeEnd' | 'MeetmeJoin' | 'MeetmeLeave' | 'MeetmeList' | 'MeetmeListComplete'
    | 'MeetmeListRooms' | 'MeetmeListRoomsComplete' | 'MeetmeMute' | 'MeetmeTalking' | 'MeetmeTalkRequest'
    | 'MemoryLimit' | 'MessageWaiting' | 'MiniVoiceMail' | 'MixMonitorMute' | 'MixMonitorStart' | 'MixMonitorStop'
    | 'MobileStatus' | 'ModuleLoadReport' | 'MonitorStart' | 'MonitorStop' | 'MusicOnHold' | 'MusicOnHoldStart'
    | 'MusicOnHoldStop' | 'MWIGet' | 'MWIGetComplete' | 'NewAccountCode' | 'NewCallerid' | 'Newchannel'
    | 'NewConnectedLine' | 'Newexten' | 'NewPeerAccount' | 'Newstate' | 'OriginateResponse'
    | 'OutboundRegistrationDetail' | 'OutboundRegistrationDetailComplete' | 'OutboundSubscriptionDetail'
    | 'OutboundSubscriptionDetailComplete' | 'ParkedCall' | 'ParkedCallGiveUp' | 'ParkedCallsComplete'
    | 'ParkedCallSwap' | 'ParkedCallTimeOut' | 'Parkinglot' | 'ParkinglotsComplete' | 'PeerEntry'
    | 'PeerlistComplete' | 'PeerStatus' | 'Pickup' | 'PJSIPMaintenanceStatus' | 'PJSIPMaintenanceStatusComplete'
    | 'PresenceStateChange' | 'PresenceStateListComplete' | 'PresenceStatus' | 'PRIShowSpans'
    | 'PRIShowSpansComplete' | 'ProxyShutdown' | 'QueueCallerAbandon' | 'QueueCallerJoin' | 'QueueCallerLeave'
    | 'QueueEntry' | 'QueueMember' | 'QueueMemberAdded' | 'QueueMemberPause' | 'QueueMemberPaused'
    | 'QueueMemberPenalty' | 'QueueMemberRemoved' | 'QueueMemberRinginuse' | 'QueueMemberStatus' | 'QueueParams'
    | 'QueueStatusComplete' | 'QueueSummary' | 'QueueSummaryComplete' | 'ReceiveFAX' | 'ReceiveFAXStatus'
    | 'RegistrationsComplete' | 'Registry' | 'RegistryEntry' | 'Reload' | 'Rename' | 'RequestBadFormat'
    | 'RequestNotAllowed' | 'RequestNotSupported' | 'ResourceListDetail' | 'ResourceListDetailComplete' | 'Resumed'
    | 'ResumePoint' | 'RTCPReceived' | 'RTCPSent' | 'RTPReceiverStat' | 'RTPSenderStat' | 'SendFAX'
    | 'SendFAXStatus' | 'ServerDown' | 'ServerUp' | 'SessionLimit' | 'SessionTimeout' | 'Set' | 'SetVar'
    | 'ShowDialPlanComplete' | 'Shutdown' | 'SIPpeerstatusComplete' | 'SIPQualifyPeerDone' | 'SoftHangupRequest'
    | 'SpanAlarm' | 'SpanAlarmClear' | 'Status' | 'StatusComplete' | 'SuccessfulAuth' | 'TestEvent' | 'Transfer'
    | 'TransportDetail' | 'UnexpectedAddress' | 'Unhold' | 'Unlink' | 'Unload' | 'UnParkedCall' | 'UserEvent'
    | 'VarSet' | 'VoicemailBoxDetail' | 'VoicemailBoxDetailComplete' | 'VoicemailPasswordChange'
    | 'VoicemailUserDetail' | 'VoicemailUserDetailComplete' | 'VoicemailUserEntry' | 'VoicemailUserEntryComplete'
    | 'WaitEventComplete' | 'Wink' | 'ZapShowChannels' | 'ZapShowChannelsComplete';

export type ChannelHeaders<P extends string> = { [N in `${P}${ChannelHeader}`]?: string };
export type BridgeHeaders<P extends string> = { [N in `${P}${BridgeHeader}`]?: string };

/** What is said of each channel in an event. */
export type ChannelHeader =
    | 'Channel' | 'ChannelState' | 'ChannelStateDesc' | 'CallerIDNum' | 'CallerIDName' | 'ConnectedLineNum'
    | 'ConnectedLineName' | 'Language' | 'AccountCode' | 'Context' | 'Exten' | 'Priority' | 'Uniqueid' | 'Linkedid'
    | 'Tenantid';

/** What is said of each bridge in an event. */
export type BridgeHeader =
    | 'BridgeUniqueid' | 'BridgeType' | 'BridgeTechnology' | 'BridgeCreator' | 'BridgeName' | 'BridgeNumChannels'
    | 'BridgeVideoSourceMode' | 'BridgeVideoSource';

/** The headers of each event that Asterisk 18 to 24 document; a server's release may send fewer. */
export interface EventHeaders {
    AgentCalled: ChannelHeaders<''> & ChannelHeaders<'Dest'> & { Queue?: string; MemberName?: string; Interface?: string };
    AgentComplete: ChannelHeaders<''> & ChannelHeaders<'Dest'> & { Queue?: string; MemberName?: string; Interface?: string; HoldTime?: string; TalkTime?: string; Reason?: string };
    AgentConnect: ChannelHeaders<''> & ChannelHeaders<'Dest'> & { Queue?: string; MemberName?: string; Interface?: string; RingTime?: string; HoldTime?: string };
    AgentDump: ChannelHeaders<''> & ChannelHeaders<'Dest'> & { Queue?: string; MemberName?: string; Interface?: string };
    AgentLogin: ChannelHeaders<''> & { Agent?: string };
    AgentLogoff: ChannelHeaders<''> & { Agent?: string; Logintime?: string };
    AgentRingNoAnswer: ChannelHeaders<''> & ChannelHeaders<'Dest'> & { Queue?: string; MemberName?: string; Interface?: string; RingTime?: string };
    Agents: ChannelHeaders<''> & { Agent?: string; Name?: string; Status?: string; TalkingToChan?: string; CallStarted?: string; LoggedInTime?: string; ActionID?: string };
    AgentsComplete: { ActionID?: string };
    AGIExecEnd: ChannelHeaders<''> & { Command?: string; CommandId?: string; ResultCode?: string; Result?: string };
    AGIExecStart: ChannelHeaders<''> & { Command?: string; CommandId?: string };
    Alarm: { DAHDIChannel?: string; Alarm?: string };
    AlarmClear: { DAHDIChannel?: string };
    'AOC-D': ChannelHeaders<''> & { Charge?: string; Type?: string; BillingID?: string; TotalType?: string; Currency?: string; Name?: string; Cost?: string; Multiplier?: string; Units?: string; NumberOf?: string; TypeOf?: string };
    'AOC-E': ChannelHeaders<''> & { ChargingAssociation?: string; Number?: string; Plan?: string; ID?: string; Charge?: string; Type?: string; BillingID?: string; TotalType?: string; Currency?: string; Name?: string; Cost?: string; Multiplier?: string; Units?: string; NumberOf?: string; TypeOf?: string };
    'AOC-S': ChannelHeaders<''> & { Chargeable?: string; RateType?: string; Currency?: string; Name?: string; Cost?: string; Multiplier?: string; ChargingType?: string; StepFunction?: string; Granularity?: string; Length?: string; Scale?: string; Unit?: string; SpecialCode?: string };
    AorDetail: { ObjectType?: string; ObjectName?: string; MinimumExpiration?: string; MaximumExpiration?: string; DefaultExpiration?: string; QualifyFrequency?: string; AuthenticateQualify?: string; MaxContacts?: string; RemoveExisting?: string; Mailboxes?: string; OutboundProxy?: string; SupportPath?: string; TotalContacts?: string; ContactsRegistered?: string; EndpointName?: string; RemoveUnavailable?: string; Qualify2xxOnly?: string; QualifyTimeout?: string; VoicemailExtension?: string; Contacts?: string };
    AorList: { ObjectType?: string; ObjectName?: string; MinimumExpiration?: string; MaximumExpiration?: string; DefaultExpiration?: string; QualifyFrequency?: string; AuthenticateQualify?: string; MaxContacts?: string; RemoveExisting?: string; Mailboxes?: string; OutboundProxy?: string; SupportPath?: string; RemoveUnavailable?: string; QualifyTimeout?: string; Qualify2xxOnly?: string; VoicemailExtension?: string; Contacts?: string };
    AorListComplete: { EventList?: string; ListItems?: string };
    AsyncAGIEnd: ChannelHeaders<''>;
    AsyncAGIExec: ChannelHeaders<''> & { CommandID?: string; Result?: string };
    AsyncAGIStart: ChannelHeaders<''> & { Env?: string };
    AttendedTransfer: ChannelHeaders<'OrigTransferer'> & ChannelHeaders<'SecondTransferer'> & ChannelHeaders<'LocalOne'> & ChannelHeaders<'LocalTwo'> & ChannelHeaders<'Transferee'> & ChannelHeaders<'TransferTarget'> & BridgeHeaders<'Orig'> & BridgeHeaders<'Second'> & { Result?: string; DestType?: string; DestBridgeUniqueid?: string; DestApp?: string; DestTransfererChannel?: string };
    AuthDetail: { ObjectType?: string; ObjectName?: string; Username?: string; Password?: string; Md5Cred?: string; Realm?: string; NonceLifetime?: string; AuthType?: string; EndpointName?: string; OauthClientid?: string; OauthSecret?: string; PasswordDigest?: string; RefreshToken?: string; SupportedAlgorithmsUac?: string; SupportedAlgorithmsUas?: string };
    AuthList: { ObjectType?: string; ObjectName?: string; Username?: string; Md5Cred?: string; Realm?: string; AuthType?: string; Password?: string; NonceLifetime?: string; OauthClientid?: string; OauthSecret?: string; PasswordDigest?: string; RefreshToken?: string; SupportedAlgorithmsUac?: string; SupportedAlgorithmsUas?: string };
    AuthListComplete: { EventList?: string; ListItems?: string };
    AuthMethodNotAllowed: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; AuthMethod?: string; Module?: string; SessionTV?: string };
    BlindTransfer: ChannelHeaders<'Transferer'> & ChannelHeaders<'Transferee'> & BridgeHeaders<''> & { Result?: string; IsExternal?: string; Context?: string; Extension?: string };
    BridgeCreate: BridgeHeaders<''>;
    BridgeDestroy: BridgeHeaders<''>;
    BridgeEnter: ChannelHeaders<''> & BridgeHeaders<''> & { SwapUniqueid?: string };
    BridgeInfoChannel: ChannelHeaders<''>;
    BridgeInfoComplete: BridgeHeaders<''>;
    BridgeLeave: ChannelHeaders<''> & BridgeHeaders<''>;
    BridgeMerge: BridgeHeaders<'To'> & BridgeHeaders<'From'>;
    BridgeVideoSourceUpdate: BridgeHeaders<''> & { BridgePreviousVideoSource?: string };
    Cdr: { AccountCode?: string; Source?: string; Destination?: string; DestinationContext?: string; CallerID?: string; Channel?: string; DestinationChannel?: string; LastApplication?: string; LastData?: string; StartTime?: string; AnswerTime?: string; EndTime?: string; Duration?: string; BillableSeconds?: string; Disposition?: string; AMAFlags?: string; UniqueID?: string; UserField?: string };
    CEL: { EventName?: string; AccountCode?: string; CallerIDnum?: string; CallerIDname?: string; CallerIDani?: string; CallerIDrdnis?: string; CallerIDdnid?: string; Exten?: string; Context?: string; Channel?: string; Application?: string; AppData?: string; EventTime?: string; AMAFlags?: string; UniqueID?: string; LinkedID?: string; TenantID?: string; UserField?: string; Peer?: string; PeerAccount?: string; Extra?: string };
    ChallengeResponseFailed: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; Challenge?: string; Response?: string; ExpectedResponse?: string; Module?: string; SessionTV?: string };
    ChallengeSent: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; Challenge?: string; Module?: string; SessionTV?: string };
    ChannelTalkingStart: ChannelHeaders<''>;
    ChannelTalkingStop: ChannelHeaders<''> & { Duration?: string };
    ChanSpyStart: ChannelHeaders<'Spyer'> & ChannelHeaders<'Spyee'>;
    ChanSpyStop: ChannelHeaders<'Spyer'> & ChannelHeaders<'Spyee'>;
    ConfbridgeEnd: BridgeHeaders<''> & { Conference?: string };
    ConfbridgeJoin: ChannelHeaders<''> & BridgeHeaders<''> & { Conference?: string; Admin?: string; Muted?: string };
    ConfbridgeLeave: ChannelHeaders<''> & BridgeHeaders<''> & { Conference?: string; Admin?: string };
    ConfbridgeList: ChannelHeaders<''> & { Conference?: string; Admin?: string; MarkedUser?: string; WaitMarked?: string; EndMarked?: string; Waiting?: string; Muted?: string; Talking?: string; AnsweredTime?: string };
    ConfbridgeListRooms: { Conference?: string; Parties?: string; Marked?: string; Locked?: string; Muted?: string };
    ConfbridgeMute: ChannelHeaders<''> & BridgeHeaders<''> & { Conference?: string; Admin?: string };
    ConfbridgeRecord: BridgeHeaders<''> & { Conference?: string };
    ConfbridgeStart: BridgeHeaders<''> & { Conference?: string };
    ConfbridgeStopRecord: BridgeHeaders<''> & { Conference?: string };
    ConfbridgeTalking: ChannelHeaders<''> & BridgeHeaders<''> & { Conference?: string; TalkingStatus?: string; Admin?: string };
    ConfbridgeUnmute: ChannelHeaders<''> & BridgeHeaders<''> & { Conference?: string; Admin?: string };
    ContactList: { ObjectType?: string; ObjectName?: string; ViaAddr?: string; ViaPort?: string; QualifyTimeout?: string; CallId?: string; RegServer?: string; PruneOnBoot?: string; Path?: string; Endpoint?: string; AuthenticateQualify?: string; Uri?: string; QualifyFrequency?: string; UserAgent?: string; ExpirationTime?: string; OutboundProxy?: string; Status?: string; RoundtripUsec?: string; Qualify2xxOnly?: string };
    ContactListComplete: { EventList?: string; ListItems?: string };
    ContactStatus: { URI?: string; ContactStatus?: string; AOR?: string; EndpointName?: string; RoundtripUsec?: string };
    ContactStatusDetail: { AOR?: string; URI?: string; Status?: string; RoundtripUsec?: string; EndpointName?: string; UserAgent?: string; RegExpire?: string; ViaAddress?: string; CallID?: string; ID?: string; AuthenticateQualify?: string; OutboundProxy?: string; Path?: string; QualifyFrequency?: string; QualifyTimeout?: string; Qualify2xxOnly?: string };
    CoreShowChannel: ChannelHeaders<''> & { ActionID?: string; BridgeId?: string; Application?: string; ApplicationData?: string; Duration?: string };
    CoreShowChannelMapComplete: { EventList?: string; ListItems?: string };
    CoreShowChannelsComplete: { ActionID?: string; EventList?: string; ListItems?: string };
    DAHDIChannel: ChannelHeaders<''> & { DAHDIGroup?: string; DAHDISpan?: string; DAHDIChannel?: string };
    DeadlockStart: { Mutex?: string };
    DeviceStateChange: { Device?: string; State?: string };
    DeviceStateListComplete: { EventList?: string; ListItems?: string };
    DialBegin: ChannelHeaders<''> & ChannelHeaders<'Dest'> & { DialString?: string };
    DialEnd: ChannelHeaders<''> & ChannelHeaders<'Dest'> & { DialStatus?: string; Forward?: string };
    DialState: ChannelHeaders<''> & ChannelHeaders<'Dest'> & { DialStatus?: string; Forward?: string };
    DNDState: { DAHDIChannel?: string; Status?: string };
    DTMFBegin: ChannelHeaders<''> & { Digit?: string; Direction?: string };
    DTMFEnd: ChannelHeaders<''> & { Digit?: string; DurationMs?: string; Direction?: string };
    EndpointDetail: { ObjectType?: string; ObjectName?: string; Context?: string; Disallow?: string; Allow?: string; DtmfMode?: string; RtpIpv6?: string; RtpSymmetric?: string; IceSupport?: string; UsePtime?: string; ForceRport?: string; RewriteContact?: string; Transport?: string; OutboundProxy?: string; MohSuggest?: string; '100rel'?: string; Timers?: string; TimersMinSe?: string; TimersSessExpires?: string; Auth?: string; OutboundAuth?: string; Aors?: string; MediaAddress?: string; IdentifyBy?: string; DirectMedia?: string; DirectMediaMethod?: string; TrustConnectedLine?: string; SendConnectedLine?: string; ConnectedLineMethod?: string; DirectMediaGlareMitigation?: string; DisableDirectMediaOnNat?: string; Callerid?: string; CalleridPrivacy?: string; CalleridTag?: string; TrustIdInbound?: string; TrustIdOutbound?: string; SendPai?: string; SendRpid?: string; SendDiversion?: string; Mailboxes?: string; AggregateMwi?: string; MediaEncryption?: string; MediaEncryptionOptimistic?: string; UseAvpf?: string; ForceAvp?: string; MediaUseReceivedTransport?: string; OneTouchRecording?: string; InbandProgress?: string; CallGroup?: string; PickupGroup?: string; NamedCallGroup?: string; NamedPickupGroup?: string; DeviceStateBusyAt?: string; T38Udptl?: string; T38UdptlEc?: string; T38UdptlMaxdatagram?: string; FaxDetect?: string; T38UdptlNat?: string; T38UdptlIpv6?: string; ToneZone?: string; Language?: string; RecordOnFeature?: string; RecordOffFeature?: string; AllowTransfer?: string; UserEqPhone?: string; MohPassthrough?: string; SdpOwner?: string; SdpSession?: string; TosAudio?: string; TosVideo?: string; CosAudio?: string; CosVideo?: string; AllowSubscribe?: string; SubMinExpiry?: string; FromUser?: string; FromDomain?: string; MwiFromUser?: string; RtpEngine?: string; DtlsVerify?: string; DtlsRekey?: string; DtlsCertFile?: string; DtlsPrivateKey?: string; DtlsCipher?: string; DtlsCaFile?: string; DtlsCaPath?: string; DtlsSetup?: string; SrtpTag32?: string; RedirectMethod?: string; SetVar?: string; MessageContext?: string; Accountcode?: string; PreferredCodecOnly?: string; DeviceState?: string; ActiveChannels?: string; SubscribeContext?: string; Allowoverlap?: string; T38BindUdptlToMediaAddress?: string; OverlapContext?: string; AllowOverlap?: string; AcceptMultipleSdpAnswers?: string; Acl?: string; AllowUnauthenticatedOptions?: string; AsymmetricRtpCodec?: string; BindRtpToMediaAddress?: string; Bundle?: string; CodecPrefsIncomingAnswer?: string; CodecPrefsIncomingOffer?: string; CodecPrefsOutgoingAnswer?: string; CodecPrefsOutgoingOffer?: string; ContactAcl?: string; DtlsAutoGenerateCert?: string; DtlsFingerprint?: string; FaxDetectTimeout?: string; FollowEarlyMediaFork?: string; G726NonStandard?: string; GeolocIncomingCallProfile?: string; GeolocOutgoingCallProfile?: string; Ignore183WithoutSdp?: string; IncomingCallOfferPref?: string; IncomingMwiMailbox?: string; MaxAudioStreams?: string; MaxVideoStreams?: string; MwiSubscribeReplacesUnsolicited?: string; NotifyEarlyInuseRinging?: string; OutgoingCallOfferPref?: string; ReferBlindProgress?: string; RpidImmediate?: string; RtcpMux?: string; RtpKeepalive?: string; RtpTimeout?: string; RtpTimeoutHold?: string; SecurityNegotiation?: string; SendAoc?: string; SendHistoryInfo?: string; StirShaken?: string; StirShakenProfile?: string; SuppressMohOnSendonly?: string; SuppressQ850ReasonHeaders?: string; Tenantid?: string; VoicemailExtension?: string; Webrtc?: string; RtpPortStart?: string; RtpPortEnd?: string };
    EndpointDetailComplete: { EventList?: string; ListItems?: string };
    EndpointList: { ObjectType?: string; ObjectName?: string; Transport?: string; Aor?: string; Auths?: string; OutboundAuths?: string; DeviceState?: string; ActiveChannels?: string; Contacts?: string };
    EndpointListComplete: { EventList?: string; ListItems?: string };
    ExtensionStateListComplete: { EventList?: string; ListItems?: string };
    ExtensionStatus: { Exten?: string; Context?: string; Hint?: string; Status?: string; StatusText?: string };
    FailedACL: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; Module?: string; ACLName?: string; SessionTV?: string };
    FAXSession: { ActionID?: string; SessionNumber?: string; Operation?: string; State?: string; ErrorCorrectionMode?: string; DataRate?: string; ImageResolution?: string; PageNumber?: string; FileName?: string; PagesTransmitted?: string; PagesReceived?: string; TotalBadLines?: string };
    FAXSessionsComplete: { ActionID?: string; Total?: string };
    FAXSessionsEntry: { ActionID?: string; Channel?: string; Technology?: string; SessionNumber?: string; SessionType?: string; Operation?: string; State?: string; Files?: string };
    FAXStats: { ActionID?: string; CurrentSessions?: string; ReservedSessions?: string; TransmitAttempts?: string; ReceiveAttempts?: string; CompletedFAXes?: string; FailedFAXes?: string };
    FAXStatus: ChannelHeaders<''> & { Operation?: string; Status?: string; LocalStationID?: string; FileName?: string };
    Flash: ChannelHeaders<''>;
    FullyBooted: { Status?: string; Uptime?: string; LastReload?: string };
    Hangup: ChannelHeaders<''> & { Cause?: string; 'Cause-txt'?: string; TechCause?: string };
    HangupHandlerPop: ChannelHeaders<''> & { Handler?: string };
    HangupHandlerPush: ChannelHeaders<''> & { Handler?: string };
    HangupHandlerRun: ChannelHeaders<''> & { Handler?: string };
    HangupRequest: ChannelHeaders<''> & { Cause?: string };
    Hold: ChannelHeaders<''> & { MusicClass?: string };
    IdentifyDetail: { ObjectType?: string; ObjectName?: string; Endpoint?: string; SrvLookups?: string; Match?: string; MatchHeader?: string; EndpointName?: string; MatchRequestUri?: string };
    InboundRegistrationDetail: { ObjectType?: string; ObjectName?: string; MinimumExpiration?: string; DefaultExpiration?: string; QualifyTimeout?: string; Qualify2xxOnly?: string; Mailboxes?: string; SupportPath?: string; RemoveUnavailable?: string; VoicemailExtension?: string; MaxContacts?: string; AuthenticateQualify?: string; MaximumExpiration?: string; QualifyFrequency?: string; RemoveExisting?: string; OutboundProxy?: string; Contacts?: string; Contact?: string };
    InboundSubscriptionDetail: { Role?: string; Endpoint?: string; Callid?: string; State?: string; Callerid?: string; SubscriptionType?: string; Extension?: string; ExtensionStates?: string; Mailboxes?: string };
    InvalidAccountID: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; Module?: string; SessionTV?: string };
    InvalidPassword: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; Module?: string; SessionTV?: string; Challenge?: string; ReceivedChallenge?: string; ReceivedHash?: string };
    InvalidTransport: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; AttemptedTransport?: string; Module?: string; SessionTV?: string };
    Load: { Module?: string; Status?: string };
    LoadAverageLimit: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; Module?: string; SessionTV?: string };
    LocalBridge: ChannelHeaders<'LocalOne'> & ChannelHeaders<'LocalTwo'> & { Context?: string; Exten?: string; LocalOptimization?: string };
    LocalOptimizationBegin: ChannelHeaders<'LocalOne'> & ChannelHeaders<'LocalTwo'> & ChannelHeaders<'Source'> & { DestUniqueId?: string; Id?: string };
    LocalOptimizationEnd: ChannelHeaders<'LocalOne'> & ChannelHeaders<'LocalTwo'> & { Success?: string; Id?: string };
    LogChannel: { Channel?: string };
    MCID: ChannelHeaders<''> & { MCallerIDNumValid?: string; MCallerIDNum?: string; MCallerIDton?: string; MCallerIDNumPlan?: string; MCallerIDNumPres?: string; MCallerIDNameValid?: string; MCallerIDName?: string; MCallerIDNameCharSet?: string; MCallerIDNamePres?: string; MCallerIDSubaddr?: string; MCallerIDSubaddrType?: string; MCallerIDSubaddrOdd?: string; MCallerIDPres?: string; MConnectedIDNumValid?: string; MConnectedIDNum?: string; MConnectedIDton?: string; MConnectedIDNumPlan?: string; MConnectedIDNumPres?: string; MConnectedIDNameValid?: string; MConnectedIDName?: string; MConnectedIDNameCharSet?: string; MConnectedIDNamePres?: string; MConnectedIDSubaddr?: string; MConnectedIDSubaddrType?: string; MConnectedIDSubaddrOdd?: string; MConnectedIDPres?: string };
    MeetmeEnd: { Meetme?: string };
    MeetmeJoin: ChannelHeaders<''> & { Meetme?: string; User?: string };
    MeetmeLeave: ChannelHeaders<''> & { Meetme?: string; User?: string; Duration?: string };
    MeetmeList: { Conference?: string; UserNumber?: string; CallerIDNum?: string; CallerIDName?: string; ConnectedLineNum?: string; ConnectedLineName?: string; Channel?: string; Admin?: string; Role?: string; MarkedUser?: string; Muted?: string; Talking?: string };
    MeetmeListRooms: { Conference?: string; Parties?: string; Marked?: string; Activity?: string; Creation?: string; Locked?: string };
    MeetmeMute: ChannelHeaders<''> & { Meetme?: string; User?: string; Duration?: string; Status?: string };
    MeetmeTalking: ChannelHeaders<''> & { Meetme?: string; User?: string; Duration?: string; Status?: string };
    MeetmeTalkRequest: ChannelHeaders<''> & { Meetme?: string; User?: string; Duration?: string; Status?: string };
    MemoryLimit: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; Module?: string; SessionTV?: string };
    MessageWaiting: ChannelHeaders<''> & { Mailbox?: string; Waiting?: string; New?: string; Old?: string };
    MiniVoiceMail: ChannelHeaders<''> & { Action?: string; Mailbox?: string; Counter?: string };
    MixMonitorMute: ChannelHeaders<''> & { Direction?: string; State?: string };
    MixMonitorStart: ChannelHeaders<''>;
    MixMonitorStop: ChannelHeaders<''>;
    MonitorStart: ChannelHeaders<''>;
    MonitorStop: ChannelHeaders<''>;
    MusicOnHoldStart: ChannelHeaders<''> & { Class?: string };
    MusicOnHoldStop: ChannelHeaders<''>;
    MWIGet: { ActionID?: string; Mailbox?: string; OldMessages?: string; NewMessages?: string };
    MWIGetComplete: { ActionID?: string; EventList?: string; ListItems?: string };
    NewAccountCode: ChannelHeaders<''> & { OldAccountCode?: string };
    NewCallerid: ChannelHeaders<''> & { 'CID-CallingPres'?: string };
    Newchannel: ChannelHeaders<''>;
    NewConnectedLine: ChannelHeaders<''>;
    Newexten: ChannelHeaders<''> & { Extension?: string; Application?: string; AppData?: string };
    Newstate: ChannelHeaders<''>;
    OriginateResponse: { ActionID?: string; Response?: string; Channel?: string; Context?: string; Exten?: string; Application?: string; Data?: string; Reason?: string; Uniqueid?: string; CallerIDNum?: string; CallerIDName?: string };
    OutboundRegistrationDetail: { ObjectType?: string; ObjectName?: string; MaxRetries?: string; ClientUri?: string; SecurityNegotiation?: string; AuthRejectionPermanent?: string; ServerUri?: string; MaxRandomInitialDelay?: string; SupportPath?: string; RetryInterval?: string; ContactHeaderParams?: string; Expiration?: string; Transport?: string; Line?: string; ContactUser?: string; Endpoint?: string; ForbiddenRetryInterval?: string; OutboundAuth?: string; OutboundProxy?: string; FatalRetryInterval?: string; SupportOutbound?: string; Status?: string; NextReg?: string; UserAgent?: string };
    OutboundSubscriptionDetail: { Role?: string; Endpoint?: string; Callid?: string; State?: string; Callerid?: string; SubscriptionType?: string; Extension?: string; ExtensionStates?: string; Mailboxes?: string };
    ParkedCall: ChannelHeaders<'Parkee'> & { ParkerDialString?: string; Parkinglot?: string; ParkingSpace?: string; ParkingTimeout?: string; ParkingDuration?: string };
    ParkedCallGiveUp: ChannelHeaders<'Parkee'> & ChannelHeaders<'Parker'> & { ParkerDialString?: string; Parkinglot?: string; ParkingSpace?: string; ParkingTimeout?: string; ParkingDuration?: string };
    ParkedCallSwap: ChannelHeaders<'Parkee'> & ChannelHeaders<'Parker'> & { ParkerDialString?: string; Parkinglot?: string; ParkingSpace?: string; ParkingTimeout?: string; ParkingDuration?: string };
    ParkedCallTimeOut: ChannelHeaders<'Parkee'> & ChannelHeaders<'Parker'> & { ParkerDialString?: string; Parkinglot?: string; ParkingSpace?: string; ParkingTimeout?: string; ParkingDuration?: string };
    PeerStatus: { ChannelType?: string; Peer?: string; PeerStatus?: string; Cause?: string; Address?: string; Port?: string; Time?: string };
    Pickup: ChannelHeaders<''> & ChannelHeaders<'Target'>;
    PJSIPMaintenanceStatus: { Endpoint?: string; Status?: string };
    PresenceStateChange: { Presentity?: string; Status?: string; Subtype?: string; Message?: string };
    PresenceStateListComplete: { EventList?: string; ListItems?: string };
    PresenceStatus: { Exten?: string; Context?: string; Hint?: string; Status?: string; Subtype?: string; Message?: string };
    QueueCallerAbandon: ChannelHeaders<''> & { Queue?: string; Position?: string; OriginalPosition?: string; HoldTime?: string };
    QueueCallerJoin: ChannelHeaders<''> & { Queue?: string; Position?: string; Count?: string };
    QueueCallerLeave: ChannelHeaders<''> & { Queue?: string; Count?: string; Position?: string };
    QueueEntry: { Queue?: string; Position?: string; Channel?: string; Uniqueid?: string; CallerIDNum?: string; CallerIDName?: string; ConnectedLineNum?: string; ConnectedLineName?: string; Wait?: string; Priority?: string };
    QueueMemberAdded: { Queue?: string; MemberName?: string; Interface?: string; StateInterface?: string; Membership?: string; Penalty?: string; CallsTaken?: string; LastCall?: string; LastPause?: string; InCall?: string; Status?: string; Paused?: string; PausedReason?: string; Ringinuse?: string; Wrapuptime?: string; LoginTime?: string };
    QueueMemberPause: { Queue?: string; MemberName?: string; Interface?: string; StateInterface?: string; Membership?: string; Penalty?: string; CallsTaken?: string; LastCall?: string; LastPause?: string; InCall?: string; Status?: string; Paused?: string; PausedReason?: string; Ringinuse?: string; Wrapuptime?: string; LoginTime?: string };
    QueueMemberPenalty: { Queue?: string; MemberName?: string; Interface?: string; StateInterface?: string; Membership?: string; Penalty?: string; CallsTaken?: string; LastCall?: string; LastPause?: string; InCall?: string; Status?: string; Paused?: string; PausedReason?: string; Ringinuse?: string; Wrapuptime?: string; LoginTime?: string };
    QueueMemberRemoved: { Queue?: string; MemberName?: string; Interface?: string; StateInterface?: string; Membership?: string; Penalty?: string; CallsTaken?: string; LastCall?: string; LastPause?: string; InCall?: string; Status?: string; Paused?: string; PausedReason?: string; Ringinuse?: string; Wrapuptime?: string; LoginTime?: string };
    QueueMemberRinginuse: { Queue?: string; MemberName?: string; Interface?: string; StateInterface?: string; Membership?: string; Penalty?: string; CallsTaken?: string; LastCall?: string; LastPause?: string; InCall?: string; Status?: string; Paused?: string; PausedReason?: string; Ringinuse?: string; Wrapuptime?: string; LoginTime?: string };
    QueueMemberStatus: { Queue?: string; MemberName?: string; Interface?: string; StateInterface?: string; Membership?: string; Penalty?: string; CallsTaken?: string; LastCall?: string; LastPause?: string; InCall?: string; Status?: string; Paused?: string; PausedReason?: string; Ringinuse?: string; Wrapuptime?: string; LoginTime?: string };
    QueueParams: { Max?: string; Strategy?: string; Calls?: string; Holdtime?: string; TalkTime?: string; Completed?: string; Abandoned?: string; ServiceLevelPerf?: string; ServiceLevelPerf2?: string };
    ReceiveFAX: ChannelHeaders<''> & { LocalStationID?: string; RemoteStationID?: string; PagesTransferred?: string; Resolution?: string; TransferRate?: string; FileName?: string };
    Registry: { ChannelType?: string; Username?: string; Domain?: string; Status?: string; Cause?: string };
    Reload: { Module?: string; Status?: string };
    Rename: {};
    RequestBadFormat: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; RequestType?: string; Module?: string; SessionTV?: string; RequestParams?: string };
    RequestNotAllowed: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; RequestType?: string; Module?: string; SessionTV?: string; RequestParams?: string };
    RequestNotSupported: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; RequestType?: string; Module?: string; SessionTV?: string };
    ResourceListDetail: { ObjectType?: string; ObjectName?: string; Event?: string; FullState?: string; ListItem?: string; NotificationBatchInterval?: string; ResourceDisplayName?: string };
    RTCPReceived: ChannelHeaders<''> & { SSRC?: string; PT?: string; From?: string; RTT?: string; ReportCount?: string; SentNTP?: string; SentRTP?: string; SentPackets?: string; SentOctets?: string; ReportXSourceSSRC?: string; ReportXFractionLost?: string; ReportXCumulativeLost?: string; ReportXHighestSequence?: string; ReportXSequenceNumberCycles?: string; ReportXIAJitter?: string; ReportXLSR?: string; ReportXDLSR?: string };
    RTCPSent: ChannelHeaders<''> & { SSRC?: string; PT?: string; To?: string; ReportCount?: string; SentNTP?: string; SentRTP?: string; SentPackets?: string; SentOctets?: string; ReportXSourceSSRC?: string; ReportXFractionLost?: string; ReportXCumulativeLost?: string; ReportXHighestSequence?: string; ReportXSequenceNumberCycles?: string; ReportXIAJitter?: string; ReportXLSR?: string; ReportXDLSR?: string };
    SendFAX: ChannelHeaders<''> & { LocalStationID?: string; RemoteStationID?: string; PagesTransferred?: string; Resolution?: string; TransferRate?: string; FileName?: string };
    SessionLimit: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; Module?: string; SessionTV?: string };
    SessionTimeout: ChannelHeaders<''> & { Source?: string };
    Shutdown: { Shutdown?: string; Restart?: string };
    SIPQualifyPeerDone: { Peer?: string; ActionID?: string };
    SoftHangupRequest: ChannelHeaders<''> & { Cause?: string };
    SpanAlarm: { Span?: string; Alarm?: string };
    SpanAlarmClear: { Span?: string };
    Status: ChannelHeaders<''> & { ActionID?: string; Type?: string; DNID?: string; EffectiveConnectedLineNum?: string; EffectiveConnectedLineName?: string; TimeToHangup?: string; BridgeID?: string; Application?: string; Data?: string; Nativeformats?: string; Readformat?: string; Readtrans?: string; Writeformat?: string; Writetrans?: string; Callgroup?: string; Pickupgroup?: string; Seconds?: string };
    StatusComplete: { Items?: string };
    SuccessfulAuth: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; UsingPassword?: string; Module?: string; SessionTV?: string };
    TransportDetail: { ObjectType?: string; ObjectName?: string; Protocol?: string; Bind?: string; AsycOperations?: string; CaListFile?: string; CaListPath?: string; CertFile?: string; PrivKeyFile?: string; Password?: string; ExternalSignalingAddress?: string; ExternalSignalingPort?: string; ExternalMediaAddress?: string; Domain?: string; VerifyServer?: string; VerifyClient?: string; RequireClientCert?: string; Method?: string; Cipher?: string; LocalNet?: string; Tos?: string; Cos?: string; WebsocketWriteTimeout?: string; EndpointName?: string; AllowReload?: string; AllowWildcardCerts?: string; SymmetricTransport?: string; TcpKeepaliveEnable?: string; TcpKeepaliveIdleTime?: string; TcpKeepaliveIntervalTime?: string; TcpKeepaliveProbeCount?: string; ExternalSignalingHostname?: string };
    UnexpectedAddress: { EventTV?: string; Severity?: string; Service?: string; EventVersion?: string; AccountID?: string; SessionID?: string; LocalAddress?: string; RemoteAddress?: string; ExpectedAddress?: string; Module?: string; SessionTV?: string };
    Unhold: ChannelHeaders<''>;
    Unload: { Module?: string; Status?: string };
    UnParkedCall: ChannelHeaders<'Parkee'> & ChannelHeaders<'Parker'> & ChannelHeaders<'Retriever'> & { ParkerDialString?: string; Parkinglot?: string; ParkingSpace?: string; ParkingTimeout?: string; ParkingDuration?: string };
    UserEvent: ChannelHeaders<''> & { UserEvent?: string };
    VarSet: ChannelHeaders<''> & { Variable?: string; Value?: string };
    VoicemailPasswordChange: { Context?: string; Mailbox?: string; NewPassword?: string };
    Wink: ChannelHeaders<''>;
}
