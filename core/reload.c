// core/reload.c: see reload.h. Everything is made complete before anything is exchanged.
#include "reload.h"

#include "base/memory.h"
#include "hub_inside.h"
#include "net/tls.h"

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
    const struct config *old = hub->config;
    bool same = config->listen_count == old->listen_count;

    for (size_t i = 0; same && i < config->listen_count; i++)
        same = strcmp(config->listen[i].address, old->listen[i].address) == 0 &&
               config->listen[i].port == old->listen[i].port;
    if (!same)
        return error_set(err, "listen: the sockets cannot be changed by a reload, only by a restart");
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

/** Changes over to what is complete. Takes `config`, `tls` and `scripts`. */
static void renew(struct hub *hub, struct config *config, struct tls_context *tls, struct scripts **scripts)
{
    hub_send_batches(hub); // of the servers as they were
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct renewal *renewal = memory_zero(1, sizeof *renewal);
        renewal->letter.kind = WORKER_RENEW;
        renewal->config = config_ref(config);
        renewal->scripts = scripts[i];
        worker_send(hub->outboxes[i].worker, &renewal->letter);
    }
    free(scripts);
    tls_context_unref(hub->tls);
    hub->tls = tls;
    servers_renew(hub->servers, config);
    log_set_level(config->log.level);
    log_set_limit(config->log.repeat_lines, config->log.repeat_interval_ms);
    config_unref(hub->config);
    hub->config = config;
}

bool reload(struct hub *hub, struct error *err)
{
    char *errors = NULL, quoted[600];
    struct tls_context *tls = NULL;
    struct scripts **scripts = NULL;
    struct config *config = config_load(hub->config->path, &errors);

    if (config == NULL)
        error_set(err, "%.*s", (int)strcspn(errors, "\n"), errors);
    else
        config_forget_sections(config); // plugins were told theirs at the start
    if (config != NULL && may_replace(hub, config, err) && reload_certificate(config, &tls, err) &&
        servers_check(config, err))
        scripts = prepare_scripts(hub, config, err);
    metric_add(scripts != NULL ? &hub->metrics->reloads : &hub->metrics->reloads_failed, 1);
    metric_set(&hub->metrics->reload_good, scripts != NULL);
    if (scripts != NULL) {
        metric_set(&hub->metrics->reload_s, (uint64_t)time(NULL));
        renew(hub, config, tls, scripts);
        log_info(NULL, "configuration reloaded file=%s", hub->config->path);
        return true;
    }
    log_error(NULL, "configuration not reloaded, the old one stays reason=%s%s",
              log_text(quoted, sizeof quoted, err->text),
              errors != NULL ? " hint=\"astmanproxy -t -c FILE shows all mistakes\"" : "");
    free(errors);
    tls_context_unref(tls);
    config_unref(config);
    return false;
}
