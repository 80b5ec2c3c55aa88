// core/config/cluster_checks.h: checks of the section `cluster`. Thread: the one that loads the configuration.
#ifndef CONFIG_CLUSTER_CHECKS_H
#define CONFIG_CLUSTER_CHECKS_H

#include "config/config.h"
#include "config/report.h"
#include "config/yaml_tree.h"

/** Checks the section and fills defaults that come from elsewhere: the node's name is the host's.
 *  @param root  NULL: an empty file */
void cluster_checks_section(struct report *report, const struct yaml_node *root, struct config *config);

#endif
