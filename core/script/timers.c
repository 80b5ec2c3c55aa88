// core/script/timers.c: functions of scripts that run at given times, or when something happens.
#include "script/timers.h"

#include "ami/vocabulary.h"
#include "base/memory.h"
#include "script/call.h"
#include "script/filter.h"
#include "script/lua_session.h"
#include "script/suggest.h"
#include "script/task.h"

#include <inttypes.h>
#include <stdlib.h>

#define LISTENERS 1024

struct timer {
    struct list_node node; // in state->timers
    struct owner owner;
    int function;
    uint64_t due_ms, period_ms; // period 0: runs once
    struct task *task;          // the task that runs it; NULL: it does not run
    uint64_t skipped;           // runs that were skipped because the previous one still ran
};

struct listener {
    struct list_node node; // in state->listeners
    struct owner owner;
    int function;
    enum script_event event;
};

static int add_timer(lua_State *L, uint64_t ms, bool repeat, int function)
{
    struct script_state *state = state_of(L);

    luaL_checktype(L, function, LUA_TFUNCTION);
    if (state->timer_count >= state->limits.timers)
        return luaL_error(L, "at most %d timers", (int)state->limits.timers);
    lua_pushvalue(L, function);
    int reference = luaL_ref(L, LUA_REGISTRYINDEX);
    struct timer *timer = memory_zero(1, sizeof *timer);
    *timer = (struct timer){.owner = thread_of(L)->owner,
                            .function = reference,
                            .due_ms = script_now(state) + ms,
                            .period_ms = repeat ? ms : 0};
    list_add_first(&state->timers, &timer->node); // a walk that starts functions does not reach it
    state->timer_count++;
    return 0;
}

/** Reads the options of amp.every at index 2. */
static bool lua_read_once(lua_State *L)
{
    static const char *const known[] = {"once", NULL};
    bool once;

    lua_check_keys(L, 2, "amp.every: unknown option", known);
    if (lua_getfield(L, 2, "once") != LUA_TNIL && !lua_isboolean(L, -1))
        luaL_error(L, "amp.every: expected the options { once = true } or { once = false }");
    once = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return once;
}

/*** amp.every(period, [{ once = true },] function): at load only. once: in one worker, not in each. The function may
 *   wait; a turn that comes while the last one still waits is skipped. */
int lua_amp_every(lua_State *L)
{
    const struct script_state *state = state_of(L);
    uint64_t ms = lua_check_duration(L, 1);
    bool once = false;

    if (!state->loading)
        return luaL_error(L, "amp.every is for the time when scripts are loaded");
    if (ms < 10)
        return luaL_error(L, "a period is at least 10ms");
    if (lua_istable(L, 2)) {
        once = lua_read_once(L);
        lua_remove(L, 2);
    }
    if (once && state->worker != 0) {
        luaL_checktype(L, 2, LUA_TFUNCTION);
        return 0;
    }
    return add_timer(L, ms, true, 2);
}

/*** amp.after(duration, function): runs the function once, after the duration. The function may wait. */
int lua_amp_after(lua_State *L)
{
    return add_timer(L, lua_check_duration(L, 1), false, 2);
}

static const char *const event_names[] = {"session.opened", "session.login", "session.closed",
                                          "server.up",      "server.down",   NULL};

/** Raises for an event of Asterisk, which amp.on does not know. */
static void fail_event(lua_State *L, const char *name)
{
    const char *known = vocabulary_event(span_of(name));
    const char *meant = known != NULL ? known : vocabulary_nearest_event(span_of(name));

    luaL_error(L, "amp.on: '%s': events of Asterisk are for the key 'events' of a filter%s%s%s", name,
               meant == NULL ? "" : ": did you mean events = { \"", meant == NULL ? "" : meant,
               meant == NULL ? "" : "\" }?");
}

/*** amp.on(what, function): at load only. "session.opened", "session.login", "session.closed": function(session), in a
 *   filter that runs for a user only of that user's sessions; "server.up", "server.down":
 *  function(name). It may wait. */
int lua_amp_on(lua_State *L)
{
    struct script_state *state = state_of(L);
    const char *name = luaL_checkstring(L, 1);
    if (strncmp(name, "event.", 6) == 0)
        fail_event(L, name + 6);
    int event = lua_check_choice(L, 1, "amp.on: unknown event", event_names);
    unsigned count = 0;

    luaL_checktype(L, 2, LUA_TFUNCTION);
    if (!state->loading)
        return luaL_error(L, "amp.on is for the time when scripts are loaded");
    for (const struct list_node *node = state->listeners.first; node != NULL; node = node->next)
        count++;
    if (count >= LISTENERS)
        return luaL_error(L, "at most %d functions that listen", LISTENERS);
    lua_settop(L, 2);
    int reference = luaL_ref(L, LUA_REGISTRYINDEX);
    struct listener *listener = memory_zero(1, sizeof *listener);
    *listener =
        (struct listener){.owner = thread_of(L)->owner, .function = reference, .event = (enum script_event)event};
    list_add_first(&state->listeners, &listener->node);
    return 0;
}

static void log_failure(struct script_state *state, const struct owner *owner, const char *what, const char *error)
{
    char quoted[400];
    if (error == NULL || error == task_gone)
        return;
    loaded_failed(owner->file);
    log_error(&state->log, "script failed script=%s in=%s error=%s", owner->file == NULL ? "-" : owner->file->shown,
              what, log_quote(quoted, sizeof quoted, span_of(error)));
}

static void remove_timer(struct script_state *state, struct timer *timer)
{
    list_remove(&state->timers, &timer->node);
    state->timer_count--;
    luaL_unref(state->L, LUA_REGISTRYINDEX, timer->function);
    free(timer);
}

static void on_timer_done(struct task *task, const char *error)
{
    struct timer *timer = task->context;
    timer->task = NULL;
    log_failure(task->thread.state, &task->thread.owner, "timer", error);
}

static int lua_prepare_timer(lua_State *L)
{
    const struct timer *timer = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, timer->function);
    return 1;
}

/** Starts the timer's function, unless its previous run still waits. */
static void run_timer(struct script_state *state, struct timer *timer, uint64_t now)
{
    struct error err;
    struct task_plan plan = {.owner = timer->owner,
                             .prepare = lua_prepare_timer,
                             .argument = timer,
                             .done = on_timer_done,
                             .context = timer};

    if (timer->period_ms == 0)
        timer->due_ms = UINT64_MAX;
    else // count from the first run, so that a late one does not delay the next
        timer->due_ms += (now - timer->due_ms) / timer->period_ms * timer->period_ms + timer->period_ms;
    if (timer->task != NULL) {
        timer->skipped++;
        return;
    }
    if (!script_task_start(state, &plan, &err)) {
        log_failure(state, &timer->owner, "timer", err.text);
        return;
    }
    for (struct task *task = LIST_FIRST(&state->tasks, struct task, of_state); task != NULL && timer->task == NULL;
         task = LIST_NEXT(task, struct task, of_state))
        if (task->context == timer && task->done == on_timer_done)
            timer->task = task;
}

static void run_due_timers(struct script_state *state, uint64_t now)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &state->timers);
    while ((node = list_step(&walk)) != NULL) {
        struct timer *timer = LIST_OBJECT(node, struct timer, node);
        if (timer->due_ms <= now)
            run_timer(state, timer, now);
        if (timer->due_ms == UINT64_MAX && timer->task == NULL)
            remove_timer(state, timer);
    }
}

void script_state_tick(struct script_state *state)
{
    uint64_t now = script_now(state);
    bool is_over = state->retired && now >= state->retire_ms;

    script_calls_tick(state, now, is_over ? "reloading" : NULL);
    script_tasks_tick(state, now);
    if (is_over)
        script_tasks_end(state, task_replaced); // they had the chance to end by themselves
    if (!state->retired)
        run_due_timers(state, now);
}

static uint64_t earlier_time(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t script_state_due(const struct script_state *state)
{
    uint64_t due = earlier_time(script_calls_due(state), script_tasks_due(state));
    if (state->retired)
        return earlier_time(due, state->retire_ms);
    for (struct list_node *node = state->timers.first; node != NULL; node = node->next)
        due = earlier_time(due, LIST_OBJECT(node, struct timer, node)->due_ms);
    return due;
}

void script_state_retire(struct script_state *state, uint64_t deadline_ms)
{
    state->retired = true;
    state->retire_ms = deadline_ms;
}

struct telling {
    const struct listener *listener;
    struct handle session;
    const char *server;
};

static int lua_prepare_listener(lua_State *L)
{
    const struct telling *telling = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, telling->listener->function);
    if (telling->listener->event <= SCRIPT_SESSION_CLOSED)
        lua_push_session(L, telling->session);
    else
        lua_pushstring(L, telling->server);
    return 2;
}

static void on_told(struct task *task, const char *error)
{
    log_failure(task->thread.state, &task->thread.owner, "amp.on", error);
}

/** Does the listener belong to a filter of another user? */
static bool is_foreign(const struct script_state *state, const struct listener *listener, struct handle session)
{
    struct script_session_info info = {.user = NULL};

    if (listener->event > SCRIPT_SESSION_CLOSED || listener->owner.filter == NULL ||
        listener->owner.filter->user == NULL || state->host.session_info == NULL)
        return false;
    state->host.session_info(state->host.context, session, &info);
    return info.user == NULL || strcmp(info.user, listener->owner.filter->user) != 0;
}

void script_event_tell(struct script_state *state, enum script_event event, struct handle session, const char *server)
{
    struct list_walk walk;
    struct list_node *node;
    struct error err;

    if (state->retired)
        return;
    list_begin(&walk, &state->listeners);
    while ((node = list_step(&walk)) != NULL) {
        const struct listener *listener = LIST_OBJECT(node, struct listener, node);
        struct telling telling = {listener, session, server};
        struct task_plan plan = {.owner = listener->owner,
                                 .prepare = lua_prepare_listener,
                                 .argument = &telling,
                                 .done = on_told,
                                 .session = session};
        if (listener->event != event || is_foreign(state, listener, session))
            continue;
        if (!script_task_start(state, &plan, &err))
            log_failure(state, &listener->owner, "amp.on", err.text);
    }
}

void script_session_gone(struct script_state *state, struct handle session)
{
    script_tasks_cancel(state, session, NULL);
    script_sessions_forget(state, session);
}

void script_timers_forget(struct script_state *state, const struct script_filter *filter)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &state->timers);
    while ((node = list_step(&walk)) != NULL) {
        struct timer *timer = LIST_OBJECT(node, struct timer, node);
        if (filter == NULL || timer->owner.filter == filter)
            remove_timer(state, timer);
    }
    list_begin(&walk, &state->listeners);
    while ((node = list_step(&walk)) != NULL) {
        struct listener *listener = LIST_OBJECT(node, struct listener, node);
        if (filter != NULL && listener->owner.filter != filter)
            continue;
        list_remove(&state->listeners, &listener->node);
        luaL_unref(state->L, LUA_REGISTRYINDEX, listener->function);
        free(listener);
    }
}

void script_timers_fini(struct script_state *state)
{
    if (state->L != NULL)
        script_timers_forget(state, NULL);
}
