// core/plugin/registry.h: the plugins that were loaded, by name.
// Thread: loading is the main thread's, before others start; afterwards the registry is not changed and any may look.
#ifndef PLUGIN_REGISTRY_H
#define PLUGIN_REGISTRY_H

#include "astmanproxy/plugin.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct registry;

/** An empty registry. The caller owns it. */
struct registry *registry_create(void);
/** Frees the registry. The libraries stay mapped until the program ends, so that leak reports can name their code. */
void registry_destroy(struct registry *registry);
/** Loads the shared object `path`, checks its description and adds it.
 *  @return false with `err` naming the file and what was expected; the registry is as before then */
bool registry_load(struct registry *registry, const char *path, struct error *err);
/** Zeroed memory that lives as long as the registry: what plugins were told of the configuration. */
void *registry_keep(struct registry *registry, size_t size);
/** The plugin of that name, NULL if there is none. Lent; lives until the program ends. */
const struct amp_plugin *registry_find(const struct registry *registry, const char *name);
size_t registry_count(const struct registry *registry);
/** Plugin `index` (< registry_count()), in the order of loading. */
const struct amp_plugin *registry_at(const struct registry *registry, size_t index);

#endif
