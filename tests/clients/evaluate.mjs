// Runs JavaScript for tests/system/harness/javascript.py: MODULE. Each line of stdin is a JSON string with an expression,
// which may be a promise and may use what MODULE exports; its value is printed as a line of JSON.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

Object.assign(globalThis, await import(pathToFileURL(process.argv[2])));
globalThis.require = createRequire(`${process.env.NODE_PATH}/`);
process.on('uncaughtException', (error) => { (globalThis.uncaught ??= []).push(error.message); });
for await (const line of createInterface({ input: process.stdin }))
    console.log(JSON.stringify((await (0, eval)(JSON.parse(line))) ?? null));
process.exit(0);
