// core/script/lists.h: lists of what the program has, for scripts.  Thread: the worker's.
#ifndef SCRIPT_LISTS_H
#define SCRIPT_LISTS_H

#include "script/state.h"

int lua_amp_sessions(lua_State *L);
int lua_amp_formats(lua_State *L);
int lua_amp_stats(lua_State *L);
int lua_amp_scripts(lua_State *L);
int lua_amp_proxy_actions(lua_State *L);

#endif
