// core/script/action_run.c: one request for a proxy action: rights, arguments, the coroutine, its end.
#include "script/action.h"

#include "base/memory.h"
#include "script/lua_message.h"
#include "script/lua_session.h"
#include "script/task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int lua_prepare(lua_State *L)
{
    struct running *running = lua_touserdata(L, 1);

    // An object is noted once a reference keeps it alive: any step may raise for lack of memory.
    lua_rawgeti(L, LUA_REGISTRYINDEX, running->action->run);
    struct lua_message *object = lua_push_message(L, running->request, false);
    lua_pushvalue(L, -1);
    running->object_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    running->object = object;
    struct lua_reply *reply = lua_push_reply(L, running);
    lua_pushvalue(L, -1);
    running->reply_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    running->reply = reply;
    lua_push_session(L, running->session);
    return 4;
}

static void destroy_running(struct running *running)
{
    lua_State *L = running->state->L;
    if (running->reply != NULL)
        running->reply->running = NULL;
    if (running->object != NULL)
        script_message_drop(running->object);
    luaL_unref(L, LUA_REGISTRYINDEX, running->object_ref);
    luaL_unref(L, LUA_REGISTRYINDEX, running->reply_ref);
    message_unref(running->request);
    free(running);
}

static void running_fail(struct running *running, const char *error)
{
    struct script_action *action = running->action;
    char quoted[400];

    action->failures++;
    loaded_failed(action->file);
    log_error(&running->state->log, "proxy action failed script=%s name=%s error=%s", action->file->shown, action->name,
              log_quote(quoted, sizeof quoted, span_of(error)));
    if (running->finished)
        return;
    if (running->begun)
        running_end_list(running, false);
    else
        running_finish(running, "Error",
                       error == task_replaced ? "The scripts were reloaded while this proxy action waited"
                                              : "Proxy action failed");
}

static void on_done(struct task *task, const char *error)
{
    struct running *running = task->context;

    if (error == task_gone) {
        destroy_running(running);
        return;
    }
    if (error != NULL)
        running_fail(running, error);
    else if (!running->finished && running->begun)
        running_end_list(running, true);
    else if (!running->finished)
        running_finish(running, "Success", NULL);
    destroy_running(running);
}

/** Returns the reason why this session may not run the proxy action; NULL: it may. */
static const char *running_refusal(const struct running *running, char *buffer, size_t size)
{
    const struct script_action *action = running->action;
    const struct script_host *host = &running->state->host;
    struct span value;

    if (!handle_is_none(running->session) && host->session_info != NULL) {
        struct script_session_info info = {.user = NULL};
        host->session_info(host->context, running->session, &info);
        if ((action->info.admin && !info.admin) ||
            (action->info.classes != 0 && (action->info.classes & info.write) == 0))
            return "Permission denied";
    }
    for (size_t i = 0; i < action->argument_count; i++) {
        const struct argument *argument = &action->arguments[i];
        if (!argument->required || (message_find(running->request, argument->name, &value) && value.length > 0))
            continue;
        (void)snprintf(buffer, size, "Missing argument: %s", argument->name);
        return buffer;
    }
    return NULL;
}

void script_action_run(struct script_state *state, struct script_action *action, struct message *request,
                       struct handle session, script_replied *replied, void *context)
{
    struct running *running = memory_zero(1, sizeof *running);
    char buffer[128];
    struct error err;

    *running = (struct running){.state = state,
                                .action = action,
                                .request = message_ref(request),
                                .session = session,
                                .replied = replied,
                                .context = context,
                                .reply_ref = LUA_NOREF,
                                .object_ref = LUA_NOREF};
    running->action->runs++;
    const char *refused = running_refusal(running, buffer, sizeof buffer);
    if (refused != NULL) {
        running_finish(running, "Error", refused);
        destroy_running(running);
        return;
    }
    struct task_plan plan = {.owner = {action->file, NULL},
                             .prepare = lua_prepare,
                             .argument = running,
                             .done = on_done,
                             .context = running,
                             .session = session,
                             .by = action->name,
                             .timeout_ms = action->timeout_ms};
    if (script_task_start(state, &plan, &err))
        return;
    running_fail(running, err.text);
    destroy_running(running);
}
