#!/bin/sh
# Is luacheck silent about the Lua that comes with the program?
set -eu
cd "$(dirname "$0")/.."
exec luacheck --no-color --config lua/.luacheckrc lua examples
