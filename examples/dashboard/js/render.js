// render.js: when the page is drawn. Events change the model at once, the page at the next frame: thousands cost one drawing.

const DRAWING = 60; // milliseconds between drawings, at least: what happens meanwhile is drawn at once
let draw = () => {};
let drawn = 0;
let isDue = false;

export const setDraw = (action) => { draw = action; };

export function render() {
    if (isDue || document.hidden)
        return;
    isDue = true;
    setTimeout(() => requestAnimationFrame(() => {
        isDue = false;
        drawn = performance.now();
        draw();
    }), Math.max(0, drawn + DRAWING - performance.now()));
}
