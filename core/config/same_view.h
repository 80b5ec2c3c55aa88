// core/config/same_view.h: does a user see the same under another configuration?  Thread: any.
#ifndef CONFIG_SAME_VIEW_H
#define CONFIG_SAME_VIEW_H

#include "config/config.h"

/** Do the entries `user` of `config` and `other_user` of `other` (both NULL: of who has no user) say the same of what
 * is delivered: rights, calls, account, filters with their options? The content of scripts is not looked at. */
bool config_same_view(const struct config *config, const struct user_config *user, const struct config *other,
                      const struct user_config *other_user);

#endif
