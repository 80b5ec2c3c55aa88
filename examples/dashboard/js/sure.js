// sure.js: buttons that end something ask before they do it.
import { makeButton, setAttribute, toast } from './dom.js';
import { feed } from './feed.js';
import { render } from './render.js';

/** What an answer says, for the reader. */
export const tell = (answer) => toast(answer ? answer.get('Message') || 'Done.' : 'The connection was lost before the answer arrived.');

/** A button that acts when it is pressed twice within some seconds. */
export function makeSureButton(text, question, act) {
    let timer = 0;
    const calm = () => {
        clearTimeout(timer);
        button.classList.remove('sure');
        button.textContent = text;
    };
    const button = makeButton('small end', text, async () => {
        if (!button.classList.contains('sure')) {
            button.classList.add('sure');
            button.textContent = 'Sure?';
            toast(question());
            timer = setTimeout(calm, 4000);
            return;
        }
        calm();
        button.busy = true;
        render();
        const answer = await act();
        button.busy = false;
        tell(answer);
        render();
    });
    return button;
}

export function updateSureButton(button, about) {
    button.disabled = feed.state !== 'in' || button.busy === true;
    setAttribute(button, 'aria-label', `${button.textContent} ${about}`);
}
