// theme.js: light or dark: as the system has it, or as the reader wants it.
import { byId } from './dom.js';
import { changeSettings, settings } from './settings.js';

function setTheme(theme) {
    document.documentElement.dataset.theme = theme;
    changeSettings({ theme });
}

export function startTheme() {
    if (settings.theme === 'light' || settings.theme === 'dark')
        document.documentElement.dataset.theme = settings.theme;
    byId('theme').addEventListener('click', () => {
        const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
        setTheme((document.documentElement.dataset.theme || system) === 'dark' ? 'light' : 'dark');
    });
}
