// core/plugin/settings.c: the functions with which plugins read their section (amp_settings_… of astmanproxy/plugin.h).
#include "plugin/settings.h"

#include "base/log.h"
#include "base/memory.h"
#include "config/values.h"
#include "config/yaml_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES 4000
#define KEYS 64 // most keys of one section, as YAML_MAP_KEYS

struct amp_settings {
    struct registry *registry;
    struct report *report;
    const struct yaml_node *map; // NULL: there is no section
    bool asked[KEYS];            // children that were read
    char known[512];             // keys that were read, for error messages
    bool failed;
    struct amp_settings *whole; // the plugin's section, if this is one within it; NULL: it is that itself
    struct amp_settings *next;  // of the sections within the plugin's, the one that was read before; the registry's
};

/** Returns the value of a key; NULL: the key is absent or has no value. Notes that the key is known. */
static const struct yaml_node *settings_find(struct amp_settings *settings, const char *key)
{
    size_t length = strlen(settings->known);
    snprintf(settings->known + length, sizeof settings->known - length, "%s%s", length > 0 ? ", " : "", key);
    const struct yaml_node *node = yaml_tree_find(settings->map, key);
    if (node == NULL || node->kind == YAML_REFUSED)
        return NULL;
    if (node->index < KEYS)
        settings->asked[node->index] = true;
    return yaml_tree_is_null(node) ? NULL : node;
}

static void settings_report(struct amp_settings *settings, const struct yaml_node *node, const char *expected)
{
    char found[128] = "something else";
    if (node->kind == YAML_SCALAR)
        log_quote(found, sizeof found, yaml_tree_text(node));
    yaml_tree_report(settings->report, node, "expected %s; found %s", expected, found);
}

static const char *settings_keep(struct amp_settings *settings, struct span text)
{
    char *kept = registry_keep(settings->registry, text.length + 1);
    memcpy(kept, text.bytes, text.length);
    return kept;
}

static bool is_text(const struct yaml_node *node)
{
    struct span text = yaml_tree_text(node);
    return node->kind == YAML_SCALAR && text.length > 0 && text.length <= TEXT_BYTES && !value_has_control(text);
}

bool amp_settings_flag(struct amp_settings *settings, const char *key, bool fallback)
{
    const struct yaml_node *node = settings_find(settings, key);
    if (node == NULL)
        return fallback;
    struct span text = yaml_tree_text(node);
    bool yes = span_equals(text, span_of("true"));
    if (node->kind == YAML_SCALAR && node->plain && (yes || span_equals(text, span_of("false"))))
        return yes;
    settings_report(settings, node, "true or false");
    return fallback;
}

const char *amp_settings_text(struct amp_settings *settings, const char *key, const char *fallback)
{
    const struct yaml_node *node = settings_find(settings, key);
    if (node != NULL && is_text(node))
        return settings_keep(settings, yaml_tree_text(node));
    if (node != NULL)
        settings_report(settings, node, "a text of one line");
    return fallback == NULL ? NULL : settings_keep(settings, span_of(fallback));
}

const char *amp_settings_path(struct amp_settings *settings, const char *key)
{
    const struct yaml_node *node = settings_find(settings, key);
    if (node == NULL)
        return NULL;
    if (!is_text(node)) {
        settings_report(settings, node, "a path");
        return NULL;
    }
    char *path = source_resolve(node->source, yaml_tree_text(node));
    const char *kept = settings_keep(settings, span_of(path));
    free(path);
    return kept;
}

unsigned amp_settings_choice(struct amp_settings *settings, const char *key, const char *const *choices,
                             unsigned fallback)
{
    const struct yaml_node *node = settings_find(settings, key);
    char expected[256] = "one of ";
    if (node == NULL)
        return fallback;
    for (unsigned i = 0; choices[i] != NULL; i++) {
        size_t length = strlen(expected);
        if (node->kind == YAML_SCALAR && span_equals(yaml_tree_text(node), span_of(choices[i])))
            return i;
        snprintf(expected + length, sizeof expected - length, "%s%s", i > 0 ? ", " : "", choices[i]);
    }
    settings_report(settings, node, expected);
    return fallback;
}

typedef bool number_reader(struct span text, uint64_t *number);
typedef const char *number_writer(uint64_t number, char *buffer, size_t size);

static const char *plain_text(uint64_t number, char *buffer, size_t size)
{
    snprintf(buffer, size, "%llu", (unsigned long long)number);
    return buffer;
}

static uint64_t read_number(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                            uint64_t fallback, number_reader *read, number_writer *write, const char *kind)
{
    const struct yaml_node *node = settings_find(settings, key);
    char from[32], to[32], expected[160];
    uint64_t number;
    if (node == NULL)
        return fallback;
    if (node->kind == YAML_SCALAR && read(yaml_tree_text(node), &number) && number >= least && number <= most)
        return number;
    snprintf(expected, sizeof expected, "%s from %s to %s", kind, write(least, from, sizeof from),
             write(most, to, sizeof to));
    settings_report(settings, node, expected);
    return fallback;
}

uint64_t amp_settings_number(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                             uint64_t fallback)
{
    return read_number(settings, key, least, most, fallback, value_number, plain_text, "a number");
}

uint64_t amp_settings_duration(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                               uint64_t fallback)
{
    return read_number(settings, key, least, most, fallback, value_duration, value_duration_text,
                       "a duration with its unit (ms, s, m, h)");
}

uint64_t amp_settings_size(struct amp_settings *settings, const char *key, uint64_t least, uint64_t most,
                           uint64_t fallback)
{
    return read_number(settings, key, least, most, fallback, value_size, value_size_text,
                       "a size with its unit (B, KiB, MiB, GiB)");
}

const char *const *amp_settings_list(struct amp_settings *settings, const char *key)
{
    const struct yaml_node *node = settings_find(settings, key);
    size_t count = node != NULL && node->kind == YAML_LIST ? node->child_count : 0, used = 0;
    const char **list = registry_keep(settings->registry, (count + 1) * sizeof *list);
    if (node != NULL && node->kind != YAML_LIST)
        settings_report(settings, node, "a list of texts");
    for (size_t i = 0; i < count; i++) {
        if (is_text(node->children[i]))
            list[used++] = settings_keep(settings, yaml_tree_text(node->children[i]));
        else if (node->children[i]->kind != YAML_REFUSED)
            settings_report(settings, node->children[i], "a text of one line");
    }
    return list;
}

struct amp_settings *amp_settings_section(struct amp_settings *settings, const char *key)
{
    const struct yaml_node *node = settings_find(settings, key);
    struct amp_settings *section;
    if (node == NULL)
        return NULL;
    if (node->kind != YAML_MAP) {
        settings_report(settings, node, "a mapping of keys to values");
        return NULL;
    }
    section = registry_keep(settings->registry, sizeof *section);
    section->registry = settings->registry;
    section->report = settings->report;
    section->map = node;
    section->whole = settings->whole != NULL ? settings->whole : settings;
    section->next = section->whole->next;
    section->whole->next = section;
    return section;
}

void amp_settings_uses_digests(struct amp_settings *settings, const char *key)
{
    registry_set_digests(settings->registry, key);
}

void amp_settings_fail(struct amp_settings *settings, const char *key, const char *reason)
{
    const struct yaml_node *node = yaml_tree_find(settings->map, key);
    char quoted[600];
    (settings->whole != NULL ? settings->whole : settings)->failed = true;
    if (node != NULL || settings->map != NULL)
        yaml_tree_report(settings->report, node != NULL ? node : settings->map, "%s", reason);
    else
        log_error(NULL, "plugin cannot work key=%s reason=%s", key, log_text(quoted, sizeof quoted, reason));
}

static void report_unknown(const struct amp_settings *settings)
{
    for (size_t i = 0; settings->map != NULL && i < settings->map->child_count; i++) {
        const struct yaml_node *child = settings->map->children[i];
        char found[96];
        if (child->kind == YAML_REFUSED || (i < KEYS && settings->asked[i]))
            continue;
        log_quote(found, sizeof found, span_of(child->key));
        if (settings->known[0] == '\0')
            yaml_tree_report_key(settings->report, child, "expected nothing: this plugin has no settings; found %s",
                                 found);
        else
            yaml_tree_report_key(settings->report, child, "expected one of the keys %s; found %s", settings->known,
                                 found);
    }
}

bool settings_configure_plugin(struct registry *registry, const struct amp_plugin *plugin,
                               const struct yaml_node *section, struct report *report)
{
    struct amp_settings settings = {.registry = registry, .report = report, .map = section};
    bool works = true;
    if (settings.map != NULL && settings.map->kind != YAML_MAP) {
        yaml_tree_report(report, settings.map, "expected a mapping of keys to values; found something else");
        return false;
    }
    if (plugin->configure != NULL)
        works = plugin->configure(&settings) && !settings.failed;
    if (!works && !settings.failed)
        log_error(NULL, "plugin cannot work with its section of the configuration plugin=%s", plugin->name);
    report_unknown(&settings);
    for (const struct amp_settings *section = settings.next; section != NULL; section = section->next)
        report_unknown(section);
    return works;
}
