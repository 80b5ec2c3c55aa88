// core/script/lua_json.h: amp.json. What jansson allocates is not Lua's: its size is estimated before, and a userdata
// owns it, as the functions may raise.  Thread: the worker's.
#ifndef SCRIPT_LUA_JSON_H
#define SCRIPT_LUA_JSON_H

#include "script/state.h"

#include <jansson.h>

#define JSON_DEPTH 100           // of arrays and objects in each other
#define JSON_VALUE_BYTES 96      // that jansson takes for a value, roughly
#define JSON_CONTAINER_BYTES 256 // … and for an array or object besides

/** What jansson has allocated during a call. */
struct json_holder {
    json_t *root;
    char *text;
    size_t bytes; // of an encoding: what the tree takes, roughly
};

/** Would so many bytes exceed the scripts' memory? */
static inline bool json_is_too_large(const struct script_state *state, size_t bytes)
{
    return bytes > state->limits.memory || state->memory_used > state->limits.memory - bytes;
}

/** Calls `function` with a holder and the value at index 1. The holder is emptied also if it raises: the collector does
 *  not know how large it is. @return its number of results */
int lua_json_call(lua_State *L, lua_CFunction function);
int lua_json_encode(lua_State *L);
/** Pushes the table amp.json; may raise. */
void lua_open_json(lua_State *L);

#endif
