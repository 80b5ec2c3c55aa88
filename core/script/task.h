// core/script/task.h: code of scripts that may wait: coroutines that the host makes, keeps in a pool, and resumes when
// what they wait for is there.  Thread: the worker's.
#ifndef SCRIPT_TASK_H
#define SCRIPT_TASK_H

#include "script/state.h"

struct task;

/** What becomes of a task. @param error  NULL: its results are on task->L from 1 to the top; task_gone: it was ended
 *  because nobody is left to hear of it (free what is yours); else why it failed, with details that are not for
 *  clients */
typedef void task_done(struct task *task, const char *error);
extern const char task_gone[];
/** The error of a task whose state was replaced and that took too long since: who waits for it is to be answered. */
extern const char task_replaced[];

struct task {
    struct thread thread; // its L's extra space points here
    lua_State *L;
    int ref;                   // keeps L alive
    struct list_node of_state; // in its tasks or its pool
    task_done *done;
    void *context;         // of done
    struct handle session; // runs for that session; none: for no one
    const char *by;        // name of the proxy action that it runs, NULL: none
    uint64_t deadline_ms;  // it fails then, 0: never
    uint64_t wake_ms;      // amp.sleep ends, 0: does not sleep
    uint32_t pending;      // calls without their answer
    bool running;          // in Lua just now
    bool yielded;          // waits
    bool ready;            // what it waited for came while another script ran
    bool cancelled;        // ends as soon as it stops running
};

struct task_plan {
    struct owner owner;
    lua_CFunction prepare; // gets `argument` as light userdata; returns the function and its arguments; may raise
    void *argument;
    task_done *done;
    void *context;
    struct handle session;
    const char *by;      // lent as long as the state
    uint64_t timeout_ms; // 0: none
};

/** Starts a task; it may be done before this returns.
 *  @return false with `err`, and `done` is not called: too many wait, or prepare raised */
bool script_task_start(struct script_state *state, const struct task_plan *plan, struct error *err);
/** What the task waited for is there: goes on with it, now or soon. */
void script_task_wake(struct task *task);
/** Ends all tasks of `session` (none: of filter `owner`), without their completion. */
void script_tasks_cancel(struct script_state *state, struct handle session, const struct script_filter *owner);
/** Ends all tasks with `error`, which their completion hears of. Not from inside a script. */
void script_tasks_end(struct script_state *state, const char *error);
/** Goes on with what is ready, ends what is late. */
void script_tasks_tick(struct script_state *state, uint64_t now);
uint64_t script_tasks_due(const struct script_state *state);
/** The task that runs on L; raises if the code may not wait. */
struct task *lua_check_task(lua_State *L, const char *what);

#endif
