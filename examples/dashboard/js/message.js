// message.js: a message of AMI: `Name: value` lines, the same name perhaps several times.

const NOTHING = new Set(['<unknown>', 'unknown', '<none>']); // what servers write when they do not know

export class Message {
    constructor(text) {
        this.text = text;
        this.first = new Map();
        for (const line of text.split('\r\n')) {
            const colon = line.indexOf(':');
            if (colon < 1)
                continue;
            const name = line.slice(0, colon).toLowerCase();
            if (!this.first.has(name))
                this.first.set(name, line.slice(colon + 1).trim());
        }
        this.event = this.get('event');
        this.server = this.get('server');
        this.arrived = Date.now();
        this.time = Number(this.get('timestamp')) * 1000 || this.arrived; // `timestampevents` in manager.conf
    }

    /** The first header of this name, '' if there is none. */
    get(name) {
        return this.first.get(name.toLowerCase()) || '';
    }

    /** As get(); what servers write when they do not know counts as nothing. */
    known(name) {
        const value = this.get(name);
        return NOTHING.has(value) ? '' : value;
    }

    /** When it happened, in seconds since 1970. */
    get seconds() {
        return this.time / 1000;
    }

    get isResponse() {
        return !this.event && (this.first.has('response') || this.first.has('proxyresponse'));
    }

    get isSuccess() {
        return !['Error', 'Failure'].includes(this.get('response') || this.get('proxyresponse'));
    }

    /** All headers in their order. */
    *pairs() {
        for (const line of this.text.split('\r\n')) {
            const colon = line.indexOf(':');
            if (colon > 0)
                yield [line.slice(0, colon), line.slice(colon + 1).trim()];
        }
    }
}
