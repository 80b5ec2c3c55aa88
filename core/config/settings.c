// core/config/settings.c: reads a mapping by its rows; there is one reader per type of value.
#include "config/settings.h"

#include "base/address_rules.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/expected.h"
#include "config/origins.h"
#include "config/readers.h"

#include <stdlib.h>

static enum value_result read_section(struct settings *settings, const struct setting *row,
                                      const struct yaml_node *node, struct span text, void *field)
{
    (void)text;
    if (node != NULL && node->kind != YAML_MAP)
        return VALUE_WRONG;
    settings_read(settings, node, row->rows, (char *)field - row->offset);
    return VALUE_GOOD;
}

/** An absent list with a default has one element, of defaults. */
static enum value_result read_list(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                   struct span text, void *field)
{
    (void)text;
    if (node != NULL && node->kind != YAML_LIST)
        return VALUE_WRONG;
    size_t count = node == NULL ? 1 : node->child_count;
    char *elements = memory_zero(count, row->element_size);
    memcpy(field, &elements, sizeof elements); // whatever the type of the pointer there
    *(size_t *)((char *)field - row->offset + row->count_offset) = count;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *child = node == NULL ? NULL : node->children[i];
        if (child == NULL || child->kind == YAML_MAP)
            settings_read(settings, child, row->rows, elements + i * row->element_size);
        else if (child->kind != YAML_REFUSED)
            yaml_tree_report(settings->report, child, "expected a mapping of keys to values; found %s",
                             child->kind == YAML_LIST   ? "a list"
                             : yaml_tree_is_null(child) ? "nothing"
                                                        : "a text");
    }
    return VALUE_GOOD;
}

// clang-format off
static const struct {
    value_reader *read;
    bool compound; // takes lists or mappings, and reads the node itself
} readers[] = {
    [SETTING_TEXT] = {reader_text, false},             [SETTING_PATH] = {reader_path, false},
    [SETTING_LOG_TARGET] = {reader_log_target, false}, [SETTING_SECRET] = {reader_secret, false},
    [SETTING_SECRET_FILE] = {reader_secret_file, false}, [SETTING_BOOL] = {reader_bool, false},
    [SETTING_SECRET_LINES] = {reader_secret_lines, false}, [SETTING_URLS] = {reader_urls, true},
    [SETTING_CHOICE] = {reader_choice, false},         [SETTING_PORT] = {reader_number, false},
    [SETTING_COUNT32] = {reader_number, false},        [SETTING_COUNT] = {reader_number, false},
    [SETTING_WORKERS] = {reader_workers, false},       [SETTING_DURATION] = {reader_number, false},
    [SETTING_SIZE] = {reader_number, false},           [SETTING_NAMES] = {reader_names, true},
    [SETTING_PATHS] = {reader_paths, true},
    [SETTING_CLASSES] = {reader_classes, true},        [SETTING_EVENTS] = {reader_events, true},
    [SETTING_SECTION] = {read_section, true},
    [SETTING_LIST] = {read_list, true},                [SETTING_FILTERS] = {reader_filters, true},
    [SETTING_NETWORKS] = {reader_networks, true},      [SETTING_ORIGINS] = {reader_origins, true},
};
// clang-format on

const struct setting *settings_find(const struct setting *rows, const char *key)
{
    for (; rows->key != NULL; rows++)
        if (strcmp(rows->key, key) == 0)
            return rows;
    return NULL;
}

/** Takes the default of a key that is absent or has no value. */
static void read_absent(struct settings *settings, const struct setting *row, const struct yaml_node *map, void *field)
{
    char expected[256];
    if (row->required && map != NULL)
        yaml_tree_report_missing(settings->report, map, row->key, expected_text(row, expected, sizeof expected));
    else if (row->type == SETTING_SECTION)
        read_section(settings, row, NULL, span_of(""), field);
    else if (row->fallback != NULL && readers[row->type].read(settings, row, NULL, span_of(row->fallback), field) != 0)
        abort(); // an error in the table, not in the file
}

static void read_present(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                         void *field)
{
    enum value_result result = VALUE_WRONG;
    if (node->kind == YAML_REFUSED)
        return;
    if (node->kind == YAML_SCALAR || readers[row->type].compound)
        result = readers[row->type].read(settings, row, node, yaml_tree_text(node), field);
    if (result != VALUE_WRONG)
        return;
    char expected[256], found[96];
    yaml_tree_report(settings->report, node, "expected %s; found %s", expected_text(row, expected, sizeof expected),
                     expected_found(row, node, found, sizeof found));
}

void settings_read(struct settings *settings, const struct yaml_node *map, const struct setting *rows, void *base)
{
    for (size_t i = 0; map != NULL && i < map->child_count; i++) {
        const struct yaml_node *child = map->children[i];
        if (child->kind == YAML_REFUSED || settings_find(rows, child->key) != NULL ||
            (settings->is_foreign != NULL && settings->is_foreign(map, child->key)))
            continue;
        char expected[512], found[128];
        yaml_tree_report_key(settings->report, child, "expected %s; found %s",
                             expected_keys(rows, expected, sizeof expected),
                             expected_unknown(rows, child->key, found, sizeof found));
    }
    for (const struct setting *row = rows; row->key != NULL; row++) {
        const struct yaml_node *node = yaml_tree_find(map, row->key);
        void *field = (char *)base + row->offset;
        if (node == NULL || yaml_tree_is_null(node))
            read_absent(settings, row, map, field);
        else
            read_present(settings, row, node, field);
    }
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

static void free_list(const struct setting *row, char *elements, size_t count)
{
    for (size_t i = 0; i < count; i++)
        settings_free(row->rows, elements + i * row->element_size);
    free(elements);
}

static void free_field(const struct setting *row, void *base)
{
    char *block; // all pointers have the same size and form
    memcpy(&block, (char *)base + row->offset, sizeof block);
    size_t count = row->count_offset == 0 ? 0 : *(size_t *)((char *)base + row->count_offset);
    if (row->type == SETTING_NAMES || row->type == SETTING_PATHS || row->type == SETTING_URLS)
        free_names((char **)block, count);
    else if (row->type == SETTING_LIST)
        free_list(row, block, count);
    else
        source_wipe(block);
}

static bool has_block(enum setting_type type)
{
    return type == SETTING_TEXT || type == SETTING_PATH || type == SETTING_LOG_TARGET || type == SETTING_SECRET ||
           type == SETTING_SECRET_LINES || type == SETTING_EVENTS || type == SETTING_NAMES || type == SETTING_PATHS ||
           type == SETTING_URLS || type == SETTING_LIST;
}

void settings_free(const struct setting *rows, void *base)
{
    for (const struct setting *row = rows; row->key != NULL; row++) {
        if (row->type == SETTING_SECTION)
            settings_free(row->rows, base);
        else if (row->type == SETTING_FILTERS)
            filters_free((struct filter_list *)((char *)base + row->offset));
        else if (row->type == SETTING_NETWORKS)
            address_rules_free((struct network_list *)((char *)base + row->offset));
        else if (row->type == SETTING_ORIGINS)
            origins_free((struct origin_list *)((char *)base + row->offset));
        else if (has_block(row->type))
            free_field(row, base);
    }
}
