// core/script/action.c: proxy actions: their files, who may run them, and their runs.
#include "script/action.h"

#include "ami/event_class.h"
#include "base/memory.h"
#include "script/call.h"
#include "script/lua_message.h"
#include "script/lua_session.h"
#include "script/suggest.h"
#include "script/task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define ARGUMENTS 32
#define TIMEOUT_MS 30000

struct loading {
    struct script_action *action;
    struct script_state *state;
};

static void fail_at(lua_State *L, const struct script_action *action, const char *key, const char *what)
{
    unsigned line = script_line_of(action->file->text, key);
    if (line > 0)
        luaL_error(L, "%s:%d: %s: %s", action->file->shown, (int)line, key, what);
    luaL_error(L, "%s: %s: %s", action->file->shown, key, what);
}

static void check_keys(lua_State *L, int index, const struct script_action *action)
{
    static const char *const known[] = {"name",    "summary", "class", "admin", "arguments",
                                        "timeout", "word",    "run",   NULL};
    char what[SUGGEST_SIZE];

    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "%s: the returned table has names only", action->file->shown);
        const char *key = lua_tostring(L, -2);
        if (!suggest_knows(key, known))
            fail_at(L, action, key, suggest_about(what, "unknown key", key, known));
        lua_pop(L, 1);
    }
}

/** Copies the text `key` of the table. If it is absent: a copy of `fallback`, or an error if `fallback` is NULL. */
static char *read_text(lua_State *L, int index, const struct script_action *action, const char *key,
                       const char *fallback)
{
    int type = lua_getfield(L, index, key);
    if (type == LUA_TNIL && fallback == NULL)
        luaL_error(L, "%s: a proxy action has a %s", action->file->shown, key);
    if (type != LUA_TNIL && type != LUA_TSTRING)
        fail_at(L, action, key, "expected a text");
    char *text = memory_text(type == LUA_TNIL ? fallback : lua_tostring(L, -1));
    lua_pop(L, 1);
    return text;
}

static void read_arguments(lua_State *L, int index, struct script_action *action)
{
    int type = lua_getfield(L, index, "arguments");
    if (type != LUA_TNIL && type != LUA_TTABLE)
        fail_at(L, action, "arguments", "expected a table of names");
    action->arguments = memory_zero(ARGUMENTS, sizeof *action->arguments);
    lua_pushnil(L);
    while (type == LUA_TTABLE && lua_next(L, -2) != 0) {
        const char *how = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        bool required = strcmp(how, "required") == 0;
        if (lua_type(L, -2) != LUA_TSTRING || (!required && strcmp(how, "optional") != 0))
            fail_at(L, action, "arguments", "expected names, each = \"required\" or \"optional\"");
        if (action->argument_count == ARGUMENTS)
            fail_at(L, action, "arguments", "too many");
        action->arguments[action->argument_count].name = memory_text(lua_tostring(L, -2));
        action->arguments[action->argument_count++].required = required;
        lua_pop(L, 1);
    }
    lua_settop(L, index);
}

static void read_rights(lua_State *L, int index, struct script_action *action)
{
    int type = lua_getfield(L, index, "admin");
    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        fail_at(L, action, "admin", "expected true or false");
    action->info.admin = lua_toboolean(L, -1);
    type = lua_getfield(L, index, "class");
    if (type != LUA_TNIL &&
        (type != LUA_TSTRING || !event_class_find(span_of(lua_tostring(L, -1)), &action->info.classes)))
        fail_at(L, action, "class", "expected the name of a class, such as \"call\" or \"system\"");
    lua_pop(L, 2);
}

static int lua_load_action(lua_State *L)
{
    struct loading *loading = lua_touserdata(L, 1);
    struct script_action *action = loading->action;

    lua_rawgeti(L, LUA_REGISTRYINDEX, action->file->chunk);
    lua_newtable(L);
    lua_call(L, 1, 1);
    int index = lua_gettop(L);
    if (!lua_istable(L, index))
        return luaL_error(L, "%s: a proxy action returns a table, not a %s", action->file->shown,
                          luaL_typename(L, index));
    check_keys(L, index, action);
    action->name = read_text(L, index, action, "name", NULL);
    action->summary = read_text(L, index, action, "summary", "");
    action->word = read_text(L, index, action, "word", "Response");
    read_arguments(L, index, action);
    read_rights(L, index, action);
    action->timeout_ms = TIMEOUT_MS;
    if (lua_getfield(L, index, "timeout") != LUA_TNIL)
        action->timeout_ms = lua_check_duration(L, -1);
    if (lua_getfield(L, index, "run") != LUA_TFUNCTION)
        fail_at(L, action, "run", "expected a function");
    action->run = luaL_ref(L, LUA_REGISTRYINDEX);
    action->info.name = action->name;
    action->info.summary = action->summary;
    return 0;
}

static void destroy_action(struct script_action *action)
{
    for (size_t i = 0; i < action->argument_count; i++)
        free(action->arguments[i].name);
    free(action->arguments);
    free(action->name);
    free(action->summary);
    free(action->word);
    free(action);
}

bool script_action_load(struct script_state *state, const struct loaded *file, struct error *err)
{
    struct script_action *action = memory_zero(1, sizeof *action);
    struct loading loading = {action, state};

    action->file = file;
    action->run = LUA_NOREF;
    state->main.owner = (struct owner){file, NULL};
    state->loading = true;
    bool loaded = script_protect(state, lua_load_action, &loading, err);
    state->loading = false;
    state->main.owner = (struct owner){NULL, NULL};
    if (loaded && script_action_find(state, span_of(action->name)) != NULL)
        loaded = error_set(err, "%s: there is a proxy action '%s' already", file->shown, action->name);
    if (!loaded) {
        destroy_action(action);
        return false;
    }
    struct script_action **end = &state->actions;
    while (*end != NULL)
        end = &(*end)->next;
    *end = action;
    return true;
}

void script_actions_fini(struct script_state *state)
{
    while (state->actions != NULL) {
        struct script_action *action = state->actions;
        state->actions = action->next;
        destroy_action(action);
    }
}

struct script_action *script_action_find(const struct script_state *state, struct span name)
{
    for (struct script_action *action = state->actions; action != NULL; action = action->next)
        if (span_is(name, action->name))
            return action;
    return NULL;
}

struct script_action *script_action_of_file(const struct script_state *state, const char *name)
{
    for (struct script_action *action = state->actions; action != NULL; action = action->next)
        if (strcmp(action->file->name, name) == 0)
            return action;
    return NULL;
}

const struct script_action_info *script_action_info(const struct script_action *action)
{
    return &action->info;
}
