// core/script/suggest.h: errors about names that do not exist, with the name that was probably meant.
// Thread: the worker's.
#ifndef SCRIPT_SUGGEST_H
#define SCRIPT_SUGGEST_H

#include <lua.h>
#include <stdbool.h>

#define SUGGEST_SIZE 400

// Lists of known names end with NULL.

/** Is the name known? */
bool suggest_knows(const char *name, const char *const *known);
/** Writes `what`, and behind it the known name that an unknown one probably means: "WHAT: did you mean 'NAME'?"; if
 *  none is similar, all of them. @return `buffer` */
const char *suggest_about(char buffer[SUGGEST_SIZE], const char *what, const char *name, const char *const *known);
/** Raises "WHAT 'NAME'", with the known name that is meant. */
void lua_fail_unknown(lua_State *L, const char *what, const char *name, const char *const *known)
    __attribute__((noreturn));
/** Raises lua_fail_unknown() unless each key of the table at `index` is known. */
void lua_check_keys(lua_State *L, int index, const char *what, const char *const *known);
/** Returns the place in `known` of the text at `index`. Raises lua_fail_unknown() if it is none of them. */
int lua_check_choice(lua_State *L, int index, const char *what, const char *const *known);

#endif
