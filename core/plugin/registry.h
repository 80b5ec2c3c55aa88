// core/plugin/registry.h: the loaded plugins, by name.
// Thread: the main thread loads them before others exist. Afterwards the registry is constant, and any thread may read.
#ifndef PLUGIN_REGISTRY_H
#define PLUGIN_REGISTRY_H

#include "astmanproxy/plugin.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct registry;

/** Makes an empty registry. The caller owns it. */
struct registry *registry_create(void);
/** Frees the registry. The libraries stay mapped until the program ends, so that leak reports can name their code. */
void registry_destroy(struct registry *registry);
/** Loads the shared object `path`, checks its description and adds it.
 *  @return false: `err` names the file and what was expected, and the registry is unchanged */
bool registry_load(struct registry *registry, const char *path, struct error *err);
/** Allocates zeroed memory that is valid as long as the registry, for the values of plugins' settings. */
void *registry_keep(struct registry *registry, size_t size);
/** Finds a plugin by name. @return lent, valid until the program exits; NULL: there is none */
const struct amp_plugin *registry_find(const struct registry *registry, const char *name);
/** Notes that a plugin lets users log in by digests, with its settings' key `name` ("http: ajam.digest"; copied). */
void registry_set_digests(struct registry *registry, const char *name);
/** Returns the name of registry_set_digests(); NULL: no plugin does. */
const char *registry_digests(const struct registry *registry);
/** Returns the number of plugins. */
size_t registry_count(const struct registry *registry);
/** Returns plugin `index` (< registry_count()), in the order of loading. */
const struct amp_plugin *registry_at(const struct registry *registry, size_t index);

#endif
