#!/bin/sh
# Builds astmanproxy_VERSION_ARCH.deb and astmanproxy-dev_VERSION_ARCH.deb on Debian: installs what is missing, makes a
# release build, packs it. The last lines are the paths of the two.
#
#   contrib/build-deb.sh [FOLDER]     where they go; default: build/packages
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
case ${1:-} in
-*)
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
folder=$source/build/packages
if [ $# -gt 0 ]; then
    mkdir -p "$1"
    folder=$(cd "$1" && pwd)
fi
"$source/contrib/install-packages.sh" gcc libc6-dev cmake ninja-build pkg-config dpkg-dev file gzip libevent-dev \
    libssl-dev libyaml-dev liblua5.4-dev libcrypt-dev node-llhttp libwslay-dev libexpat1-dev libjansson-dev libcsv-dev \
    libsmartcols-dev libsystemd-dev libnats-dev libcurl4-openssl-dev
cd "$source"
cmake --preset release
cmake --build --preset release -j "$(nproc)"
cpack -G DEB --config build/release/CPackConfig.cmake -B "$folder"
rm -rf "$folder/_CPack_Packages"
ls "$folder"/astmanproxy_*.deb "$folder"/astmanproxy-dev_*.deb
