// core/script/lua_message.c: m.Name, m:starts(…) and the rest of what a script does with a message.
#include "script/lua_message.h"

#include "base/memory.h"
#include "script/call_tables.h"
#include "script/canonical.h"
#include "script/names.h"

#include <stdlib.h>

#define KEYS 512 // power of two

/** What a key means. It is found by the address of the key, an interned Lua string, which the registry keeps alive. */
struct key {
    const char *bytes; // address of the string; NULL: the slot is free
    size_t length;
    bool is_method, is_field; // a field is `kind` or `call`
    enum header_role role;
};
struct key_cache {
    uint32_t count;
    struct key slots[KEYS];
};

struct lua_message *lua_message_self(lua_State *L, int index)
{
    struct lua_message *object = luaL_testudata(L, index, "message");
    if (object == NULL) {
        luaL_typeerror(L, index, "message");
        __builtin_unreachable();
    }
    if (object->message == NULL)
        LUA_RAISE(L, "message is no longer valid: it was kept after its callback");
    return object;
}

/** Is this header a secret that the script must not see? Hooks never see a Login, but AddServer contains a secret, and
 *  any action may have a ProxyKey. */
static bool is_hidden(const struct lua_message *object, struct span name)
{
    return object->guarded && ((name.length == 6 && span_is(name, "Secret")) || span_is(name, "ProxyKey"));
}

static uint32_t header_count(const struct lua_message *object)
{
    return object->edit != NULL ? object->edit->count : object->message->header_count;
}

static void header_at(const struct lua_message *object, uint32_t index, struct span *name, struct span *value)
{
    if (object->edit != NULL)
        edit_header(object->edit, index, name, value);
    else
        message_header(object->message, index, name, value);
}

/** Gets the value of a header with a role, in canonical spelling. */
static bool find_name(const struct script_state *state, const struct lua_message *object, enum header_role role,
                      struct span name, struct span *value)
{
    const struct message *message = object->message;
    if (role == ROLE_EVENT && object->edit == NULL && message == state->current && state->current_event != UINT32_MAX) {
        *value = state->current_spelling != NULL ? span_of(state->current_spelling) : message_name(message);
        return true;
    }
    return script_find_name(state, message, object->edit, role, name, value);
}

bool script_message_find(const struct script_state *state, const struct lua_message *object, enum header_role role,
                         struct span name, struct span *value)
{
    if (__builtin_expect(object->guarded, 0) && is_hidden(object, name))
        return false;
    if (__builtin_expect(role != ROLE_PLAIN, 0))
        return find_name(state, object, role, name, value);
    if (object->edit == NULL)
        return name.length > 0 && names_find(object->message, name.bytes, name.length, value);
    return edit_find(object->edit, name, value);
}

static int push_header(lua_State *L, const struct lua_message *object, enum header_role role, struct span name)
{
    struct span value;
    if (script_message_find(state_of(L), object, role, name, &value))
        lua_pushlstring(L, value.bytes, value.length);
    else
        lua_pushnil(L);
    return 1;
}

/** Pushes m.kind or m.call. */
static int push_field(lua_State *L, const struct message *message, const char *name)
{
    static const char *const kinds[] = {"other", "action", "response", "event"};

    if (name[0] == 'c')
        lua_push_call(L, message);
    else
        lua_pushstring(L, kinds[message->kind]);
    return 1;
}

/** Finds out what the string at index 2 means, and remembers it. Upvalue 1: the table of methods. */
static const struct key *learn_key(lua_State *L, struct key_cache *keys, const char *bytes, size_t length,
                                   struct key *scratch)
{
    struct key *key = &keys->slots[((uintptr_t)bytes >> 4) & (KEYS - 1)];
    bool kept = key->bytes == NULL && keys->count < KEYS / 2 && length <= 40; // Lua does not intern longer ones

    lua_pushvalue(L, 2);
    bool is_method = lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL;
    lua_pop(L, 1);
    if (kept) {
        lua_pushvalue(L, 2);
        lua_pushboolean(L, 1);
        lua_rawset(L, lua_upvalueindex(2));
        keys->count++;
    } else {
        key = scratch;
    }
    *key = (struct key){.bytes = bytes,
                        .length = length,
                        .is_method = is_method,
                        .is_field = strcmp(bytes, "kind") == 0 || strcmp(bytes, "call") == 0,
                        .role = script_role_of((struct span){bytes, length})};
    return key;
}

/*** m.Name -> text or nil: the first header of that name, without regard to case. m.kind: "event", "response",
 *   "action", "other". m.call: this filter's table for the message's call, or nil. Names that look like methods (`is`,
 * `get` …): m:get(name). */
static int lua_message_index(lua_State *L)
{
    const struct lua_message *object = lua_touserdata(L, 1); // scripts cannot reach the metatable: no check is needed
    struct key_cache *keys = lua_touserdata(L, lua_upvalueindex(3));
    struct key scratch;
    size_t length;

    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "a header's name is a text, not a %s", luaL_typename(L, 2));
    const char *bytes = lua_tolstring(L, 2, &length);
    const struct key *key = &keys->slots[((uintptr_t)bytes >> 4) & (KEYS - 1)];
    if (__builtin_expect(key->bytes != bytes, 0))
        key = learn_key(L, keys, bytes, length, &scratch);
    if (key->is_method) {
        lua_rawget(L, lua_upvalueindex(1));
        return 1;
    }
    if (object->message == NULL)
        return luaL_error(L, "message is no longer valid: it was kept after its callback");
    if (key->is_field)
        return push_field(L, object->message, bytes);
    return push_header(L, object, key->role, (struct span){bytes, key->length});
}

static void check_edit(lua_State *L, enum edit_result result)
{
    if (result != EDIT_OK)
        luaL_error(L, "%s", edit_text(result));
}

static struct span check_value(lua_State *L, int index)
{
    struct span value;
    if (lua_type(L, index) == LUA_TBOOLEAN)
        return span_of(lua_toboolean(L, index) ? "true" : "false");
    if (!lua_isstring(L, index))
        luaL_error(L, "a header's value is a text, a number or a boolean, not a %s", luaL_typename(L, index));
    value.bytes = lua_tolstring(L, index, &value.length);
    return value;
}

/** m.Name = { a, b }: these and no others. */
static void set_all(lua_State *L, struct edit *edit, struct span name)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, 3);
    if (count == 0)
        luaL_error(L, "an empty list of values; nil takes a header out");
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 3, i);
        struct span value = check_value(L, -1);
        if (i == 1) {
            check_edit(L, edit_set(edit, name, value));
            check_edit(L, edit_remove(edit, name, 1));
        } else {
            check_edit(L, edit_add(edit, name, value));
        }
        lua_pop(L, 1);
    }
}

/*** m.Name = value: replaces the first header of that name, or appends one. nil takes all of that name out; a list
 *   replaces all. The first write makes a private copy. */
static int lua_message_newindex(lua_State *L)
{
    struct lua_message *object = lua_touserdata(L, 1);
    struct span name;

    if (object->message == NULL)
        return luaL_error(L, "message is no longer valid: it was kept after its callback");
    if (!object->writable)
        return luaL_error(L, "this message cannot be changed");
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "a header's name is a text, not a %s", luaL_typename(L, 2));
    name.bytes = lua_tolstring(L, 2, &name.length);
    if (span_is(name, "ActionID") || span_is(name, "kind") || span_equals(name, span_of("call")))
        return luaL_error(L, "%s cannot be changed", name.bytes);
    if (is_hidden(object, name))
        return luaL_error(L, "%s is secret: it cannot be changed here", name.bytes);
    if (object->edit == NULL)
        object->edit = edit_create(object->message);
    if (lua_isnil(L, 3))
        check_edit(L, edit_remove(object->edit, name, 0));
    else if (lua_istable(L, 3))
        set_all(L, object->edit, name);
    else
        check_edit(L, edit_set(object->edit, name, check_value(L, 3)));
    return 0;
}

/*** m:get(name) -> text or nil: as m.Name, for any name. */
static int lua_message_get(lua_State *L)
{
    struct span name;
    const struct lua_message *object = lua_message_self(L, 1);
    name.bytes = luaL_checklstring(L, 2, &name.length);
    return push_header(L, object, script_role_of(name), name);
}

/*** m:all(name) -> list of texts: every header of that name, in order. */
static int lua_message_all(lua_State *L)
{
    const struct lua_message *object = lua_message_self(L, 1);
    struct span wanted, name, value;
    lua_Integer count = 0;

    wanted.bytes = luaL_checklstring(L, 2, &wanted.length);
    enum header_role role = script_role_of(wanted);
    lua_newtable(L);
    for (uint32_t i = 0; i < header_count(object); i++) {
        header_at(object, i, &name, &value);
        if (!span_equals_nocase(name, wanted) || is_hidden(object, name))
            continue;
        value = script_canonical(state_of(L), role, value);
        lua_pushlstring(L, value.bytes, value.length);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

static int lua_message_next(lua_State *L)
{
    const struct lua_message *object = lua_message_self(L, lua_upvalueindex(1));
    uint32_t index = (uint32_t)lua_tointeger(L, lua_upvalueindex(2));
    struct span name, value;

    do { // skips hidden headers
        if (index >= header_count(object))
            return 0;
        header_at(object, index++, &name, &value);
    } while (is_hidden(object, name));
    lua_pushinteger(L, index);
    lua_replace(L, lua_upvalueindex(2));
    value = script_canonical(state_of(L), script_role_of(name), value);
    lua_pushlstring(L, name.bytes, name.length);
    lua_pushlstring(L, value.bytes, value.length);
    return 2;
}

/*** for name, value in pairs(m): every header in order; a line that is none has the name "". */
static int lua_message_pairs(lua_State *L)
{
    (void)lua_message_self(L, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, lua_message_next, 2);
    return 1;
}

/** Pushes the headers that the script may see, one per line. */
static void push_shown(lua_State *L, const struct lua_message *object)
{
    luaL_Buffer buffer;
    struct span name, value;

    luaL_buffinit(L, &buffer);
    for (uint32_t i = 0; i < header_count(object); i++) {
        header_at(object, i, &name, &value);
        if (is_hidden(object, name))
            continue;
        luaL_addlstring(&buffer, name.bytes, name.length);
        if (name.length > 0)
            luaL_addstring(&buffer, ": ");
        luaL_addlstring(&buffer, value.bytes, value.length);
        luaL_addstring(&buffer, "\r\n");
    }
    luaL_addstring(&buffer, "\r\n");
    luaL_pushresult(&buffer);
}

static int lua_message_tostring(lua_State *L)
{
    const struct lua_message *object = luaL_checkudata(L, 1, "message");
    if (object->message == NULL)
        lua_pushliteral(L, "message that is no longer valid");
    else if (object->guarded)
        push_shown(L, object);
    else
        lua_pushlstring(L, message_wire(object->message).bytes, message_wire(object->message).length);
    return 1;
}

void script_message_drop(struct lua_message *object)
{
    edit_destroy(object->edit);
    if (object->owned)
        message_unref(object->message);
    *object = (struct lua_message){.message = NULL};
}

struct message *script_message_close(struct lua_message *object)
{
    struct message *changed = NULL;
    if (object->edit != NULL && object->message != NULL)
        changed = edit_build(object->edit);
    script_message_drop(object);
    return changed;
}

static int lua_message_gc(lua_State *L)
{
    struct lua_message *object = lua_touserdata(L, 1);

    script_release(state_of(L), object->held);
    script_message_drop(object);
    return 0;
}

struct lua_message *lua_push_message(lua_State *L, struct message *message, bool writable)
{
    struct lua_message *object = lua_newuserdatauv(L, sizeof *object, 0);
    *object = (struct lua_message){.writable = writable, .owned = true};
    luaL_setmetatable(L, "message");
    object->message = message == NULL ? NULL : message_ref(message);
    return object;
}

struct message *lua_check_message(lua_State *L, int index)
{
    const struct lua_message *object = lua_message_self(L, index);
    return object->edit != NULL ? edit_build(object->edit) : message_ref(object->message);
}

static int lua_make_reused(lua_State *L)
{
    struct script_state *state = lua_touserdata(L, 1);
    state->reused = lua_push_message(L, NULL, true);
    state->reused->owned = false;
    state->reused_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

bool script_message_make_reused(struct script_state *state, struct error *err)
{
    return script_protect(state, lua_make_reused, state, err);
}

void lua_open_messages(lua_State *L)
{
    static const luaL_Reg methods[] = {{"get", lua_message_get},   {"all", lua_message_all},
                                       {"is", lua_message_is},     {"starts", lua_message_starts},
                                       {"ends", lua_message_ends}, {"contains", lua_message_contains},
                                       {"copy", lua_message_copy}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__newindex", lua_message_newindex},
                                    {"__pairs", lua_message_pairs},
                                    {"__gc", lua_message_gc},
                                    {"__tostring", lua_message_tostring},
                                    {NULL, NULL}};
    struct script_state *state = state_of(L);

    state->keys = memory_zero(1, sizeof *state->keys);
    lua_make_metatable(L, "message", meta);
    luaL_getmetatable(L, "message");
    lua_push_functions(L, methods);
    lua_newtable(L); // anchors of the keys
    lua_pushlightuserdata(L, state->keys);
    lua_pushcclosure(L, lua_message_index, 3);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
