// core/config/compare.c: see compare.h. The rows of the schema say which keys need a restart. The content of a plugin's
// section is kept as a hash only, because the text may contain secrets.
#include "config/compare.h"

#include "base/hash.h"
#include "base/memory.h"
#include "config/schema.h"
#include "config/values.h"
#include "config/yaml_tree.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN_BYTES 250 // of each value in a line

struct comparison {
    const struct config *running, *fresh;
    const struct yaml_node *tree; // of `fresh`, NULL: an empty file
    char *lines;
};

// --- lines ------------------------------------------------------------------------------------------------------

static void add_line(struct comparison *comparison, size_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Adds a line. @param line  in the file; 0: the key is not in the file */
static void add_line(struct comparison *comparison, size_t line, const char *format, ...)
{
    char text[700], place[32] = "";
    size_t before = comparison->lines == NULL ? 0 : strlen(comparison->lines), length;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (line > 0)
        snprintf(place, sizeof place, ":%zu", line);
    length = strlen(comparison->fresh->path) + strlen(place) + strlen(text) + 32;
    comparison->lines = memory_grow(comparison->lines, before + length);
    snprintf(comparison->lines + before, length, "%s%s: %s: needs a restart\n", comparison->fresh->path, place, text);
}

// --- rows -------------------------------------------------------------------------------------------------------

/** Returns "[a, b]", which the caller frees. */
static char *names_text(char **names, size_t count)
{
    size_t length = 3, used = 1;
    char *text;

    for (size_t i = 0; i < count; i++)
        length += strlen(names[i]) + 2;
    text = memory_new(length);
    text[0] = '[';
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, length - used, "%s%s", i == 0 ? "" : ", ", names[i]);
    snprintf(text + used, length - used, "]");
    return text;
}

static bool is_secret(const struct setting *row)
{
    return row->type == SETTING_SECRET || row->type == SETTING_SECRET_LINES;
}

/** Returns the whole value of a row, as it would be written, to be compared. The caller frees it. */
static char *value_text(const struct setting *row, const struct config *config)
{
    const char *field = (const char *)config + row->offset;
    char number[24];
    char *words;
    unsigned choice;

    if (row->type == SETTING_BOOL)
        return memory_text(*(const bool *)field ? "true" : "false");
    if (row->type == SETTING_CHOICE) {
        memcpy(&choice, field, sizeof choice); // every enum has the size of unsigned
        return memory_text(row->choices[choice]);
    }
    if (row->type == SETTING_WORKERS || row->type == SETTING_COUNT32) {
        snprintf(number, sizeof number, "%" PRIu32, *(const uint32_t *)field);
        return memory_text(number);
    }
    if (row->type == SETTING_DURATION)
        return memory_text(value_duration_text(*(const uint64_t *)(const void *)field, number, sizeof number));
    if (row->type == SETTING_SIZE)
        return memory_text(value_size_text(*(const uint64_t *)(const void *)field, number, sizeof number));
    memcpy(&words, field, sizeof words); // all pointers have the same size and form
    if (row->type == SETTING_NAMES || row->type == SETTING_PATHS || row->type == SETTING_URLS)
        return names_text((char **)words, *(const size_t *)((const char *)config + row->count_offset));
    return memory_text(words == NULL ? "nothing" : words);
}

/** Adds a line with both values. Long values are shown from the place where they begin to differ. */
static void add_change(struct comparison *comparison, size_t line, const char *key, const char *before,
                       const char *after)
{
    size_t same = 0;

    if (strlen(before) < SHOWN_BYTES && strlen(after) < SHOWN_BYTES) {
        add_line(comparison, line, "%s changed from %s to %s", key, before, after);
        return;
    }
    while (before[same] == after[same])
        same++; // they differ, so this ends at the end of the shorter one at the latest
    same = same > 20 ? same - 20 : 0;
    add_line(comparison, line, "%s changed from %s%.*s to %s%.*s", key, same > 0 ? "…" : "", SHOWN_BYTES, before + same,
             same > 0 ? "…" : "", SHOWN_BYTES, after + same);
}

static void compare_rows(struct comparison *comparison, const struct setting *rows, const struct yaml_node *map,
                         const char *section)
{
    for (const struct setting *row = rows; row->key != NULL; row++) {
        const struct yaml_node *node = yaml_tree_find(map, row->key);
        char key[128], *before, *after;
        snprintf(key, sizeof key, "%s%s%s", section, section[0] == '\0' ? "" : ".", row->key);
        if (row->type == SETTING_SECTION) {
            compare_rows(comparison, row->rows, node, key);
            continue;
        }
        if (!row->restart)
            continue;
        before = value_text(row, comparison->running);
        after = value_text(row, comparison->fresh);
        if (strcmp(before, after) != 0 && is_secret(row))
            add_line(comparison, node == NULL ? 0 : node->key_line, "%s changed", key);
        else if (strcmp(before, after) != 0)
            add_change(comparison, node == NULL ? 0 : node->key_line, key, before, after);
        source_wipe(before);
        source_wipe(after);
    }
}

// --- sections of plugins ----------------------------------------------------------------------------------------

/** Hashes the content of a node, but not its place in the file. */
static uint64_t node_digest(uint64_t hash, const struct yaml_node *node)
{
    const char *texts[] = {node->key == NULL ? "-" : node->key, node->text == NULL ? "-" : node->text};

    for (size_t i = 0; i < 2; i++) {
        hash = hash_span(hash, span_of(texts[i]));
        hash = hash_step(hash, 0x100 + (uint64_t)node->kind);
    }
    for (size_t i = 0; i < node->child_count; i++)
        hash = node_digest(hash, node->children[i]);
    return hash_step(hash, 0x200);
}

/** Returns the hash of the plugin's section; 0: it has none. */
static uint64_t section_digest(const struct config *config, const char *plugin)
{
    const struct yaml_node *node = config_section(config, plugin);

    return node == NULL ? 0 : node_digest(HASH_START, node);
}

void config_note_sections(struct config *config)
{
    if (config->plugins.load_count == 0 || config->plugins.noted != NULL)
        return;
    config->plugins.noted = memory_zero(config->plugins.load_count, sizeof *config->plugins.noted);
    for (size_t i = 0; i < config->plugins.load_count; i++)
        config->plugins.noted[i] = section_digest(config, config->plugins.load[i]);
}

static void compare_sections(struct comparison *comparison)
{
    const struct config *running = comparison->running;

    for (size_t i = 0; running->plugins.noted != NULL && i < running->plugins.load_count; i++) {
        const char *name = running->plugins.load[i];
        const struct yaml_node *node = yaml_tree_find(comparison->tree, name);
        if (section_digest(comparison->fresh, name) != running->plugins.noted[i])
            add_line(comparison, node == NULL ? 0 : node->key_line, "%s changed", name);
    }
}

char *config_compare(const struct config *running, const struct config *fresh)
{
    struct comparison comparison = {running, fresh, config_tree(fresh), NULL};

    compare_rows(&comparison, schema_main, comparison.tree, "");
    compare_sections(&comparison);
    return comparison.lines;
}

// --- listeners --------------------------------------------------------------------------------------------------

/** A socket for everybody does not become the control socket: other rights belong to its file. */
static bool is_same_place(const struct listen_config *a, const struct listen_config *b)
{
    return a->port == b->port && a->control == b->control && strcmp(a->address, b->address) == 0;
}

size_t config_same_listen(const struct config *old, size_t index, const struct config *fresh)
{
    size_t rank = 0;

    for (size_t i = 0; i < index; i++)
        rank += is_same_place(&old->listen[i], &old->listen[index]);
    for (size_t i = 0; i < fresh->listen_count; i++) {
        if (is_same_place(&fresh->listen[i], &old->listen[index]) && rank-- == 0)
            return i;
    }
    return SIZE_MAX;
}
