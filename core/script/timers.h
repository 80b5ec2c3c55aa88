// core/script/timers.h: amp.every, amp.after, amp.on; the owner's tick.  Thread: the worker's.
#ifndef SCRIPT_TIMERS_H
#define SCRIPT_TIMERS_H

#include "script/state.h"

int lua_amp_every(lua_State *L);
int lua_amp_after(lua_State *L);
int lua_amp_on(lua_State *L);

#endif
