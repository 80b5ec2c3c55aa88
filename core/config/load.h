// core/config/load.h: loading from bytes, for config_load(), tests and the fuzzer. Thread: any.
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "config/config.h"
#include "config/source.h"

/** config_load() for a main file that is in memory. @param path  its name in errors and the start of relative paths
 *  @param mode  its permission bits; @param read  reads users_file and secret_file */
struct config *config_parse(const char *path, struct span bytes, unsigned mode, source_reader *read, char **errors);

#endif
