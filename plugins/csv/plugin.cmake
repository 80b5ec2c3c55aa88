# What the csv plugin needs: libcsv, which has no pkg-config file.
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
target_include_directories(plugin_csv SYSTEM PRIVATE ${CSV_INCLUDE_DIR})
target_link_libraries(plugin_csv PRIVATE ${CSV_LIBRARY})
set(plugin_csv_LDFLAGS ${CSV_LIBRARY}) # for fuzz targets, which clang links
