// show-agents.js: the board of agents: state, time in it, calls taken, pauses with their reason.
import * as csv from './csv.js';
import { byId, fill, make, makeButton, setAttribute, setClass, setText } from './dom.js';
import { feed, withServer } from './feed.js';
import { may, model, now } from './model.js';
import { findAgents } from './queues.js';
import { render } from './render.js';
import { tell } from './sure.js';
import { duration, plural } from './text.js';

let pausing = null; // the agent whom the dialog is about
let words = [];
let shownVersion = -1;
let shownSecond = 0;

const setPaused = (agent, isPaused, reason) => feed.ask(withServer({ Action: 'QueuePause', Interface: agent.place,
    Paused: isPaused ? 'true' : 'false', ...(reason ? { Reason: reason } : {}) }, agent.server));

async function press(agent) {
    if (agent.pausedIn.length > 0) {
        tell(await setPaused(agent, false));
        return;
    }
    pausing = agent;
    setText(byId('pause-title'), `Pause ${agent.name}`);
    byId('pause-reason').value = '';
    byId('pause-dialog').showModal();
}

function makeAgent() {
    const row = make('li', 'agent');
    const head = make('div', 'agent-head');
    const facts = make('div', 'agent-facts');
    const button = makeButton('small', 'Pause', () => press(row.agent));
    head.append(make('b'), make('span', 'quiet'));
    facts.append(make('span', 'pill'), make('span', 'clock'));
    row.append(head, facts, make('span', 'quiet agent-more'), button);
    return row;
}

function updateAgent(row, agent) {
    const [head, facts, more, button] = row.children;
    const reason = agent.reason && agent.pausedIn.length > 0 ? agent.reason : '';
    const partly = agent.pausedIn.length > 0 && !agent.paused ? `paused in ${agent.pausedIn.join(', ')}` : '';
    row.agent = agent;
    setText(head.firstChild, agent.name);
    setText(head.lastChild, plural(agent.calls, 'call'));
    setClass(facts.firstChild, `pill ${agent.tone}`);
    setText(facts.firstChild, agent.state);
    setText(facts.lastChild, agent.since > 0 ? duration(now() - agent.since) : '–');
    setText(more, reason || partly || agent.queues.join(', '));
    row.title = [agent.name, agent.place, agent.queues.join(', '), reason, model.servers.size > 1 ? agent.server : ''].filter(Boolean).join('\n');
    button.hidden = !may('QueuePause');
    button.disabled = feed.state !== 'in';
    setText(button, agent.pausedIn.length > 0 ? 'Continue' : 'Pause');
    setAttribute(button, 'aria-label', `${button.textContent} ${agent.name}`);
}

const wordsOf = (agent) => [agent.name, agent.place, agent.state, agent.reason, ...agent.queues].join(' ').toLowerCase();

export function showAgents() {
    const second = Math.floor(now());
    if (shownVersion === model.version.queues && shownSecond === second)
        return;
    shownVersion = model.version.queues;
    shownSecond = second;
    const all = findAgents();
    const agents = all.filter((agent) => words.every((word) => wordsOf(agent).includes(word)));
    fill(byId('agents-list'), agents, (agent) => agent.key, makeAgent, updateAgent);
    const count = (state) => all.filter((agent) => agent.state === state).length;
    setText(byId('agents-count'), all.length);
    setText(byId('agents-sum'), `${count('Free')} free, ${count('In call')} in calls, ${count('Paused')} paused`);
    byId('agents-empty').hidden = agents.length > 0;
}

function saveAgents() {
    const rows = [['Name', 'Interface', 'Server', 'State', 'Since (UTC)', 'Calls taken', 'Paused in', 'Reason', 'Queues']];
    for (const agent of findAgents())
        rows.push([agent.name, agent.place, agent.server, agent.state, csv.stamp(agent.since), agent.calls, agent.pausedIn.join(' '), agent.reason, agent.queues.join(' ')]);
    csv.save('agents', rows);
}

export function startAgents() {
    byId('agents-find').addEventListener('input', (event) => {
        words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
        shownVersion = -1;
        render();
    });
    byId('agents-csv').addEventListener('click', saveAgents);
    byId('pause-cancel').addEventListener('click', () => byId('pause-dialog').close());
    byId('pause-form').addEventListener('submit', async (event) => {
        event.preventDefault();
        byId('pause-dialog').close();
        tell(await setPaused(pausing, true, byId('pause-reason').value.trim()));
    });
}
