# `cpack -G DEB` in a build folder: astmanproxy_VERSION_ARCH.deb and astmanproxy-dev_VERSION_ARCH.deb. contrib/build-deb.sh does it all.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME astmanproxy)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "proxy for the Asterisk Manager Interface")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(AMP_MAINTAINER "astmanproxy maintainers <maintainers@astmanproxy.example>" CACHE STRING
    "Whom packages name: who builds them for others says who answers for them")
set(CPACK_PACKAGE_CONTACT ${AMP_MAINTAINER})
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
                                                WORLD_READ WORLD_EXECUTE)
# The tree of a Linux system, whatever prefix this build is tried in.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL program dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/contrib/cmake/package-finish.cmake)
set(CPACK_AMP_SOURCE ${CMAKE_SOURCE_DIR})

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME astmanproxy)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "adduser") # libraries are added to it
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SUGGESTS "logrotate, nats-server, python3, whois")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "Holds one manager connection to each Asterisk and serves many clients:
wallboards, diallers, browsers and scripts, each with its own rights,
filters and format (AMI, JSON, XML, CSV) over TCP, TLS, HTTP, server-sent
events and WebSockets.")
set(debian ${CMAKE_SOURCE_DIR}/contrib/debian)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA ${debian}/postinst ${debian}/prerm ${debian}/postrm ${debian}/conffiles)

set(CPACK_DEBIAN_DEV_PACKAGE_NAME astmanproxy-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS ON) # of the test kit
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "astmanproxy (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS "cmake, pkg-config")
set(CPACK_COMPONENT_DEV_DESCRIPTION "What plugins of astmanproxy are built and tested with: the header of the plugin
interface, its manual page, a CMake package, pkg-config files and a
library for unit tests.")
include(CPack)
