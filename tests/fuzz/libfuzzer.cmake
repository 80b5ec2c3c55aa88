# The fuzz targets as libFuzzer programs. clang compiles the core once more into an archive of its own, whatever
# compiler the build uses, so that the normal build runs them as tests.
find_program(CLANG NAMES clang clang-14)
if(NOT CLANG)
    message(STATUS "clang not found: fuzz targets are replayed only")
    return()
endif()

set(fuzz_folder ${CMAKE_BINARY_DIR}/fuzz)
set(fuzz_flags -std=gnu11 -D_GNU_SOURCE= "-DAMP_VERSION=\"${PROJECT_VERSION}\"" -gline-tables-only -O1 -fno-omit-frame-pointer
    -fno-sanitize-recover=all -I${SOURCE}/core -I${SOURCE}/core/include -I${SOURCE} -I${CMAKE_BINARY_DIR}/generated ${LIBRARIES_CFLAGS})

function(compile_for_fuzzing source object)
    cmake_path(GET object PARENT_PATH folder)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${object}
        COMMAND ${CMAKE_C_COMPILER_LAUNCHER} ${CLANG} ${fuzz_flags} ${ARGN} -fsanitize=fuzzer-no-link,address,undefined -MD -MF ${object}.d -MT ${object}
                -c ${source} -o ${object}
        DEPENDS ${source} ${EVENT_ROWS} DEPFILE ${object}.d VERBATIM COMMENT "Compiling ${object} for fuzzing")
endfunction()

set(objects "")
foreach(source IN LISTS CORE_SOURCES TESTKIT_SOURCES)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${SOURCE})
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${SOURCE} OUTPUT_VARIABLE path)
    compile_for_fuzzing(${source} ${fuzz_folder}/${path}.o)
    list(APPEND objects ${fuzz_folder}/${path}.o)
endforeach()
add_custom_command(OUTPUT ${fuzz_folder}/libcore.a
    COMMAND ${CMAKE_COMMAND} -E rm -f ${fuzz_folder}/libcore.a
    COMMAND ${CMAKE_AR} rcs ${fuzz_folder}/libcore.a ${objects}
    DEPENDS ${objects} VERBATIM)

set(programs "")
foreach(source IN LISTS fuzz_targets)
    cmake_path(GET source STEM target)
    string(REGEX REPLACE "^fuzz_" "" name ${target})
    string(REGEX REPLACE "_.*" "" plugin ${name})
    compile_for_fuzzing(${source} ${fuzz_folder}/${target}.o ${plugin_${plugin}_CFLAGS})
    add_custom_command(OUTPUT ${fuzz_folder}/${target}
        COMMAND ${CLANG} -fsanitize=fuzzer,address,undefined ${fuzz_folder}/${target}.o ${fuzz_folder}/libcore.a
                ${LIBRARIES_LDFLAGS} ${plugin_${plugin}_LDFLAGS} -lpthread -ldl -o ${fuzz_folder}/${target}
        DEPENDS ${fuzz_folder}/${target}.o ${fuzz_folder}/libcore.a VERBATIM)
    list(APPEND programs ${fuzz_folder}/${target})
    file(STRINGS ${source} runs REGEX "^// Runs: [0-9]+") # what costs little can be tried more often
    string(REGEX MATCH "[0-9]+" runs "${runs};${AMP_FUZZ_RUNS}")
    add_test(NAME fuzz/${name} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/run.sh ${fuzz_folder}/${target} ${runs})
    set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 7200)
endforeach()
add_custom_target(libfuzzer ALL DEPENDS ${programs})
