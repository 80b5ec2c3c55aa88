// core/script/lists.h: amp.sessions, amp.formats, amp.stats …: lists of the program's objects.  Thread: the worker's.
#ifndef SCRIPT_LISTS_H
#define SCRIPT_LISTS_H

#include "script/state.h"

int lua_amp_sessions(lua_State *L);
int lua_amp_formats(lua_State *L);
int lua_amp_stats(lua_State *L);
int lua_amp_scripts(lua_State *L);
int lua_amp_proxy_actions(lua_State *L);

#endif
