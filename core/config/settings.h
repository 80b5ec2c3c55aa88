// core/config/settings.h: one mechanism reads every section. A row per key has its type, the field for the value, its
// default, its range and its purpose. Thread: the one that loads the configuration.
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "config/report.h"
#include "config/source.h"
#include "config/yaml_tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
    SETTING_TEXT,         // char *: no control characters, not empty
    SETTING_PATH,         // char *: relative to the folder of the file that names it
    SETTING_LOG_TARGET,   // char *: stderr, syslog or a path with a slash
    SETTING_SECRET,       // char *: a text or ${ENVIRONMENT}
    SETTING_SECRET_FILE,  // char *, the field of the SETTING_SECRET beside it: content of a file
    SETTING_SECRET_LINES, // char *: content of a file of several lines, whose path is the value
    SETTING_BOOL,         // bool
    SETTING_CHOICE,       // enum whose values are the places in `choices`
    SETTING_PORT,         // uint16_t
    SETTING_COUNT32,      // uint32_t, min to max
    SETTING_COUNT,        // uint64_t, min to max
    SETTING_WORKERS,      // uint32_t: auto or min to max
    SETTING_DURATION,     // uint64_t: milliseconds, min to max
    SETTING_SIZE,         // uint64_t: bytes, min to max
    SETTING_NAMES,        // char **, count at count_offset
    SETTING_PATHS,        // the same of SETTING_PATH; a path alone is a list of one
    SETTING_URLS,         // char **, count at count_offset: of NATS servers
    SETTING_CLASSES,      // uint32_t: bits of a list of event classes
    SETTING_EVENTS,       // char *: on, off or a list of event classes, joined by commas
    SETTING_FILTERS,      // struct filter_list
    SETTING_NETWORKS,     // struct network_list
    SETTING_ORIGINS,      // struct origin_list
    SETTING_SECTION,      // `rows` read into the same struct
    SETTING_LIST,         // element *, each read by `rows`; count at count_offset
};

/** One key. A table of rows ends with a row without key. */
struct setting {
    const char *key;
    enum setting_type type;
    size_t offset;        // of the field in the struct that the table is for
    size_t count_offset;  // SETTING_NAMES, SETTING_PATHS, SETTING_LIST
    const char *fallback; // as written in the file; for lists: names with commas between; NULL: zero, NULL or empty
    uint64_t min, max;
    const char *const *choices; // ends with NULL
    bool required;
    bool restart;               // a change needs a restart
    bool may_hash;              // SETTING_SECRET: a hash of crypt(3) is accepted
    const struct setting *rows; // SETTING_SECTION, SETTING_LIST
    size_t element_size;        // SETTING_LIST
    const char *help;           // a sentence for manuals
};

struct exposures;

/** What readers of values may need besides the value. */
struct settings {
    struct report *report;
    struct report *notes;        // notes that are not errors
    struct source *source;       // the file being read
    source_reader *read;         // for secret_file
    struct exposures *exposures; // files with secrets; NULL: not asked for
    bool outside;                // secrets that only the proxy can read may be missing
    /** Does a key without a row belong to somebody else, such as a plugin? NULL: never. */
    bool (*is_foreign)(const struct yaml_node *map, const char *key);
};

enum value_result { VALUE_GOOD, VALUE_WRONG, VALUE_REPORTED };

/** Reads the mapping `map` (NULL: all defaults) into the struct at `base`, which must be zeroed before the first read.
 *  Errors go to the report; fields with errors may be zero or NULL. The owner of `base` calls settings_free(). */
void settings_read(struct settings *settings, const struct yaml_node *map, const struct setting *rows, void *base);
/** Frees what settings_read() allocated in `base`, not `base`. */
void settings_free(const struct setting *rows, void *base);
/** The row of a key; NULL if there is none. */
const struct setting *settings_find(const struct setting *rows, const char *key);

#endif
