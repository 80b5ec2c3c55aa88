// core/script/state.h: shared by the files of this room: the state, and the only way into Lua.
// `int lua_…(lua_State *)` may raise; `script_…` never does. Thread: the worker's.
#ifndef SCRIPT_STATE_H
#define SCRIPT_STATE_H

#include "base/list.h"
#include "script/script.h"
#include "script/watchdog.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

struct task;
struct lua_message;
struct lua_session;
struct timer;
struct listener;
struct counter;
struct header_name;

/** A loaded file. */
struct loaded {
    char *name, *path;
    char *shown; // the last two parts of the path, for errors
    char *text;  // its source, to find the lines of errors for which Lua has none
    enum script_kind kind;
    int chunk;                      // registry reference of the compiled file
    struct metrics_script *metrics; // NULL: it is not counted. Only the worker counts, not the loading thread
};

/** The owner of code that runs, and of the timers and listeners that it makes. */
struct owner {
    const struct loaded *file;
    const struct script_filter *filter; // NULL: a proxy action's file
};

/** The data to which a lua_State's extra space points: those of the main one are in the state, each coroutine has its
 *  own. */
struct thread {
    struct script_state *state;
    struct task *task;  // NULL: the main one
    struct owner owner; // of the code that runs
};

#define EVENT_NAMES 4096
#define HEADER_BUCKETS 256

/** Names of events, numbered as they are first seen: filters remember their verdict on each number. */
struct event_names {
    uint32_t *slots; // number + 1, 0: free
    uint32_t slot_count;
    char **names;
    const char **spellings; // of the known ones as scripts are given them, NULL: as it was sent
    uint32_t count;
};

struct script_state {
    lua_State *L;
    struct thread main;
    struct script_watch watch;
    struct script_limits limits;
    struct script_host host;
    struct script_shared *shared;
    struct metrics *metrics; // NULL: none
    struct set *warned;      // names for which there was a warning, NULL: none
    char **roots;            // folders with lib/
    size_t root_count;
    uint32_t worker;
    bool loading;     // files are being run: amp.every, amp.on and amp.use are allowed
    bool test_wanted; // a file is run only for its amp.test

    bool has_garbage; // Lua ran since the collector ended a cycle between turns
    size_t memory_used;
    size_t object_bytes; // what messages and sets of scripts take, which are not Lua's
    bool memory_limited; // false while the state is made, and while work of the host must not fail
    bool refused_late;   // the running call has failed to get memory because its time was up
    uint64_t memory_error_ms[2];

    struct loaded *files;
    size_t file_count;
    struct script_filter *filters; // all, linked
    struct script_action *actions; // all, linked

    struct message *current; // the message that was judged last, and the number of its name; one reference
    uint64_t current_serial;
    const char *current_spelling; // canonical spelling of its event's name, NULL: as it was sent
    struct script_filter *judged; // filters that remember their verdict on a message, chained
    uint32_t current_event;       // number of its event's name; UINT32_MAX: none
    struct event_names events;
    struct header_name *header_names[HEADER_BUCKETS]; // names that scripts read, chained
    struct lua_message *reused;                       // the object that filters get for each message
    int reused_ref;
    struct key_cache *keys;

    struct list_head tasks; // tasks that run or wait
    struct list_head pool;  // coroutines that succeeded, to be used again
    uint32_t task_count, pool_count;
    struct list_head calls;    // in flight
    uint64_t last_call;        // number of the last call
    size_t answer_bytes;       // bytes in the answers of calls
    struct list_head sessions; // session objects of Lua: struct lua_session
    struct list_head timers;
    uint32_t timer_count;
    struct list_head listeners;
    struct counter *counters;
    uint64_t log_second;
    uint32_t log_lines;
    struct call_tables *call_tables; // m.call; NULL: not used yet
    bool retired;
    uint64_t retire_ms;
    struct log_context log;
};

/** luaL_error(), with a hint for the compiler that it never returns. */
#define LUA_RAISE(...)           \
    do {                         \
        luaL_error(__VA_ARGS__); \
        __builtin_unreachable(); \
    } while (0)

static inline struct thread *thread_of(lua_State *L)
{
    return *(struct thread **)lua_getextraspace(L);
}

/** Counts a failed call of that file. */
static inline void loaded_failed(const struct loaded *file)
{
    if (file != NULL && file->metrics != NULL)
        metric_add(&file->metrics->failures, 1);
}

static inline struct script_state *state_of(lua_State *L)
{
    return thread_of(L)->state;
}

enum enter_how { ENTER_CALL, ENTER_RESUME };

/** The only way into Lua. ENTER_CALL: calls the function on the stack with `arguments`, and leaves its `results`, or
 *  the error. ENTER_RESUME: starts or continues coroutine L; `results` is ignored.
 *  @return LUA_OK, LUA_YIELD or an error, whose text script_error_text() returns */
int script_enter(struct script_state *state, lua_State *L, enum enter_how how, int arguments, int results);
/** Calls `function`, which may raise, with the light userdata `argument`. The stack is unchanged.
 *  @return false: it has raised, and `err` is set */
bool script_protect(struct script_state *state, lua_CFunction function, void *argument, struct error *err);
/** Returns the error on top of the stack as a text, whatever its type. Valid while it is on the stack. */
const char *script_error_text(struct script_state *state, lua_State *L, int status);

/** Raises if the call's time limit is reached; for loops in C. */
static inline void lua_check_time(lua_State *L, struct script_state *state)
{
    if (__builtin_expect(state->watch.expired != 0, 0))
        luaL_error(L, "time limit exceeded");
}

/** Counts memory that an object of Lua has, but not from Lua. Raises a memory error if that of all objects is more than
 *  the limit, although garbage was collected. The object gives it back by script_release(). */
void lua_hold(lua_State *L, size_t bytes);
static inline void script_release(struct script_state *state, size_t bytes)
{
    state->object_bytes -= bytes;
}

uint64_t script_now(const struct script_state *state);
/** Returns the number of an event's name; UINT32_MAX: there are too many names. */
uint32_t script_event_number(struct script_state *state, struct span name);
/** Makes `message` the current one. */
void script_current_set(struct script_state *state, struct message *message);

/** Pushes an empty table through which scripts can read the table at `index`, but not write to it. Unknown fields are
 *  an error: "unknown WHAT 'x'". */
void lua_freeze(lua_State *L, int index, const char *what);
/** Pushes a table of names to functions. */
void lua_push_functions(lua_State *L, const luaL_Reg *functions);
/** Makes the metatable `name` (hidden from scripts) with these functions. */
void lua_make_metatable(lua_State *L, const char *name, const luaL_Reg *functions);

// The files of the room add themselves to a new state. The stack is unchanged except where noted.
void lua_open_sandbox(lua_State *L);  // globals.c: pushes the table of globals, to which others add
void lua_open_strings(lua_State *L);  // strings.c: pushes the library `string`
void lua_open_tables(lua_State *L);   // tables.c: pushes the library `table`
void lua_open_messages(lua_State *L); // lua_message.c
void lua_open_sets(lua_State *L);     // lua_set.c
void lua_open_answers(lua_State *L);  // lua_answer.c
void lua_open_sessions(lua_State *L); // lua_session.c
void lua_open_replies(lua_State *L);  // lua_reply.c
void lua_open_shared(lua_State *L);   // lua_shared.c
void lua_open_amp(lua_State *L);      // amp.c: pushes the table `amp`
int lua_amp_test(lua_State *L);       // filter_test.c

// Parts that end with the state.
void script_filters_fini(struct script_state *state);
void script_actions_fini(struct script_state *state);
void script_tasks_fini(struct script_state *state);
void script_calls_fini(struct script_state *state);
void script_timers_fini(struct script_state *state);
void script_counters_fini(struct script_state *state);
/** Removes the timers and listeners of a filter that is freed. */
void script_timers_forget(struct script_state *state, const struct script_filter *filter);
/** Makes filters forget the verdicts that they remember. */
void script_filters_forget(struct script_state *state);
/** Runs the file of a proxy action. */
bool script_action_load(struct script_state *state, const struct loaded *file, struct error *err);

/** Finds the proxy action of a file. @return NULL: there is none */
struct script_action *script_action_of_file(const struct script_state *state, const char *name);
const struct loaded *script_file_find(const struct script_state *state, enum script_kind kind, const char *name);
/** Returns the line of `text` in which the key `key` is set; 0: none was found. */
unsigned script_line_of(const char *text, const char *key);

#endif
