// tests/unit/plugins/xml_plugin.h: the format xml, loaded as the proxy loads it, for a group of tests.
#ifndef UNIT_PLUGINS_XML_PLUGIN_H
#define UNIT_PLUGINS_XML_PLUGIN_H

#include "plugin/registry.h"
#include "unit/test.h"

static const struct amp_plugin *xml;

/** Set-up of the group. */
static int xml_load(void **state)
{
    struct registry *registry = registry_create();
    struct error err = {""};
    if (!registry_load(registry, AMP_BUILD "/plugins/xml.so", &err))
        fail_msg("%s", err.text);
    xml = registry_find(registry, "xml");
    *state = registry;
    return xml == NULL ? -1 : 0;
}

/** Tear-down of the group. */
static int xml_unload(void **state)
{
    registry_destroy(*state);
    return 0;
}

#endif
