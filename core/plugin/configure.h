// core/plugin/configure.h: plugins read their sections of the configuration.  Thread: the main one, before there are
// others.
#ifndef PLUGIN_CONFIGURE_H
#define PLUGIN_CONFIGURE_H

#include "config/config.h"
#include "plugin/registry.h"

/** Hands every plugin its section. All mistakes are found in one run.
 *  @param errors  set to a text as config_load() gives it, which the caller frees; NULL if there was none
 *  @return false: there were mistakes, or a plugin cannot work with what it was told */
bool configure_plugins(struct registry *registry, const struct config *config, char **errors);

#endif
