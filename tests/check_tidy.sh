#!/bin/sh
# Does clang-tidy find anything that .clang-tidy asks about? The argument is a build directory with compile_commands.json.
set -eu
if [ $# -ne 1 ] || [ ! -f "$1/compile_commands.json" ]; then
    echo "usage: $0 BUILD (a build directory with compile_commands.json)" >&2
    exit 2
fi
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
if ! command -v clang-tidy >/dev/null; then
    echo "check_tidy.sh: clang-tidy is missing (apt-get install clang-tidy)" >&2
    exit 1
fi
find core plugins contrib -name '*.c' -print0 | xargs -0 -P2 -n6 clang-tidy --quiet -p "$build" 2>/dev/null
