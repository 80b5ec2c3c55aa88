// dom.js: elements. Everything that comes from the feed is put in by textContent: callers choose their names.

export const byId = (id) => document.getElementById(id);

/** A new element with a class and a text. */
export function make(tag, className, text) {
    const node = document.createElement(tag);
    if (className)
        node.className = className;
    if (text !== undefined)
        node.textContent = text;
    return node;
}

/** A button that is no submit button. */
export function makeButton(className, text, onClick) {
    const button = make('button', className, text);
    button.type = 'button';
    button.addEventListener('click', onClick);
    return button;
}

/** A new element of a drawing. */
export function makeShape(tag, attributes) {
    const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [name, value] of Object.entries(attributes))
        node.setAttribute(name, value);
    return node;
}

/** Writes only what changed: unchanged nodes cost no layout, and stay selected. */
export function setText(node, text) {
    if (node.textContent !== String(text))
        node.textContent = text;
}

export function setClass(node, className) {
    if (node.className !== className)
        node.className = className;
}

export function setAttribute(node, name, value) {
    if (node.getAttribute(name) !== value)
        node.setAttribute(name, value);
}

/** Makes the children of `list` those of `items`; nodes are kept by key, so that focus and hover stay. */
export function fill(list, items, keyOf, create, update) {
    const known = list.known || (list.known = new Map());
    const keys = new Set(items.map(keyOf));
    for (const [key, node] of known) {
        if (!keys.has(key)) {
            node.remove();
            known.delete(key);
        }
    }
    let at = list.firstElementChild;
    for (const item of items) {
        const key = keyOf(item);
        let node = known.get(key);
        if (!node)
            known.set(key, node = create(item));
        if (node === at)
            at = at.nextElementSibling;
        else
            list.insertBefore(node, at);
        update(node, item);
    }
}

/** As fill(), for rows of one height (--row) in a box that scrolls: their places are transforms, so that no layout changes
 *  when rows come and go. The order of the nodes, which a screen reader and the Tab key follow, is that of the places. */
export function place(list, items, keyOf, create, update) {
    fill(list, items, keyOf, create, update);
    items.forEach((item, at) => {
        const node = list.known.get(keyOf(item));
        if (node.at !== at) {
            node.at = at;
            node.style.setProperty('--at', at);
        }
    });
    if (list.count !== items.length) {
        list.count = items.length;
        list.style.setProperty('--count', items.length);
    }
}

/** A name in bold and a detail below it. */
export function makeWho(className) {
    const node = make('div', className);
    node.append(make('b'), make('span'));
    return node;
}

export function setWho(node, who) {
    setText(node.firstChild, who.name);
    setText(node.lastChild, who.detail);
    if (node.title !== who.name)
        node.title = who.name;
}

let toastTimer = 0;

/** A sentence for some seconds, which screen readers say. */
export function toast(text) {
    byId('toast').textContent = text;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { byId('toast').textContent = ''; }, 5000);
}
