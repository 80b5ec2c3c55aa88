// login.js: who is logged in. After F5 a token of this session logs in again; the secret is in the page's memory alone.
import { byId, setText } from './dom.js';
import { feed } from './feed.js';
import { dump, restore } from './history.js';
import { keep } from './keep.js';

const LIVES = ['12h', '1h', '10m']; // of the token: the first that the proxy permits
const FRESH = 3600000; // milliseconds: a younger token needs no other one
let session = null; // {user, token}, while a token logs in

/** Asks for a token, so that F5 keeps who is logged in. A proxy without tokens refuses it; then F5 leads to the login. */
export async function keepLogin() {
    const kept = keep.session();
    if (session || (kept && Date.now() - kept.made < FRESH))
        return;
    const label = kept && kept.label || `page-${crypto.getRandomValues(new Uint32Array(1))[0].toString(16)}`;
    for (const Life of LIVES) {
        const answer = await feed.ask({ ProxyAction: 'CreateToken', Label: label, Actions: '*', Life });
        if (!answer)
            return;
        if (answer.isSuccess) {
            keep.setSession({ user: feed.user, label, token: answer.get('Token'), made: Date.now() });
            return;
        }
    }
}

/** The token of a wall, from the page's address: it is taken out of the address, the history and what is copied from there. */
function takeFromAddress(query) {
    const token = query.get('token');
    if (!token)
        return null;
    query.delete('token');
    history.replaceState(null, '', `${location.pathname}?${query}`.replace(/=(?=&|$)/g, ''));
    const kept = { user: '', token };
    keep.forget();
    keep.setSession(kept);
    return kept;
}

/** @return false: nobody is logged in, the form is shown */
export function comeBack(query) {
    session = takeFromAddress(query) || keep.session();
    if (!session || typeof session.token !== 'string' || typeof session.user !== 'string') {
        session = null;
        return false;
    }
    const kept = keep.history();
    const place = keep.place() || { place: '', heard: 0 };
    if (kept && kept.user === session.user)
        restore(kept.minutes);
    feed.comeBack(session.user, session.token, String(place.place), Number(place.heard));
    return true;
}

/** Before the page goes, and now and then: where it was. */
export function keepPlace() {
    if (feed.state !== 'in' && feed.state !== 'lost')
        return;
    keep.setPlace({ place: feed.place, heard: feed.heard });
    keep.setHistory({ user: feed.user, minutes: dump() });
}

export const isByToken = () => session !== null;

/** The login has ended: by the reader, or because the proxy said so. */
export function forgetLogin() {
    session = null;
    keep.forget();
}

export function startLogin() {
    const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname);
    byId('login-plain').hidden = location.protocol === 'https:' || isLocal;
    document.querySelector('#login form').addEventListener('submit', (event) => {
        event.preventDefault();
        const user = byId('user').value.trim();
        const secret = byId('secret').value;
        if (user === '' || secret === '') {
            byId('login-error').hidden = false;
            setText(byId('login-error'), 'Enter a user name and the secret.');
            byId(user === '' ? 'user' : 'secret').focus();
            return;
        }
        feed.login(user, secret);
    });
    byId('logout').addEventListener('click', () => {
        const kept = keep.session();
        if (kept && kept.label)
            feed.ask({ ProxyAction: 'RevokeToken', Label: kept.label }); // whoever has copied it
        feed.ask({ Action: 'Logoff' });
        feed.leave('');
    });
    byId('retry').addEventListener('click', () => feed.open());
    addEventListener('online', () => {
        if (feed.state === 'lost')
            feed.open();
    });
    addEventListener('pagehide', keepPlace);
}
