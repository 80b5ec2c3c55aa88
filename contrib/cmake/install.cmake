# `cmake --install BUILD [--prefix P]`: component `program` is what operators run, `dev` what plugins are built with. Included last.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(PLUGIN_DIR lib/astmanproxy/plugins) # below the prefix; `lib` on every system: they are nobody else's libraries
set(SCRIPT_DIR ${CMAKE_INSTALL_DATADIR}/astmanproxy/lua)
set(PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/astmanproxy)
set(UNIT_DIR lib/systemd/system)
set(GENERATED ${CMAKE_BINARY_DIR}/install)

# Where the program looks for its configuration, plugins and scripts unless it is told: below the prefix. /usr/local is what CMake
# says where nobody chose, and so stands for /usr, as packages and the documentation have it; AMP_HOME says that it is meant.
# What is installed to another prefix finds everything by its configuration, which is written at installation.
set(AMP_HOME "" CACHE PATH "Prefix that the program looks below by itself; default: CMAKE_INSTALL_PREFIX, /usr for /usr/local")
set(HOME_PREFIX ${CMAKE_INSTALL_PREFIX})
if(AMP_HOME)
    set(HOME_PREFIX ${AMP_HOME})
elseif(HOME_PREFIX STREQUAL "/usr/local")
    set(HOME_PREFIX /usr)
endif()
if(NOT HOME_PREFIX STREQUAL "/usr")
    cmake_path(ABSOLUTE_PATH SCRIPT_DIR BASE_DIRECTORY ${HOME_PREFIX} OUTPUT_VARIABLE home_scripts)
    cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_SYSCONFDIR BASE_DIRECTORY ${HOME_PREFIX} OUTPUT_VARIABLE home_config)
    set_source_files_properties(${CMAKE_SOURCE_DIR}/core/config/schema.c PROPERTIES COMPILE_DEFINITIONS
                                "AMP_PLUGIN_DIR=\"${HOME_PREFIX}/${PLUGIN_DIR}\";AMP_SCRIPT_DIR=\"${home_scripts}\"")
    set_source_files_properties(${CMAKE_SOURCE_DIR}/core/run/options.c ${CMAKE_SOURCE_DIR}/contrib/ampctl/options.c
                                PROPERTIES COMPILE_DEFINITIONS
                                "AMP_CONFIG_FILE=\"${home_config}/astmanproxy/astmanproxy.yaml\"")
endif()

# --- what operators run ---------------------------------------------------------------------------------------------
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME program)
install(TARGETS astmanproxy RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(TARGETS ampctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
foreach(folder IN LISTS PLUGIN_FOLDERS)
    cmake_path(GET folder FILENAME name)
    install(TARGETS plugin_${name} LIBRARY DESTINATION ${PLUGIN_DIR})
endforeach()
install(DIRECTORY lua/ DESTINATION ${SCRIPT_DIR} PATTERN README.md EXCLUDE)
install(FILES contrib/completion/ampctl DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(PROGRAMS contrib/migrate/astmanproxy-migrate DESTINATION ${CMAKE_INSTALL_DATADIR}/astmanproxy/migrate)
install(DIRECTORY contrib/migrate/ DESTINATION ${CMAKE_INSTALL_DATADIR}/astmanproxy/migrate FILES_MATCHING PATTERN *.py)
install(DIRECTORY examples/dashboard/ DESTINATION ${CMAKE_INSTALL_DATADIR}/astmanproxy/dashboard
        FILES_MATCHING PATTERN *.html PATTERN *.css PATTERN *.js)

# Documentation, in the folders of the sources, so that its links hold.
set(no_sources PATTERN node_modules EXCLUDE PATTERN build EXCLUDE PATTERN .gitignore EXCLUDE PATTERN .luacheckrc EXCLUDE
               PATTERN __pycache__ EXCLUDE)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY config examples DESTINATION ${CMAKE_INSTALL_DOCDIR} ${no_sources})
install(DIRECTORY plugins lua DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN README.md)
install(DIRECTORY contrib/guides contrib/grafana DESTINATION ${CMAKE_INSTALL_DOCDIR}/contrib OPTIONAL ${no_sources})
install(FILES contrib/migrate/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/contrib/migrate)

# What names paths is written when the prefix is known: configuration, units, manual pages.
foreach(name IN ITEMS PLUGIN_DIR SCRIPT_DIR UNIT_DIR GENERATED CMAKE_SOURCE_DIR CMAKE_INSTALL_SYSCONFDIR
        CMAKE_INSTALL_SBINDIR CMAKE_INSTALL_MANDIR CMAKE_INSTALL_DOCDIR)
    string(APPEND variables "set(${name} \"${${name}}\")\n")
endforeach()
install(CODE "${variables}set(PART program)")
install(SCRIPT ${CMAKE_SOURCE_DIR}/contrib/cmake/install-texts.cmake)

# --- what plugins are built with ------------------------------------------------------------------------------------
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME dev)
install(CODE "${variables}set(PART dev)")
install(SCRIPT ${CMAKE_SOURCE_DIR}/contrib/cmake/install-texts.cmake)
install(FILES core/include/astmanproxy/plugin.h core/include/astmanproxy/catalogue.h core/include/astmanproxy/testing.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/astmanproxy)
install(TARGETS astmanproxy-testing LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})

set(INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR})
set(LIB_DIR ${CMAKE_INSTALL_LIBDIR})
if(AMP_SANITIZE) # a library with sanitizers wants them in the program, too
    set(TESTING_FLAGS -fsanitize=${AMP_SANITIZE})
endif()
configure_package_config_file(contrib/cmake/astmanproxyConfig.cmake.in ${GENERATED}/astmanproxyConfig.cmake
                              INSTALL_DESTINATION ${PACKAGE_DIR} PATH_VARS INCLUDE_DIR LIB_DIR PLUGIN_DIR)
write_basic_package_version_file(${GENERATED}/astmanproxyConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${GENERATED}/astmanproxyConfig.cmake ${GENERATED}/astmanproxyConfigVersion.cmake
        DESTINATION ${PACKAGE_DIR})

# The way from the .pc file back to the prefix, so that an installation can be moved.
set(PKGCONFIG_DIR ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH PREFIX_FROM_PC /${PKGCONFIG_DIR} /)
string(REGEX REPLACE "/$" "" PREFIX_FROM_PC "${PREFIX_FROM_PC}")
foreach(name IN ITEMS astmanproxy astmanproxy-testing)
    configure_file(contrib/cmake/${name}.pc.in ${GENERATED}/${name}.pc @ONLY)
    install(FILES ${GENERATED}/${name}.pc DESTINATION ${PKGCONFIG_DIR})
endforeach()
