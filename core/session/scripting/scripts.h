// core/session/scripting/scripts.h: the Lua side of one worker: a state with all scripts of one configuration, and the
// views of its users. Made complete before anybody uses it, so that a reload changes nothing until it is known to work.
// Thread: scripts_create() any, before the worker has it; the rest the worker's.
#ifndef SESSION_SCRIPTING_SCRIPTS_H
#define SESSION_SCRIPTING_SCRIPTS_H

#include "config/config.h"
#include "session/delivery/view.h"

struct scripts;

/** What scripts share, and the worker that they will run in. Lent; outlives the scripts. */
struct scripts_place {
    struct metrics *metrics; // NULL: none
    struct script_watchdog *watchdog;
    struct script_shared *shared;
    struct script_host host;
    uint32_t worker;
    bool strict; // a message that a script keeps past its call is found at once; costs time
};

/** Loads what `config` names and makes the filters of every user. @return NULL with `err`: file:line and what is wrong
 */
struct scripts *scripts_create(const struct config *config, const struct scripts_place *place, struct error *err);
/** Frees all; no session may use one of its views any more. NULL is fine. */
void scripts_destroy(struct scripts *scripts);
/** Runs what the scripts say of themselves (amp.test). @return false with `err` */
bool scripts_test(struct scripts *scripts, struct error *err);
struct script_state *scripts_state(struct scripts *scripts);
/** Takes the rules of the configuration, made ready with it. @return the caller's; NULL: no user has a rule */
struct calls *scripts_take_calls(struct scripts *scripts);
/** The views with a stateful filter. @return an array of `count`, the scripts' own */
struct view **scripts_stateful(struct scripts *scripts, size_t *count);
/** The view of a user of that configuration (NULL: of who has no user). @return NULL: it sees everything as it is */
struct view *scripts_view(struct scripts *scripts, const struct config *config, const struct user_config *user);

#endif
