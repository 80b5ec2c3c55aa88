// show-calls.js: the list of calls: in progress or ended, searched and sorted.
import { openCall } from './show-call.js';
import * as csv from './csv.js';
import { describe } from './describe.js';
import { byId, make, makeButton, makeShape, makeWho, place, setAttribute, setClass, setText, setWho } from './dom.js';
import { feed, withServer } from './feed.js';
import { LIMITS, may, model, now } from './model.js';
import { render } from './render.js';
import { lostServers } from './servers.js';
import { makeSureButton, updateSureButton } from './sure.js';
import { clockTime, duration, plural } from './text.js';

const ARROWS = { Talking: 'M3 7h13m-3-3 3 3-3 3M17 13H4m3-3-3 3 3 3', other: 'M3 10h14m-5-5 5 5-5 5' };
const CALM = 10000; // milliseconds after the last move of the pointer, or key, on the list
const view = { words: [], sort: 'longest', which: 'live', frozen: null, touched: 0 };

const byText = (textOf) => (a, b) => textOf(a).localeCompare(textOf(b)) || a.since - b.since;
const ORDERS = {
    longest: (a, b) => a.since - b.since || (a.key < b.key ? -1 : 1),
    newest: (a, b) => b.since - a.since || (a.key < b.key ? 1 : -1),
    state: byText((call) => call.state),
    from: byText((call) => call.from.name),
    to: byText((call) => call.to.name),
    queue: byText((call) => call.queueName || '\uffff'),
    server: byText((call) => call.server),
};

/** All calls in progress, described. */
export function findCalls() {
    const calls = [];
    for (const call of model.calls.values())
        calls.push(describe(call));
    return calls;
}

function makeArrow() {
    const strokes = { fill: 'none', stroke: 'currentColor', 'stroke-width': '1.7', 'stroke-linecap': 'round', 'stroke-linejoin': 'round' };
    const svg = makeShape('svg', { viewBox: '0 0 20 20', 'aria-hidden': 'true' });
    svg.append(makeShape('path', strokes));
    return svg;
}

/** Such a name would be taken for an expression that matches many channels. */
const isExpression = (name) => name.startsWith('/');

function makeCall(call) {
    const row = make('li', 'call');
    const state = make('div');
    const arrow = make('div', 'arrow');
    const clock = make('div', 'clock');
    const open = makeButton('bare more', '', () => openCall(row.call));
    const button = makeSureButton('Hang up', () => `Press again to hang up ${row.call.from.name}.`,
        () => feed.ask(withServer({ Action: 'Hangup', Channel: row.call.first.name }, row.call.server)));
    const dots = makeShape('svg', { viewBox: '0 0 20 20', width: '18', height: '18', 'aria-hidden': 'true' });
    dots.append(makeShape('path', { d: 'M7 4l6 6-6 6', fill: 'none', stroke: 'currentColor', 'stroke-width': '1.8' }));
    open.append(dots);
    state.append(make('span', 'pill'));
    arrow.append(makeArrow());
    clock.append(make('b'), make('span'));
    row.append(state, makeWho('who from'), arrow, makeWho('who to'), clock, button, open);
    row.parts = { pill: state.firstChild, from: row.children[1], arrow: arrow.querySelector('path'), to: row.children[3], clock, button, open };
    row.dataset.linked = call.linked;
    row.addEventListener('click', (event) => {
        if (!event.target.closest('button'))
            openCall(row.call);
    });
    return row;
}

function updateWords(row, call) {
    const { pill, from, to, arrow, open } = row.parts;
    const isOver = call.ended > 0;
    setClass(row, `call${isOver || call.isLost ? ' over' : ''}`);
    setClass(pill, `pill ${isOver ? '' : call.tone}${!isOver && call.state === 'Ringing' ? ' pulse' : ''}`);
    setText(pill, isOver ? 'Ended' : call.state);
    setWho(from, isOver ? call.best.from : call.from);
    setWho(to, isOver ? call.best.to : call.to);
    setAttribute(arrow, 'd', !isOver && call.state === 'Talking' ? ARROWS.Talking : ARROWS.other);
    setAttribute(open, 'aria-label', `More about ${call.from.name} with ${call.to.name}`);
}

function updateCall(row, call) {
    const { clock, button } = row.parts;
    const isOver = call.ended > 0;
    if (row.call !== call || row.version !== call.version || row.isOver !== isOver)
        updateWords(row, call);
    Object.assign(row, { call, version: call.version, isOver });
    setText(clock.firstChild, duration((isOver ? call.ended : now()) - call.since));
    if (isOver)
        setText(clock.lastChild, `at ${clockTime(call.ended * 1000)}`);
    else
        setText(clock.lastChild, call.answered ? `talk ${duration(now() - call.answered)}` : model.servers.size > 1 ? call.server : '');
    button.hidden = isOver || call.isLost || !may('Hangup') || isExpression(call.first.name);
    updateSureButton(button, `${call.from.name} with ${call.to.name}`);
}

function chosen(calls) {
    const all = view.which === 'live' ? calls : model.ended;
    const found = view.words.length === 0 ? [...all] : all.filter((call) => view.words.every((word) => call.words.includes(word)));
    return view.which === 'live' || view.sort !== 'longest' ? found.sort(ORDERS[view.sort]) : found.reverse();
}

/** While the reader is at the list, rows keep their places, so that nobody presses another call's button. A pointer that
 *  rests there stops nothing. */
function calm(found) {
    const list = byId('calls-list');
    if (Date.now() - view.touched > CALM || !list.matches(':hover, :focus-within') || !model.mayAct) {
        view.frozen = null;
        return found.slice(0, LIMITS.calls);
    }
    const kept = view.frozen || (list.order || []);
    const isKept = new Set(kept);
    view.frozen = [...kept, ...found.filter((call) => !isKept.has(call))].slice(0, Math.max(LIMITS.calls, kept.length));
    return view.frozen;
}

function noteOf(found) {
    const lost = lostServers().map(({ server, count }) => `${server.name} was lost at ${clockTime(server.lostAt * 1000)}` +
        `${server.reason ? ` (${server.reason})` : ''}: ${count > 0 ? `what became of its ${plural(count, 'call')} is not known.` : 'its calls are not known.'}`);
    const many = found.length > LIMITS.calls ? `${LIMITS.calls} of ${found.length} calls are shown: search, or sort them otherwise.` : '';
    return { lost: lost.join(' '), rest: [many, model.notes.calls].filter(Boolean).join(' ') };
}

export function showCalls(calls) {
    const found = chosen(calls);
    const shown = calm(found);
    const list = byId('calls-list');
    list.order = shown;
    place(list, shown, (call) => `${call.key}\n${call.since}`, makeCall, updateCall);
    setText(byId('calls-count'), found.length);
    byId('calls-empty').hidden = shown.length > 0;
    setText(byId('calls-empty'), view.words.length > 0 ? 'No call matches.' : view.which === 'live' ? 'No calls at the moment.' : 'No call has ended since you came.');
    const { lost, rest } = noteOf(found);
    setText(byId('calls-lost'), lost);
    byId('calls-lost').hidden = lost === '';
    setText(byId('calls-note'), rest);
    byId('calls-note').hidden = rest === '';
}

function saveCalls() {
    const rows = [['State', 'From', 'From, detail', 'To', 'To, detail', 'Queue', 'Server', 'Began (UTC)', 'Talked since (UTC)', 'Ended (UTC)', 'Seconds', 'Cause', 'Linkedid']];
    for (const call of [...model.ended, ...findCalls()]) {
        const { from, to } = call.best;
        rows.push([call.ended ? 'Ended' : call.state, from.name, from.detail, to.name, to.detail, call.queueName, call.server, csv.stamp(call.since),
            csv.stamp(call.talked), csv.stamp(call.ended), Math.round((call.ended || now()) - call.since), call.cause, call.linked]);
    }
    csv.save('calls', rows);
}

export function startCalls() {
    const again = () => {
        view.frozen = null;
        byId('calls-list').order = [];
        render();
    };
    byId('calls-find').addEventListener('input', (event) => {
        view.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
        again();
    });
    byId('calls-sort').addEventListener('change', (event) => {
        view.sort = Object.hasOwn(ORDERS, event.target.value) ? event.target.value : 'longest';
        again();
    });
    byId('calls-which').addEventListener('change', (event) => {
        view.which = event.target.value;
        again();
    });
    for (const name of ['pointermove', 'pointerdown', 'keydown', 'focusin'])
        byId('calls-list').addEventListener(name, () => { view.touched = Date.now(); });
    byId('calls-csv').addEventListener('click', saveCalls);
}
