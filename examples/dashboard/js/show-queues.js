// show-queues.js: the queues, each with who waits, its members and how well it does.
import { byId, fill, make, setClass, setText } from './dom.js';
import { sums } from './history.js';
import { model, now } from './model.js';
import { memberState, timeLimit } from './queues.js';
import { settings } from './settings.js';
import { device, duration, percent } from './text.js';

const WAITING = 3; // callers that have a line; the others are counted
const FACTS = ['Waiting', 'Longest', 'Free', 'Level', 'Done', 'Lost', 'Ø wait', 'Ø talk'];

function makeQueue() {
    const row = make('li', 'queue');
    const head = make('div', 'queue-head');
    const facts = make('dl', 'facts');
    const waiting = make('ul', 'waiting');
    head.append(make('h3'), make('span', 'quiet'));
    for (const name of FACTS) {
        const fact = make('div');
        fact.append(make('dt', '', name), make('dd'));
        facts.append(fact);
    }
    for (let i = 0; i < WAITING; i++) {
        const line = make('li');
        line.append(make('span', 'clock'), make('span', 'name'), make('span', 'quiet'));
        waiting.append(line);
    }
    waiting.append(make('li', 'quiet'));
    row.append(head, facts, make('ul', 'members'), waiting);
    return row;
}

function makeMember() {
    const row = make('li');
    row.append(make('span', 'dot'), make('span', 'name'), make('span', 'state'));
    return row;
}

function updateMember(row, [, member]) {
    const [dot, name, state] = row.children;
    const [text, tone] = memberState(member);
    setClass(dot, `dot ${tone}`);
    setText(name, member.name);
    setText(state, text);
    row.title = member.paused && member.reason ? `${member.name}: ${member.reason}` : member.name;
}

function showCallers(list, callers) {
    for (let i = 0; i < WAITING; i++) {
        const [clock, name, number] = list.children[i].children;
        const caller = callers[i];
        setText(clock, caller ? duration(now() - caller.since) : '');
        setText(name, caller ? caller.caller || caller.number || device(caller.channel) : '');
        setText(number, caller && caller.caller ? caller.number : '');
    }
    const more = callers.length - WAITING;
    setText(list.lastChild, callers.length === 0 ? 'Nobody waits.' : more > 0 ? `and ${more} more` : '');
}

/** The service level of the last hour, as far as the page has seen it; before that, what the server says. */
export function levelOf(queue) {
    const { answered, lost, inTime } = sums(queue.key, now());
    if (answered + lost > 0)
        return percent(inTime, answered + lost);
    return Number(queue.level) > 0 ? `${Math.round(Number(queue.level))} %` : '–';
}

function updateQueue(row, queue) {
    const [head, facts, members, waiting] = row.children;
    const callers = [...queue.callers.values()].sort((a, b) => a.since - b.since);
    const all = [...queue.members.values()];
    const free = all.filter((member) => member.status === 1 && !member.paused).length;
    const longest = callers.length > 0 ? now() - callers[0].since : 0;
    const { answered, hold, done, talk } = sums(queue.key, now());
    setText(head.firstChild, queue.name);
    setText(head.lastChild, queue.isLost ? `${queue.server} is lost` : model.servers.size > 1 ? queue.server : '');
    const values = [callers.length, callers.length > 0 ? duration(longest) : '–', `${free} of ${all.length}`, levelOf(queue), queue.completed, queue.abandoned,
        duration(answered > 0 ? hold / answered : queue.hold), duration(done > 0 ? talk / done : queue.talk)];
    values.forEach((value, i) => setText(facts.children[i].lastChild, value));
    setClass(facts.children[1], settings.late > 0 && longest > settings.late ? 'late' : '');
    facts.children[3].title = `Answered within ${timeLimit(queue)} s, in the last hour`;
    setClass(row, `queue${queue.isLost ? ' over' : ''}`);
    fill(members, [...queue.members], ([key]) => key, makeMember, updateMember);
    showCallers(waiting, callers);
}

let shownVersion = -1;
let shownSecond = 0;

/** @return the queues, by name */
export function showQueues() {
    const queues = [...model.queues.values()].sort((a, b) => a.name.localeCompare(b.name) || a.server.localeCompare(b.server));
    const second = Math.floor(now());
    if (shownVersion === model.version.queues && shownSecond === second)
        return queues;
    shownVersion = model.version.queues;
    shownSecond = second;
    fill(byId('queues-list'), queues, (queue) => queue.key, makeQueue, updateQueue);
    setText(byId('queues-count'), queues.length);
    byId('queues-empty').hidden = queues.length > 0;
    setText(byId('queues-note'), model.notes.queues || '');
    byId('queues-note').hidden = !model.notes.queues;
    return queues;
}
