#!/bin/sh
# Is all C code formatted as .clang-format says? With `fix` it is formatted.
set -eu
cd "$(dirname "$0")/.."
if ! command -v clang-format >/dev/null; then
    echo "check_format.sh: clang-format is missing (apt-get install clang-format)" >&2
    exit 1
fi
case ${1:-check} in
check) mode="--dry-run -Werror" ;;
fix) mode=-i ;;
*)
    echo "usage: $0 [check|fix]" >&2
    exit 2
    ;;
esac
# shellcheck disable=SC2086 # two words on purpose
find core plugins contrib tests examples -name node_modules -prune -o \( -name '*.c' -o -name '*.h' \) -print0 |
    xargs -0 -r clang-format --style=file $mode
