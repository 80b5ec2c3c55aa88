#!/usr/bin/env node
// examples/client-js/make-names.js: writes names.d.ts, the names that TypeScript knows, from astmanproxy's own tables:
// actions (core/ami/catalogue.c), proxy actions (lua/proxyactions), events (core/ami/vocabulary.c) and their headers
// (tests/data/by-hand/events.tsv).  --check: is the file as it would be written?
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);
const TARGET = new URL('names.d.ts', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');
const CHANNEL = 'Channel ChannelState ChannelStateDesc CallerIDNum CallerIDName ConnectedLineNum ConnectedLineName Language '
    + 'AccountCode Context Exten Priority Uniqueid Linkedid Tenantid';
const BRIDGE = 'BridgeUniqueid BridgeType BridgeTechnology BridgeCreator BridgeName BridgeNumChannels BridgeVideoSourceMode';

/** The rows of the actions' table: {name, shape}. */
function actions() {
    const table = read('core/ami/catalogue.c').match(/struct action_info actions\[\] = \{\n(.*?)\n\};/s)[1];
    const rows = [...table.matchAll(/^    (ONE|LIST|EVENT|TEXT)\("([^"]+)"/gm)].map(([, shape, name]) => ({ name, shape }));
    if (rows.length !== table.split('\n').filter((line) => line.startsWith('    ')).length)
        throw new Error('core/ami/catalogue.c has rows that are not understood');
    return rows;
}

/** The names of the events that servers and the proxy send. */
function events() {
    const table = read('core/ami/vocabulary.c').match(/const char \*const events\[\] = \{\n(.*?)\n\};/s)[1];
    return [...table.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
}

/** Headers of documented events: name → {headers, blocks}. */
function documented() {
    const words = (cell) => (cell === '-' ? [] : cell.split(' ').map((word) => (word === '.' ? '' : word)));
    const [head, ...rows] = read('tests/data/by-hand/events.tsv').trimEnd().split('\n')
        .filter((line) => !line.startsWith('#')).map((line) => line.split('\t'));
    return rows.map((cells) => {
        const row = Object.fromEntries(head.map((name, at) => [name, cells[at]]));
        const blocks = [...words(row.channels).map((prefix) => `ChannelHeaders<'${prefix}'>`),
            ...words(row.bridges).map((prefix) => `BridgeHeaders<'${prefix}'>`)];
        return { name: row.name, blocks, headers: words(row.headers).filter((name) => /^[\w-]+$/.test(name)) };
    });
}

const quoted = (names) => names.map((name) => `'${name}'`);

/** A type of one of these names, in lines that can be read. */
function union(name, names, comment) {
    const lines = quoted(names).reduce((all, word) => {
        const last = all.at(-1);
        if (last !== undefined && `${last} | ${word}`.length < 116)
            all[all.length - 1] = `${last} | ${word}`;
        else
            all.push(`    | ${word}`);
        return all;
    }, []);
    return `/** ${comment} */\nexport type ${name} =\n${lines.join('\n')};\n`;
}

function interfaces(rows) {
    const lines = rows.map(({ name, blocks, headers }) => {
        const own = headers.map((header) => `${/^[A-Za-z_]\w*$/.test(header) ? header : `'${header}'`}?: string`);
        const types = [...blocks, ...(own.length > 0 ? [`{ ${own.join('; ')} }`] : [])];
        return `    ${/^\w+$/.test(name) ? name : `'${name}'`}: ${types.join(' & ') || '{}'};`;
    });
    return `/** The headers of each event that Asterisk 18 to 24 document; a server's release may send fewer. */
export interface EventHeaders {
${lines.join('\n')}
}
`;
}

function text() {
    const table = actions();
    const rows = documented();
    const own = readdirSync(new URL('lua/proxyactions', ROOT)).filter((name) => name.endsWith('.lua'));
    const names = [...new Set([...events(), ...rows.map(({ name }) => name)])];
    names.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    return [
        '// Made by make-names.js from the tables of astmanproxy; do not edit.\n',
        union('ActionName', table.map(({ name }) => name), 'Actions that the proxy knows; others are sent, too.'),
        union('ListName', table.filter(({ shape }) => shape === 'LIST').map(({ name }) => name), 'Actions whose answer is a list.'),
        union('ProxyActionName', own.map((name) => name.slice(0, -4)).sort(), 'Proxy actions that come with the proxy.'),
        union('EventName', names, 'Events that servers and the proxy send; modules and dialplans make others.'),
        `export type ChannelHeaders<P extends string> = { [N in \`\${P}\${ChannelHeader}\`]?: string };\n`
        + `export type BridgeHeaders<P extends string> = { [N in \`\${P}\${BridgeHeader}\`]?: string };\n`,
        union('ChannelHeader', CHANNEL.split(' '), 'What is said of each channel in an event.'),
        union('BridgeHeader', BRIDGE.split(' '), 'What is said of each bridge in an event.'),
        interfaces(rows),
    ].join('\n');
}

const made = text();
if (!process.argv.includes('--check')) {
    writeFileSync(TARGET, made);
} else if (readFileSync(TARGET, 'utf8') !== made) {
    console.error('names.d.ts is not current: run examples/client-js/make-names.js');
    process.exitCode = 1;
}
