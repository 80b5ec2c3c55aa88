// core/script/task.h: tasks: code of scripts that may wait. They are coroutines that the host makes, keeps in a pool,
// and resumes after a wait.  Thread: the worker's.
#ifndef SCRIPT_TASK_H
#define SCRIPT_TASK_H

#include "script/state.h"

struct task;

/** Called at the end of a task. @param error  NULL: it succeeded, and its results are on task->L from 1 to the top;
 *  task_gone: its session has ended (only free memory); else why it failed, with details that are not for clients */
typedef void task_done(struct task *task, const char *error);
extern const char task_gone[];
/** The error of a task that was ended because its state was replaced: the client that waits must be answered. */
extern const char task_replaced[];

struct task {
    struct thread thread; // the extra space of L points here
    lua_State *L;
    int ref;                   // keeps L alive
    struct list_node of_state; // in its tasks or its pool
    task_done *done;
    void *context;         // of done
    struct handle session; // the session for which it runs; none: for no session
    const char *by;        // name of the proxy action that it runs, NULL: none
    uint64_t deadline_ms;  // when it fails, 0: never
    uint64_t wake_ms;      // when amp.sleep ends, 0: it does not sleep
    uint32_t pending;      // calls without an answer
    bool running;          // it runs in Lua now
    bool yielded;          // it waits
    bool ready;            // its wait ended while another script ran
    bool cancelled;        // it ends as soon as it stops running
};

struct task_plan {
    struct owner owner;
    lua_CFunction
        prepare; // called with `argument` as light userdata; returns the function and its arguments; may raise
    void *argument;
    task_done *done;
    void *context;
    struct handle session;
    const char *by;      // lent as long as the state
    uint64_t timeout_ms; // 0: none
};

/** Starts a task, which may end before the function returns.
 *  @return false: too many tasks wait, or prepare() has raised; `err` is set, and `done` is not called */
bool script_task_start(struct script_state *state, const struct task_plan *plan, struct error *err);
/** Continues a task whose wait has ended, now or at the next tick. */
void script_task_wake(struct task *task);
/** Ends all tasks of `session` (none: of filter `owner`) with task_gone. */
void script_tasks_cancel(struct script_state *state, struct handle session, const struct script_filter *owner);
/** Ends all tasks with `error`, which their `done` gets. Must not be called from a script. */
void script_tasks_end(struct script_state *state, const char *error);
/** Continues tasks that are ready, and ends those whose time limit is reached. */
void script_tasks_tick(struct script_state *state, uint64_t now);
/** Returns the time for the next script_tasks_tick(); UINT64_MAX: none is needed. */
uint64_t script_tasks_due(const struct script_state *state);
/** Returns the task that runs on L. Raises if the code may not wait, or if the session for which it runs has ended. */
struct task *lua_check_task(lua_State *L, const char *what);

#endif
