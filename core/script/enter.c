// core/script/enter.c: the one way into Lua.
#include "script/state.h"

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

int script_enter(struct script_state *state, lua_State *L, enum enter_how how, int arguments, int results)
{
    int status;
    int count;
    lua_State *before = script_watch_enter(&state->watch, L);

    if (how == ENTER_CALL)
        status = lua_pcall(L, arguments, results, 0);
    else
        status = lua_resume(L, L == state->L ? NULL : state->L, arguments, &count);
    bool stopped = script_watch_leave(&state->watch, L, before);
    if (__builtin_expect(status == LUA_ERRMEM, 0))
        note_memory_error(state);
    // A script may have caught the error at its very last instruction: the call took too long all the same.
    if (__builtin_expect(stopped, 0) && status == LUA_OK) {
        lua_settop(L, how == ENTER_CALL ? lua_gettop(L) - (results > 0 ? results : 0) : 0);
        lua_pushnil(L); // no text: there may be no memory for one
        status = LUA_ERRRUN;
    }
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
