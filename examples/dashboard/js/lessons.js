// lessons.js: what each event teaches.
import { findChannel, removeChannel, seeChannel, seeOldBridge, seeOldDial, setLinked, touch } from './channels.js';
import { recordCall } from './history.js';
import { remember } from './life.js';
import { load } from './lists.js';
import { model } from './model.js';
import { dropMember, forgetCaller, loseCaller, seeCaller, seeComplete, seeConnect, seeMember } from './queues.js';
import { findServer, loseServer } from './servers.js';
import { seeContact, seePeer, seeRegistration } from './trunks.js';

function setHeld(message, held) {
    const channel = seeChannel(message, '', false);
    if (channel)
        channel.held = held;
}

function hangUp(message) {
    const channel = findChannel(message);
    remember(message);
    forgetCaller(message.server, message.get('Uniqueid'));
    if (channel)
        removeChannel(channel, message.seconds, message.get('Cause-txt') || message.get('Cause'));
}

const lessons = {
    Newchannel(message) {
        const before = model.calls.size;
        seeChannel(message);
        if (model.calls.size > before)
            recordCall(message.seconds);
    },
    Newstate: (message) => seeChannel(message),
    DialBegin(message) {
        const caller = seeChannel(message);
        const called = seeChannel(message, 'Dest');
        if (called && caller && caller.linked)
            setLinked(called, caller.linked);
    },
    DialState: (message) => seeChannel(message, 'Dest', false),
    DialEnd: (message) => seeChannel(message, 'Dest', false),
    Dial: seeOldDial,
    Bridge: seeOldBridge,
    BridgeEnter(message) {
        const channel = seeChannel(message);
        if (channel)
            Object.assign(channel, { bridge: message.get('BridgeUniqueid'), answered: channel.answered || message.seconds });
    },
    BridgeLeave(message) {
        const channel = seeChannel(message, '', false);
        if (channel && channel.bridge === message.get('BridgeUniqueid'))
            channel.bridge = '';
    },
    Newexten(message) {
        const channel = seeChannel(message, '', false);
        if (channel)
            Object.assign(channel, { application: message.get('Application'), data: message.get('AppData') });
    },
    Rename(message) {
        const channel = findChannel(message);
        if (!channel)
            return;
        channel.name = message.get('Newname') || channel.name;
        touch(channel.call);
    },
    Hold: (message) => setHeld(message, true),
    Unhold: (message) => setHeld(message, false),
    Hangup: hangUp,
    QueueCallerJoin: (message) => seeCaller(message),
    Join: (message) => seeCaller(message),
    QueueCallerLeave: loseCaller,
    Leave: loseCaller,
    QueueCallerAbandon: loseCaller,
    AgentConnect: seeConnect,
    AgentComplete: seeComplete,
    QueueMemberStatus: (message) => seeMember(message),
    QueueMemberAdded: (message) => seeMember(message),
    QueueMemberPause: (message) => seeMember(message),
    QueueMemberPaused: (message) => seeMember(message),
    QueueMemberRemoved: dropMember,
    Registry: seeRegistration,
    PeerStatus: seePeer,
    ContactStatus: seeContact,
    ServerUp(message) {
        findServer(message.server);
        load(message.server);
    },
    ServerDown: (message) => loseServer(message.server, message.get('Reason') || 'no reason told', message.seconds),
};
const UPDATES = new Set(['NewCallerid', 'NewConnectedLine', 'NewAccountCode', 'ConnectedLine', 'MusicOnHoldStart', 'MusicOnHoldStop']);

/** Changes the model as the event says. */
export function learn(message) {
    if (Object.hasOwn(lessons, message.event))
        lessons[message.event](message);
    else if (UPDATES.has(message.event))
        seeChannel(message, '', false);
    if (message.event !== 'Hangup')
        remember(message);
}
