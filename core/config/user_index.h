// core/config/user_index.h: finds users by name; there may be a hundred thousand. Filled while the configuration is
// read, not changed afterwards.  Thread: any, once it is filled.
#ifndef CONFIG_USER_INDEX_H
#define CONFIG_USER_INDEX_H

#include "config/config.h"

/** Adds config->users[at], which has a name. @return NULL, or the user that has that name already: then nothing was
 *  added */
const struct user_config *user_index_add(struct config *config, size_t at);
/** The user of that exact name, NULL if there is none. */
const struct user_config *user_index_find(const struct config *config, struct span name);
void user_index_free(struct config *config);

#endif
