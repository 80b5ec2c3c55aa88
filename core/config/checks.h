// core/config/checks.h: checks that involve more than one key: names used twice, keys that depend on each other.
// Thread: the one that loads the configuration.
#ifndef CONFIG_CHECKS_H
#define CONFIG_CHECKS_H

#include "config/schema.h"
#include "config/yaml_tree.h"

/** Checks the main file and fills defaults that come from other keys. @param root  NULL: an empty file */
void checks_main(struct report *report, const struct yaml_node *root, struct config *config);
/** Checks the users. @param list  the node that they were read from; NULL: there is none */
void checks_users(struct report *report, const struct yaml_node *list, struct config *config);
/** Checks the exports, after the users, and fills their names. @param root  of the main file, NULL: an empty file
 *  @param outside  users may be missing: config_load_outside() */
void checks_exports(struct report *report, const struct yaml_node *root, struct config *config, bool outside);
/** Notes which users' entries have another meaning than in earlier releases. @param list  as above */
void checks_note_users(struct report *notes, const struct yaml_node *list, const struct config *config);
/** Warns about settings that are allowed but probably not intended. */
void checks_warn(const struct config *config);

#endif
