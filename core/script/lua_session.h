// core/script/lua_session.h: sessions as scripts see them.  Thread: the worker's.
#ifndef SCRIPT_LUA_SESSION_H
#define SCRIPT_LUA_SESSION_H

#include "script/state.h"

/** The userdata; one per task that has a session. */
struct lua_session {
    struct script_state *state;
    struct lua_session *previous, *next; // of the state
    struct handle session;               // none: gone
};

/** Pushes an object for the owner's `session`, nil for none; may raise. */
void lua_push_session(lua_State *L, struct handle session);
/** Objects of `session` become invalid. */
void script_sessions_forget(struct script_state *state, struct handle session);

#endif
