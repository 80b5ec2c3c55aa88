// core/plugin/settings.h: one plugin reads its section of the configuration.  Thread: the main one, before others
// exist.
#ifndef PLUGIN_SETTINGS_H
#define PLUGIN_SETTINGS_H

#include "config/yaml_tree.h"
#include "plugin/registry.h"

/** Calls the plugin's configure() with `section` (NULL: there is none). Wrong values, and keys that the plugin has not
 *  read, are added to `report`. The values are valid as long as `registry`.
 *  @return false: the plugin cannot work with its section */
bool settings_configure_plugin(struct registry *registry, const struct amp_plugin *plugin,
                               const struct yaml_node *section, struct report *report);

#endif
