// main.js: starts the page and connects its parts: the feed teaches the model, and the model is drawn.
import { showAlarms, startAlarms } from './alarms.js';
import { byId, setText, toast } from './dom.js';
import { feed } from './feed.js';
import { forgetHistory, sample } from './history.js';
import { learn } from './lessons.js';
import { loadAll, loadNodes, loadSessions, loadUp } from './lists.js';
import { log, showLog, startLog } from './log.js';
import { comeBack, forgetLogin, isByToken, keepLogin, keepPlace, startLogin } from './login.js';
import { forget, model, now } from './model.js';
import { render, setDraw } from './render.js';
import { startSend } from './send.js';
import { seeServer } from './servers.js';
import { loadSettings } from './settings.js';
import { showAgents, startAgents } from './show-agents.js';
import { showCall, startCall } from './show-call.js';
import { findCalls, showCalls, startCalls } from './show-calls.js';
import { showHistory, startHistory } from './show-history.js';
import { showPlaces } from './show-places.js';
import { showQueues } from './show-queues.js';
import { countEvent, showConnection, showRate, showTiles } from './show-tiles.js';
import { startTheme } from './theme.js';
import { plural } from './text.js';
import { setTrunkPatterns } from './trunks.js';

const meta = (name) => document.querySelector(`meta[name="astmanproxy-${name}"]`).content;
const query = new URLSearchParams(location.search);

function draw() {
    if (feed.state === 'out')
        return;
    const calls = findCalls();
    showConnection();
    showCalls(calls);
    showTiles(calls, showQueues());
    showAgents();
    showCall();
    showLog();
    document.documentElement.dataset.loaded = model.isLoaded ? 'yes' : 'no';
}

function onEvent(message) {
    countEvent();
    seeServer(message.server);
    learn(message);
    log.add(message);
    render();
}

/** `missed`: events that follow; -1: the proxy does not have them any more. A page that was loaded anew asks in any case. */
function onResumed(missed) {
    if (missed < 0 || !model.isLoaded) {
        loadAll();
        return;
    }
    toast(missed === 0 ? 'Back: nothing was missed.' : `Back: ${plural(missed, 'missed event')} ${missed === 1 ? 'follows' : 'follow'}.`);
}

function showLogin(reason) {
    const isOut = feed.state === 'out' || feed.state === 'connecting';
    byId('login').hidden = !isOut;
    byId('board').hidden = isOut;
    byId('login-button').disabled = feed.state === 'connecting';
    setText(byId('login-button'), feed.state === 'connecting' ? 'Logging in…' : 'Log in');
    byId('login-error').hidden = !reason;
    setText(byId('login-error'), reason || '');
}

function onState(reason, changed) {
    const ended = feed.state === 'out' && isByToken() && reason === 'User or secret is wrong.';
    showLogin(ended ? 'This login has ended. Log in again.' : reason);
    if (feed.state === 'out' && changed) {
        document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close());
        forget();
        forgetHistory();
        forgetLogin();
        log.clear();
        byId('secret').value = '';
        byId(byId('user').value === '' ? 'user' : 'secret').focus();
    }
    if (feed.state === 'in' && changed) {
        byId('secret').value = '';
        byId('me').textContent = feed.user || 'by token';
        keepLogin();
        if (!feed.resuming)
            loadAll();
    }
    showAlarms();
    showConnection();
    render();
}

let seconds = 0;

function tick() {
    if (feed.state === 'out' || feed.state === 'connecting')
        return;
    feed.checkLife();
    seconds++;
    if (feed.state === 'in') {
        sample(now());
        if (seconds % 5 === 0)
            Promise.all([loadSessions(), loadNodes()]);
        if (seconds % 60 === 0)
            loadUp();
        if (seconds % 600 === 0)
            keepLogin();
        if (seconds % 15 === 0)
            keepPlace();
    }
    showRate();
    showPlaces();
    showHistory();
    showAlarms();
    render();
}

function start() {
    const isWall = query.has('wall');
    document.documentElement.classList.toggle('wall', isWall);
    model.mayAct = !isWall;
    feed.url = meta('feed');
    setTrunkPatterns(meta('trunks'));
    loadSettings(query);
    [startTheme, startLogin, startLog, startSend, startAlarms, startCalls, startCall, startAgents, startHistory].forEach((begin) => begin());
    Object.assign(feed.hooks, { onState, onEvent, onResumed });
    setDraw(draw);
    setInterval(tick, 1000);
    document.addEventListener('visibilitychange', render);
    if (!comeBack(query))
        byId('user').focus();
}

start();
