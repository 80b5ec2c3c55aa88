// A session of npm's eventsource: URL AUTHORIZATION COUNT. Prints one JSON line per event and leaves after COUNT of them.
'use strict';
const { EventSource } = require('eventsource');

const [url, authorization, count] = process.argv.slice(2);
const limit = setTimeout(() => process.exit(3), 30000);
const source = new EventSource(url, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, Authorization: authorization } }),
});
let left = Number(count);

source.addEventListener('open', () => console.log(JSON.stringify({ open: true })));
source.addEventListener('error', (event) => console.log(JSON.stringify({ error: event.code || null })));
for (const name of ['Newchannel', 'UserEvent', 'Hangup']) {
    source.addEventListener(name, (event) => {
        console.log(JSON.stringify({ type: event.type, id: event.lastEventId, data: JSON.parse(event.data) }));
        if (--left === 0) {
            source.close();
            clearTimeout(limit);
        }
    });
}
