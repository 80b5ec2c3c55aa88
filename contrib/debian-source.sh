#!/bin/sh
# Makes FOLDER/astmanproxy-VERSION, a tree of these sources that Debian's tools build: debian/ is contrib/debian/. All times
# in it are that of the changelog. The last line is its path.
#
#   contrib/debian-source.sh FOLDER
#
# AMP_MAINTAINER="NAME <ADDRESS>": who answers for the packages; whoever builds them for others sets it.
set -eu
umask 022
source=$(cd "$(dirname "$0")/.." && pwd)
case ${1:--} in
-*)
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
version=$(sed -n 's/^project(astmanproxy VERSION \([0-9.]*\) .*/\1/p' "$source/CMakeLists.txt")
packaged=$(sed -n '1s/^[^(]*(\(.*\)).*/\1/p' "$source/contrib/debian/changelog")
if [ "$version" != "$packaged" ]; then
    echo "debian-source: CMakeLists.txt has version $version, the first entry of contrib/debian/changelog has $packaged" >&2
    exit 1
fi
tree=$1/astmanproxy-$version
rm -rf "$tree"
mkdir -p "$tree"

# Names of the files: what git knows or would add; all but builds where there is no repository.
list() {
    if ! git -C "$source" ls-files -z --cached --others --exclude-standard 2>/dev/null; then
        cd "$source" && find . \( -path './build*' -o -path ./debian -o -name .git -o -name node_modules -o -name __pycache__ \) -prune \
            -o -type f -print0
    fi
}

date=$(sed -n '/^ -- /{s/.*>  //p;q}' "$source/contrib/debian/changelog")
# A file that git knows and that is gone is none of the sources any more.
list | (cd "$source" && xargs -0 sh -c 'for name; do [ ! -e "$name" ] || printf "%s\0" "$name"; done' sh) |
    tar -C "$source" --null --verbatim-files-from --no-recursion -T - --mode=u+w,go-w,a+rX -cf - |
    tar -C "$tree" -xf -
cp -R "$tree/contrib/debian" "$tree/debian"
if [ -n "${AMP_MAINTAINER-}" ]; then
    name=$(printf '%s\n' "$AMP_MAINTAINER" | sed 's/[\\&|]/\\&/g')
    sed -i "s|^Maintainer: .*|Maintainer: $name|" "$tree/debian/control"
    sed -i "s|^ -- .*>  | -- $name  |" "$tree/debian/changelog"
fi
find "$tree" -exec touch -h -d "$date" {} +
echo "$tree"
