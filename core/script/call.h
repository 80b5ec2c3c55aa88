// core/script/call.h: what scripts have asked of the program and wait for.  Thread: the worker's.
#ifndef SCRIPT_CALL_H
#define SCRIPT_CALL_H

#include "script/task.h"

/** What amp.call gives: the userdata. */
struct lua_answer {
    struct script_state *state; // NULL: holds nothing
    bool done;
    char reason[512]; // why it is not well, empty: it is
    struct message **messages;
    uint32_t count, capacity;
    size_t bytes;
};

struct script_call {
    struct script_state *state; // NULL: gone
    struct list_node of_state;
    struct task *task;         // NULL: nobody waits
    struct lua_answer *answer; // on the task's stack
    uint64_t deadline_ms;
    uint64_t number; // of all calls of the state; grows
};

/** A call for the task that runs; its answer goes to `answer`, which the task keeps. */
struct script_call *script_call_create(struct task *task, struct lua_answer *answer, uint64_t timeout_ms);
/** The task goes: nobody waits for its calls. */
void script_calls_forget(const struct task *task);
/** The answer goes, with its call unanswered: the script caught an error between asking and waiting. */
void script_calls_drop(struct script_state *state, const struct lua_answer *answer);
/** Ends the waits that are late; with `reason` (not NULL) all that there are now, not those that a script then begins.
 */
void script_calls_tick(struct script_state *state, uint64_t now, const char *reason);
uint64_t script_calls_due(const struct script_state *state);

/** Pushes an empty answer; may raise. */
struct lua_answer *lua_push_answer(lua_State *L);
int lua_amp_call(lua_State *L);
int lua_amp_call_all(lua_State *L);
int lua_amp_sleep(lua_State *L);
int lua_amp_reload(lua_State *L);
int lua_amp_add_server(lua_State *L);
int lua_amp_drop_server(lua_State *L);
int lua_amp_close_session(lua_State *L);
int lua_amp_servers(lua_State *L);
/** "500ms", "30s", "5m", "1h", "1d" at `index` as milliseconds; a number is seconds; raises on others. */
uint64_t lua_check_duration(lua_State *L, int index);

#endif
