// core/script/lua_message.h: messages as scripts see them.  Thread: the worker's.
#ifndef SCRIPT_LUA_MESSAGE_H
#define SCRIPT_LUA_MESSAGE_H

#include "script/canonical.h"
#include "script/state.h"

/** The userdata. */
struct lua_message {
    struct message *message; // NULL: no longer valid. A reference if `owned`
    struct edit *edit;       // the script's changes, NULL: none
    bool owned, writable;
    bool guarded; // secrets of an action are hidden
    size_t held;  // bytes of the message that are counted: scripts may keep it
};

/** Returns the message at `index`. Raises if it is not a message, or no longer valid. */
struct lua_message *lua_message_self(lua_State *L, int index);
/** Gets the value that a script sees under `name`, whose role is known. @return false: none */
bool script_message_find(const struct script_state *state, const struct lua_message *object, enum header_role role,
                         struct span name, struct span *value);
/** m:is, m:starts, m:ends, m:contains */
int lua_message_is(lua_State *L);
int lua_message_starts(lua_State *L);
int lua_message_ends(lua_State *L);
int lua_message_contains(lua_State *L);
/** m:copy() */
int lua_message_copy(lua_State *L);
/** Makes the object that filters get again and again. */
bool script_message_make_reused(struct script_state *state, struct error *err);
/** Pushes a new object that owns a reference (taken here) of `message`; may raise. */
struct lua_message *lua_push_message(lua_State *L, struct message *message, bool writable);
/** Does the same for a message that scripts may keep: it takes part of their memory. */
struct lua_message *lua_push_kept_message(lua_State *L, struct message *message);
/** Ends the object: later use of it raises an error. @return the changed message, the caller's; NULL:
 *  it is unchanged */
struct message *script_message_close(struct lua_message *object);
/** Does the same, without making the changed message. */
void script_message_drop(struct lua_message *object);
/** Returns the message at `index` with its changes, as a new reference. Raises if it is not a message. */
struct message *lua_check_message(lua_State *L, int index);
/** Makes a message of the table at `index`: keys are names; the list part has "Name: value" texts, {name, value} or
 *  {line = text}. Raises on bad headers.
 *  @param first  names that come first (NULL-terminated); then comes the list part, then other names in their order
 *  @param action_id  if not empty, added as `ActionID` after the first header
 *  @return the caller's reference */
struct message *lua_to_message(lua_State *L, int index, const char *const *first, struct span action_id);

#endif
