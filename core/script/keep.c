// core/script/keep.c: what filters keep over a reload, with their tables of m.call. `save` of the old filter returns
// plain data; `restore` of the new one is called with a copy. The data is kept as bytes, because the two filters live
// in different Lua states.
#include "script/filter.h"

#include "base/memory.h"
#include "script/call_tables.h"

#include <stdlib.h>

#define KEPT_BYTES ((size_t)1024 * 1024) // of one filter
#define KEPT_DEPTH 16

struct kept {
    const struct script_filter *filter;
    char *bytes;
    size_t length, capacity, at; // `at`: the position of the reader
};

// --- writing: a letter for the type, then the value ------------------------------------------------------------------

static void kept_put(lua_State *L, struct kept *kept, const void *bytes, size_t length)
{
    if (length > KEPT_BYTES - kept->length)
        luaL_error(L, "expected at most 1 MiB of data");
    if (kept->capacity - kept->length < length) {
        kept->capacity = 2 * kept->capacity + length + 256;
        kept->bytes = memory_grow(kept->bytes, kept->capacity);
    }
    if (length > 0)
        memcpy(kept->bytes + kept->length, bytes, length);
    kept->length += length;
}

static void put_text(lua_State *L, struct kept *kept, int index)
{
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    kept_put(L, kept, "s", 1);
    kept_put(L, kept, &length, sizeof length);
    kept_put(L, kept, text, length);
}

static void put_number(lua_State *L, struct kept *kept, int index)
{
    lua_Integer integer = lua_tointeger(L, index);
    lua_Number number = lua_tonumber(L, index);
    if (lua_isinteger(L, index)) {
        kept_put(L, kept, "i", 1);
        kept_put(L, kept, &integer, sizeof integer);
    } else {
        kept_put(L, kept, "d", 1);
        kept_put(L, kept, &number, sizeof number);
    }
}

static void put_value(lua_State *L, struct kept *kept, int index, int depth);

static void put_table(lua_State *L, struct kept *kept, int index, int depth)
{
    if (depth >= KEPT_DEPTH)
        luaL_error(L, "expected tables in tables %d deep at most", KEPT_DEPTH);
    luaL_checkstack(L, 8, NULL);
    kept_put(L, kept, "{", 1);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        put_value(L, kept, lua_gettop(L) - 1, depth + 1);
        put_value(L, kept, lua_gettop(L), depth + 1);
        lua_pop(L, 1);
    }
    kept_put(L, kept, "}", 1);
}

static void put_value(lua_State *L, struct kept *kept, int index, int depth)
{
    lua_check_time(L, state_of(L));
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        kept_put(L, kept, lua_toboolean(L, index) ? "t" : "f", 1);
        break;
    case LUA_TNUMBER:
        put_number(L, kept, index);
        break;
    case LUA_TSTRING:
        put_text(L, kept, index);
        break;
    case LUA_TTABLE:
        put_table(L, kept, index, depth);
        break;
    default:
        luaL_error(L, "expected texts, numbers, booleans and tables of these, not a %s", luaL_typename(L, index));
    }
}

/** Runs `save`. No result, or nil, keeps nothing. */
static int lua_save(lua_State *L)
{
    struct kept *kept = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, kept->filter->save);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1))
        return 0;
    if (!lua_istable(L, -1))
        luaL_error(L, "expected a table, not a %s", luaL_typename(L, -1));
    put_value(L, kept, lua_gettop(L), 0);
    return 0;
}

// --- reading ---------------------------------------------------------------------------------------------------------

static void kept_get(struct kept *kept, void *to, size_t length)
{
    memcpy(to, kept->bytes + kept->at, length);
    kept->at += length;
}

static void push_kept(lua_State *L, struct kept *kept);

static void push_table(lua_State *L, struct kept *kept)
{
    luaL_checkstack(L, 8, NULL);
    lua_newtable(L);
    while (kept->bytes[kept->at] != '}') {
        push_kept(L, kept);
        push_kept(L, kept);
        lua_rawset(L, -3);
    }
    kept->at++;
}

static void push_kept(lua_State *L, struct kept *kept)
{
    char type;
    size_t length;
    lua_Integer integer;
    lua_Number number;

    kept_get(kept, &type, 1);
    switch (type) {
    case 's':
        kept_get(kept, &length, sizeof length);
        lua_pushlstring(L, kept->bytes + kept->at, length);
        kept->at += length;
        break;
    case 'i':
        kept_get(kept, &integer, sizeof integer);
        lua_pushinteger(L, integer);
        break;
    case 'd':
        kept_get(kept, &number, sizeof number);
        lua_pushnumber(L, number);
        break;
    case '{':
        push_table(L, kept);
        break;
    default:
        lua_pushboolean(L, type == 't');
    }
}

static int lua_restore(lua_State *L)
{
    struct kept *kept = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, kept->filter->restore);
    push_kept(L, kept);
    lua_call(L, 1, 0);
    return 0;
}

// --- both ------------------------------------------------------------------------------------------------------------

/** Runs `function` for a filter. @return false: it failed, which is logged */
static bool keep_run(struct script_filter *filter, lua_CFunction function, struct kept *kept, const char *what)
{
    struct script_state *state = filter->state;
    struct owner before = state->main.owner;
    struct error err;

    kept->filter = filter;
    state->main.owner = (struct owner){filter->file, filter};
    bool well = script_protect(state, function, kept, &err);
    state->main.owner = before;
    if (!well)
        script_filter_failed(filter, what, err.text);
    return well;
}

static bool has_same_user(const struct script_filter *a, const struct script_filter *b)
{
    return a->user == NULL || b->user == NULL ? a->user == b->user : strcmp(a->user, b->user) == 0;
}

/** Finds, among the old filters from `first` to `end`, the one with the same file, user and options; else the one with
 *  the same file and user at the same place among these. NULL: there is none. @param saves  it must have `save` */
static struct script_filter *find_between(struct script_filter *first, const struct script_filter *end,
                                          const struct script_filter *filter, bool saves)
{
    struct script_filter *at_place = NULL;

    for (struct script_filter *old = first; old != end; old = old->next) {
        if (!has_same_user(old, filter)) {
            if (at_place != NULL && old->user != NULL)
                break; // a user's filters follow each other
            continue;
        }
        if ((saves && old->save == LUA_NOREF) || strcmp(old->file->name, filter->file->name) != 0)
            continue;
        if (strcmp(old->options, filter->options) == 0)
            return old;
        if (old->user != NULL && old->place == filter->place)
            at_place = old;
    }
    return at_place;
}

/** Writes the tables of a filter to `kept`. */
static int lua_save_calls(lua_State *L)
{
    struct kept *kept = lua_touserdata(L, 1);

    script_call_tables_push(state_of(L), kept->filter);
    if (lua_istable(L, -1))
        put_value(L, kept, lua_gettop(L), 0);
    return 0;
}

static int lua_restore_calls(lua_State *L)
{
    struct kept *kept = lua_touserdata(L, 1);

    push_kept(L, kept);
    lua_call_tables_set(L, kept->filter);
    return 0;
}

static int lua_move_calls(lua_State *L)
{
    lua_call_tables_move(L, lua_touserdata(L, 1));
    return 0;
}

/** Passes the tables of m.call on, so that filters know the calls that are up. */
static void hand_over_calls(struct script_state *from, struct script_state *to)
{
    struct script_filter *near = from->filters;
    size_t count = 0, at = 0;
    struct error err;

    if (from->call_tables == NULL || to->call_tables != NULL)
        return;
    for (const struct script_filter *filter = to->filters; filter != NULL; filter = filter->next)
        count++;
    struct kept *kept = memory_zero(count + 1, sizeof *kept);
    for (struct script_filter *filter = to->filters; filter != NULL; filter = filter->next, at++) {
        struct script_filter *old = find_between(near, NULL, filter, false);
        if (old == NULL)
            old = find_between(from->filters, near, filter, false);
        if (old == NULL)
            continue;
        near = old;
        if (!keep_run(old, lua_save_calls, &kept[at], "m.call"))
            kept[at].length = 0;
    }
    bool moved = script_protect(to, lua_move_calls, from, &err);
    at = 0;
    for (struct script_filter *filter = to->filters; filter != NULL; filter = filter->next, at++) {
        if (moved && kept[at].length > 0)
            (void)keep_run(filter, lua_restore_calls, &kept[at], "m.call");
        free(kept[at].bytes);
    }
    free(kept);
}

void script_state_hand_over(struct script_state *from, struct script_state *to)
{
    struct script_filter *near = from->filters; // both lists are in the order of their configurations

    for (struct script_filter *filter = to->filters; filter != NULL; filter = filter->next) {
        struct kept kept = {.bytes = NULL};
        struct script_filter *old = NULL;
        if (filter->restore != LUA_NOREF) {
            old = find_between(near, NULL, filter, true);
            if (old == NULL)
                old = find_between(from->filters, near, filter, true);
        }
        if (old == NULL)
            continue;
        near = old;
        if (keep_run(old, lua_save, &kept, "save") && kept.length > 0)
            (void)keep_run(filter, lua_restore, &kept, "restore");
        free(kept.bytes);
    }
    hand_over_calls(from, to);
}
