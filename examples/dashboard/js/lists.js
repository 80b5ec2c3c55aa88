// lists.js: what there was before the first event, asked for at the login, after a gap, and now and then again.
import { seeChannel, seeOldBridged, touch } from './channels.js';
import { feed, withServer } from './feed.js';
import { LIMITS, keyOf, may, model, now } from './model.js';
import { dateMembers, newQueue, replaceQueues, seeCaller, seeMember } from './queues.js';
import { render } from './render.js';
import { endUnseen, findServer, loseServer, seeServer } from './servers.js';
import { secondsOf } from './text.js';
import { seeRegistration } from './trunks.js';

function seeListed(message, seen, started) {
    if (message.event !== 'CoreShowChannel' && message.event !== 'Status')
        return;
    const channel = seeChannel(message);
    if (!channel)
        return;
    const age = secondsOf(message.get('Duration') || message.get('Seconds') || '0');
    seen.add(channel.key);
    channel.since = Math.min(channel.since, now() - age);
    channel.bridge = message.get('BridgeId');
    seeOldBridged(channel, message.get('BridgedUniqueID'));
    channel.application = message.get('Application');
    channel.data = message.get('ApplicationData') || message.get('Data');
    if (channel.state === 6 && channel.answered > started)
        channel.answered = channel.since; // it was up before we were
    touch(channel.call);
}

/** Asks a server for its channels; those that it does not tell are over, unless they began meanwhile. */
async function loadChannels(server) {
    const started = now();
    const seen = new Set();
    const onItem = (message) => seeListed(message, seen, started);
    let answer = await feed.ask(withServer({ Action: 'CoreShowChannels' }, server), onItem);
    if (answer && !answer.isSuccess)
        answer = await feed.ask(withServer({ Action: 'Status' }, server), onItem);
    if (!answer)
        return;
    model.notes.calls = answer.isSuccess ? '' : 'Only calls that began after the login are shown, because your user may not list channels.';
    if (answer.isSuccess)
        endUnseen(server, seen, started);
}

/** As loadChannels(). The answer takes the place of what was known when it is complete. */
async function loadQueues(server) {
    const told = new Map();
    const answer = await feed.ask(withServer({ Action: 'QueueStatus' }, server), (message) => {
        const queue = told.get(keyOf(message.server, message.get('Queue')));
        if (message.event === 'QueueParams')
            told.set(keyOf(message.server, message.get('Queue')), newQueue(message));
        else if (message.event === 'QueueMember' && queue)
            seeMember(message, queue);
        else if (message.event === 'QueueEntry' && queue)
            seeCaller(message, queue);
    });
    if (!answer)
        return;
    model.notes.queues = answer.isSuccess ? '' : 'Only data from events is shown, because your user may not list queues.';
    if (answer.isSuccess)
        replaceQueues(server, told);
}

/** Registrations at providers, of the old and the new SIP, where the server has such actions. */
async function loadTrunks(server) {
    const actions = ['PJSIPShowRegistrationsOutbound', 'SIPshowregistry'];
    for (const action of actions.filter((name) => model.rights && may(name)))
        await feed.ask(withServer({ Action: action }, server), (message) => message.event && seeRegistration(message));
}

export async function load(server) {
    await Promise.all([loadChannels(server), loadQueues(server), loadTrunks(server)]);
    dateMembers();
    render();
}

export const loadUp = () => Promise.all([...model.servers.values()].filter((server) => server.up).map((server) => load(server.name)));

/** Servers, whether they are up, and for admins the newest sessions. Asked now and then: an answer shows that the connection lives. */
export async function loadSessions() {
    const answer = await feed.ask({ ProxyAction: 'ListSessions', Most: LIMITS.sessions });
    if (!answer || !answer.isSuccess)
        return;
    const stats = answer.get('NextBefore') ? await feed.ask({ ProxyAction: 'Stats' }) : null; // there are more
    const sessions = [];
    let server = null;
    for (const [name, value] of answer.pairs()) {
        if (name === 'ProxyClientSession')
            sessions.push({ address: value, user: '', input: '', output: '', id: '' });
        else if (name.startsWith('ProxyClient') && sessions.length > 0)
            sessions[sessions.length - 1][name.slice(11).replace('Handler', '').toLowerCase()] = value;
        else if (name === 'ProxyServerSession')
            server = value;
        else if (name === 'ProxyServerName')
            server = Object.assign(seeServer(value), { address: server || '' });
        else if (name === 'ProxyServerStatus' && server)
            setServer(server, value === 'up');
    }
    model.sessions = sessions;
    model.sessionCount = Number(stats && stats.isSuccess && stats.get('Sessions')) || sessions.length;
    render();
}

/** Who may not hear ServerUp and ServerDown learns it here. */
function setServer(server, up) {
    if (server.up === up)
        return;
    if (!up) {
        loseServer(server.name, '', now());
        return;
    }
    findServer(server.name);
    load(server.name);
}

/** The nodes of the cluster and the owners of the servers. A proxy without one is asked once. */
export async function loadNodes() {
    if (!model.isAdmin || !model.hasCluster)
        return;
    const nodes = [];
    const owners = new Map();
    const answer = await feed.ask({ ProxyAction: 'ListCluster' }, (message) => {
        if (message.event === 'ClusterNode')
            nodes.push({ name: message.get('Node'), boot: message.get('Boot'), state: message.get('State'), isHere: message.get('Here') === 'yes',
                version: message.get('Version'), heard: Number(message.get('LastHeartbeat')), sessions: message.get('Sessions'), owned: message.get('Owned') });
        else if (message.event === 'ClusterServer')
            owners.set(message.get('Server'), message.get('Owner'));
    });
    if (!answer)
        return;
    model.hasCluster = answer.isSuccess;
    Object.assign(model, { nodes, owners });
    render();
}

/** What the user may do decides which buttons there are. Session 0 is nobody's: only who may kick hears that it is wrong. */
async function loadRights() {
    const [commands, kick, stats] = await Promise.all([feed.ask({ Action: 'ListCommands' }),
        feed.ask({ ProxyAction: 'KickSession', Session: '0' }), feed.ask({ ProxyAction: 'Stats' })]);
    model.rights = commands && commands.isSuccess ? new Set(commands.first.keys()) : null;
    model.isAdmin = model.mayAct && Boolean(kick && kick.get('Message').startsWith('Session'));
    if (stats && stats.isSuccess)
        model.about = { version: stats.get('Version'), started: now() - (Number(stats.get('Uptime')) || 0) };
    render();
    loadNodes();
}

export async function loadAll() {
    const { since } = feed;
    model.isLoaded = feed.mayResume = false;
    await Promise.all([loadRights(), loadSessions()]);
    await (model.servers.size > 0 ? loadUp() : load(''));
    model.isLoaded = feed.mayResume = feed.state === 'in' && feed.since === since;
    render();
}
