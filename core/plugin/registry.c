// core/plugin/registry.c: dlopen(3) and the checks of a plugin's description.
#include "plugin/registry.h"
#include "base/memory.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#define SYMBOL "amp_plugin_v1"
#define NAME_BYTES 32

// The sizes of the structs in ABI 1.0, which every plugin of this major version has at least. Later fields follow.
#define SIZE_OF_FIRST_PROTOCOL (offsetof(struct amp_protocol, timer) + sizeof(((struct amp_protocol *)NULL)->timer))
#define SIZE_OF_FIRST (offsetof(struct amp_plugin, decode) + sizeof(((struct amp_plugin *)NULL)->decode))

struct plugin {
    const struct amp_plugin *info; // the library's description, or `copy`
    struct amp_plugin copy;        // a copy of a shorter description; fields that it does not have are zero
    char *path;                    // for error messages
};

struct registry {
    struct plugin **plugins; // each its own block, so that lent pointers stay valid
    size_t count;
    struct kept *kept;
    const char *digests; // registry_digests()
};

/** A block that is valid as long as the registry. */
struct kept {
    struct kept *next;
    _Alignas(max_align_t) char bytes[];
};

struct registry *registry_create(void)
{
    return memory_zero(1, sizeof(struct registry));
}

static void plugin_destroy(struct plugin *plugin)
{
    if (plugin == NULL)
        return;
    free(plugin->path);
    free(plugin);
}

void registry_destroy(struct registry *registry)
{
    if (registry == NULL)
        return;
    for (size_t i = 0; i < registry->count; i++)
        plugin_destroy(registry->plugins[i]);
    free(registry->plugins);
    for (struct kept *kept = registry->kept, *next; kept != NULL; kept = next) {
        next = kept->next;
        free(kept);
    }
    free(registry);
}

void *registry_keep(struct registry *registry, size_t size)
{
    struct kept *kept = memory_zero(1, sizeof *kept + size);
    kept->next = registry->kept;
    registry->kept = kept;
    return kept->bytes;
}

void registry_set_digests(struct registry *registry, const char *name)
{
    size_t length = strlen(name);
    char *copy = registry_keep(registry, length + 1);
    memcpy(copy, name, length);
    registry->digests = copy;
}

const char *registry_digests(const struct registry *registry)
{
    return registry->digests;
}

static struct plugin *plugin_create(const struct amp_plugin *info, const char *path)
{
    struct plugin *plugin = memory_zero(1, sizeof *plugin);
    plugin->info = info;
    plugin->path = memory_text(path);
    if (info->size < sizeof plugin->copy) {
        memcpy(&plugin->copy, info, info->size);
        plugin->info = &plugin->copy;
    }
    return plugin;
}

static bool is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return length > 0 && length <= NAME_BYTES && name[length] == '\0';
}

/** Is the protocol's description complete? @param info  of full length */
static bool has_protocol(const struct amp_plugin *info, const char *path, struct error *err)
{
    const struct amp_protocol *protocol = info->protocol;
    if (protocol == NULL)
        return error_set(err, "plugin %s: has AMP_IS_PROTOCOL, expected protocol", path);
    if (protocol->size < SIZE_OF_FIRST_PROTOCOL)
        return error_set(err, "plugin %s: expected a struct amp_protocol of at least %zu bytes, its size says %u", path,
                         SIZE_OF_FIRST_PROTOCOL, protocol->size);
    if (protocol->open == NULL || protocol->close == NULL || protocol->input == NULL || protocol->end == NULL ||
        protocol->message == NULL || protocol->timer == NULL)
        return error_set(err, "plugin %s: expected all functions of struct amp_protocol", path);
    return true;
}

/** Has the description all functions that its capabilities require? */
static bool has_functions(const struct amp_plugin *info, const char *path, struct error *err)
{
    const uint32_t known = AMP_CAN_ENCODE | AMP_CAN_DECODE | AMP_IS_PROTOCOL;
    if ((info->capabilities & known) == 0)
        return error_set(
            err, "plugin %s: expected AMP_CAN_ENCODE, AMP_CAN_DECODE or AMP_IS_PROTOCOL in its capabilities", path);
    if ((info->capabilities & AMP_CAN_ENCODE) != 0 && (info->encode == NULL || info->content_type == NULL))
        return error_set(err, "plugin %s: has AMP_CAN_ENCODE, expected encode and content_type", path);
    if ((info->capabilities & AMP_CAN_DECODE) != 0 && info->decode == NULL)
        return error_set(err, "plugin %s: has AMP_CAN_DECODE, expected decode", path);
    if ((info->decoder_create == NULL) != (info->decoder_destroy == NULL))
        return error_set(err, "plugin %s: expected both or neither of decoder_create and decoder_destroy", path);
    return true;
}

static bool registry_check(const struct amp_plugin *info, const char *path, struct error *err)
{
    if (info->size < SIZE_OF_FIRST) // before any other field is read
        return error_set(err, "plugin %s: expected a struct amp_plugin of at least %zu bytes, its size says %u", path,
                         SIZE_OF_FIRST, info->size);
    if (info->abi_minor > AMP_ABI_MINOR)
        return error_set(err, "plugin %s: wants interface 1.%u, this astmanproxy has 1.%u: a newer one is needed", path,
                         info->abi_minor, AMP_ABI_MINOR);
    if (info->name == NULL || !is_name(info->name))
        return error_set(err, "plugin %s: expected a name of 1 to %d lower case letters, digits and `-`", path,
                         NAME_BYTES);
    return has_functions(info, path, err);
}

static const struct plugin *registry_find_plugin(const struct registry *registry, const char *name)
{
    for (size_t i = 0; i < registry->count; i++) {
        if (strcmp(registry->plugins[i]->info->name, name) == 0)
            return registry->plugins[i];
    }
    return NULL;
}

/** Takes `plugin` if no other one has its name. */
static bool registry_add(struct registry *registry, struct plugin *plugin, struct error *err)
{
    const struct plugin *other = registry_find_plugin(registry, plugin->info->name);
    if (other != NULL)
        return error_set(err, "plugin %s: the name %s is taken by %s", plugin->path, plugin->info->name, other->path);
    registry->plugins = memory_grow(registry->plugins, (registry->count + 1) * sizeof *registry->plugins);
    registry->plugins[registry->count++] = plugin;
    return true;
}

bool registry_load(struct registry *registry, const char *path, struct error *err)
{
    bool loaded = false;
    struct plugin *plugin = NULL;
    const struct amp_plugin *info = NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        error_set(err, "plugin %s: %s", path, dlerror());
        goto out;
    }
    info = dlsym(library, SYMBOL);
    if (info == NULL) {
        error_set(err, "plugin %s: expected it to export " SYMBOL ": not a plugin, or one for another version", path);
        goto out;
    }
    if (!registry_check(info, path, err))
        goto out;
    plugin = plugin_create(info, path);
    if ((plugin->info->capabilities & AMP_IS_PROTOCOL) != 0 && !has_protocol(plugin->info, path, err))
        goto out;
    loaded = registry_add(registry, plugin, err);
    if (loaded) {
        plugin = NULL;  // owned by the registry now
        library = NULL; // stays mapped
    }
out:
    plugin_destroy(plugin);
    if (library != NULL)
        dlclose(library);
    return loaded;
}

const struct amp_plugin *registry_find(const struct registry *registry, const char *name)
{
    const struct plugin *plugin = registry_find_plugin(registry, name);
    return plugin == NULL ? NULL : plugin->info;
}

size_t registry_count(const struct registry *registry)
{
    return registry->count;
}

const struct amp_plugin *registry_at(const struct registry *registry, size_t index)
{
    return registry->plugins[index]->info;
}
