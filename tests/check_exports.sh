#!/bin/sh
# Does the program export to plugins what exports.list says, and is that what the header declares? check_exports.sh PROGRAM
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
sed -n 's/^ *\(amp_[a-z_]*\);.*/\1/p' core/plugin/exports.list | sort >"$folder/listed"
nm -D --defined-only "$1" | awk '$3 ~ /^amp_/ { print $3 }' | sort >"$folder/exported"
grep -oE 'amp_(message|output|input|request|session|settings|action|error|event)_[a-z_]+\(' core/include/astmanproxy/plugin.h core/include/astmanproxy/catalogue.h | cut -d: -f2 | tr -d '(' | sort -u >"$folder/declared"
diff -u "$folder/listed" "$folder/exported"
diff -u "$folder/listed" "$folder/declared"
