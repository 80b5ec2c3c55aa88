// model.js: what is known, and nothing of how it is shown. Other modules change it: channels.js, queues.js, servers.js …

export const LIMITS = { log: 2000, rows: 100, calls: 100, sessions: 50, gone: 5000, ended: 500, life: 100 };

export const model = {
    servers: new Map(), // name -> {name, up, address, reason, lostAt}
    channels: new Map(), // server and unique id -> channel
    calls: new Map(), // server and linked id -> call, which has channels
    ended: [], // calls that are over, the newest last
    gone: new Set(), // channels that hung up: late events must not bring them back
    queues: new Map(), // server and name -> queue
    waiting: new Map(), // server and unique id of a caller -> queue
    trunks: new Map(), // server and name -> trunk
    sessions: [], // the newest
    sessionCount: 0, // of all
    nodes: [], // of the cluster, for admins
    owners: new Map(), // name of a server -> node
    hasCluster: true, // as far as is known
    isLoaded: false, // completely, over one connection
    isAdmin: false,
    rights: null, // names of actions, in lower case; null: not known
    mayAct: true, // false: a wall, which has no buttons
    notes: {}, about: {},
    version: { calls: 0, queues: 0 }, // counts up with each change
};

export const now = () => Date.now() / 1000;
export const keyOf = (server, id) => `${server}\n${id}`;

/** May the user send this action, as far as is known? The proxy judges it again. */
export const may = (action) => model.mayAct && (model.rights === null || model.rights.has(action.toLowerCase()));

export function forget() {
    for (const part of ['servers', 'channels', 'calls', 'gone', 'queues', 'waiting', 'trunks'])
        model[part].clear();
    Object.assign(model, { ended: [], sessions: [], sessionCount: 0, nodes: [], owners: new Map(), hasCluster: true,
        isLoaded: false, isAdmin: false, rights: null, notes: {}, about: {} });
    model.version.calls++;
    model.version.queues++;
}
