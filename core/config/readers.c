// core/config/readers.c: one reader per type of value.
#include "config/readers.h"

#include "ami/event_class.h"
#include "base/memory.h"
#include "config/expected.h"
#include "config/secrets.h"
#include "config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define LOG_SOCKET_PATH 100 // roughly the most that the address of a socket can hold
#define TEXT_BYTES 1000     // names and texts become parts of AMI lines, which Asterisk cuts at 1,024 bytes

enum value_result reader_text(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                              struct span text, void *field)
{
    (void)settings, (void)row, (void)node;
    if (text.length == 0 || text.length > TEXT_BYTES || value_has_control(text))
        return VALUE_WRONG;
    *(char **)field = memory_text_of(text.bytes, text.length);
    return VALUE_GOOD;
}

enum value_result reader_path(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                              struct span text, void *field)
{
    if (node == NULL)
        return reader_text(settings, row, node, text, field);
    if (text.length == 0 || text.length > TEXT_BYTES || value_has_control(text))
        return VALUE_WRONG;
    *(char **)field = source_resolve(settings->source, text);
    return VALUE_GOOD;
}

static bool text_begins(struct span text, const char *start)
{
    return text.length > strlen(start) && memcmp(text.bytes, start, strlen(start)) == 0;
}

enum value_result reader_log_target(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                    struct span text, void *field)
{
    bool is_socket = text_begins(text, "syslog:/") || text_begins(text, "journal:/");
    if (is_socket && text.length - 8 > LOG_SOCKET_PATH)
        return VALUE_WRONG;
    if (is_socket || span_equals(text, span_of("stderr")) || span_equals(text, span_of("syslog")) ||
        span_equals(text, span_of("journal")))
        return reader_text(settings, row, node, text, field);
    if (text.length == 0 || memchr(text.bytes, '/', text.length) == NULL)
        return VALUE_WRONG; // a bare word is more likely a typing error than a file
    return reader_path(settings, row, node, text, field);
}

enum value_result reader_secret(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                struct span text, void *field)
{
    (void)text;
    return secret_read(settings, row, node, field);
}

enum value_result reader_secret_file(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                     struct span text, void *field)
{
    (void)row, (void)text;
    if (*(char **)field == NULL)
        return secret_read_file(settings, node, field);
    yaml_tree_report(settings->report, node, "expected either secret or secret_file; found both");
    return VALUE_REPORTED;
}

enum value_result reader_secret_lines(struct settings *settings, const struct setting *row,
                                      const struct yaml_node *node, struct span text, void *field)
{
    (void)row, (void)text;
    return secret_read_lines(settings, node, field);
}

enum value_result reader_bool(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                              struct span text, void *field)
{
    (void)settings, (void)row;
    bool yes = span_equals(text, span_of("true"));
    if ((node != NULL && !node->plain) || (!yes && !span_equals(text, span_of("false"))))
        return VALUE_WRONG;
    *(bool *)field = yes;
    return VALUE_GOOD;
}

enum value_result reader_choice(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                struct span text, void *field)
{
    (void)settings, (void)node;
    for (unsigned value = 0; row->choices[value] != NULL; value++) {
        if (span_equals(text, span_of(row->choices[value]))) {
            memcpy(field, &value, sizeof value); // every enum has the size of unsigned
            return VALUE_GOOD;
        }
    }
    return VALUE_WRONG;
}

enum value_result reader_number(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                struct span text, void *field)
{
    (void)settings;
    uint64_t number;
    bool good = false;
    if (row->type == SETTING_DURATION)
        good = value_duration(text, &number);
    else if (row->type == SETTING_SIZE)
        good = value_size(text, &number);
    else // "5" in quotes is a text
        good = (node == NULL || node->plain) && value_number(text, &number);
    if (!good || number < row->min || number > row->max)
        return VALUE_WRONG;
    if (row->type == SETTING_PORT)
        *(uint16_t *)field = (uint16_t)number;
    else if (row->type == SETTING_COUNT32 || row->type == SETTING_WORKERS)
        *(uint32_t *)field = (uint32_t)number;
    else
        *(uint64_t *)field = number;
    return VALUE_GOOD;
}

enum value_result reader_workers(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                 struct span text, void *field)
{
    if (!span_equals(text, span_of("auto")))
        return reader_number(settings, row, node, text, field);
    long processors = sysconf(_SC_NPROCESSORS_ONLN) - 1; // one processor is left for the kernel and other programs
    if (processors < (long)row->min)
        processors = (long)row->min;
    if (processors > (long)row->max)
        processors = (long)row->max;
    *(uint32_t *)field = (uint32_t)processors;
    return VALUE_GOOD;
}

static void names_add(char ***names, size_t *count, struct span name)
{
    *names = memory_grow(*names, (*count + 1) * sizeof **names);
    (*names)[(*count)++] = memory_text_of(name.bytes, name.length);
}

static bool names_have(char **names, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++)
        if (span_equals(span_of(names[i]), name))
            return true;
    return false;
}

enum value_result reader_names(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                               struct span text, void *field)
{
    char ***names = field;
    size_t *count = (size_t *)((char *)field - row->offset + row->count_offset);
    if (node == NULL) { // the text of a default is names with blanks between them
        while (text.length > 0) {
            const char *blank = memchr(text.bytes, ' ', text.length);
            size_t length = blank == NULL ? text.length : (size_t)(blank - text.bytes);
            names_add(names, count, (struct span){text.bytes, length});
            length += blank != NULL;
            text = (struct span){text.bytes + length, text.length - length};
        }
        return VALUE_GOOD;
    }
    if (node->kind != YAML_LIST)
        return VALUE_WRONG;
    enum value_result result = VALUE_GOOD;
    for (size_t i = 0; i < node->child_count; i++) {
        struct span name = yaml_tree_text(node->children[i]);
        char found[96];
        if (name.length > 0 && name.length <= TEXT_BYTES && !value_has_control(name) &&
            memchr(name.bytes, '/', name.length) == NULL && !names_have(*names, *count, name)) {
            names_add(names, count, name);
            continue;
        }
        yaml_tree_report(settings->report, node->children[i], "expected a name, each once; found %s",
                         expected_found(row, node->children[i], found, sizeof found));
        result = VALUE_REPORTED;
    }
    return result;
}

enum value_result reader_paths(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                               struct span text, void *field)
{
    char ***paths = field;
    size_t *count = (size_t *)((char *)field - row->offset + row->count_offset);
    bool is_list = node != NULL && node->kind == YAML_LIST;
    size_t wanted = is_list ? node->child_count : 1;

    if (node != NULL && node->kind == YAML_MAP)
        return VALUE_WRONG;
    for (size_t i = 0; i < wanted; i++) {
        const struct yaml_node *child = is_list ? node->children[i] : node;
        char *path = NULL;
        if ((child != NULL && child->kind != YAML_SCALAR) ||
            reader_path(settings, row, child, is_list ? yaml_tree_text(child) : text, &path) != VALUE_GOOD)
            return VALUE_WRONG;
        names_add(paths, count, span_of(path));
        free(path);
    }
    return wanted > 0 ? VALUE_GOOD : VALUE_WRONG;
}

/** Reads a list of classes to bits and, if `joined` is not NULL, to a text with commas that the caller frees. */
static enum value_result read_class_list(struct settings *settings, const struct setting *row,
                                         const struct yaml_node *list, uint32_t *bits, char **joined)
{
    enum value_result result = VALUE_GOOD;
    char *text = memory_text("");
    size_t length = 0;
    for (size_t i = 0; i < list->child_count; i++) {
        struct span name = yaml_tree_text(list->children[i]);
        uint32_t bit = 0;
        if (name.length > 0 && event_class_find(name, &bit)) {
            text = memory_grow(text, length + name.length + 2);
            length += (size_t)sprintf(text + length, "%s%s", length > 0 ? "," : "", list->children[i]->text);
            *bits |= bit;
            continue;
        }
        char found[96];
        yaml_tree_report(settings->report, list->children[i],
                         "expected an event class (system, call, agent, …); found %s",
                         expected_found(row, list->children[i], found, sizeof found));
        result = VALUE_REPORTED;
    }
    if (joined != NULL && result == VALUE_GOOD)
        *joined = length > 0 ? memory_text(text) : memory_text("off");
    free(text);
    return result;
}

enum value_result reader_classes(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                 struct span text, void *field)
{
    uint32_t *bits = field;
    if (node == NULL)
        return event_class_find(text, bits) ? VALUE_GOOD : VALUE_WRONG;
    *bits = 0;
    return node->kind == YAML_LIST ? read_class_list(settings, row, node, bits, NULL) : VALUE_WRONG;
}

enum value_result reader_events(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                struct span text, void *field)
{
    uint32_t bits = 0;
    if (node != NULL && node->kind == YAML_LIST)
        return read_class_list(settings, row, node, &bits, field);
    if (!span_equals(text, span_of("on")) && !span_equals(text, span_of("off")))
        return VALUE_WRONG;
    return reader_text(settings, row, node, text, field);
}
