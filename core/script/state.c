// core/script/state.c: a Lua state with its limits: creates it, loads scripts, collects garbage, frees it.
#include "script/state.h"

#include "base/clock.h"
#include "base/memory.h"
#include "script/call_tables.h"
#include "script/header_names.h"
#include "script/lua_message.h"
#include "script/source.h"
#include "script/spelling.h"
#include "script/task.h"
#include "script/unknown.h"

#include <errno.h>
#include <stdlib.h>

#define LATE_BYTES 65536 // a block of so many is not given when the time limit is reached

void script_limits_default(struct script_limits *limits)
{
    *limits = (struct script_limits){.memory = 32 * 1024 * 1024,
                                     .time_ms = 20,
                                     .pattern_steps = 1000000,
                                     .call_timeout_ms = 10000,
                                     .waiting = 256,
                                     .timers = 256,
                                     .quarantine = 100};
}

uint64_t script_now(const struct script_state *state)
{
    return state->host.clock_ms != NULL ? state->host.clock_ms(state->host.context) : clock_ms();
}

/** Refuses a large block that is wanted although the call's time limit is reached. Within one instruction, where no
 *  hook is called, Lua may grow the stack for long: a table that is its own `__call` shifts all of it for each step.
 *  @return true: refused */
static bool state_refuses_late(struct script_state *state, size_t new_size)
{
    bool late = new_size >= LATE_BYTES && state->watch.expired != 0;

    state->refused_late = state->refused_late || late;
    return late;
}

/** The lua_Alloc of a state, with a limit. Beyond it an allocation fails; Lua then collects garbage, and raises an
 *  error if that is not enough. */
static void *state_allocate(void *context, void *block, size_t old_size, size_t new_size)
{
    struct script_state *state = context;

    if (block == NULL)
        old_size = 0; // Lua passes the kind of object here
    if (new_size == 0) {
        free(block);
        state->memory_used -= old_size;
        return NULL;
    }
    if (new_size > old_size && state->memory_limited &&
        (state->memory_used + (new_size - old_size) > state->limits.memory || state_refuses_late(state, new_size)))
        return NULL;
    void *grown = realloc(block, new_size);
    if (grown != NULL)
        state->memory_used = state->memory_used - old_size + new_size;
    return grown;
}

void lua_hold(lua_State *L, size_t bytes)
{
    struct script_state *state = state_of(L);

    if (state->memory_limited && state->object_bytes + bytes > state->limits.memory) {
        lua_gc(L, LUA_GCCOLLECT);
        if (state->object_bytes + bytes > state->limits.memory)
            (void)lua_newuserdatauv(L, state->limits.memory, 0); // never fits: raises as any other lack of memory
    }
    state->object_bytes += bytes;
}

static int lua_open_all(lua_State *L)
{
    lua_open_messages(L);
    lua_open_sets(L);
    lua_open_answers(L);
    lua_open_sessions(L);
    lua_open_replies(L);
    lua_open_shared(L);
    lua_open_sandbox(L);
    lua_open_amp(L);
    lua_freeze(L, -1, "function of amp:");
    lua_setfield(L, -3, "amp");
    lua_pop(L, 1);
    lua_freeze(L, -1, "global");
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    return 0;
}

/** Reads a whole script; the caller frees it. */
static char *read_script(const char *path, size_t *length, struct error *err)
{
    char *text = script_source_read(path, length);
    if (text == NULL && errno == EFBIG)
        error_set(err, "%s: expected a script of at most 1 MiB", path);
    else if (text == NULL)
        error_set(err, "%s: %s", path, strerror(errno));
    return text;
}

struct chunk {
    struct loaded *file;
    size_t length;
};

static int lua_compile(lua_State *L)
{
    struct chunk *chunk = lua_touserdata(L, 1);
    lua_pushfstring(L, "@%s", chunk->file->shown);
    if (luaL_loadbufferx(L, chunk->file->text, chunk->length, lua_tostring(L, -1), "t") != LUA_OK)
        return lua_error(L);
    chunk->file->chunk = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

/** Returns the last two parts of a path: Lua shows no more, and they are enough to find the file. */
static char *shown_path(const char *path)
{
    const char *shown = strrchr(path, '/');
    if (shown == NULL)
        return memory_text(path);
    while (shown > path && shown[-1] != '/')
        shown--;
    return memory_text(shown);
}

struct reading {
    struct script_state *state;
    const struct loaded *file;
};

static void on_unknown(void *context, bool is_event, struct span name, unsigned line)
{
    const struct reading *reading = context;

    script_warn_unknown(reading->state, reading->file, is_event, name, line);
}

static bool load_file(struct script_state *state, const struct script_file *from, struct error *err)
{
    struct loaded *file = &state->files[state->file_count++];
    struct chunk chunk = {.file = file};

    *file = (struct loaded){.name = memory_text(from->name),
                            .path = memory_text(from->path),
                            .shown = shown_path(from->path),
                            .kind = from->kind,
                            .chunk = LUA_NOREF};
    if (state->metrics != NULL)
        file->metrics =
            metrics_script(state->metrics, state->worker,
                           from->kind == SCRIPT_IS_FILTER ? METRICS_FILTER : METRICS_PROXY_ACTION, from->name);
    file->text = read_script(file->path, &chunk.length, err);
    struct reading reading = {state, file};
    struct spelling spelling = {file->text, file->shown, on_unknown, &reading};
    return file->text != NULL && script_protect(state, lua_compile, &chunk, err) &&
           script_spelling_check(&spelling, err);
}

static bool load_all(struct script_state *state, const struct script_files *files, struct error *err)
{
    state->files = memory_zero(files->count + 1, sizeof *state->files);
    for (size_t i = 0; i < files->count; i++)
        if (!load_file(state, &files->items[i], err))
            return false;
    for (size_t i = 0; i < files->count; i++)
        if (state->files[i].kind == SCRIPT_IS_PROXY_ACTION && !script_action_load(state, &state->files[i], err))
            return false;
    return true;
}

static void copy_roots(struct script_state *state, const struct script_setup *setup)
{
    state->roots = memory_zero(setup->more_root_count + 1, sizeof *state->roots);
    if (setup->root != NULL)
        state->roots[state->root_count++] = memory_text(setup->root);
    for (size_t i = 0; i < setup->more_root_count; i++)
        state->roots[state->root_count++] = memory_text(setup->more_roots[i]);
}

struct script_state *script_state_create(const struct script_setup *setup, struct error *err)
{
    struct script_state *state = memory_zero(1, sizeof *state);

    state->limits = setup->limits;
    state->host = setup->host;
    state->shared = setup->shared;
    copy_roots(state, setup);
    state->worker = setup->worker;
    state->metrics = setup->metrics;
    state->current_event = UINT32_MAX;
    state->main.state = state;
    script_watch_init(&state->watch, setup->watchdog, setup->limits.time_ms);
    state->L = lua_newstate(state_allocate, state);
    if (state->L == NULL) {
        error_set(err, "no memory for a Lua state");
        script_state_destroy(state);
        return NULL;
    }
    *(struct thread **)lua_getextraspace(state->L) = &state->main;
    lua_checkstack(state->L, 64); // room for values that the host pushes outside of protected calls
    if (!script_protect(state, lua_open_all, NULL, err) || !script_message_make_reused(state, err)) {
        script_state_destroy(state);
        return NULL;
    }
    state->memory_limited = true;
    if (!load_all(state, setup->files, err)) {
        script_state_destroy(state);
        return NULL;
    }
    return state;
}

void script_state_leave_thread(const struct script_state *state)
{
    script_watch_leave_thread(&state->watch);
}

void script_state_destroy(struct script_state *state)
{
    if (state == NULL)
        return;
    script_calls_fini(state);
    script_tasks_fini(state);
    script_timers_fini(state);
    script_filters_fini(state);
    script_call_tables_fini(state);
    script_actions_fini(state);
    if (state->L != NULL)
        lua_close(state->L);
    script_counters_fini(state);
    script_watch_fini(&state->watch);
    message_unref(state->current);
    set_unref(state->warned);
    script_header_names_fini(state);
    for (size_t i = 0; i < state->file_count; i++) {
        free(state->files[i].name);
        free(state->files[i].path);
        free(state->files[i].shown);
        free(state->files[i].text);
    }
    for (uint32_t i = 0; i < state->events.count; i++)
        free(state->events.names[i]);
    free(state->events.names);
    free(state->events.spellings);
    free(state->events.slots);
    free(state->files);
    free(state->keys);
    for (size_t i = 0; i < state->root_count; i++)
        free(state->roots[i]);
    free(state->roots);
    free(state);
}

void script_state_step(struct script_state *state)
{
    message_unref(state->current);
    state->current = NULL;
    script_filters_forget(state);
    script_call_tables_step(state);
    if (state->has_garbage)
        state->has_garbage = lua_gc(state->L, LUA_GCSTEP, 0) == 0; // 1: the step ended a cycle
}

size_t script_state_memory(const struct script_state *state)
{
    return state->memory_used;
}

const struct loaded *script_file_find(const struct script_state *state, enum script_kind kind, const char *name)
{
    for (size_t i = 0; i < state->file_count; i++)
        if (state->files[i].kind == kind && strcmp(state->files[i].name, name) == 0)
            return &state->files[i];
    return NULL;
}
