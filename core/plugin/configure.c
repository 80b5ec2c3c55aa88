// core/plugin/configure.c: see configure.h.
#include "plugin/configure.h"

#include "base/log.h"
#include "plugin/settings.h"

/** Names the users who cannot log in by a digest. @param key  that allows digests */
static void warn_of_hashes(const struct config *config, const char *key)
{
    for (size_t i = 0; i < config->user_count; i++) {
        const struct user_config *user = &config->users[i];
        char name[128], setting[128];
        if (user->hashed)
            log_warn(NULL, "the user's secret is a hash, so no digest can be compared with it key=%s user=%s",
                     log_text(setting, sizeof setting, key), log_quote(name, sizeof name, span_of(user->name)));
    }
}

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
    if (registry_digests(registry) != NULL)
        warn_of_hashes(config, registry_digests(registry));
    return works && *errors == NULL;
}
