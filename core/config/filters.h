// core/config/filters.h: which scripts judge what a user sees and does, with their options.  Thread: any, once loaded.
#ifndef CONFIG_FILTERS_H
#define CONFIG_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

/** A value of the configuration that means something to a script only. */
enum option_kind { OPTION_NIL, OPTION_FLAG, OPTION_NUMBER, OPTION_TEXT, OPTION_LIST, OPTION_MAP };
struct option_value {
    enum option_kind kind;
    bool flag;
    double number;
    char *text;
    size_t count;               // of a list or map
    struct option_value *items; // `count` of them
    char **keys;                // of a map: `count` of them
};

/** One entry of `filters:`. */
struct filter_config {
    char *name; // of the script
    bool observe;
    struct option_value options; // OPTION_NIL: none
};

struct filter_list {
    struct filter_config *items;
    size_t count;
};

#endif
