// core/run/reload.c: see reload.h. Everything is made complete before anything is exchanged.
#include "run/reload.h"

#include "auth/failures.h"
#include "base/memory.h"
#include "config/compare.h"
#include "hub/inside.h"
#include "net/tls.h"
#include "run/notify.h"
#include "script/shared.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool reload_certificate(const struct config *config, struct tls_context **tls, struct error *err)
{
    *tls = NULL;
    if (config->tls.certificate == NULL)
        return true;
    *tls = tls_context_for_clients(config->tls.certificate, config->tls.key, config->tls.client_ca,
                                   config->tls.min_version == TLS_VERSION_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION, err);
    return *tls != NULL;
}

/** May `config` take the place of the one in use while the program runs? */
static bool may_replace(const struct hub *hub, const struct config *config, struct error *err)
{
    for (size_t i = 0; i < config->listen_count; i++) {
        const struct listen_config *listen = &config->listen[i];
        if (registry_find(hub->registry, listen->output) == NULL ||
            (strcmp(listen->input, "auto") != 0 && registry_find(hub->registry, listen->input) == NULL))
            return error_set(err, "listen[%zu]: input and output must be loaded formats; a restart loads others", i);
    }
    return true;
}

/** The scripts of `config` for every worker. @return NULL with `err` */
static struct scripts **prepare_scripts(struct hub *hub, const struct config *config, struct error *err)
{
    struct scripts **scripts = memory_zero(hub->worker_count, sizeof(struct scripts *));

    for (uint32_t i = 0; i < hub->worker_count; i++) {
        scripts[i] = worker_prepare(hub->outboxes[i].worker, config, err);
        if (scripts[i] != NULL)
            continue;
        while (i > 0)
            worker_discard(scripts[--i]);
        free(scripts);
        return NULL;
    }
    return scripts;
}

/** What a new configuration brings with it, complete before anything is exchanged. */
struct novelty {
    struct config *config;
    struct tls_context *tls;
    struct listener **listeners;
    struct scripts **scripts;
    char *notes; // lines about settings that need a restart, NULL: none
};

static void discard(struct novelty *novelty)
{
    hub_discard_listening(novelty->listeners, novelty->config);
    tls_context_unref(novelty->tls);
    config_unref(novelty->config);
    free(novelty->notes);
}

/** The log is where the configuration says, unless an option of the command line does. The last step that may fail. */
static bool move_log(const struct hub *hub, const struct config *config, struct error *err)
{
    if (hub->log_is_fixed)
        return true;
    if (strcmp(config->log.to, hub->config->log.to) != 0)
        return log_open(config->log.to, config->log.level, err);
    log_set_level(config->log.level);
    return true;
}

static bool prepare(struct hub *hub, struct novelty *novelty, struct error *err)
{
    char *errors = NULL;

    novelty->config = config_load(hub->config->path, &errors);
    if (novelty->config == NULL) {
        error_set(err, "%.*s", (int)strcspn(errors, "\n"), errors);
        free(errors);
        return false;
    }
    novelty->notes = config_compare(hub->started, novelty->config);
    config_forget_sections(novelty->config); // plugins were told theirs at the start
    if (!may_replace(hub, novelty->config, err) || !reload_certificate(novelty->config, &novelty->tls, err) ||
        !servers_check(novelty->config, err) || !hub_prepare_listening(hub, novelty->config, &novelty->listeners, err))
        return false;
    novelty->scripts = prepare_scripts(hub, novelty->config, err);
    if (novelty->scripts == NULL)
        return false;
    if (move_log(hub, novelty->config, err))
        return true;
    for (uint32_t i = 0; i < hub->worker_count; i++)
        worker_discard(novelty->scripts[i]);
    free(novelty->scripts);
    return false;
}

/** Changes over to what is complete, and takes it. */
static void renew(struct hub *hub, const struct novelty *novelty)
{
    struct config *config = novelty->config;

    hub_send_batches(hub); // of the servers as they were
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct renewal *renewal = memory_zero(1, sizeof *renewal);
        renewal->letter.kind = WORKER_RENEW;
        renewal->config = config_ref(config);
        renewal->scripts = novelty->scripts[i];
        worker_send(hub->outboxes[i].worker, &renewal->letter);
    }
    free(novelty->scripts);
    tls_context_unref(hub->tls);
    hub->tls = novelty->tls;
    failures_set_limit(hub->shared.failures, config->auth.failures_per_minute);
    script_shared_set_limit(hub->shared.store, config->scripts.shared);
    servers_renew(hub->servers, config);
    log_set_limit(config->log.repeat_lines, config->log.repeat_interval_ms);
    hub_renew_listening(hub, config, novelty->listeners);
    config_unref(hub->config);
    hub->config = config;
}

/** One line for each setting that stays as it was. */
static void log_notes(const char *notes)
{
    for (size_t length; notes != NULL && *notes != '\0'; notes += length + 1) {
        length = strcspn(notes, "\n");
        log_warn(NULL, "setting not in force: %.*s", (int)length, notes);
    }
}

bool reload(struct hub *hub, char **notes, struct error *err)
{
    struct novelty novelty = {0};
    char quoted[600];

    if (hub->ending != RUNNING)
        return error_set(err, "the proxy is going down");
    notify_reloading();
    if (!prepare(hub, &novelty, err)) {
        notify_ready("Serving; the last reload failed, see the log");
        metric_add(&hub->metrics->reloads_failed, 1);
        metric_set(&hub->metrics->reload_good, 0);
        log_error(NULL, "configuration not reloaded, the old one stays reason=%s%s",
                  log_text(quoted, sizeof quoted, err->text),
                  novelty.config == NULL ? " hint=\"astmanproxy -t -c FILE shows all mistakes\"" : "");
        discard(&novelty);
        return false;
    }
    renew(hub, &novelty);
    metric_add(&hub->metrics->reloads, 1);
    metric_set(&hub->metrics->reload_good, 1);
    metric_set(&hub->metrics->reload_s, (uint64_t)time(NULL));
    notify_ready("Serving");
    log_info(NULL, "configuration reloaded file=%s", hub->config->path);
    log_notes(novelty.notes);
    if (notes != NULL)
        *notes = novelty.notes;
    else
        free(novelty.notes);
    return true;
}
