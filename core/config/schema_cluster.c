// core/config/schema_cluster.c: the keys of the section `cluster`. See schema.c.
#include "config/schema.h"

static const char *const alone_choices[] = {"connect", "keep", NULL};

// clang-format off
static const struct setting cluster_tls_rows[] = {
    {"ca", SETTING_PATH, AT(config, cluster.tls.ca), .restart = true,
     .help = "PEM file with the authorities of the NATS servers' certificates; default: the system's"},
    {"certificate", SETTING_PATH, AT(config, cluster.tls.certificate), .restart = true,
     .help = "PEM file with this node's certificate for NATS servers that ask for one"},
    {"key", SETTING_PATH, AT(config, cluster.tls.key), .restart = true,
     .help = "PEM file with its private key; default: the certificate's file"},
    {"verify", SETTING_BOOL, AT(config, cluster.tls.verify), .fallback = "true", .restart = true,
     .help = "certificate and name of a NATS server are checked"},
    END};

const struct setting schema_cluster[] = {
    {"name", SETTING_TEXT, AT(config, cluster.name), .required = true, .restart = true,
     .help = "name of the cluster: letters, digits, _ and -; the same on all its nodes"},
    {"node", SETTING_TEXT, AT(config, cluster.node), .restart = true,
     .help = "name of this node, unique in the cluster; default: the host's name"},
    {"bus", SETTING_URLS, AT(config, cluster.bus), .count_offset = offsetof(struct config, cluster.bus_count),
     .required = true, .restart = true, .help = "URLs of the NATS servers, nats:// or tls://"},
    {"dead_after", SETTING_DURATION, AT(config, cluster.dead_after_ms), .fallback = "2500ms", .restart = true,
     .min = 1500, .max = 60 * 1000, .help = "a node that is silent for this long is dead; nodes report every 500ms"},
    {"balance_after", SETTING_DURATION, AT(config, cluster.balance_after_ms), .fallback = "0s", .restart = true,
     .max = MS_MAX, .help = "a node that is alive this long is given its share of the servers; 0s: never"},
    {"standby", SETTING_COUNT32, AT(config, cluster.standby), .fallback = "0", .max = 7, .restart = true,
     .help = "how many further nodes keep a connection to each server"},
    {"alone", SETTING_CHOICE, AT(config, cluster.alone), .fallback = "connect", .choices = alone_choices,
     .restart = true,
     .help = "without the bus: connect to all servers, or keep only the own ones"},
    {"ring", SETTING_SIZE, AT(config, cluster.ring), .fallback = "8MiB", .min = 64 * KIB, .max = KIB * MIB,
     .restart = true,
     .help = "latest messages of a server that its owner keeps for repairs (10s of them at most)"},
    {"bus_memory", SETTING_SIZE, AT(config, cluster.bus_memory), .fallback = "16MiB", .min = MIB, .max = KIB * MIB,
     .restart = true,
     .help = "messages that wait for the bus, and as many that come from it; more are dropped"},
    {"tls", SETTING_SECTION, .rows = cluster_tls_rows},
    {"credentials_file", SETTING_SECRET_LINES, AT(config, cluster.credentials), .restart = true,
     .help = "credentials file of NATS, with JWT and seed"},
    {"user", SETTING_TEXT, AT(config, cluster.user), .restart = true, .help = "user at the NATS servers"},
    {"secret", SETTING_SECRET, AT(config, cluster.secret), .restart = true,
     .help = "the user's password: text or ${ENVIRONMENT}"},
    {"secret_file", SETTING_SECRET_FILE, AT(config, cluster.secret), .help = "file with the password"},
    {"nkey", SETTING_TEXT, AT(config, cluster.nkey), .restart = true,
     .help = "public key of an nkey user at the NATS servers: U and 55 characters"},
    {"nkey_seed", SETTING_SECRET, AT(config, cluster.nkey_seed), .restart = true,
     .help = "the nkey's seed: text or ${ENVIRONMENT}"},
    {"nkey_seed_file", SETTING_SECRET_FILE, AT(config, cluster.nkey_seed), .help = "file with the seed"},
    END};
// clang-format on
