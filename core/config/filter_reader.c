// core/config/filter_reader.c: reads `filters:`: a list of names, or of `name: {options}`. The option `mode: observe`
// is read here; the others are the script's.
#include "config/filters.h"

#include "base/memory.h"
#include "config/readers.h"
#include "config/values.h"

#include <stdlib.h>

static bool read_number(const struct yaml_node *node, double *number)
{
    char *end;

    if (!node->plain || node->length == 0 || node->length > 64)
        return false;
    *number = strtod(node->text, &end);
    return end == node->text + node->length;
}

static void read_value(const struct yaml_node *node, struct option_value *value)
{
    struct span text = yaml_tree_text(node);

    *value = (struct option_value){.kind = OPTION_NIL};
    if (node->kind == YAML_LIST || node->kind == YAML_MAP) {
        value->kind = node->kind == YAML_LIST ? OPTION_LIST : OPTION_MAP;
        value->items = memory_zero(node->child_count + 1, sizeof *value->items);
        value->keys = node->kind == YAML_MAP ? memory_zero(node->child_count + 1, sizeof *value->keys) : NULL;
        for (size_t i = 0; i < node->child_count; i++) {
            read_value(node->children[i], &value->items[i]);
            if (value->keys != NULL)
                value->keys[i] = memory_text(node->children[i]->key);
        }
        value->count = node->child_count;
    } else if (node->kind == YAML_SCALAR && !yaml_tree_is_null(node)) {
        bool yes = span_equals(text, span_of("true"));
        if (node->plain && (yes || span_equals(text, span_of("false")))) {
            value->kind = OPTION_FLAG;
            value->flag = yes;
        } else if (read_number(node, &value->number)) {
            value->kind = OPTION_NUMBER;
        } else {
            value->kind = OPTION_TEXT;
            value->text = memory_text_of(text.bytes, text.length);
        }
    }
}

static void free_value(struct option_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        free_value(&value->items[i]);
        if (value->keys != NULL)
            free(value->keys[i]);
    }
    free(value->items);
    free(value->keys);
    free(value->text);
}

void filters_free(struct filter_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].name);
        free_value(&list->items[i].options);
    }
    free(list->items);
    *list = (struct filter_list){0};
}

/** Takes `mode` out of the options. @return false: it is neither enforce nor observe, and was reported */
static bool take_mode(struct settings *settings, const struct yaml_node *options, struct filter_config *filter)
{
    const struct yaml_node *mode = yaml_tree_find(options, "mode");
    struct option_value *value = &filter->options;

    if (mode == NULL)
        return true;
    filter->observe = span_equals(yaml_tree_text(mode), span_of("observe"));
    if (!filter->observe && !span_equals(yaml_tree_text(mode), span_of("enforce"))) {
        yaml_tree_report(settings->report, mode, "expected one of enforce, observe; found something else");
        return false;
    }
    free(value->keys[mode->index]);
    free_value(&value->items[mode->index]);
    for (size_t i = mode->index + 1; i < value->count; i++) {
        value->keys[i - 1] = value->keys[i];
        value->items[i - 1] = value->items[i];
    }
    value->count--;
    return true;
}

static bool is_name(struct span name)
{
    return name.length > 0 && name.length <= 255 && !value_has_control(name);
}

/** One entry. @return false: it was reported */
static bool read_entry(struct settings *settings, const struct yaml_node *node, struct filter_config *filter)
{
    const struct yaml_node *options = node->kind == YAML_MAP && node->child_count == 1 ? node->children[0] : NULL;
    struct span name = options != NULL ? span_of(options->key) : yaml_tree_text(node);

    if (!is_name(name) || (options != NULL && options->kind != YAML_MAP && !yaml_tree_is_null(options))) {
        yaml_tree_report(settings->report, node, "expected a script's name, or `name: {option: value, …}`");
        return false;
    }
    filter->name = memory_text_of(name.bytes, name.length);
    if (options == NULL || options->kind != YAML_MAP)
        return true;
    read_value(options, &filter->options);
    return take_mode(settings, options, filter);
}

enum value_result reader_filters(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                 struct span text, void *field)
{
    struct filter_list *list = field;
    enum value_result result = VALUE_GOOD;

    (void)row, (void)text;
    if (node == NULL)
        return VALUE_GOOD;
    if (node->kind != YAML_LIST)
        return VALUE_WRONG;
    list->items = memory_zero(node->child_count + 1, sizeof *list->items);
    for (size_t i = 0; i < node->child_count; i++) {
        list->count = i + 1; // so that an incomplete entry is freed with the list
        if (node->children[i]->kind != YAML_REFUSED && !read_entry(settings, node->children[i], &list->items[i]))
            result = VALUE_REPORTED;
    }
    return result;
}
