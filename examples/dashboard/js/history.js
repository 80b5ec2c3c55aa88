// history.js: minutes that went by: calls begun, answered, lost; how many waited. By queue, for the last eight hours.
// Events that the proxy sends after a lost connection, or after F5, are counted in the minutes in which they happened.
import { model } from './model.js';

export const MINUTES = 480;
const ALL = ''; // the key of what is not about a queue
const minutes = new Map(); // minute since 1970 -> {queues: {key: {…}}}

const minuteOf = (seconds) => Math.floor(seconds / 60);

function cellOf(key, minute) {
    if (!minutes.has(minute)) {
        minutes.set(minute, {});
        for (const old of minutes.keys()) {
            if (old < minute - MINUTES)
                minutes.delete(old);
        }
    }
    const entry = minutes.get(minute);
    if (!Object.hasOwn(entry, key))
        entry[key] = { calls: 0, answered: 0, lost: 0, inTime: 0, hold: 0, done: 0, talk: 0, waiting: 0 };
    return entry[key];
}

/** Adds to a count of the minute of `seconds`: calls, answered, lost, inTime, hold, done, talk. */
export function record(key, what, seconds, amount = 1) {
    cellOf(key, minuteOf(seconds))[what] += amount;
}

export const recordCall = (seconds) => record(ALL, 'calls', seconds);

/** Once a second: the most that waited in this minute. A minute without it was not seen. */
export function sample(seconds) {
    let all = 0;
    const keep = (key, count) => {
        const cell = cellOf(key, minuteOf(seconds));
        cell.waiting = Math.max(cell.waiting, count);
    };
    for (const queue of model.queues.values()) {
        keep(queue.key, queue.callers.size);
        all += queue.callers.size;
    }
    keep(ALL, all);
}

/** The sums of a queue's last minutes; key undefined: of all queues. */
export function sums(key, seconds, count = 60) {
    const sum = { answered: 0, lost: 0, inTime: 0, hold: 0, done: 0, talk: 0 };
    const last = minuteOf(seconds);
    for (let minute = last - count + 1; minute <= last; minute++) {
        const entry = minutes.get(minute);
        if (!entry)
            continue;
        for (const name of key === undefined ? Object.keys(entry) : [key]) {
            const cell = name === ALL || !Object.hasOwn(entry, name) ? null : entry[name];
            for (const what of cell ? Object.keys(sum) : [])
                sum[what] += cell[what];
        }
    }
    return sum;
}

/** A curve: the last `count` values of `what`, the present minute last. null: nothing was seen in that minute.
 *  `key` undefined: the sum of all queues, or for `calls` and `waiting` everything. */
export function curve(what, key, seconds, count) {
    const last = minuteOf(seconds);
    const values = [];
    for (let minute = last - count + 1; minute <= last; minute++) {
        const entry = minutes.get(minute);
        if (!entry)
            values.push(null);
        else if (key !== undefined || what === 'calls' || what === 'waiting')
            values.push((entry[key === undefined ? ALL : key] || {})[what] || 0);
        else
            values.push(Object.entries(entry).reduce((sum, [name, cell]) => sum + (name === ALL ? 0 : cell[what]), 0));
    }
    return values;
}

/** All minutes, the oldest first, for CSV: [minute as seconds since 1970, key of the queue or '', counts]. */
export function rows() {
    const found = [];
    for (const [minute, entry] of [...minutes].sort((a, b) => a[0] - b[0])) {
        for (const [key, cell] of Object.entries(entry))
            found.push([minute * 60, key, cell]);
    }
    return found;
}

export const dump = () => [...minutes];

export function restore(entries) {
    minutes.clear();
    for (const [minute, entry] of entries)
        minutes.set(minute, entry);
}

export const forgetHistory = () => minutes.clear();
