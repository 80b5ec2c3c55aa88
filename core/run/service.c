// core/run/service.c: what is asked of the hub from outside: by signals, and by proxy actions.  Thread: the hub's.
#include "hub/inside.h"
#include "letters/letters.h"
#include "run/drain.h"
#include "run/reload.h"
#include "run/takeover.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void on_end_signal(evutil_socket_t number, short what, void *argument)
{
    (void)what;
    drain_on_signal(argument, (int)number);
}

/** A new process is to go on. */
static void on_upgrade(evutil_socket_t number, short what, void *argument)
{
    struct hub *hub = argument;
    (void)number;
    (void)what;

    handover_begin(hub->handover, hub);
}

static void on_hangup(evutil_socket_t number, short what, void *argument)
{
    struct error err;
    (void)number;
    (void)what;

    if (log_reopen(&err))
        log_info(NULL, "log reopened");
    else
        log_error(NULL, "log not reopened reason=\"%s\"", err.text);
    reload(argument, NULL, &err);
}

void hub_run_command(struct hub *hub, struct command *command)
{
    struct error err = {""};
    struct span name;
    char number[24];
    bool done = false;

    switch (command->kind) {
    case COMMAND_RELOAD:
        done = reload(hub, &command->notes, &err);
        break;
    case COMMAND_ADD_SERVER:
        done = servers_add(hub->servers, command->arguments, &err);
        break;
    case COMMAND_DROP_SERVER:
        message_find(command->arguments, "Server", &name);
        done = servers_drop(hub->servers, name, &err);
        break;
    case COMMAND_CLOSE_SESSION:
        message_find(command->arguments, "Session", &name);
        snprintf(number, sizeof number, "%.*s", (int)name.length, name.bytes);
        done = hub_dismiss(hub, strtoull(number, NULL, 10), &err);
        break;
    }
    snprintf(command->reason, sizeof command->reason, "%.511s", done ? "" : err.text);
    command->letter.kind = WORKER_DONE;
    worker_send(hub->outboxes[command->worker].worker, &command->letter);
}

void hub_create_signals(struct hub *hub)
{
    hub->term = evsignal_new(hub->base, SIGTERM, on_end_signal, hub);
    hub->interrupt = evsignal_new(hub->base, SIGINT, on_end_signal, hub);
    hub->hangup = evsignal_new(hub->base, SIGHUP, on_hangup, hub);
    hub->upgrade = evsignal_new(hub->base, SIGUSR2, on_upgrade, hub);
    event_add(hub->term, NULL);
    event_add(hub->interrupt, NULL);
    event_add(hub->hangup, NULL);
}
