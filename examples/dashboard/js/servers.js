// servers.js: the Asterisks, and what becomes of the calls of one that is lost.
import { removeChannel, touch } from './channels.js';
import { model, now } from './model.js';
import { loseQueues } from './queues.js';

export function seeServer(name) {
    if (name && !model.servers.has(name))
        model.servers.set(name, { name, up: true, address: '', reason: '', lostAt: 0 });
    return model.servers.get(name);
}

function setLost(server, isLost) {
    for (const call of model.calls.values()) {
        if (call.server !== server.name)
            continue;
        call.isLost = isLost;
        touch(call);
    }
}

/** Its calls stay, marked: nobody knows what has become of them. */
export function loseServer(name, reason, seconds) {
    const server = seeServer(name);
    if (!server)
        return;
    if (server.up || reason !== '')
        server.reason = reason;
    if (!server.up && server.lostAt > 0)
        return;
    Object.assign(server, { up: false, lostAt: seconds });
    setLost(server, true);
    loseQueues(name);
}

/** It is back; its lists, which are asked for next, tell which calls are over. */
export function findServer(name) {
    const server = seeServer(name);
    if (!server)
        return;
    Object.assign(server, { up: true, reason: '', lostAt: 0 });
    setLost(server, false);
}

/** Those that a complete list of a server's channels does not tell are over, unless they began after `started`. */
export function endUnseen(server, seen, started) {
    for (const channel of [...model.channels.values()]) {
        if ((!server || channel.server === server) && channel.since < started && !seen.has(channel.key))
            removeChannel(channel, now(), 'not in progress any more');
    }
}

/** `12 calls of pbx1`, for each server that is lost and had calls. */
export function lostServers() {
    return [...model.servers.values()].filter((server) => !server.up).map((server) => ({ server,
        count: [...model.calls.values()].filter((call) => call.server === server.name).length }));
}
