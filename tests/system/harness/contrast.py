"""How well the text of a page can be read: WCAG's contrast of what is shown, with opacity and layers of colour."""

# Each text that is shown, with its contrast. Disabled controls are left out, as WCAG does.
LOOK = """(() => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const known = new Map();
    const read = (colour) => {
        if (!known.has(colour)) {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
            known.set(colour, { rgb: [red, green, blue], alpha: alpha / 255 });
        }
        return known.get(colour);
    };
    const mix = (upper, lower, share) => upper.map((value, i) => value * share + lower[i] * (1 - share));
    const over = (colour, lower) => mix(read(colour).rgb, lower, read(colour).alpha);
    const light = (rgb) => rgb.map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
    const contrast = (one, other) => {
        const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
        return (bright + 0.05) / (dark + 0.05);
    };
    /** [text, background] of the last of `chain`, elements from the outermost on, drawn over `lower`. */
    const draw = (chain, colour, lower) => {
        const style = getComputedStyle(chain[0]);
        const back = over(style.backgroundColor, lower);
        const drawn = chain.length > 1 ? draw(chain.slice(1), colour, back) : [over(colour, back), back];
        return drawn.map((rgb) => mix(rgb, lower, Number(style.opacity)));
    };
    const found = [];
    const add = (node, text, colour) => {
        const chain = [];
        for (let each = node; each; each = each.parentElement)
            chain.unshift(each);
        const [front, back] = draw(chain, colour, [255, 255, 255]);
        const image = chain.some((each) => getComputedStyle(each).backgroundImage !== 'none');
        found.push({ contrast: image ? 0 : contrast(front, back), text: text.trim().slice(0, 40),
            at: [node, chain.at(-2)].map((each) => `${each.tagName}#${each.id}.${each.getAttribute('class')}`).join(' in ') });
    };
    const isShown = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length > 0 &&
        !node.closest('.sr, :disabled');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (walker.currentNode.data.trim() !== '' && !node.closest('select, textarea') && isShown(node))
            add(node, walker.currentNode.data, getComputedStyle(node).color);
    }
    for (const node of document.querySelectorAll('input, select, textarea')) {
        const pseudo = node.value === '' && node.placeholder ? '::placeholder' : null;
        if (isShown(node))
            add(node, node.value || node.placeholder || '', getComputedStyle(node, pseudo).color);
    }
    return found;
})()"""
LEAST = 4.5  # level AA, of text of any size


def look(page):
    """@return {at, text, contrast} of each text that is shown; 0: its background is no colour"""
    return page.run(LOOK)


def unreadable(page):
    """@return those with too little contrast, each kind of place once"""
    found = {entry["at"]: entry for entry in look(page) if entry["contrast"] < LEAST}
    return sorted((round(entry["contrast"], 2), at, entry["text"]) for at, entry in found.items())
