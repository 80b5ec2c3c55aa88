// core/script/watchdog.c: see watchdog.h.
#include "script/watchdog.h"

#include "base/memory.h"

#include <errno.h>
#include <lauxlib.h>
#include <linux/membarrier.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TICK_NS INT64_C(1000000)
#define AGAIN_NS UINT64_C(4000000) // a signal that had no effect is sent again after this time
#define QUIET_TICKS 100            // the watchdog sleeps after so many ticks without a call

struct script_watchdog {
    atomic_bool asleep; // the next call must wake it; first member, for script_watch_enter()
    pthread_t thread;
    pthread_mutex_t lock; // protects the fields below
    pthread_cond_t wake;
    struct script_watch *watched;
    bool stop;
    bool may_sleep; // membarrier(2) works
};

// Global: the signal handler has no other way to find the call that runs on its thread.
_Thread_local struct script_watch *script_watch_running;

/** Raises at each instruction until the host's call has returned, so that no pcall can catch it for good. */
static void on_hook(lua_State *L, lua_Debug *debug)
{
    (void)debug;
    luaL_where(L, 0); // level 0 does not exist in a hook
    lua_pushliteral(L, "time limit exceeded");
    lua_concat(L, 2);
    lua_error(L);
}

static void on_signal(int number, siginfo_t *info, void *unused)
{
    (void)number;
    (void)unused;
    struct script_watch *watch = script_watch_running;
    if (info->si_code != SI_QUEUE || watch == NULL || watch->running == NULL)
        return;
    // Ignore a signal that was meant for an earlier call.
    uint64_t call = atomic_load_explicit(&watch->call, memory_order_relaxed);
    if ((int)(call & 0x7fffffff) != info->si_value.sival_int)
        return;
    watch->expired = 1;
    lua_sethook(watch->running, on_hook, LUA_MASKCOUNT, 1);
}

static int signal_number(void)
{
    return SIGRTMIN + 3;
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static uint64_t cpu_ns(pthread_t thread)
{
    clockid_t clock;
    return pthread_getcpuclockid(thread, &clock) == 0 ? clock_ns(clock) : 0;
}

/** Checks one state. @return true: a call runs */
static bool look_at(struct script_watch *watch)
{
    uint64_t call = atomic_load_explicit(&watch->call, memory_order_relaxed);
    if (call == 0)
        return false;
    pthread_t thread = atomic_load_explicit(&watch->thread, memory_order_relaxed);
    uint64_t used = cpu_ns(thread);
    if (call != watch->seen) {
        watch->seen = call;
        watch->since_ns = used;
        watch->signalled_ns = 0;
        return true;
    }
    if (used - watch->since_ns >= watch->limit_ns &&
        (watch->signalled_ns == 0 || used - watch->signalled_ns >= AGAIN_NS)) {
        watch->signalled_ns = used;
        (void)pthread_sigqueue(thread, signal_number(), (union sigval){.sival_int = (int)(call & 0x7fffffff)});
    }
    return true;
}

static bool look_at_all(struct script_watchdog *watchdog)
{
    bool any = false;
    for (struct script_watch *watch = watchdog->watched; watch != NULL; watch = watch->next)
        any = look_at(watch) || any;
    return any;
}

/** Sleeps until the next call. Called when no call runs. */
static void sleep_on(struct script_watchdog *watchdog)
{
    atomic_store_explicit(&watchdog->asleep, true, memory_order_relaxed);
    // Each runner stores the number of its call, then reads `asleep`. After this barrier, either the runner reads true,
    // or this thread reads the new number.
    (void)syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    if (!look_at_all(watchdog))
        while (!watchdog->stop && atomic_load_explicit(&watchdog->asleep, memory_order_relaxed))
            pthread_cond_wait(&watchdog->wake, &watchdog->lock);
    atomic_store_explicit(&watchdog->asleep, false, memory_order_relaxed);
}

static void *watchdog_main(void *argument)
{
    struct script_watchdog *watchdog = argument;
    unsigned quiet = QUIET_TICKS; // sleeps until the first call

    pthread_mutex_lock(&watchdog->lock);
    while (!watchdog->stop) {
        quiet = look_at_all(watchdog) ? 0 : quiet + 1;
        if (quiet >= QUIET_TICKS && watchdog->may_sleep) {
            sleep_on(watchdog);
            quiet = 0;
            continue;
        }
        pthread_mutex_unlock(&watchdog->lock);
        nanosleep(&(struct timespec){.tv_nsec = TICK_NS}, NULL);
        pthread_mutex_lock(&watchdog->lock);
    }
    pthread_mutex_unlock(&watchdog->lock);
    return NULL;
}

struct script_watchdog *script_watchdog_create(void)
{
    struct script_watchdog *watchdog = memory_zero(1, sizeof *watchdog);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};

    sigemptyset(&action.sa_mask);
    (void)sigaction(signal_number(), &action, NULL);
    pthread_mutex_init(&watchdog->lock, NULL);
    pthread_cond_init(&watchdog->wake, NULL);
    watchdog->may_sleep = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    sigset_t all, old;
    sigfillset(&all); // signals are for other threads
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&watchdog->thread, NULL, watchdog_main, watchdog);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed != 0) {
        pthread_cond_destroy(&watchdog->wake);
        pthread_mutex_destroy(&watchdog->lock);
        free(watchdog);
        errno = failed;
        return NULL;
    }
    return watchdog;
}

void script_watchdog_destroy(struct script_watchdog *watchdog)
{
    if (watchdog == NULL)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->stop = true;
    pthread_cond_signal(&watchdog->wake);
    pthread_mutex_unlock(&watchdog->lock);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->wake);
    pthread_mutex_destroy(&watchdog->lock);
    free(watchdog);
}

void script_watch_init(struct script_watch *watch, struct script_watchdog *watchdog, uint64_t limit_ms)
{
    watch->watchdog = watchdog;
    watch->limit_ns = limit_ms * 1000000;
    if (watchdog == NULL)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watch->next = watchdog->watched;
    watchdog->watched = watch;
    pthread_mutex_unlock(&watchdog->lock);
}

void script_watch_leave_thread(const struct script_watch *watch)
{
    if (script_watch_running == watch)
        script_watch_running = NULL; // so that a late signal does nothing
}

void script_watch_fini(struct script_watch *watch)
{
    script_watch_leave_thread(watch);
    if (watch->watchdog == NULL)
        return;
    pthread_mutex_lock(&watch->watchdog->lock);
    struct script_watch **link = &watch->watchdog->watched;
    while (*link != watch)
        link = &(*link)->next;
    *link = watch->next;
    pthread_mutex_unlock(&watch->watchdog->lock);
}

/** Wakes the watchdog for a new call. */
void script_watchdog_wake(struct script_watchdog *watchdog)
{
    pthread_mutex_lock(&watchdog->lock);
    atomic_store_explicit(&watchdog->asleep, false, memory_order_relaxed);
    pthread_cond_signal(&watchdog->wake);
    pthread_mutex_unlock(&watchdog->lock);
}

void script_watch_enter_slow(struct script_watch *watch, lua_State *L)
{
    if (watch->depth > 1) {
        if (watch->expired != 0) // the outer call has no time left
            lua_sethook(L, on_hook, LUA_MASKCOUNT, 1);
        return;
    }
    script_watch_running = watch;
}

void script_watch_leave_slow(struct script_watch *watch, lua_State *L, lua_State *before)
{
    lua_sethook(L, NULL, 0, 0);
    if (watch->depth == 0)
        watch->expired = 0;
    else
        lua_sethook(before, on_hook, LUA_MASKCOUNT, 1);
}
