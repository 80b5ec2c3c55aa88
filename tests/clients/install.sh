#!/bin/sh
# Installs the packages from npm that the tests use into build/clients, in the versions that package-lock.json pins.
set -eu
cd "$(dirname "$0")/../.."
folder=build/clients
if [ -f $folder/node_modules/.package-lock.json ] && cmp -s tests/clients/package-lock.json $folder/package-lock.json; then
    exit 0
fi
mkdir -p $folder
cp tests/clients/package.json tests/clients/package-lock.json $folder/
npm ci --prefix $folder --no-audit --no-fund --ignore-scripts
