// core/hub/commands.c: what proxy actions ask of the hub.  Thread: the hub's.
#include "hub/cluster.h"
#include "hub/control.h"
#include "hub/inside.h"

#include "letters/letters.h"

#include <stdio.h>

void hub_answer_command(struct hub *hub, struct command *command, const char *reason)
{
    snprintf(command->reason, sizeof command->reason, "%.511s", reason == NULL ? "" : reason);
    command->letter.kind = WORKER_DONE;
    worker_send(hub->outboxes[command->worker].worker, &command->letter);
}

void hub_run_command(struct hub *hub, struct command *command)
{
    struct error err = {""};
    struct span name;
    uint64_t number = 0; // no session has it
    bool done = false;

    switch (command->kind) {
    case COMMAND_RELOAD:
        hub->owner.reload(hub->owner.context, command);
        return;
    case COMMAND_ADD_SERVER:
        done = servers_add(hub->servers, command->arguments, &err);
        break;
    case COMMAND_DROP_SERVER:
        message_find(command->arguments, "Server", &name);
        done = servers_drop(hub->servers, name, &err);
        break;
    case COMMAND_CLOSE_SESSION:
        message_find(command->arguments, "Session", &name);
        (void)span_number(name, 1, UINT64_MAX, &number);
        done = hub_close_session(hub, number, &err);
        break;
    case COMMAND_CONTROL:
        control_run(hub, command);
        return;
    case COMMAND_CLUSTER:
        done = hub_cluster_describe(hub->cluster, command, &err);
        break;
    case COMMAND_REVOKE_TOKEN: // the worker has it done
        break;
    }
    hub_answer_command(hub, command, done ? NULL : err.text);
}
