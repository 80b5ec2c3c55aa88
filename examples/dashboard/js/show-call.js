// show-call.js: one call: its parties, its life, and what may be done with it.
import { describe } from './describe.js';
import { byId, fill, make, setClass, setText } from './dom.js';
import { feed, withServer } from './feed.js';
import { may, model, now } from './model.js';
import { changeSettings, settings } from './settings.js';
import { tell } from './sure.js';
import { clockTime, device, duration } from './text.js';

let shown = null; // the call

const isOver = () => shown.ended > 0 || shown.isLost;

function fillParties() {
    const select = byId('transfer-channel');
    const names = isOver() ? [] : shown.parties.map((channel) => channel.name);
    if (names.join('\n') === [...select.options].map((option) => option.value).join('\n'))
        return;
    const texts = isOver() ? [] : shown.parties.map((channel) => channel.caller || channel.number || device(channel.name));
    select.replaceChildren(...names.map((name, at) => new Option(texts[at], name)));
}

function makeMoment() {
    const row = make('li');
    row.append(make('time'), make('span'));
    return row;
}

/** Shows what has changed since it was drawn last. */
export function showCall() {
    if (!shown || !byId('call-dialog').open)
        return;
    describe(shown);
    const { from, to } = shown.best;
    setText(byId('call-title'), `${from.name} with ${to.name}`);
    setText(byId('call-parties'), [from.detail, to.detail, shown.queueName && `queue ${shown.queueName}`, shown.server].filter(Boolean).join(' · '));
    setClass(byId('call-state'), `pill ${shown.ended ? '' : shown.tone}`);
    setText(byId('call-state'), shown.ended ? 'Ended' : shown.state);
    setText(byId('call-clock'), `${duration((shown.ended || now()) - shown.since)}${shown.cause ? ` · ${shown.cause}` : ''}`);
    fill(byId('call-life'), shown.life.map((moment, at) => ({ ...moment, at })), (moment) => moment.at, makeMoment, (row, moment) => {
        setText(row.firstChild, clockTime(moment.time));
        setText(row.lastChild, moment.text);
    });
    byId('call-young').hidden = shown.life.length > 0;
    fillParties();
    const allowed = { 'call-hangup': may('Hangup'), 'transfer-form': may('Redirect'), 'spy-form': may('Originate') };
    for (const [id, isAllowed] of Object.entries(allowed))
        byId(id).hidden = isOver() || !isAllowed || shown.first.name.startsWith('/');
}

export function openCall(call) {
    shown = call;
    byId('call-life').known = null;
    byId('call-life').replaceChildren();
    byId('spy-phone').value = settings.phone;
    byId('transfer-context').value = call.first.context;
    byId('transfer-exten').value = '';
    byId('call-dialog').showModal();
    showCall();
}

let decide = () => {};

/** The question before what cannot be taken back. @return whether the reader says yes */
function ask(question, verb) {
    decide(false); // an older question
    setText(byId('ask-text'), question);
    setText(byId('ask-yes'), verb);
    byId('ask-dialog').showModal();
    byId('ask-no').focus();
    return new Promise((resolve) => {
        decide = (isSure) => {
            byId('ask-dialog').close();
            resolve(isSure);
        };
    });
}

async function hangUp() {
    const call = shown;
    const channel = call.first.name;
    if (await ask(`Hang up ${call.from.name} with ${call.to.name}?`, 'Hang up'))
        tell(await feed.ask(withServer({ Action: 'Hangup', Channel: channel }, call.server)));
}

async function transfer() {
    const call = shown;
    const channel = byId('transfer-channel').value;
    const [exten, context] = ['transfer-exten', 'transfer-context'].map((id) => byId(id).value.trim());
    if (exten === '' || context === '' || !channel)
        return;
    if (await ask(`Transfer ${byId('transfer-channel').selectedOptions[0].textContent} to ${exten}? The others are hung up.`, 'Transfer'))
        tell(await feed.ask(withServer({ Action: 'Redirect', Channel: channel, Exten: exten, Context: context, Priority: 1 }, call.server)));
}

/** Calls the reader's phone, and lets it hear the call. ChanSpy takes what is before the first comma for the channel. */
async function spy() {
    const call = shown;
    const phone = byId('spy-phone').value.trim();
    if (phone === '' || call.first.name.includes(','))
        return;
    changeSettings({ phone });
    tell(await feed.ask(withServer({ Action: 'Originate', Channel: phone, Application: 'ChanSpy', Data: `${call.first.name},${byId('spy-mode').value}`,
        CallerID: 'Listening', Async: 'yes' }, call.server)));
}

export function startCall() {
    byId('call-close').addEventListener('click', () => byId('call-dialog').close());
    byId('call-hangup').addEventListener('click', hangUp);
    for (const [id, act] of [['transfer-form', transfer], ['spy-form', spy]]) {
        byId(id).addEventListener('submit', (event) => {
            event.preventDefault();
            if (feed.state === 'in' && model.mayAct)
                act();
        });
    }
    byId('ask-no').addEventListener('click', () => decide(false));
    byId('ask-yes').addEventListener('click', () => decide(true));
    byId('ask-dialog').addEventListener('cancel', () => decide(false));
}
