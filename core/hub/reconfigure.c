// core/hub/reconfigure.c: another configuration takes the place of the one in use. Everything is made complete before
// anything is exchanged.  Thread: the hub's.
#include "hub/inside.h"

#include "auth/failures.h"
#include "auth/revocations.h"
#include "base/memory.h"
#include "hub/certificates.h"
#include "hub/figures.h"
#include "net/tls.h"
#include "script/shared.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

struct hub_pending {
    struct config *config; // one reference
    struct tls_context *tls;
    struct listener **listeners;
    struct scripts **scripts; // one per worker, NULL: not prepared yet
};

bool hub_read_certificates(const struct config *config, struct tls_context **tls, struct error *err)
{
    *tls = NULL;
    if (config->tls.certificate == NULL)
        return true;
    *tls = tls_context_for_clients(config->tls.certificate, config->tls.key, config->tls.client_ca,
                                   config->tls.min_version == TLS_VERSION_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION, err);
    return *tls != NULL;
}

/** May `config` replace the configuration in use while the program runs? */
static bool may_replace(const struct hub *hub, const struct config *config, struct error *err)
{
    for (size_t i = 0; i < config->listen_count; i++) {
        const struct listen_config *listen = &config->listen[i];
        if (listen->control)
            continue; // hub_open_listener() checks it
        if (registry_find(hub->registry, listen->output) == NULL ||
            (strcmp(listen->input, "auto") != 0 && registry_find(hub->registry, listen->input) == NULL))
            return error_set(err, "listen[%zu]: input and output must be loaded formats; a restart loads others", i);
    }
    for (size_t i = 0; i < config->export_count; i++) {
        const struct amp_plugin *format = registry_find(hub->registry, config->exports[i].format);
        if (format == NULL || (format->capabilities & AMP_CAN_ENCODE) == 0)
            return error_set(err, "exports[%zu].format: must be a loaded format that writes; a restart loads others",
                             i);
    }
    return true;
}

/** Loads the scripts of `config` for every worker. @return NULL: `err` is set */
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

void hub_discard(struct hub *hub, struct hub_pending *pending)
{
    if (pending == NULL)
        return;
    for (uint32_t i = 0; pending->scripts != NULL && i < hub->worker_count; i++)
        worker_discard(pending->scripts[i]);
    free(pending->scripts);
    hub_discard_listening(pending->listeners, pending->config);
    tls_context_unref(pending->tls);
    config_unref(pending->config);
    free(pending);
}

struct hub_pending *hub_prepare(struct hub *hub, struct config *config, struct error *err)
{
    struct hub_pending *pending = memory_zero(1, sizeof *pending);

    pending->config = config_ref(config);
    if (may_replace(hub, config, err) && hub_read_certificates(config, &pending->tls, err) &&
        servers_check(config, err))
        pending->scripts = prepare_scripts(hub, config, err);
    if (pending->scripts != NULL)
        return pending;
    hub_discard(hub, pending);
    return NULL;
}

bool hub_prepare_sockets(struct hub *hub, struct hub_pending *pending, struct error *err)
{
    return hub_prepare_listening(hub, pending->config, &pending->listeners, err);
}

void hub_apply(struct hub *hub, struct hub_pending *pending)
{
    struct config *config = pending->config;

    hub_send_batches(hub); // the messages of the servers in use are sent first
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct reconfiguration *request = memory_zero(1, sizeof *request);
        request->letter.kind = WORKER_RECONFIGURE;
        request->config = config_ref(config);
        request->scripts = pending->scripts[i];
        request->dispose = hub->owner.dispose;
        request->context = hub->owner.context;
        worker_send(hub->outboxes[i].worker, &request->letter);
    }
    free(pending->scripts);
    tls_context_unref(hub->tls);
    hub->tls = pending->tls;
    failures_set_limit(hub->shared.failures, config->auth.failures_per_minute);
    revocations_set_path(hub->shared.revocations, config->auth.revoked);
    script_shared_set_limit(hub->shared.store, config->scripts.shared);
    certificates_look(config, hub->shared.metrics);
    servers_reconfigure(hub->servers, config);
    figures_configure(hub, config);
    hub_apply_listening(hub, config, pending->listeners);
    config_unref(hub->config);
    hub->config = config; // the reference of `pending`
    free(pending);
}
