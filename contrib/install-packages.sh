#!/bin/sh
# Installs the named Debian packages, and brings those that are there to the newest version of the archive: an old one may
# lack what is needed. install-packages.sh NAME… `A|B` is one argument: B where neither is installed and the archive has no A.
# Asks for nothing; as root, or through sudo. It fails if a package is missing at the end, not if one stays as it is: held
# back, no network, no rights.
set -eu
export LC_ALL=C

is_installed() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

has_candidate() {
    apt-cache policy "$1" | grep -q '^  Candidate: [^(]'
}

# first_that TEST A|B: the first of them that passes.
first_that() {
    for package in $(echo "$2" | tr '|' ' '); do
        if "$1" "$package"; then
            echo "$package"
            return
        fi
    done
    return 1
}

# One name for each argument: of `A|B` what is installed, else the first that can be, else the last.
chosen_of() {
    for alternatives in "$@"; do
        first_that is_installed "$alternatives" || first_that has_candidate "$alternatives" || echo "${alternatives##*|}"
    done
}

# Those of the arguments that are not installed.
missing_of() {
    for package in "$@"; do
        is_installed "$package" || printf ' %s' "$package"
    done
}

# Those of the arguments that are installed, not held, and newer in the archive, as far as is known here. One call for all
# of them: each takes a third of a second.
outdated_of() {
    [ $# -gt 0 ] || return 0
    apt-cache policy "$@" | awk '/^[^ ]/ { name = substr($1, 1, length($1) - 1) } $1 == "Installed:" { old = $2 }
        $1 == "Candidate:" && $2 != old { print name, old, $2 }' |
        while read -r package old new; do
            is_installed "$package" || continue
            [ "$(dpkg-query -W -f '${db:Status-Want}' "$package")" != hold ] || continue
            if dpkg --compare-versions "$new" gt "$old" 2>/dev/null; then
                printf ' %s' "$package"
            fi
        done
}

# Was the archive asked within the last day? What comes from there is first put into `partial`.
lists_are_recent() {
    [ -n "$(find /var/lib/apt/lists/partial -maxdepth 0 -mtime -1 2>/dev/null)" ] &&
        [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' 2>/dev/null)" ]
}

as_root=
may=yes
if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
    command -v sudo >/dev/null || may=no
fi

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -q -o DPkg::Lock::Timeout=300 \
        -o Acquire::Retries=3 "$@" </dev/null
}

# shellcheck disable=SC2046 # a list of words
missing=$(missing_of $(chosen_of "$@"))
if [ -n "$missing" ] && [ $may = no ]; then
    echo "missing packages:$missing" >&2
    echo "run this as root, or install them first: apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
if [ $may = yes ] && { [ -n "$missing" ] || ! lists_are_recent; }; then
    apt update || echo "the archive could not be asked for what is new; going on with what is known of it" >&2
fi
# shellcheck disable=SC2046 # a list of words
set -- $(chosen_of "$@")
missing=$(missing_of "$@")
outdated=$(outdated_of "$@")
if [ -z "$missing$outdated" ]; then
    exit 0
fi
if [ $may = no ]; then
    echo "older than in the archive:$outdated (run this as root to have them newer)" >&2
    exit 0
fi
# Changed configuration stays: nobody is there to be asked.
apt_install() {
    apt install -y --no-install-recommends -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# shellcheck disable=SC2086 # lists of words
if [ -n "$missing" ]; then
    echo "installing:$missing"
    apt_install $missing || true
    missing=$(missing_of $missing)
    if [ -n "$missing" ]; then
        echo "could not be installed:$missing" >&2
        exit 1
    fi
    outdated=$(outdated_of $outdated) # some may have come along
fi
# shellcheck disable=SC2086 # lists of words
if [ -n "$outdated" ]; then
    echo "bringing up to date:$outdated"
    apt_install --no-remove $outdated || echo "these stay as they are:$(outdated_of $outdated)" >&2
fi
