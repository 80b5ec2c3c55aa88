// examples/client-js/client.d.ts: the types of client.js.
import type { ActionName, EventHeaders, EventName, ListName, ProxyActionName } from './names.js';

export type { ActionName, EventHeaders, EventName, ListName, ProxyActionName } from './names.js';

/** A name of the table, or any other text: editors propose the former. */
type Known<Name extends string> = Name | (string & {});

/** A message as it came: a header that occurs twice is an array. */
export type Message = { [header: string]: string | string[] | undefined } & {
    Response?: string; ProxyResponse?: string; Message?: string; Event?: string; Server?: string; ActionID?: string;
    EventList?: string;
};

/** The headers of an action. An array is sent as several headers. `Variable` may be an object: { name: value }. */
export type Headers = {
    [header: string]: string | number | boolean | readonly (string | number)[] | Record<string, string | number> | null | undefined;
};

export type AmiEvent<Name extends string = string> = Message & { Event: Name }
    & (Name extends keyof EventHeaders ? EventHeaders[Name] : unknown);

export type State = 'new' | 'connecting' | 'up' | 'lost' | 'closed';

/** What listeners of `:state` are told. */
export interface StateChange {
    state: State;
    /** up: the stream goes on, nothing was missed. false: ask for everything again */
    resumed?: boolean;
    /** lost, closed: why */
    error?: AmiError;
    /** lost: milliseconds until the next attempt */
    wait?: number;
}

export interface Options {
    /** Where the proxy is: `https://pbx.example:8443/`. In a browser it may be relative: `/` */
    url: string | URL;
    user?: string;
    secret?: string;
    /** A token of `ProxyAction: CreateToken`, in place of user and secret. */
    token?: string;
    /** Event classes, `call,agent`; `off`: none. Default: all that the user may read */
    events?: string;
    /** Default: websocket if there is one, else fetch */
    transport?: 'websocket' | 'fetch';
    /** Milliseconds: before the second attempt to connect (500), and at most (30000). */
    firstWait?: number;
    mostWait?: number;
    /** Milliseconds that a connection lasts until the next wait is a short one again (10000). */
    stable?: number;
    /** Milliseconds without any byte after which the proxy is taken for dead (45000). */
    silence?: number;
    /** Milliseconds until an answer, and between two items of a list (30000). */
    timeout?: number;
    WebSocket?: new (url: string, protocols: string[]) => unknown;
    fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
    /** Milliseconds; see Options. An Originate that is not Async lasts as long as its call rings. */
    timeout?: number;
    signal?: AbortSignal;
}

/** `code` is stable, `message` is for people. */
export class AmiError extends Error {
    constructor(code: string, message: string, response?: Message);
    readonly code: string;
    /** The message with `Response: Error`, if the proxy or a server sent one. */
    readonly response?: Message;
    /** It may succeed later. A login that fails otherwise is not tried again. */
    readonly isTemporary: boolean;
}

export class Client {
    constructor(options: Options);
    readonly state: State;
    /** Resolves when the client is logged in. Rejects if the login was refused, or the client closed. */
    connect(): Promise<void>;
    close(): void;
    on(name: ':state', listener: (change: StateChange) => void): () => void;
    on(name: '*', listener: (event: AmiEvent) => void): () => void;
    on<Name extends Known<EventName>>(name: Name, listener: (event: AmiEvent<Name>) => void): () => void;
    call(name: Known<ActionName>, headers?: Headers, options?: CallOptions): Promise<Message>;
    callProxy(name: Known<ProxyActionName>, headers?: Headers, options?: CallOptions): Promise<Message>;
    list(name: Known<ListName>, headers?: Headers, options?: CallOptions): AsyncGenerator<AmiEvent, void, void>;
}
