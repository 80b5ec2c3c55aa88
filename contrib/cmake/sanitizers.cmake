# contrib/cmake/sanitizers.cmake: what AMP_SANITIZE asks for, added to amp_options; included by CMakeLists.txt.
#
# Nearly each system test starts a proxy and a simulator, and with sanitizers each start is slow. So programs have a fixed
# address, and those that are started often contain the sanitizers, which gcc would load as shared libraries. With
# --as-needed beside it, a start of the simulator has half of the page faults, one of the proxy three quarters.
include(CheckLinkerFlag)

# For a program that tests start often.
function(contain_sanitizers target)
    if(AMP_SANITIZE AND AMP_SANITIZERS_INSIDE)
        target_link_options(${target} PRIVATE ${SANITIZERS_INSIDE})
    endif()
endfunction()

if(NOT AMP_SANITIZE)
    return()
endif()

set(IS_PROGRAM $<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>)
set(IS_PLUGIN $<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>)

target_compile_options(amp_options INTERFACE -fsanitize=${AMP_SANITIZE} -fno-sanitize-recover=all
                                             -fno-omit-frame-pointer)

set(SANITIZERS_INSIDE "")
set(KINDS address undefined thread)
set(LIBRARIES_OF_KINDS asan ubsan tsan)
foreach(kind library IN ZIP_LISTS KINDS LIBRARIES_OF_KINDS)
    if(AMP_SANITIZE MATCHES ${kind})
        list(APPEND SANITIZERS_INSIDE -static-lib${library} -Wl,--export-dynamic-symbol=__${library}_*)
    endif()
endforeach()
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    check_linker_flag(C "-fsanitize=${AMP_SANITIZE};${SANITIZERS_INSIDE}" AMP_SANITIZERS_INSIDE)
endif()
if(AMP_SANITIZERS_INSIDE)
    # Plugins use the sanitizers of the program that loads them: they must not bring a second copy.
    target_link_options(amp_options INTERFACE $<$<NOT:${IS_PLUGIN}>:-fsanitize=${AMP_SANITIZE}>)
else()
    target_link_options(amp_options INTERFACE -fsanitize=${AMP_SANITIZE})
endif()

# Some 280 programs are linked for the tests: lld takes a third of the time of ld.
find_program(LLD ld.lld)
if(LLD)
    target_link_options(amp_options INTERFACE -fuse-ld=lld)
endif()
if(AMP_SANITIZE MATCHES "address")
    target_link_libraries(amp_options INTERFACE $<${IS_PROGRAM}:-no-pie>)
endif()
