// core/run/service.c: see service.h.
#include "run/inside.h"

#include "base/audit.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/stack.h"
#include "run/drain.h"
#include "run/loader.h"
#include "run/notify.h"
#include "run/process.h"
#include "run/reload.h"
#include "run/takeover.h"
#include "run/watchdog.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 2000 // for a reload at the end

// --- signals ----------------------------------------------------------------------------------------------------

static void on_end_signal(evutil_socket_t number, short what, void *argument)
{
    (void)what;
    drain_on_signal(argument, (int)number);
}

/** Starts a takeover by a new process. */
static void on_upgrade(evutil_socket_t number, short what, void *argument)
{
    (void)number;
    (void)what;
    takeover_begin(argument);
}

static void on_hangup(evutil_socket_t number, short what, void *argument)
{
    struct error err;
    (void)number;
    (void)what;

    audit_reopen();
    if (log_reopen(&err))
        log_info(NULL, "log reopened");
    else
        log_error(NULL, "log not reopened reason=\"%s\"", err.text);
    reload_begin(argument, NULL);
}

/** Comes when the process is about to exit. */
static void on_late_signal(int number)
{
    (void)number;
}

/** Freed events leave the handlers that they have found: the default one would end the process once more, with another
 *  exit code. */
static void prepare_late_signals(void)
{
    signal(SIGTERM, on_late_signal);
    signal(SIGINT, on_late_signal);
    signal(SIGHUP, on_late_signal);
}

static void create_signals(struct service *service)
{
    struct event_base *base = hub_base(service->hub);
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // what comes meanwhile is for the events
    prepare_late_signals();
    service->term = evsignal_new(base, SIGTERM, on_end_signal, service);
    service->interrupt = evsignal_new(base, SIGINT, on_end_signal, service);
    service->hangup = evsignal_new(base, SIGHUP, on_hangup, service);
    service->upgrade = evsignal_new(base, SIGUSR2, on_upgrade, service);
    event_add(service->term, NULL);
    event_add(service->interrupt, NULL);
    event_add(service->hangup, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    process_release_signals();
}

// --- what the hub tells -----------------------------------------------------------------------------------------

static void on_reload(void *context, struct command *command)
{
    reload_begin(context, command);
}

static void on_worker_drained(void *context)
{
    drain_on_worker(context);
}

/** Keeps the files of unix sockets that the service manager stores for the next start. */
static void on_listener_opened(void *context, struct listener *listener)
{
    (void)context;
    if (!listener_is_given(listener) && notify_store(listener_descriptor(listener), listener_name(listener)))
        listener_hand_on(listener);
}

static void on_listener_dropped(void *context, struct listener *listener)
{
    (void)context;
    notify_forget(listener_name(listener));
}

static void on_replaced(void *context, struct calls *rules)
{
    reload_dispose(context, rules);
}

static void on_past_given(void *context, int fd, const char *reason)
{
    takeover_give(((struct service *)context)->takeover, fd, reason);
}

static void on_give_up(void *context, const char *reason)
{
    takeover_give_up(((struct service *)context)->takeover, reason);
}

// --- the life ---------------------------------------------------------------------------------------------------

struct service *service_create(struct config *config, const struct registry *registry, struct listener **listeners,
                               struct error *err)
{
    struct service *service = memory_zero(1, sizeof *service);
    struct hub_owner owner = {.reload = on_reload,
                              .worker_drained = on_worker_drained,
                              .listener_opened = on_listener_opened,
                              .listener_dropped = on_listener_dropped,
                              .dispose = on_replaced,
                              .past_given = on_past_given,
                              .give_up = on_give_up,
                              .context = service};

    service->started = config_ref(config);
    service->hub = hub_create(config, registry, listeners, &owner, err);
    if (service->hub == NULL) {
        service_destroy(service);
        return NULL;
    }
    service->loader = loader_create(hub_base(service->hub));
    if (service->loader == NULL) {
        error_set(err, "cannot start: %s", strerror(errno));
        service_destroy(service);
        return NULL;
    }
    create_signals(service);
    return service;
}

void service_fix_log(struct service *service)
{
    service->log_is_fixed = true;
}

static int code_of(const struct service *service)
{
    return service->end == SERVICE_KILLED ? 2 : service->end == SERVICE_FAILED ? 1 : 0;
}

int service_run(struct service *service, struct takeover *takeover)
{
    struct error err;

    service->takeover = takeover;
    if (!audit_start(&err) || !hub_start(service->hub, &err)) {
        log_error(NULL, "cannot serve reason=\"%s\"", err.text);
        takeover_fail(takeover, err.text);
        return 1;
    }
    (void)stack_join("hub");
    event_add(service->upgrade, NULL); // earlier there are no sockets to hand over
    service->watchdog = watchdog_create(service->hub);
    takeover_await(service);
    event_base_dispatch(hub_base(service->hub));
    log_info(NULL, "ended");
    log_set_limit(0, 0); // log_tick() then reports what was left out until now
    log_tick();
    return code_of(service);
}

static void free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

/** Ends the process although a reload waits for a file (a pipe that nobody writes, a file system that does not answer)
 *  and uses what would be freed. Clients and servers are closed already. */
static void leave_at_once(const struct service *service)
{
    log_warn(NULL, "a reload still waits for a file: the process ends without it");
    hub_stop_listening(service->hub);
    audit_stop();
    _exit(code_of(service));
}

void service_destroy(struct service *service)
{
    if (service == NULL)
        return;
    free_event(service->term);
    free_event(service->interrupt);
    free_event(service->hangup);
    free_event(service->upgrade);
    free_event(service->await);
    free_event(service->drain.tick);
    watchdog_destroy(service->watchdog);
    if (service->takeover != NULL)
        takeover_abandon(service->takeover); // its events are in this loop
    if (service->loader != NULL)
        reload_abandon(service);
    if (!loader_end_within(service->loader, PATIENCE_MS))
        leave_at_once(service);
    loader_stop(service->loader); // its current job uses the hub
    hub_destroy(service->hub);
    config_on_release(service->started, NULL, NULL); // the configuration outlives the loader
    loader_destroy(service->loader);
    config_unref(service->started);
    free(service);
}
