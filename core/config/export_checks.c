// config/export_checks.c: the checks of `exports:`, and whether two entries differ.
#include "config/checks.h"

#include "base/memory.h"
#include "base/url.h"

#include <ctype.h>

#define MOST_EXPORTS 256 // each is a label of metrics
#define LONGEST_NAME 64

static const struct yaml_node *exports_place(const struct yaml_node *entry, const char *key)
{
    const struct yaml_node *node = yaml_tree_find(entry, key);
    return node == NULL ? entry : node;
}

/** May the text be a name, which is written to the log, to metrics and to headers of HTTP as it is? */
static bool exports_is_name(const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)name[i]) && strchr("._-", name[i]) == NULL)
            return false;
    }
    return length > 0 && length <= LONGEST_NAME;
}

static void exports_check_name(struct report *report, const struct yaml_node *list, const struct config *config,
                               size_t at)
{
    const struct export_config *exporter = &config->exports[at];
    const struct yaml_node *place = exports_place(list->children[at], "name");

    if (!exports_is_name(exporter->name))
        yaml_tree_report(report, place,
                         "expected a name (default: the user) of at most %d letters, digits, '.', '_' and '-'; found "
                         "\"%s\"",
                         LONGEST_NAME, exporter->name);
    for (size_t i = 0; i < at; i++) {
        if (config->exports[i].name == NULL || strcmp(config->exports[i].name, exporter->name) != 0)
            continue;
        yaml_tree_report(
            report, place,
            "expected a name (default: the user) that no other export has; found \"%s\" as in exports[%zu]",
            exporter->name, i);
        return;
    }
}

/** Is it a subject of NATS with complete parts, none a wildcard, in which {server} and {event} may stand? Subjects of
 *  clusters (amp.) and of NATS itself ($…, _INBOX) are not. */
static bool exports_is_subject(const char *subject)
{
    size_t length = strlen(subject);

    if (length == 0 || length > 200 || subject[0] == '.' || subject[length - 1] == '.' ||
        strstr(subject, "..") != NULL || strncmp(subject, "amp.", 4) == 0 || subject[0] == '_')
        return false;
    while (*subject != '\0') {
        size_t word = strncmp(subject, "{server}", 8) == 0 ? 8 : strncmp(subject, "{event}", 7) == 0 ? 7 : 0;
        if (word == 0 && !isalnum((unsigned char)*subject) && strchr("._-", *subject) == NULL)
            return false;
        subject += word > 0 ? word : 1;
    }
    return true;
}

/** Keys about HTTP have no meaning for the bus. */
static void exports_check_bus(struct report *report, const struct yaml_node *entry, const struct config *config,
                              const char *subject)
{
    static const char *const keys[] = {"batch",           "batch_wait",           "secret",  "secret_file",
                                       "previous_secret", "previous_secret_file", "ca_file", "allow",
                                       "timeout",         "connect_timeout"};

    if (!exports_is_subject(subject))
        yaml_tree_report(report, exports_place(entry, "to"),
                         "expected nats: and a subject without wildcards, in which {server} and {event} may stand; "
                         "found \"nats:%s\"",
                         subject);
    else if (!config_has_cluster(config))
        yaml_tree_report(report, exports_place(entry, "to"),
                         "expected the section cluster to be set for nats: subjects; found none");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct yaml_node *node = yaml_tree_find(entry, keys[i]);
        if (node != NULL && !yaml_tree_is_null(node))
            yaml_tree_report(report, node, "expected no such key beside a nats: subject; found one");
    }
}

/** Where it goes may be a secret (a token in the URL): it is not repeated. */
static void exports_check_to(struct report *report, const struct yaml_node *place, const char *to)
{
    const char *fault = url_fault(to);

    if (fault != NULL)
        yaml_tree_report(report, place, "expected %s; found another one", fault);
#ifndef AMP_WITH_CURL
    else
        yaml_tree_report(report, place, "expected no URL: built without HTTP exports (libcurl)");
#endif
}

static void exports_check_waits(struct report *report, const struct yaml_node *entry,
                                const struct export_config *exporter)
{
    bool has_longest = yaml_tree_find(entry, "retry_max_interval") != NULL;

    if (exporter->retry_interval_ms > exporter->retry_max_interval_ms && exporter->retry_max_interval_ms != 0)
        yaml_tree_report(report, exports_place(entry, has_longest ? "retry_max_interval" : "retry_interval"),
                         "expected retry_max_interval to be at least retry_interval; found %llums and %llums",
                         (unsigned long long)exporter->retry_max_interval_ms,
                         (unsigned long long)exporter->retry_interval_ms);
    if (exporter->previous_secret != NULL && exporter->secret == NULL && yaml_tree_find(entry, "secret") == NULL &&
        yaml_tree_find(entry, "secret_file") == NULL)
        yaml_tree_report(report, exports_place(entry, "previous_secret"),
                         "expected secret or secret_file to be set beside it; found previous_secret alone");
}

void checks_exports(struct report *report, const struct yaml_node *root, struct config *config, bool outside)
{
    const struct yaml_node *list = yaml_tree_find(root, "exports");

    if (list == NULL || list->kind != YAML_LIST)
        return;
    if (config->export_count > MOST_EXPORTS)
        yaml_tree_report(report, list, "expected at most %d entries; found %zu", MOST_EXPORTS, config->export_count);
    for (size_t i = 0; i < config->export_count; i++) {
        struct export_config *exporter = &config->exports[i];
        const struct yaml_node *entry = list->children[i];
        if (exporter->name == NULL)
            exporter->name = memory_text(exporter->user);
        if (exporter->name != NULL)
            exports_check_name(report, list, config, i);
        if (exporter->user != NULL && !outside && config_find_user(config, span_of(exporter->user)) == NULL)
            yaml_tree_report(report, exports_place(entry, "user"), "expected the name of a user; found \"%s\"",
                             exporter->user);
        if (exporter->to != NULL && strncmp(exporter->to, "nats:", 5) == 0)
            exports_check_bus(report, entry, config, exporter->to + 5);
        else if (exporter->to != NULL)
            exports_check_to(report, exports_place(entry, "to"), exporter->to);
        exports_check_waits(report, entry, exporter);
    }
}

static bool exports_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool exports_same_networks(const struct network_list *a, const struct network_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->items[i].bits != b->items[i].bits ||
            memcmp(a->items[i].bytes, b->items[i].bytes, sizeof a->items[i].bytes) != 0)
            return false;
    }
    return true;
}

bool config_same_export(const struct export_config *a, const struct export_config *b)
{
    return exports_same_text(a->user, b->user) && exports_same_text(a->to, b->to) &&
           exports_same_text(a->format, b->format) && a->events == b->events && a->batch == b->batch &&
           a->batch_wait_ms == b->batch_wait_ms && a->queue == b->queue && a->keep_ms == b->keep_ms &&
           exports_same_text(a->secret, b->secret) && exports_same_text(a->previous_secret, b->previous_secret) &&
           exports_same_text(a->ca_file, b->ca_file) && exports_same_networks(&a->allow, &b->allow) &&
           a->connect_timeout_ms == b->connect_timeout_ms && a->timeout_ms == b->timeout_ms &&
           a->retry_interval_ms == b->retry_interval_ms && a->retry_max_interval_ms == b->retry_max_interval_ms;
}
