// core/script/watchdog.h: the time limit of scripts: a thread that stops calls which take too long. It checks each
// state every millisecond, and sleeps while nothing runs. If a call has used up its CPU time, the watchdog signals the
// thread that runs it, whose signal handler stops Lua at the next instruction. A call costs two relaxed stores. Thread:
// any; script_watch_enter() and script_watch_leave() by the thread that runs the call.
#ifndef SCRIPT_WATCHDOG_H
#define SCRIPT_WATCHDOG_H

#include <lua.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct script_watchdog;

/** Starts the thread and takes the signal SIGRTMIN + 3. @return NULL with errno if the system refuses */
struct script_watchdog *script_watchdog_create(void);
/** After the last state that uses it was destroyed. NULL is fine. */
void script_watchdog_destroy(struct script_watchdog *watchdog);

/** What the watchdog knows of one script_state, which contains it. */
struct script_watch {
    struct script_watchdog *watchdog; // NULL: no limit
    struct script_watch *next;        // the watchdog's
    uint64_t limit_ns;
    _Atomic uint64_t call;         // number of the call that runs, 0: none
    _Atomic(pthread_t) thread;     // the thread that runs it
    uint64_t serial;               // number of the last call; the runner's
    lua_State *running;            // the coroutine that runs; the runner's and its signal handler's
    volatile sig_atomic_t expired; // the time limit is reached; set by the handler, cleared at the end of the call
    unsigned depth;                // calls inside calls
    uint64_t seen, since_ns;       // the watchdog's: which call it saw, and the thread's CPU time then
    uint64_t signalled_ns;         // the watchdog's: when it signalled last, 0: not yet
};

void script_watch_init(struct script_watch *watch, struct script_watchdog *watchdog, uint64_t limit_ms);
void script_watch_fini(struct script_watch *watch);
/** Called by a thread that leaves the state to another one, which may free it. No call runs. */
void script_watch_leave_thread(const struct script_watch *watch);
// The rarely used parts of the functions below.
extern _Thread_local struct script_watch *script_watch_running;
void script_watch_enter_slow(struct script_watch *watch, lua_State *L);
void script_watch_leave_slow(struct script_watch *watch, lua_State *L, lua_State *before);
void script_watchdog_wake(struct script_watchdog *watchdog);

/** Called before `L` runs. @return the coroutine that ran before, for script_watch_leave() */
static inline lua_State *script_watch_enter(struct script_watch *watch, lua_State *L)
{
    lua_State *before = watch->running;
    watch->running = L;
    if (watch->depth++ > 0 || script_watch_running != watch)
        script_watch_enter_slow(watch, L);
    if (before != NULL)
        return before;
    atomic_store_explicit(&watch->thread, pthread_self(), memory_order_relaxed);
    atomic_store_explicit(&watch->call, ++watch->serial, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    // `asleep` is the watchdog's first field.
    if (watch->watchdog != NULL && atomic_load_explicit((atomic_bool *)watch->watchdog, memory_order_relaxed))
        script_watchdog_wake(watch->watchdog);
    return NULL;
}

/** Called after `L` has returned. @return true: the watchdog has stopped it */
static inline bool script_watch_leave(struct script_watch *watch, lua_State *L, lua_State *before)
{
    if (--watch->depth == 0)
        atomic_store_explicit(&watch->call, 0, memory_order_relaxed); // a signal from here on changes nothing
    atomic_signal_fence(memory_order_seq_cst);
    watch->running = before;
    atomic_signal_fence(memory_order_seq_cst);
    if (__builtin_expect(watch->expired == 0, 1))
        return false;
    script_watch_leave_slow(watch, L, before);
    return true;
}

#endif
