#!/bin/sh
# tests/bench/run.sh: builds the release preset (or takes $AMP_BUILD as it is) and runs the benchmark. Options: --help.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$bench/../.." && pwd)
if [ -z "${AMP_BUILD:-}" ]; then
    (cd "$root" && cmake --preset release && cmake --build --preset release) >&2
    AMP_BUILD=$root/build/release
fi
export AMP_BUILD
exec python3 "$bench/bench.py" "$@"
