// log.js: the events: a bounded list, filtered, that can stand still.
import { byId, make, setText } from './dom.js';
import { readFilter } from './filter.js';
import { LIMITS } from './model.js';
import { render } from './render.js';
import { clockTime } from './text.js';

const DRAWING = 400; // milliseconds between two drawings of the list: nobody reads faster

export const log = {
    entries: [], fresh: [], filter: () => true, paused: false, held: 0, total: 0, drawn: 0,

    add(message) {
        this.total++;
        this.entries.push(message);
        if (this.entries.length > LIMITS.log * 1.25)
            this.entries.splice(0, this.entries.length - LIMITS.log);
        if (this.paused) {
            this.held++;
        } else if (this.filter(message)) {
            this.fresh.push(message);
            if (this.fresh.length > LIMITS.rows)
                this.fresh.shift();
        }
    },

    clear() {
        Object.assign(this, { entries: [], total: 0 });
        this.again();
    },

    /** All rows anew: another filter, or going on after a pause. */
    again() {
        Object.assign(this, { held: 0, fresh: [], drawn: 0 });
        for (let i = this.entries.length - 1; i >= 0 && this.fresh.length < LIMITS.rows; i--) {
            if (this.filter(this.entries[i]))
                this.fresh.unshift(this.entries[i]);
        }
        byId('events-rows').replaceChildren();
        render();
    },

    pause(paused) {
        if (this.paused === paused)
            return;
        this.paused = paused;
        byId('pause').setAttribute('aria-pressed', String(paused));
        if (!paused)
            this.again();
        byId('events-rows').classList.toggle('still', paused);
        render();
    },

    setFilter(text) {
        let wrong = '';
        try {
            this.filter = readFilter(text);
        } catch (error) {
            wrong = error.message;
        }
        setText(byId('filter-error'), wrong);
        byId('filter-error').hidden = wrong === '';
        byId('filter').setAttribute('aria-invalid', String(wrong !== ''));
        byId('filter-help').hidden = text.trim() !== '';
        if (wrong === '')
            this.again();
    },
};

const GIST = ['Channel', 'DestChannel', 'ChannelStateDesc', 'Queue', 'MemberName', 'CallerIDNum', 'CallerIDName', 'DialStatus',
    'Variable', 'Value', 'Application', 'AppData', 'Cause-txt', 'BridgeUniqueid', 'UserEvent', 'Peer', 'PeerStatus', 'Device',
    'State', 'Reason', 'Status', 'Message'];

function gistOf(message) {
    const found = [];
    for (const name of GIST) {
        const value = message.known(name);
        if (value !== '' && !found.includes(value) && found.length < 5)
            found.push(value);
    }
    return found.join(' · ');
}

function makeRow(message) {
    const row = make('details', 'event');
    const head = make('summary');
    const time = make('time', '', `${clockTime(message.time)}.${String(Math.floor(message.time) % 1000).padStart(3, '0')}`);
    row.dataset.kind = message.get('Privilege').split(',')[0];
    head.append(time, make('b', '', message.event), make('span', 'gist', gistOf(message)));
    row.append(head);
    row.addEventListener('toggle', () => {
        if (!row.open || row.children.length > 1)
            return;
        row.append(make('pre', '', message.text.trim()));
        log.pause(true); // or it would move away under the reader
    });
    return row;
}

/** Puts the new rows above the others. Places are transforms: nothing is laid out anew for those that were there. */
export function showLog() {
    const list = byId('events-rows');
    setText(byId('events-count'), log.total);
    setText(byId('pause'), !log.paused ? 'Pause' : log.held > 0 ? `Continue (${log.held} more)` : 'Continue');
    if (log.fresh.length === 0)
        return;
    if (performance.now() - log.drawn < DRAWING) {
        setTimeout(render, DRAWING);
        return;
    }
    log.drawn = performance.now();
    const rows = document.createDocumentFragment();
    for (let i = log.fresh.length - 1; i >= 0; i--)
        rows.append(makeRow(log.fresh[i]));
    log.fresh = [];
    list.prepend(rows);
    while (list.childElementCount > LIMITS.rows)
        list.lastElementChild.remove();
    [...list.children].forEach((row, at) => row.style.setProperty('--at', at));
    list.style.setProperty('--count', list.childElementCount);
}

export function startLog() {
    let typing = 0;
    byId('filter').addEventListener('input', (event) => {
        clearTimeout(typing);
        typing = setTimeout(() => log.setFilter(event.target.value), 150);
    });
    byId('pause').addEventListener('click', () => log.pause(!log.paused));
    byId('clear').addEventListener('click', () => log.clear());
}
