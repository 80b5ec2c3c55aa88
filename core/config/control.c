// core/config/control.c: see control.h.
#include "config/control.h"

#include "base/memory.h"
#include "config/schema.h"
#include "config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static bool is_off(const char *path)
{
    return strcmp(path, "off") == 0;
}

static bool is_usable(const char *path)
{
    struct sockaddr_un address;

    return is_off(path) || (path[0] == '/' && strlen(path) < sizeof address.sun_path);
}

/** Does one of the listeners use that path? @param path  NULL: none does */
static bool is_listeners(const struct config *config, const char *path)
{
    for (size_t i = 0; path != NULL && i < config->listen_count; i++) {
        const char *address = config->listen[i].address;
        if (address != NULL && strncmp(address, "unix:", 5) == 0 && strcmp(address + 5, path) == 0)
            return true;
    }
    return false;
}

void control_check(struct report *report, const struct yaml_node *root, struct config *config)
{
    const struct yaml_node *path = yaml_tree_find(yaml_tree_find(root, "control"), "path");
    struct sockaddr_un address;

    config->control.given = path != NULL && !yaml_tree_is_null(path);
    if (config->control.path != NULL && !is_usable(config->control.path))
        yaml_tree_report(report, path, "expected off, or an absolute path of at most %zu bytes; found \"%s\"",
                         sizeof address.sun_path - 1, config->control.path);
    else if (config->control.given && is_listeners(config, config->control.path))
        yaml_tree_report(report, path, "expected a path that no entry of listen has; found \"%s\"",
                         config->control.path);
}

/** Returns the first line that the socket's clients read. It tells ampctl which configuration the proxy serves. */
static char *control_banner(const char *path)
{
    const char *front = "astmanproxy " AMP_VERSION " control ";
    bool is_plain = path != NULL && !value_has_control(span_of(path));
    size_t size = strlen(front) + (is_plain ? strlen(path) : 1) + 1;
    char *banner = memory_new(size);

    snprintf(banner, size, "%s%s", front, is_plain ? path : "-");
    return banner;
}

void control_add_listener(struct config *config)
{
    const char *path = config->control.path;
    struct listen_config *listen;

    if (is_off(path))
        return;
    config->listen = memory_grow(config->listen, (config->listen_count + 1) * sizeof *config->listen);
    listen = &config->listen[config->listen_count++];
    *listen = (struct listen_config){.address = memory_new(strlen(path) + 6),
                                     .input = memory_text("standard"),
                                     .output = memory_text("standard"),
                                     .banner = control_banner(config->path),
                                     .autofilter = AUTOFILTER_UNIQUE,
                                     .tls = TLS_OFF,
                                     .detect_timeout_ms = 1,
                                     .control = true};
    snprintf(listen->address, strlen(path) + 6, "unix:%s", path);
}

/** Returns the value behind `path:` in a line; empty: it has none. */
static struct span line_path(struct span line)
{
    const char *found = line.length == 0 ? NULL : memmem(line.bytes, line.length, "path:", 5);
    struct span value = {0};

    if (found == NULL)
        return value;
    value = (struct span){found + 5, line.length - (size_t)(found + 5 - line.bytes)};
    while (value.length > 0 && strchr(" \t\"'", value.bytes[0]) != NULL) {
        value.bytes++;
        value.length--;
    }
    for (size_t i = 0; i < value.length; i++) {
        if (strchr(" \t\r\"',}#", value.bytes[i]) != NULL)
            value.length = i;
    }
    return value;
}

/** Looks for the path in the lines of a file that is not YAML, where the mistake may be anywhere else. */
static struct span control_search(const struct source *source)
{
    struct span value = {0};
    const char *end = source->bytes + source->length;
    bool inside = false;

    for (const char *at = source->bytes; at < end && value.length == 0;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct span line = {at, (size_t)((stop == NULL ? end : stop) - at)};
        at = stop == NULL ? end : stop + 1;
        bool is_more = line.length == 0 || strchr(" \t#", line.bytes[0]) != NULL;
        inside = (inside && is_more) || (line.length >= 8 && memcmp(line.bytes, "control:", 8) == 0);
        if (inside)
            value = line_path(line);
    }
    return value;
}

char *config_control_path(const char *path)
{
    struct source source = {0};
    struct report report;
    struct error err;
    struct yaml_node *tree = NULL;
    struct span text = span_of(CONTROL_PATH), named = {0};
    char *found;

    report_init(&report);
    if (source_read(path, SOURCE_LIMIT, &source, &err))
        tree = yaml_tree_parse(&source, &report);
    const struct yaml_node *node = yaml_tree_find(yaml_tree_find(tree, "control"), "path");
    if (node != NULL && !yaml_tree_is_null(node))
        named = yaml_tree_text(node);
    else if (tree == NULL && source.bytes != NULL)
        named = control_search(&source);
    if (named.length > 0)
        text = named;
    found = memory_text_of(text.bytes, text.length);
    if (is_off(found) || !is_usable(found)) {
        free(found);
        found = NULL;
    }
    yaml_tree_free(tree);
    source_fini(&source);
    free(report_finish(&report));
    return found;
}
