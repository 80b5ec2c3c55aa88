#!/bin/sh
# Runs tests/run.sh in a release of Debian, in a system of its own that mmdebstrap makes: with the compilers, libraries and
# tools of that release, and without a network. Needs root, and Debian's archive; also npm's, unless tests/run.sh has
# installed here what the tests need of it.
#
#   contrib/ci/tests.sh SUITE [OPTION OF run.sh]…     SUITE: bookworm (12) or trixie (13)
#
# Everything is built again each time. The system is kept in build/ci (AMP_CI_FOLDER); its logs are in /source/build there.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=contrib/ci/tree.sh
. "$source/contrib/ci/tree.sh"
suite=${1:-}
case $suite in
bookworm | trixie) shift ;;
*) usage 8 ;;
esac
need dpkg-dev
tree=$work/$suite-tests
sources=$("$source/contrib/debian-source.sh" "$work/source-$suite-tests" | tail -n 1)
rm -r "$sources/debian"
if [ -d "$source/build/clients" ]; then
    mkdir "$sources/build"
    cp -R "$source/build/clients" "$sources/build"
fi

make_tree "$tree" "$suite" --variant=minbase --include=ca-certificates \
    --customize-hook="cp -R '$sources' \"\$1/source\"" \
    --customize-hook='chroot "$1" /source/tests/run.sh --install'

find "$tree/source" -mindepth 1 -maxdepth 1 ! -name build -exec rm -r {} +
find "$tree/source/build" -mindepth 1 -maxdepth 1 ! -name clients -exec rm -r {} +
rm -rf "$sources/build"
cp -R "$sources/." "$tree/source"
in_tree "$tree" /source/tests/run.sh "$@"
