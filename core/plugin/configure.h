// core/plugin/configure.h: plugins read their sections of the configuration.  Thread: the main one, before others
// exist.
#ifndef PLUGIN_CONFIGURE_H
#define PLUGIN_CONFIGURE_H

#include "config/config.h"
#include "plugin/registry.h"

/** Lets every plugin read its section. One run finds all errors.
 *  @param errors  set to a text as of config_load(), which the caller frees; NULL if there are no errors
 *  @return false: there are errors, or a plugin cannot work with its section */
bool configure_plugins(struct registry *registry, const struct config *config, char **errors);

#endif
