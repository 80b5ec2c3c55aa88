// core/config/same_view.h: compares what a user sees under two configurations.  Thread: any.
#ifndef CONFIG_SAME_VIEW_H
#define CONFIG_SAME_VIEW_H

#include "config/config.h"

/** Are the entries `user` of `config` and `other_user` of `other` (both NULL: sessions without a user) equal in
 *  everything that affects delivery: rights, calls, account, filters with their options? The contents of scripts are
 *  not compared. */
bool config_same_view(const struct config *config, const struct user_config *user, const struct config *other,
                      const struct user_config *other_user);

/** Writes what config_same_view() compares as a text, so that two processes can compare it. The caller frees it. */
char *config_view_text(const struct config *config, const struct user_config *user);

#endif
