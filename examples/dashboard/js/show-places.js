// show-places.js: servers, trunks, nodes and sessions.
import { byId, make, makeWho, place, setClass, setText, setWho } from './dom.js';
import { feed } from './feed.js';
import { loadSessions } from './lists.js';
import { model, now } from './model.js';
import { makeSureButton, updateSureButton } from './sure.js';
import { duration, plural } from './text.js';
import { findTrunks } from './trunks.js';

function makeEntry() {
    const row = make('li');
    row.append(make('span', 'pill'), makeWho('who'));
    return row;
}

function updateServer(row, server) {
    const owner = model.owners.get(server.name);
    const lost = server.up ? '' : [server.reason, server.lostAt > 0 ? `for ${duration(now() - server.lostAt)}` : ''].filter(Boolean).join(', ');
    setClass(row.firstChild, `pill ${server.up ? 'good' : 'bad'}`);
    setText(row.firstChild, server.up ? 'up' : 'down');
    setWho(row.lastChild, { name: server.name, detail: [lost, server.address, owner && `node ${owner}`].filter(Boolean).join(' · ') });
}

function showServers() {
    const servers = [...model.servers.values()].sort((a, b) => a.up - b.up || a.name.localeCompare(b.name));
    place(byId('servers-list'), servers, (server) => server.name, makeEntry, updateServer);
    setText(byId('servers-count'), servers.length);
    byId('servers-empty').hidden = servers.length > 0;
    showTargets(servers);
}

/** The servers that an action can be sent to. */
function showTargets(servers) {
    const wanted = ['', ...servers.map((server) => server.name).sort(), ...(servers.length > 1 ? ['*'] : [])];
    const target = byId('target');
    if (wanted.join('\n') === [...target.options].map((option) => option.value).join('\n'))
        return;
    const chosen = target.value;
    const labels = { '': 'Default', '*': 'All' };
    target.replaceChildren(...wanted.map((name) => new Option(labels[name] || name, name)));
    target.value = wanted.includes(chosen) ? chosen : '';
}

function updateTrunk(row, trunk) {
    setClass(row.firstChild, `pill ${trunk.tone}`);
    setText(row.firstChild, trunk.state || 'not told');
    setWho(row.lastChild, { name: trunk.name, detail: [plural(trunk.calls, 'channel'), trunk.detail, model.servers.size > 1 ? trunk.server : '',
        trunk.since > 0 ? `for ${duration(now() - trunk.since)}` : ''].filter(Boolean).join(' · ') });
}

function showTrunks() {
    const trunks = findTrunks();
    byId('trunks').hidden = trunks.length === 0;
    place(byId('trunks-list'), trunks, (trunk) => trunk.key, makeEntry, updateTrunk);
    setText(byId('trunks-count'), trunks.length);
}

function makeSession(session) {
    const row = makeEntry();
    row.append(makeSureButton('End', () => `Press again to close the session ${session.id} of ${session.user || 'nobody'}.`,
        async () => {
            const answer = await feed.ask({ ProxyAction: 'KickSession', Session: session.id });
            loadSessions();
            return answer;
        }));
    return row;
}

function updateSession(row, session) {
    const [format, who, button] = row.children;
    setWho(who, { name: session.user || 'not logged in', detail: `${session.address} · session ${session.id}` });
    setClass(format, `pill ${session.user ? 'blue' : ''}`);
    setText(format, [...new Set([session.input, session.output])].filter(Boolean).join(' → '));
    updateSureButton(button, `session ${session.id}`);
}

function showSessions() {
    byId('sessions').hidden = !model.isAdmin;
    if (!model.isAdmin)
        return;
    const hidden = model.sessionCount - model.sessions.length;
    place(byId('sessions-list'), model.sessions, (session) => session.id, makeSession, updateSession);
    setText(byId('sessions-count'), model.sessionCount);
    setText(byId('sessions-note'), `and ${hidden} more`);
    byId('sessions-note').hidden = hidden <= 0;
}

function updateNode(row, node) {
    const heard = node.isHere ? 'this one' : `heard ${(node.heard / 1000).toFixed(1)} s ago`;
    setClass(row.firstChild, `pill ${{ alive: 'good', draining: 'warn' }[node.state] || 'bad'}`);
    setText(row.firstChild, node.state);
    setWho(row.lastChild, { name: node.name, detail: `${node.owned} servers · ${node.sessions} sessions · ${node.version} · ${heard}` });
}

function showNodes() {
    byId('nodes').hidden = model.nodes.length === 0;
    place(byId('nodes-list'), model.nodes, (node) => node.boot, makeEntry, updateNode);
    setText(byId('nodes-count'), model.nodes.length);
}

export function showPlaces() {
    showServers();
    showTrunks();
    showNodes();
    showSessions();
}
