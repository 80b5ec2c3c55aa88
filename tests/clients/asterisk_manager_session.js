// A session of npm's asterisk-manager: HOST PORT USER SECRET. Prints one JSON line per response and event, in the order
// received.
'use strict';
const Manager = require('asterisk-manager');

const [host, port, username, secret] = process.argv.slice(2);
const manager = new Manager(port, host, username, secret, true);
const limit = setTimeout(() => process.exit(3), 30000);
let ended = false;

function show(step, message) {
    const sorted = Object.fromEntries(Object.entries(message).sort(([a], [b]) => (a < b ? -1 : 1)));
    console.log(JSON.stringify({ step, message: sorted }));
}

function ask(step, action, next) {
    manager.action(action, (error, answer) => {
        show(step, error || answer);
        next();
    });
}

manager.on('error', (error) => { console.error(String(error)); process.exit(2); });
manager.on('close', () => { clearTimeout(limit); process.exit(ended ? 0 : 4); });
manager.on('managerevent', (event) => {
    show('event', event);
    if (event.event === 'CoreShowChannelsComplete')
        ask('settings', { action: 'CoreSettings' }, command);
    if (event.event === 'CEL' && event.eventname === 'LINKEDID_END') { // the last event of the call
        ended = true;
        ask('logoff', { action: 'Logoff' }, () => {});
    }
});
manager.once('fullybooted', () => ask('ping', { action: 'Ping' }, () => ask('list', { action: 'CoreShowChannels' }, () => {})));

function command() {
    ask('command', { action: 'Command', command: 'core show version' }, unknown);
}

function unknown() {
    ask('unknown', { action: 'NoSuchAction' }, userEvent);
}

function userEvent() {
    ask('user event', { action: 'UserEvent', userevent: 'Hello', text: 'x' }, originate);
}

function originate() {
    ask('originate', { action: 'Originate', channel: 'Local/101@tenant-a', application: 'Wait', data: '1', async: 'true' },
        () => {});
}
