// core/script/lua_json_encode.c: amp.json.encode. See lua_json.h.
#include "script/lua_json.h"

#include "base/utf8.h"

#include <math.h>

static void charge_holder(lua_State *L, struct json_holder *holder, size_t bytes)
{
    holder->bytes += bytes;
    if (json_is_too_large(state_of(L), holder->bytes))
        luaL_error(L, "amp.json.encode: larger than scripts.memory permits");
}

/** Replaces the text on top by one in which U+FFFD stands for bytes that are no UTF-8. */
static void repair_text(lua_State *L)
{
    luaL_Buffer buffer;
    struct span text;

    text.bytes = lua_tolstring(L, -1, &text.length);
    luaL_buffinit(L, &buffer);
    while (text.length > 0) {
        size_t length = utf8_length(text);
        luaL_addlstring(&buffer, length > 0 ? text.bytes : UTF8_REPLACEMENT, length > 0 ? length : 3);
        length += length == 0;
        text = (struct span){text.bytes + length, text.length - length};
    }
    luaL_pushresult(&buffer);
    lua_remove(L, -2);
}

static bool is_utf8(lua_State *L, int index)
{
    struct span text;

    text.bytes = lua_tolstring(L, index, &text.length);
    while (text.length > 0) {
        size_t length = utf8_length(text);
        if (length == 0)
            return false;
        text = (struct span){text.bytes + length, text.length - length};
    }
    return true;
}

/** Returns the text on top of the stack as JSON. */
static json_t *text_to_json(lua_State *L, struct json_holder *holder)
{
    size_t length;

    if (!is_utf8(L, -1))
        repair_text(L);
    const char *text = lua_tolstring(L, -1, &length);
    charge_holder(L, holder, length);
    return json_stringn_nocheck(text, length);
}

static json_t *number_to_json(lua_State *L)
{
    lua_Number number = lua_tonumber(L, -1);

    if (lua_isinteger(L, -1))
        return json_integer(lua_tointeger(L, -1));
    if (!isfinite(number))
        luaL_error(L, "amp.json.encode: JSON has no number that is infinite or none");
    return json_real(number);
}

/** Is the table on top a list? An empty one is, if it comes from an array or from amp.json.array. */
static bool is_list(lua_State *L)
{
    size_t count = lua_rawlen(L, -1), names = 0, numbers = 0;

    if (lua_getmetatable(L, -1) != 0) {
        luaL_getmetatable(L, "json array");
        bool marked = lua_rawequal(L, -1, -2) != 0;
        lua_pop(L, 2);
        if (marked)
            return true;
    }
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) {
        lua_check_time(L, state_of(L));
        if (lua_isinteger(L, -2) && lua_tointeger(L, -2) >= 1 && (size_t)lua_tointeger(L, -2) <= count)
            numbers++;
        else if (lua_type(L, -2) == LUA_TSTRING)
            names++;
        else
            luaL_error(L, "amp.json.encode: a key is a text, or the keys are 1, 2, 3 …; found %s",
                       luaL_tolstring(L, -2, NULL));
    }
    if ((names > 0 && numbers > 0) || numbers < (names > 0 ? 0 : count))
        luaL_error(L, "amp.json.encode: a table has either texts as keys or 1, 2, 3 …");
    return numbers > 0;
}

static json_t *value_to_json(lua_State *L, struct json_holder *holder);
static void fill_json(lua_State *L, struct json_holder *holder, json_t *parent, int depth);

/** Puts the value on top of the stack into the array or object `parent`, which owns it from then on. */
static void add_json(lua_State *L, struct json_holder *holder, json_t *parent, const char *key, int depth)
{
    json_t *child = value_to_json(L, holder);

    if ((key == NULL ? json_array_append_new(parent, child) : json_object_set_new_nocheck(parent, key, child)) != 0)
        luaL_error(L, "amp.json.encode: no memory");
    if (lua_istable(L, -1))
        fill_json(L, holder, child, depth + 1);
}

/** Fills the array or object `parent` from the table on top of the stack. */
static void fill_json(lua_State *L, struct json_holder *holder, json_t *parent, int depth)
{
    int top = lua_gettop(L);
    size_t count = lua_rawlen(L, -1), length;

    if (depth > JSON_DEPTH)
        luaL_error(L, "amp.json.encode: more than %d tables in each other", JSON_DEPTH);
    luaL_checkstack(L, 12, NULL);
    for (size_t i = 1; json_is_array(parent) && i <= count; i++) {
        lua_rawgeti(L, top, (lua_Integer)i);
        add_json(L, holder, parent, NULL, depth);
        lua_settop(L, top);
    }
    lua_pushnil(L);
    while (json_is_object(parent) && lua_next(L, top) != 0) { // top + 1: key, top + 2: value
        lua_pushvalue(L, top + 1);
        if (!is_utf8(L, -1))
            repair_text(L);
        lua_insert(L, top + 2);
        const char *key = lua_tolstring(L, top + 2, &length);
        if (strlen(key) != length)
            luaL_error(L, "amp.json.encode: a key has no NUL");
        charge_holder(L, holder, length);
        add_json(L, holder, parent, key, depth);
        lua_settop(L, top + 1);
    }
    lua_settop(L, top);
}

/** Returns the value on top as JSON; a table as an empty array or object. The result is nobody's: nothing may raise
 *  before it has an owner. */
static json_t *value_to_json(lua_State *L, struct json_holder *holder)
{
    json_t *made = NULL;

    lua_check_time(L, state_of(L));
    charge_holder(L, holder, JSON_VALUE_BYTES + (lua_istable(L, -1) ? JSON_CONTAINER_BYTES : 0));
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        made = text_to_json(L, holder);
        break;
    case LUA_TNUMBER:
        made = number_to_json(L);
        break;
    case LUA_TBOOLEAN:
        made = json_boolean(lua_toboolean(L, -1));
        break;
    case LUA_TTABLE:
        made = is_list(L) ? json_array() : json_object();
        break;
    case LUA_TLIGHTUSERDATA:
        made = lua_touserdata(L, -1) == NULL ? json_null() : NULL;
        break;
    default:
        break;
    }
    if (made == NULL)
        luaL_error(L, "amp.json.encode: expected a text, number, boolean, table or amp.json.null, not a %s",
                   luaL_typename(L, -1));
    return made;
}

/** Arguments: the holder, the value. */
static int lua_encode(lua_State *L)
{
    struct json_holder *holder = lua_touserdata(L, 1);

    holder->root = value_to_json(L, holder);
    lua_settop(L, 2);
    if (lua_istable(L, 2))
        fill_json(L, holder, holder->root, 1);
    holder->text = json_dumps(holder->root, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
    if (holder->text == NULL)
        return luaL_error(L, "amp.json.encode: no memory");
    lua_pushstring(L, holder->text);
    return 1;
}

/*** amp.json.encode(value) -> text in one line, with the names of objects sorted. A table with the keys 1, 2, 3 … is an
 *   array; one with texts as keys, or without keys, an object. Bytes that are not UTF-8 become U+FFFD. */
int lua_json_encode(lua_State *L)
{
    luaL_checkany(L, 1);
    return lua_json_call(L, lua_encode);
}
