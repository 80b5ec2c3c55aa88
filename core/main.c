// core/main.c: start: options, configuration, plugins, sockets, privileges; then the hub. Exit codes: 0 ended in order
// (or nothing to do), 1 could not start, 2 ended at once by a second signal.
#include "ami/digest.h"
#include "auth/revocations.h"
#include "base/audit.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stack.h"
#include "config/config.h"
#include "config/yaml_tree.h"
#include "hub/hub.h"
#include "net/inherited.h"
#include "net/listener.h"
#include "plugin/configure.h"
#include "plugin/registry.h"
#include "run/notify.h"
#include "run/options.h"
#include "run/process.h"
#include "run/repl.h"
#include "run/service.h"
#include "run/takeover.h"
#include "run/trial.h"

#include <event2/event.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** @param strict  a plugin that cannot be loaded is an error with its position; otherwise the others are loaded anyway
 */
static bool load_plugins(const struct config *config, struct registry *registry, bool strict, struct error *err)
{
    size_t loaded = 0;

    for (size_t i = 0; i < config->plugins.load_count; i++) {
        char path[4096], quoted[600];
        struct error reason;
        snprintf(path, sizeof path, "%s/%s.so", config->plugins.path, config->plugins.load[i]);
        if (registry_load(registry, path, &reason))
            loaded++;
        else if (strict)
            return error_set(err, "%s: plugins.load[%zu]: %s: %s", config->path, i, config->plugins.load[i],
                             reason.text);
        else
            log_error(NULL, "plugin not loaded reason=%s",
                      log_text(quoted, sizeof quoted, reason.text)); // the other plugins are loaded nevertheless
    }
    return loaded > 0 || error_set(err, "plugins: none could be loaded from %s", config->plugins.path);
}

static bool plugin_can(const struct registry *registry, const char *name, uint32_t capabilities)
{
    const struct amp_plugin *plugin = registry_find(registry, name);

    return plugin != NULL && (plugin->capabilities & capabilities) != 0;
}

/** Do the plugins that the listeners name exist? */
static bool check_formats(const struct config *config, const struct registry *registry, struct error *err)
{
    for (size_t i = 0; i < config->listen_count; i++) {
        const struct listen_config *listen = &config->listen[i];
        if (listen->control)
            continue; // hub_open_listener() checks it
        if (strcmp(listen->input, "auto") == 0 && !plugin_can(registry, "standard", AMP_CAN_DECODE))
            return error_set(err, "listen[%zu].input: auto needs the plugin standard, which is not loaded", i);
        if (strcmp(listen->input, "auto") != 0 &&
            !plugin_can(registry, listen->input, AMP_CAN_DECODE | AMP_IS_PROTOCOL))
            return error_set(err, "listen[%zu].input: expected auto or a loaded format that reads; found \"%s\"", i,
                             listen->input);
        if (!plugin_can(registry, listen->output, AMP_CAN_ENCODE))
            return error_set(err, "listen[%zu].output: expected a loaded format that writes; found \"%s\"", i,
                             listen->output);
    }
    for (size_t i = 0; i < config->export_count; i++) {
        if (!plugin_can(registry, config->exports[i].format, AMP_CAN_ENCODE))
            return error_set(err, "exports[%zu].format: expected a loaded format that writes; found \"%s\"", i,
                             config->exports[i].format);
    }
    return true;
}

/** Writes lines to stderr, each marked as an error where stderr leads to the journal. */
static void print_errors(const char *lines)
{
    for (size_t length; *lines != '\0'; lines += length + (lines[length] == '\n')) {
        length = strcspn(lines, "\n");
        fprintf(stderr, "%s%.*s\n", log_error_mark(), (int)length, lines);
    }
}

/** Loads the plugins and lets them read their sections. */
static bool prepare_plugins(struct config *config, struct registry *registry, bool strict, struct error *err)
{
    char *errors = NULL;
    bool ready = load_plugins(config, registry, strict, err) && check_formats(config, registry, err);

    if (ready && !configure_plugins(registry, config, &errors)) {
        if (errors != NULL)
            print_errors(errors);
        ready = error_set(err, "the configuration of the plugins is wrong");
    }
    free(errors);
    config_forget_sections(config);
    return ready;
}

/** Opens the sockets, or takes them from those that were inherited. */
static bool open_listeners(const struct config *config, const struct registry *registry, struct inherited *inherited,
                           struct listener **listeners, struct error *err)
{
    for (size_t i = 0; i < config->listen_count; i++) {
        const struct listen_config *listen = &config->listen[i];
        char own[INHERITED_NAME_SIZE], name[INHERITED_NAME_SIZE];
        inherited_name(own, listen->address, listen->port);
        int fd = inherited_find(inherited, own, listen->name, listen->address, listen->port, name);
        if (fd != -1)
            listeners[i] = listener_adopt(fd, name, strcmp(name, own) != 0);
        else if (!hub_open_listener(config, i, registry, &listeners[i], err))
            return false;
        if (fd != -1 && listen->control && !listener_is_private(listeners[i], config->control.group, err))
            return false;
        if (fd != -1)
            log_info(NULL, "inherited socket taken listener=%s name=%s", listener_address(listeners[i]), name);
    }
    return true;
}

/** What the steps of the start hand to each other. */
struct start {
    struct config *config;
    const struct options *options;
    struct takeover *takeover;
    struct inherited *inherited;
    struct registry *registry;
    struct listener **listeners;
};

/** Takes all steps that may fail; those that need privileges come first. In a takeover the new process writes its
 *  process id when it is ready: until then the earlier process serves. */
static struct service *main_start(const struct start *start, struct error *err)
{
    struct config *config = start->config;
    bool background = config->process.background && !start->options->foreground;
    const char *pid_file = takeover_is_new_process(start->takeover) ? NULL : config->process.pid_file;
    struct service *service;

    if (!prepare_plugins(config, start->registry, false, err))
        return NULL;
    if (background && !process_background(err))
        return NULL;
    process_raise_limits();
    if (!process_check_files(config, err))
        return NULL;
    if (!open_listeners(config, start->registry, start->inherited, start->listeners, err) ||
        !process_write_pid(pid_file, err))
        return NULL;
    service = service_create(config, start->registry, start->listeners, err);
    if (service != NULL && !process_drop_privileges(config->process.user, config->process.group, config->log.to,
                                                    config->log.audit, config->process.pid_file, err)) {
        service_destroy(service);
        service = NULL;
    }
    return service;
}

/** Can the file of revoked tokens be used? The proxy serves without it, but accepts no tokens. */
static bool check_revoked(const struct config *config, const struct yaml_node *tree, struct error *err)
{
    const struct yaml_node *node = yaml_tree_find(yaml_tree_find(tree, "auth"), "revoked");
    struct error reason = {""};

    if (config->auth.revoked == NULL || config->auth.token_keys.count == 0 ||
        revocations_check(config->auth.revoked, &reason))
        return true;
    return error_set(err,
                     "%s:%zu:%zu: auth.revoked: expected a file that can be read (empty at first: touch FILE); "
                     "found %s: %s",
                     config->path, node == NULL ? 0 : node->line, node == NULL ? 0 : node->column, config->auth.revoked,
                     reason.text);
}

/** `-t`: checks all that can be checked without serving: plugins, certificates, scripts. */
static int main_check(struct config *config, const struct options *options)
{
    struct listener **listeners = memory_zero(config->listen_count + 1, sizeof(struct listener *)); // none is opened
    struct registry *registry = registry_create();
    struct error err = {""};
    bool revoked = check_revoked(config, config_tree(config), &err);
    struct service *service = revoked && prepare_plugins(config, registry, true, &err)
                                  ? service_create(config, registry, listeners, &err)
                                  : NULL;

    bool fine = service != NULL && try_tests(config, &err);

    if (config->notes != NULL)
        fputs(config->notes, stderr);
    if (fine)
        printf("%s: the configuration is fine\n", options->config_path);
    else
        fprintf(stderr, "astmanproxy: %s\n", err.text);
    service_destroy(service);
    free(listeners);
    registry_destroy(registry);
    return fine ? 0 : 1;
}

static int main_serve(struct config *config, const struct options *options, struct takeover *takeover)
{
    enum log_level level = options->debug == 0   ? config->log.level
                           : options->debug == 1 ? LOG_LEVEL_DEBUG
                                                 : LOG_LEVEL_TRACE;
    struct start all = {.config = config,
                        .options = options,
                        .takeover = takeover,
                        .registry = registry_create(),
                        .listeners = memory_zero(config->listen_count + 1, sizeof(struct listener *))};
    struct error err = {""};
    struct service *service = NULL;
    int code = 1;

    log_set_limit(config->log.repeat_lines, config->log.repeat_interval_ms);
    bool logs = log_open(options->debug > 0 ? "stderr" : config->log.to, level, &err);
    logs = logs && audit_open(config->log.audit, &err);
    all.inherited = inherited_take();
    if (logs)
        service = main_start(&all, &err);
    inherited_destroy(all.inherited, notify_forget);
    if (service != NULL) {
        if (options->debug > 0)
            service_fix_log(service);
        process_ready();
        code = service_run(service, takeover);
        service_destroy(service);
        audit_stop();
    } else {
        fprintf(stderr, "%sastmanproxy: %s\n", log_error_mark(), err.text);
        takeover_fail(takeover, err.text);
        for (size_t i = 0; i < config->listen_count; i++)
            listener_close(all.listeners[i]);
    }
    free(all.listeners);
    registry_destroy(all.registry);
    return code;
}

/** Does what the options ask for; the configuration has been read. */
static int main_act(struct config *config, const struct options *options, struct takeover *takeover)
{
    if (options->try_user != NULL)
        return try_capture(config, options->try_user, options->try_file, options->expected);
    if (options->repl_user != NULL)
        return repl_run(config, options->repl_user, options->try_file);
    return options->check ? main_check(config, options) : main_serve(config, options, takeover);
}

/** Uses parts of OpenSSL and libevent once at the start, because they initialise themselves at first use and do not all
 *  survive a failed allocation. At the start a failure ends the program with a message. */
static bool prepare_libraries(struct error *err)
{
    char key[DIGEST_KEY_SIZE], challenge[DIGEST_CHALLENGE_SIZE];
    unsigned char digest[EVP_MAX_MD_SIZE];

    if (CRYPTO_set_mem_functions(memory_library_new, memory_library_grow, memory_library_free) != 1)
        return error_set(err, "OpenSSL has begun before the program");
    event_set_mem_functions(memory_new, memory_grow, free);
    if (OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) != 1)
        return error_set(err, "OpenSSL cannot start");
    digest_challenge(challenge);
    digest_key(challenge, span_of(""), key);
    return EVP_Digest("", 0, digest, NULL, EVP_sha256(), NULL) == 1 || error_set(err, "OpenSSL has no SHA-256");
}

int main(int argc, char **argv)
{
    struct options options;
    struct error err;
    struct config *config;
    struct takeover *takeover;
    char *errors = NULL;
    int code = 1;

    descriptors_open_standard();
    if (!options_parse(&options, argc, argv, &err)) {
        fprintf(stderr, "astmanproxy: %s\n%s", err.text, options_usage());
        return 1;
    }
    if (options.help || options.version) {
        fputs(options.help ? options_usage() : "astmanproxy " AMP_VERSION "\n", stdout);
        return 0;
    }
    if (!prepare_libraries(&err)) {
        fprintf(stderr, "astmanproxy: %s\n", err.text);
        return 1;
    }
    stack_watch();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // a log at its limit is a failed write
    // Keeps freed pages: bursts repeat, and returning pages to the system and requesting them again costs time. So do
    // the buffers of large answers, which the C library would otherwise map anew each time.
    mallopt(M_TOP_PAD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    signal(SIGUSR2, SIG_IGN); // until there are sockets to hand over
    if (!options.check && options.try_user == NULL && options.repl_user == NULL)
        process_hold_signals();
    takeover = takeover_create(&options);
    config = config_load(options.config_path, &errors);
    if (config == NULL) {
        print_errors(errors);
        takeover_fail(takeover, errors);
        free(errors);
    } else {
        code = main_act(config, &options, takeover);
    }
    takeover_destroy(takeover);
    config_unref(config);
    return code;
}
