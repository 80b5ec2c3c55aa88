#!/bin/sh
# Makes the OCI image (contrib/oci/build.sh), twice, and runs it with crun as test_oci.py says. Needs root and Debian's archive.
#
#   contrib/ci/oci.sh SUITE [FOLDER]     SUITE: bookworm (12) or trixie (13)
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
need umoci crun python3-pytest python3-yaml

folder=$work/oci-$suite
rm -rf "$folder"
mkdir -p "$folder/again"
image=$("$source/contrib/oci/build.sh" --suite "$suite" "$package" "$folder" | tail -n 1)
again=$("$source/contrib/oci/build.sh" --suite "$suite" "$package" "$folder/again" | tail -n 1)
cmp "$image" "$again" || die "two images of one package differ"
mkdir "$folder/layout"
tar -C "$folder/layout" -xf "$image"
test_image "$folder/layout:$(dpkg-deb -f "$package" Version)" "$folder/bundle"
