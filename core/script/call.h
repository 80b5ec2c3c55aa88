// core/script/call.h: calls of scripts to the program, and the answers for which they wait.  Thread: the worker's.
#ifndef SCRIPT_CALL_H
#define SCRIPT_CALL_H

#include "script/task.h"

/** The userdata that amp.call returns. */
struct lua_answer {
    struct script_state *state; // NULL: it holds nothing
    bool done;
    char reason[512]; // why the call failed, empty: it succeeded
    struct message **messages;
    uint32_t count, capacity;
    size_t bytes;
    unsigned status; // of amp.http, with the lines of its headers and its body
    char *head, *body;
    size_t head_length, body_length;
};

struct script_call {
    struct script_state *state; // NULL: it was destroyed
    struct list_node of_state;
    struct task *task;         // NULL: no task waits
    struct lua_answer *answer; // on the task's stack
    uint64_t deadline_ms;
    uint64_t number; // serial number among the calls of the state; increases
};

/** Makes a call for the running task. Its answer goes to `answer`, which the task keeps. */
struct script_call *script_call_create(struct task *task, struct lua_answer *answer, uint64_t timeout_ms);
/** Detaches the calls of a task that ends. */
void script_calls_forget(const struct task *task);
/** Detaches the call of an answer that is collected: the script caught an error between asking and waiting. */
void script_calls_drop(struct script_state *state, const struct lua_answer *answer);
/** Ends the calls whose time limit is reached. @param reason  not NULL: ends all present calls with this reason, but
 *  not those that scripts then begin */
void script_calls_tick(struct script_state *state, uint64_t now, const char *reason);
/** Returns the time of the next time limit; UINT64_MAX: there is none. */
uint64_t script_calls_due(const struct script_state *state);

/** The names of a request's fields that are no headers; ends with NULL. */
extern const char *const lua_request_fields[];
/** The names of an answer's fields and methods; ends with NULL. */
extern const char *const lua_answer_fields[];
/** Pushes an empty answer; may raise. */
struct lua_answer *lua_push_answer(lua_State *L);
/** Ends an answer for which nothing was asked. */
void lua_answer_fail(struct lua_answer *answer, const char *reason);
/** Returns the answer on top of the stack when the task waits for no call any more. */
int lua_answer_wait(lua_State *L, const struct task *task);
int lua_amp_http(lua_State *L);
int lua_amp_call(lua_State *L);
int lua_amp_call_all(lua_State *L);
int lua_amp_sleep(lua_State *L);
int lua_amp_reload(lua_State *L);
int lua_amp_cluster(lua_State *L);
int lua_amp_control(lua_State *L);
int lua_amp_add_server(lua_State *L);
int lua_amp_drop_server(lua_State *L);
int lua_amp_close_session(lua_State *L);
int lua_amp_servers(lua_State *L);
/** Returns the duration at `index` in milliseconds: "500ms", "30s", "5m", "1h", "1d", or a number of seconds. Raises on
 *  others. */
uint64_t lua_check_duration(lua_State *L, int index);

#endif
