// keep.js: what outlives a reload of the page. The session's part (sessionStorage) ends with the tab; a secret is in neither.

const SESSION = 'astmanproxy-session'; // {user, label, token, made}
const PLACE = 'astmanproxy-place'; // {place, heard}
const HISTORY = 'astmanproxy-history'; // {user, minutes}
const SETTINGS = 'astmanproxy-settings';

function write(storage, name, value) {
    try {
        if (value === null)
            window[storage].removeItem(name);
        else
            window[storage].setItem(name, JSON.stringify(value));
    } catch {
        // a browser that keeps nothing, or no more
    }
}

/** @return null: nothing is kept, or it cannot be read */
function read(storage, name) {
    try {
        return JSON.parse(window[storage].getItem(name));
    } catch {
        return null;
    }
}

export const keep = {
    session: () => read('sessionStorage', SESSION),
    setSession: (session) => write('sessionStorage', SESSION, session),
    place: () => read('sessionStorage', PLACE),
    setPlace: (place) => write('sessionStorage', PLACE, place),
    history: () => read('sessionStorage', HISTORY),
    setHistory: (history) => write('sessionStorage', HISTORY, history),
    settings: () => read('localStorage', SETTINGS),
    setSettings: (settings) => write('localStorage', SETTINGS, settings),

    /** After a logout nothing of the session is left. */
    forget() {
        for (const name of [SESSION, PLACE, HISTORY])
            write('sessionStorage', name, null);
    },
};
