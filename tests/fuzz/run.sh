#!/bin/sh
# Fuzzes: run.sh PROGRAM RUNS. As a test it tries RUNS inputs of up to 4 KiB that follow from a fixed seed, so that the
# same code gives the same verdict on every machine; long ones are replayed and hunted. With FUZZ_SECONDS in the environment it hunts: that long, from a random seed, and new inputs are kept
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
    set -- -max_len=65536 -max_total_time="$FUZZ_SECONDS" "$found"
else
    rm -rf "$found.test"
    mkdir -p "$found.test" # libFuzzer writes what is new into the first folder
    set -- -max_len=4096 -runs="$runs" -seed=1 "$found.test"
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
# The lowest priority: system tests that run beside it wait for the clock.
exec nice -n 10 "$program" -timeout=30 -rss_limit_mb=2048 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$(dirname "$program")/crash-$name-" "$@"
