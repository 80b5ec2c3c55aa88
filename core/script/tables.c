// core/script/tables.c: the library `table` of scripts. Works on the tables themselves, without metamethods, so that no
// loop in C is longer than a table; sort takes at most 10,000 items.
#include "script/state.h"

#define SORT_ITEMS 10000
#define UNPACK_ITEMS 10000

/** Checks the table at argument 1; raises if it is read-only and to be written. @return its length */
static lua_Integer check_table(lua_State *L, bool to_write)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (to_write && luaL_getmetafield(L, 1, "__newindex") != LUA_TNIL)
        luaL_error(L, "this table is read-only");
    return (lua_Integer)lua_rawlen(L, 1);
}

/*** table.insert(t, [place,] value) */
static int lua_table_insert(lua_State *L)
{
    lua_Integer count = check_table(L, true), place = count + 1;

    if (lua_gettop(L) == 3) {
        place = luaL_checkinteger(L, 2);
        luaL_argcheck(L, place >= 1 && place <= count + 1, 2, "position out of bounds");
        for (lua_Integer i = count; i >= place; i--) {
            lua_rawgeti(L, 1, i);
            lua_rawseti(L, 1, i + 1);
        }
    } else if (lua_gettop(L) != 2) {
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_rawseti(L, 1, place);
    return 0;
}

/*** table.remove(t [, place]) -> the item */
static int lua_table_remove(lua_State *L)
{
    lua_Integer count = check_table(L, true), place = luaL_optinteger(L, 2, count);

    if (lua_gettop(L) > 1)
        luaL_argcheck(L, (place >= 1 && place <= count + 1) || (count == 0 && place == 0), 2, "position out of bounds");
    lua_rawgeti(L, 1, place);
    for (; place < count; place++) {
        lua_rawgeti(L, 1, place + 1);
        lua_rawseti(L, 1, place);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, place);
    return 1;
}

/*** table.concat(t [, separator [, from [, to]]]) -> text */
static int lua_table_concat(lua_State *L)
{
    lua_Integer count = check_table(L, false);
    size_t length;
    const char *separator = luaL_optlstring(L, 2, "", &length);
    lua_Integer from = luaL_optinteger(L, 3, 1), to = luaL_optinteger(L, 4, count);
    struct script_state *state = state_of(L);
    luaL_Buffer out;

    luaL_buffinit(L, &out);
    for (lua_Integer i = from; i <= to; i++) {
        lua_check_time(L, state);
        if (lua_rawgeti(L, 1, i) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
            return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
        luaL_addvalue(&out);
        if (i < to)
            luaL_addlstring(&out, separator, length);
        if (i == to)
            break; // the largest integer has no next
    }
    luaL_pushresult(&out);
    return 1;
}

/*** table.pack(…) -> table with n */
static int lua_table_pack(lua_State *L)
{
    int count = lua_gettop(L);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

/*** table.unpack(t [, from [, to]]) -> items, at most 10,000 */
static int lua_table_unpack(lua_State *L)
{
    lua_Integer count = check_table(L, false);
    lua_Integer from = luaL_optinteger(L, 2, 1), to = luaL_optinteger(L, 3, count);

    if (from > to)
        return 0;
    if ((lua_Unsigned)to - (lua_Unsigned)from >= UNPACK_ITEMS || !lua_checkstack(L, (int)(to - from) + 1))
        return luaL_error(L, "too many results to unpack");
    for (lua_Integer i = 0; i <= to - from; i++)
        lua_rawgeti(L, 1, from + i);
    return (int)(to - from) + 1;
}

/** Does the item at stack index `a` sort before the one at `b`? */
static bool is_less(lua_State *L, int a, int b)
{
    bool less;

    lua_check_time(L, state_of(L));
    if (lua_isnil(L, 2))
        return lua_compare(L, a, b, LUA_OPLT) != 0;
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    less = lua_toboolean(L, -1) != 0;
    lua_pop(L, 1);
    return less;
}

/** Moves the item at `root` down to its place in the heap of `count` items. */
static void tables_sink(lua_State *L, lua_Integer root, lua_Integer count)
{
    lua_rawgeti(L, 1, root); // index 3: the item
    for (lua_Integer child = root * 2; child <= count; child = root * 2) {
        lua_rawgeti(L, 1, child); // index 4: the larger child
        if (child < count) {
            lua_rawgeti(L, 1, child + 1);
            if (is_less(L, -2, -1)) {
                lua_remove(L, -2);
                child++;
            } else {
                lua_pop(L, 1);
            }
        }
        if (!is_less(L, 3, 4)) {
            lua_pop(L, 1);
            break;
        }
        lua_rawseti(L, 1, root);
        root = child;
    }
    lua_rawseti(L, 1, root);
}

/*** table.sort(t [, less]): at most 10,000 items. A heap sort: an inconsistent `less` gives some order,
 *   and no error. */
static int lua_table_sort(lua_State *L)
{
    lua_Integer count = check_table(L, true);

    if (count > SORT_ITEMS)
        return luaL_error(L, "table.sort takes at most %d items", SORT_ITEMS);
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    for (lua_Integer i = count / 2; i >= 1; i--)
        tables_sink(L, i, count);
    for (lua_Integer i = count; i >= 2; i--) {
        lua_rawgeti(L, 1, 1);
        lua_rawgeti(L, 1, i);
        lua_rawseti(L, 1, 1);
        lua_rawseti(L, 1, i);
        tables_sink(L, 1, i - 1);
    }
    return 0;
}

void lua_open_tables(lua_State *L)
{
    static const luaL_Reg functions[] = {{"insert", lua_table_insert},
                                         {"remove", lua_table_remove},
                                         {"concat", lua_table_concat},
                                         {"pack", lua_table_pack},
                                         {"unpack", lua_table_unpack},
                                         {"sort", lua_table_sort},
                                         {NULL, NULL}};
    lua_push_functions(L, functions);
}
