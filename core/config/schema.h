// core/config/schema.h: every key of the configuration, a row each. Thread: any; constant.
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/config.h"
#include "config/exposure.h"
#include "config/settings.h"

enum file_permissions { PERMISSIONS_REFUSE, PERMISSIONS_ALLOW };

/** A config and what only its loading needs. */
struct config_store {
    struct config config; // first: a pointer to one is a pointer to the other
    char *users_file;     // NULL: none
    enum file_permissions permissions, users_permissions;
    struct exposures exposures;
};

/** Where the control socket is if `control.path` is absent. */
#define CONTROL_PATH "/run/astmanproxy/control"
/** The plugins that are loaded if `plugins.load` is absent: those that come with the program. */
#define SCHEMA_PLUGINS "http xml json csv standard"

// For the tables.
#define MS_MAX (UINT64_C(24) * 3600 * 1000) // a day
#define KIB UINT64_C(1024)
#define MIB (KIB * 1024)

#define AT(type, field) .offset = offsetof(struct type, field)
// clang-format off
#define END {.key = NULL}
// clang-format on

/** Rows of the section `cluster`. */
extern const struct setting schema_cluster[];
/** Rows of the main file and of the users file, both for struct config_store. */
extern const struct setting schema_main[];
extern const struct setting schema_users[];

#endif
