# Trees of Debian systems, for the scripts beside. They set `source` (the repository) before, and run as root.
# shellcheck shell=sh
: "${source:?}"
work=${AMP_CI_FOLDER:-$source/build/ci}

die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# usage LINES: what the script's head says, and the end.
usage() {
    sed -n "2,$1s/^# \{0,1\}//p" "$0" >&2
    exit 2
}

# need PACKAGE…: on this machine.
need() {
    [ "$(id -u)" -eq 0 ] || die "must run as root: it makes systems, mounts and namespaces"
    "$source/contrib/install-packages.sh" mmdebstrap iproute2 "$@"
}

# find_package [FOLDER]: sets `package`, the proxy's for `suite`: there, or where debian.sh leaves it.
find_package() {
    folder=${1:-$work/packages/${suite:?}-$(dpkg --print-architecture)}
    set -- "$folder"/astmanproxy_*.deb
    [ -e "$1" ] || die "no package in $folder: contrib/ci/debian.sh $suite builds it"
    # shellcheck disable=SC2034 # the caller reads it
    package=$(realpath "$1")
}

# libraries_of PACKAGE: what it depends on, as mmdebstrap wants it.
libraries_of() {
    dpkg-deb -f "$1" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g'
}

# make_tree FOLDER SUITE OPTION OF mmdebstrap…: unless an earlier run made it.
make_tree() {
    tree=$1
    if [ -e "$tree.complete" ]; then
        return
    fi
    remove_tree "$tree"
    mkdir -p "$(dirname "$tree")"
    shift
    suite=$1
    shift
    mmdebstrap --dpkgopt=force-unsafe-io "$@" "$suite" "$tree" # unsafe only if power fails: make another
    touch "$tree.complete"
}

remove_tree() {
    rm -rf --one-file-system "$1" "$1.complete"
}

# in_tree FOLDER COMMAND…: as root there, with processes, devices and a loopback of its own, and no network.
in_tree() {
    tree=$1
    shift
    unshare --mount --pid --net --ipc --uts --fork --kill-child -- sh -eu -c '
        tree=$1
        shift
        ip link set lo up
        mount -t proc proc "$tree/proc"
        mount --rbind /dev "$tree/dev"
        exec chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
    ' sh "$tree" "$@"
}

# test_image IMAGE FOLDER: test_oci.py with the image unpacked to FOLDER. Comes last: the tests take this process's place.
test_image() {
    umoci unpack --image "$1" "$2"
    # crun wants control groups of version 2, and gets to see no others; it makes none.
    AMP_BUNDLE=$2 PYTHONDONTWRITEBYTECODE=1 exec unshare --net --mount sh -euc '
        ip link set lo up
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
        exec /usr/bin/python3 -m pytest -q -x -p no:cacheprovider "$1/contrib/ci/test_oci.py"' sh "$source"
}
