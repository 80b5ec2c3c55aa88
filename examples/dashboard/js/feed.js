// feed.js: one WebSocket to the proxy, logged in again by itself when it was lost. It knows nothing of the page: `hooks`
// are called when something happens.
import { Message } from './message.js';

const RETRY = { first: 500, most: 15000, stable: 10000 }; // milliseconds
const SILENCE = 20000; // an answer of the proxy itself takes no longer, or the connection is dead
const PATIENCE = 90000; // as above, of a server; answers come in the order of the actions

export const feed = {
    hooks: { onState() {}, onEvent() {}, onResumed() {} },
    url: '', socket: null, user: '', secret: '', state: 'out', // out | connecting | in | lost
    attempt: 0, timer: 0, countdown: 0, since: 0, heard: 0, serial: 0, asked: new Map(),
    place: '', // the ResumeID of the last event; '': none
    mayResume: false, // what the page knows was complete when the connection was lost
    resuming: false, // the proxy has not said yet whether it goes on from there
    missed: { left: 0, next: 0, step: 0 }, // events that were missed and are being sent now

    login(user, secret) {
        Object.assign(this, { user, secret, attempt: 0 });
        this.open();
    },

    /** As after a loss: the page was loaded anew. It was at `place`, '' for nowhere, and heard from the proxy at `heard`. */
    comeBack(user, secret, place, heard) {
        Object.assign(this, { user, secret, attempt: 0, place, heard, mayResume: place !== '', state: 'lost' });
        this.open();
    },

    open() {
        this.close();
        this.enter(this.state === 'lost' ? 'lost' : 'connecting');
        this.countdown = 0;
        const url = new URL(this.url, location.href);
        url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
        url.searchParams.set('ids', '1');
        const socket = new WebSocket(url, ['ami.standard']);
        socket.binaryType = 'arraybuffer'; // frames that are no UTF-8
        this.socket = socket;
        const decoder = new TextDecoder();
        socket.onopen = () => this.greet();
        socket.onmessage = (event) => {
            if (socket === this.socket)
                this.take(new Message(typeof event.data === 'string' ? event.data : decoder.decode(event.data)));
        };
        socket.onclose = () => {
            if (socket === this.socket)
                this.lose();
        };
        this.timer = setTimeout(() => this.drop(), SILENCE); // to connect and log in
    },

    async greet() {
        const socket = this.socket;
        const place = this.mayResume ? this.place : '';
        this.resuming = place !== '';
        const login = { Action: 'Login', Username: this.user, Secret: this.secret };
        const answer = await this.ask(place === '' ? login : { ...login, Resume: place });
        if (socket !== this.socket || !answer)
            return;
        if (answer.isSuccess) {
            clearTimeout(this.timer);
            this.since = Date.now();
            this.enter('in');
            return;
        }
        const reason = answer.get('Message');
        if (this.state === 'lost' && reason !== 'Authentication failed') {
            this.drop(); // too many at once, for example: later, perhaps
            return;
        }
        this.leave(reason === 'Authentication failed' ? 'User or secret is wrong.' : reason || 'The proxy refused the login.');
    },

    /** Sends an action. @return its answer, null if the connection was lost; items of a list go to `onItem`. */
    ask(headers, onItem) {
        return new Promise((resolve) => {
            if (!this.socket || this.socket.readyState !== WebSocket.OPEN) {
                resolve(null);
                return;
            }
            const id = headers.ActionID || `page-${++this.serial}`;
            const lines = [];
            for (const [name, value] of Array.isArray(headers.lines) ? headers.lines : Object.entries(headers))
                lines.push(`${name}: ${String(value).replace(/[\r\n\0]/g, ' ')}`);
            if (!headers.ActionID)
                lines.push(`ActionID: ${id}`);
            this.asked.set(id, { resolve, onItem, answer: null, at: Date.now(), limit: headers.ProxyAction ? SILENCE : PATIENCE });
            this.socket.send(lines.join('\r\n') + '\r\n\r\n');
        });
    },

    take(message) {
        const before = this.heard;
        this.heard = message.arrived;
        this.place = message.get('ResumeID') || this.place;
        if (this.resuming && (message.event === 'Resumed' || message.event === 'EventsSkipped'))
            this.goOn(message, before);
        else if (this.missed.left > 0 && message.event && message.get('ResumeID'))
            this.date(message);
        const asked = this.asked.get(message.get('ActionID'));
        if (asked)
            this.takeAnswer(message, asked);
        if (message.event && !(asked && asked.answer))
            this.hooks.onEvent(message);
    },

    /** The proxy says how coming back went: the events that were missed follow, or everything is to be asked anew. */
    goOn(message, heard) {
        const count = message.event === 'Resumed' ? Number(message.get('Events')) || 0 : -1;
        this.resuming = false;
        if (count > 0 && heard > 0)
            this.missed = { left: count, next: heard, step: (message.arrived - heard) / count };
        this.hooks.onResumed(count);
    },

    /** Missed events happened some time between the loss and now: evenly, if the server does not say when. */
    date(message) {
        this.missed.left--;
        this.missed.next += this.missed.step;
        if (!message.get('Timestamp'))
            message.time = Math.min(message.arrived, this.missed.next);
    },

    /** A list is complete when it says so; an answer that is no list is complete at once. */
    takeAnswer(message, asked) {
        const list = message.get('EventList');
        let complete = false;
        if (message.isResponse && !asked.answer) {
            asked.answer = message;
            complete = !(message.isSuccess && (list === 'start' || /will follow/i.test(message.get('Message'))));
        } else if (asked.answer && message.event) {
            complete = list === 'Complete' || list === 'Cancelled' || /Complete$/.test(message.event);
            asked.cancelled = list === 'Cancelled';
        }
        if (asked.onItem && asked.answer)
            asked.onItem(message, complete);
        if (!complete)
            return;
        this.asked.delete(message.get('ActionID'));
        asked.resolve(asked.cancelled ? null : asked.answer);
    },

    /** The oldest question has waited too long: the connection is dead, whatever the browser thinks of it. */
    checkLife() {
        const [oldest] = this.asked.values();
        if (oldest && Date.now() - Math.max(oldest.at, this.heard) > oldest.limit)
            this.drop();
    },

    /** Ends the connection without a word to anybody but those who wait for answers. */
    close() {
        const { socket } = this;
        const pending = [...this.asked.values()];
        this.socket = null;
        this.missed = { left: 0, next: 0, step: 0 };
        this.asked.clear();
        clearTimeout(this.timer);
        for (const asked of pending)
            asked.resolve(null);
        if (socket)
            socket.close();
    },

    /** As if the other end had closed; the browser may take long to notice. */
    drop() {
        this.close();
        this.lose();
    },

    lose() {
        this.close();
        if (this.state === 'connecting') {
            this.leave('The proxy cannot be reached.');
            return;
        }
        if (this.state === 'out')
            return;
        if (this.state === 'in' && Date.now() - this.since > RETRY.stable)
            this.attempt = 0;
        const wait = Math.min(RETRY.most, RETRY.first * 2 ** this.attempt++) * (0.8 + 0.4 * Math.random());
        this.countdown = Date.now() + wait;
        this.timer = setTimeout(() => this.open(), wait);
        this.enter('lost');
    },

    /** Back to the login, for ever. */
    leave(reason) {
        Object.assign(this, { user: '', secret: '', place: '', mayResume: false });
        this.close();
        this.enter('out', reason);
    },

    enter(state, reason) {
        const changed = this.state !== state;
        this.state = state;
        this.hooks.onState(reason, changed);
    },
};

/** `headers` of an action for one server; '' for the default. */
export const withServer = (headers, server) => (server ? { ...headers, Server: server } : headers);
