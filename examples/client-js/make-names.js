#!/usr/bin/env node
// examples/client-js/make-names.js: writes what the clients know from astmanproxy's own tables.
//   names.d.ts   the names that TypeScript knows: actions (core/ami/catalogue.c), proxy actions (lua/proxyactions), events
//                and the headers of channels and bridges (core/ami/vocabulary.c), and events' own headers (core/ami/events.tsv)
//   codes.js, ../client-python/astmanproxy_client/codes.py   the codes of the proxy's errors (core/plugin/error_codes.c)
// --check: are the files as they would be written?
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), 'utf8');

/** The rows of the actions' table: {name, shape}. */
function actions() {
    const table = read('core/ami/catalogue.c').match(/struct action_info actions\[\] = \{\n(.*?)\n\};/s)[1];
    const rows = [...table.matchAll(/^    (ONE|LIST|EVENT|TEXT)\("([^"]+)"/gm)].map(([, shape, name]) => ({ name, shape }));
    if (rows.length !== table.split('\n').filter((line) => line.startsWith('    ')).length)
        throw new Error('core/ami/catalogue.c has rows that are not understood');
    return rows;
}

/** The names in a list of the vocabulary: `events`, `channel_headers` or `bridge_headers`. */
function vocabulary(list) {
    const [, table] = read('core/ami/vocabulary.c').match(new RegExp(`const char \\*const ${list}\\[\\] = \\{\\n(.*?)\\n\\};`, 's'));
    return [...table.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
}

/** Headers of documented events: name → {headers, blocks}. */
function documented() {
    const words = (cell) => (cell === '-' ? [] : cell.split(' ').map((word) => (word === '.' ? '' : word)));
    const [head, ...rows] = read('core/ami/events.tsv').trimEnd().split('\n')
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
    const names = [...new Set([...vocabulary('events'), ...rows.map(({ name }) => name)])];
    names.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    return [
        `// ${MADE}\n`,
        union('ActionName', table.map(({ name }) => name), 'Actions that the proxy knows; others are sent, too.'),
        union('ListName', table.filter(({ shape }) => shape === 'LIST').map(({ name }) => name), 'Actions whose answer is a list.'),
        union('ProxyActionName', own.map((name) => name.slice(0, -4)).sort(), 'Proxy actions that come with the proxy.'),
        union('EventName', names, 'Events that servers and the proxy send; modules and dialplans make others.'),
        `export type ChannelHeaders<P extends string> = { [N in \`\${P}\${ChannelHeader}\`]?: string };\n`
        + `export type BridgeHeaders<P extends string> = { [N in \`\${P}\${BridgeHeader}\`]?: string };\n`,
        union('ChannelHeader', vocabulary('channel_headers').filter((name) => name !== 'ChanVariable'), // it may be an array
             'What is said of each channel in an event.'),
        union('BridgeHeader', vocabulary('bridge_headers'), 'What is said of each bridge in an event.'),
        interfaces(rows),
    ].join('\n');
}

/** The rows {code, text} of errors; `*` in a text stands for any. Over AMI the reason is not known: the first row counts
 *  that needs none. */
function codes() {
    const table = read('core/plugin/error_codes.c').match(/struct error_code rows\[\] = \{\n(.*?)\n\};/s)[1];
    const rows = [...table.matchAll(/^    \{("[a-z-]+"), ("(?:[^"\\]|\\.)*"), (\w+)\},$/gm)];
    if (rows.length !== table.split('\n').filter((line) => line.startsWith('    ')).length)
        throw new Error('core/plugin/error_codes.c has rows that are not understood');
    return rows.filter(([, , , reason]) => reason === 'ANY').map(([, code, pattern]) => [JSON.parse(code), JSON.parse(pattern)]);
}

const MADE = 'Made by make-names.js from the tables of astmanproxy; do not edit.';

function codesOfScript() {
    const rows = codes().map(([code, pattern]) => `    [${JSON.stringify(code)}, ${JSON.stringify(pattern)}],\n`);
    return `// ${MADE}\n/** Codes of the proxy's errors and their texts, in which \`*\` stands for any. The first that fits counts. */\n`
        + `export const CODES = [\n${rows.join('')}];\n`;
}

function codesOfPython() {
    const rows = codes().map(([code, pattern]) => `    (${JSON.stringify(code)}, ${JSON.stringify(pattern)}),\n`);
    return `"""Codes of the proxy's errors and their texts, in which \`*\` stands for any. The first that fits counts.\n\n${MADE}"""\n\n`
        + `CODES = [\n${rows.join('')}]\n`;
}

const files = { 'names.d.ts': text(), 'codes.js': codesOfScript(), '../client-python/astmanproxy_client/codes.py': codesOfPython() };
for (const [name, made] of Object.entries(files)) {
    const target = new URL(name, import.meta.url);
    if (!process.argv.includes('--check')) {
        writeFileSync(target, made);
    } else if (readFileSync(target, 'utf8') !== made) {
        console.error(`${name} is not current: run examples/client-js/make-names.js`);
        process.exitCode = 1;
    }
}
