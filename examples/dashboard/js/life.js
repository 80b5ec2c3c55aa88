// life.js: what a call lives through, in sentences.
import { findChannel } from './channels.js';
import { LIMITS } from './model.js';
import { device } from './text.js';

const nameOf = (message, prefix = '') => message.known(`${prefix}CallerIDName`) || message.known(`${prefix}CallerIDNum`) ||
    device(message.get(`${prefix}Channel`)) || 'somebody';

/** The channel with which the call began; of the others their being called is told. */
const isFirst = (message) => [message.get('Uniqueid'), ''].includes(message.get('Linkedid'));

const STATES = { 4: 'dials', 5: 'rings', 6: 'is connected' };

const sentences = {
    Newchannel: (m) => isFirst(m) && `${nameOf(m)} begins at ${device(m.get('Channel'))}${m.known('Exten') ? `, dials ${m.get('Exten')}` : ''}`,
    Newstate: (m) => STATES[m.get('ChannelState')] && `${nameOf(m)} ${STATES[m.get('ChannelState')]}`,
    DialBegin: (m) => `${nameOf(m, 'Dest')} is called`,
    DialEnd: (m) => `The call to ${nameOf(m, 'Dest')} ends with ${m.get('DialStatus') || 'nothing'}`,
    BridgeEnter: (m) => `${nameOf(m)} can speak`,
    BridgeLeave: (m) => `${nameOf(m)} leaves the conversation`,
    Hold: (m) => `${nameOf(m)} holds the call`,
    Unhold: (m) => `${nameOf(m)} takes the call back`,
    QueueCallerJoin: (m) => `${nameOf(m)} waits in the queue ${m.get('Queue')}, at place ${m.get('Position')}`,
    QueueCallerAbandon: (m) => `${nameOf(m)} gives up after ${m.get('HoldTime')} s in the queue ${m.get('Queue')}`,
    AgentConnect: (m) => `${m.get('MemberName') || m.get('Interface')} answers after ${m.get('HoldTime')} s`,
    AgentRingNoAnswer: (m) => `${m.get('MemberName') || m.get('Interface')} does not answer`,
    AgentComplete: (m) => `${m.get('MemberName') || m.get('Interface')} has talked for ${m.get('TalkTime')} s`,
    Newexten: (m) => `${m.get('Application')}${m.get('AppData') ? `: ${m.get('AppData')}` : ''}`,
    BlindTransfer: (m) => `${nameOf(m, 'Transferer')} transfers to ${m.get('Extension')}`,
    AttendedTransfer: (m) => `${nameOf(m, 'OrigTransferer')} transfers after a question`,
    MusicOnHoldStart: (m) => `${nameOf(m)} hears music`,
    ParkedCall: (m) => `parked at ${m.get('ParkingSpace')}`,
    Hangup: (m) => `${nameOf(m)} has hung up: ${m.get('Cause-txt') || m.get('Cause')}`,
};

const IDS = ['Uniqueid', 'DestUniqueid', 'TransfererUniqueid', 'OrigTransfererUniqueid', 'ParkeeUniqueid'];

/** Writes an event into the life of its call. After what it teaches, but a hangup before: it takes the call away. */
export function remember(message) {
    if (!Object.hasOwn(sentences, message.event))
        return;
    const channel = IDS.map((header) => findChannel(message, header)).find(Boolean);
    if (!channel)
        return;
    const text = sentences[message.event](message);
    const { life } = channel.call;
    if (text && life.length < LIMITS.life)
        life.push({ time: message.time, text });
}
