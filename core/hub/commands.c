// core/hub/commands.c: what proxy actions ask of the hub.  Thread: the hub's.
#include "hub/inside.h"

#include "letters/letters.h"

#include <stdio.h>
#include <stdlib.h>

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
    char number[24];
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
        snprintf(number, sizeof number, "%.*s", (int)name.length, name.bytes);
        done = hub_close_session(hub, strtoull(number, NULL, 10), &err);
        break;
    }
    hub_answer_command(hub, command, done ? NULL : err.text);
}
