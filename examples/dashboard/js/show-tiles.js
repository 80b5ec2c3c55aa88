// show-tiles.js: the numbers at a glance, and the bar above them.
import { byId, setClass, setText } from './dom.js';
import { feed } from './feed.js';
import { sums } from './history.js';
import { model, now } from './model.js';
import { settings } from './settings.js';
import { duration, percent } from './text.js';

const rate = { second: 0, history: new Array(60).fill(0) };

export const countEvent = () => { rate.second++; };

/** Once a second: the events of that second. */
export function showRate() {
    rate.history.push(rate.second);
    rate.history.shift();
    rate.second = 0;
    const most = Math.max(10, ...rate.history);
    const points = rate.history.map((value, i) => `${(i * 60 / 59).toFixed(2)} ${(23 - value / most * 21).toFixed(2)}`);
    byId('spark-line').setAttribute('d', `M${points.join('L')}`);
    byId('spark-area').setAttribute('d', `M0 24L${points.join('L')}L60 24Z`);
    setText(byId('tile-rate'), rate.history[59]);
}

export function showTiles(calls, queues) {
    const counts = {};
    let first = Infinity;
    let waiting = 0;
    for (const call of calls)
        counts[call.state] = (counts[call.state] || 0) + 1;
    for (const queue of queues) {
        waiting += queue.callers.size;
        for (const caller of queue.callers.values())
            first = Math.min(first, caller.since);
    }
    const { answered, lost, inTime } = sums(undefined, now());
    setText(byId('tile-calls'), calls.length);
    setText(byId('tile-talking'), (counts.Talking || 0) + (counts['On hold'] || 0));
    setText(byId('tile-ringing'), (counts.Ringing || 0) + (counts.Dialling || 0));
    setText(byId('tile-waiting'), waiting);
    setText(byId('tile-longest'), waiting > 0 ? duration(now() - first) : '–');
    setText(byId('tile-level'), percent(inTime, answered + lost));
    setClass(byId('tile-longest').parentNode, settings.late > 0 && now() - first > settings.late ? 'tile late' : 'tile');
    setClass(byId('tile-level').parentNode, answered + lost >= 5 && inTime / (answered + lost) * 100 < settings.level ? 'tile late' : 'tile');
}

export function showConnection() {
    const pill = byId('connection');
    const looks = { in: ['Live', 'good'], lost: ['Reconnecting', 'warn pulse'], connecting: ['Connecting', 'pulse'], out: ['Offline', ''] };
    const [text, tone] = looks[feed.state];
    setText(pill, text);
    setClass(pill, `pill ${tone}`);
    byId('lost').hidden = feed.state !== 'lost';
    const wait = Math.ceil((feed.countdown - Date.now()) / 1000);
    setText(byId('lost-text'), `The connection was lost. The data may be out of date. ${wait > 0 ? `Next try in ${wait} s.` : 'Trying…'}`);
    byId('board').classList.toggle('stale', feed.state === 'lost');
    byId('send-button').disabled = feed.state !== 'in';
    const { version, started } = model.about;
    setText(byId('about'), version ? `astmanproxy ${version}, up for ${duration(now() - started)}` : 'astmanproxy');
}
