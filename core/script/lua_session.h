// core/script/lua_session.h: session objects of scripts.  Thread: the worker's.
#ifndef SCRIPT_LUA_SESSION_H
#define SCRIPT_LUA_SESSION_H

#include "script/state.h"

/** The userdata; one per task that has a session. */
struct lua_session {
    struct script_state *state;
    struct list_node of_state;
    struct handle session; // none: the session has ended
};

/** The names of its fields (not of its methods); ends with NULL. */
extern const char *const lua_session_fields[];
/** Pushes an object for the owner's `session`, nil for none; may raise. */
void lua_push_session(lua_State *L, struct handle session);
/** Makes all objects of `session` invalid. */
void script_sessions_forget(struct script_state *state, struct handle session);

#endif
