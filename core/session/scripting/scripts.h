// core/session/scripting/scripts.h: the scripts of one worker: one Lua state with all scripts of a configuration, and
// the views of its users. They are loaded completely before they are used, so that a reload that fails changes nothing.
// Thread: scripts_create() and scripts_test() any, before the worker has them; the others the worker's.
#ifndef SESSION_SCRIPTING_SCRIPTS_H
#define SESSION_SCRIPTING_SCRIPTS_H

#include "config/config.h"
#include "session/delivery/view.h"

struct scripts;

/** What scripts share, and the worker in which they run. Lent; outlives the scripts. */
struct scripts_place {
    struct metrics *metrics; // NULL: none
    struct script_watchdog *watchdog;
    struct script_shared *shared;
    struct script_host host;
    uint32_t worker;
    bool strict; // detect at once when a script keeps a message after its call; costs time
};

/** Loads the scripts that `config` names, and makes the filters of all users.
 *  @return NULL: `err` has file, line and the reason */
struct scripts *scripts_create(const struct config *config, const struct scripts_place *place, struct error *err);
/** Frees everything. No session may use a view of it any more. `scripts` may be NULL. */
void scripts_destroy(struct scripts *scripts);
/** Runs the tests that the scripts contain (amp.test). @return false: `err` is set */
bool scripts_test(struct scripts *scripts, struct error *err);
/** Returns the Lua state; lent. */
struct script_state *scripts_state(struct scripts *scripts);
/** Takes the calls object with the rules of the configuration. @return the caller's; NULL: no user has a rule */
struct calls *scripts_take_calls(struct scripts *scripts);
/** Returns the views with a stateful filter: an array of `count`, lent. */
struct view **scripts_stateful(struct scripts *scripts, size_t *count);
/** Returns the view of a user of that configuration. @param user  NULL: a session without a user
 *  @return lent; NULL: the user sees everything unchanged */
struct view *scripts_view(struct scripts *scripts, const struct config *config, const struct user_config *user);

#endif
