// settings.js: thresholds of the alarms and what else the reader chooses. Kept in this browser.
import { keep } from './keep.js';

const DEFAULTS = { late: 30, waiting: 10, level: 70, isLoud: false, theme: '', phone: '' };
const NUMBERS = { late: 86400, waiting: 100000, level: 100 };

export const settings = { ...DEFAULTS };

function isGood(name, value) {
    if (Object.hasOwn(NUMBERS, name))
        return Number.isInteger(value) && value >= 0 && value <= NUMBERS[name];
    return typeof value === typeof DEFAULTS[name];
}

/** What is kept, and above it the numbers of the page's address: `?late=60&waiting=5&level=80`. */
export function loadSettings(query) {
    const kept = keep.settings() || {};
    for (const name of Object.keys(DEFAULTS)) {
        if (isGood(name, kept[name]))
            settings[name] = kept[name];
        if (Object.hasOwn(NUMBERS, name) && /^\d{1,6}$/.test(query.get(name) || '') && isGood(name, Number(query.get(name))))
            settings[name] = Number(query.get(name));
    }
}

export function changeSettings(values) {
    for (const [name, value] of Object.entries(values)) {
        if (isGood(name, value))
            settings[name] = value;
    }
    keep.setSettings(settings);
}
