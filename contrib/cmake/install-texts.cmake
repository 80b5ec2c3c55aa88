# Runs at installation, when the prefix is known: puts texts that name paths where they belong, with the paths of this
# installation in them. PART: `program` or `dev`, which has the manual pages of section 3 alone.
set(prefix ${CMAKE_INSTALL_PREFIX})

if(prefix STREQUAL "/usr" AND NOT IS_ABSOLUTE "${CMAKE_INSTALL_SYSCONFDIR}")
    set(etc /etc)
else()
    cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_SYSCONFDIR BASE_DIRECTORY ${prefix} OUTPUT_VARIABLE etc)
endif()
foreach(name IN ITEMS PLUGIN_DIR SCRIPT_DIR UNIT_DIR CMAKE_INSTALL_SBINDIR CMAKE_INSTALL_MANDIR CMAKE_INSTALL_DOCDIR)
    cmake_path(ABSOLUTE_PATH ${name} BASE_DIRECTORY ${prefix} OUTPUT_VARIABLE ${name})
endforeach()

# place(SOURCE FOLDER PERMISSION…): installs a text, its paths exchanged.
function(place source folder)
    cmake_path(GET source FILENAME name)
    file(READ ${source} text)
    string(REPLACE "/usr/lib/astmanproxy/plugins" "${PLUGIN_DIR}" text "${text}")
    string(REPLACE "/usr/share/astmanproxy/lua" "${SCRIPT_DIR}" text "${text}")
    string(REPLACE "/usr/share/doc/astmanproxy" "${CMAKE_INSTALL_DOCDIR}" text "${text}")
    string(REPLACE "/usr/sbin/astmanproxy" "${CMAKE_INSTALL_SBINDIR}/astmanproxy" text "${text}")
    string(REPLACE "/etc/astmanproxy" "${etc}/astmanproxy" text "${text}")
    string(RANDOM LENGTH 12 own) # two installations at once must not meet
    file(WRITE ${GENERATED}/${own}/${name} "${text}")
    file(INSTALL DESTINATION ${folder} TYPE FILE FILES ${GENERATED}/${own}/${name} PERMISSIONS ${ARGN})
    file(REMOVE_RECURSE ${GENERATED}/${own})
endfunction()

set(everybody OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
file(GLOB pages ${CMAKE_SOURCE_DIR}/contrib/man/*.[1-9])
foreach(page IN LISTS pages)
    cmake_path(GET page EXTENSION LAST_ONLY section)
    string(SUBSTRING ${section} 1 1 section)
    if((section EQUAL 3 AND PART STREQUAL "dev") OR (NOT section EQUAL 3 AND PART STREQUAL "program"))
        place(${page} ${CMAKE_INSTALL_MANDIR}/man${section} ${everybody})
    endif()
endforeach()
if(PART STREQUAL "dev")
    return()
endif()

place(${CMAKE_SOURCE_DIR}/contrib/systemd/astmanproxy.service ${UNIT_DIR} ${everybody})
place(${CMAKE_SOURCE_DIR}/contrib/systemd/astmanproxy.socket ${UNIT_DIR} ${everybody})
place(${CMAKE_SOURCE_DIR}/contrib/logrotate/astmanproxy ${etc}/logrotate.d ${everybody})

# Files that users have written to stay as they are. They will hold secrets.
foreach(name IN ITEMS astmanproxy.yaml users.yaml environment)
    if(EXISTS $ENV{DESTDIR}${etc}/astmanproxy/${name})
        message(STATUS "Kept: $ENV{DESTDIR}${etc}/astmanproxy/${name}")
    else()
        place(${CMAKE_SOURCE_DIR}/config/${name} ${etc}/astmanproxy OWNER_READ OWNER_WRITE GROUP_READ)
    endif()
endforeach()
