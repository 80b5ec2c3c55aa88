// core/script/lua_token.h: amp.create_token, amp.revoke_token, amp.revoked_tokens.  Thread: the worker's.
#ifndef SCRIPT_LUA_TOKEN_H
#define SCRIPT_LUA_TOKEN_H

#include "script/state.h"

int lua_amp_create_token(lua_State *L);
int lua_amp_revoke_token(lua_State *L);
int lua_amp_revoked_tokens(lua_State *L);

#endif
