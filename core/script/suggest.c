// core/script/suggest.c: see suggest.h.
#include "script/suggest.h"

#include "base/nearest.h"

#include <lauxlib.h>
#include <stdio.h>

static int place_of(const char *name, const char *const *known)
{
    for (int i = 0; known[i] != NULL; i++)
        if (strcmp(name, known[i]) == 0)
            return i;
    return -1;
}

bool suggest_knows(const char *name, const char *const *known)
{
    return place_of(name, known) >= 0;
}

const char *suggest_about(char buffer[SUGGEST_SIZE], const char *what, const char *name, const char *const *known)
{
    struct nearest nearest;
    size_t used;

    nearest_begin(&nearest, span_of(name));
    for (const char *const *at = known; *at != NULL; at++)
        nearest_try(&nearest, *at);
    if (nearest.best != NULL) {
        (void)snprintf(buffer, SUGGEST_SIZE, "%.200s: did you mean '%s'?", what, nearest.best);
        return buffer;
    }
    used = (size_t)snprintf(buffer, SUGGEST_SIZE, "%.200s (known:", what);
    for (; *known != NULL && used + strlen(*known) + 3 < SUGGEST_SIZE; known++)
        used += (size_t)snprintf(buffer + used, SUGGEST_SIZE - used, " %s", *known);
    (void)snprintf(buffer + used, SUGGEST_SIZE - used, ")");
    return buffer;
}

void lua_fail_unknown(lua_State *L, const char *what, const char *name, const char *const *known)
{
    char text[SUGGEST_SIZE], unknown[160];

    (void)snprintf(unknown, sizeof unknown, "%s '%.80s'", what, name);
    luaL_error(L, "%s", suggest_about(text, unknown, name, known));
    __builtin_unreachable();
}

void lua_check_keys(lua_State *L, int index, const char *what, const char *const *known)
{
    index = lua_absindex(L, index);
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "%s: expected names, not a %s", what, luaL_typename(L, -2));
        if (!suggest_knows(lua_tostring(L, -2), known))
            lua_fail_unknown(L, what, lua_tostring(L, -2), known);
    }
}

int lua_check_choice(lua_State *L, int index, const char *what, const char *const *known)
{
    const char *name = luaL_checkstring(L, index);
    int place = place_of(name, known);

    if (place < 0)
        lua_fail_unknown(L, what, name, known);
    return place;
}
