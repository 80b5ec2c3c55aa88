// core/script/lua_set.c: amp.set and amp.names.
#include "script/lua_set.h"

#define SET_ITEMS 100000

struct lua_set {
    struct set *set;
    size_t held; // bytes of it that are counted
};

/** Pushes an empty set, which is to be filled. */
static struct lua_set *push_set(lua_State *L, bool folded)
{
    struct lua_set *object = lua_newuserdatauv(L, sizeof *object, 0);
    *object = (struct lua_set){.set = NULL};
    luaL_setmetatable(L, "set");
    object->set = set_create(folded);
    return object;
}

/** Counts the set, which is complete. Raises if scripts have too much. */
static void hold_set(lua_State *L, struct lua_set *object)
{
    size_t bytes = set_bytes(object->set);

    lua_hold(L, bytes);
    object->held = bytes;
}

/** Adds the texts of the list at `index` to a set that is on the stack, so that an error leaks nothing. */
static void add_list(lua_State *L, int index, struct set *set, const char *what)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    if (count > SET_ITEMS)
        luaL_error(L, "%s: at most %d texts", what, SET_ITEMS);
    if (count == 0) {
        lua_pushnil(L);
        if (lua_next(L, index) != 0)
            luaL_error(L, "%s: expected a list of texts, not a table with names", what);
    }
    for (lua_Integer i = 1; i <= count; i++) {
        struct span text;
        lua_rawgeti(L, index, i);
        if (!lua_isstring(L, -1))
            luaL_error(L, "%s: expected a list of texts; item %I is a %s", what, (LUAI_UACINT)i, luaL_typename(L, -1));
        text.bytes = lua_tolstring(L, -1, &text.length);
        set_add(set, text);
        lua_pop(L, 1);
    }
}

struct set *lua_to_set(lua_State *L, int index, const char *what)
{
    index = lua_absindex(L, index);
    struct lua_set *object = luaL_testudata(L, index, "set");
    if (object != NULL)
        return set_ref(object->set);
    if (lua_type(L, index) != LUA_TTABLE && lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "%s: expected a list of texts, not a %s", what, luaL_typename(L, index));
    struct set *set = push_set(L, false)->set;
    if (lua_istable(L, index)) {
        add_list(L, index, set, what);
    } else {
        struct span text;
        text.bytes = lua_tolstring(L, index, &text.length);
        set_add(set, text);
    }
    set_ref(set);
    lua_pop(L, 1);
    return set;
}

/*** amp.set(list) -> set: set[text] is true or false; #set; usable in `where`. */
int lua_amp_set(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    struct lua_set *object = push_set(L, false);
    add_list(L, 1, object->set, "amp.set");
    hold_set(L, object);
    return 1;
}

/*** amp.names(list) -> set: the same without regard to case, for what Asterisk compares so: names of actions, events,
 *   headers, applications, technologies, servers. */
int lua_amp_names(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    struct lua_set *object = push_set(L, true);
    add_list(L, 1, object->set, "amp.names");
    hold_set(L, object);
    return 1;
}

static int lua_set_index(lua_State *L)
{
    const struct lua_set *object = lua_touserdata(L, 1);
    struct span text;
    if (!lua_isstring(L, 2)) {
        lua_pushboolean(L, 0);
        return 1;
    }
    text.bytes = lua_tolstring(L, 2, &text.length);
    lua_pushboolean(L, set_has(object->set, text));
    return 1;
}

static int lua_set_newindex(lua_State *L)
{
    return luaL_error(L, "a set cannot be changed");
}

static int lua_set_length(lua_State *L)
{
    const struct lua_set *object = luaL_checkudata(L, 1, "set");
    lua_pushinteger(L, object->set->count);
    return 1;
}

static int lua_set_gc(lua_State *L)
{
    struct lua_set *object = lua_touserdata(L, 1);
    script_release(state_of(L), object->held);
    set_unref(object->set);
    *object = (struct lua_set){.set = NULL};
    return 0;
}

void lua_open_sets(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__index", lua_set_index},
                                    {"__newindex", lua_set_newindex},
                                    {"__len", lua_set_length},
                                    {"__gc", lua_set_gc},
                                    {NULL, NULL}};
    lua_make_metatable(L, "set", meta);
}
