// core/script/enter.c: the one way into Lua.
#include "script/state.h"

#include "base/clock.h"

#include <string.h>

static void note_memory_error(struct script_state *state)
{
    state->memory_error_ms[0] = state->memory_error_ms[1];
    state->memory_error_ms[1] = script_now(state);
}

bool script_state_is_exhausted(const struct script_state *state)
{
    return state->memory_error_ms[0] != 0 && state->memory_error_ms[1] - state->memory_error_ms[0] <= 60000 &&
           script_now(state) - state->memory_error_ms[0] <= 60000;
}

/** One call of a filter in so many is timed, because reading the clock costs about as much as a short filter. */
#define TIMED_CALLS 16

/** Counts a call that begins. @param since_us  set to the time now if this call is timed @return the metrics of the
 *  script; NULL: its calls are not counted */
static struct metrics_script *count_call(const struct script_state *state, lua_State *L, uint64_t *since_us)
{
    const struct loaded *file = thread_of(L)->owner.file;
    struct metrics_script *metrics = file == NULL || state->loading ? NULL : file->metrics;

    if (metrics == NULL)
        return NULL;
    if (file->kind != SCRIPT_IS_FILTER || metric_get(&metrics->calls) % TIMED_CALLS == TIMED_CALLS / 2)
        *since_us = clock_us();
    metric_add(&metrics->calls, 1);
    return metrics;
}

/** Returns the status of a call that the watchdog has stopped, and puts the error on the stack. A script may have
 * caught the error at its very last instruction, or memory was refused because it was late: the call took too long. */
static int stopped_status(struct script_state *state, lua_State *L, enum enter_how how, int results, int status)
{
    bool refused = state->refused_late;

    state->refused_late = false;
    if (status == LUA_OK)
        lua_settop(L, how == ENTER_CALL ? lua_gettop(L) - (results > 0 ? results : 0) : 0);
    else if (status == LUA_ERRMEM && refused)
        lua_pop(L, 1);
    else
        return status;
    lua_pushnil(L); // no text: there may be no memory for one
    return LUA_ERRRUN;
}

int script_enter(struct script_state *state, lua_State *L, enum enter_how how, int arguments, int results)
{
    int status;
    int count;
    uint64_t since_us = 0;
    struct metrics_script *metrics = count_call(state, L, &since_us);
    lua_State *before = script_watch_enter(&state->watch, L);
    state->has_garbage = true;

    if (how == ENTER_CALL)
        status = lua_pcall(L, arguments, results, 0);
    else
        status = lua_resume(L, L == state->L ? NULL : state->L, arguments, &count);
    bool stopped = script_watch_leave(&state->watch, L, before);
    if (since_us != 0)
        metric_add(&metrics->time_us, (clock_us() - since_us) * (metrics->kind == METRICS_FILTER ? TIMED_CALLS : 1));
    if (__builtin_expect(stopped, 0))
        status = stopped_status(state, L, how, results, status);
    if (__builtin_expect(status == LUA_ERRMEM, 0))
        note_memory_error(state);
    return status;
}

const char *script_error_text(struct script_state *state, lua_State *L, int status)
{
    (void)state;
    if (status == LUA_ERRMEM)
        return "memory limit exceeded";
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        return lua_tostring(L, -1);
    case LUA_TNIL:
        return "time limit exceeded, or error(nil)";
    case LUA_TTABLE:
        return "error object that is a table";
    case LUA_TNUMBER:
        return "error object that is a number";
    default:
        return "error object that is not a text";
    }
}

bool script_protect(struct script_state *state, lua_CFunction function, void *argument, struct error *err)
{
    lua_State *L = state->L;
    int top = lua_gettop(L);

    lua_pushcfunction(L, function);
    lua_pushlightuserdata(L, argument);
    int status = script_enter(state, L, ENTER_CALL, 1, 0);
    if (status != LUA_OK)
        error_set(err, "%s", script_error_text(state, L, status));
    lua_settop(L, top);
    return status == LUA_OK;
}
