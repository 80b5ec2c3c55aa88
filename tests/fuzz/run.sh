#!/bin/sh
# Fuzzes for a while: run.sh PROGRAM SECONDS. The environment's FUZZ_SECONDS wins over SECONDS. New inputs are kept
# beside the program, so that a second run starts where the first ended; a crash leaves its input there.
set -eu
program=$1
seconds=${FUZZ_SECONDS:-$2}
here=$(cd "$(dirname "$0")" && pwd)
name=$(basename "$program")
name=${name#fuzz_}
found=$(dirname "$program")/found/$name
mkdir -p "$found"
set -- "$found"
for seeds in "$here/corpus/$name" "$here/../data/captures"; do
    if [ -d "$seeds" ]; then
        set -- "$@" "$seeds"
    fi
done
dictionary=$here/$name.dict
if [ -f "$dictionary" ]; then
    set -- "-dict=$dictionary" "$@"
fi
exec "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$(dirname "$program")/crash-$name-" "$@"
