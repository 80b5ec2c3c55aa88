// core/hub/listen.c: the sockets that clients connect to.  Thread: the hub's.
#include "hub/inside.h"

#include "base/memory.h"
#include "config/compare.h"
#include "hub/arrival.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

static struct listening *listening_create(struct hub *hub, uint32_t index, struct listener *listener)
{
    struct listening *listening = memory_new(sizeof *listening);

    *listening = (struct listening){.hub = hub, .index = index, .id = ++hub->last_listening, .listener = listener};
    return listening;
}

void hub_take_listeners(struct hub *hub, struct listener **listeners)
{
    hub->listening_count = hub->config->listen_count;
    hub->listening = memory_zero(hub->listening_count + 1, sizeof(struct listening *));
    for (size_t i = 0; i < hub->listening_count; i++) {
        hub->listening[i] = listening_create(hub, (uint32_t)i, listeners[i]);
        listeners[i] = NULL;
    }
}

bool hub_open_listener(const struct config *config, size_t index, const struct registry *registry,
                       struct listener **listener, struct error *err)
{
    const struct listen_config *listen = &config->listen[index];
    const struct amp_plugin *format = registry_find(registry, listen->input);
    struct error reason;
    char quoted[600];

    *listener = NULL;
    if (!listen->control)
        *listener = listener_open(listen->address, listen->port, err);
    else if (format == NULL || (format->capabilities & AMP_CAN_DECODE) == 0)
        error_set(&reason, "the plugin standard is not loaded");
    else
        *listener = listener_open_private(listen->address, config->control.group, &reason);
    if (*listener != NULL || !listen->control)
        return *listener != NULL;
    if (config->control.given)
        return error_set(err, "control: %s", reason.text);
    log_info(NULL, "no control socket reason=%s", log_text(quoted, sizeof quoted, reason.text));
    return true;
}

static void listening_start(struct listening *listening, const struct config *config)
{
    const struct listen_config *listen = &config->listen[listening->index];

    if (listening->listener == NULL)
        return;
    listening->hub->owner.listener_opened(listening->hub->owner.context, listening->listener);
    listening->number = reporter_add_listener(listening->hub->shared.reporter, listener_address(listening->listener));
    listener_start(listening->listener, listening->hub->base,
                   listen->control ? hub_on_control_accepted : hub_on_accepted, listening);
    if (listen->control)
        log_info(NULL, "control socket is open path=%s", listen->address + strlen("unix:"));
    else
        log_info(NULL, "listening address=%s input=%s output=%s", listener_address(listening->listener), listen->input,
                 listen->output);
}

void hub_start_listening(struct hub *hub)
{
    for (size_t i = 0; i < hub->listening_count; i++)
        listening_start(hub->listening[i], hub->config);
}

static void listening_stop(struct listening *listening)
{
    listener_close(listening->listener);
    free(listening);
}

// --- reload -----------------------------------------------------------------------------------------------------

/** Is there a socket for config->listen[index] already? */
static bool is_there(const struct hub *hub, const struct config *config, size_t index)
{
    size_t same = config_same_listen(config, index, hub->config);

    return same != SIZE_MAX && hub->listening[same]->listener != NULL;
}

void hub_discard_listening(struct listener **fresh, const struct config *config)
{
    for (size_t i = 0; fresh != NULL && i < config->listen_count; i++)
        listener_close(fresh[i]);
    free(fresh);
}

bool hub_prepare_listening(struct hub *hub, const struct config *config, struct listener ***fresh, struct error *err)
{
    *fresh = memory_zero(config->listen_count + 1, sizeof(struct listener *));
    for (size_t i = 0; i < config->listen_count; i++) {
        if (is_there(hub, config, i))
            continue;
        if (!hub_open_listener(config, i, hub->registry, &(*fresh)[i], err)) {
            hub_discard_listening(*fresh, config);
            *fresh = NULL;
            return false;
        }
    }
    return true;
}

void hub_apply_listening(struct hub *hub, const struct config *config, struct listener **fresh)
{
    struct listening **list = memory_zero(config->listen_count + 1, sizeof(struct listening *));

    for (size_t i = 0; i < hub->listening_count; i++) {
        struct listening *listening = hub->listening[i];
        size_t same = config_same_listen(hub->config, i, config);
        if (listening->listener == NULL) {
            listening_stop(listening);
            continue;
        }
        if (same == SIZE_MAX) {
            log_info(NULL, "no longer listening address=%s", listener_address(listening->listener));
            hub->owner.listener_dropped(hub->owner.context, listening->listener);
            listening_stop(listening);
            continue;
        }
        listening->index = (uint32_t)same;
        list[same] = listening;
    }
    for (size_t i = 0; i < config->listen_count; i++) {
        if (list[i] != NULL)
            continue;
        list[i] = listening_create(hub, (uint32_t)i, fresh[i]);
        listening_start(list[i], config);
    }
    free(fresh);
    free(hub->listening);
    hub->listening = list;
    hub->listening_count = config->listen_count;
}

void hub_hand_on_listening(struct hub *hub)
{
    for (size_t i = 0; i < hub->listening_count; i++) {
        if (hub->listening[i]->listener != NULL)
            listener_hand_on(hub->listening[i]->listener);
    }
}

void hub_stop_listening(struct hub *hub)
{
    arrival_settle_all(hub);
    hub_forget_waiting(hub);
    for (size_t i = 0; i < hub->listening_count; i++)
        listening_stop(hub->listening[i]);
    free(hub->listening);
    hub->listening = NULL;
    hub->listening_count = 0;
}

size_t hub_listener_count(const struct hub *hub)
{
    return hub->listening_count;
}

struct listener *hub_listener(const struct hub *hub, size_t index)
{
    return hub->listening[index]->listener;
}
