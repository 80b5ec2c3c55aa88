// core/plugin/settings.h: one plugin reads its section of the configuration.  Thread: the main one, before there are
// others.
#ifndef PLUGIN_SETTINGS_H
#define PLUGIN_SETTINGS_H

#include "config/yaml_tree.h"
#include "plugin/registry.h"

/** Calls the plugin's configure() with `section` (NULL: there is none). Keys that it did not ask for and wrong values
 * go to `report`. What the plugin is given lives as long as `registry`.
 *  @return false: the plugin cannot work with what it was told */
bool settings_configure_plugin(struct registry *registry, const struct amp_plugin *plugin,
                               const struct yaml_node *section, struct report *report);

#endif
