// describe.js: a call in words: who, with whom, in which state.
import { model } from './model.js';
import { device } from './text.js';

function party(channel, other) {
    const name = channel.caller || (other && other.lineNumber === channel.number ? other.lineName : '');
    const place = device(channel.name);
    const number = channel.number;
    return { name: name || number || place, detail: [name ? number : '', name || number ? place : ''].filter(Boolean).join(' · ') };
}

function findQueue(channels) {
    for (const channel of channels) {
        const queue = model.waiting.get(channel.key);
        if (queue)
            return queue;
    }
    return null;
}

function stateOf(call, channels) {
    const bridged = channels.filter((channel) => channel.bridge !== '');
    if (call.isLost)
        return ['Server lost', 'bad'];
    if (bridged.length >= 2)
        return bridged.some((channel) => channel.held) ? ['On hold', 'warn'] : ['Talking', 'good'];
    if (channels.some((channel) => channel.state === 5))
        return ['Ringing', 'blue'];
    if (call.queue)
        return ['Waiting', 'rare'];
    if (channels.some((channel) => channel.state === 6))
        return ['Up', 'good'];
    return ['Dialling', 'blue'];
}

/** Where a channel without another one is. */
function placeOf(channel, queue) {
    if (queue)
        return { name: `Queue ${queue.name}`, detail: '' };
    const dialled = channel.exten && channel.exten !== 's' ? channel.exten : '';
    const application = [channel.application, channel.data].filter(Boolean).join(' ');
    return { name: dialled || channel.lineName || channel.lineNumber || channel.application || '–', detail: application };
}

function otherEnd(call, first, others, shown) {
    if (others.length === 0)
        return placeOf(first, call.queue);
    const parties = others.map((channel) => party(channel, first));
    const names = parties.slice(0, 3).map((one) => one.name).join(', ');
    const to = others.length === 1 ? parties[0] : { detail: `${shown.length} parties`,
        name: names + (others.length > 3 ? ` and ${others.length - 3} more` : '') };
    return call.queue ? { ...to, detail: [to.detail, `queue ${call.queue.name}`].filter(Boolean).join(' · ') } : to;
}

/** Writes from, to, state, tone, first, parties, since, answered of a call, unless nothing has changed. */
export function describe(call) {
    if (call.isFresh || call.channels.size === 0)
        return call;
    call.isFresh = true;
    const channels = [...call.channels.values()];
    channels.sort((a, b) => (b.id === call.linked) - (a.id === call.linked) || a.since - b.since);
    const people = channels.filter((channel) => !/^Local\//i.test(channel.name));
    const shown = people.length > 0 ? people : channels;
    const [first, ...others] = shown;
    call.queue = findQueue(channels);
    call.queueName = call.queue ? call.queue.name : call.queueName;
    [call.state, call.tone] = stateOf(call, channels);
    call.first = first;
    call.parties = shown;
    call.since = Math.min(call.since, ...channels.map((channel) => channel.since));
    call.answered = call.state === 'Talking' || call.state === 'On hold' ? Math.max(...shown.map((channel) => channel.answered)) : 0;
    call.talked = call.answered || call.talked;
    call.from = party(first, others[0]);
    call.to = otherEnd(call, first, others, shown);
    if (shown.length >= call.most)
        Object.assign(call, { most: shown.length, best: { from: call.from, to: call.to } });
    call.words = [call.from.name, call.from.detail, call.to.name, call.to.detail, call.state, call.server,
        ...channels.map((channel) => channel.name)].join(' ').toLowerCase();
    return call;
}
