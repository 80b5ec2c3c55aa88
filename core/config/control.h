// core/config/control.h: the control socket: its section, and the listener that it becomes.
// Thread: the one that loads the configuration.
#ifndef CONFIG_CONTROL_H
#define CONFIG_CONTROL_H

#include "config/config.h"
#include "config/report.h"
#include "config/yaml_tree.h"

/** Checks the section `control`. @param root  NULL: an empty file */
void control_check(struct report *report, const struct yaml_node *root, struct config *config);
/** Adds the control socket as the last of the listeners, unless it is off. */
void control_add_listener(struct config *config);

#endif
