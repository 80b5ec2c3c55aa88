// core/worker/worker.c: see worker.h.
#include "worker/worker.h"

#include "auth/verifier.h"
#include "base/clock.h"
#include "base/memory.h"
#include "net/tls.h"
#include "report/report.h"
#include "session/connection/sessions.h"
#include "session/scripting/scripts.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_ASKS 64 // that wait for the end of the turn

struct worker {
    uint32_t index;
    struct config *config;
    struct mailbox inbox;
    struct worker_hub hub;
    bool at_hub;    // the only one: lives on the hub's thread, and letters between them need no system call
    unsigned asked; // then: since the hub was told to flush_asks
    struct verifier *verifier;
    struct event_base *base;
    struct event *wake, *beat;
    struct metrics_worker *metrics;
    struct sessions *sessions;
    pthread_t thread;
    bool started;
    bool leave; // the thread's own: set by WORKER_LEAVE
    atomic_size_t expected, counted, promiscuous;
    struct letter probe;
    atomic_bool probe_is_out; // on its way to the thread
};

/** Beyond enum worker_letter: ours, to end the thread, and to see whether it turns. */
enum { WORKER_LEAVE = WORKER_LETTERS, WORKER_PROBE };

static void to_hub(struct worker *worker, struct letter *letter)
{
    if (!worker->at_hub)
        mailbox_put(worker->hub.inbox, letter);
    else if (mailbox_push(worker->hub.inbox, letter))
        event_active(worker->hub.wake, EV_TIMEOUT, 0);
}

static void send_ask(void *context, struct ask *ask)
{
    struct worker *worker = context;

    ask->letter.kind = HUB_ASK;
    to_hub(worker, &ask->letter);
    if (worker->at_hub && ++worker->asked >= MOST_ASKS) {
        worker->asked = 0;
        worker->hub.flush_asks(worker->hub.context);
    }
}

static void send_command(void *context, struct command *command)
{
    command->letter.kind = HUB_COMMAND;
    to_hub(context, &command->letter);
}

static void send_check(void *context, struct check *check)
{
    struct worker *worker = context;

    check->letter.kind = WORKER_CHECKED;
    verifier_submit(worker->verifier, check, &worker->inbox);
}

static void on_changed(void *context, size_t sessions, size_t promiscuous)
{
    struct worker *worker = context;

    atomic_store_explicit(&worker->counted, sessions, memory_order_relaxed);
    atomic_store_explicit(&worker->promiscuous, promiscuous, memory_order_relaxed);
}

static void on_drained(void *context)
{
    struct worker *worker = context;
    struct letter *drained = memory_zero(1, sizeof *drained); // the hub may read it when the worker is gone

    drained->kind = HUB_DRAINED;
    to_hub(worker, drained);
}

// --- letters ----------------------------------------------------------------------------------------------------

static void take_batch(struct worker *worker, struct letter *letter)
{
    sessions_deliver(worker->sessions, (struct batch *)letter);
    batch_destroy((struct batch *)letter);
}

static void drop_batch(struct letter *letter)
{
    batch_destroy((struct batch *)letter);
}

static void take_accepted(struct worker *worker, struct letter *letter)
{
    atomic_fetch_sub_explicit(&worker->expected, 1, memory_order_relaxed);
    sessions_accept(worker->sessions, (struct accepted *)letter);
    free(letter);
}

static void drop_accepted(struct letter *letter)
{
    const struct accepted *accepted = (struct accepted *)letter;

    close(accepted->fd);
    tls_context_unref(accepted->tls);
    free(letter);
}

static void take_servers(struct worker *worker, struct letter *letter)
{
    sessions_set_state(worker->sessions, (struct servers_state *)letter);
}

static void drop_servers(struct letter *letter)
{
    servers_state_destroy((struct servers_state *)letter);
}

static void take_done(struct worker *worker, struct letter *letter)
{
    sessions_command_done(worker->sessions, (struct command *)letter);
    command_destroy((struct command *)letter);
}

static void drop_done(struct letter *letter)
{
    command_destroy((struct command *)letter);
}

static void take_checked(struct worker *worker, struct letter *letter)
{
    sessions_checked(worker->sessions, (struct check *)letter);
    check_destroy((struct check *)letter);
}

static void drop_checked(struct letter *letter)
{
    check_destroy((struct check *)letter);
}

static void take_reconfiguration(struct worker *worker, struct letter *letter)
{
    struct reconfiguration *request = (struct reconfiguration *)letter;

    sessions_reconfigure(worker->sessions, request->config, request->scripts);
    config_unref(worker->config);
    worker->config = request->config;
    free(request);
}

static void drop_reconfiguration(struct letter *letter)
{
    const struct reconfiguration *request = (struct reconfiguration *)letter;

    config_unref(request->config);
    scripts_destroy(request->scripts);
    free(letter);
}

static void take_close_request(struct worker *worker, struct letter *letter)
{
    const struct close_request *request = (struct close_request *)letter;

    sessions_close_session(worker->sessions, request->session_id, request->idle);
    free(letter);
}

static void take_drain_request(struct worker *worker, struct letter *letter)
{
    sessions_drain(worker->sessions, ((struct drain_request *)letter)->close_by_ms);
    free(letter);
}

static void take_probe(struct worker *worker, struct letter *letter)
{
    (void)letter;
    atomic_store_explicit(&worker->probe_is_out, false, memory_order_release);
}

static void take_leave(struct worker *worker, struct letter *letter)
{
    worker->leave = true;
    free(letter);
}

static void drop_plain(struct letter *letter)
{
    free(letter);
}

/** What is done with each kind of letter: take() acts upon it and frees it; drop() frees one that nobody will read,
 *  NULL where it is a part of the worker. */
static const struct {
    void (*take)(struct worker *worker, struct letter *letter);
    void (*drop)(struct letter *letter);
} kinds[] = {
    [WORKER_BATCH] = {take_batch, drop_batch},
    [WORKER_ACCEPTED] = {take_accepted, drop_accepted},
    [WORKER_SERVERS] = {take_servers, drop_servers},
    [WORKER_DONE] = {take_done, drop_done},
    [WORKER_CHECKED] = {take_checked, drop_checked},
    [WORKER_RECONFIGURE] = {take_reconfiguration, drop_reconfiguration},
    [WORKER_CLOSE_SESSION] = {take_close_request, drop_plain},
    [WORKER_DRAIN] = {take_drain_request, drop_plain},
    [WORKER_LEAVE] = {take_leave, drop_plain},
    [WORKER_PROBE] = {take_probe, NULL},
};

static void on_letters(evutil_socket_t fd, short what, void *argument)
{
    struct worker *worker = argument;
    struct letter *next;
    (void)fd;

    if (what & EV_READ)
        mailbox_clear_wakeup(&worker->inbox);
    for (struct letter *letter = mailbox_take(&worker->inbox); letter != NULL; letter = next) {
        next = letter->next;
        kinds[letter->kind].take(worker, letter);
    }
    sessions_flush(worker->sessions);
    sessions_rest(worker->sessions);
    if (worker->leave)
        event_base_loopbreak(worker->base);
}

/** A loop of its own: one thread, so no locks. And no changelist: it speaks of a descriptor after we closed it, when
 *  another thread may have been given the same number. */
static struct event_base *create_base(void)
{
    struct event_config *settings = event_config_new();
    struct event_base *base = NULL;

    if (settings != NULL && event_config_set_flag(settings, EVENT_BASE_FLAG_NOLOCK) == 0)
        base = event_base_new_with_config(settings);
    if (settings != NULL)
        event_config_free(settings);
    return base;
}

/** Once a second: a sign of life. */
static void on_beat(evutil_socket_t fd, short what, void *argument)
{
    struct worker *worker = argument;
    (void)fd;
    (void)what;

    metric_set(&worker->metrics->beat_ms, clock_ms());
}

struct worker *worker_create(uint32_t index, struct config *config, const struct registry *registry,
                             const struct worker_hub *hub, const struct worker_shared *shared, struct error *err)
{
    struct worker *worker = memory_zero(1, sizeof *worker);
    struct sessions_link link = {.ask = send_ask,
                                 .changed = on_changed,
                                 .drained = on_drained,
                                 .command = send_command,
                                 .verify = send_check,
                                 .context = worker,
                                 .failures = shared->failures,
                                 .directory = shared->directory,
                                 .limits = shared->limits,
                                 .watchdog = shared->watchdog,
                                 .shared = shared->store,
                                 .metrics = shared->metrics,
                                 .report = report_write,
                                 .reporter = shared->reporter};
    static const struct timeval second = {1, 0};
    struct scripts *scripts;

    struct event_base *base = config->workers == 1 ? hub->base : create_base(); // the only one lives on the hub's loop

    if (base == NULL || !mailbox_init(&worker->inbox)) {
        error_set(err, "cannot start worker %u: %s", index, strerror(errno));
        if (base != NULL && base != hub->base)
            event_base_free(base);
        free(worker);
        return NULL;
    }
    worker->index = index;
    worker->config = config_ref(config);
    worker->hub = *hub;
    worker->at_hub = config->workers == 1;
    worker->base = base;
    worker->verifier = shared->verifier;
    worker->sessions = sessions_create(worker->base, index, config, registry, &link);
    worker->wake = event_new(worker->base, worker->inbox.wake_fd, EV_READ | EV_PERSIST, on_letters, worker);
    event_add(worker->wake, NULL);
    worker->metrics = metrics_worker(shared->metrics, index);
    worker->beat = event_new(worker->base, -1, EV_PERSIST, on_beat, worker);
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

static void *run(void *argument)
{
    struct worker *worker = argument;

    event_base_dispatch(worker->base);
    return NULL;
}

bool worker_start(struct worker *worker, struct error *err)
{
    int failure = 0;

    if (worker->at_hub)
        return true;
    failure = pthread_create(&worker->thread, NULL, run, worker);
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

/** Letters that nobody will read. */
static void drop_letters(struct worker *worker)
{
    struct letter *next;

    for (struct letter *letter = mailbox_take(&worker->inbox); letter != NULL; letter = next) {
        next = letter->next;
        if (kinds[letter->kind].drop != NULL)
            kinds[letter->kind].drop(letter);
    }
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
    drop_letters(worker); // after the sessions, which still know their commands
    event_free(worker->wake);
    event_free(worker->beat);
    if (!worker->at_hub)
        event_base_free(worker->base);
    mailbox_fini(&worker->inbox);
    config_unref(worker->config);
    free(worker);
}
