#!/bin/bash
# Runs a test many times, and stops at the first failure, whose output it shows: for tests that ever fell, or that wait for
# real time. Builds nothing (tests/run.sh -k NAME does).
#
#   tests/repeat.sh [--tsan] [--busy] NAME [COUNT]
#   tests/repeat.sh --all    what tests/repeat.txt lists; goes on after a failure, and tells at the end what failed
#     NAME      of ctest (system/test_lanes), or of one test (test_lanes.py::test_x, test_lanes.py::test_x[workers4])
#     COUNT     how often; default: 50
#     --tsan    the build with the thread sanitizer
#     --busy    every processor has other work meanwhile
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
preset=dev
busy=no

# Each line of the list in a process of its own. The exit code is 1 if one has failed.
run_list() {
    local name count options failed=()
    while read -r name count options; do
        case $name in '' | '#'*) continue ;; esac
        # shellcheck disable=SC2086 # options are words
        "$0" $options "$name" "$count" </dev/null || failed+=("$name")
    done <"$source/tests/repeat.txt"
    if [ ${#failed[@]} -gt 0 ]; then
        printf 'failed: %s\n' "${failed[*]}"
        exit 1
    fi
    exit 0
}

usage() {
    sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --tsan) preset=tsan ;;
    --busy) busy=yes ;;
    --all)
        [ $# -eq 1 ] || usage
        run_list
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
others=()

finish() {
    rm -f "$log"
    for other in "${others[@]}"; do
        kill "$other" 2>/dev/null || true
    done
}
trap finish EXIT

if [ $busy = yes ]; then
    for ((i = 0; i < $(nproc); i++)); do
        while :; do :; done &
        others+=($!)
    done
fi

# The thread sanitizer of gcc 12 cannot place its memory where addresses are randomised with more than 28 bits.
unrandomised=()
if [ $preset = tsan ] && setarch "$(uname -m)" -R true 2>/dev/null; then
    unrandomised=(setarch "$(uname -m)" -R)
fi
case $name in
*.py::*)
    # The environment that ctest gives to the whole file.
    export AMP_BUILD=$build AMP_SOURCE=$source PYTHONDONTWRITEBYTECODE=1 PYTHONNOUSERSITE=1 LC_ALL=C.UTF-8
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 TSAN_OPTIONS=second_deadlock_stack=1
    command=(/usr/bin/python3 -m pytest -q -p no:cacheprovider "$source/tests/system/${name#tests/system/}")
    ;;
*) command=(ctest --test-dir "$build" --no-tests=error --output-on-failure -R "^$name\$") ;;
esac

cd "$source"
for ((run = 1; run <= count; run++)); do
    if ! "${unrandomised[@]}" "${command[@]}" >"$log" 2>&1 </dev/null; then
        cat "$log"
        echo "$name: failed in run $run of $count"
        exit 1
    fi
done
echo "$name: $count runs passed"
