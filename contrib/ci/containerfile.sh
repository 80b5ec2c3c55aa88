#!/bin/sh
# Makes the container image as contrib/oci/Containerfile says, with buildah, and runs it with crun as test_oci.py says. No
# registry is asked: the images that it begins with are made by mmdebstrap. Needs root and Debian's archive.
#
#   contrib/ci/containerfile.sh
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=contrib/ci/tree.sh
. "$source/contrib/ci/tree.sh"
[ $# -eq 0 ] || usage 5
need dpkg-dev buildah umoci crun python3-pytest python3-yaml
suite=$(sed -n 's/^FROM debian:\([a-z]*\) .*/\1/p' "$source/contrib/oci/Containerfile")
folder=$work/containerfile
sources=$("$source/contrib/debian-source.sh" "$folder/source" | tail -n 1)
rm -r "$sources/debian" # what is left is what a clone has

# build COMMAND…: images of its own, not those of this machine.
build() {
    nice buildah --root "$folder/images" --runroot "$folder/run" "$@"
}

if ! build images -q "debian:$suite" >/dev/null 2>&1; then
    # What mmdebstrap takes from this machine is not in Debian's images.
    mmdebstrap --variant=minbase --customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"' "$suite" "$folder/base.tar"
    base=$(build from scratch)
    build add -q "$base" "$folder/base.tar" /
    build commit -q --rm "$base" "docker.io/library/debian:$suite"
    build tag "docker.io/library/debian:$suite" "docker.io/library/debian:$suite-slim"
fi
build bud --isolation chroot --pull-never --format docker \
    -f "$sources/contrib/oci/Containerfile" -t astmanproxy "$sources"
build inspect --type image --format '{{.Docker.Config.Healthcheck}}' astmanproxy | grep -qF '[CMD ampctl --timeout 5 status]' ||
    die "the image says nothing of its health"
rm -rf "$folder/layout" "$folder/bundle"
build push -q astmanproxy "oci:$folder/layout:astmanproxy"
test_image "$folder/layout:astmanproxy" "$folder/bundle"
