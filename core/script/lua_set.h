// core/script/lua_set.h: amp.set and amp.names.  Thread: the worker's.
#ifndef SCRIPT_LUA_SET_H
#define SCRIPT_LUA_SET_H

#include "script/set.h"
#include "script/state.h"

/** Returns the set at `index`: an amp.set, or a new set of a list of texts or of one text. Raises on others.
 *  @return a reference for the caller */
struct set *lua_to_set(lua_State *L, int index, const char *what);
/** amp.set(list), amp.names(list) */
int lua_amp_set(lua_State *L);
int lua_amp_names(lua_State *L);

#endif
