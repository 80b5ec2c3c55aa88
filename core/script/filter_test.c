// core/script/filter_test.c: amp.test: a script's own test. It stands in front of the code that reads the options,
// which a test has none of; the test then makes filters of its file as a configuration would.
//
//   amp.test(function(t)
//     local f = t.filter({ contexts = { "a" } }, { name = "dave" })   -- options and user
//     assert(f{ "Event: Newchannel", "Context: a" })                  -- the message that the user gets, nil: none
//     assert(f({ "Response: Success" }, "answer"))                    -- as an answer to the user's own action
//     assert(f:action{ "Action: Ping" })                              -- the action that goes on; nil, reason: refused
//     assert(f:action({ "Action: Ping" }, { admin = true }))          -- the same in a session (test_host.h)
//   end)
#include "script/filter.h"

#include "base/memory.h"
#include "script/lua_message.h"
#include "script/task.h"
#include "script/test_host.h"

#include <stdio.h>
#include <stdlib.h>

#define OPTION_DEPTH 16

/** Options of a test are values of Lua's: they go to the file as they are. */
struct testing {
    const struct loaded *file;
    bool ran;
};

static void read_user(lua_State *L, int index, struct script_user *user)
{
    if (!lua_istable(L, index))
        return;
    lua_getfield(L, index, "name");
    lua_getfield(L, index, "account");
    user->name = luaL_optstring(L, -2, "test"); // alive in the table
    user->account = luaL_optstring(L, -1, NULL);
    lua_pop(L, 2);
}

static void free_value(const struct script_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        free_value(&value->items[i]);
        if (value->keys != NULL)
            memory_free(value->keys[i]);
    }
    memory_free(value->items);
    memory_free(value->keys);
    if (value->kind == SCRIPT_TEXT)
        memory_free(value->text);
}

static bool read_value(lua_State *L, int index, struct script_value *value, int depth);

static bool read_table(lua_State *L, int index, struct script_value *value, int depth)
{
    size_t length = lua_rawlen(L, index), count = 0;
    struct script_value *items = NULL;
    char **keys = NULL;
    bool good = true;

    index = lua_absindex(L, index);
    value->kind = length > 0 ? SCRIPT_LIST : SCRIPT_MAP;
    lua_pushnil(L);
    while (good && lua_next(L, index) != 0) {
        items = memory_grow(items, (count + 1) * sizeof *items);
        good = read_value(L, -1, &items[count], depth + 1);
        if (length == 0) {
            keys = memory_grow(keys, (count + 1) * sizeof *keys);
            keys[count] = memory_text(lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?");
        }
        count++;
        lua_pop(L, 1);
    }
    value->count = count;
    value->items = items;
    value->keys = (const char *const *)keys;
    return good;
}

/** Copies the value at `index`. @return false: a configuration could not contain such a value */
static bool read_value(lua_State *L, int index, struct script_value *value, int depth)
{
    *value = (struct script_value){.kind = SCRIPT_NIL};
    if (depth > OPTION_DEPTH || !lua_checkstack(L, 4))
        return false;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
    case LUA_TNONE:
        return true;
    case LUA_TBOOLEAN:
        *value = (struct script_value){.kind = SCRIPT_FLAG, .flag = lua_toboolean(L, index) != 0};
        return true;
    case LUA_TNUMBER:
        *value = (struct script_value){.kind = SCRIPT_NUMBER, .number = lua_tonumber(L, index)};
        return true;
    case LUA_TSTRING:
        *value = (struct script_value){.kind = SCRIPT_TEXT, .text = memory_text(lua_tostring(L, index))};
        return true;
    case LUA_TTABLE:
        return read_table(L, index, value, depth);
    default:
        return false;
    }
}

/** A filter of a test. It is freed with the state. */
struct lua_filter {
    struct script_filter *filter;
};

/** f(headers [, "answer"]) -> the message that the user gets, or nil; false if the filter failed. */
static int lua_filter_call(lua_State *L)
{
    static const char *const first[] = {"Event", "Response", NULL};
    const struct lua_filter *object = luaL_checkudata(L, 1, "test filter");
    enum script_source source = strcmp(luaL_optstring(L, 3, "event"), "answer") == 0 ? SCRIPT_ANSWER : SCRIPT_EVENT;
    struct lua_message *result = lua_push_message(L, NULL, false);
    struct message *changed = NULL;

    result->message = lua_to_message(L, 2, first, (struct span){NULL, 0});
    script_state_heard(object->filter->state, result->message);
    switch (script_filter_message(object->filter, result->message, source, &changed)) {
    case SCRIPT_PASS:
        return 1;
    case SCRIPT_CHANGE:
        message_unref(result->message);
        result->message = changed;
        return 1;
    case SCRIPT_DROP:
        lua_pushnil(L);
        return 1;
    case SCRIPT_FAIL:
        break;
    }
    lua_pushboolean(L, 0);
    return 1;
}

struct test_verdict {
    bool known;
    enum script_verdict verdict;
    struct message *action; // one reference
    char reason[256];
};

static void on_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    struct test_verdict *result = context;
    (void)session;

    result->known = true;
    result->verdict = verdict;
    result->action = message_ref(action);
    (void)snprintf(result->reason, sizeof result->reason, "%s", reason == NULL ? "" : reason);
}

/** f:action(headers) -> the action that goes on; nil, reason if it is refused; false if the filter failed. */
static int lua_filter_action(lua_State *L)
{
    static const char *const first[] = {"Action", NULL};
    const struct lua_filter *object = luaL_checkudata(L, 1, "test filter");
    struct test_verdict result = {.known = false};
    lua_settop(L, 3);
    struct lua_message *message = lua_push_message(L, NULL, false);

    message->message = lua_to_message(L, 2, first, (struct span){NULL, 0});
    struct handle session = lua_test_session(L, 3, object->filter->user);
    script_filter_action(object->filter, message->message, session, on_judged, &result);
    if (!result.known) {
        script_session_gone(state_of(L), session);
        return luaL_error(L, "the filter waits: a test has nobody who answers");
    }
    message_unref(message->message);
    message->message = result.action;
    if (result.verdict == SCRIPT_PASS || result.verdict == SCRIPT_CHANGE)
        return 1;
    if (result.verdict == SCRIPT_FAIL) {
        lua_pushboolean(L, 0);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, result.reason);
    return 2;
}

static int lua_filter_index(lua_State *L)
{
    if (strcmp(luaL_checkstring(L, 2), "action") != 0)
        return luaL_error(L, "a filter of a test has only f(headers) and f:action(headers)");
    lua_pushcfunction(L, lua_filter_action);
    return 1;
}

/** t.filter(options, user) -> f; raises errors that would stop the start. Upvalue 1: the file's name. */
static int lua_test_filter(lua_State *L)
{
    struct script_user user = {.name = "test", .read = UINT32_MAX, .write = UINT32_MAX};
    struct script_value options;
    struct error err = {""};

    lua_settop(L, 2);
    read_user(L, 2, &user);
    struct lua_filter *object = lua_newuserdatauv(L, sizeof *object, 0);
    object->filter = NULL;
    luaL_setmetatable(L, "test filter");
    bool good = read_value(L, 1, &options, 0);
    if (good)
        object->filter =
            script_filter_create(state_of(L), lua_tostring(L, lua_upvalueindex(1)), &options, &user, false, &err);
    free_value(&options);
    if (object->filter == NULL)
        return luaL_error(L, "%s", good ? err.text : "options are texts, numbers, booleans, lists and tables");
    return 1;
}

/*** amp.test(function(t)): the file's test; `astmanproxy --check` runs it. Otherwise it does nothing. */
int lua_amp_test(lua_State *L)
{
    struct script_state *state = state_of(L);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (!state->test_wanted)
        return 0;
    state->test_wanted = false;
    lua_settop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "test function");
    return luaL_error(L, "the rest of the file is not needed");
}

static int lua_run_test(lua_State *L)
{
    struct testing *testing = lua_touserdata(L, 1);
    struct script_state *state = state_of(L);
    static const luaL_Reg meta[] = {{"__call", lua_filter_call}, {"__index", lua_filter_index}, {NULL, NULL}};
    const struct loaded *file = testing->file;
    bool loading = state->loading;

    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "test function");
    lua_rawgeti(L, LUA_REGISTRYINDEX, file->chunk);
    lua_newtable(L);
    state->test_wanted = state->loading = true; // the code before amp.test may call functions that are for loading only
    (void)lua_pcall(L, 1, 0, 0);                // ends at amp.test, or earlier at code that needs options
    state->test_wanted = false;
    state->loading = loading;
    lua_settop(L, 1);
    if (lua_getfield(L, LUA_REGISTRYINDEX, "test function") == LUA_TNIL)
        return 0;
    testing->ran = true;
    lua_make_metatable(L, "test filter", meta);
    lua_newtable(L);
    lua_pushstring(L, file->name);
    lua_pushcclosure(L, file->kind == SCRIPT_IS_FILTER ? lua_test_filter : lua_test_run, 1);
    lua_setfield(L, -2, file->kind == SCRIPT_IS_FILTER ? "filter" : "run");
    lua_add_test_host(L);
    lua_call(L, 1, 0);
    return 0;
}

static bool run_test(struct script_state *state, const struct loaded *file, bool *ran, struct error *err)
{
    struct testing testing = {.file = file, .ran = false};
    struct owner before = state->main.owner;
    struct test_host host;

    state->main.owner = (struct owner){file, NULL};
    test_host_begin(&host, state);
    bool good = script_protect(state, lua_run_test, &testing, err);
    test_host_end(&host);
    state->main.owner = before;
    state->test_wanted = false;
    *ran = testing.ran;
    return good;
}

bool script_state_test(struct script_state *state, const char *name, bool *ran, struct error *err)
{
    const struct loaded *file = script_file_find(state, SCRIPT_IS_FILTER, name);

    *ran = false;
    return file != NULL ? run_test(state, file, ran, err) : error_set(err, "unknown filter '%s'", name);
}

bool script_state_test_all(struct script_state *state, struct error *err)
{
    bool ran;

    for (size_t i = 0; i < state->file_count; i++)
        if (!run_test(state, &state->files[i], &ran, err))
            return false;
    return true;
}
