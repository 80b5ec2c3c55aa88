// core/script/lua_token.c: amp.create_token. amp.revoke_token waits, as other commands do, in lua_ask.c;
// amp.revoked_tokens is a list, in lists.c.
#include "script/lua_token.h"

#include "script/task.h"

#include <stdlib.h>
#include <string.h>

/** Reads a text of the table at 1. @return false: it is not there */
static bool token_text(lua_State *L, const char *name, struct span *text)
{
    *text = (struct span){"", 0};
    if (lua_getfield(L, 1, name) == LUA_TNIL)
        return false;
    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "amp.create_token: %s is a text", name);
    text->bytes = lua_tolstring(L, -1, &text->length);
    return true; // it stays on the stack, so that the bytes live
}

/*** amp.create_token{ user =, label =, ends = seconds since 1970 [, actions = "A,B"] [, only_reads = true] } -> text;
 * or nil, reason. For a session that has logged in by a token: nil, "Permission denied". */
int lua_amp_create_token(lua_State *L)
{
    const struct task *task = lua_check_task(L, "amp.create_token");
    const struct script_host *host = &state_of(L)->host;
    struct script_token_wish wish = {0};
    struct error err = {""};

    if (host->create_token == NULL)
        return luaL_error(L, "amp.create_token is not possible here");
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    (void)token_text(L, "user", &wish.user);
    (void)token_text(L, "label", &wish.label);
    wish.listed = token_text(L, "actions", &wish.actions);
    lua_getfield(L, 1, "only_reads");
    wish.only_reads = lua_toboolean(L, -1) != 0;
    lua_getfield(L, 1, "ends");
    lua_Integer ends = luaL_checkinteger(L, -1);
    wish.ends_s = ends < 0 ? 0 : (uint64_t)ends;
    char *text = host->create_token(host->context, task->session, &wish, &err);
    if (text == NULL) {
        lua_pushnil(L);
        lua_pushstring(L, err.text);
        return 2;
    }
    lua_pushstring(L, text);
    explicit_bzero(text, strlen(text));
    free(text);
    return 1;
}
