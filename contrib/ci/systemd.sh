#!/bin/sh
# Boots a Debian with systemd as its first process, in a container of systemd-nspawn, installs the packages there, and tests
# what the service promises (test_systemd.py). Needs root, Debian's archive, and nothing of a systemd on this machine.
#
#   contrib/ci/systemd.sh SUITE [FOLDER]     SUITE: bookworm (12) or trixie (13)
#
# FOLDER has the packages; default: where `debian.sh SUITE` leaves them.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=contrib/ci/tree.sh
. "$source/contrib/ci/tree.sh"
suite=${1:-}
case $suite in
bookworm | trixie) ;;
*) usage 7 ;;
esac
find_package "${2:-}"
need systemd-container python3-pytest python3-yaml

tree=$work/$suite-systemd
make_tree "$tree" "$suite" --variant=minbase --include="systemd,systemd-sysv,dbus,$(libraries_of "$package")"
rm -rf "$tree/packages"
mkdir "$tree/packages"
cp "$package" "$tree/packages"
# The container shares this network, which has nothing but a loopback, so that the tests reach it. Its control groups are a
# hierarchy of their own (version 2), whatever this machine has.
AMP_TREE=$tree SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 PYTHONDONTWRITEBYTECODE=1 exec unshare --net sh -euc '
    ip link set lo up
    exec /usr/bin/python3 -m pytest -q -x -p no:cacheprovider "$1/contrib/ci/test_systemd.py"' sh "$source"
