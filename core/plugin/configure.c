// core/plugin/configure.c: see configure.h.
#include "plugin/configure.h"

#include "plugin/settings.h"

bool configure_plugins(struct registry *registry, const struct config *config, char **errors)
{
    struct report report;
    bool works = true;
    report_init(&report);
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct amp_plugin *plugin = registry_at(registry, i);
        works = settings_configure_plugin(registry, plugin, config_section(config, plugin->name), &report) && works;
    }
    *errors = report_finish(&report);
    return works && *errors == NULL;
}
