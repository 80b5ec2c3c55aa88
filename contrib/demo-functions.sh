# What demo.sh and demo-cluster.sh share. They set `source` (the repository) and `build` (the build folder) before.
# shellcheck shell=bash
: "${source:?}" "${build:?}"

die() {
    echo "demo: $*" >&2
    exit 1
}

# accepts PORT: does something listen there?
accepts() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# wait_for PORT PROCESS LOG NAME: until something accepts there, or the process ended.
wait_for() {
    local i
    for ((i = 0; i < 150; i++)); do
        if accepts "$1"; then
            return
        fi
        kill -0 "$2" 2>/dev/null || break
        sleep 0.1
    done
    cat "$3" >&2
    die "$4 did not start on 127.0.0.1:$1; its log is above"
}

# build_programs [PACKAGE]…: installs what is missing, and these, and builds.
build_programs() {
    "$source/contrib/install-packages.sh" gcc libc6-dev cmake ninja-build pkg-config libevent-dev libssl-dev \
        libyaml-dev liblua5.4-dev libcrypt-dev libsystemd-dev 'libllhttp-dev|node-llhttp' libwslay-dev libexpat1-dev \
        libjansson-dev libcsv-dev libsmartcols-dev libnats-dev libcurl4-openssl-dev curl netcat-openbsd "$@"
    (cd "$source" && cmake --preset release && cmake --build --preset release -j "$(nproc)" \
        --target astmanproxy ampctl astmansim plugins)
}

# With what is there.
build_simulator() {
    (cd "$source" && cmake --preset release && cmake --build --preset release -j "$(nproc)" --target astmansim)
}
