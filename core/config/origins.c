// core/config/origins.c: see origins.h. An entry is `https://HOST:PORT`, or that with a list of names of scripts.
#include "config/origins.h"

#include "base/memory.h"
#include "base/url.h"
#include "config/expected.h"
#include "config/readers.h"

#include <stdlib.h>
#include <string.h>

/** Reads the URL. @return false: an error was reported */
static bool origins_read_url(struct settings *settings, const struct yaml_node *node, const char *text, bool is_key,
                             struct origin_config *entry)
{
    void (*report)(struct report *, const struct yaml_node *, const char *, ...) =
        is_key ? yaml_tree_report_key : yaml_tree_report;
    const char *fault = url_fault(text);

    if (fault == NULL && !url_is_origin(text))
        fault = "a URL without a path: https://HOST or https://HOST:PORT";
    if (fault != NULL) {
        report(settings->report, node, "expected %s; found \"%.80s\"", fault, text);
        return false;
    }
#ifdef AMP_WITH_CURL
    char origin[URL_ORIGIN_SIZE];
    entry->origin = memory_text(url_origin(text, origin));
    return true;
#else
    (void)entry;
    report(settings->report, node, "expected no URL: built without HTTP (libcurl)");
    return false;
#endif
}

/** Reads the names of the scripts behind a URL. */
static bool origins_read_scripts(struct settings *settings, const struct yaml_node *node, struct origin_config *entry)
{
    bool good = node->kind == YAML_LIST && node->child_count > 0;

    entry->scripts = memory_zero(node->child_count + 1, sizeof *entry->scripts);
    for (size_t i = 0; good && i < node->child_count; i++) {
        struct span name = yaml_tree_text(node->children[i]);
        good = name.length > 0;
        if (good)
            entry->scripts[entry->script_count++] = memory_text_of(name.bytes, name.length);
    }
    if (!good)
        yaml_tree_report(settings->report, node, "expected a list of names of filters and proxy actions");
    return good;
}

static bool origins_read_entry(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                               struct origin_config *entry)
{
    struct span text = yaml_tree_text(node);
    char found[96];

    if (node->kind == YAML_MAP && node->child_count == 1)
        return origins_read_url(settings, node->children[0], node->children[0]->key, true, entry) &&
               origins_read_scripts(settings, node->children[0], entry);
    entry->for_all = true;
    if (text.length > 0 && memchr(text.bytes, '\0', text.length) == NULL)
        return origins_read_url(settings, node, text.bytes, false, entry);
    yaml_tree_report(settings->report, node,
                     "expected https://HOST, https://HOST:PORT or that with a list of scripts; found %s",
                     expected_found(row, node, found, sizeof found));
    return false;
}

enum value_result reader_origins(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                                 struct span text, void *field)
{
    struct origin_list *list = field;
    enum value_result result = VALUE_GOOD;

    (void)text;
    if (node->kind != YAML_LIST)
        return VALUE_WRONG;
    list->items = memory_zero(node->child_count + 1, sizeof *list->items);
    list->count = node->child_count;
    for (size_t i = 0; i < node->child_count; i++) {
        if (node->children[i]->kind == YAML_REFUSED ||
            !origins_read_entry(settings, row, node->children[i], &list->items[i]))
            result = VALUE_REPORTED;
    }
    return result;
}

void origins_free(struct origin_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < list->items[i].script_count; k++)
            free(list->items[i].scripts[k]);
        free(list->items[i].scripts);
        free(list->items[i].origin);
    }
    free(list->items);
    *list = (struct origin_list){.items = NULL};
}

bool origins_permit(const struct origin_list *list, const char *name, const char *url)
{
    char origin[URL_ORIGIN_SIZE];

    url_origin(url, origin);
    for (size_t i = 0; i < list->count; i++) {
        const struct origin_config *entry = &list->items[i];
        bool may = entry->for_all;
        for (size_t k = 0; k < entry->script_count; k++)
            may = may || strcmp(entry->scripts[k], name) == 0;
        if (may && strcmp(entry->origin, origin) == 0)
            return true;
    }
    return false;
}
