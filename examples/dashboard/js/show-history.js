// show-history.js: the last hours as curves: calls a minute, who waited, answered and lost, by queue.
import * as csv from './csv.js';
import { byId, make, makeShape, setText } from './dom.js';
import { curve, rows } from './history.js';
import { model, now } from './model.js';
import { clockTime } from './text.js';

const WIDTH = 600;
const HEIGHT = 120;
const COLOURS = 6; // classes line-0 … of the style sheet
let drawn = 0;

/** The path of a curve; a null lifts the pen. */
function pathOf(values, most) {
    let path = '';
    let isDown = false;
    values.forEach((value, at) => {
        if (value !== null)
            path += `${isDown ? 'L' : 'M'}${(at / (values.length - 1) * WIDTH).toFixed(1)} ${(HEIGHT - value / most * (HEIGHT - 4)).toFixed(1)}`;
        isDown = value !== null;
    });
    return path;
}

function findSeries(what, count) {
    const time = now();
    const series = [{ name: 'All', values: curve(what, undefined, time, count) }];
    const queues = what === 'calls' ? [] : [...model.queues.values()].sort((a, b) => a.name.localeCompare(b.name)).slice(0, COLOURS - 1);
    for (const queue of queues)
        series.push({ name: model.servers.size > 1 ? `${queue.name} (${queue.server})` : queue.name, values: curve(what, queue.key, time, count) });
    return series;
}

function makeLegend(one, at) {
    const item = make('li', '');
    const last = one.values.filter((value) => value !== null).at(-1);
    item.append(make('span', `mark line-${at}`), make('span', 'name', one.name), make('b', '', last === undefined ? '–' : last));
    return item;
}

/** Draws it; `isForced`: even if it was drawn seconds ago. */
export function showHistory(isForced) {
    if (!isForced && Date.now() - drawn < 5000)
        return;
    drawn = Date.now();
    const count = Number(byId('history-hours').value) * 60;
    const series = findSeries(byId('history-what').value, count);
    const most = Math.max(4, ...series.flatMap((one) => one.values.map((value) => value || 0)));
    const lines = series.map((one, at) => makeShape('path', { d: pathOf(one.values, most), class: `line line-${at}`, 'vector-effect': 'non-scaling-stroke' }));
    byId('history-lines').replaceChildren(...lines.reverse());
    byId('history-legend').replaceChildren(...series.map(makeLegend));
    setText(byId('history-most'), most);
    setText(byId('history-from'), clockTime(Date.now() - count * 60000).slice(0, 5));
    byId('history-svg').setAttribute('aria-label', `${byId('history-what').selectedOptions[0].textContent}, by minute: ` +
        series.map((one) => `${one.name} now ${one.values.at(-1) || 0}, at most ${Math.max(0, ...one.values.map((value) => value || 0))}`).join('; '));
}

function saveHistory() {
    const table = [['Minute (UTC)', 'Queue', 'Server', 'Calls', 'Answered', 'In time', 'Lost', 'Waiting at most', 'Seconds of waiting', 'Done', 'Seconds of talk']];
    for (const [minute, key, cell] of rows()) {
        const [server, name] = key === '' ? ['', 'all'] : key.split('\n');
        table.push([csv.stamp(minute), name, server, cell.calls, cell.answered, cell.inTime, cell.lost, cell.waiting, cell.hold, cell.done, cell.talk]);
    }
    csv.save('history', table);
}

export function startHistory() {
    for (const id of ['history-what', 'history-hours'])
        byId(id).addEventListener('change', () => showHistory(true));
    byId('history-csv').addEventListener('click', saveHistory);
}
