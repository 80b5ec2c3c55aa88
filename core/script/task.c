// core/script/task.c: coroutines.
#include "script/task.h"

#include "base/memory.h"
#include "script/call.h"

#include <stdlib.h>

#define POOL 64

// The analyzer takes a task that end_task() has unlinked and freed for one that is still in the list.
// NOLINTBEGIN(clang-analyzer-unix.Malloc)

const char task_gone[] = "nobody waits any more";
const char task_replaced[] = "the scripts were reloaded while it waited";

static int lua_new_task(lua_State *L)
{
    struct task *task = lua_touserdata(L, 1);
    task->L = lua_newthread(L);
    *(struct thread **)lua_getextraspace(task->L) = &task->thread;
    task->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static struct task *take_task(struct script_state *state, struct error *err)
{
    struct list_node *pooled = list_take_first(&state->pool);
    struct task *task;

    if (pooled != NULL) {
        state->pool_count--;
        return LIST_OBJECT(pooled, struct task, of_state);
    }
    task = memory_zero(1, sizeof *task);
    task->thread.state = state;
    task->thread.task = task;
    task->ref = LUA_NOREF;
    if (script_protect(state, lua_new_task, task, err))
        return task;
    free(task);
    return NULL;
}

static void free_task(struct script_state *state, struct task *task)
{
    luaL_unref(state->L, LUA_REGISTRYINDEX, task->ref);
    free(task);
}

static struct task *first_task(const struct script_state *state)
{
    return LIST_FIRST(&state->tasks, struct task, of_state);
}

static struct task *next_task(const struct task *task)
{
    return LIST_NEXT(task, struct task, of_state);
}

/** Ends a task. @param reusable  its coroutine has succeeded and can be used again */
static void end_task(struct task *task, const char *error, bool reusable)
{
    struct script_state *state = task->thread.state;

    script_calls_forget(task);
    list_remove(&state->tasks, &task->of_state);
    state->task_count--;
    task->done(task, error);
    if (!reusable || state->pool_count >= POOL) {
        free_task(state, task);
        return;
    }
    lua_settop(task->L, 0);
    task->thread.owner = (struct owner){NULL, NULL};
    list_add_first(&state->pool, &task->of_state);
    state->pool_count++;
}

static void task_resume(struct task *task, int arguments)
{
    struct script_state *state = task->thread.state;

    task->running = true;
    task->yielded = task->ready = false;
    task->wake_ms = 0;
    int status = script_enter(state, task->L, ENTER_RESUME, arguments, 0);
    task->running = false;
    if (task->cancelled) {
        end_task(task, task_gone, false);
    } else if (status == LUA_YIELD) {
        task->yielded = true;
        if (task->pending == 0 && task->wake_ms == 0) // should not happen, because only the host's functions yield
            script_task_wake(task);
    } else if (status == LUA_OK) {
        end_task(task, NULL, true);
    } else {
        end_task(task, script_error_text(state, task->L, status), false);
    }
}

bool script_task_start(struct script_state *state, const struct task_plan *plan, struct error *err)
{
    lua_State *L = state->L;
    int top = lua_gettop(L);

    if (state->retired)
        return error_set(err, "reloading");
    if (state->task_count >= state->limits.waiting)
        return error_set(err, "%u scripts wait already", state->limits.waiting);
    struct task *task = take_task(state, err);
    if (task == NULL)
        return false;
    lua_pushcfunction(L, plan->prepare);
    lua_pushlightuserdata(L, plan->argument);
    int status = script_enter(state, L, ENTER_CALL, 1, LUA_MULTRET);
    int count = lua_gettop(L) - top;
    if (status != LUA_OK || !lua_checkstack(task->L, count + 8)) {
        error_set(err, "%s", status == LUA_OK ? "no memory" : script_error_text(state, L, status));
        lua_settop(L, top);
        free_task(state, task);
        return false;
    }
    lua_xmove(L, task->L, count);
    task->thread.owner = plan->owner;
    task->done = plan->done;
    task->context = plan->context;
    task->session = plan->session;
    task->by = plan->by;
    task->deadline_ms = plan->timeout_ms == 0 ? 0 : script_now(state) + plan->timeout_ms;
    task->pending = 0;
    task->cancelled = task->yielded = task->ready = false;
    list_add_first(&state->tasks, &task->of_state);
    state->task_count++;
    task_resume(task, count - 1);
    return true;
}

void script_task_wake(struct task *task)
{
    if (!task->yielded)
        return; // it is still running and has not begun to wait
    if (task->thread.state->watch.depth > 0)
        task->ready = true; // another script runs: it continues at the next tick
    else
        task_resume(task, 0);
}

void script_tasks_cancel(struct script_state *state, struct handle session, const struct script_filter *owner)
{
    struct task *task = first_task(state);
    while (task != NULL) {
        bool meant =
            handle_is_none(session) ? task->thread.owner.filter == owner : handle_equals(task->session, session);
        if (!meant || task->cancelled) {
            task = next_task(task);
            continue;
        }
        if (task->running) {
            task->cancelled = true;
            task = next_task(task);
            continue;
        }
        end_task(task, task_gone, false);
        task = first_task(state); // the list may have changed
    }
}

void script_tasks_end(struct script_state *state, const char *error)
{
    while (state->tasks.first != NULL)
        end_task(first_task(state), error, false);
}

/** Returns a task that is due; NULL: none. */
static struct task *due_task(const struct script_state *state, uint64_t now)
{
    for (struct task *task = first_task(state); task != NULL; task = next_task(task))
        if (!task->running && (task->ready || (task->wake_ms != 0 && task->wake_ms <= now) ||
                               (task->deadline_ms != 0 && task->deadline_ms <= now)))
            return task;
    return NULL;
}

void script_tasks_tick(struct script_state *state, uint64_t now)
{
    struct task *task;
    for (uint32_t turns = state->task_count; turns > 0 && (task = due_task(state, now)) != NULL; turns--) {
        if (task->deadline_ms != 0 && task->deadline_ms <= now)
            end_task(task, "no answer in time", false);
        else
            task_resume(task, 0);
    }
}

uint64_t script_tasks_due(const struct script_state *state)
{
    uint64_t due = UINT64_MAX;
    for (const struct task *task = first_task(state); task != NULL; task = next_task(task)) {
        if (task->ready)
            return 0;
        if (task->wake_ms != 0 && task->wake_ms < due)
            due = task->wake_ms;
        if (task->deadline_ms != 0 && task->deadline_ms < due)
            due = task->deadline_ms;
    }
    return due;
}

struct task *lua_check_task(lua_State *L, const char *what)
{
    struct task *task = thread_of(L)->task;
    if (task == NULL || !lua_isyieldable(L))
        LUA_RAISE(L, "%s waits, which is not possible here (at load, in 'message', in a callback of sort or gsub)",
                  what);
    if (task->cancelled) // the session has ended, so that its rights and filters cannot be looked up any more
        luaL_error(L, "%s: the session is gone", what);
    return task;
}

bool script_state_is_idle(const struct script_state *state)
{
    return state->tasks.first == NULL;
}

void script_tasks_fini(struct script_state *state)
{
    struct list_node *pooled;

    script_tasks_end(state, task_gone);
    while ((pooled = list_take_first(&state->pool)) != NULL)
        free_task(state, LIST_OBJECT(pooled, struct task, of_state));
}
// NOLINTEND(clang-analyzer-unix.Malloc)
