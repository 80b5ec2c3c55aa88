// ruff.js [--fix] FILE…: lints Python sources, and names those that ruff would format differently. With --fix the files are formatted,
// and what can be mended without a change of meaning is mended. The configuration is tests/ruff.json. Exit code 1: something was found.
"use strict";
const fs = require("fs");
const path = require("path");
const { Workspace, PositionEncoding } = require("@astral-sh/ruff-wasm-nodejs");

const MENDED = ["I001", "F401"]; // order of imports, unused imports
const fix = process.argv[2] === "--fix";
const files = process.argv.slice(fix ? 3 : 2);
const options = JSON.parse(fs.readFileSync(path.join(__dirname, "..", "ruff.json"), "utf8"));
const workspace = new Workspace(options, PositionEncoding.Utf16);

/** The position of a row and column, both counted from 1, in `text`. */
function offset(text, location) {
    let start = 0;
    for (let row = 1; row < location.row; row++)
        start = text.indexOf("\n", start) + 1;
    return start + location.column - 1;
}

/** Is the text that `check()` found these in valid Python? What is not cannot be formatted. */
function isSound(wrong) {
    return wrong.every((one) => one.code !== "invalid-syntax");
}

/** Applies the first fix that is on the list. Gives the new text, or null where nothing is left to mend. */
function mend(text) {
    const one = workspace.check(text).find((found) => MENDED.includes(found.code) && found.fix);
    if (!one)
        return null;
    const edits = one.fix.edits.map((edit) => [offset(text, edit.location), offset(text, edit.end_location), edit.content || ""]);
    for (const [start, end, content] of edits.sort((a, b) => b[0] - a[0])) // from the end: earlier positions stay true
        text = text.slice(0, start) + content + text.slice(end);
    return text;
}

/** The text of `file`, formatted in place if it has to be. */
function format(file) {
    const before = fs.readFileSync(file, "utf8");
    let text = before;
    for (let next = mend(text); next !== null; next = mend(text))
        text = next;
    if (isSound(workspace.check(text)))
        text = workspace.format(text);
    if (text !== before)
        fs.writeFileSync(file, text);
    return text;
}

let found = 0;
for (const file of files) {
    const text = fix ? format(file) : fs.readFileSync(file, "utf8");
    const wrong = workspace.check(text);
    for (const one of wrong) {
        console.log(`${file}:${one.start_location.row}:${one.start_location.column}: ${one.code} ${one.message}`);
        found++;
    }
    if (!fix && isSound(wrong) && workspace.format(text) !== text) {
        console.log(`${file}: not formatted; tests/check_ruff.sh fix formats it`);
        found++;
    }
}
process.exit(found === 0 ? 0 : 1);
