// core/script/lua_json.c: amp.json: JSON (RFC 8259) and Lua values, by jansson. What jansson allocates is not Lua's, so
// its size is estimated before, and a userdata owns it, as the functions here may raise.
#include "script/lua_json.h"

#include <stdlib.h>

static void holder_empty(struct json_holder *holder)
{
    json_decref(holder->root);
    free(holder->text);
    *holder = (struct json_holder){.root = NULL};
}

static int lua_holder_gc(lua_State *L)
{
    holder_empty(lua_touserdata(L, 1));
    return 0;
}

static struct json_holder *push_holder(lua_State *L)
{
    struct json_holder *holder = lua_newuserdatauv(L, sizeof *holder, 0);
    *holder = (struct json_holder){.root = NULL};
    luaL_setmetatable(L, "json holder");
    return holder;
}

int lua_json_call(lua_State *L, lua_CFunction function)
{
    lua_settop(L, 1);
    struct json_holder *holder = push_holder(L);
    lua_pushcfunction(L, function);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, 1);
    int status = lua_pcall(L, 2, LUA_MULTRET, 0);
    holder_empty(holder);
    if (status == LUA_ERRRUN && lua_type(L, -1) == LUA_TSTRING) { // say where in the script
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return status == LUA_OK ? lua_gettop(L) - 2 : lua_error(L);
}

// --- decoding -------------------------------------------------------------------------------------------------------

/** Estimates what jansson takes for the text. @param depth  set to how deep its brackets are */
static size_t estimate_text(struct span text, unsigned *depth)
{
    size_t bytes = text.length + JSON_VALUE_BYTES;
    unsigned open = 0;
    bool quoted = false;

    *depth = 0;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.bytes[i];
        if (byte == '"' || (quoted && byte == '\\')) {
            quoted = byte == '"' ? !quoted : quoted;
            i += byte == '\\';
        } else if (!quoted && (byte == '[' || byte == '{')) {
            bytes += JSON_CONTAINER_BYTES + JSON_VALUE_BYTES;
            *depth = ++open > *depth ? open : *depth;
        } else if (!quoted && (byte == ',' || byte == ':')) {
            bytes += JSON_VALUE_BYTES;
        } else if (!quoted && (byte == ']' || byte == '}')) {
            open -= open > 0;
        }
    }
    return bytes;
}

static void push_json(lua_State *L, const json_t *value);

static void push_array(lua_State *L, const json_t *array)
{
    size_t count = json_array_size(array);

    lua_createtable(L, count < INT32_MAX ? (int)count : 0, 0);
    for (size_t i = 0; i < count; i++) {
        push_json(L, json_array_get(array, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    luaL_setmetatable(L, "json array"); // so that an empty one stays an array
}

static void push_object(lua_State *L, const json_t *object)
{
    const char *key;
    json_t *value;

    lua_newtable(L);
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (json_is_null(value))
            continue;
        push_json(L, value);
        lua_pushstring(L, key);
        lua_insert(L, -2);
        lua_rawset(L, -3);
    }
}

static void push_json(lua_State *L, const json_t *value)
{
    lua_check_time(L, state_of(L));
    luaL_checkstack(L, 8, NULL);
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        push_object(L, value);
        break;
    case JSON_ARRAY:
        push_array(L, value);
        break;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        lua_pushinteger(L, json_integer_value(value));
        break;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(value));
        break;
    case JSON_NULL:
        lua_pushlightuserdata(L, NULL);
        break;
    default:
        lua_pushboolean(L, json_is_true(value));
    }
}

/** Arguments: the holder, the text. */
static int lua_decode(lua_State *L)
{
    struct json_holder *holder = lua_touserdata(L, 1);
    struct span text;
    json_error_t error;
    unsigned depth;

    text.bytes = lua_tolstring(L, 2, &text.length);
    size_t bytes = estimate_text(text, &depth);
    lua_pushnil(L);
    if (depth > JSON_DEPTH) {
        lua_pushfstring(L, "more than %d arrays and objects in each other", JSON_DEPTH);
        return 2;
    }
    if (json_is_too_large(state_of(L), bytes)) {
        lua_pushliteral(L, "larger than scripts.memory permits");
        return 2;
    }
    holder->root =
        json_loadb(text.bytes, text.length, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (holder->root == NULL) {
        lua_pushfstring(L, "line %d, column %d: %s", error.line, error.column, error.text);
        return 2;
    }
    push_json(L, holder->root);
    return 1;
}

/*** amp.json.decode(text) -> value, or nil and why the text is not JSON. An object becomes a table without the fields
 *   that are null, an array a list in which amp.json.null stands for null. Numbers without fraction and exponent are
 *   integers of 64 bits; larger ones are refused, as a text that is not UTF-8 is, or an object with a key twice. */
static int lua_json_decode(lua_State *L)
{
    luaL_checkstring(L, 1);
    return lua_json_call(L, lua_decode);
}

// --- the table ------------------------------------------------------------------------------------------------------

/*** amp.json.array(table) -> table: is encoded as an array also if it is empty. */
static int lua_json_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) {
        luaL_getmetatable(L, "json array");
        lua_getmetatable(L, 1);
        if (!lua_rawequal(L, -1, -2))
            return luaL_error(L, "cannot change a protected metatable");
    }
    lua_settop(L, 1);
    luaL_setmetatable(L, "json array");
    return 1;
}

void lua_open_json(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"decode", lua_json_decode}, {"encode", lua_json_encode}, {"array", lua_json_array}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__gc", lua_holder_gc}, {NULL, NULL}}, none[] = {{NULL, NULL}};

    json_object_seed(0);
    lua_make_metatable(L, "json holder", meta);
    lua_make_metatable(L, "json array", none);
    lua_push_functions(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_freeze(L, -1, "function of amp.json:");
    lua_remove(L, -2);
}
