#!/bin/sh
# Makes an OCI image of the package, without a container engine: mmdebstrap installs the package and what it needs into an
# empty system, umoci makes an image of that. Needs Debian's archive; as root. The last line is the image, an archive.
#
#   contrib/oci/build.sh [--suite SUITE] PACKAGE [FOLDER]
#     --suite SUITE   the release of Debian that PACKAGE was built for; default: this machine's
#     FOLDER          where the image goes; default: build/oci
set -eu
umask 022
source=$(cd "$(dirname "$0")/../.." && pwd)
usage() {
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
if [ "${1-}" = --suite ] && [ $# -gt 1 ]; then
    suite=$2
    shift 2
fi
case ${1:--} in
-*) usage ;;
esac
package=$(realpath "$1")
folder=${2:-$source/build/oci}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
"$source/contrib/install-packages.sh" mmdebstrap umoci

version=$(dpkg-deb -f "$package" Version)
architecture=$(dpkg-deb -f "$package" Architecture)
image=astmanproxy_${version}_$architecture.oci.tar
# The date of everything in the image, so that two images of the same packages are equal.
SOURCE_DATE_EPOCH=$(date -d "$(sed -n 's/^ -- .*>  //p' "$source/contrib/debian/changelog" | head -n 1)" +%s)
export SOURCE_DATE_EPOCH
date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$work"
libraries=$(dpkg-deb -f "$package" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g')
# The hook runs this script's helpers in the system; dpkg is there, apt is not.
mmdebstrap --variant=essential --architectures="$architecture" --include="ca-certificates,$libraries" \
    --essential-hook="chroot \"\$1\" sh <'$source/contrib/oci/user.sh'" \
    --customize-hook="cp '$package' \"\$1/package.deb\"" \
    --customize-hook='chroot "$1" dpkg -i /package.deb && rm "$1/package.deb"' \
    --customize-hook="chroot \"\$1\" sh <'$source/contrib/oci/finish.sh'" \
    --customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"' \
    "$suite" "$work/layer.tar"

layout=$work/layout
umoci init --layout "$layout"
umoci new --image "$layout:$version"
umoci raw add-layer --image "$layout:$version" --history.created "$date" --history.created_by "mmdebstrap $suite" \
    "$work/layer.tar"
umoci config --image "$layout:$version" --no-history --created "$date" --os linux --architecture "$architecture" \
    --config.user 10001:10001 --config.volume /etc/astmanproxy --config.exposedports 1234/tcp \
    --config.stopsignal SIGTERM --config.entrypoint /usr/sbin/astmanproxy \
    --config.cmd -f --config.cmd -c --config.cmd /etc/astmanproxy/astmanproxy.yaml \
    --config.env PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    --config.label org.opencontainers.image.title=astmanproxy \
    --config.label "org.opencontainers.image.version=$version"
umoci gc --layout "$layout"
tar -C "$layout" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf "$folder/$image" .
echo "$folder/$image"
