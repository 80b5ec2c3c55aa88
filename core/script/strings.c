// core/script/strings.c: the library `string` of scripts: Lua's, with find, match, gmatch, gsub and rep of our own that
// cannot run for long, and without dump.
#include "script/pattern.h"
#include "script/state.h"

#define REP_BYTES (1024 * 1024)

/** Looks through the pattern at argument `index`; raises if it is bad. */
static void check_pattern(lua_State *L, int index, struct pattern *pattern)
{
    struct span text;
    text.bytes = luaL_checklstring(L, index, &text.length);
    const char *wrong = pattern_compile(pattern, text);
    if (wrong != NULL)
        luaL_error(L, "%s", wrong);
}

static void begin_match(lua_State *L, struct pattern_match *match, const struct pattern *pattern, struct span subject)
{
    struct script_state *state = state_of(L);
    match->pattern = pattern;
    match->subject = subject;
    match->steps = state->limits.pattern_steps;
    match->expired = &state->watch.expired;
    match->captures = 0;
    match->error = NULL;
}

static void check_match(lua_State *L, const struct pattern_match *match)
{
    if (__builtin_expect(match->error != NULL, 0))
        luaL_error(L, "%s", match->error);
}

static void push_capture(lua_State *L, const struct pattern_match *match, unsigned index)
{
    const struct pattern_capture *capture = &match->capture[index];
    if (capture->is_position)
        lua_pushinteger(L, capture->start - match->subject.bytes + 1);
    else
        lua_pushlstring(L, capture->start, (size_t)capture->length);
}

/** Pushes all captures; without any the whole match, if `start` is given. @return how many */
static int push_captures(lua_State *L, const struct pattern_match *match, const char *start)
{
    if (match->captures == 0 && start != NULL) {
        lua_pushlstring(L, start, (size_t)(match->end - start));
        return 1;
    }
    luaL_checkstack(L, (int)match->captures, "too many captures");
    for (unsigned i = 0; i < match->captures; i++)
        push_capture(L, match, i);
    return (int)match->captures;
}

/** The argument `index` as a place in a text: 1 is the first byte, -1 the last; past the end: false. */
static bool start_at(lua_State *L, int index, struct span subject, const char **start)
{
    lua_Integer from = luaL_optinteger(L, index, 1);
    if (from < 0)
        from = (lua_Integer)subject.length + from + 1 < 1 ? 1 : (lua_Integer)subject.length + from + 1;
    if (from == 0)
        from = 1;
    if (from > (lua_Integer)subject.length + 1)
        return false;
    *start = subject.bytes + from - 1;
    return true;
}

static int find_or_match(lua_State *L, bool find)
{
    struct pattern pattern;
    struct pattern_match match;
    struct span subject;
    const char *start;

    subject.bytes = luaL_checklstring(L, 1, &subject.length);
    if (!start_at(L, 3, subject, &start)) {
        luaL_checkstring(L, 2);
        lua_pushnil(L);
        return 1;
    }
    if (find && lua_toboolean(L, 4)) {
        pattern.text.bytes = luaL_checklstring(L, 2, &pattern.text.length);
        pattern.plain = true;
    } else {
        check_pattern(L, 2, &pattern);
    }
    begin_match(L, &match, &pattern, subject);
    const char *found = pattern_search(&match, start);
    check_match(L, &match);
    if (found == NULL) {
        lua_pushnil(L);
        return 1;
    }
    if (!find)
        return push_captures(L, &match, found);
    lua_pushinteger(L, found - subject.bytes + 1);
    lua_pushinteger(L, match.end - subject.bytes);
    return 2 + push_captures(L, &match, NULL);
}

static int lua_string_find(lua_State *L)
{
    return find_or_match(L, true);
}

static int lua_string_match(lua_State *L)
{
    return find_or_match(L, false);
}

/** Upvalues: subject, pattern, position to continue at (nil: finished), end of the last match. */
static int lua_gmatch_next(lua_State *L)
{
    struct pattern pattern;
    struct pattern_match match;
    struct span subject;

    subject.bytes = lua_tolstring(L, lua_upvalueindex(1), &subject.length);
    check_pattern(L, lua_upvalueindex(2), &pattern);
    begin_match(L, &match, &pattern, subject);
    const char *last = subject.bytes + lua_tointeger(L, lua_upvalueindex(4));
    bool has_last = lua_tointeger(L, lua_upvalueindex(4)) >= 0;
    const char *at = subject.bytes + lua_tointeger(L, lua_upvalueindex(3));
    while (at <= subject.bytes + subject.length) {
        const char *found = pattern_search(&match, at);
        check_match(L, &match);
        if (found == NULL)
            return 0;
        if (has_last && match.end == last) { // an empty match where the last one ended
            at = found + 1;
            continue;
        }
        lua_pushinteger(L, match.end - subject.bytes);
        lua_copy(L, -1, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        return push_captures(L, &match, found);
    }
    return 0;
}

static int lua_string_gmatch(lua_State *L)
{
    struct pattern pattern;
    struct span subject;
    const char *start;

    subject.bytes = luaL_checklstring(L, 1, &subject.length);
    check_pattern(L, 2, &pattern);
    if (pattern.anchored)
        return luaL_error(L, "a pattern of gmatch has no '^'");
    if (!start_at(L, 3, subject, &start))
        start = subject.bytes + subject.length + 1;
    lua_settop(L, 2);
    lua_pushinteger(L, start - subject.bytes);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, lua_gmatch_next, 4);
    return 1;
}

/** Adds the replacement text; %0 … %9 are replaced by captures. */
static void add_text(lua_State *L, luaL_Buffer *out, const struct pattern_match *match, const char *start)
{
    size_t length;
    const char *text = lua_tolstring(L, 3, &length);

    for (size_t i = 0; i < length; i++) {
        if (text[i] != '%') {
            luaL_addchar(out, text[i]);
            continue;
        }
        char next = ++i < length ? text[i] : '\0';
        if (next == '%') {
            luaL_addchar(out, '%');
        } else if (next == '0' || (next == '1' && match->captures == 0)) {
            luaL_addlstring(out, start, (size_t)(match->end - start));
        } else if (next >= '1' && next <= '9') {
            if ((unsigned)(next - '1') >= match->captures)
                luaL_error(L, "invalid capture index %%%d in replacement string", next - '0');
            push_capture(L, match, (unsigned)(next - '1'));
            luaL_tolstring(L, -1, NULL); // a position capture is a number
            lua_remove(L, -2);
            luaL_addvalue(out);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement string");
        }
    }
}

/** Adds the replacement of a match. @return false: the match stays as it is */
static bool add_replacement(lua_State *L, luaL_Buffer *out, const struct pattern_match *match, const char *start)
{
    int type = lua_type(L, 3);
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        add_text(L, out, match, start);
        return true;
    }
    if (type == LUA_TTABLE) {
        if (match->captures == 0)
            lua_pushlstring(L, start, (size_t)(match->end - start));
        else
            push_capture(L, match, 0);
        lua_gettable(L, 3);
    } else {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(L, match, start), 1);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, start, (size_t)(match->end - start));
        return false;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(out);
    return true;
}

static int lua_string_gsub(lua_State *L)
{
    struct pattern pattern;
    struct pattern_match match;
    struct span subject;
    luaL_Buffer out;
    lua_Integer count = 0;

    subject.bytes = luaL_checklstring(L, 1, &subject.length);
    check_pattern(L, 2, &pattern);
    int type = lua_type(L, 3);
    luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                     "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)subject.length + 1);
    const char *at = subject.bytes, *end = at + subject.length, *last = NULL;

    begin_match(L, &match, &pattern, subject);
    luaL_buffinit(L, &out);
    while (count < most) {
        lua_check_time(L, state_of(L));
        const char *found = pattern_search(&match, at);
        check_match(L, &match);
        if (found == NULL)
            break;
        if (match.end == last) { // an empty match at the end of the last one: one byte on
            if (found >= end)
                break;
            luaL_addlstring(&out, at, (size_t)(found + 1 - at));
            at = found + 1;
            if (pattern.anchored)
                break;
            continue;
        }
        luaL_addlstring(&out, at, (size_t)(found - at));
        count++;
        (void)add_replacement(L, &out, &match, found);
        at = last = match.end;
        if (pattern.anchored)
            break;
    }
    luaL_addlstring(&out, at, (size_t)(end - at));
    luaL_pushresult(&out);
    lua_pushinteger(L, count);
    return 2;
}

/** string.rep, at most 1 MiB. */
static int lua_string_rep(lua_State *L)
{
    size_t length, separator_length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &separator_length);
    luaL_Buffer out;

    if (count <= 0 || length + separator_length == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (length > REP_BYTES || separator_length > REP_BYTES ||
        count > (lua_Integer)(REP_BYTES / (length + separator_length)))
        return luaL_error(L, "resulting string too large (string.rep makes at most 1 MiB)");
    luaL_buffinit(L, &out);
    for (lua_Integer i = 0; i < count; i++) {
        luaL_addlstring(&out, text, length);
        if (i + 1 < count)
            luaL_addlstring(&out, separator, separator_length);
    }
    luaL_pushresult(&out);
    return 1;
}

void lua_open_strings(lua_State *L)
{
    static const luaL_Reg own[] = {{"find", lua_string_find},     {"match", lua_string_match},
                                   {"gmatch", lua_string_gmatch}, {"gsub", lua_string_gsub},
                                   {"rep", lua_string_rep},       {NULL, NULL}};
    luaL_requiref(L, "string", luaopen_string, 0);
    luaL_setfuncs(L, own, 0);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    // The metatable of texts, for ("x"):method(). Scripts cannot reach it.
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}
