// examples/client-js/links.js: the two ways to the proxy, a WebSocket and fetch(). A link lives for one connection.
//
// A link tells its owner, `on`, about everything:
//   up(resumed)         logged in; `resumed`: the stream goes on behind the last message that the client has received
//   message(message, place)   a message; `place`: the id of its place in the stream
//   answered(id)        the answer to the action `id` is complete (fetch only: a WebSocket cannot know it)
//   heard()             the proxy lives
//   down(error)         the link is over

import { CODES } from './codes.js';

/** What went wrong. `code` is stable, `message` is for people. */
export class AmiError extends Error {
    constructor(code, message, response) {
        super(message);
        this.name = 'AmiError';
        this.code = code;
        this.response = response; // the message with `Response: Error`, if the proxy or a server sent one
    }

    /** @param response  a message with `Response: Error`, or a problem (RFC 9457), which brings its code */
    static of(response) {
        const text = response.Message ?? response.detail ?? 'the action failed';
        const isServers = response.Server !== undefined; // the proxy's own errors name no server
        const code = response.code ?? (isServers ? 'error' : codeOf(text)); // the proxy's own JSON has it
        return new AmiError(code ?? 'error', text, response);
    }

    /** May it succeed later? Else a login is not tried again. */
    get isTemporary() {
        return TEMPORARY.includes(this.code);
    }
}

const TEMPORARY = ['lost', 'address-locked', 'login-busy', 'user-limit', 'session-limit', 'going-down', 'timeout',
    'out-of-memory'];
const PATTERNS = CODES.map(([code, text]) => [code, new RegExp(`^${text.split('*').map(quote).join('[^]*')}$`)]);

function quote(text) {
    return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function codeOf(text) {
    return PATTERNS.find(([, pattern]) => pattern.test(text))?.[0];
}

const ABOUT = ['ResumePoint', 'Resumed', 'EventsSkipped']; // events that say where a stream stands
const LOGIN = 'login';

/** Actions go out and messages come in over one WebSocket. */
export class SocketLink {
    constructor(options, place, on) {
        const url = new URL('ws?ids=1', options.url);
        url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
        this.on = on;
        this.resuming = place !== '';
        this.socket = new options.WebSocket(url.href, ['ami.json']);
        const login = { Action: 'Login', ActionID: LOGIN, Username: options.user ?? '', Secret: options.token ?? options.secret };
        if (options.events !== undefined)
            login.Events = options.events;
        if (this.resuming)
            login.Resume = place;
        this.socket.onopen = () => this.send(login);
        this.socket.onmessage = ({ data }) => this.take(JSON.parse(data));
        this.socket.onclose = ({ reason }) => this.on.down(new AmiError('lost', reason || 'the connection was lost'));
        this.socket.onerror = () => {}; // onclose() follows
    }

    take(message) {
        const place = message[':id'];
        delete message[':id'];
        this.on.heard();
        if (message.ActionID === LOGIN) {
            if (message.Response !== 'Success')
                this.on.down(AmiError.of(message));
            else if (!this.resuming)
                this.on.up(false);
            return;
        }
        if (this.resuming && (message.Event === 'Resumed' || message.Event === 'EventsSkipped')) {
            this.resuming = false;
            this.on.up(message.Event === 'Resumed');
        }
        this.on.message(message, place);
    }

    send(action) {
        this.socket.send(JSON.stringify(action));
    }

    /** Makes the proxy answer, if it lives. */
    probe() {
        if (this.socket.readyState === 1)
            this.send({ Action: 'Ping', ActionID: 'probe' });
    }

    close() {
        this.socket.onopen = this.socket.onmessage = this.socket.onclose = null;
        this.socket.close(1000);
    }
}

/** Messages come in over server-sent events; each action is a POST. For programs without WebSockets. */
export class FetchLink {
    constructor(options, place, on) {
        this.options = options;
        this.on = on;
        this.place = place;
        this.stop = new AbortController();
        this.headers = { Authorization: authorization(options), Accept: 'application/json' };
        this.run().catch((error) => this.fail(error));
    }

    fail(error) {
        if (!this.stop.signal.aborted)
            this.on.down(error instanceof AmiError ? error : new AmiError('lost', String(error.cause ?? error.message)));
    }

    async run() {
        const url = new URL('events', this.options.url);
        const headers = { ...this.headers, Accept: 'text/event-stream' };
        if (this.options.events !== undefined)
            url.searchParams.set('events', this.options.events);
        if (this.place !== '')
            headers['Last-Event-ID'] = this.place;
        const response = await this.options.fetch(url, { headers, cache: 'no-store', signal: this.stop.signal });
        if (!response.ok)
            throw await refusal(response);
        if (this.place === '')
            this.on.up(false);
        await this.read(response.body.getReader());
        throw new AmiError('lost', 'the stream has ended');
    }

    async read(reader) {
        const decoder = new TextDecoder();
        let rest = '';
        for (;;) {
            const { value, done } = await reader.read();
            if (done)
                return;
            const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
            rest = blocks.pop();
            this.on.heard();
            for (const block of blocks)
                this.take(block.split('\n'));
        }
    }

    /** @param lines  one server-sent event, as the proxy writes it: `id: …`, `data: …` */
    take(lines) {
        const fields = (name) => lines.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length));
        const data = fields('data: ');
        if (data.length === 0)
            return; // a comment
        const message = JSON.parse(data.join('\n'));
        this.keeps ||= ABOUT.includes(message.Event); // else ids are mere numbers
        if (this.place !== '' && (message.Event === 'Resumed' || message.Event === 'EventsSkipped')) {
            this.place = '';
            this.on.up(message.Event === 'Resumed');
        }
        this.on.message(message, this.keeps ? fields('id: ')[0] : undefined);
    }

    send(action) {
        this.post(action).catch((error) => {
            const failed = error instanceof AmiError ? error : new AmiError('lost', String(error.cause ?? error.message));
            this.on.answered(action.ActionID, failed);
        });
    }

    async post(action) {
        const response = await this.options.fetch(this.options.url, {
            method: 'POST', body: JSON.stringify(action), cache: 'no-store', signal: this.stop.signal,
            headers: { ...this.headers, 'Content-Type': 'application/json' },
        });
        const text = await response.text();
        let messages;
        try {
            messages = JSON.parse(text);
        } catch {
            throw AmiError.of({ Message: text.trim() || response.statusText });
        }
        this.on.heard();
        for (const message of [messages].flat())
            this.on.message({ ...message, ActionID: action.ActionID });
        this.on.answered(action.ActionID);
    }

    probe() {} // the proxy sends comments

    close() {
        this.stop.abort();
    }
}

function authorization({ user, secret, token }) {
    if (user === undefined)
        return `Bearer ${token}`;
    const bytes = new TextEncoder().encode(`${user}:${token ?? secret}`);
    return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** The error of a stream that was refused, a problem or a line of text. */
async function refusal(response) {
    const text = await response.text();
    let error;
    try {
        error = AmiError.of(JSON.parse(text));
    } catch {
        error = AmiError.of({ Message: text.trim() || response.statusText });
    }
    if (error.code === 'error' && response.status >= 500)
        error.code = 'lost'; // of a server between the client and the proxy
    return error;
}
