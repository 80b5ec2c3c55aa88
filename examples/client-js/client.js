// examples/client-js/client.js: a client of astmanproxy for browsers and node. README.md is its manual.
import { AmiError, FetchLink, SocketLink } from './links.js';

export { AmiError };

const DEFAULTS = {
    firstWait: 500, // milliseconds before the second attempt to connect; twice as long before each later one
    mostWait: 30000,
    stable: 10000, // a connection that has lasted so long makes the next wait a short one
    silence: 45000, // a proxy that was not heard for so long is taken for dead
    timeout: 30000, // of an answer, and between two items of a list
};

/** What waits for an answer. `items` are those that nobody has taken. */
class Asked {
    constructor(isList, timeout, forget) {
        Object.assign(this, { isList, timeout, forget, response: undefined, items: [], over: false });
        this.first = new Promise((resolve, reject) => Object.assign(this, { resolve, reject }));
        this.first.catch(() => {}); // a list is told by next(), too
        this.wait();
    }

    wait() {
        clearTimeout(this.timer);
        this.timer = this.over ? undefined : setTimeout(() => this.end(new AmiError('timeout', 'no answer in time')), this.timeout);
    }

    /** Takes a message of the answer. @return is it one? What comes later is an event like any other */
    take(message) {
        if ((message.Event === undefined) !== (this.response === undefined))
            return false; // an event that the action has raised before it was answered
        if (message.Event === undefined)
            this.answer(message);
        else
            this.add(message, message.EventList?.toLowerCase());
        return true;
    }

    answer(message) {
        this.response = message;
        if ((message.Response ?? message.ProxyResponse) === 'Error')
            this.end(AmiError.of(message), true);
        else if (this.isList || message.EventList?.toLowerCase() === 'start')
            this.resolve(message);
        else
            this.end(undefined, true);
        this.wait();
    }

    add(message, kind) {
        const isLast = kind === 'complete' || kind === 'cancelled' || message.Event.endsWith('Complete');
        if (kind === 'cancelled')
            this.end(new AmiError('cancelled', 'the list is not complete: a server was lost', message), true);
        else if (isLast)
            this.end(undefined, true);
        else if (this.isList)
            this.items.push(message);
        this.wait();
        this.wake?.();
    }

    /** @param isWhole  nothing of the answer can follow. Else items of a list are still awaited, and dropped */
    end(error, isWhole = !this.isList) {
        clearTimeout(this.timer);
        if (isWhole)
            this.forget();
        if (this.over)
            return;
        this.over = true;
        this.error = error;
        if (error)
            this.reject(error);
        else
            this.resolve(this.response);
        this.wake?.();
    }

    /** The next item; undefined: there are no more. */
    async next() {
        while (this.items.length === 0 && !this.over)
            await new Promise((resolve) => { this.wake = resolve; });
        if (this.items.length === 0 && this.error)
            throw this.error;
        return this.items.shift();
    }

    /** Nobody wants the rest: it is read, and dropped. */
    abandon() {
        this.isList = false;
        this.items = [];
    }
}

export class Client {
    #options;
    #listeners = new Map(); // name of an event, `*` or `:state` → functions
    #asked = new Map(); // ActionID → Asked
    #waiting = []; // calls that wait for the connection: {resolve, reject}
    #state = 'new'; // new | connecting | up | lost | closed
    #reason; // why it is closed
    #link = null;
    #place = ''; // id of the last message of the stream; '': unknown
    #attempt = 0;
    #since = 0; // when the connection came up
    #heard = 0; // when the proxy was last heard
    #timer;
    #watch;
    #prefix = Math.random().toString(36).slice(2, 8);
    #serial = 0;

    constructor(options) {
        const { WebSocket = globalThis.WebSocket, fetch = globalThis.fetch } = options;
        const transport = options.transport ?? (WebSocket ? 'websocket' : 'fetch');
        if (transport !== 'websocket' && transport !== 'fetch')
            throw new TypeError(`transport: expected websocket or fetch; found ${transport}`);
        if ((options.user === undefined || options.secret === undefined) && options.token === undefined)
            throw new TypeError('expected user and secret, or token');
        const url = new URL(options.url, globalThis.location?.href);
        this.#options = { ...DEFAULTS, ...options, url, WebSocket, transport, fetch: (...words) => fetch(...words) };
    }

    get state() {
        return this.#state;
    }

    /** Connects, and again whenever the connection is lost, until close(). */
    connect() {
        if (this.#state === 'new')
            this.#open();
        return this.#whenUp();
    }

    /** Ends everything. What waits for an answer fails. */
    close() {
        this.#shut(new AmiError('closed', 'the client was closed'));
    }

    /** Calls `listener` with each event of that name; `*`: all events; `:state`: changes of the connection.
     *  @return a function that ends it */
    on(name, listener) {
        const own = (what) => listener(what); // a listener may be there twice
        this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), own]);
        return () => this.#listeners.set(name, this.#listeners.get(name).filter((each) => each !== own));
    }

    /** Sends an action. @return its response; throws an AmiError if that is an Error */
    async call(name, headers, options) {
        return (await this.#ask({ Action: name, ...headers }, false, options)).first;
    }

    /** The same for a ProxyAction. */
    async callProxy(name, headers, options) {
        return (await this.#ask({ ProxyAction: name, ...headers }, false, options)).first;
    }

    /** Sends an action whose answer is a list. @return its items, one by one as they come */
    async *list(name, headers, options) {
        const asked = await this.#ask({ Action: name, ...headers }, true, options);
        try {
            await asked.first;
            for (let item = await asked.next(); item !== undefined; item = await asked.next())
                yield item;
        } finally {
            asked.abandon();
        }
    }

    // --- actions

    async #ask(action, isList, { timeout = this.#options.timeout, signal } = {}) {
        await this.#whenUp(timeout);
        const aborted = new AmiError('aborted', 'the call was aborted');
        if (signal?.aborted)
            throw aborted;
        const id = `${this.#prefix}-${++this.#serial}`;
        const abort = () => asked.end(aborted);
        const asked = new Asked(isList, timeout, () => {
            signal?.removeEventListener('abort', abort);
            this.#asked.delete(id);
        });
        signal?.addEventListener('abort', abort);
        this.#asked.set(id, asked);
        const given = Object.entries(action).filter(([, value]) => value !== undefined && value !== null);
        this.#link.send({ ...Object.fromEntries(given), ActionID: id });
        return asked;
    }

    /** Waits for the connection: what was not sent yet may wait. */
    #whenUp(timeout) {
        if (this.#state === 'up')
            return Promise.resolve();
        if (this.#state === 'closed')
            return Promise.reject(this.#reason);
        if (this.#state === 'new')
            return Promise.reject(new AmiError('closed', 'connect() was not called'));
        return new Promise((resolve, reject) => {
            const timer = timeout && setTimeout(() => reject(new AmiError('timeout', 'not connected in time')), timeout);
            this.#waiting.push({
                resolve: () => { clearTimeout(timer); resolve(); },
                reject: (error) => { clearTimeout(timer); reject(error); },
            });
        });
    }

    // --- the connection

    #open() {
        const Link = this.#options.transport === 'fetch' ? FetchLink : SocketLink;
        const on = {
            up: (resumed) => link === this.#link && this.#up(resumed),
            message: (message, place) => link === this.#link && this.#take(message, place),
            answered: (id, error) => this.#asked.get(id)?.end(error, true),
            heard: () => { this.#heard = Date.now(); },
            down: (error) => link === this.#link && this.#down(error),
        };
        let link;
        this.#heard = Date.now();
        if (this.#state === 'new')
            this.#enter('connecting');
        try {
            link = this.#link = new Link(this.#options, this.#place, on);
        } catch (error) { // a URL that no WebSocket can have
            this.#shut(new AmiError('url', error.message));
            return;
        }
        this.#watch = setInterval(() => this.#look(), this.#options.silence / 3);
    }

    /** Is the proxy still there? A network that is gone says nothing. */
    #look() {
        if (Date.now() - this.#heard > this.#options.silence)
            this.#down(new AmiError('lost', 'the proxy is silent'));
        else if (this.#state === 'up')
            this.#link.probe();
    }

    #up(resumed) {
        this.#since = Date.now();
        this.#enter('up', { resumed });
        for (const { resolve } of this.#waiting.splice(0))
            resolve();
    }

    #take(message, place) {
        const asked = this.#asked.get(message.ActionID);
        this.#place = place ?? this.#place;
        if (asked?.take(message) || message.Event === undefined)
            return;
        this.#tell(message.Event, message);
        this.#tell('*', message);
    }

    /** The connection is lost; another one follows after a while, which differs so that clients do not come all at once. */
    #down(error) {
        this.#drop(error);
        if (!error.isTemporary) {
            this.#shut(error);
            return;
        }
        const { firstWait, mostWait, stable } = this.#options;
        if (this.#state === 'up' && Date.now() - this.#since > stable)
            this.#attempt = 0;
        const wait = Math.min(mostWait, firstWait * 2 ** this.#attempt++) * (0.5 + Math.random() / 2);
        this.#timer = setTimeout(() => this.#open(), wait);
        this.#enter('lost', { error, wait });
    }

    #drop(error) {
        clearInterval(this.#watch);
        clearTimeout(this.#timer);
        this.#link?.close();
        this.#link = null;
        for (const asked of [...this.#asked.values()])
            asked.end(error);
        this.#asked.clear();
    }

    #shut(error) {
        if (this.#state === 'closed')
            return;
        this.#reason = error;
        this.#drop(error);
        this.#enter('closed', { error });
        for (const { reject } of this.#waiting.splice(0))
            reject(error);
    }

    // --- listeners

    #enter(state, more) {
        this.#state = state;
        this.#tell(':state', { state, ...more });
    }

    /** A listener that throws neither stops the others nor the connection: its error goes where uncaught ones go. */
    #tell(name, what) {
        for (const listener of this.#listeners.get(name) ?? []) {
            try {
                listener(what);
            } catch (error) {
                queueMicrotask(() => { throw error; });
            }
        }
    }
}
