// trunks.js: lines to the world: what is registered elsewhere, and the peers that the page's <meta> says are trunks.
import { keyOf, model } from './model.js';
import { device } from './text.js';

let patterns = [];

/** `*trunk* PJSIP/out-*`: names of devices, `*` matches anything, upper and lower case are equal. */
export function setTrunkPatterns(text) {
    patterns = text.split(/\s+/).filter(Boolean).map((word) => {
        const parts = word.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
        return new RegExp(`^${parts.join('.*')}$`, 'is');
    });
}

const known = new Map(); // name of a device -> whether it is a trunk

export function isTrunk(name) {
    if (known.size > 10000)
        known.clear();
    if (!known.has(name))
        known.set(name, patterns.some((pattern) => pattern.test(name)));
    return known.get(name);
}

function seeTrunk(server, name) {
    const key = keyOf(server, name);
    if (!model.trunks.has(key))
        model.trunks.set(key, { key, server, name, state: '', tone: '', detail: '', since: 0 });
    return model.trunks.get(key);
}

function setTrunk(trunk, state, detail, seconds) {
    const good = /^(registered|reachable|ok|created|avail|nonqual)/i.test(state);
    if (trunk.state !== state)
        trunk.since = seconds;
    Object.assign(trunk, { state, detail, tone: good ? 'good' : /^(request sent|auth\. sent|unknown|lagged)/i.test(state) ? 'warn' : 'bad' });
}

/** An item of a list of registrations, or an event Registry. */
export function seeRegistration(message) {
    const name = message.get('ObjectName') || [message.get('Username'), message.get('Domain') || message.get('Host')].filter(Boolean).join('@');
    const state = message.get('Status') || message.get('State');
    if (name && state)
        setTrunk(seeTrunk(message.server, name), state, message.get('ServerUri') || message.get('Cause') || message.get('Domain'), message.seconds);
}

export function seePeer(message) {
    const name = message.get('Peer');
    if (name && isTrunk(name))
        setTrunk(seeTrunk(message.server, name), message.get('PeerStatus'), message.get('Cause') || message.get('Address'), message.seconds);
}

export function seeContact(message) {
    const name = `PJSIP/${message.get('EndpointName') || message.get('AOR')}`;
    const trip = Number(message.get('RoundtripUsec'));
    if (isTrunk(name))
        setTrunk(seeTrunk(message.server, name), message.get('ContactStatus'), trip > 0 ? `${(trip / 1000).toFixed(0)} ms` : '', message.seconds);
}

/** All trunks, each with its calls. */
export function findTrunks() {
    const counts = new Map();
    for (const channel of model.channels.values()) {
        const name = device(channel.name);
        if (!isTrunk(name))
            continue;
        const trunk = seeTrunk(channel.server, name);
        counts.set(trunk.key, (counts.get(trunk.key) || 0) + 1);
    }
    return [...model.trunks.values()].map((trunk) => ({ ...trunk, calls: counts.get(trunk.key) || 0 }))
        .sort((a, b) => a.name.localeCompare(b.name) || a.server.localeCompare(b.server));
}
