// queues.js: queues, their callers and members; the agents, who are members of one queue or several.
import { touch } from './channels.js';
import { record } from './history.js';
import { keyOf, model, now } from './model.js';
import { device } from './text.js';

const changed = () => { model.version.queues++; };

export const newQueue = (message) => ({ name: message.get('Queue'), server: message.server, key: keyOf(message.server, message.get('Queue')),
    members: new Map(), callers: new Map(), completed: Number(message.get('Completed')) || 0,
    abandoned: Number(message.get('Abandoned')) || 0, within: Number(message.get('ServiceLevel')) || 0,
    level: message.get('ServicelevelPerf'), hold: Number(message.get('Holdtime')) || 0, talk: Number(message.get('TalkTime')) || 0,
    isLost: false });

/** The queue that an event is about. */
export function seeQueue(message) {
    if (!message.get('Queue'))
        return undefined;
    const key = keyOf(message.server, message.get('Queue'));
    if (!model.queues.has(key)) {
        model.queues.set(key, newQueue(message));
        changed();
    }
    return model.queues.get(key);
}

// --- members

/** When a member came into the state that a list tells, in seconds since 1970; 0: it does not say. */
function sinceOf(message, member) {
    if (member.paused)
        return Number(message.get('LastPause')) || 0;
    if (member.status === 1)
        return Number(message.get('LastCall')) || Number(message.get('LoginTime')) || 0;
    return 0;
}

export function seeMember(message, queue = seeQueue(message)) {
    const place = message.get('Interface') || message.get('Location');
    if (!queue || !place)
        return;
    const known = model.queues.get(queue.key);
    const before = (known && known.members.get(place)) || null;
    const member = before ? { ...before } : { name: place, place, status: 0, paused: false, reason: '', calls: 0, since: 0 };
    member.name = message.get('MemberName') || message.get('Name') || member.name;
    if (message.get('Status') !== '')
        member.status = Number(message.get('Status'));
    if (message.get('Paused') !== '')
        member.paused = message.get('Paused') === '1';
    if (message.get('CallsTaken') !== '')
        member.calls = Number(message.get('CallsTaken')) || 0;
    member.reason = member.paused ? message.get('PausedReason') || message.get('Reason') || (before ? before.reason : '') : '';
    if (!before)
        member.since = sinceOf(message, member) || (message.event === 'QueueMember' ? 0 : message.seconds);
    else if (before.status !== member.status || before.paused !== member.paused)
        member.since = message.seconds;
    queue.members.set(place, member);
    changed();
}

export function dropMember(message) {
    const queue = seeQueue(message);
    if (queue)
        queue.members.delete(message.get('Interface') || message.get('Location'));
    changed();
}

/** Members that were talking before the page was there: since when, their channels know. */
export function dateMembers() {
    const undated = new Map();
    for (const queue of model.queues.values()) {
        for (const member of queue.members.values()) {
            if (member.since === 0)
                undated.set(keyOf(queue.server, member.place), member);
        }
    }
    for (const channel of undated.size > 0 ? model.channels.values() : []) {
        const member = undated.get(keyOf(channel.server, device(channel.name)));
        if (member)
            member.since = channel.answered || channel.since;
    }
}

// --- callers

const callerId = (message) => message.get('Uniqueid') || message.get('Channel');

export function seeCaller(message, queue = seeQueue(message)) {
    const id = callerId(message);
    if (!queue || !id)
        return;
    const kept = model.queues.get(queue.key);
    const known = kept && kept.callers.get(id); // lists tell whole seconds only
    const since = known ? known.since : message.seconds - (Number(message.get('Wait')) || 0);
    queue.callers.set(id, { id, since, channel: message.get('Channel'), caller: message.known('CallerIDName'),
        number: message.known('CallerIDNum') || message.known('CallerID') });
    if (kept === queue) // not while a list is still being told
        setWaiting(queue, id, queue);
}

function setWaiting(queue, id, place) {
    const key = keyOf(queue.server, id);
    const channel = model.channels.get(key);
    if (place)
        model.waiting.set(key, place);
    else
        model.waiting.delete(key);
    if (channel)
        touch(channel.call);
    changed();
}

export function dropCaller(queue, id) {
    if (queue.callers.delete(id))
        setWaiting(queue, id, null);
}

export function loseCaller(message) {
    const queue = seeQueue(message);
    if (!queue)
        return;
    dropCaller(queue, callerId(message));
    if (message.event === 'QueueCallerAbandon') {
        queue.abandoned++;
        record(queue.key, 'lost', message.seconds);
        changed();
    }
}

/** A caller who hung up waits nowhere any more, whatever else is told. */
export function forgetCaller(server, id) {
    const queue = model.waiting.get(keyOf(server, id));
    if (queue)
        dropCaller(queue, id);
}

// --- what became of the calls

/** Asterisk counts an answer as in time if the caller waited at most this long; 20 seconds where it was not told. */
export const timeLimit = (queue) => queue.within || 20;

export function seeConnect(message) {
    const queue = seeQueue(message);
    if (!queue)
        return;
    const hold = Number(message.get('HoldTime')) || 0;
    record(queue.key, 'answered', message.seconds);
    record(queue.key, 'hold', message.seconds, hold);
    if (hold <= timeLimit(queue))
        record(queue.key, 'inTime', message.seconds);
    changed();
}

export function seeComplete(message) {
    const queue = seeQueue(message);
    if (!queue)
        return;
    queue.completed++;
    record(queue.key, 'done', message.seconds);
    record(queue.key, 'talk', message.seconds, Number(message.get('TalkTime')) || 0);
    changed();
}

/** What a complete list told takes the place of what was known of the queues of `server`, '' for all. */
export function replaceQueues(server, told) {
    for (const [key, queue] of model.queues) {
        if (server && queue.server !== server)
            continue;
        for (const id of queue.callers.keys())
            model.waiting.delete(keyOf(queue.server, id));
        model.queues.delete(key);
    }
    for (const [key, queue] of told) {
        model.queues.set(key, queue);
        for (const id of queue.callers.keys())
            setWaiting(queue, id, queue);
    }
    dateMembers();
    changed();
}

/** The server is away: who waits, and what its agents do, is not known. */
export function loseQueues(server) {
    for (const queue of model.queues.values()) {
        if (queue.server !== server)
            continue;
        [...queue.callers.keys()].forEach((id) => dropCaller(queue, id));
        queue.isLost = true;
        queue.members.forEach((member) => Object.assign(member, { status: 0, since: now() }));
    }
    changed();
}

// --- agents

const STATES = [['Unknown', ''], ['Free', 'good'], ['In call', 'blue'], ['Busy', 'blue'], ['Invalid', 'bad'], ['Away', 'bad'],
    ['Ringing', 'warn'], ['In call, ringing', 'warn'], ['On hold', 'warn']];

/** A member's state in words, and its colour. Who is paused and talks, talks. */
export function memberState(member) {
    if (member.paused && ![2, 3, 6, 7, 8].includes(member.status))
        return ['Paused', 'warn'];
    return STATES[member.status] || STATES[0];
}

/** Everybody who is a member of queues, by name: paused in some of them, or in all. */
export function findAgents() {
    const agents = new Map();
    for (const queue of model.queues.values()) {
        for (const member of queue.members.values()) {
            const key = keyOf(queue.server, member.place);
            const agent = agents.get(key) || { ...member, key, server: queue.server, queues: [], pausedIn: [], calls: 0, since: 0 };
            agents.set(key, agent);
            agent.queues.push(queue.name);
            agent.calls += member.calls;
            agent.since = Math.max(agent.since, member.since);
            if (member.paused) {
                agent.pausedIn.push(queue.name);
                agent.reason = agent.reason || member.reason;
            }
        }
    }
    const all = [...agents.values()];
    all.forEach((agent) => {
        agent.paused = agent.pausedIn.length === agent.queues.length;
        [agent.state, agent.tone] = memberState(agent);
    });
    return all.sort((a, b) => a.name.localeCompare(b.name) || (a.key < b.key ? -1 : 1));
}
