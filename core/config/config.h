// core/config/config.h: the configuration: read once, checked, immutable afterwards, shared by reference.
// Durations are milliseconds, sizes bytes. Texts belong to the config and live as long as it. Thread: any.
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "auth/token.h"
#include "base/address_rules.h"
#include "base/error.h"
#include "base/log.h"
#include "base/span.h"
#include "config/filters.h"
#include "config/origins.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_mode { TLS_OFF, TLS_OPTIONAL, TLS_REQUIRED };                // towards clients
enum server_tls { SERVER_TLS_OFF, SERVER_TLS_ON, SERVER_TLS_VERIFY }; // towards Asterisk
enum tls_version { TLS_VERSION_1_2, TLS_VERSION_1_3 };
enum autofilter { AUTOFILTER_OFF, AUTOFILTER_ON, AUTOFILTER_UNIQUE }; // 0, 1, 2 as the old program printed them
enum login_method { LOGIN_MD5, LOGIN_PLAIN };
enum script_failure { SCRIPT_FAILURE_BLOCKS, SCRIPT_FAILURE_PASSES };
enum filterlocal { FILTERLOCAL_OFF, FILTERLOCAL_ALLOW, FILTERLOCAL_ALLOWWITH, FILTERLOCAL_ENFORCE };
enum slow_rule { SLOW_DISCONNECT, SLOW_SKIP };
enum proxy_protocol { PROXY_PROTOCOL_AUTO, PROXY_PROTOCOL_REQUIRED, PROXY_PROTOCOL_OFF };
enum cluster_alone { CLUSTER_ALONE_CONNECT, CLUSTER_ALONE_KEEP };

#define SERVER_PING_INTERVAL_MS 3000 // default of `ping_interval`, for servers that no configuration names

struct config_sections;
struct user_index;
struct yaml_node;

struct listen_config {
    char *address; // IPv4, IPv6, host name, "*" or "unix:/path"
    uint16_t port; // 0: any free one
    char *input;   // format name or "auto"
    char *output;  // format name
    char *banner;  // "auto": the first server's; else the line to send
    enum autofilter autofilter;
    enum tls_mode tls;
    uint64_t detect_timeout_ms;         // how long the proxy waits for a client's first byte
    struct network_list allow;          // networks that may connect; none: all
    struct network_list deny;           // networks that may not connect, even if allowed
    char *name;                         // of the socket that a service manager passes; NULL: none
    bool reports;                       // its clients may read metrics and health
    bool pbx_metrics;                   // … and what goes on in the servers: calls, queues
    struct network_list trust;          // of balancers: what they say of a client's address is believed
    enum proxy_protocol proxy_protocol; // do these connections begin with a PROXY header?
    bool control;                       // the control socket: who may connect is an admin, and no limit applies
};

struct server_config {
    char *name; // what clients write in `Server:`
    char *host;
    uint16_t port;
    char *username;
    char *secret; // resolved: ${ENV} and secret_file: are read together with the configuration
    char *events; // "on", "off" or a comma list of classes, as it goes into the Login
    enum login_method login;
    enum server_tls tls;
    char *ca_file;             // NULL: the system's
    char *encoding;            // character encoding of its texts (base/charset.h); NULL: UTF-8, or unknown
    uint32_t lanes;            // maximum number of connections, including the main lane; 1: never a slow lane
    uint64_t ping_interval_ms; // interval of pings on an idle lane; a lane without an answer for three of them is lost
};

/** An action whose answer is reused for a while. */
struct keep_config {
    char *action;
    uint64_t time_ms;
};

struct user_config {
    char *name;
    char *secret;     // never empty
    bool hashed;      // … and a hash of crypt(3)
    char *server;     // NULL: none of the user's own
    uint32_t read;    // event classes delivered (CLASS_ALL by default)
    uint32_t write;   // classes of actions allowed (CLASS_ALL by default)
    bool write_given; // the configuration contains `write`
    bool lists_given; // the configuration contains `read`, with the class `reporting`
    bool admin;
    char *channel;     // the user sees and acts on calls of this device only (ami/device.h); NULL: all
    char *in_context;  // messages with another Context are not delivered; NULL: any
    char *out_context; // actions with another Context are refused; NULL: any
    char *tenant;      // the user sees and acts on calls of this Tenantid only; NULL: of all
    char *account;     // replaces every account code, in both directions; NULL: unchanged
    char **variables;  // that a tied user may read, spelled as in their actions
    size_t variable_count;
    bool more_events; // also deliver messages that name no channel
    bool snapshot;    // report the channels that are up after a login
    enum filterlocal filterlocal;
    struct filter_list filters;  // applied after those for every user
    struct network_list address; // networks from which the user may log in; none: all
};

/** Several proxies that share their servers over NATS. Without the section, `bus_count` is 0 and the texts are NULL. */
struct cluster_config {
    char *name; // of the cluster: subjects begin with amp.NAME.
    char *node; // of this proxy in it: the configuration's, else the host's name
    char **bus; // URLs of the NATS servers, nats:// or tls://, all of one scheme
    size_t bus_count;
    uint64_t dead_after_ms;    // a node that has been silent for this long is dead
    uint64_t balance_after_ms; // a node that is alive this long is given its share of the servers; 0: never
    uint32_t standby;          // further nodes that keep a connection to each server
    enum cluster_alone alone;  // what a node does with other nodes' servers while it does not reach the bus
    uint64_t ring;             // bytes of a server's messages that its owner keeps for repairs
    uint64_t bus_memory;       // bytes that wait for the bus, and as many that come from it
    struct {
        char *ca, *certificate, *key; // NULL: the system's authorities; no certificate of the client
        bool verify;
    } tls;
    char *credentials; // text of a credentials file (JWT and seed), NULL: none
    char *user, *secret;
    char *nkey, *nkey_seed; // public key of a user, and the seed that proves it
};

/** What a user sees, sent to another program instead of a client. Keys about HTTP have no meaning for nats:. */
struct export_config {
    char *name; // by default the user's
    char *user;
    char *to;     // a URL: http or https; or nats: and a subject with {server} and {event}
    char *format; // name
    uint32_t events;
    uint64_t batch; // most messages of one post
    uint64_t batch_wait_ms;
    uint64_t queue;                 // bytes of messages that wait
    uint64_t keep_ms;               // how long a message is tried
    char *secret, *previous_secret; // that sign what is posted; NULL: none
    char *ca_file;                  // NULL: the system's
    struct network_list allow;      // networks that are no public ones, and may be connected to all the same
    uint64_t connect_timeout_ms, timeout_ms;
    uint64_t retry_interval_ms, retry_max_interval_ms;
};

struct config {
    atomic_uint references;
    void (*released)(void *context, struct config *config); // config_on_release(); NULL: it is freed at once
    void *released_context;
    char *path;

    struct {
        char *path;  // of the control socket; "off": none
        char *group; // whose members may connect beside the owner; NULL: none
        bool given;  // the file says where it is, so that it must be possible to open it
    } control;
    struct listen_config *listen; // the last one is the control socket, if there is one
    size_t listen_count;
    struct server_config *servers;
    size_t server_count;
    struct user_config *users;
    size_t user_count;
    struct user_index *user_index; // by name; NULL: there are none
    struct export_config *exports;
    size_t export_count;

    struct {
        uint64_t interval_ms, max_interval_ms;
        uint64_t attempts; // 0: no limit
    } retry;
    struct {
        char *certificate, *key, *client_ca; // NULL: none
        enum tls_version min_version;
    } tls;
    struct {
        bool required;
        char *proxy_key; // NULL: none
        uint64_t timeout_ms;
        uint64_t failures_per_minute;
        char *token_key_text;         // the file of the keys that sign tokens; NULL: none
        struct token_keys token_keys; // what it says
        uint64_t token_life_ms;       // longest life of a token
        char *revoked;                // file of the tokens that were revoked; NULL: none
        const char *usual_hash; // one user's hash, of the most common method and cost; NULL: no user has one. Lent
    } auth;
    struct {
        char *path;
        char **load; // names
        size_t load_count;
        uint64_t *noted; // a number for the content of each one's section (compare.h); NULL: not noted
    } plugins;
    struct {
        char **paths; // folders of the scripts: the first one with a script is used
        size_t path_count;
        struct filter_list filters; // for every user, applied before the user's own
        char **proxy_actions;       // names; `stock` are those that come with the program
        size_t proxy_action_count;
        uint64_t memory, time_ms; // limits of a worker's Lua state, and of one call
        uint64_t pattern_steps, call_timeout_ms, waiting, shared, quarantine;
        enum script_failure on_error;
        struct origin_list http;           // where amp.http may go
        struct network_list http_allow;    // networks that are no public ones, and may be connected to all the same
        char *http_ca_file;                // NULL: the system's
        uint64_t http_bytes, http_at_once; // of one answer; requests of one user in one worker
    } scripts;
    struct {
        uint64_t sessions;
        uint64_t message_bytes;        // one message from a client
        uint64_t server_message_bytes; // one message from a server
        uint64_t output_backlog;
        enum slow_rule slow_client;
        uint64_t exchange_timeout_ms;                    // from when the action is sent
        uint64_t queue_timeout_ms;                       // until it is sent
        uint64_t unauthenticated, per_address, per_user; // sessions; per_address, per_user: 0: no limit
        uint64_t unauthenticated_per_address;            // of these; 0: no limit
        uint64_t headers;                                // of one message from a client
        uint64_t actions_per_second;                     // of one session, 0: no limit
        uint64_t idle_timeout_ms;                        // 0: never
        uint64_t drain_ms;                               // longest drain
        uint64_t in_flight; // actions of one session that wait for answers; more are read later
    } limits;
    struct {
        bool in_flight; // coalesce equal actions in flight
        struct keep_config *keep;
        size_t keep_count;
    } share;
    struct {
        uint64_t keep_ms; // how long what clients were sent is kept for them to come back; 0: not at all
        uint64_t memory;  // of that, all workers together
    } resume;
    struct cluster_config cluster;
    uint32_t workers; // resolved: at least 1
    struct {
        char *user, *group; // NULL: no switch (refused as root, see main.c)
        char *pid_file;
        bool background;
    } process;
    struct {
        char *to;
        char *audit; // where the audit log is: a file, or journal (base/audit.h); NULL: none
        enum log_level level;
        uint64_t repeat_lines, repeat_interval_ms;
    } log;
    char *notes;                      // notes that are not errors, as text for `-t`; NULL: none
    struct config_sections *sections; // of the plugins, until config_forget_sections()
};

/** Reads and checks `path` and the users file it names. One run finds all errors of the files: each becomes
 *  one line in `errors`, `FILE:LINE:COLUMN: key.path: expected …; found "…"`, followed by the line itself and a caret.
 *  Warnings (a file with plain secrets that others can read …) go to the log.
 *  @param errors  set to a text that the caller frees; NULL if there was none
 *  @return NULL if there were errors, else a config with one reference */
struct config *config_load(const char *path, char **errors);
/** config_load() for a program beside the proxy, which may not have the proxy's environment and permissions: a secret
 * whose variable is not set or whose file cannot be read is NULL; a users file that cannot be read gives no users. No
 * warnings. */
struct config *config_load_outside(const char *path, char **errors);
struct config *config_ref(struct config *config);
/** Gives up a reference; the last one frees the configuration, or passes it to config_on_release()'s function. NULL is
 *  fine. */
void config_unref(struct config *config);
/** Calls `released` when the last reference is given up, instead of freeing the configuration there: with many users
 *  that takes long. Thread: a holder of a reference.
 *  @param released  takes the configuration and calls config_free(); NULL: the last reference frees it */
void config_on_release(struct config *config, void (*released)(void *context, struct config *config), void *context);
/** Frees a configuration that config_on_release()'s function received. */
void config_free(struct config *config);
/** Finds out where a proxy with the configuration `path` has its control socket, whatever else the file says.
 *  @return the path, or the default if the file cannot be read as YAML; NULL: there is none. The caller frees it */
char *config_control_path(const char *path);
/** The section that belongs to the plugin `name`; NULL if there is none. Lent until config_forget_sections(). */
const struct yaml_node *config_section(const struct config *config, const char *name);
/** The main file as a tree, NULL: an empty file, or forgotten. Lent until config_forget_sections(). */
const struct yaml_node *config_tree(const struct config *config);
/** Frees the text of the file, which was kept for the plugins to read their sections. Thread: the main one, before any
 *  other is started. */
void config_forget_sections(struct config *config);
/** Is there a section `cluster`? */
static inline bool config_has_cluster(const struct config *config)
{
    return config->cluster.bus_count > 0;
}
/** Does the user's entry limit which calls the user sees? */
static inline bool config_has_call_rule(const struct user_config *user)
{
    return user->channel != NULL || user->in_context != NULL || user->tenant != NULL;
}
/** Is the user tied to channels, contexts or a tenant? Then other actions are refused: session/access/policy.h. */
static inline bool config_is_tied(const struct user_config *user)
{
    return config_has_call_rule(user) || user->out_context != NULL;
}
/** Does any user's entry need to know which channels are up? */
bool config_follows_calls(const struct config *config);
/** Has the program something to hand to a process that takes over (SIGUSR2): kept feeds, or exports? */
static inline bool config_hands_on(const struct config *config)
{
    return config->resume.keep_ms > 0 || config->export_count > 0;
}
/** The export of that exact name, NULL if there is none. Lent. */
const struct export_config *config_find_export(const struct config *config, const char *name);
/** Do two entries of that name differ in nothing? */
bool config_same_export(const struct export_config *a, const struct export_config *b);
/** The user of that exact name, NULL if there is none. */
const struct user_config *config_find_user(const struct config *config, struct span name);

#endif
