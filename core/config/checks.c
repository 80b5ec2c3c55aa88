// core/config/checks.c: checks across keys. Entries of a list and their nodes have the same indexes. Fields may be NULL
// where the report already has an error.
#include "config/checks.h"

#include "ami/catalogue.h"
#include "ami/device.h"
#include "ami/event_class.h"
#include "auth/hash.h"
#include "base/charset.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/cluster_checks.h"
#include "config/control.h"
#include "config/hashes.h"
#include "config/user_index.h"

#include <stdlib.h>
#include <sys/un.h>

/** Returns the node of a key of an entry; the entry's node if the key is absent. */
static const struct yaml_node *place_of(const struct yaml_node *entry, const char *key)
{
    const struct yaml_node *node = yaml_tree_find(entry, key);
    return node == NULL ? entry : node;
}

static bool has_value(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = yaml_tree_find(map, key);
    return node != NULL && !yaml_tree_is_null(node);
}

static void check_secret(struct report *report, const struct yaml_node *entry)
{
    if (entry->kind == YAML_MAP && !has_value(entry, "secret") && !has_value(entry, "secret_file"))
        yaml_tree_report_missing(report, entry, "secret", "secret or secret_file");
}

/** Keys that have no meaning without another one. */
static void check_listen_beside(struct report *report, const struct yaml_node *entry,
                                const struct listen_config *listen)
{
    if (listen->proxy_protocol != PROXY_PROTOCOL_AUTO && listen->trust.count == 0)
        yaml_tree_report(report, place_of(entry, "proxy_protocol"),
                         "expected trust beside it, the networks of the balancers; found proxy_protocol alone");
    if (listen->pbx_metrics && !listen->reports)
        yaml_tree_report(report, yaml_tree_find(entry, "pbx_metrics"),
                         "expected reports: true beside it; found pbx_metrics without it");
}

static void check_listen(struct report *report, const struct yaml_node *entry, const struct listen_config *listen)
{
    struct sockaddr_un unix_address;
    check_listen_beside(report, entry, listen);
    if (listen->address == NULL || strncmp(listen->address, "unix:", 5) != 0)
        return;
    const char *path = listen->address + 5;
    if (path[0] != '/' || strlen(path) >= sizeof unix_address.sun_path)
        yaml_tree_report(report, place_of(entry, "address"),
                         "expected unix: and an absolute path of at most %zu bytes; found \"%s\"",
                         sizeof unix_address.sun_path - 1, listen->address);
    for (const char *const *key = (const char *const[]){"allow", "deny", "trust", NULL}; *key != NULL; key++) {
        if (has_value(entry, *key))
            yaml_tree_report(report, yaml_tree_find(entry, *key),
                             "expected no such key: clients of a unix socket have no address (its folder's permissions "
                             "say who may connect); found one");
    }
}

/** Encryption needs a certificate. */
static void check_tls(struct report *report, const struct yaml_node *root, struct config *config)
{
    const struct yaml_node *tls = yaml_tree_find(root, "tls"), *listen = yaml_tree_find(root, "listen");
    for (size_t i = 0; listen != NULL && listen->kind == YAML_LIST && i < config->listen_count; i++) {
        if (config->listen[i].tls == TLS_REQUIRED && config->tls.certificate == NULL)
            yaml_tree_report(report, place_of(listen->children[i], "tls"),
                             "expected tls.certificate to be set; found \"required\" without it");
        if (config->tls.client_ca != NULL && config->listen[i].tls == TLS_OPTIONAL)
            yaml_tree_report(
                report, place_of(listen->children[i], "tls"),
                "expected required or off beside tls.client_ca; found optional%s, by which clients without a "
                "certificate get in unencrypted",
                has_value(listen->children[i], "tls") ? "" : " (the default)");
    }
    for (const char *const *key = (const char *const[]){"key", "client_ca", NULL}; *key != NULL; key++) {
        if (config->tls.certificate == NULL && has_value(tls, *key))
            yaml_tree_report(report, yaml_tree_find(tls, *key), "expected tls.certificate to be set beside it");
    }
    if (config->tls.certificate != NULL && config->tls.key == NULL)
        config->tls.key = memory_text(config->tls.certificate);
}

/** UTF-8 is what formats write anyway, so it is as if nothing were set. */
static void check_encoding(struct report *report, const struct yaml_node *entry, struct server_config *server)
{
    struct charset *charset = server->encoding == NULL ? NULL : charset_open(server->encoding);

    if (server->encoding != NULL && charset == NULL)
        yaml_tree_report(
            report, place_of(entry, "encoding"),
            "expected an encoding that iconv knows (iconv -l) and that extends ASCII, such as windows-1251; "
            "found \"%s\"",
            server->encoding);
    if (server->encoding != NULL &&
        (strcasecmp(server->encoding, "utf-8") == 0 || strcasecmp(server->encoding, "utf8") == 0)) {
        free(server->encoding);
        server->encoding = NULL;
    }
    charset_close(charset);
}

static void check_server(struct report *report, const struct yaml_node *list, struct server_config *servers, size_t at)
{
    const struct yaml_node *entry = list->children[at];
    struct server_config *server = &servers[at];
    check_secret(report, entry);
    check_encoding(report, entry, server);
    if (server->name == NULL)
        server->name = memory_text(server->host);
    if (server->name == NULL)
        return;
    if (strcmp(server->name, "*") == 0)
        yaml_tree_report(report, place_of(entry, "name"), "expected a name; found \"*\", which means all servers");
    for (size_t i = 0; i < at; i++) {
        if (servers[i].name == NULL || strcasecmp(servers[i].name, server->name) != 0)
            continue;
        yaml_tree_report(
            report, place_of(entry, "name"),
            "expected a name (default: the host) that no other server has; found \"%s\" as in servers[%zu]",
            server->name, i);
        return;
    }
}

static void check_retry(struct report *report, const struct yaml_node *retry, const struct config *config)
{
    if (!has_value(retry, "interval") && !has_value(retry, "max_interval"))
        return;
    if (config->retry.interval_ms > config->retry.max_interval_ms && config->retry.max_interval_ms != 0)
        yaml_tree_report(report, yaml_tree_find(retry, has_value(retry, "max_interval") ? "max_interval" : "interval"),
                         "expected max_interval to be at least interval; found %llums and %llums",
                         (unsigned long long)config->retry.max_interval_ms,
                         (unsigned long long)config->retry.interval_ms);
}

/** An answer may be reused only if its action changes nothing. */
static void check_keep(struct report *report, const struct yaml_node *keep, const struct config *config)
{
    for (size_t i = 0; keep != NULL && keep->kind == YAML_LIST && i < config->share.keep_count; i++) {
        const char *action = config->share.keep[i].action;
        const struct action_info *info = action == NULL ? NULL : catalogue_find(span_of(action));
        if (action != NULL && (info == NULL || (info->effect != EFFECT_STABLE && info->effect != EFFECT_VOLATILE)))
            yaml_tree_report(report, place_of(keep->children[i], "action"),
                             "expected an action that changes nothing (QueueStatus, CoreShowChannels …); found \"%s\"",
                             action);
    }
}

/** Tokens need keys, and a file in which they can be revoked. */
static void check_tokens(struct report *report, const struct yaml_node *auth, struct config *config)
{
    const char *text = config->auth.token_key_text;
    const char *fault = text == NULL ? NULL : token_read_keys(span_of(text), &config->auth.token_keys);

    if (fault != NULL)
        yaml_tree_report(report, yaml_tree_find(auth, "token_keys"),
                         "expected a file with one or two lines of 64 hexadecimal digits (openssl rand -hex 32); %s",
                         fault);
    if (has_value(auth, "token_keys") && config->auth.revoked == NULL)
        yaml_tree_report(report, yaml_tree_find(auth, "token_keys"),
                         "expected auth.revoked to be set beside it; found token_keys alone");
}

void checks_main(struct report *report, const struct yaml_node *root, struct config *config)
{
    const struct yaml_node *listen = yaml_tree_find(root, "listen");
    for (size_t i = 0; listen != NULL && listen->kind == YAML_LIST && i < config->listen_count; i++)
        check_listen(report, listen->children[i], &config->listen[i]);
    if (listen != NULL && listen->kind == YAML_LIST && listen->child_count == 0)
        yaml_tree_report(report, listen, "expected at least one entry, or no such section at all; found an empty list");
    check_tls(report, root, config);
    const struct yaml_node *servers = yaml_tree_find(root, "servers");
    for (size_t i = 0; servers != NULL && i < config->server_count; i++)
        check_server(report, servers, config->servers, i);
    check_tokens(report, yaml_tree_find(root, "auth"), config);
    if (config->log.audit != NULL && strchr(config->log.audit, '/') == NULL &&
        strcmp(config->log.audit, "journal") != 0)
        yaml_tree_report(report, yaml_tree_find(yaml_tree_find(root, "log"), "audit"),
                         "expected journal or a path with a slash; found \"%s\"", config->log.audit);
    check_retry(report, yaml_tree_find(root, "retry"), config);
    check_keep(report, yaml_tree_find(yaml_tree_find(root, "share"), "keep"), config);
    cluster_checks_section(report, root, config);
    control_check(report, root, config);
    if (config->auth.proxy_key != NULL && hash_is_known(config->auth.proxy_key))
        yaml_tree_report(report, yaml_tree_find(yaml_tree_find(root, "auth"), "proxy_key"),
                         "expected a key in plain text; found a hash: only users' secrets can be hashes");
    if (has_value(root, "users") && has_value(root, "users_file"))
        yaml_tree_report(report, yaml_tree_find(root, "users_file"), "expected either users or users_file; found both");
}

/** By default, a user who is tied to channels, contexts or a tenant may make calls, but may not change the server as a
 * whole. */
static void check_rules(struct report *report, const struct yaml_node *entry, struct user_config *user)
{
    user->write_given = has_value(entry, "write");
    user->lists_given = has_value(entry, "read") && (user->read & CLASS_REPORTING) != 0;
    if (config_is_tied(user) && !user->write_given)
        user->write = CLASS_CALL | CLASS_AGENT | CLASS_ORIGINATE | CLASS_USER | CLASS_MESSAGE | CLASS_REPORTING |
                      CLASS_CC | CLASS_AOC;
    if (user->filterlocal >= FILTERLOCAL_ALLOWWITH && user->out_context == NULL)
        yaml_tree_report(report, place_of(entry, "filterlocal"),
                         "expected out_context to be set beside it; found filterlocal without it");
}

static void check_user(struct report *report, const struct yaml_node *list, struct config *config, size_t at)
{
    const struct yaml_node *entry = list->children[at];
    struct user_config *user = &config->users[at];
    const struct user_config *other;
    check_secret(report, entry);
    check_rules(report, entry, user);
    hashes_check(report, place_of(entry, has_value(entry, "secret") ? "secret" : "secret_file"), user);
    if (user->name == NULL)
        return;
    other = user_index_add(config, at);
    if (other != NULL)
        yaml_tree_report(report, place_of(entry, "name"),
                         "expected a name that no other user has; found \"%s\" as in users[%zu]", user->name,
                         (size_t)(other - config->users));
}

void checks_users(struct report *report, const struct yaml_node *list, struct config *config)
{
    for (size_t i = 0; list != NULL && list->kind == YAML_LIST && i < config->user_count; i++)
        check_user(report, list, config, i);
    hashes_choose(config);
}

void checks_note_users(struct report *notes, const struct yaml_node *list, const struct config *config)
{
    for (size_t i = 0; list != NULL && list->kind == YAML_LIST && i < config->user_count; i++) {
        const char *channel = config->users[i].channel;
        const struct device_entry entry = channel == NULL ? (struct device_entry){0} : device_entry_of(channel);
        if (channel == NULL || entry.is_prefix)
            continue;
        yaml_tree_report(notes, place_of(list->children[i], "channel"),
                         "note: \"%s\" is the device %.*s and its channels, no longer a prefix as in earlier releases "
                         "(a prefix ends in * or /: \"%s*\")",
                         channel, (int)entry.text.length, entry.text.bytes, channel);
    }
}

static bool has_server(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->server_count; i++)
        if (strcasecmp(config->servers[i].name, name) == 0)
            return true;
    return false;
}

void checks_warn(const struct config *config)
{
    hashes_warn(config);
    if (config->auth.required && config->user_count == 0 && config->auth.proxy_key == NULL)
        log_warn(NULL,
                 "nobody can log in reason=\"auth.required is true, but there are neither users nor auth.proxy_key\"");
    for (size_t i = 0; i < config->user_count; i++) {
        const struct user_config *user = &config->users[i];
        char name[128], server[128];
        if (user->server == NULL || has_server(config, user->server))
            continue;
        log_warn(NULL, "the user's server is not configured user=%s server=%s",
                 log_quote(name, sizeof name, span_of(user->name)),
                 log_quote(server, sizeof server, span_of(user->server)));
    }
}
