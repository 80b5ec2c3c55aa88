// channels.js: channels, and the calls that they form: those with the same Linkedid.
import { describe } from './describe.js';
import { LIMITS, keyOf, model } from './model.js';

/** A call has changed: it is described anew when it is shown next. */
export function touch(call) {
    if (!call)
        return;
    call.isFresh = false;
    call.version++;
    model.version.calls++;
}

function addTo(channel, linked) {
    const key = keyOf(channel.server, linked);
    let call = model.calls.get(key);
    if (!call) {
        call = { key, linked, server: channel.server, channels: new Map(), life: [], isFresh: false, version: 0, most: 0,
            since: channel.since, ended: 0, cause: '', talked: 0, queueName: '', isLost: false };
        model.calls.set(key, call);
    }
    channel.linked = linked;
    channel.call = call;
    call.channels.set(channel.key, channel);
    touch(call);
}

/** Takes a channel out of its call; one without channels is over. */
function takeFrom(channel, seconds) {
    const { call } = channel;
    if (call.channels.size === 1 || !call.isFresh)
        describe(call); // as it was
    call.channels.delete(channel.key);
    channel.call = null;
    touch(call);
    if (call.channels.size > 0)
        return;
    model.calls.delete(call.key);
    call.ended = seconds;
    call.isFresh = true;
    model.ended.push(call);
    if (model.ended.length > LIMITS.ended * 1.25)
        model.ended.splice(0, model.ended.length - LIMITS.ended);
}

/** Moves a channel to the call of another one, with what that call has lived through. */
export function setLinked(channel, linked) {
    if (!linked || channel.linked === linked)
        return;
    const old = channel.call;
    old.channels.delete(channel.key);
    if (old.channels.size === 0)
        model.calls.delete(old.key);
    touch(old);
    addTo(channel, linked);
    if (old.channels.size === 0 && old.life.length > 0)
        channel.call.life = [...channel.call.life, ...old.life].sort((a, b) => a.time - b.time).slice(0, LIMITS.life);
    channel.call.since = Math.min(channel.call.since, channel.since);
}

export function setState(channel, state, seconds) {
    if (state === '')
        return;
    channel.state = Number(state);
    if (channel.state === 6 && !channel.answered)
        channel.answered = seconds;
}

function create(message, key, id, linked) {
    const channel = { key, id, name: '', server: message.server, linked: '', call: null, number: '', caller: '', lineNumber: '',
        lineName: '', state: -1, bridge: '', held: false, answered: 0, since: message.seconds, exten: '', context: '',
        application: '', data: '' };
    model.channels.set(key, channel);
    addTo(channel, linked);
    return channel;
}

const FIELDS = [['number', 'calleridnum'], ['caller', 'calleridname'], ['lineNumber', 'connectedlinenum'],
    ['lineName', 'connectedlinename'], ['exten', 'exten'], ['context', 'context']];

/** Learns a channel from the block of headers that begin with `prefix`. @return it; undefined: there is none */
export function seeChannel(message, prefix = '', mayCreate = true) {
    const id = message.get(prefix + 'Uniqueid');
    const name = message.get(prefix + 'Channel');
    if (!id || !name)
        return undefined;
    const key = keyOf(message.server, id);
    const linked = message.get(prefix + 'Linkedid');
    let channel = model.channels.get(key);
    if (!channel) {
        if (!mayCreate || model.gone.has(key))
            return undefined;
        channel = create(message, key, id, linked || id);
    }
    channel.name = name;
    for (const [field, header] of FIELDS) {
        if (message.first.has(prefix.toLowerCase() + header))
            channel[field] = message.known(prefix + header);
    }
    setLinked(channel, linked);
    setState(channel, message.get(prefix + 'ChannelState'), message.seconds);
    touch(channel.call);
    return channel;
}

/** The channel that an event is about, if it is known. */
export const findChannel = (message, header = 'Uniqueid') => model.channels.get(keyOf(message.server, message.get(header)));

/** A channel is over, at `seconds`. */
export function removeChannel(channel, seconds, cause = '') {
    const { call } = channel;
    model.channels.delete(channel.key);
    model.gone.add(channel.key);
    if (model.gone.size > LIMITS.gone)
        model.gone.delete(model.gone.values().next().value);
    if (cause !== '')
        call.cause = cause;
    takeFrom(channel, seconds);
}

// --- Asterisk before 12: no Linkedid, bridges without names

/** Old servers tell of both ends of a bridge at once. */
export function seeOldBridge(message) {
    const ids = [message.get('Uniqueid1'), message.get('Uniqueid2')];
    const [first, second] = ids.map((id) => model.channels.get(keyOf(message.server, id)));
    for (const channel of [first, second].filter(Boolean)) {
        channel.bridge = message.get('Bridgestate') === 'Unlink' ? '' : ids.join('/');
        touch(channel.call);
    }
    if (first && second)
        setLinked(second, first.linked);
}

/** Old servers' lists name the other end, and no call. */
export function seeOldBridged(channel, other) {
    if (!other || channel.bridge !== '')
        return;
    const [linked] = [channel.id, other].sort();
    setLinked(channel, linked);
    channel.bridge = linked;
}

export function seeOldDial(message) {
    const caller = findChannel(message, 'UniqueID');
    const called = findChannel(message, 'DestUniqueID');
    if (caller && called)
        setLinked(called, caller.linked);
}
