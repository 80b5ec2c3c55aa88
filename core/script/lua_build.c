// core/script/lua_build.c: makes a message from a table that a script wrote: for amp.call, replies and session:send.
#include "script/lua_message.h"

#include <stdlib.h>

#define KEYED 128 // most headers with a key

/** A header with a key. */
struct keyed {
    struct span name;
    bool done;
};

static struct span text_at(lua_State *L, int index, const char *what)
{
    struct span text;
    if (lua_type(L, index) == LUA_TBOOLEAN)
        return span_of(lua_toboolean(L, index) ? "true" : "false");
    if (!lua_isstring(L, index))
        LUA_RAISE(L, "%s is a text, a number or a boolean, not a %s", what, luaL_typename(L, index));
    text.bytes = lua_tolstring(L, index, &text.length);
    return text;
}

static void build_add(lua_State *L, struct edit *edit, struct span name, struct span value)
{
    enum edit_result result = edit_add(edit, name, value);
    if (result != EDIT_OK)
        luaL_error(L, "header '%s': %s", lua_pushlstring(L, name.bytes, name.length), edit_text(result));
}

/** One entry of the list part, on top of the stack: "Name: value", { name, value } or { line = text }. */
static void add_entry(lua_State *L, struct edit *edit)
{
    struct span name, value;
    if (lua_istable(L, -1)) {
        if (lua_getfield(L, -1, "line") != LUA_TNIL) {
            enum edit_result result = edit_add_line(edit, text_at(L, -1, "a line"));
            if (result != EDIT_OK)
                luaL_error(L, "line: %s", edit_text(result));
            lua_pop(L, 1);
            return;
        }
        lua_rawgeti(L, -2, 1);
        lua_rawgeti(L, -3, 2);
        name = text_at(L, -2, "a header's name");
        value = text_at(L, -1, "a header's value");
        build_add(L, edit, name, value);
        lua_pop(L, 3);
        return;
    }
    struct span line = text_at(L, -1, "a header");
    const char *colon = memchr(line.bytes, ':', line.length);
    if (colon == NULL)
        LUA_RAISE(L, "a header is written \"Name: value\" or {\"Name\", value}; found \"%s\"", line.bytes);
    name = (struct span){line.bytes, (size_t)(colon - line.bytes)};
    value = (struct span){colon + 1, line.length - name.length - 1};
    if (value.length > 0 && value.bytes[0] == ' ')
        value = (struct span){value.bytes + 1, value.length - 1};
    build_add(L, edit, name, value);
}

static int by_name(const void *a, const void *b)
{
    const struct keyed *left = a, *right = b;
    size_t shorter = left->name.length < right->name.length ? left->name.length : right->name.length;
    int order = memcmp(left->name.bytes, right->name.bytes, shorter);
    if (order == 0)
        order = left->name.length < right->name.length ? -1 : 1;
    return order;
}

/** Adds a header for the value on top; a list gives several headers. */
static void add_value(lua_State *L, struct edit *edit, struct span name)
{
    if (!lua_istable(L, -1)) {
        build_add(L, edit, name, text_at(L, -1, "a header's value"));
        return;
    }
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        build_add(L, edit, name, text_at(L, -1, "a header's value"));
        lua_pop(L, 1);
    }
}

/** Collects and sorts the names of the table. Raises if two differ only in case. @return how many */
static int build_collect(lua_State *L, int index, struct keyed *keyed)
{
    int count = 0;

    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        if (lua_type(L, -2) == LUA_TSTRING) {
            if (count == KEYED)
                luaL_error(L, "at most %d headers by key", KEYED);
            keyed[count].name.bytes = lua_tolstring(L, -2, &keyed[count].name.length); // alive in the table
            count++;
        } else if (!lua_isinteger(L, -2)) {
            luaL_error(L, "a header's name is a text, not a %s", luaL_typename(L, -2));
        }
        lua_pop(L, 1);
    }
    qsort(keyed, (size_t)count, sizeof *keyed, by_name);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < i; k++)
            if (span_equals_nocase(keyed[i].name, keyed[k].name))
                luaL_error(L, "header '%s' is given twice, also as '%s': a list of values gives a header several times",
                           keyed[i].name.bytes, keyed[k].name.bytes);
    return count;
}

static void add_keyed(lua_State *L, int index, struct edit *edit, struct keyed *keyed)
{
    lua_pushlstring(L, keyed->name.bytes, keyed->name.length);
    lua_rawget(L, index);
    add_value(L, edit, keyed->name);
    lua_pop(L, 1);
    keyed->done = true;
}

/** Adds the ActionID, which follows the first header. */
static void add_action_id(lua_State *L, struct edit *edit, struct span *action_id)
{
    if (edit->count == 0 || action_id->length == 0)
        return;
    build_add(L, edit, span_of("ActionID"), *action_id);
    action_id->length = 0;
}

/** Fills `object`'s edit; raises on bad headers, and the object then frees it. */
static void build_fill(lua_State *L, int index, struct edit *edit, const char *const *first, struct span action_id)
{
    struct keyed keyed[KEYED] = {{.done = false}};
    int keys = build_collect(L, index, keyed);

    for (; *first != NULL; first++) {
        for (int k = 0; k < keys; k++)
            if (span_is(keyed[k].name, *first))
                add_keyed(L, index, edit, &keyed[k]);
        add_action_id(L, edit, &action_id);
    }
    lua_Integer count = (lua_Integer)lua_rawlen(L, index);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, index, i);
        add_entry(L, edit);
        lua_pop(L, 1);
        if (edit->count == 1)
            add_action_id(L, edit, &action_id);
    }
    for (int k = 0; k < keys; k++)
        if (!keyed[k].done)
            add_keyed(L, index, edit, &keyed[k]);
}

struct message *lua_to_message(lua_State *L, int index, const char *const *first, struct span action_id)
{
    index = lua_absindex(L, index);
    luaL_checktype(L, index, LUA_TTABLE);
    luaL_checkstack(L, 12, NULL);
    struct lua_message *object = lua_push_message(L, NULL, false); // owns the edit if something raises
    object->edit = edit_create(NULL);
    build_fill(L, index, object->edit, first, action_id);
    struct message *message = edit_build(object->edit);
    edit_destroy(object->edit);
    object->edit = NULL;
    lua_pop(L, 1);
    return message;
}
