// A session of npm's ws: URL USER SECRET [PROTOCOL]. Logs in over the socket, pings, sends an action in fragments, prints
// one JSON line per thing that came, and leaves by the closing handshake.
'use strict';
const WebSocket = require('ws');

const [url, username, secret, protocol = 'ami.json'] = process.argv.slice(2);
const socket = new WebSocket(url, [protocol]);
const limit = setTimeout(() => process.exit(3), 30000);
const show = (what) => console.log(JSON.stringify(what));

socket.on('error', (error) => { console.error(String(error)); process.exit(2); });
socket.on('unexpected-response', (request, response) => { show({ refused: response.statusCode }); process.exit(0); });
socket.on('pong', (data) => show({ pong: String(data) }));
socket.on('close', (code) => { show({ closed: code }); clearTimeout(limit); process.exit(0); });
socket.on('open', () => {
    show({ protocol: socket.protocol });
    socket.ping('hello');
    const login = JSON.stringify({ Action: 'Login', Username: username, Secret: secret, ActionID: 'login' });
    socket.send(login.slice(0, 10), { fin: false });
    socket.send(login.slice(10), { fin: true });
});
socket.on('message', (data, binary) => {
    const message = JSON.parse(String(data));
    show({ binary, message });
    if (message.ActionID === 'login')
        socket.send(JSON.stringify({ Action: 'CoreShowChannels', ActionID: 'list' }, null, 2));
    if (message.EventList === 'Complete')
        socket.send(JSON.stringify({ Action: 'UserEvent', UserEvent: 'Goodbye', ActionID: 'event' }));
    if (message.UserEvent === 'Goodbye')
        socket.close(1000, 'done');
});
