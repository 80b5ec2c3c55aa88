// core/hub/hub.c: the hub begins, takes letters, and ends; see hub.h.
#include "hub/certificates.h"
#include "hub/cluster.h"
#include "hub/control.h"
#include "hub/figures.h"
#include "hub/handover.h"
#include "hub/inside.h"
#include "hub/shipment.h"

#include "auth/revocations.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "base/memory.h"
#include "letters/letters.h"
#include "letters/request.h"
#include "net/loop.h"
#include "net/tls.h"
#include "report/report.h"
#include "script/shared.h"
#include "script/watchdog.h"
#include "session/access/limits.h"
#include "session/connection/move.h"
#include "session/delivery/kept.h"
#include "session/keys.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

// --- the loop ---------------------------------------------------------------------------------------------------

void hub_take_ask(struct hub *hub, struct ask *ask)
{
    // Nodes ask by name: so does who names none, for that both are seen to ask for the same.
    const char *usual = hub->cluster != NULL && ask->server == NULL ? servers_usual(hub->servers) : "";

    if (coalescer_take(hub->coalescer, hub->config, ask, usual))
        metric_add(&hub->metrics->shared, 1);
    else
        servers_ask(hub->servers, ask);
}

static void take_ask(struct hub *hub, struct letter *letter)
{
    hub_take_ask(hub, (struct ask *)letter);
    ask_unref((struct ask *)letter);
}

static void drop_ask(struct letter *letter)
{
    ask_unref((struct ask *)letter);
}

/** Sends the asks of a single worker, which shares this loop, before it reads more clients, so that the server works
 * meanwhile. The first letter that is not an ask, and all letters behind it, stay queued: the order is
 * kept. */
static void flush_asks(void *context)
{
    struct hub *hub = context;

    mailbox_gather(&hub->inbox, &hub->letters);
    while (hub->letters.first != NULL && hub->letters.first->kind == HUB_ASK)
        take_ask(hub, mailbox_next(&hub->letters));
    event_active(hub->wake, EV_TIMEOUT, 0);
    servers_flush(hub->servers);
}

static void take_command(struct hub *hub, struct letter *letter)
{
    hub_run_command(hub, (struct command *)letter);
}

static void drop_command(struct letter *letter)
{
    command_destroy((struct command *)letter);
}

static void take_drained(struct hub *hub, struct letter *letter)
{
    hub->owner.worker_drained(hub->owner.context);
    free(letter);
}

/** Passes a session on to the worker that it goes to. */
static void take_moved(struct hub *hub, struct letter *letter)
{
    struct worker *worker = hub->outboxes[((struct moved *)letter)->worker].worker;

    letter->kind = WORKER_MOVED;
    worker_expect(worker);
    worker_send(worker, letter);
}

static void drop_moved(struct letter *letter)
{
    move_discard(((struct moved *)letter)->session);
    free(letter);
}

/** Passes a letter from one worker to another. */
static void take_request(struct hub *hub, struct letter *letter)
{
    const struct session_request *request = (struct session_request *)letter;
    uint32_t worker = request->answered ? request->from.worker : request->to.worker;

    letter->kind = WORKER_REQUEST;
    worker_send(hub->outboxes[worker].worker, letter);
}

static void drop_request(struct letter *letter)
{
    session_request_unref((struct session_request *)letter);
}

static void take_displace(struct hub *hub, struct letter *letter)
{
    hub_send_close_request(hub, ((struct close_request *)letter)->session_id, true);
    free(letter);
}

static void take_given(struct hub *hub, struct letter *letter)
{
    hub_on_given(hub);
    free(letter);
}

static void take_bus(struct hub *hub, struct letter *letter)
{
    hub_cluster_take(hub->cluster, letter);
}

static void take_audience(struct hub *hub, struct letter *letter)
{
    const struct audience *audience = (struct audience *)letter;

    hub->outboxes[audience->worker].has_audience = audience->present;
    hub_cluster_judge_need(hub->cluster);
    free(letter);
}

static void drop_plain(struct letter *letter)
{
    free(letter);
}

/** What is done with each kind of letter: take() handles and frees it, or passes it on; drop() only frees it. */
static const struct {
    void (*take)(struct hub *hub, struct letter *letter);
    void (*drop)(struct letter *letter);
} kinds[] = {
    [HUB_ASK] = {take_ask, drop_ask},
    [HUB_COMMAND] = {take_command, drop_command},
    [HUB_DRAINED] = {take_drained, drop_plain},
    [HUB_MOVED] = {take_moved, drop_moved},
    [HUB_REQUEST] = {take_request, drop_request},
    [HUB_DISPLACE] = {take_displace, drop_plain},
    [HUB_GIVEN] = {take_given, drop_plain},
    [HUB_BUS] = {take_bus, hub_cluster_drop},
    [HUB_SHIPMENT] = {shipment_take, shipment_drop},
    [HUB_SURVEYED] = {control_surveyed, control_drop},
    [HUB_AUDIENCE] = {take_audience, drop_plain},
};

_Static_assert(sizeof kinds / sizeof kinds[0] == HUB_LETTERS, "each kind of letter has its entry");

static void on_letters(evutil_socket_t fd, short what, void *argument)
{
    struct hub *hub = argument;
    (void)fd;

    if (what & EV_READ)
        mailbox_clear_wakeup(&hub->inbox);
    mailbox_gather(&hub->inbox, &hub->letters);
    for (struct letter *letter; (letter = mailbox_next(&hub->letters)) != NULL;)
        kinds[letter->kind].take(hub, letter);
}

static void on_flush(evutil_socket_t fd, short what, void *argument)
{
    (void)fd;
    (void)what;
    hub_send_batches(argument);
}

static bool create_workers(struct hub *hub, const struct registry *registry, struct error *err)
{
    struct worker_hub self = {&hub->inbox, hub->wake, hub->base, flush_asks, hub};

    hub->shared.metrics = metrics_create(hub->config->workers);
    hub->metrics = metrics_hub(hub->shared.metrics);
    hub->shared.failures = failures_create(hub->config->auth.failures_per_minute);
    hub->shared.revocations = revocations_create();
    revocations_set_path(hub->shared.revocations, hub->config->auth.revoked);
    hub->shared.verifier = verifier_create(hub->shared.failures);
    hub->shared.directory = directory_create();
    hub->shared.limits = session_limits_create();
    hub->shared.kept = kept_shared_create(hub->config->workers);
    hub->shared.keys = session_keys_create();
    hub->shared.reporter = reporter_create(hub->shared.metrics, hub->shared.directory, registry);
    hub->shared.store = script_shared_create(hub->config->scripts.shared);
    hub->shared.watchdog = script_watchdog_create();
    if (hub->shared.watchdog == NULL)
        return error_set(err, "cannot start the watchdog of scripts: %s", strerror(errno));
    hub->outboxes = memory_zero(hub->config->workers, sizeof *hub->outboxes);
    for (uint32_t i = 0; i < hub->config->workers; i++) {
        hub->outboxes[i].worker = worker_create(i, hub->config, registry, &self, &hub->shared, err);
        if (hub->outboxes[i].worker == NULL)
            return false;
        hub->worker_count++;
    }
    return true;
}

/** Once a second: tells the watchdog that the loop runs, and lets the log report suppressed lines. */
static void on_beat(evutil_socket_t fd, short what, void *argument)
{
    struct hub *hub = argument;
    (void)fd;
    (void)what;

    metric_set(&hub->metrics->beat_ms, clock_ms());
    log_tick();
}

static void create_events(struct hub *hub)
{
    static const struct timeval second = {1, 0};

    hub->wake = event_new(hub->base, hub->inbox.wake_fd, EV_READ | EV_PERSIST, on_letters, hub);
    hub->flush = event_new(hub->base, -1, 0, on_flush, hub);
    hub->beat = event_new(hub->base, -1, EV_PERSIST, on_beat, hub);
    event_add(hub->beat, &second);
    event_add(hub->wake, NULL);
}

struct hub *hub_create(struct config *config, const struct registry *registry, struct listener **listeners,
                       const struct hub_owner *owner, struct error *err)
{
    struct hub *hub = memory_zero(1, sizeof *hub);
    struct servers_output output = {hub_on_server_event, hub_on_server_answer, hub_on_servers_state, hub, NULL, NULL,
                                    hub_on_portion};

    hub->config = config_ref(config);
    hub->owner = *owner;
    hub_take_listeners(hub, listeners);
    hub->registry = registry;
    hub->inbox.wake_fd = -1;
    hub->base = loop_create();
    if (hub->base == NULL || !mailbox_init(&hub->inbox)) {
        error_set(err, "cannot start: %s", strerror(errno));
        hub_destroy(hub);
        return NULL;
    }
    create_events(hub);
    if (!hub_read_certificates(config, &hub->tls, err) || !create_workers(hub, registry, err) ||
        !hub_cluster_create(hub, &hub->cluster, err)) {
        hub_destroy(hub);
        return NULL;
    }
    hub->coalescer = coalescer_create(hub_give_share, hub);
    output.metrics = hub->shared.metrics;
    output.bus = hub_cluster_callbacks(hub->cluster);
    certificates_look(config, hub->shared.metrics);
    hub->servers = servers_create(hub->base, config, &output, err);
    if (hub->servers == NULL) {
        hub_destroy(hub);
        return NULL;
    }
    figures_configure(hub, config);
    return hub;
}

bool hub_start(struct hub *hub, struct error *err)
{
    bool started = verifier_start(hub->shared.verifier, err) && revocations_start(hub->shared.revocations, err) &&
                   hub_cluster_start(hub->cluster, err);

    for (uint32_t i = 0; started && i < hub->worker_count; i++)
        started = worker_start(hub->outboxes[i].worker, err);
    return started;
}

struct event_base *hub_base(const struct hub *hub)
{
    return hub->base;
}

struct config *hub_config(const struct hub *hub)
{
    return hub->config;
}

struct servers *hub_servers(const struct hub *hub)
{
    return hub->servers;
}

struct metrics_hub *hub_metrics(const struct hub *hub)
{
    return hub->metrics;
}

size_t hub_worker_count(const struct hub *hub)
{
    return hub->worker_count;
}

struct worker *hub_worker(const struct hub *hub, size_t index)
{
    return hub->outboxes[index].worker;
}

void hub_drain(struct hub *hub, uint64_t close_by_ms)
{
    hub_cluster_drain(hub->cluster);
    hub_send_batches(hub); // messages that arrived earlier are sent first
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct drain_request *request = memory_zero(1, sizeof *request);
        request->letter.kind = WORKER_DRAIN;
        request->close_by_ms = close_by_ms;
        worker_send(hub->outboxes[i].worker, &request->letter);
    }
}

bool hub_is_drained(const struct hub *hub)
{
    return hub->cluster == NULL || (hub_cluster_is_drained(hub->cluster) && servers_in_flight(hub->servers) == 0 &&
                                    !servers_await_calls(hub->servers));
}

/** Frees the letters that were sent to a hub that no longer reads. */
static void drop_letters(struct hub *hub)
{
    mailbox_gather(&hub->inbox, &hub->letters);
    for (struct letter *letter; (letter = mailbox_next(&hub->letters)) != NULL;)
        kinds[letter->kind].drop(letter);
}

static void free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

void hub_destroy(struct hub *hub)
{
    if (hub == NULL)
        return;
    hub_stop_listening(hub);
    if (hub->servers != NULL)
        servers_destroy(hub->servers);
    hub_cluster_destroy(hub->cluster);
    revocations_stop(hub->shared.revocations);
    verifier_stop(hub->shared.verifier); // its last letters go to workers that are still there
    for (uint32_t i = 0; i < hub->worker_count; i++)
        worker_destroy(hub->outboxes[i].worker);
    for (uint32_t i = 0; i < hub->worker_count; i++)
        batch_destroy(NULL, hub->outboxes[i].batch);
    if (hub->inbox.wake_fd != -1)
        drop_letters(hub);
    control_fini(hub);
    hub_end_handover(hub);
    free_event(hub->wake);
    free_event(hub->flush);
    free_event(hub->beat);
    if (hub->inbox.wake_fd != -1)
        mailbox_fini(&hub->inbox);
    if (hub->base != NULL)
        event_base_free(hub->base);
    coalescer_destroy(hub->coalescer);
    script_watchdog_destroy(hub->shared.watchdog);
    script_shared_destroy(hub->shared.store);
    reporter_destroy(hub->shared.reporter);
    directory_destroy(hub->shared.directory);
    session_limits_destroy(hub->shared.limits);
    kept_shared_destroy(hub->shared.kept);
    session_keys_destroy(hub->shared.keys);
    verifier_destroy(hub->shared.verifier);
    revocations_destroy(hub->shared.revocations);
    failures_destroy(hub->shared.failures);
    metrics_destroy(hub->shared.metrics);
    tls_context_unref(hub->tls);
    free(hub->outboxes);
    config_unref(hub->config);
    free(hub);
}
