# Runs in cpack between installation and packing: what Debian wants of a package's documentation.
string(TIMESTAMP PACKAGE_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH, if it is set
set(PROJECT_VERSION ${CPACK_PACKAGE_VERSION})

function(compress)
    execute_process(COMMAND gzip -9nf ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(part IN ITEMS program dev)
    set(root ${CPACK_TEMPORARY_DIRECTORY}/${part})
    if(part STREQUAL "program")
        set(doc ${root}/usr/share/doc/astmanproxy)
        file(CHMOD ${root}/etc/astmanproxy PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE)
    else()
        set(doc ${root}/usr/share/doc/astmanproxy-dev)
    endif()
    file(MAKE_DIRECTORY ${doc})
    file(COPY ${CPACK_AMP_SOURCE}/contrib/debian/copyright DESTINATION ${doc})
    configure_file(${CPACK_AMP_SOURCE}/contrib/debian/changelog ${doc}/changelog @ONLY)
    compress(${doc}/changelog)
    cmake_path(GET doc FILENAME package)
    configure_file(${CPACK_AMP_SOURCE}/contrib/debian/${package}.lintian-overrides
                   ${root}/usr/share/lintian/overrides/${package} COPYONLY)
    file(GLOB_RECURSE pages ${root}/usr/share/man/*.[1-9])
    if(pages)
        compress(${pages})
    endif()
endforeach()
