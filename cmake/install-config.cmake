# Runs at installation, when the prefix is known: puts the configuration where it belongs, with the paths of the
# plugins and scripts that are installed beside it. A file that is there already stays as it is.
set(prefix ${CMAKE_INSTALL_PREFIX})
if(IS_ABSOLUTE "${SYSCONFDIR}")
    set(folder ${SYSCONFDIR}/astmanproxy)
elseif(prefix STREQUAL "/usr")
    set(folder /etc/astmanproxy)
else()
    set(folder ${prefix}/${SYSCONFDIR}/astmanproxy)
endif()
cmake_path(ABSOLUTE_PATH PLUGIN_DIR BASE_DIRECTORY ${prefix} OUTPUT_VARIABLE plugins)
cmake_path(ABSOLUTE_PATH SCRIPT_DIR BASE_DIRECTORY ${prefix} OUTPUT_VARIABLE scripts)

foreach(name IN ITEMS astmanproxy.yaml users.yaml)
    if(EXISTS $ENV{DESTDIR}${folder}/${name})
        message(STATUS "Kept: $ENV{DESTDIR}${folder}/${name}")
        continue()
    endif()
    file(READ ${SOURCE}/config/${name} text)
    string(REPLACE "/usr/lib/astmanproxy/plugins" "${plugins}" text "${text}")
    string(REPLACE "/usr/share/astmanproxy/lua" "${scripts}" text "${text}")
    file(WRITE ${GENERATED}/${name} "${text}")
    file(INSTALL DESTINATION ${folder} TYPE FILE FILES ${GENERATED}/${name}
         PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ) # it will hold secrets
endforeach()
