// core/config/cluster_checks.c: checks of the section `cluster`. Its names become parts of subjects on the bus.
#include "config/cluster_checks.h"

#include "base/memory.h"
#include "config/values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_BYTES 32
#define NODE_BYTES 64  // the longest name of a host
#define NKEY_BYTES 56  // a public key
#define NSEED_BYTES 58 // a seed

static const struct yaml_node *find_value(const struct yaml_node *map, const char *key)
{
    const struct yaml_node *node = yaml_tree_find(map, key);
    return node == NULL || yaml_tree_is_null(node) ? NULL : node;
}

/** Has the text only letters and digits of ASCII, and bytes of `more`? */
static bool is_word(const char *text, const char *more)
{
    for (; *text != '\0'; text++)
        if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || (*text >= '0' && *text <= '9') ||
              strchr(more, *text) != NULL))
            return false;
    return true;
}

static bool is_node_name(const char *name)
{
    return name[0] != '\0' && strlen(name) <= NODE_BYTES && is_word(name, "_-.");
}

static void check_names(struct report *report, const struct yaml_node *section, struct cluster_config *cluster)
{
    if (cluster->name != NULL && (strlen(cluster->name) > NAME_BYTES || !is_word(cluster->name, "_-")))
        yaml_tree_report(report, yaml_tree_find(section, "name"),
                         "expected at most %d letters, digits, _ and -; found \"%s\"", NAME_BYTES, cluster->name);
    if (cluster->node != NULL) {
        if (!is_node_name(cluster->node))
            yaml_tree_report(report, yaml_tree_find(section, "node"),
                             "expected at most %d letters, digits, _, - and dots; found \"%s\"", NODE_BYTES,
                             cluster->node);
        return;
    }
    char host[NODE_BYTES + 1] = "";
    bool is_known = gethostname(host, sizeof host - 1) == 0;
    if (is_known && is_node_name(host) && strcasecmp(host, "localhost") != 0)
        cluster->node = memory_text(host);
    else
        yaml_tree_report_missing(report, section, "node",
                                 "a name that no other node has, as this host's name cannot be one");
}

/** A node gets servers only after the others would have seen it die again. */
static void check_balance(struct report *report, const struct yaml_node *section, const struct cluster_config *cluster)
{
    char found[32], least[32];
    if (cluster->balance_after_ms != 0 && cluster->balance_after_ms < cluster->dead_after_ms)
        yaml_tree_report(report, yaml_tree_find(section, "balance_after"),
                         "expected 0s or at least %s, as cluster.dead_after is; found %s",
                         value_duration_text(cluster->dead_after_ms, least, sizeof least),
                         value_duration_text(cluster->balance_after_ms, found, sizeof found));
}

/** A connection is encrypted or not: libnats has one switch for all servers. */
static void check_urls(struct report *report, const struct yaml_node *section, const struct cluster_config *cluster)
{
    const struct yaml_node *list = yaml_tree_find(section, "bus"), *tls = find_value(section, "tls");
    bool is_encrypted = cluster->bus_count > 0 && strncmp(cluster->bus[0], "tls:", 4) == 0;
    bool is_whole = list != NULL && list->kind == YAML_LIST && list->child_count == cluster->bus_count;
    for (size_t i = 1; is_whole && i < cluster->bus_count; i++) {
        if ((strncmp(cluster->bus[i], "tls:", 4) == 0) != is_encrypted)
            yaml_tree_report(report, list->children[i], "expected %s:// as in bus[0]; found \"%s\"",
                             is_encrypted ? "tls" : "nats", cluster->bus[i]);
    }
    if (tls == NULL || tls->kind != YAML_MAP)
        return;
    if (is_whole && !is_encrypted && tls->child_count > 0)
        yaml_tree_report(report, tls, "expected URLs with tls:// beside it; found nats://");
    if (find_value(tls, "key") != NULL && find_value(tls, "certificate") == NULL)
        yaml_tree_report(report, find_value(tls, "key"), "expected cluster.tls.certificate to be set beside it");
}

/** A secret comes as a text or as a file. */
static const struct yaml_node *find_secret(const struct yaml_node *section, const char *key, const char *file_key)
{
    const struct yaml_node *node = find_value(section, key);
    return node != NULL ? node : find_value(section, file_key);
}

/** One of the two keys needs the other. */
static void check_pair(struct report *report, const struct yaml_node *section, const char *key,
                       const struct yaml_node *secret, const char *secret_key)
{
    const struct yaml_node *node = find_value(section, key);
    if (node != NULL && secret == NULL)
        yaml_tree_report(report, node, "expected %s or %s_file to be set beside it", secret_key, secret_key);
    if (node == NULL && secret != NULL)
        yaml_tree_report(report, secret, "expected cluster.%s to be set beside it", key);
}

static bool is_seed(const char *seed)
{
    return strlen(seed) == NSEED_BYTES && strncmp(seed, "SU", 2) == 0 && is_word(seed, "");
}

/** Who the node is for the NATS servers: one way, or none. */
static void check_credentials(struct report *report, const struct yaml_node *section,
                              const struct cluster_config *cluster)
{
    const struct yaml_node *file = find_value(section, "credentials_file"), *user = find_value(section, "user"),
                           *nkey = find_value(section, "nkey"), *secret = find_secret(section, "secret", "secret_file"),
                           *seed = find_secret(section, "nkey_seed", "nkey_seed_file");
    check_pair(report, section, "user", secret, "secret");
    check_pair(report, section, "nkey", seed, "nkey_seed");
    if ((file != NULL) + (user != NULL) + (nkey != NULL) > 1)
        yaml_tree_report(report, nkey != NULL ? nkey : user,
                         "expected one of credentials_file, user and nkey; found several");
    if (cluster->credentials != NULL && (strstr(cluster->credentials, "-----BEGIN NATS USER JWT-----") == NULL ||
                                         strstr(cluster->credentials, "-----BEGIN USER NKEY SEED-----") == NULL))
        yaml_tree_report(report, file, "expected a credentials file of NATS; found one without a JWT or a seed");
    if (cluster->nkey != NULL &&
        (strlen(cluster->nkey) != NKEY_BYTES || cluster->nkey[0] != 'U' || !is_word(cluster->nkey, "")))
        yaml_tree_report(report, nkey, "expected the public key of a user, U and %d characters; found \"%s\"",
                         NKEY_BYTES - 1, cluster->nkey);
    if (cluster->nkey_seed != NULL && !is_seed(cluster->nkey_seed))
        yaml_tree_report(report, seed, "expected the seed of a user, SU and %d characters; found something else",
                         NSEED_BYTES - 2);
}

void cluster_checks_section(struct report *report, const struct yaml_node *root, struct config *config)
{
    const struct yaml_node *section = find_value(root, "cluster");
    if (section == NULL || section->kind != YAML_MAP)
        return;
#ifndef AMP_WITH_NATS
    yaml_tree_report_key(report, section, "expected no such section: built without a bus (libnats)");
#endif
    check_names(report, section, &config->cluster);
    check_balance(report, section, &config->cluster);
    check_urls(report, section, &config->cluster);
    check_credentials(report, section, &config->cluster);
    if (config->cluster.tls.certificate != NULL && config->cluster.tls.key == NULL)
        config->cluster.tls.key = memory_text(config->cluster.tls.certificate);
}
