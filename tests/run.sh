#!/bin/bash
# Installs what is missing, builds with the address and undefined behaviour sanitizers, runs every test, then those of
# threads once more under the thread sanitizer, and those that want no sanitizer with the release build. The last line is the count.
#
#   tests/run.sh [-k NAME] [--tsan] [--install]
#     -k NAME     only tests whose name matches the regular expression NAME (ctest -R), first build only
#     --tsan      all tests (without fuzzing) under the thread sanitizer instead
#     --install   ends once everything is installed
#
# FUZZ_SECONDS lets each fuzz target hunt that long from a random seed, instead of a fixed number of inputs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
cd "$source"

usage() {
    sed -n '2,10s/^# \{0,1\}//p' "$here/run.sh"
    exit "$1"
}

name=
only_tsan=no
only_install=no
while [ $# -gt 0 ]; do
    case $1 in
    -k)
        [ $# -ge 2 ] || usage 2 >&2
        name=$2
        shift
        ;;
    --tsan) only_tsan=yes ;;
    --install) only_install=yes ;;
    -h | --help) usage 0 ;;
    *) usage 2 >&2 ;;
    esac
    shift
done

node_is_new() {
    node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' 2>/dev/null
}

install_for_build() {
    contrib/install-packages.sh \
        gcc g++ libc6-dev cmake ninja-build pkg-config clang libclang-rt-dev lld python3 \
        libevent-dev libssl-dev libyaml-dev liblua5.4-dev libcrypt-dev libsystemd-dev libcmocka-dev \
        'libllhttp-dev|node-llhttp' libwslay-dev libexpat1-dev libjansson-dev libcsv-dev libsmartcols-dev libnats-dev \
        libcurl4-openssl-dev
}

# The exit code is 2 if only packages from npm are missing.
install_for_tests() {
    local packages=(
        clang-format clang-tidy
        python3-pytest python3-pytest-timeout python3-yaml python3-panoramisk python3-websockets
        python3-prometheus-client prometheus nats-server haproxy nginx
        openssl curl netcat-openbsd chromium php-cli lua-check
        man-db groff-base dpkg-dev debhelper file gzip adduser logrotate strace
    )
    node_is_new || packages+=(nodejs)
    command -v npm >/dev/null || packages+=(npm)
    contrib/install-packages.sh "${packages[@]}" || return 1
    tests/clients/install.sh || return 2
}

packages_are_missing() {
    echo "run.sh: packages that the build or the tests need are missing" >&2
    printf '\n0 passed, 1 failed\n'
    exit 1
}

# Ends the installation for the tests, which runs beside the first build.
finish_installing() {
    local result=0
    wait "$installing" || result=$?
    cat build/install.log
    if [ "$result" -eq 2 ]; then
        echo "run.sh: the packages from npm could not be installed (counted as a failed test)" >&2
        tests=1 failed=1 status=1
    elif [ "$result" -ne 0 ]; then
        packages_are_missing
    fi
}

# build PRESET [TARGET]…: everything, or what the TARGETs need.
build() {
    local preset=$1
    shift
    { cmake --preset "$preset" && cmake --build --preset "$preset" -j "$(nproc)" ${1+--target "$@"}; } || return 1
    ln -sfn ../clients "build/$preset/clients" # where the tests look for packages from npm
}

build_failed() {
    wait # for what is being installed
    echo "run.sh: the build $1 failed" >&2
    printf '\n0 passed, 1 failed\n'
    exit 1
}

# What is tested after the first build: built while that one's tests wait, with the processor time that these leave.
build_the_others() {
    renice -n 19 -p "$BASHPID" >/dev/null
    build tsan thread_tests || return 1
    build release astmanproxy plugins astmansim
}

# System tests also wait, so there are more of them than processors; what only computes gives way to them (nice).
jobs=$(($(nproc) * 3))
tests=0
failed=0
status=0

# run PRESET [OPTION OF CTEST]…: adds to the counts above.
run() {
    local folder=$source/build/$1 log=$source/build/$1/ctest.log result=0 line
    shift
    # The thread sanitizer of gcc 12 cannot place its memory where addresses are randomised with more than 28 bits.
    local -a unrandomised=()
    if [[ $folder == */tsan ]] && setarch "$(uname -m)" -R true 2>/dev/null; then
        unrandomised=(setarch "$(uname -m)" -R)
    fi
    "${unrandomised[@]}" ctest --test-dir "$folder" --output-on-failure -j "$jobs" "$@" </dev/null | tee "$log" || result=$?
    line=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests\{0,1\} failed out of \([0-9]*\)$/\1 \2/p' "$log" | tail -n 1)
    read -r bad all <<<"${line:-0 0}"
    tests=$((tests + all))
    failed=$((failed + bad))
    if [ "$result" -ne 0 ]; then
        status=$result
    fi
}

# Tests that need a build without sanitizers, whose allocator is their own: one file counts as one test, as in ctest.
run_release() {
    AMP_BUILD=$source/build/release AMP_SOURCE=$source AMP_SCALE=${AMP_SCALE:-0.3} PYTHONDONTWRITEBYTECODE=1 \
        /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/system/test_allocations.py </dev/null
}

# The tests of the builds but the first.
run_the_others() {
    local release
    run_release >build/release.log 2>&1 &
    release=$!
    run tsan --no-tests=error -L threads
    tests=$((tests + 1))
    if ! wait "$release"; then
        echo "run.sh: tests/system/test_allocations.py failed with the release build" >>build/release.log
        failed=$((failed + 1)) status=1
    fi
    cat build/release.log
}

if ! node_is_new; then # it may come from elsewhere than Debian
    PATH=/usr/bin:/bin:$PATH
fi
install_for_build || packages_are_missing
mkdir -p build
install_for_tests >build/install.log 2>&1 &
installing=$!
if command -v ccache >/dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER-ccache}
fi
if [ "$only_install" = yes ]; then
    finish_installing
    exit "$status"
fi
matching=()
if [ -n "$name" ]; then
    matching=(-R "$name")
fi
if [ "$only_tsan" = yes ]; then
    export AMP_ALL_WORKERS=1
    build tsan || build_failed tsan
    finish_installing
    run tsan --no-tests=error "${matching[@]}"
else
    build dev || build_failed dev
    finish_installing
    if [ -z "$name" ]; then
        set -m # it has a process group, which ends with this script
        build_the_others >build/others.log 2>&1 &
        others=$!
        set +m
        trap 'kill -- "-$others" 2>/dev/null || true' EXIT
    fi
    run dev --no-tests=error "${matching[@]}"
    if [ -z "$name" ]; then
        if wait "$others"; then
            run_the_others
        else
            cat build/others.log
            echo "run.sh: the build for the tests of threads or of the release failed (counted as a failed test)" >&2
            tests=$((tests + 1)) failed=$((failed + 1)) status=1
        fi
    fi
fi
echo
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
    failed=1 # ctest itself
    tests=$((tests + 1))
fi
echo "$((tests - failed)) passed, $failed failed"
exit "$status"
