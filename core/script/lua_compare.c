// core/script/lua_compare.c: m:is, m:starts, m:ends, m:contains: comparisons that create no Lua string.
#include "script/lua_message.h"
#include "script/names.h"

/** Reads the value of the header named by argument 2, and the text of argument 3. @return does the header exist? */
static bool compare_arguments(lua_State *L, struct span *value, struct span *text, bool *folded)
{
    const struct lua_message *object = lua_message_self(L, 1);
    struct span name;
    name.bytes = luaL_checklstring(L, 2, &name.length);
    text->bytes = luaL_checklstring(L, 3, &text->length);
    enum header_role role = script_role_of(name);
    *folded = role != ROLE_PLAIN;
    return script_message_find(state_of(L), object, role, name, value);
}

/** Is `text` at `at`? */
static bool compare_at(const char *at, struct span text, bool folded)
{
    return folded ? names_equal(at, text.bytes, text.length) : memcmp(at, text.bytes, text.length) == 0;
}

/*** m:is(name, text) -> boolean: is the first header `name` exactly `text`? Absent: false. Here and in the next three
 *   the case of letters matters, but not in Action, Event, ProxyAction and Server. */
int lua_message_is(lua_State *L)
{
    struct span value, text;
    bool folded;
    lua_pushboolean(L, compare_arguments(L, &value, &text, &folded) && value.length == text.length &&
                           compare_at(value.bytes, text, folded));
    return 1;
}

/*** m:starts(name, text) -> boolean: does the first header `name` begin with `text`? Absent: false. */
int lua_message_starts(lua_State *L)
{
    struct span value, text;
    bool folded;
    lua_pushboolean(L, compare_arguments(L, &value, &text, &folded) && value.length >= text.length &&
                           compare_at(value.bytes, text, folded));
    return 1;
}

/*** m:ends(name, text) -> boolean: does the first header `name` end in `text`? Absent: false. */
int lua_message_ends(lua_State *L)
{
    struct span value, text;
    bool folded;
    lua_pushboolean(L, compare_arguments(L, &value, &text, &folded) && value.length >= text.length &&
                           compare_at(value.bytes + value.length - text.length, text, folded));
    return 1;
}

/*** m:contains(name, text) -> boolean: is `text` somewhere in the first header `name`? Absent: false. */
int lua_message_contains(lua_State *L)
{
    struct span value, text;
    bool folded, found = false;
    if (compare_arguments(L, &value, &text, &folded) && !folded) {
        found = memmem(value.bytes, value.length, text.bytes, text.length) != NULL;
    } else if (folded && value.bytes != NULL) {
        for (size_t i = 0; !found && i + text.length <= value.length; i++)
            found = names_equal(value.bytes + i, text.bytes, text.length);
    }
    lua_pushboolean(L, found);
    return 1;
}
