// core/worker/worker.c: see worker.h.
#include "worker/inside.h"

#include "auth/revocations.h"
#include "auth/verifier.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/spares.h"
#include "base/stack.h"
#include "letters/request.h"
#include "net/loop.h"
#include "report/report.h"
#include "session/connection/sessions.h"
#include "session/scripting/scripts.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ASKS 64 // most asks of a single worker that wait for the end of the loop's turn

void worker_send_to_hub(struct worker *worker, struct letter *letter)
{
    if (!worker->at_hub)
        mailbox_put(worker->hub.inbox, letter);
    else if (mailbox_push(worker->hub.inbox, letter))
        event_active(worker->hub.wake, EV_TIMEOUT, 0);
}

static void worker_send_ask(void *context, struct ask *ask)
{
    struct worker *worker = context;

    ask->letter.kind = HUB_ASK;
    worker_send_to_hub(worker, &ask->letter);
    if (worker->at_hub && ++worker->asked >= MOST_ASKS) {
        worker->asked = 0;
        worker->hub.flush_asks(worker->hub.context);
    }
}

/** Revokes tokens; the command comes back when that is on the disk. */
static void worker_revoke(struct worker *worker, struct command *command)
{
    struct span user, label;

    message_find(command->arguments, "User", &user);
    message_find(command->arguments, "Label", &label);
    command->letter.kind = WORKER_DONE;
    revocations_add(worker->revocations, user, label, &command->letter, command->reason, sizeof command->reason,
                    &worker->inbox);
}

static void worker_send_command(void *context, struct command *command)
{
    struct worker *worker = context;

    if (command->kind == COMMAND_REVOKE_TOKEN) {
        worker_revoke(worker, command);
        return;
    }
    command->letter.kind = HUB_COMMAND;
    worker_send_to_hub(worker, &command->letter);
}

static void worker_send_request(void *context, struct session_request *request)
{
    struct worker *worker = context;
    uint32_t to = request->answered ? request->from.worker : request->to.worker;

    if (to != worker->index) {
        request->letter.kind = HUB_REQUEST;
        worker_send_to_hub(worker, &request->letter);
        return;
    }
    request->letter.kind = WORKER_REQUEST;
    if (mailbox_push(&worker->inbox, &request->letter))
        event_active(worker->wake, EV_TIMEOUT, 0);
}

static void worker_displace(void *context, uint64_t id)
{
    struct close_request *letter = memory_zero(1, sizeof *letter);

    letter->letter.kind = HUB_DISPLACE;
    letter->session_id = id;
    worker_send_to_hub(context, &letter->letter);
}

static void worker_send_shipment(void *context, struct shipment *shipment)
{
    struct worker *worker = context;

    shipment->letter.kind = HUB_SHIPMENT;
    shipment->worker = worker->index;
    worker_send_to_hub(worker, &shipment->letter);
}

static void worker_send_check(void *context, struct check *check)
{
    struct worker *worker = context;

    check->letter.kind = WORKER_CHECKED;
    verifier_submit(worker->verifier, check, &worker->inbox);
}

/** Sends the session through the hub, which knows all workers and ends them. */
static void worker_send_session(void *context, uint32_t worker, struct session *session)
{
    struct moved *moved = memory_zero(1, sizeof *moved);

    moved->letter.kind = HUB_MOVED;
    moved->worker = worker;
    moved->session = session;
    worker_send_to_hub(context, &moved->letter);
}

static void on_changed(void *context, size_t sessions, size_t promiscuous)
{
    struct worker *worker = context;

    atomic_store_explicit(&worker->counted, sessions, memory_order_relaxed);
    atomic_store_explicit(&worker->promiscuous, promiscuous, memory_order_relaxed);
}

/** Only a cluster's node asks whether events matter for anybody. */
static void on_audience(void *context, bool present)
{
    struct worker *worker = context;
    struct audience *audience;

    if (!worker->in_cluster)
        return;
    audience = memory_zero(1, sizeof *audience);
    audience->letter.kind = HUB_AUDIENCE;
    audience->worker = worker->index;
    audience->present = present;
    worker_send_to_hub(worker, &audience->letter);
}

static void on_drained(void *context)
{
    struct worker *worker = context;
    struct letter *drained = memory_zero(1, sizeof *drained); // not part of the worker, which may be freed first

    drained->kind = HUB_DRAINED;
    worker_send_to_hub(worker, drained);
}

static void worker_on_letters(evutil_socket_t fd, short what, void *argument)
{
    static const struct timeval now = {0, 0};
    struct worker *worker = argument;
    (void)fd;

    if (what & EV_READ)
        mailbox_clear_wakeup(&worker->inbox);
    if (worker_take_letters(worker))
        event_add(worker->more, &now);
    sessions_flush(worker->sessions);
    sessions_rest(worker->sessions);
    if (worker->leave)
        event_base_loopbreak(worker->base);
}

/** Once a second: sets the time of the last turn, for the metrics, and ends sessions whose tokens are over. */
static void worker_on_beat(evutil_socket_t fd, short what, void *argument)
{
    struct worker *worker = argument;
    (void)fd;
    (void)what;

    metric_set(&worker->metrics->beat_ms, clock_ms());
    sessions_check_tokens(worker->sessions);
}

struct worker *worker_create(uint32_t index, struct config *config, const struct registry *registry,
                             const struct worker_hub *hub, const struct worker_shared *shared, struct error *err)
{
    struct worker *worker = memory_zero(1, sizeof *worker);
    struct sessions_link link = {.ask = worker_send_ask,
                                 .changed = on_changed,
                                 .audience = on_audience,
                                 .drained = on_drained,
                                 .move = worker_send_session,
                                 .command = worker_send_command,
                                 .verify = worker_send_check,
                                 .request = worker_send_request,
                                 .displace = worker_displace,
                                 .shipment = worker_send_shipment,
                                 .context = worker,
                                 .failures = shared->failures,
                                 .revocations = shared->revocations,
                                 .directory = shared->directory,
                                 .limits = shared->limits,
                                 .kept = shared->kept,
                                 .keys = shared->keys,
                                 .watchdog = shared->watchdog,
                                 .shared = shared->store,
                                 .metrics = shared->metrics,
                                 .report = report_write,
                                 .reporter = shared->reporter};
    static const struct timeval second = {1, 0};
    struct scripts *scripts;

    struct event_base *base = config->workers == 1 ? hub->base : loop_create(); // a single worker shares it

    if (base == NULL || !mailbox_init(&worker->inbox)) {
        error_set(err, "cannot start worker %u: %s", index, strerror(errno));
        if (base != NULL && base != hub->base)
            event_base_free(base);
        free(worker);
        return NULL;
    }
    worker->index = index;
    atomic_init(&worker->stack, -1);
    worker->config = config_ref(config);
    worker->hub = *hub;
    worker->revocations = shared->revocations;
    worker->in_cluster = config_has_cluster(config);
    worker->at_hub = config->workers == 1;
    worker->base = base;
    worker->verifier = shared->verifier;
    worker->sessions = sessions_create(worker->base, index, config, registry, &link);
    worker->wake = event_new(worker->base, worker->inbox.wake_fd, EV_READ | EV_PERSIST, worker_on_letters, worker);
    worker->more = event_new(worker->base, -1, 0, worker_on_letters, worker);
    event_add(worker->wake, NULL);
    worker->metrics = metrics_worker(shared->metrics, index);
    worker->beat = event_new(worker->base, -1, EV_PERSIST, worker_on_beat, worker);
    event_add(worker->beat, &second);
    scripts = sessions_prepare(worker->sessions, config, err);
    if (scripts == NULL) {
        worker_destroy(worker);
        return NULL;
    }
    sessions_reconfigure(worker->sessions, config, scripts);
    return worker;
}

struct scripts *worker_prepare(struct worker *worker, const struct config *config, struct error *err)
{
    return sessions_prepare(worker->sessions, config, err);
}

void worker_discard(struct scripts *scripts)
{
    scripts_destroy(scripts);
}

static void *worker_run(void *argument)
{
    struct worker *worker = argument;
    char name[24];

    snprintf(name, sizeof name, "worker %u", worker->index);
    atomic_store(&worker->stack, stack_join(name));
    event_base_dispatch(worker->base);
    stack_leave(atomic_load(&worker->stack));
    atomic_store(&worker->stack, -1);
    spares_end();
    return NULL;
}

bool worker_start(struct worker *worker, struct error *err)
{
    int failure = 0;

    if (worker->at_hub)
        return true;
    failure = pthread_create(&worker->thread, NULL, worker_run, worker);
    if (failure != 0)
        return error_set(err, "cannot start worker %u: %s", worker->index, strerror(failure));
    worker->started = true;
    return true;
}

void worker_send(struct worker *worker, struct letter *letter)
{
    if (!worker->at_hub)
        mailbox_put(&worker->inbox, letter);
    else if (mailbox_push(&worker->inbox, letter))
        event_active(worker->wake, EV_TIMEOUT, 0);
}

size_t worker_sessions(struct worker *worker)
{
    return atomic_load_explicit(&worker->counted, memory_order_relaxed) +
           atomic_load_explicit(&worker->expected, memory_order_relaxed);
}

void worker_expect(struct worker *worker)
{
    atomic_fetch_add_explicit(&worker->expected, 1, memory_order_relaxed);
}

bool worker_is_promiscuous(struct worker *worker)
{
    return atomic_load_explicit(&worker->promiscuous, memory_order_relaxed) > 0;
}

bool worker_turns(struct worker *worker)
{
    if (atomic_load_explicit(&worker->probe_is_out, memory_order_acquire))
        return false;
    atomic_store_explicit(&worker->probe_is_out, true, memory_order_relaxed);
    worker->probe.kind = WORKER_PROBE;
    worker_send(worker, &worker->probe);
    return true;
}

void worker_tell_stack(struct worker *worker)
{
    stack_tell(atomic_load(&worker->stack));
}

/** Frees the letters that were not handled. */
static void worker_drop_letters(struct worker *worker)
{
    mailbox_gather(&worker->inbox, &worker->letters);
    for (struct letter *letter; (letter = mailbox_next(&worker->letters)) != NULL;)
        worker_drop_letter(letter);
}

void worker_destroy(struct worker *worker)
{
    if (worker == NULL)
        return;
    if (worker->started) {
        struct letter *leave = memory_zero(1, sizeof *leave);
        leave->kind = WORKER_LEAVE;
        worker_send(worker, leave);
        pthread_join(worker->thread, NULL);
    }
    sessions_destroy(worker->sessions);
    worker_drop_letters(worker); // after the sessions, which have pointers to their commands
    event_free(worker->wake);
    event_free(worker->more);
    event_free(worker->beat);
    if (!worker->at_hub)
        event_base_free(worker->base);
    mailbox_fini(&worker->inbox);
    config_unref(worker->config);
    free(worker);
}
