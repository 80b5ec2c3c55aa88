// ruff.js FILE…: lints Python sources and tells of those that ruff would format differently; `ruff.js --fix FILE…` formats them. The
// configuration is ruff's part of tests/ruff.json. Exit code 1: something was found.
"use strict";
const fs = require("fs");
const path = require("path");
const { Workspace, PositionEncoding } = require("@astral-sh/ruff-wasm-nodejs");

const fix = process.argv[2] === "--fix";
const files = process.argv.slice(fix ? 3 : 2);
const options = JSON.parse(fs.readFileSync(path.join(process.env.AMP_SOURCE || ".", "tests/ruff.json"), "utf8"));
const workspace = new Workspace(options, PositionEncoding.Utf16);
let found = 0;

for (const file of files) {
    const text = fs.readFileSync(file, "utf8");
    for (const one of workspace.check(text)) {
        console.log(`${file}:${one.start_location.row}:${one.start_location.column}: ${one.code} ${one.message}`);
        found++;
    }
    const formatted = workspace.format(text);
    if (formatted === text)
        continue;
    if (fix) {
        fs.writeFileSync(file, formatted);
        continue;
    }
    console.log(`${file}: not formatted; tests/check_ruff.sh fix formats it`);
    found++;
}
process.exit(found === 0 ? 0 : 1);
