// tests/fuzz/fuzz_config.c: any bytes as a configuration: a config or a report with a place, never both, never neither.
// Runs: 40000
#include "config/load.h"

#include <stdint.h>
#include <stdlib.h>

#define INPUT_LIMIT ((size_t)16 * 1024) // libyaml is quadratic here and there; more teaches nothing new

/** No file of this machine is opened, whatever the input names: all have this content. */
static const char other_file[] = "users:\n  - name: a\n    secret: b\n";

static bool read_nothing(const char *path, size_t limit, struct source *source, struct error *err)
{
    if (strstr(path, "missing") != NULL || limit < sizeof other_file)
        return error_set(err, "no such file");
    source_init(source, path, span_of(other_file), 0600);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > INPUT_LIMIT)
        return 0;
    log_set_level(LOG_LEVEL_ERROR); // warnings about odd configurations are no news here
    char *errors = NULL;
    struct config *config =
        config_parse("/fuzz/f.yaml", (struct span){(const char *)data, size}, 0600, read_nothing, &errors);
    if ((config == NULL) == (errors == NULL))
        abort();
    if (errors != NULL && strncmp(errors, "/fuzz/", 6) != 0)
        abort();
    if (config != NULL && (config->listen_count == 0 || config->workers == 0 || config->log.to == NULL))
        abort();
    config_unref(config);
    free(errors);
    return 0;
}
