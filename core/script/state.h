// core/script/state.h: what the files of this room share: the state, and the one way into Lua.
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
    char *shown; // the path as errors show it: the last two parts
    char *text;  // its source; for the lines of errors that Lua does not place
    enum script_kind kind;
    int chunk;                      // registry reference of the compiled file
    struct metrics_script *metrics; // NULL: it is not counted. The worker's: nothing is added while files are loaded
};

/** Whose code runs: timers and listeners that are made belong to it. */
struct owner {
    const struct loaded *file;
    const struct script_filter *filter; // NULL: of a proxy action's file
};

/** What a lua_State's extra space points to: the main one's is inside the state, each coroutine has one. */
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
    struct set *warned;      // names that were warned of, NULL: none
    char **roots;            // folders with lib/
    size_t root_count;
    uint32_t worker;
    bool loading;     // files run: amp.every, amp.on and amp.use are allowed
    bool test_wanted; // a file runs only for the sake of its amp.test

    size_t memory_used;
    bool memory_limited; // not while the state is made or a host's own work must not fail
    uint64_t memory_error_ms[2];

    struct loaded *files;
    size_t file_count;
    struct script_filter *filters; // all, linked
    struct script_action *actions; // all, linked

    struct message *current; // the message that was judged last, and the number of its name; one reference
    uint64_t current_serial;
    const char *current_spelling; // of its event's name, NULL: as it was sent
    struct script_filter *judged; // that remember their verdict on a message, chained
    uint32_t current_event;       // UINT32_MAX: has none
    struct event_names events;
    struct header_name *header_names[HEADER_BUCKETS]; // that scripts ask for, chained
    struct lua_message *reused;                       // the one object that filters get
    int reused_ref;
    struct key_cache *keys;

    struct list_head tasks; // they run or wait
    struct list_head pool;  // coroutines that ended without an error, to be used again
    uint32_t task_count, pool_count;
    struct list_head calls;    // in flight
    uint64_t last_call;        // number of the latest
    size_t answer_bytes;       // held by answers of calls
    struct list_head sessions; // objects of Lua: struct lua_session
    struct timer *timers;
    uint32_t timer_count;
    struct listener *listeners;
    struct counter *counters;
    uint64_t log_second;
    uint32_t log_lines;
    bool retired;
    uint64_t retire_ms;
    struct log_context log;
};

/** luaL_error(), which compilers do not know never to return. */
#define LUA_RAISE(...)           \
    do {                         \
        luaL_error(__VA_ARGS__); \
        __builtin_unreachable(); \
    } while (0)

static inline struct thread *thread_of(lua_State *L)
{
    return *(struct thread **)lua_getextraspace(L);
}

/** One more call of that file has failed. */
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

/** The one way into Lua. ENTER_CALL: function and `arguments` are on the stack; then its `results` are, or the error.
 *  ENTER_RESUME: starts or goes on with coroutine L; `results` is not looked at.
 *  @return LUA_OK, LUA_YIELD or an error, whose text script_error_text() tells */
int script_enter(struct script_state *state, lua_State *L, enum enter_how how, int arguments, int results);
/** Calls `function` with the light userdata `argument`, for work of our own that may raise. The stack is as before.
 *  @return false with `err` */
bool script_protect(struct script_state *state, lua_CFunction function, void *argument, struct error *err);
/** The error on top of the stack as a text, whatever it is. Lent as long as it stands there. */
const char *script_error_text(struct script_state *state, lua_State *L, int status);

/** Raises if the call's time is over: for loops in C. */
static inline void lua_check_time(lua_State *L, struct script_state *state)
{
    if (__builtin_expect(state->watch.expired != 0, 0))
        luaL_error(L, "time limit exceeded");
}

uint64_t script_now(const struct script_state *state);
/** Number of an event's name, UINT32_MAX if there are too many. */
uint32_t script_event_number(struct script_state *state, struct span name);
/** Makes `message` the current one. */
void script_current_set(struct script_state *state, struct message *message);

/** Marks the table at `index` as read-only to scripts, by standing an empty one in front of it: pushes that. Unknown
 *  fields are an error: "unknown WHAT 'x'". */
void lua_freeze(lua_State *L, int index, const char *what);
/** Pushes a table of names to functions. */
void lua_push_functions(lua_State *L, const luaL_Reg *functions);
/** Makes the metatable `name` (hidden from scripts) with these functions. */
void lua_make_metatable(lua_State *L, const char *name, const luaL_Reg *functions);

// The files of the room add themselves to a new state; each leaves the stack as it was but where said.
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
/** Timers and listeners of an instance that goes. */
void script_timers_forget(struct script_state *state, const struct script_filter *filter);
/** Filters forget what they remember of messages. */
void script_filters_forget(struct script_state *state);
/** Runs the file of a proxy action. */
bool script_action_load(struct script_state *state, const struct loaded *file, struct error *err);

/** The proxy action that a file made; NULL: none. */
struct script_action *script_action_of_file(const struct script_state *state, const char *name);
const struct loaded *script_file_find(const struct script_state *state, enum script_kind kind, const char *name);
/** The line of `text` in which the key `key` is set, 0: none is found. */
unsigned script_line_of(const char *text, const char *key);

#endif
