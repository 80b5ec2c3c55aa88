#!/bin/sh
# Is all Python formatted as ruff formats it, and does ruff find no fault? With `fix` it is formatted, and imports are sorted.
# Debian has no ruff: it comes from npm (tests/clients/package.json) and is configured in tests/ruff.json.
set -eu
cd "$(dirname "$0")/.."
modules=${AMP_BUILD:-build}/clients/node_modules
if ! [ -d "$modules/@astral-sh/ruff-wasm-nodejs" ]; then
    echo "check_ruff.sh: ruff is missing in $modules (tests/clients/install.sh installs it)" >&2
    exit 1
fi
case ${1:-check} in
check) mode= ;;
fix | --fix) mode=--fix ;;
*)
    echo "usage: $0 [check|fix]" >&2
    exit 2
    ;;
esac
# shellcheck disable=SC2086 # no argument when $mode is empty
{
    find contrib examples tests -name node_modules -prune -o -name '*.py' -print
    grep -rlIE --exclude-dir=node_modules --exclude='*.py' '^#!.*python' contrib examples tests
} | sort | NODE_PATH=$modules xargs node tests/clients/ruff.js $mode
