// core/config/yaml_tree.c: from libyaml's events to a tree with places. Events are used, and not libyaml's documents,
// so that too deep nesting ends the parsing at once (the time that libyaml's scanner takes for it grows with its
// square), and so that aliases and tags are never resolved.
#include "config/yaml_tree.h"

#include "base/log.h"
#include "base/memory.h"

#include <stdarg.h>
#include <stdlib.h>
#include <yaml.h> // its functions begin with yaml_, ours with yaml_tree_

#define PATH_BYTES 256

/** The state while events come in. */
struct builder {
    const struct source *source;
    struct report *report;
    struct yaml_node *root;
    struct yaml_node *open; // innermost list or mapping, NULL at the top
    size_t depth;
    char *key; // of the next value in a mapping; NULL: the next scalar is a key
    yaml_mark_t key_mark;
    size_t documents;
    bool key_refused; // the value of this key becomes YAML_REFUSED
};

void yaml_tree_free(struct yaml_node *node)
{
    if (node == NULL)
        return;
    for (size_t i = 0; i < node->child_count; i++)
        yaml_tree_free(node->children[i]);
    free(node->children);
    if (node->text != NULL)
        explicit_bzero(node->text, node->length);
    free(node->text);
    free(node->key);
    free(node);
}

struct yaml_node *yaml_tree_find(const struct yaml_node *map, const char *key)
{
    if (map == NULL || map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->child_count; i++)
        if (strcmp(map->children[i]->key, key) == 0)
            return map->children[i];
    return NULL;
}

bool yaml_tree_is_null(const struct yaml_node *node)
{
    if (node->kind != YAML_SCALAR || !node->plain)
        return false;
    return node->length == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0;
}

struct span yaml_tree_text(const struct yaml_node *node)
{
    return node->kind == YAML_SCALAR ? (struct span){node->text, node->length} : (struct span){"", 0};
}

/** Appends to a path of PATH_BYTES, cut at its size. */
static size_t path_append(char *path, size_t length, const char *text)
{
    size_t room = PATH_BYTES - 1 - length;
    size_t added = strnlen(text, room);
    for (size_t i = 0; i < added; i++) // the file chooses the key: control bytes must not reach a terminal
        path[length + i] = (unsigned char)text[i] > 0x20 && (unsigned char)text[i] < 0x7f ? text[i] : '?';
    path[length + added] = '\0';
    return length + added;
}

/** Writes `listen[0].tls` and the like. @return its length */
static size_t path_of(const struct yaml_node *node, char *path)
{
    path[0] = '\0';
    if (node->parent == NULL)
        return 0;
    size_t length = path_of(node->parent, path);
    if (node->key == NULL) {
        char index[32];
        snprintf(index, sizeof index, "[%zu]", node->index);
        return path_append(path, length, index);
    }
    if (length > 0)
        length = path_append(path, length, ".");
    return path_append(path, length, node->key);
}

static void report_text(struct report *report, const struct yaml_node *node, bool at_key, const char *format,
                        va_list arguments) __attribute__((format(printf, 4, 0)));
static void report_text(struct report *report, const struct yaml_node *node, bool at_key, const char *format,
                        va_list arguments)
{
    char path[PATH_BYTES], message[1024];
    path_of(node, path);
    vsnprintf(message, sizeof message, format, arguments);
    report_add(report, node->source, at_key ? node->key_line : node->line, at_key ? node->key_column : node->column,
               path, at_key, "%s", message);
}

void yaml_tree_report(struct report *report, const struct yaml_node *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_text(report, node, false, format, arguments);
    va_end(arguments);
}

void yaml_tree_report_key(struct report *report, const struct yaml_node *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_text(report, node, true, format, arguments);
    va_end(arguments);
}

void yaml_tree_report_missing(struct report *report, const struct yaml_node *map, const char *key, const char *expected)
{
    char path[PATH_BYTES];
    size_t length = path_of(map, path);
    if (length > 0)
        length = path_append(path, length, ".");
    path_append(path, length, key);
    report_add(report, map->source, map->line, map->column, path, false, "expected %s; found nothing", expected);
}

static struct yaml_node *node_add(struct builder *builder, enum yaml_kind kind, yaml_mark_t mark)
{
    struct yaml_node *parent = builder->open;
    struct yaml_node *node = memory_zero(1, sizeof *node);
    node->kind = builder->key_refused ? YAML_REFUSED : kind;
    node->source = builder->source;
    node->parent = parent;
    node->line = mark.line + 1;
    node->column = mark.column + 1;
    node->key = builder->key;
    node->key_line = builder->key_mark.line + 1;
    node->key_column = builder->key_mark.column + 1;
    builder->key = NULL;
    builder->key_refused = false;
    if (parent == NULL) {
        builder->root = node;
        return node;
    }
    node->index = parent->child_count++;
    if ((node->index & (node->index + 1)) == 0) // full at 0, 1, 3, 7, …
        parent->children = memory_grow(parent->children, (node->index + 1) * 2 * sizeof(struct yaml_node *));
    parent->children[node->index] = node;
    return node;
}

static void refuse_at(struct builder *builder, yaml_mark_t mark, const char *expected, const char *found)
{
    char path[PATH_BYTES] = "";
    size_t length = builder->open == NULL ? 0 : path_of(builder->open, path);
    if (builder->key != NULL) {
        length = length > 0 ? path_append(path, length, ".") : 0;
        path_append(path, length, builder->key);
    }
    report_add(builder->report, builder->source, mark.line + 1, mark.column + 1, path, builder->key != NULL,
               "expected %s; found %s", expected, found);
}

static bool wants_key(const struct builder *builder)
{
    return builder->open != NULL && builder->open->kind != YAML_LIST && builder->key == NULL;
}

static bool take_key(struct builder *builder, const yaml_event_t *event)
{
    struct span name = {(const char *)event->data.scalar.value, event->data.scalar.length};
    char found[96];
    log_quote(found, sizeof found, name);
    if (builder->open->child_count >= YAML_MAP_KEYS) {
        refuse_at(builder, event->start_mark, "fewer keys in one mapping", found);
        return false;
    }
    char *key = memory_text_of(name.bytes, name.length);
    bool second = yaml_tree_find(builder->open, key) != NULL;
    bool merge = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && strcmp(key, "<<") == 0;
    builder->key = key;
    builder->key_mark = event->start_mark;
    builder->key_refused = second || merge || strlen(key) != name.length;
    if (second)
        refuse_at(builder, event->start_mark, "each key once", "it a second time");
    else if (merge)
        refuse_at(builder, event->start_mark, "a key", "a merge key, which is not supported");
    else if (builder->key_refused)
        refuse_at(builder, event->start_mark, "a key without control characters", found);
    return true;
}

/** Refuses anchors and tags: they change what a value is, or what it means elsewhere, and are not needed here. */
static void refuse_properties(struct builder *builder, const yaml_event_t *event, const void *anchor, const void *tag)
{
    if (anchor != NULL)
        refuse_at(builder, event->start_mark, "a value", "an anchor (&), which is not supported");
    if (tag != NULL)
        refuse_at(builder, event->start_mark, "a value", "a tag (!), which is not supported");
}

static bool take_scalar(struct builder *builder, const yaml_event_t *event)
{
    refuse_properties(builder, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (wants_key(builder))
        return take_key(builder, event);
    struct yaml_node *node = node_add(builder, YAML_SCALAR, event->start_mark);
    node->text = memory_text_of((const char *)event->data.scalar.value, event->data.scalar.length);
    node->length = event->data.scalar.length;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return true;
}

static bool take_open(struct builder *builder, const yaml_event_t *event, enum yaml_kind kind)
{
    if (wants_key(builder)) {
        refuse_at(builder, event->start_mark, "a key", kind == YAML_LIST ? "a list" : "a mapping");
        return false;
    }
    if (builder->depth == YAML_DEPTH) {
        refuse_at(builder, event->start_mark, "a value", "lists and mappings nested too deep");
        return false;
    }
    bool refused = builder->key_refused;
    struct yaml_node *node = node_add(builder, kind, event->start_mark);
    // while the node is open, its kind says whether a key is expected: a refused node becomes YAML_REFUSED at its end
    node->kind = kind;
    node->plain = refused;
    builder->open = node;
    builder->depth++;
    return true;
}

static void take_close(struct builder *builder)
{
    struct yaml_node *closed = builder->open;
    if (closed == NULL) // libyaml closes only what it has opened
        return;
    if (closed->plain)
        closed->kind = YAML_REFUSED;
    builder->open = closed->parent;
    builder->depth--;
}

static bool take_alias(struct builder *builder, const yaml_event_t *event)
{
    refuse_at(builder, event->start_mark, "a value", "an alias (*), which is not supported");
    if (wants_key(builder))
        return false;
    node_add(builder, YAML_REFUSED, event->start_mark);
    return true;
}

/** @return false if the rest cannot be understood */
static bool take_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++builder->documents == 1)
            return true;
        refuse_at(builder, event->start_mark, "one document", "a second one");
        return false;
    case YAML_SCALAR_EVENT:
        return take_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        refuse_properties(builder, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return take_open(builder, event, YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        refuse_properties(builder, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return take_open(builder, event, YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        take_close(builder);
        return true;
    case YAML_ALIAS_EVENT:
        return take_alias(builder, event);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return true;
}

/** Reports a syntax error. Those have a mark; errors in the bytes themselves have an offset only. */
static void report_parser(struct builder *builder, const yaml_parser_t *parser)
{
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR) {
        mark = (yaml_mark_t){0};
        for (size_t i = 0; i < parser->problem_offset && i < builder->source->length; i++) {
            bool line_end = builder->source->bytes[i] == '\n';
            mark.line += line_end;
            mark.column = line_end ? 0 : mark.column + (((unsigned char)builder->source->bytes[i] & 0xc0) != 0x80);
        }
    }
    refuse_at(builder, mark, "YAML", parser->problem == NULL ? "something else" : parser->problem);
}

struct yaml_node *yaml_tree_parse(const struct source *source, struct report *report)
{
    struct builder builder = {.source = source, .report = report};
    yaml_parser_t parser;
    bool good = true, more = true;
    if (yaml_parser_initialize(&parser) == 0)
        memory_exhausted(0);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)source->bytes, source->length);
    while (good && more) {
        yaml_event_t event;
        if (yaml_parser_parse(&parser, &event) == 0) {
            if (parser.error == YAML_MEMORY_ERROR)
                memory_exhausted(0);
            report_parser(&builder, &parser);
            good = false;
            break;
        }
        more = event.type != YAML_STREAM_END_EVENT;
        good = take_event(&builder, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    free(builder.key);
    if (good || builder.documents > 1) // a second document need not hide errors in the first
        return builder.root;
    yaml_tree_free(builder.root);
    return NULL;
}
