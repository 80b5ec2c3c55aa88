// core/config/schema.c: the tables of keys. They define what the program accepts; parser, error messages and tests read
// them.
#include "config/schema.h"

#ifndef AMP_PLUGIN_DIR
#define AMP_PLUGIN_DIR "/usr/lib/astmanproxy/plugins"
#endif

#ifndef AMP_SCRIPT_DIR
#define AMP_SCRIPT_DIR "/usr/share/astmanproxy/lua"
#endif

static const char *const tls_choices[] = {"off", "optional", "required", NULL};
static const char *const server_tls_choices[] = {"off", "on", "verify", NULL};
static const char *const tls_versions[] = {"1.2", "1.3", NULL};
static const char *const autofilter_choices[] = {"off", "on", "unique", NULL};
static const char *const login_choices[] = {"md5", "plain", NULL};
static const char *const failure_choices[] = {"block", "pass", NULL};
static const char *const filterlocal_choices[] = {"off", "allow", "allowwith", "enforce", NULL};
static const char *const slow_choices[] = {"disconnect", "skip", NULL};
static const char *const level_choices[] = {"error", "warn", "info", "debug", "trace", NULL};
static const char *const proxy_protocol_choices[] = {"auto", "required", "off", NULL};
static const char *const permission_choices[] = {"refuse", "allow", NULL};

// clang-format off
static const struct setting listen_rows[] = {
    {"address", SETTING_TEXT, AT(listen_config, address), .fallback = "127.0.0.1",
     .help = "IPv4, IPv6, a host name, '*' or unix:/path"},
    {"port", SETTING_PORT, AT(listen_config, port), .fallback = "1234", .max = 65535,
     .help = "TCP port; 0: any free port"},
    {"input", SETTING_TEXT, AT(listen_config, input), .fallback = "auto",
     .help = "format that clients speak; auto: detected from the first bytes"},
    {"output", SETTING_TEXT, AT(listen_config, output), .fallback = "standard",
     .help = "format that clients get until they choose another"},
    {"banner", SETTING_TEXT, AT(listen_config, banner), .fallback = "auto",
     .help = "first line for clients; auto: the first server's"},
    {"autofilter", SETTING_CHOICE, AT(listen_config, autofilter), .fallback = "unique", .choices = autofilter_choices,
     .help = "which messages a client gets until it chooses otherwise"},
    {"tls", SETTING_CHOICE, AT(listen_config, tls), .fallback = "optional", .choices = tls_choices,
     .help = "TLS towards clients; optional: detected from the first byte"},
    {"detect_timeout", SETTING_DURATION, AT(listen_config, detect_timeout_ms), .fallback = "200ms", .min = 1,
     .max = 60 * 1000, .help = "a client that sends nothing for this long gets the banner"},
    {"allow", SETTING_NETWORKS, AT(listen_config, allow), .help = "networks whose clients may connect; default: all"},
    {"deny", SETTING_NETWORKS, AT(listen_config, deny),
     .help = "networks whose clients may not connect; takes precedence over allow"},
    {"trust", SETTING_NETWORKS, AT(listen_config, trust),
     .help = "networks of balancers: their PROXY header and X-Forwarded-For say where a client comes from"},
    {"proxy_protocol", SETTING_CHOICE, AT(listen_config, proxy_protocol), .fallback = "auto",
     .choices = proxy_protocol_choices, .help = "whether connections from trust begin with a PROXY header"},
    {"name", SETTING_TEXT, AT(listen_config, name),
     .help = "FileDescriptorName= of the socket unit whose socket this listener takes"},
    {"reports", SETTING_BOOL, AT(listen_config, reports), .fallback = "false",
     .help = "clients may read metrics and health without a login (http: /metrics, /healthz)"},
    {"pbx_metrics", SETTING_BOOL, AT(listen_config, pbx_metrics), .fallback = "false",
     .help = "these metrics include what goes on in the servers: calls, queues, members"},
    END};

static const struct setting control_rows[] = {
    {"path", SETTING_TEXT, AT(config, control.path), .fallback = CONTROL_PATH,
     .help = "unix socket for ampctl, without a login; off: none"},
    {"group", SETTING_TEXT, AT(config, control.group), .restart = true,
     .help = "group whose members may connect to it, besides the owner of the file"},
    END};

static const struct setting tls_rows[] = {
    {"certificate", SETTING_PATH, AT(config, tls.certificate), .help = "PEM file with the certificate for clients"},
    {"key", SETTING_PATH, AT(config, tls.key),
     .help = "PEM file with its private key; default: the certificate's file"},
    {"client_ca", SETTING_PATH, AT(config, tls.client_ca),
     .help = "PEM file with the authorities for client certificates; if set, clients need one"},
    {"min_version", SETTING_CHOICE, AT(config, tls.min_version), .fallback = "1.2", .choices = tls_versions,
     .help = "lowest version of TLS, towards clients and servers"},
    END};

static const struct setting server_rows[] = {
    {"name", SETTING_TEXT, AT(server_config, name), .help = "what clients write in Server:; default: the host"},
    {"host", SETTING_TEXT, AT(server_config, host), .required = true, .help = "host name or address of the Asterisk"},
    {"port", SETTING_PORT, AT(server_config, port), .fallback = "5038", .min = 1, .max = 65535,
     .help = "AMI port of the server"},
    {"username", SETTING_TEXT, AT(server_config, username), .required = true, .help = "the proxy's user on the server"},
    {"secret", SETTING_SECRET, AT(server_config, secret), .help = "the user's secret: text or ${ENVIRONMENT}"},
    {"secret_file", SETTING_SECRET_FILE, AT(server_config, secret), .help = "file with the secret"},
    {"login", SETTING_CHOICE, AT(server_config, login), .fallback = "md5", .choices = login_choices,
     .help = "how the proxy logs in; md5: challenge"},
    {"events", SETTING_EVENTS, AT(server_config, events), .fallback = "on",
     .help = "events that the proxy requests: on, off or a list of classes"},
    {"encoding", SETTING_TEXT, AT(server_config, encoding),
     .help = "character encoding of the server's texts (iconv -l), for formats in UTF-8; default: they are UTF-8"},
    {"lanes", SETTING_COUNT32, AT(server_config, lanes), .fallback = "4", .min = 1, .max = 16,
     .help = "maximum number of connections: the main lane, and slow lanes, open only while blocking actions need them"},
    {"ping_interval", SETTING_DURATION, AT(server_config, ping_interval_ms), .fallback = "3s", .min = 1000,
     .max = 3600 * 1000, .help = "how often the proxy pings an idle connection; it is lost after three unanswered ones"},
    {"tls", SETTING_CHOICE, AT(server_config, tls), .fallback = "off", .choices = server_tls_choices,
     .help = "TLS towards the server; verify: certificate and name are checked"},
    {"ca_file", SETTING_PATH, AT(server_config, ca_file),
     .help = "PEM file with the authorities of the server's certificate; default: the system's"},
    END};

static const struct setting user_rows[] = {
    {"name", SETTING_TEXT, AT(user_config, name), .required = true, .help = "Username: of the login"},
    {"secret", SETTING_SECRET, AT(user_config, secret), .may_hash = true,
     .help = "Secret: of the login: text, a hash of crypt(3), or ${ENVIRONMENT} with either"},
    {"secret_file", SETTING_SECRET_FILE, AT(user_config, secret), .may_hash = true,
     .help = "file with the secret or its hash"},
    {"server", SETTING_TEXT, AT(user_config, server), .help = "server for this user's actions"},
    {"read", SETTING_CLASSES, AT(user_config, read), .fallback = "all", .help = "event classes to deliver"},
    {"write", SETTING_CLASSES, AT(user_config, write), .fallback = "all",
     .help = "action classes to allow; []: none; default: all, fewer for tied users"},
    {"admin", SETTING_BOOL, AT(user_config, admin), .fallback = "false", .help = "may control the proxy itself"},
    {"channel", SETTING_TEXT, AT(user_config, channel),
     .help = "the user sees and acts on calls of this device only; a value that ends in * or / is a prefix"},
    {"in_context", SETTING_TEXT, AT(user_config, in_context),
     .help = "messages with another Context: are not delivered"},
    {"out_context", SETTING_TEXT, AT(user_config, out_context), .help = "actions with another Context: are refused"},
    {"tenant", SETTING_TEXT, AT(user_config, tenant),
     .help = "the user sees and acts on calls with this Tenantid: of Asterisk only"},
    {"account", SETTING_TEXT, AT(user_config, account),
     .help = "set in each Originate, and written over every account code in both directions"},
    {"variables", SETTING_NAMES, AT(user_config, variables), .count_offset = offsetof(struct user_config, variable_count),
     .help = "variables that a tied user may read, besides those that every channel has"},
    {"more_events", SETTING_BOOL, AT(user_config, more_events), .fallback = "false",
     .help = "also deliver messages that name no channel"},
    {"snapshot", SETTING_BOOL, AT(user_config, snapshot), .fallback = "false",
     .help = "after a login, report the channels that are up as if they were new"},
    {"filterlocal", SETTING_CHOICE, AT(user_config, filterlocal), .fallback = "off", .choices = filterlocal_choices,
     .help = "Originate of Local/… by a user with a channel; off: refused; allowwith: only @out_context; enforce: set"},
    {"filters", SETTING_FILTERS, AT(user_config, filters),
     .help = "Lua filters for this user's messages, applied in order"},
    {"address", SETTING_NETWORKS, AT(user_config, address),
     .help = "networks from which the user may log in; default: all"},
    END};

static const struct setting export_rows[] = {
    {"name", SETTING_TEXT, AT(export_config, name),
     .help = "name in the log, metrics and posts; default: the user's"},
    {"user", SETTING_TEXT, AT(export_config, user), .required = true, .help = "the user whose view is exported"},
    {"to", SETTING_TEXT, AT(export_config, to), .required = true, .help = "where to: an https or http URL, or nats:SUBJECT"},
    {"format", SETTING_TEXT, AT(export_config, format), .fallback = "json",
     .help = "a loaded format that writes"},
    {"events", SETTING_CLASSES, AT(export_config, events), .fallback = "all",
     .help = "event classes to export, of those that the user may read"},
    {"batch", SETTING_COUNT, AT(export_config, batch), .fallback = "1", .min = 1, .max = 10000,
     .help = "most messages of one post; 1: each message is posted by itself"},
    {"batch_wait", SETTING_DURATION, AT(export_config, batch_wait_ms), .fallback = "0ms", .max = 60 * 1000,
     .help = "how long a message waits for others of its batch"},
    {"queue", SETTING_SIZE, AT(export_config, queue), .fallback = "8MiB", .min = 64 * KIB, .max = 4 * KIB * MIB,
     .help = "messages that wait to be posted; the oldest are dropped"},
    {"keep", SETTING_DURATION, AT(export_config, keep_ms), .fallback = "1h", .min = 1000, .max = MS_MAX,
     .help = "a message that could not be posted for this long is dropped"},
    {"secret", SETTING_SECRET, AT(export_config, secret), .help = "key of the signature: text or ${ENVIRONMENT}"},
    {"secret_file", SETTING_SECRET_FILE, AT(export_config, secret), .help = "file with the key of the signature"},
    {"previous_secret", SETTING_SECRET, AT(export_config, previous_secret),
     .help = "key of a second signature, while receivers change to a new secret"},
    {"previous_secret_file", SETTING_SECRET_FILE, AT(export_config, previous_secret), .help = "file with that key"},
    {"ca_file", SETTING_PATH, AT(export_config, ca_file),
     .help = "PEM file with the authorities of the receiver's certificate; default: the system's"},
    {"allow", SETTING_NETWORKS, AT(export_config, allow),
     .help = "networks that may be connected to besides public addresses"},
    {"connect_timeout", SETTING_DURATION, AT(export_config, connect_timeout_ms), .fallback = "5s", .min = 1,
     .max = 60 * 1000, .help = "time limit to connect, with the name's lookup and TLS"},
    {"timeout", SETTING_DURATION, AT(export_config, timeout_ms), .fallback = "30s", .min = 1, .max = 600 * 1000,
     .help = "time limit of one post"},
    {"retry_interval", SETTING_DURATION, AT(export_config, retry_interval_ms), .fallback = "1s", .min = 1,
     .max = MS_MAX, .help = "first wait after a post that failed; doubles, with jitter"},
    {"retry_max_interval", SETTING_DURATION, AT(export_config, retry_max_interval_ms), .fallback = "60s", .min = 1,
     .max = MS_MAX, .help = "longest wait, also of a Retry-After"},
    END};

static const struct setting retry_rows[] = {
    {"interval", SETTING_DURATION, AT(config, retry.interval_ms), .fallback = "2s", .min = 1, .max = MS_MAX,
     .help = "first wait before the proxy tries a server again; doubles, with jitter"},
    {"max_interval", SETTING_DURATION, AT(config, retry.max_interval_ms), .fallback = "60s", .min = 1, .max = MS_MAX,
     .help = "longest wait"},
    {"attempts", SETTING_COUNT, AT(config, retry.attempts), .fallback = "0", .max = 1000000,
     .help = "number of attempts; 0: no limit"},
    END};

static const struct setting auth_rows[] = {
    {"required", SETTING_BOOL, AT(config, auth.required), .fallback = "true",
     .help = "no action and no event before a login or a ProxyKey"},
    {"proxy_key", SETTING_SECRET, AT(config, auth.proxy_key), .help = "a header ProxyKey: with this value is a login"},
    {"timeout", SETTING_DURATION, AT(config, auth.timeout_ms), .fallback = "30s", .min = 1, .max = MS_MAX,
     .help = "a session that has not logged in within this time is closed"},
    {"failures_per_minute", SETTING_COUNT, AT(config, auth.failures_per_minute), .fallback = "10", .min = 1,
     .max = 1000000, .help = "failed logins of a user from an address in a minute; more are refused for a minute"},
    {"token_keys", SETTING_SECRET_LINES, AT(config, auth.token_key_text),
     .help = "file with the key that signs tokens, and below it the previous one: 64 hexadecimal digits each"},
    {"token_life", SETTING_DURATION, AT(config, auth.token_life_ms), .fallback = "720h", .min = 1000,
     .max = 366 * MS_MAX, .help = "longest life of a token"},
    {"revoked", SETTING_PATH, AT(config, auth.revoked),
     .help = "file of the revoked tokens, which the proxy writes; needed beside token_keys"},
    END};

static const struct setting scripts_rows[] = {
    {"path", SETTING_PATHS, AT(config, scripts.paths), .count_offset = offsetof(struct config, scripts.path_count),
     .fallback = AMP_SCRIPT_DIR,
     .help = "folder of the scripts, or a list of folders: the first one with a script is used"},
    {"filters", SETTING_FILTERS, AT(config, scripts.filters),
     .help = "filters for every user, applied before the user's own"},
    {"proxy_actions", SETTING_NAMES, AT(config, scripts.proxy_actions),
     .count_offset = offsetof(struct config, scripts.proxy_action_count), .fallback = "stock",
     .help = "proxy actions to load; stock: those that come with the program"},
    {"memory", SETTING_SIZE, AT(config, scripts.memory), .fallback = "32MiB", .min = MIB, .max = KIB * MIB,
     .help = "memory of each worker's scripts"},
    {"time", SETTING_DURATION, AT(config, scripts.time_ms), .fallback = "20ms", .min = 1, .max = 10000,
     .help = "processor time of one call of a script"},
    {"pattern_steps", SETTING_COUNT, AT(config, scripts.pattern_steps), .fallback = "1000000", .min = 1000,
     .max = 50000000, .help = "steps of one find, match or gsub"},
    {"call_timeout", SETTING_DURATION, AT(config, scripts.call_timeout_ms), .fallback = "10s", .min = 1, .max = MS_MAX,
     .help = "time limit of a script's action to a server, unless the script sets one"},
    {"waiting", SETTING_COUNT, AT(config, scripts.waiting), .fallback = "256", .min = 1, .max = 100000,
     .help = "scripts of one worker that may wait for answers at once; also the number of timers"},
    {"shared", SETTING_SIZE, AT(config, scripts.shared), .fallback = "16MiB", .min = KIB, .max = KIB * MIB,
     .help = "memory of amp.shared, all workers together"},
    {"http", SETTING_ORIGINS, AT(config, scripts.http),
     .help = "hosts to which scripts may send requests: https://HOST, or that with a list of the scripts that may"},
    {"http_allow", SETTING_NETWORKS, AT(config, scripts.http_allow),
     .help = "networks that are not public and that these requests may connect to all the same"},
    {"http_ca_file", SETTING_PATH, AT(config, scripts.http_ca_file),
     .help = "PEM file with the authorities of these hosts; default: the system's"},
    {"http_bytes", SETTING_SIZE, AT(config, scripts.http_bytes), .fallback = "1MiB", .min = KIB, .max = 64 * MIB,
     .help = "longest answer to such a request"},
    {"http_at_once", SETTING_COUNT, AT(config, scripts.http_at_once), .fallback = "8", .min = 1, .max = 1000,
     .help = "such requests of one user in one worker that wait for answers at once"},
    {"on_error", SETTING_CHOICE, AT(config, scripts.on_error), .fallback = "block", .choices = failure_choices,
     .help = "what happens to a message if its filter fails"},
    {"quarantine", SETTING_COUNT, AT(config, scripts.quarantine), .fallback = "100", .max = 1000000,
     .help = "errors in a minute after which a filter is disabled until a reload or a release; 0: never"},
    END};

static const struct setting plugins_rows[] = {
    {"path", SETTING_PATH, AT(config, plugins.path), .restart = true, .fallback = AMP_PLUGIN_DIR,
     .help = "folder of the plugins"},
    {"load", SETTING_NAMES, AT(config, plugins.load), .count_offset = offsetof(struct config, plugins.load_count),
     .restart = true, .fallback = SCHEMA_PLUGINS, .help = "plugins to load, in the order in which they examine a client's first bytes"},
    END};

static const struct setting limits_rows[] = {
    {"sessions", SETTING_COUNT, AT(config, limits.sessions), .fallback = "10000", .min = 1, .max = 1000000,
     .help = "sessions at once"},
    {"message_bytes", SETTING_SIZE, AT(config, limits.message_bytes), .fallback = "64KiB", .min = 256, .max = 16 * MIB,
     .help = "longest message from a client"},
    {"server_message_bytes", SETTING_SIZE, AT(config, limits.server_message_bytes), .fallback = "64MiB",
     .min = 64 * KIB, .max = KIB * MIB, .help = "longest message from a server; the proxy drops a longer one and reconnects"},
    {"output_backlog", SETTING_SIZE, AT(config, limits.output_backlog), .fallback = "8MiB", .min = 4 * KIB,
     .max = 4 * KIB * MIB, .help = "unread output of one session at most"},
    {"slow_client", SETTING_CHOICE, AT(config, limits.slow_client), .fallback = "disconnect", .choices = slow_choices,
     .help = "what happens to a session that exceeds output_backlog"},
    {"exchange_timeout", SETTING_DURATION, AT(config, limits.exchange_timeout_ms), .fallback = "60s", .min = 1,
     .max = MS_MAX, .help = "an action that was sent ends with an error if its answer takes longer"},
    {"queue_timeout", SETTING_DURATION, AT(config, limits.queue_timeout_ms), .fallback = "60s", .min = 1,
     .max = MS_MAX, .help = "an action that waits longer to be sent ends with an error and is not sent"},
    {"in_flight", SETTING_COUNT, AT(config, limits.in_flight), .fallback = "100", .min = 1, .max = 100000,
     .help = "actions of one session that wait for answers; the proxy reads more of them later"},
    {"unauthenticated", SETTING_COUNT, AT(config, limits.unauthenticated), .fallback = "500", .min = 1, .max = 1000000,
     .help = "sessions at once that have not logged in"},
    {"unauthenticated_per_address", SETTING_COUNT, AT(config, limits.unauthenticated_per_address), .fallback = "250",
     .max = 1000000, .help = "the same from one address (IPv6: one /64 network); 0: no limit"},
    {"per_address", SETTING_COUNT, AT(config, limits.per_address), .fallback = "0", .max = 1000000,
     .help = "sessions at once from one address (IPv6: one /64 network); 0: no limit"},
    {"per_user", SETTING_COUNT, AT(config, limits.per_user), .fallback = "0", .max = 1000000,
     .help = "sessions at once of one user; 0: no limit"},
    {"headers", SETTING_COUNT, AT(config, limits.headers), .fallback = "1000", .min = 16, .max = 100000,
     .help = "headers of one message from a client"},
    {"actions_per_second", SETTING_COUNT, AT(config, limits.actions_per_second), .fallback = "0", .max = 1000000,
     .help = "actions of one session; the proxy reads faster ones later; 0: no limit"},
    {"idle_timeout", SETTING_DURATION, AT(config, limits.idle_timeout_ms), .fallback = "0s", .max = 30 * MS_MAX,
     .help = "a session that sends and receives nothing for this long is closed; 0s: never"},
    {"drain", SETTING_DURATION, AT(config, limits.drain_ms), .fallback = "10s", .min = 100, .max = 3600 * 1000,
     .help = "longest drain: half of it for actions in flight, then clients are closed and servers logged off"},
    END};

static const struct setting keep_rows[] = {
    {"action", SETTING_TEXT, AT(keep_config, action), .required = true, .help = "an action that changes nothing"},
    {"for", SETTING_DURATION, AT(keep_config, time_ms), .fallback = "1s", .min = 1, .max = MS_MAX,
     .help = "how long the answer is reused for equal actions; an action that may change something ends that"},
    END};

static const struct setting share_rows[] = {
    {"in_flight", SETTING_BOOL, AT(config, share.in_flight), .fallback = "false",
     .help = "an action equal to one in flight gets that one's answer"},
    {"keep", SETTING_LIST, AT(config, share.keep), .count_offset = offsetof(struct config, share.keep_count),
     .rows = keep_rows, .element_size = sizeof(struct keep_config), .help = "answers to reuse for a while"},
    END};

static const struct setting resume_rows[] = {
    {"keep", SETTING_DURATION, AT(config, resume.keep_ms), .fallback = "0s", .max = 3600 * 1000,
     .help = "how long what a client was sent is kept, so that it can come back and miss nothing; 0s: not at all"},
    {"memory", SETTING_SIZE, AT(config, resume.memory), .fallback = "64MiB", .min = 64 * KIB, .max = 64 * KIB * MIB,
     .help = "memory for that, all clients together; what is oldest goes first"},
    END};

static const struct setting process_rows[] = {
    {"user", SETTING_TEXT, AT(config, process.user), .restart = true,
     .help = "user to switch to after the sockets are bound"},
    {"group", SETTING_TEXT, AT(config, process.group), .restart = true,
     .help = "group to switch to after the sockets are bound"},
    {"pid_file", SETTING_PATH, AT(config, process.pid_file), .restart = true, .help = "file for the process id"},
    {"background", SETTING_BOOL, AT(config, process.background), .fallback = "false", .restart = true,
     .help = "detach from the terminal"},
    END};

static const struct setting log_rows[] = {
    {"to", SETTING_LOG_TARGET, AT(config, log.to), .fallback = "stderr",
     .help = "stderr, syslog, journal, or a file (reopened on SIGHUP)"},
    {"audit", SETTING_LOG_TARGET, AT(config, log.audit),
     .help = "journal, or a file (reopened on SIGHUP), for a record of each login, refusal and change"},
    {"level", SETTING_CHOICE, AT(config, log.level), .fallback = "info", .choices = level_choices,
     .help = "least important lines to write"},
    {"repeat_lines", SETTING_COUNT, AT(config, log.repeat_lines), .fallback = "100", .max = 1000000,
     .help = "lines of one fact that are written in repeat_interval; others are only counted; 0: all"},
    {"repeat_interval", SETTING_DURATION, AT(config, log.repeat_interval_ms), .fallback = "10s", .min = 1000,
     .max = 3600 * 1000, .help = "interval in which lines of one fact are counted"},
    END};

#define SECTION(name) {#name, SETTING_SECTION, .rows = name##_rows}

const struct setting schema_main[] = {
    {"insecure_permissions", SETTING_CHOICE, AT(config_store, permissions), .fallback = "refuse",
     .choices = permission_choices, .help = "whether this file may contain plain secrets that everybody can read"},
    {"listen", SETTING_LIST, AT(config, listen), .count_offset = offsetof(struct config, listen_count), .fallback = "",
     .rows = listen_rows, .element_size = sizeof(struct listen_config), .help = "one entry per socket"},
    SECTION(control),
    SECTION(tls),
    {"servers", SETTING_LIST, AT(config, servers), .count_offset = offsetof(struct config, server_count),
     .rows = server_rows, .element_size = sizeof(struct server_config),
     .help = "the Asterisks, in order of preference"},
    SECTION(retry),
    SECTION(auth),
    {"users_file", SETTING_PATH, AT(config_store, users_file), .help = "file with the key users"},
    {"users", SETTING_LIST, AT(config, users), .count_offset = offsetof(struct config, user_count), .rows = user_rows,
     .element_size = sizeof(struct user_config), .help = "the users of the proxy"},
    {"exports", SETTING_LIST, AT(config, exports), .count_offset = offsetof(struct config, export_count),
     .rows = export_rows, .element_size = sizeof(struct export_config),
     .help = "users' views that are posted to other programs"},
    SECTION(scripts),
    SECTION(plugins),
    SECTION(limits),
    SECTION(share),
    SECTION(resume),
    {"cluster", SETTING_SECTION, .rows = schema_cluster},
    {"workers", SETTING_WORKERS, AT(config, workers), .fallback = "auto", .restart = true, .min = 1, .max = 64,
     .help = "threads that serve clients; auto: processors less one, at least one; a single one shares the hub's thread"},
    SECTION(process),
    SECTION(log),
    END};

const struct setting schema_users[] = {
    {"insecure_permissions", SETTING_CHOICE, AT(config_store, users_permissions), .fallback = "refuse",
     .choices = permission_choices, .help = "whether this file may contain plain secrets that everybody can read"},
    {"users", SETTING_LIST, AT(config, users), .count_offset = offsetof(struct config, user_count), .rows = user_rows,
     .element_size = sizeof(struct user_config), .help = "the users of the proxy"},
    END};
// clang-format on
