# What the json plugin needs: jansson.
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
target_link_libraries(plugin_json PRIVATE PkgConfig::JANSSON)
set(plugin_json_LDFLAGS ${JANSSON_LDFLAGS}) # for fuzz targets, which clang links
