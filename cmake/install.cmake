# `cmake --install BUILD --prefix P`: the program, its plugins, and what developers of plugins need. Included last.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(PLUGIN_DIR ${CMAKE_INSTALL_LIBDIR}/astmanproxy/plugins)
set(SCRIPT_DIR ${CMAKE_INSTALL_DATADIR}/astmanproxy/lua)
set(PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/astmanproxy)
set(GENERATED ${CMAKE_BINARY_DIR}/install)

# Where the program looks for plugins and scripts unless its configuration says otherwise: where they would be installed, if a prefix was
# chosen. Without one the program keeps the default that its documentation tells, whatever folder builds are tried in.
if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr/local")
    set_source_files_properties(${CMAKE_SOURCE_DIR}/core/config/schema.c PROPERTIES COMPILE_DEFINITIONS
                                "AMP_PLUGIN_DIR=\"${CMAKE_INSTALL_FULL_LIBDIR}/astmanproxy/plugins\";\
AMP_SCRIPT_DIR=\"${CMAKE_INSTALL_FULL_DATADIR}/astmanproxy/lua\"")
endif()

# --- the program and its plugins ----------------------------------------------------------------------------------
install(TARGETS astmanproxy RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS ampctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(folder IN LISTS PLUGIN_FOLDERS)
    cmake_path(GET folder FILENAME name)
    install(TARGETS plugin_${name} LIBRARY DESTINATION ${PLUGIN_DIR})
endforeach()

# Configuration: files of users are never overwritten. Their `plugins.path` is known only when the prefix is.
install(CODE "set(SOURCE \"${CMAKE_SOURCE_DIR}\")
set(GENERATED \"${GENERATED}\")
set(PLUGIN_DIR \"${PLUGIN_DIR}\")
set(SCRIPT_DIR \"${SCRIPT_DIR}\")
set(SYSCONFDIR \"${CMAKE_INSTALL_SYSCONFDIR}\")")
install(SCRIPT ${CMAKE_SOURCE_DIR}/cmake/install-config.cmake)

install(DIRECTORY lua/ DESTINATION ${SCRIPT_DIR})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY config examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN node_modules EXCLUDE
        PATTERN build EXCLUDE PATTERN .gitignore EXCLUDE)
install(DIRECTORY plugins DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN README.md)

# --- what plugins are built with ------------------------------------------------------------------------------------
install(FILES core/include/astmanproxy/plugin.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/astmanproxy)

set(INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR})
configure_package_config_file(cmake/astmanproxyConfig.cmake.in ${GENERATED}/astmanproxyConfig.cmake
                              INSTALL_DESTINATION ${PACKAGE_DIR} PATH_VARS INCLUDE_DIR PLUGIN_DIR)
write_basic_package_version_file(${GENERATED}/astmanproxyConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${GENERATED}/astmanproxyConfig.cmake ${GENERATED}/astmanproxyConfigVersion.cmake
        DESTINATION ${PACKAGE_DIR})

# The way from the .pc file back to the prefix, so that an installation can be moved.
set(PKGCONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH PREFIX_FROM_PC /${PKGCONFIG_DIR} /)
string(REGEX REPLACE "/$" "" PREFIX_FROM_PC "${PREFIX_FROM_PC}")
configure_file(cmake/astmanproxy.pc.in ${GENERATED}/astmanproxy.pc @ONLY)
install(FILES ${GENERATED}/astmanproxy.pc DESTINATION ${PKGCONFIG_DIR})
