// core/config/hashes.h: secrets of users that are crypt(3) hashes.  Thread: the one that loads the configuration.
#ifndef CONFIG_HASHES_H
#define CONFIG_HASHES_H

#include "config/config.h"
#include "config/yaml_tree.h"

/** Sets `user->hashed`; reports a hash that cannot be used. @param node  where the secret stands */
void hashes_check(struct report *report, const struct yaml_node *node, struct user_config *user);
/** Sets `auth.usual_hash`. */
void hashes_choose(struct config *config);
/** Warns about plain secrets that look like hashes unknown to this system. */
void hashes_warn(const struct config *config);

#endif
