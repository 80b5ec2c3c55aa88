// core/config/config.c: from files to an immutable config, and its life.
#include "config/config.h"

#include "base/memory.h"
#include "config/checks.h"
#include "config/compare.h"
#include "config/control.h"
#include "config/load.h"
#include "config/report.h"
#include "config/schema.h"
#include "config/secrets.h"
#include "config/settings.h"
#include "config/source.h"
#include "config/user_index.h"
#include "config/yaml_tree.h"

#include <stdlib.h>

/** The text of the main file, kept until the plugins have read their sections. */
struct config_sections {
    struct source source;
    struct yaml_node *tree;
};

/** Does the file say `insecure_permissions: allow`? This is read before all rows, because it affects how secrets are
 *  read. */
static bool allows_open_secrets(const struct yaml_node *root)
{
    const struct yaml_node *node = yaml_tree_find(root, "insecure_permissions");
    return node != NULL && span_equals(yaml_tree_text(node), span_of("allow"));
}

/** Reads one file by its rows. @param tree  set to its root, which the caller frees, or NULL @return false: the file is
 *  too broken for its values to mean anything */
static bool read_file(struct settings *settings, const struct setting *rows, struct config_store *store,
                      struct yaml_node **tree)
{
    size_t before = settings->report->count;
    struct yaml_node *root = yaml_tree_parse(settings->source, settings->report);
    *tree = root;
    if (root == NULL && settings->report->count > before)
        return false;
    bool is_empty = root == NULL || yaml_tree_is_null(root);
    if (!is_empty && root->kind != YAML_MAP) {
        yaml_tree_report(settings->report, root, "expected a mapping of keys to values; found something else");
        return false;
    }
    settings->source->open_secrets = allows_open_secrets(root);
    settings_read(settings, is_empty ? NULL : root, rows, store);
    secrets_check_permissions(settings);
    return true;
}

/** Reads the file that `node` (users_file) of the main file names. */
static void read_users_file(const struct settings *main, const struct yaml_node *node, struct config_store *store)
{
    struct source source = {0};
    struct error err;
    struct yaml_node *tree = NULL;
    struct settings settings = {.report = main->report,
                                .notes = main->notes,
                                .source = &source,
                                .read = main->read,
                                .exposures = main->exposures,
                                .outside = main->outside};
    if (!main->read(store->users_file, SOURCE_LIMIT, &source, &err)) {
        if (main->outside)
            return;
        yaml_tree_report(main->report, node, "expected a file that can be read; found %s: %s", store->users_file,
                         err.text);
        return;
    }
    if (read_file(&settings, schema_users, store, &tree)) {
        checks_users(main->report, yaml_tree_find(tree, "users"), &store->config);
        checks_note_users(main->notes, yaml_tree_find(tree, "users"), &store->config);
    }
    yaml_tree_free(tree);
    source_fini(&source);
}

/** Is `word` one of the words in `words`, which are separated by blanks? */
static bool is_word_of(const char *words, const char *word)
{
    for (size_t length = strcspn(words, " "); length > 0; length = strcspn(words, " ")) {
        if (strlen(word) == length && memcmp(words, word, length) == 0)
            return true;
        words += length + (words[length] == ' ');
    }
    return false;
}

/** Does the section of the main file belong to a plugin that is loaded, because it has the plugin's name? */
static bool is_plugins_section(const struct yaml_node *map, const char *key)
{
    if (map->parent != NULL)
        return false;
    const struct yaml_node *load = yaml_tree_find(yaml_tree_find(map, "plugins"), "load");
    for (size_t i = 0; load != NULL && i < load->child_count; i++) {
        if (span_equals(yaml_tree_text(load->children[i]), span_of(key)))
            return true;
    }
    return (load == NULL || yaml_tree_is_null(load)) && is_word_of(SCHEMA_PLUGINS, key);
}

static void read_all(struct settings *settings, struct config_store *store)
{
    struct yaml_node *tree = NULL;
    settings->is_foreign = is_plugins_section;
    if (read_file(settings, schema_main, store, &tree)) {
        const struct yaml_node *users = yaml_tree_find(tree, "users");
        bool is_inline = users != NULL && !yaml_tree_is_null(users);
        checks_main(settings->report, tree, &store->config);
        checks_users(settings->report, users, &store->config);
        checks_note_users(settings->notes, users, &store->config);
        if (store->users_file != NULL && !is_inline)
            read_users_file(settings, yaml_tree_find(tree, "users_file"), store);
        checks_exports(settings->report, tree, &store->config, settings->outside);
    }
    store->config.sections->tree = tree;
}

static void store_free(struct config_store *store)
{
    config_forget_sections(&store->config);
    user_index_free(&store->config);
    free(store->config.plugins.noted);
    settings_free(schema_main, store); // the rows of the main file include the keys of the users file
    exposures_free(&store->exposures);
    free(store->config.path);
    free(store->config.notes);
    free(store);
}

/** Loads from the main file's `source` and takes it over. @param outside  config_load_outside() */
static struct config *config_load_from(struct source *source, source_reader *read, bool outside, char **errors)
{
    struct report report, notes;
    struct config_store *store = memory_zero(1, sizeof *store);
    store->config.sections = memory_zero(1, sizeof *store->config.sections);
    store->config.sections->source = *source;
    source = &store->config.sections->source; // so that the nodes of the tree find it
    struct settings settings = {.report = &report,
                                .notes = &notes,
                                .source = source,
                                .read = read,
                                .exposures = &store->exposures,
                                .outside = outside};
    store->config.path = source_absolute(source->path);
    atomic_init(&store->config.references, 1);
    report_init(&report);
    report_init(&notes);
    read_all(&settings, store);
    *errors = report_finish(&report);
    store->config.notes = report_finish(&notes);
    if (*errors == NULL && !outside) {
        checks_warn(&store->config);
        exposures_warn(&store->exposures, store->config.process.user, store->config.process.group);
    }
    if (*errors == NULL && !outside)
        control_add_listener(&store->config);
    if (*errors == NULL)
        return &store->config;
    store_free(store);
    return NULL;
}

struct config *config_parse(const char *path, struct span bytes, unsigned mode, source_reader *read, char **errors)
{
    struct source source;
    source_init(&source, path, bytes, mode);
    return config_load_from(&source, read, false, errors);
}

static struct config *load_file(const char *path, bool outside, char **errors)
{
    struct source source = {0};
    struct error err;
    if (source_read(path, SOURCE_LIMIT, &source, &err))
        return config_load_from(&source, source_read, outside, errors);
    struct report report;
    report_init(&report);
    source_init(&source, path, span_of(""), 0);
    report_add(&report, &source, 0, 0, "", false, "expected a file that can be read; found: %s", err.text);
    *errors = report_finish(&report);
    source_fini(&source);
    return NULL;
}

struct config *config_load(const char *path, char **errors)
{
    return load_file(path, false, errors);
}

struct config *config_load_outside(const char *path, char **errors)
{
    return load_file(path, true, errors);
}

struct config *config_ref(struct config *config)
{
    atomic_fetch_add_explicit(&config->references, 1, memory_order_relaxed);
    return config;
}

void config_unref(struct config *config)
{
    if (config == NULL || atomic_fetch_sub_explicit(&config->references, 1, memory_order_acq_rel) != 1)
        return;
    if (config->released != NULL)
        config->released(config->released_context, config);
    else
        config_free(config);
}

void config_on_release(struct config *config, void (*released)(void *context, struct config *config), void *context)
{
    config->released = released;
    config->released_context = context;
}

void config_free(struct config *config)
{
    store_free((struct config_store *)config);
}

const struct yaml_node *config_section(const struct config *config, const char *name)
{
    const struct yaml_node *node = config->sections == NULL ? NULL : yaml_tree_find(config->sections->tree, name);

    return node == NULL || yaml_tree_is_null(node) || !is_plugins_section(config->sections->tree, name) ? NULL : node;
}

const struct yaml_node *config_tree(const struct config *config)
{
    return config->sections == NULL ? NULL : config->sections->tree;
}

void config_forget_sections(struct config *config)
{
    if (config->sections == NULL)
        return;
    config_note_sections(config);
    yaml_tree_free(config->sections->tree);
    source_fini(&config->sections->source);
    free(config->sections);
    config->sections = NULL;
}

const struct user_config *config_find_user(const struct config *config, struct span name)
{
    return user_index_find(config, name);
}

bool config_follows_calls(const struct config *config)
{
    for (size_t i = 0; i < config->user_count; i++) {
        if (config_has_call_rule(&config->users[i]) || config->users[i].snapshot)
            return true;
    }
    return false;
}

const struct export_config *config_find_export(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->export_count; i++) {
        if (strcmp(config->exports[i].name, name) == 0)
            return &config->exports[i];
    }
    return NULL;
}
