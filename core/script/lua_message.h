// core/script/lua_message.h: messages as scripts see them.  Thread: the worker's.
#ifndef SCRIPT_LUA_MESSAGE_H
#define SCRIPT_LUA_MESSAGE_H

#include "script/canonical.h"
#include "script/state.h"

/** The userdata. */
struct lua_message {
    struct message *message; // NULL: no longer valid. A reference if `owned`
    struct edit *edit;       // what the script changed, NULL: nothing
    bool owned, writable;
    bool guarded; // what is secret of an action is as if it were not there
};

/** The message at `index`; raises if it is none, or no longer valid. */
struct lua_message *lua_message_self(lua_State *L, int index);
/** What the script is given under `name`, whose role is known. @return false: nothing */
bool script_message_find(const struct script_state *state, const struct lua_message *object, enum header_role role,
                         struct span name, struct span *value);
/** m:is, m:starts, m:ends, m:contains */
int lua_message_is(lua_State *L);
int lua_message_starts(lua_State *L);
int lua_message_ends(lua_State *L);
int lua_message_contains(lua_State *L);
/** Makes the object that filters get again and again. */
bool script_message_make_reused(struct script_state *state, struct error *err);
/** Pushes a new object that owns a reference (taken here) of `message`; may raise. */
struct lua_message *lua_push_message(lua_State *L, struct message *message, bool writable);
/** Ends the object's life: what keeps it gets an error. @return the changed message, the caller's; NULL: none */
struct message *script_message_close(struct lua_message *object);
/** The same; what was changed is of no interest. */
void script_message_drop(struct lua_message *object);
/** The message at `index`, changes included, as a new reference; raises if it is none. */
struct message *lua_check_message(lua_State *L, int index);
/** Makes a message of the table at `index`: keys are names; the list part holds "Name: value" texts, {name, value}
 *  or {line = text}.
 *  Names in `first` (NULL-terminated) come first, then the list part, then the others by name. Raises, with nothing
 *  left over, on bad ones. @param also  appended behind the first header as `ActionID`, if not empty
 *  @return the caller's reference */
struct message *lua_to_message(lua_State *L, int index, const char *const *first, struct span action_id);

#endif
