#!/bin/sh
# Fuzzes: run.sh PROGRAM RUNS. As a test it tries RUNS inputs that follow from a fixed seed, so that the same code gives
# the same verdict. With FUZZ_SECONDS in the environment it hunts: that long, from a random seed, and new inputs are kept
# beside the program, so that a second hunt starts where the first ended. A crash leaves its input there.
set -eu
program=$1
runs=$2
here=$(cd "$(dirname "$0")" && pwd)
name=$(basename "$program")
name=${name#fuzz_}
found=$(dirname "$program")/found/$name
if [ -n "${FUZZ_SECONDS:-}" ]; then
    mkdir -p "$found"
    set -- -max_total_time="$FUZZ_SECONDS" "$found"
else
    rm -rf "$found.test"
    mkdir -p "$found.test" # libFuzzer writes what is new into the first folder
    set -- -runs="$runs" -seed=1 -max_total_time=30 "$found.test"
fi
for seeds in "$here/corpus/$name" "$here/../data/captures"; do
    if [ -d "$seeds" ]; then
        set -- "$@" "$seeds"
    fi
done
dictionary=$here/$name.dict
if [ -f "$dictionary" ]; then
    set -- "-dict=$dictionary" "$@"
fi
exec "$program" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$(dirname "$program")/crash-$name-" "$@"
