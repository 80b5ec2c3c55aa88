# contrib/cmake/sanitizers.cmake: what AMP_SANITIZE asks for, added to amp_options; included by CMakeLists.txt.
#
# Tests start programs some 6,000 times, and with sanitizers each start is slow. So programs have a fixed address, contain the
# sanitizers (gcc would load them as shared libraries), and load only libraries that they need: together less than half of the
# page faults of a start.
include(CheckLinkerFlag)

set(IS_PROGRAM $<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>)
set(IS_PLUGIN $<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>)

target_compile_options(amp_options INTERFACE -fsanitize=${AMP_SANITIZE} -fno-sanitize-recover=all
                                             -fno-omit-frame-pointer)

set(SANITIZERS_INSIDE "")
foreach(pair IN ITEMS address=asan undefined=ubsan thread=tsan)
    string(REPLACE "=" ";" pair ${pair})
    list(GET pair 0 sanitizer)
    list(GET pair 1 library)
    if(AMP_SANITIZE MATCHES ${sanitizer})
        list(APPEND SANITIZERS_INSIDE -static-lib${library})
    endif()
endforeach()
set(SANITIZERS_EXPORTED "-Wl,--export-dynamic-symbol=__asan_*" "-Wl,--export-dynamic-symbol=__ubsan_*"
                        "-Wl,--export-dynamic-symbol=__tsan_*")
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    check_linker_flag(C "-fsanitize=${AMP_SANITIZE};${SANITIZERS_INSIDE};${SANITIZERS_EXPORTED}" AMP_SANITIZERS_INSIDE)
endif()
if(AMP_SANITIZERS_INSIDE)
    # Plugins use the sanitizers of the program that loads them, which exports these: two would not work.
    target_link_options(amp_options INTERFACE $<$<NOT:${IS_PLUGIN}>:-fsanitize=${AMP_SANITIZE}>
                                              "$<${IS_PROGRAM}:${SANITIZERS_INSIDE}>")
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
