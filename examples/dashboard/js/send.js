// send.js: an action of the reader's own, and its answer.
import { byId, setClass, setText } from './dom.js';
import { feed } from './feed.js';

const PRESETS = ['Action: CoreStatus', 'Action: CoreShowChannels', 'Action: QueueSummary', 'Action: Ping', 'Action: ListCommands',
    'Action: Originate\nChannel: PJSIP/101\nContext: default\nExten: 100\nPriority: 1\nAsync: yes',
    'Action: QueuePause\nInterface: PJSIP/101\nPaused: true', 'Action: Command\nCommand: core show version', 'ProxyAction: Stats',
    'ProxyAction: ListProxyActions'];
const ANSWER_BYTES = 200000;

/** The lines of the box as headers. @return null: it holds no action, and the reader was told */
function readAction() {
    const lines = [];
    for (const line of byId('action').value.split('\n').map((text) => text.trim()).filter(Boolean)) {
        const colon = line.indexOf(':');
        if (colon < 1)
            return tellAnswer('bad', `Expected "Header: value", found "${line}".`);
        lines.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
    }
    if (!lines.some(([name]) => /^(proxy)?action$/i.test(name)))
        return tellAnswer('bad', 'Expected a line "Action: …" or "ProxyAction: …".');
    if (lines.some(([name, value]) => /^(proxy)?action$/i.test(name) && /^(login|logoff)$/i.test(value)))
        return tellAnswer('bad', 'Use the buttons of this page to log in and out.');
    const server = byId('target').value;
    if (server !== '' && !lines.some(([name]) => /^(server|proxyaction)$/i.test(name)))
        lines.push(['Server', server]);
    return lines.filter(([name]) => !/^actionid$/i.test(name));
}

function tellAnswer(tone, text) {
    const state = byId('answer-state');
    state.hidden = false;
    setClass(state, `pill ${tone}`);
    setText(state, text);
    return null;
}

async function sendAction() {
    const lines = readAction();
    const answer = byId('answer');
    let text = '';
    let count = 0;
    if (!lines)
        return;
    const started = performance.now();
    tellAnswer('pulse', 'Waiting…');
    answer.hidden = false;
    answer.textContent = '';
    const id = `page-send-${++feed.serial}`;
    lines.push(['ActionID', id]);
    const done = await feed.ask({ ActionID: id, lines }, (message) => {
        count++;
        if (text.length < ANSWER_BYTES)
            text += message.text.trim() + '\n\n';
        if (count === 1 || count % 100 === 0)
            answer.textContent = text;
    });
    answer.textContent = text.length < ANSWER_BYTES ? text.trim() : text + '… and more: too long to be shown here.';
    if (!done) {
        tellAnswer('bad', 'No complete answer: the connection or the server was lost.');
        return;
    }
    const facts = [done.isSuccess ? 'Success' : 'Error', count > 1 ? `${count} messages` : '', `${Math.round(performance.now() - started)} ms`];
    tellAnswer(done.isSuccess ? 'good' : 'bad', facts.filter(Boolean).join(', '));
}

export function startSend() {
    byId('preset').append(...PRESETS.map((text) => new Option(text.split('\n')[0].split(': ')[1], text)));
    byId('preset').addEventListener('change', (event) => { byId('action').value = event.target.value; });
    byId('send-form').addEventListener('submit', (event) => {
        event.preventDefault();
        sendAction();
    });
    byId('action').addEventListener('keydown', (event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
            byId('send-form').requestSubmit();
    });
}
