// core/config/expected.c: describes the values that a key accepts, from the key's row.
#include "config/expected.h"

#include "base/log.h"
#include "base/nearest.h"
#include "config/values.h"

#include <stdarg.h>

static void expected_append(char *buffer, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void expected_append(char *buffer, size_t size, const char *format, ...)
{
    size_t length = strlen(buffer);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(buffer + length, size - length, format, arguments);
    va_end(arguments);
}

static void append_choices(const struct setting *row, char *buffer, size_t size)
{
    const char *between = "one of ";
    for (const char *const *choice = row->choices; *choice != NULL; choice++) {
        expected_append(buffer, size, "%s%s", between, *choice);
        between = ", ";
    }
}

const char *expected_keys(const struct setting *rows, char *buffer, size_t size)
{
    const char *between = "one of the keys ";
    buffer[0] = '\0';
    for (; rows->key != NULL; rows++) {
        expected_append(buffer, size, "%s%s", between, rows->key);
        between = ", ";
    }
    return buffer;
}

const char *expected_unknown(const struct setting *rows, const char *key, char *buffer, size_t size)
{
    struct nearest nearest;

    nearest_begin(&nearest, span_of(key));
    for (; rows->key != NULL; rows++)
        nearest_try(&nearest, rows->key);
    log_quote(buffer, size, span_of(key));
    if (nearest.best != NULL)
        expected_append(buffer, size, " (did you mean %s?)", nearest.best);
    return buffer;
}

const char *expected_text(const struct setting *row, char *buffer, size_t size)
{
    // clang-format off
    static const char *const words[] = {
        [SETTING_TEXT] = "a text of one line", [SETTING_PATH] = "a path",
        [SETTING_LOG_TARGET] = "stderr, syslog, journal (both may name their socket, as in syslog:/dev/log) or a path with a slash",
        [SETTING_SECRET] = "a text or ${ENVIRONMENT}",
        [SETTING_SECRET_FILE] = "the path of a file with the secret", [SETTING_SECRET_LINES] = "the path of a file with secrets",
        [SETTING_URLS] = "a list of URLs (nats://HOST:PORT, tls://HOST:PORT)",
        [SETTING_BOOL] = "true or false",
        [SETTING_NAMES] = "a list of names", [SETTING_PATHS] = "a path or a list of paths", [SETTING_CLASSES] = "a list of event classes",
        [SETTING_FILTERS] = "a list of scripts, each a name or `name: {option: value, …}`",
        [SETTING_ORIGINS] = "a list of URLs (https://HOST, https://HOST:PORT), each perhaps with a list of scripts",
        [SETTING_NETWORKS] = "a list of networks (192.0.2.0/24, 2001:db8::/32) or addresses",
        [SETTING_EVENTS] = "on, off or a list of event classes", [SETTING_SECTION] = "a mapping of keys to values",
        [SETTING_LIST] = "a list of mappings",
    };
    // clang-format on
    unsigned long long min = row->min, max = row->max;
    char low[32], high[32];
    buffer[0] = '\0';
    if (row->type == SETTING_CHOICE)
        append_choices(row, buffer, size);
    else if (row->type == SETTING_PORT || row->type == SETTING_COUNT32 || row->type == SETTING_COUNT)
        expected_append(buffer, size, "a number from %llu to %llu", min, max);
    else if (row->type == SETTING_WORKERS)
        expected_append(buffer, size, "auto or a number from %llu to %llu", min, max);
    else if (row->type == SETTING_DURATION)
        expected_append(buffer, size, "a duration from %s to %s (units ms, s, m, h)",
                        value_duration_text(min, low, sizeof low), value_duration_text(max, high, sizeof high));
    else if (row->type == SETTING_SIZE)
        expected_append(buffer, size, "a size from %s to %s (units B, KiB, MiB, GiB)",
                        value_size_text(min, low, sizeof low), value_size_text(max, high, sizeof high));
    else
        expected_append(buffer, size, "%s", words[row->type]);
    return buffer;
}

const char *expected_found(const struct setting *row, const struct yaml_node *node, char *buffer, size_t size)
{
    bool hidden = row->type == SETTING_SECRET || row->type == SETTING_SECTION || row->type == SETTING_LIST;
    buffer[0] = '\0';
    if (node->kind == YAML_LIST)
        expected_append(buffer, size, "a list");
    else if (node->kind == YAML_MAP)
        expected_append(buffer, size, "a mapping");
    else if (yaml_tree_is_null(node))
        expected_append(buffer, size, "nothing");
    else if (node->length == 0)
        expected_append(buffer, size, "\"\"");
    else if (hidden)
        expected_append(buffer, size, "a text");
    else
        log_quote(buffer, size, yaml_tree_text(node));
    return buffer;
}
