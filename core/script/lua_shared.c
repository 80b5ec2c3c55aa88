// core/script/lua_shared.c: amp.shared:get(…) and the rest.
#include "script/shared.h"

#include "base/memory.h"
#include "script/call.h"

#include <stdlib.h>

#define KEY_BYTES 1024
#define KEYS 1000

static struct script_shared *check_store(lua_State *L)
{
    struct script_state *state = state_of(L);
    luaL_checkudata(L, 1, "shared");
    if (state->shared == NULL)
        luaL_error(L, "amp.shared is not possible here");
    return state->shared;
}

static struct span check_key(lua_State *L)
{
    struct span key;
    key.bytes = luaL_checklstring(L, 2, &key.length);
    if (key.length > KEY_BYTES)
        luaL_error(L, "a key has at most %d bytes", KEY_BYTES);
    return key;
}

static uint64_t opt_life(lua_State *L, int index)
{
    return lua_isnoneornil(L, index) ? 0 : lua_check_duration(L, index);
}

static int lua_push_shared_value(lua_State *L)
{
    const struct shared_value *value = lua_touserdata(L, 1);
    lua_pushlstring(L, value->text.bytes, value->text.length);
    return 1;
}

/*** amp.shared:get(key) -> value or nil */
static int lua_shared_get(lua_State *L)
{
    struct script_shared *shared = check_store(L);
    struct shared_value value = shared_get(shared, check_key(L), script_now(state_of(L)));
    int status = LUA_OK;

    switch (value.kind) {
    case SHARED_NONE:
        lua_pushnil(L);
        break;
    case SHARED_FLAG:
        lua_pushboolean(L, value.flag);
        break;
    case SHARED_INTEGER:
        lua_pushinteger(L, value.integer);
        break;
    case SHARED_NUMBER:
        lua_pushnumber(L, value.number);
        break;
    case SHARED_TEXT: // the copy must be freed, also if pushing it raises
        lua_pushcfunction(L, lua_push_shared_value);
        lua_pushlightuserdata(L, &value);
        status = lua_pcall(L, 1, 1, 0);
        memory_free(value.text.bytes);
        break;
    }
    return status == LUA_OK ? 1 : lua_error(L);
}

static int lua_shared_put(lua_State *L, bool only_new)
{
    struct script_shared *shared = check_store(L);
    struct span key = check_key(L);
    struct shared_value value = {.kind = SHARED_TEXT};
    uint64_t life_ms = opt_life(L, 4), now = script_now(state_of(L));

    switch (lua_type(L, 3)) {
    case LUA_TNIL:
        lua_pushboolean(L, shared_delete(shared, key, now));
        return 1;
    case LUA_TBOOLEAN:
        value = (struct shared_value){.kind = SHARED_FLAG, .flag = lua_toboolean(L, 3) != 0};
        break;
    case LUA_TNUMBER:
        value.kind = lua_isinteger(L, 3) ? SHARED_INTEGER : SHARED_NUMBER;
        value.integer = lua_tointeger(L, 3);
        value.number = lua_tonumber(L, 3);
        break;
    case LUA_TSTRING:
        value.text.bytes = lua_tolstring(L, 3, &value.text.length);
        break;
    default:
        return luaL_error(L, "amp.shared keeps texts, numbers and booleans, not a %s", luaL_typename(L, 3));
    }
    switch (shared_set(shared, key, &value, only_new, life_ms, now)) {
    case SHARED_OK:
        lua_pushboolean(L, 1);
        return 1;
    case SHARED_EXISTS:
        lua_pushboolean(L, 0);
        return 1;
    default:
        lua_pushnil(L);
        lua_pushliteral(L, "full");
        return 2;
    }
}

/*** amp.shared:set(key, value [, life]) -> true; nil, "full". nil as value deletes. */
static int lua_shared_set(lua_State *L)
{
    return lua_shared_put(L, false);
}

/*** amp.shared:add(key, value [, life]) -> true, false if there is one already; nil, "full" */
static int lua_shared_add(lua_State *L)
{
    return lua_shared_put(L, true);
}

/*** amp.shared:incr(key [, by [, life]]) -> the new number; nil, why. life: of one that is new. */
static int lua_shared_incr(lua_State *L)
{
    struct script_shared *shared = check_store(L);
    struct span key = check_key(L);
    lua_Integer by = luaL_optinteger(L, 3, 1);
    int64_t result = 0;

    switch (shared_incr(shared, key, by, opt_life(L, 4), script_now(state_of(L)), &result)) {
    case SHARED_OK:
        lua_pushinteger(L, result);
        return 1;
    case SHARED_NO_NUMBER:
        lua_pushnil(L);
        lua_pushliteral(L, "not a whole number");
        return 2;
    default:
        lua_pushnil(L);
        lua_pushliteral(L, "full");
        return 2;
    }
}

/*** amp.shared:delete(key) -> boolean: was there one? */
static int lua_shared_delete(lua_State *L)
{
    struct script_shared *shared = check_store(L);
    lua_pushboolean(L, shared_delete(shared, check_key(L), script_now(state_of(L))));
    return 1;
}

/** A copy of the keys, made under the lock, under which nothing may raise. */
struct found {
    uint32_t count;
    struct span keys[KEYS];
};

static void on_key(void *visitor, struct span key)
{
    struct found *found = visitor;
    found->keys[found->count++] = (struct span){memory_text_of(key.bytes, key.length), key.length};
}

static int lua_push_keys(lua_State *L)
{
    const struct found *found = lua_touserdata(L, 1);
    lua_createtable(L, (int)found->count, 0);
    for (uint32_t i = 0; i < found->count; i++) {
        lua_pushlstring(L, found->keys[i].bytes, found->keys[i].length);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/*** amp.shared:keys([prefix [, most]]) -> list of texts, at most 1,000, in no order */
static int lua_shared_keys(lua_State *L)
{
    struct script_shared *shared = check_store(L);
    struct span prefix;
    prefix.bytes = luaL_optlstring(L, 2, "", &prefix.length);
    lua_Integer most = luaL_optinteger(L, 3, KEYS);
    luaL_argcheck(L, most >= 0 && most <= KEYS, 3, "at most 1000 keys");

    struct found *found = memory_zero(1, sizeof *found);
    shared_keys(shared, prefix, script_now(state_of(L)), (uint32_t)most, on_key, found);
    lua_pushcfunction(L, lua_push_keys);
    lua_pushlightuserdata(L, found);
    int status = lua_pcall(L, 1, 1, 0);
    for (uint32_t i = 0; i < found->count; i++)
        memory_free(found->keys[i].bytes);
    free(found);
    return status == LUA_OK ? 1 : lua_error(L);
}

void lua_open_shared(lua_State *L)
{
    static const luaL_Reg methods[] = {{"get", lua_shared_get},
                                       {"set", lua_shared_set},
                                       {"add", lua_shared_add},
                                       {"incr", lua_shared_incr},
                                       {"delete", lua_shared_delete},
                                       {"keys", lua_shared_keys},
                                       {NULL, NULL}};
    static const luaL_Reg meta[] = {{NULL, NULL}};

    lua_make_metatable(L, "shared", meta);
    luaL_getmetatable(L, "shared");
    lua_push_functions(L, methods);
    lua_freeze(L, -1, "function of amp.shared:");
    lua_remove(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
