// filter.js: the reader's filter of events.

/** Reads `word Header=value Header~part !…`. @return a function of a message; throws an Error that says what is wrong */
export function readFilter(text) {
    const tests = [];
    const lower = text.trim().toLowerCase();
    if ((lower.match(/"/g) || []).length % 2 === 1)
        throw new Error('Filter: a quotation mark (") is not closed.');
    for (const part of lower.match(/(?:"[^"]*"|[^\s"])+/g) || []) {
        const not = part.startsWith('!');
        const bare = (not ? part.slice(1) : part).replace(/"/g, '');
        const [, name, sign, wanted] = /^([^=~!]*)(!?[=~])(.*)$/.exec(bare) || [null, '', '', bare];
        if (sign !== '' && name === '')
            throw new Error(`Filter: expected a header's name before ${sign}, as in Event=Newstate.`);
        if (sign === '' && wanted === '')
            throw new Error('Filter: expected a word behind the !.');
        const negative = not !== sign.startsWith('!');
        const test = testOf(name, sign.slice(-1), wanted);
        tests.push((message) => test(message) !== negative);
    }
    return (message) => tests.every((test) => test(message));
}

function testOf(name, sign, wanted) {
    if (sign === '')
        return (message) => message.text.toLowerCase().includes(wanted);
    if (sign === '~')
        return (message) => message.get(name).toLowerCase().includes(wanted);
    const parts = wanted.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
    const pattern = new RegExp(`^${parts.join('.*')}$`, 's');
    return (message) => pattern.test(message.get(name).toLowerCase());
}
