#!/bin/bash
# Runs a test many times, and stops at the first failure, whose output it shows: for tests that ever fell, or that wait for
# real time. Builds nothing (tests/run.sh -k NAME does).
#
#   tests/repeat.sh [--tsan] [--busy] NAME [COUNT]
#   tests/repeat.sh --all [JOBS]   what tests/repeat.txt lists, JOBS lines at a time (default: three a processor, as most
#                                  of them wait), those with --busy at the end and together; goes on after a failure,
#                                  and tells at the end what failed
#     NAME      of ctest (system/test_lanes), or of one test (test_lanes.py::test_x, test_lanes.py::test_x[workers4])
#     COUNT     how often; default: 50
#     --tsan    the build with the thread sanitizer
#     --busy    every processor has other work meanwhile
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
preset=dev
busy=no

others=()
keep_busy() {
    for ((i = 0; i < $(nproc); i++)); do
        while kill -0 $$; do # or it would go on without this script
            for ((step = 0; step < 100000; step++)); do :; done
        done 2>/dev/null &
        others+=($!)
    done
}

end_others() {
    for other in "${others[@]}"; do
        kill "$other" 2>/dev/null || true
    done
    others=()
}
trap end_others EXIT

# run_lines JOBS FAILED: the lines that come in, each in a process of its own. The names of those that fail go to FAILED.
run_lines() {
    local jobs=$1 failed=$2 name count options running=()
    while read -r name count options; do
        while [ "$(jobs -rp | wc -l)" -ge $((jobs + ${#others[@]})) ]; do
            wait -n || true
        done
        # shellcheck disable=SC2086 # options are words
        { "$0" $options "$name" "$count" </dev/null || echo "$name" >>"$failed"; } &
        running+=($!)
    done
    wait "${running[@]}" || true
}

# run_list JOBS: what the list has. The exit code is 1 if something has failed.
run_list() {
    local jobs=$1 failed lines
    failed=$(mktemp)
    lines=$(grep '^[^#]' "$source/tests/repeat.txt")
    run_lines "$jobs" "$failed" < <(grep -v -e --busy <<<"$lines")
    keep_busy # once, for all of them
    run_lines "$jobs" "$failed" < <(grep -e --busy <<<"$lines" | sed 's/ --busy//')
    end_others
    if [ -s "$failed" ]; then
        echo "failed: $(paste -s -d ' ' "$failed")"
        rm "$failed"
        exit 1
    fi
    rm "$failed"
    exit 0
}

usage() {
    sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --tsan) preset=tsan ;;
    --busy) busy=yes ;;
    --all)
        [ $# -le 2 ] || usage
        jobs=${2:-$(($(nproc) * 3))}
        [[ $jobs =~ ^[1-9][0-9]*$ ]] || usage
        run_list "$jobs"
        ;;
    -*) usage ;;
    *) break ;;
    esac
    shift
done
if [ $# -lt 1 ] || [ $# -gt 2 ]; then usage; fi
name=$1
count=${2:-50}
[[ $count =~ ^[1-9][0-9]*$ ]] || usage
build=$source/build/$preset
log=$(mktemp)
finish() {
    rm -f "$log"
    end_others
}
trap finish EXIT

if [ $busy = yes ]; then
    keep_busy
fi

# The thread sanitizer of gcc 12 cannot place its memory where addresses are randomised with more than 28 bits.
unrandomised=()
if [ $preset = tsan ] && setarch "$(uname -m)" -R true 2>/dev/null; then
    unrandomised=(setarch "$(uname -m)" -R)
fi
# environment_and_command TEST: the variables that ctest would set, and what it would start, each ended by a NUL; nothing if
# there is no such program. ctest itself writes files that two of them at a time would share.
environment_and_command() {
    ctest --test-dir "$build" --show-only=json-v1 | python3 -c 'import json, sys
for test in json.load(sys.stdin)["tests"]:
    if test["name"] == sys.argv[1] and "command" in test:
        environment = [entry["value"] for entry in test["properties"] if entry["name"] == "ENVIRONMENT"]
        print(*sum(environment, []), *test["command"], sep="\0", end="\0")' "$1"
}

case $name in
*.py::*) # one test of a file, whose path is the last word
    file=${name%%.py::*}
    mapfile -d '' -t command < <(environment_and_command "system/${file#tests/system/}")
    [ ${#command[@]} -eq 0 ] || command[-1]+=${name#"$file.py"}
    ;;
*) mapfile -d '' -t command < <(environment_and_command "$name") ;;
esac
if [ ${#command[@]} -eq 0 ]; then
    echo "$name: not in $build, or not built" >&2
    exit 1
fi

cd "$source"
for ((run = 1; run <= count; run++)); do
    if ! "${unrandomised[@]}" env "${command[@]}" >"$log" 2>&1 </dev/null; then
        cat "$log"
        echo "$name: failed in run $run of $count"
        exit 1
    fi
done
echo "$name: $count runs passed"
