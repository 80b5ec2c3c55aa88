// core/script/globals.c: the globals of scripts: an allow list, frozen.
#include "base/nearest.h"
#include "script/state.h"

#define DATE_FORMAT_BYTES 128

/** Raises "unknown …", with the nearest name in the table. Upvalue 1: the kind of thing that is unknown. */
static int lua_unknown(lua_State *L)
{
    const char *what = lua_tostring(L, lua_upvalueindex(1)), *name = luaL_tolstring(L, 2, NULL);
    struct nearest nearest;

    nearest_begin(&nearest, span_of(name));
    for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING)
            nearest_try(&nearest, lua_tostring(L, -2));
    if (nearest.best == NULL)
        return luaL_error(L, "unknown %s '%s'", what, name);
    return luaL_error(L, "unknown %s '%s': did you mean '%s'?", what, name, nearest.best);
}

static int lua_read_only(lua_State *L)
{
    return luaL_error(L, "assignment to %s '%s' (use 'local')", lua_tostring(L, lua_upvalueindex(1)),
                      luaL_tolstring(L, 2, NULL));
}

/** The iterator of pairs(); upvalue 1 is the table behind the frozen one, which scripts must not get. */
static int lua_frozen_next(lua_State *L)
{
    lua_settop(L, 2);
    lua_replace(L, 1); // the key
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    if (lua_next(L, 1) != 0)
        return 2;
    lua_pushnil(L);
    return 1;
}

/** pairs() of a frozen table iterates over the table behind it. */
static int lua_frozen_pairs(lua_State *L)
{
    lua_settop(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushcclosure(L, lua_frozen_next, 1);
    lua_insert(L, 1);
    lua_pushnil(L);
    return 3;
}

static void set_hidden(lua_State *L)
{
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

void lua_freeze(lua_State *L, int index, const char *what)
{
    index = lua_absindex(L, index);
    lua_createtable(L, 0, 2); // the metatable of the table itself: an unknown name is an error
    lua_pushstring(L, what);
    lua_pushcclosure(L, lua_unknown, 1);
    lua_setfield(L, -2, "__index");
    set_hidden(L);
    lua_setmetatable(L, index);
    lua_newtable(L); // the empty table that scripts see
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, index);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, what);
    lua_pushcclosure(L, lua_read_only, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushvalue(L, index);
    lua_pushcclosure(L, lua_frozen_pairs, 1);
    lua_setfield(L, -2, "__pairs");
    set_hidden(L);
    lua_setmetatable(L, -2);
}

void lua_push_functions(lua_State *L, const luaL_Reg *functions)
{
    lua_newtable(L);
    luaL_setfuncs(L, functions, 0);
}

void lua_make_metatable(lua_State *L, const char *name, const luaL_Reg *functions)
{
    luaL_newmetatable(L, name);
    luaL_setfuncs(L, functions, 0);
    set_hidden(L);
    lua_pop(L, 1);
}

/** setmetatable without __gc, which would run with the time limit off. */
static int lua_setmetatable_checked(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnoneornil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "a metatable of a script has no __gc");
        lua_pop(L, 1);
    }
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/** os.date with a format of bounded length; upvalue 1 is Lua's. */
static int lua_date(lua_State *L)
{
    size_t length = 0;
    (void)luaL_optlstring(L, 1, "", &length);
    if (length > DATE_FORMAT_BYTES)
        return luaL_error(L, "a format of os.date has at most %d bytes", DATE_FORMAT_BYTES);
    int count = lua_gettop(L);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, count, 1);
    return 1;
}

/** Copies the named fields of the table on top to a new one, which takes its place. */
static void keep_only(lua_State *L, const char *const *names)
{
    lua_newtable(L);
    for (; *names != NULL; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
    lua_remove(L, -2);
}

static void add_library(lua_State *L, const char *name)
{
    int library = lua_gettop(L);
    lua_freeze(L, library, lua_pushfstring(L, "function of %s:", name));
    lua_setfield(L, 1, name);
    lua_settop(L, 1);
}

static int lua_build_globals(lua_State *L)
{
    static const char *const base[] = {"assert",   "error",    "getmetatable", "ipairs", "next",   "pairs",
                                       "pcall",    "rawequal", "rawget",       "rawlen", "select", "tonumber",
                                       "tostring", "type",     "_VERSION",     NULL};
    static const char *const os[] = {"time", "clock", "difftime", NULL};

    luaL_requiref(L, "_G", luaopen_base, 0);
    keep_only(L, base);
    lua_pushcfunction(L, lua_setmetatable_checked);
    lua_setfield(L, -2, "setmetatable");

    lua_open_strings(L);
    add_library(L, "string");
    lua_open_tables(L);
    add_library(L, "table");
    luaL_requiref(L, "math", luaopen_math, 0);
    add_library(L, "math");
    luaL_requiref(L, "utf8", luaopen_utf8, 0);
    add_library(L, "utf8");
    luaL_requiref(L, "os", luaopen_os, 0);
    lua_getfield(L, -1, "date");
    lua_insert(L, -2);
    keep_only(L, os);
    lua_insert(L, -2);
    lua_pushcclosure(L, lua_date, 1);
    lua_setfield(L, -2, "date");
    add_library(L, "os");
    return 1;
}

void lua_open_sandbox(lua_State *L)
{
    lua_pushcfunction(L, lua_build_globals);
    lua_call(L, 0, 1);
}
