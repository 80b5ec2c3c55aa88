// core/script/amp.c: the table `amp`: what scripts may ask for. Calls are in lua_answer.c, timers in timers.c, sets in
// lua_set.c, the store in lua_shared.c, lists of what the program has in lists.c.
#include "base/clock.h"
#include "base/nearest.h"
#include "script/call.h"
#include "script/lists.h"
#include "script/lua_json.h"
#include "script/lua_message.h"
#include "script/lua_set.h"
#include "script/lua_token.h"
#include "script/source.h"
#include "script/timers.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LOG_LINES 100 // a second
#define COUNTERS 1024

struct counter {
    struct counter *next;
    uint64_t value;
    struct metrics_script *metrics; // NULL: none
    char name[];
};

/** Logs a line of a script. Lines beyond the limit per second are left out, and the log says so. */
static int write_text(lua_State *L, enum log_level level)
{
    struct script_state *state = state_of(L);
    const struct loaded *file = thread_of(L)->owner.file;
    uint64_t second = script_now(state) / 1000;
    char quoted[1024];
    struct span text;

    text.bytes = luaL_tolstring(L, 1, &text.length);
    if (!log_enabled(level))
        return 0;
    if (second != state->log_second) {
        state->log_second = second;
        state->log_lines = 0;
    }
    if (++state->log_lines == LOG_LINES + 1)
        log_warn(&state->log, "lines of scripts left out lines_per_second=%d", LOG_LINES);
    if (state->log_lines <= LOG_LINES)
        log_write(level, &state->log, "script says script=%s text=%s", file == NULL ? "-" : file->shown,
                  log_quote(quoted, sizeof quoted, text));
    return 0;
}

/*** amp.log.error(text), .warn, .info, .debug: a line in the log, with the script's name. */
static int lua_log_error(lua_State *L)
{
    return write_text(L, LOG_LEVEL_ERROR);
}
static int lua_log_warn(lua_State *L)
{
    return write_text(L, LOG_LEVEL_WARN);
}
static int lua_log_info(lua_State *L)
{
    return write_text(L, LOG_LEVEL_INFO);
}
static int lua_log_debug(lua_State *L)
{
    return write_text(L, LOG_LEVEL_DEBUG);
}

/*** amp.count(name [, by]): a counter of this worker, for Stats and metrics. */
static int lua_count(lua_State *L)
{
    struct script_state *state = state_of(L);
    size_t length;
    const char *name = luaL_checklstring(L, 1, &length);
    lua_Integer by = luaL_optinteger(L, 2, 1);
    struct counter **end = &state->counters;
    unsigned count = 0;

    luaL_argcheck(L, by >= 0, 2, "a counter only grows");
    luaL_argcheck(L, length > 0 && length <= 64, 1, "a name has 1 to 64 bytes");
    for (; *end != NULL && strcmp((*end)->name, name) != 0; end = &(*end)->next)
        count++;
    if (*end == NULL) {
        if (count >= COUNTERS)
            return luaL_error(L, "at most %d counters", COUNTERS);
        *end = memory_zero(1, sizeof **end + length + 1);
        memcpy((*end)->name, name, length + 1);
        if (state->metrics != NULL)
            (*end)->metrics = metrics_script(state->metrics, state->worker, METRICS_COUNTER, name);
    }
    (*end)->value += (uint64_t)by;
    if ((*end)->metrics != NULL && !state->loading)
        metric_add(&(*end)->metrics->calls, (uint64_t)by);
    return 0;
}

void script_state_counters(const struct script_state *state,
                           void (*visit)(void *visitor, const char *name, uint64_t value), void *visitor)
{
    for (const struct counter *counter = state->counters; counter != NULL; counter = counter->next)
        visit(visitor, counter->name, counter->value);
}

void script_counters_fini(struct script_state *state)
{
    while (state->counters != NULL) {
        struct counter *counter = state->counters;
        state->counters = counter->next;
        free(counter);
    }
}

/*** amp.time() -> seconds since 1970, with a fraction */
static int lua_time(lua_State *L)
{
    const struct script_host *host = &state_of(L)->host;
    int64_t seconds;
    int32_t microseconds;

    if (host->wall != NULL) {
        lua_pushnumber(L, host->wall(host->context));
        return 1;
    }
    clock_wall(&seconds, &microseconds);
    lua_pushnumber(L, (lua_Number)seconds + (lua_Number)microseconds / 1e6);
    return 1;
}

/** Does the value at `index` have the type that `wanted` names ("list", "text", …)? */
static bool is_of_type(lua_State *L, int index, const char *wanted)
{
    int type = lua_type(L, index);
    if (strcmp(wanted, "text") == 0)
        return type == LUA_TSTRING || type == LUA_TNUMBER;
    if (strcmp(wanted, "number") == 0)
        return type == LUA_TNUMBER;
    if (strcmp(wanted, "flag") == 0)
        return type == LUA_TBOOLEAN;
    if (strcmp(wanted, "duration") == 0)
        return type == LUA_TSTRING || type == LUA_TNUMBER;
    if (strcmp(wanted, "list") == 0)
        return type == LUA_TTABLE && (lua_rawlen(L, index) > 0 || (lua_pushnil(L), lua_next(L, index) == 0));
    return strcmp(wanted, "table") == 0 && type == LUA_TTABLE;
}

/** Raises for the option at index 3, which the table at 2 does not have. */
static void fail_option(lua_State *L)
{
    const char *name = luaL_tolstring(L, 3, NULL);
    struct nearest nearest;

    nearest_begin(&nearest, span_of(name));
    for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING)
            nearest_try(&nearest, lua_tostring(L, -2));
    luaL_error(L, "unknown option '%s'%s%s%s", name, nearest.best == NULL ? "" : ": did you mean '",
               nearest.best == NULL ? "" : nearest.best, nearest.best == NULL ? "" : "'?");
}

/*** amp.options(given, { name = "type" }) -> given. Types: text, number, flag, list, table, duration; with `?` behind
 * it the option may be left out. An unknown or missing option or a wrong type is an error, and so stops the start. */
static int lua_options(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_pushnil(L);
    while (lua_next(L, 1) != 0) { // 3: name, 4: value
        char wanted[32];
        lua_pushvalue(L, 3);
        if (lua_rawget(L, 2) != LUA_TSTRING)
            fail_option(L);
        (void)snprintf(wanted, sizeof wanted, "%s", lua_tostring(L, 5));
        wanted[strcspn(wanted, "?")] = '\0';
        if (!is_of_type(L, 4, wanted))
            return luaL_error(L, "option '%s': expected a %s, not a %s", luaL_tolstring(L, 3, NULL), wanted,
                              luaL_typename(L, 4));
        lua_settop(L, 3);
    }
    lua_pushnil(L);
    while (lua_next(L, 2) != 0) { // 3: name, 4: type
        const char *wanted = luaL_checkstring(L, 4);
        lua_pushvalue(L, 3);
        if (lua_rawget(L, 1) == LUA_TNIL && strchr(wanted, '?') == NULL)
            return luaL_error(L, "option '%s' is missing: expected a %s", luaL_tolstring(L, 3, NULL), wanted);
        lua_settop(L, 3);
    }
    lua_settop(L, 1);
    return 1;
}

/** Compiles lib/NAME.lua of the first root that has one; pushes the function. */
static void push_module(lua_State *L, const struct script_state *state, const char *name)
{
    const char *shown = lua_pushfstring(L, "@lib/%s.lua", name);
    const char *path = NULL;
    char *text = NULL;
    size_t length = 0;
    for (size_t i = 0; text == NULL && i < state->root_count; i++) {
        path = lua_pushfstring(L, "%s/lib/%s.lua", state->roots[i], name);
        text = script_source_read(path, &length);
        if (text == NULL && errno != ENOENT)
            break;
    }
    if (text == NULL && errno == ENOENT)
        LUA_RAISE(L, "amp.use: there is no %s", path);
    if (text == NULL)
        LUA_RAISE(L, "amp.use: %s %s", path, errno == EFBIG ? "is too large" : strerror(errno));
    int status = luaL_loadbufferx(L, text, length, shown, "t");
    free(text);
    if (status != LUA_OK)
        lua_error(L);
}

/*** amp.use(name) -> what lib/NAME.lua returns; run once per worker. At load only. */
static int lua_use(lua_State *L)
{
    const struct script_state *state = state_of(L);
    const char *name = luaL_checkstring(L, 1);

    if (!state->loading)
        return luaL_error(L, "amp.use is for the time when scripts are loaded");
    if (state->root_count == 0)
        return luaL_error(L, "amp.use: there is no folder of modules");
    if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != strlen(name) || !*name)
        return luaL_error(L, "amp.use: a module's name has letters, digits, _ and -");
    lua_settop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "modules");
    lua_pushvalue(L, 1);
    int known = lua_rawget(L, 2);
    if (known == LUA_TLIGHTUSERDATA)
        return luaL_error(L, "amp.use: '%s' uses itself", name);
    if (known != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    lua_pushlightuserdata(L, L);
    lua_setfield(L, 2, name);
    push_module(L, state, name);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1))
        return luaL_error(L, "amp.use: lib/%s.lua returns nothing", name);
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}

void lua_open_amp(lua_State *L)
{
    static const luaL_Reg functions[] = {{"set", lua_amp_set},
                                         {"names", lua_amp_names},
                                         {"call", lua_amp_call},
                                         {"call_all", lua_amp_call_all},
                                         {"http", lua_amp_http},
                                         {"sleep", lua_amp_sleep},
                                         {"reload", lua_amp_reload},
                                         {"cluster", lua_amp_cluster},
                                         {"control", lua_amp_control},
                                         {"add_server", lua_amp_add_server},
                                         {"drop_server", lua_amp_drop_server},
                                         {"close_session", lua_amp_close_session},
                                         {"create_token", lua_amp_create_token},
                                         {"revoke_token", lua_amp_revoke_token},
                                         {"revoked_tokens", lua_amp_revoked_tokens},
                                         {"servers", lua_amp_servers},
                                         {"sessions", lua_amp_sessions},
                                         {"formats", lua_amp_formats},
                                         {"stats", lua_amp_stats},
                                         {"scripts", lua_amp_scripts},
                                         {"proxy_actions", lua_amp_proxy_actions},
                                         {"every", lua_amp_every},
                                         {"after", lua_amp_after},
                                         {"on", lua_amp_on},
                                         {"count", lua_count},
                                         {"time", lua_time},
                                         {"options", lua_options},
                                         {"use", lua_use},
                                         {"test", lua_amp_test},
                                         {NULL, NULL}};
    static const luaL_Reg log[] = {{"error", lua_log_error},
                                   {"warn", lua_log_warn},
                                   {"info", lua_log_info},
                                   {"debug", lua_log_debug},
                                   {NULL, NULL}};

    lua_push_functions(L, functions);
    lua_push_functions(L, log);
    lua_freeze(L, -1, "function of amp.log:");
    lua_setfield(L, -3, "log");
    lua_pop(L, 1);
    lua_open_json(L);
    lua_setfield(L, -2, "json");
    (void)lua_newuserdatauv(L, 1, 0);
    luaL_setmetatable(L, "shared");
    lua_setfield(L, -2, "shared");
    lua_pushinteger(L, state_of(L)->worker);
    lua_setfield(L, -2, "worker");
    lua_pushliteral(L, AMP_VERSION);
    lua_setfield(L, -2, "version");
}
