# What the xml plugin needs: expat.
pkg_check_modules(EXPAT REQUIRED IMPORTED_TARGET expat)
target_link_libraries(plugin_xml PRIVATE PkgConfig::EXPAT)
set(plugin_xml_LDFLAGS ${EXPAT_LDFLAGS}) # for fuzz targets, which clang links
