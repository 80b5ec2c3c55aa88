#!/bin/sh
# Builds astmanproxy_VERSION_ARCH.deb and astmanproxy-dev_VERSION_ARCH.deb on Debian 12 or 13: installs what is missing, makes
# a tree of sources (debian-source.sh), and lets dpkg-buildpackage do the rest. The last lines are the paths of the two.
#
#   contrib/build-deb.sh [--source] [FOLDER]
#     --source   the source package (.dsc) and the list of all (.changes), too
#     FOLDER     where they go; default: build/packages
#
# DEB_BUILD_OPTIONS is what dpkg-buildpackage says; by default the unit tests are left out, and packages of debug symbols.
set -eu
umask 022
source=$(cd "$(dirname "$0")/.." && pwd)
kinds=binary
if [ "${1-}" = --source ]; then
    kinds=source,binary
    shift
fi
case ${1-} in
-*)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
folder=${1:-$source/build/packages}
mkdir -p "$folder" "$source/build"
folder=$(cd "$folder" && pwd)
DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS-nocheck noautodbgsym} parallel=$(nproc)"
export DEB_BUILD_OPTIONS

# What contrib/debian/control wants: names alone, `a|b` where either will do; what the unit tests need, if they are run.
# dpkg-buildpackage looks, too; without the profile it would demand what the tests need, though it does not run them.
for_checks='s/<!nocheck>//'
case " $DEB_BUILD_OPTIONS " in
*" nocheck "*)
    for_checks='/<!nocheck>/d'
    export DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES-} nocheck"
    ;;
esac
wanted=$(sed -n '/^Build-Depends:/,/^$/s/^ //p' "$source/contrib/debian/control" |
    sed "$for_checks; s/([^)]*)//g; s/-compat//; s/:native//; s/[ ,]//g")
# shellcheck disable=SC2086 # a list of words
"$source/contrib/install-packages.sh" build-essential dpkg-dev file $wanted

work=$(mktemp -d "$source/build/deb.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
cd "$("$source/contrib/debian-source.sh" "$work" | tail -n 1)"
dpkg-buildpackage --build="$kinds" --no-sign
cd "$work"
for file in *.deb *.buildinfo *.changes *.dsc *.tar.*; do
    [ ! -e "$file" ] || mv "$file" "$folder"
done
ls "$folder"/astmanproxy_*.deb "$folder"/astmanproxy-dev_*.deb
