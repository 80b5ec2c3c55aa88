// alarms.js: what somebody should look at, in the bar, in the title and, if it is wanted, as a sound.
import { byId, setClass, setText } from './dom.js';
import { feed } from './feed.js';
import { sums } from './history.js';
import { model, now } from './model.js';
import { changeSettings, settings } from './settings.js';
import { duration } from './text.js';

let known = new Set();
let sound = null;

/** Each alarm has a key, so that one which lasts is told once. */
export function findAlarms() {
    const found = [];
    const time = now();
    for (const queue of model.queues.values()) {
        const first = Math.min(...[...queue.callers.values()].map((caller) => caller.since));
        const { answered, lost, inTime } = sums(queue.key, time);
        if (settings.late > 0 && time - first > settings.late)
            found.push({ key: `late ${queue.key}`, text: `${queue.name}: a caller waits for ${duration(time - first)}` });
        if (settings.waiting > 0 && queue.callers.size >= settings.waiting)
            found.push({ key: `waiting ${queue.key}`, text: `${queue.name}: ${queue.callers.size} callers wait` });
        if (settings.level > 0 && answered + lost >= 5 && inTime / (answered + lost) * 100 < settings.level)
            found.push({ key: `level ${queue.key}`, text: `${queue.name}: service level ${Math.round(inTime / (answered + lost) * 100)} %` });
    }
    for (const server of model.servers.values()) {
        if (!server.up)
            found.push({ key: `down ${server.name}`, text: `Server ${server.name} is down` });
    }
    for (const trunk of model.trunks.values()) {
        if (trunk.tone === 'bad')
            found.push({ key: `trunk ${trunk.key}`, text: `Trunk ${trunk.name}: ${trunk.state}` });
    }
    if (feed.state === 'lost')
        found.push({ key: 'lost', text: 'The proxy cannot be reached' });
    return found;
}

/** Two short tones. Browsers allow them once the reader has pressed something on the page. */
function beep() {
    sound = sound || new AudioContext();
    [[880, 0], [660, 0.2]].forEach(([pitch, at]) => {
        const tone = sound.createOscillator();
        const volume = sound.createGain();
        const start = sound.currentTime + at;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.2, start);
        volume.gain.exponentialRampToValueAtTime(0.001, start + 0.18);
        tone.connect(volume).connect(sound.destination);
        tone.start(start);
        tone.stop(start + 0.2);
    });
    document.documentElement.dataset.beeps = Number(document.documentElement.dataset.beeps || 0) + 1;
}

/** Once a second: shows the alarms, and sounds for those that are new. */
export function showAlarms() {
    const alarms = feed.state === 'out' || feed.state === 'connecting' ? [] : findAlarms();
    const isNew = alarms.some((alarm) => !known.has(alarm.key));
    const pill = byId('alarms');
    known = new Set(alarms.map((alarm) => alarm.key));
    setText(pill, alarms.length === 0 ? 'No alarms' : `${alarms[0].text}${alarms.length > 1 ? ` and ${alarms.length - 1} more` : ''}`);
    setClass(pill, `pill ${alarms.length > 0 ? 'bad' : 'good'}`);
    pill.title = alarms.map((alarm) => alarm.text).join('\n');
    if (isNew && settings.isLoud)
        beep();
    const base = feed.state === 'lost' ? 'Reconnecting – astmanproxy' : 'astmanproxy';
    const title = alarms.length > 0 ? `(${alarms.length}) ${alarms[0].text} – ${base}` : base;
    if (document.title !== title)
        document.title = title;
}

function showSound() {
    byId('sound').setAttribute('aria-pressed', String(settings.isLoud));
}

export function startAlarms() {
    const dialog = byId('settings-dialog');
    showSound();
    byId('sound').addEventListener('click', () => {
        changeSettings({ isLoud: !settings.isLoud });
        showSound();
        if (settings.isLoud)
            beep(); // so that the reader hears what it is like
    });
    byId('settings').addEventListener('click', () => {
        for (const name of ['late', 'waiting', 'level'])
            byId(`set-${name}`).value = settings[name];
        dialog.showModal();
    });
    byId('settings-form').addEventListener('submit', (event) => {
        event.preventDefault();
        for (const name of ['late', 'waiting', 'level'])
            changeSettings({ [name]: byId(`set-${name}`).valueAsNumber });
        dialog.close();
        showAlarms();
    });
    byId('settings-cancel').addEventListener('click', () => dialog.close());
}
