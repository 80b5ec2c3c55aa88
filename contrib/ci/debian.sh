#!/bin/sh
# Builds the packages for a release of Debian, in a system of its own that mmdebstrap makes: runs the unit tests, lintian and
# the packages' own tests (debian/tests) there; builds the source package once more, elsewhere, and compares. Last come the
# paths of what was built. Needs root and Debian's archive.
#
#   contrib/ci/debian.sh SUITE [ARCHITECTURE]     SUITE: bookworm (12) or trixie (13)
#
# ARCHITECTURE, arm64 for example, is built by Debian's cross compiler, its unit tests run in qemu, and debian/tests are
# left out, and the comparison. The system is kept in build/ci (AMP_CI_FOLDER) for the next run; remove it to have a new one.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=contrib/ci/tree.sh
. "$source/contrib/ci/tree.sh"
suite=${1:-}
here=$(dpkg --print-architecture)
architecture=${2:-$here}
case $suite in
bookworm | trixie) ;;
*) usage 8 ;;
esac
emulator=
tools=
architectures=$here
if [ "$architecture" != "$here" ]; then
    emulator=$(dpkg-architecture -a "$architecture" -q DEB_HOST_GNU_CPU 2>/dev/null)
    emulator=qemu-$emulator-static
    tools=,crossbuild-essential-$architecture
    architectures=$here,$architecture
    need dpkg-dev qemu-user-static
else
    need dpkg-dev
fi
tree=$work/$suite-$architecture
packages=$work/packages/$suite-$architecture
sources=$("$source/contrib/debian-source.sh" "$work/source-$suite-$architecture" | tail -n 1)

make_tree "$tree" "$suite" --variant=buildd --architectures="$architectures" --include="adduser,lintian$tools" \
    --customize-hook='mkdir -p "$1/build/source"' \
    --customize-hook="cp -R '$sources/debian' \"\$1/build/source\"" \
    --customize-hook="chroot \"\$1\" apt-get -y --no-install-recommends -a $architecture build-dep /build/source"
if [ -x "$tree/usr/bin/node" ] && [ "$suite" != bookworm ]; then # whose package of llhttp wants it
    die "node.js was installed to build this"
fi

rm -rf "$tree/build" "$packages"
mkdir -p "$tree/build" "$packages"
cp -R --preserve=timestamps "$sources" "$tree/build/source"
if [ -n "$emulator" ]; then
    install -m 755 "/usr/bin/$emulator" "$tree/usr/bin/$emulator"
fi
in_tree "$tree" env DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS-noautodbgsym} parallel=$(nproc)" AMP_EMULATOR="$emulator" \
    sh -euc 'cd /build/source; nice dpkg-buildpackage --host-arch "$0" --build=full --no-sign' "$architecture"
in_tree "$tree" sh -euc 'lintian --allow-root --fail-on error,warning /build/*.changes'
find "$tree/build" -maxdepth 1 -type f -exec cp {} "$packages" \;

if [ -z "$emulator" ]; then
    in_tree "$tree" env DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" TZ=Pacific/Auckland sh -euc '
        umask 077
        mkdir /build/again
        cd /build/again
        dpkg-source -x /build/*.dsc other-name
        cd other-name
        nice dpkg-buildpackage --build=binary --no-sign
        for package in ../*.deb; do
            cmp "$package" "/build/${package#../}"
        done'
    # What Debian's autopkgtest does with debian/tests/control, in a system that is thrown away.
    in_tree "$tree" sh -euc '
        mount -t tmpfs tmpfs /mnt
        mkdir /mnt/changed /mnt/work /mnt/root
        mount -t overlay -o lowerdir=/,upperdir=/mnt/changed,workdir=/mnt/work overlay /mnt/root
        mount --rbind /dev /mnt/root/dev
        mount --rbind /proc /mnt/root/proc
        exec chroot /mnt/root sh -euc "
            dpkg -i /build/*.deb
            dpkg-source -x /build/*.dsc /tested
            cd /tested
            for test in \$(sed -n \"s/^Tests: //p\" debian/tests/control); do
                echo \"debian/tests/\$test\"
                AUTOPKGTEST_TMP=\$(mktemp -d) nice debian/tests/\$test
            done"'
fi
ls "$packages"/*.deb "$packages"/*.dsc
