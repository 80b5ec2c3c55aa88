// core/config/url_reader.c: reads `cluster.bus`: URLs of NATS servers. A URL has no path and no user: secrets have keys
// of their own, whose files are checked.
#include "config/readers.h"

#include "base/memory.h"
#include "base/url.h"
#include "config/expected.h"

#include <string.h>

static struct span url_after(struct span text, size_t count)
{
    return (struct span){text.bytes + count, text.length - count};
}

static bool url_begins(struct span text, const char *start)
{
    return text.length >= strlen(start) && memcmp(text.bytes, start, strlen(start)) == 0;
}

/** Is it nats://HOST, tls://HOST or one of these with :PORT? */
static bool is_url(struct span text)
{
    size_t scheme = url_begins(text, "nats://") ? 7 : url_begins(text, "tls://") ? 6 : 0;

    return scheme > 0 && url_authority_fault(url_after(text, scheme)) == NULL;
}

/** @return false: an error was reported */
static bool url_read(struct settings *settings, const struct setting *row, const struct yaml_node *node, char **url)
{
    struct span text = yaml_tree_text(node);
    char found[96];

    if (node->kind == YAML_SCALAR && text.length > 0 && memchr(text.bytes, '@', text.length) != NULL) {
        // The text is not shown: it holds a secret.
        yaml_tree_report(
            settings->report, node,
            "expected a URL without a user (cluster.user, credentials_file or nkey has it); found one with "
            "an @");
        return false;
    }
    if (node->kind != YAML_SCALAR || !is_url(text)) {
        yaml_tree_report(settings->report, node, "expected nats://HOST:PORT or tls://HOST:PORT; found %s",
                         expected_found(row, node, found, sizeof found));
        return false;
    }
    *url = memory_text_of(text.bytes, text.length);
    return true;
}

enum value_result reader_urls(struct settings *settings, const struct setting *row, const struct yaml_node *node,
                              struct span text, void *field)
{
    char ***urls = field;
    size_t *count = (size_t *)((char *)field - row->offset + row->count_offset);
    enum value_result result = VALUE_GOOD;

    (void)text;
    if (node->kind != YAML_LIST)
        return VALUE_WRONG;
    if (node->child_count == 0) {
        yaml_tree_report(settings->report, node, "expected at least one URL; found an empty list");
        return VALUE_REPORTED;
    }
    *urls = memory_zero(node->child_count, sizeof **urls);
    for (size_t i = 0; i < node->child_count; i++) {
        if (node->children[i]->kind != YAML_REFUSED && url_read(settings, row, node->children[i], &(*urls)[*count]))
            ++*count;
        else
            result = VALUE_REPORTED;
    }
    return result;
}
