// core/script/filter_load.c: runs a filter's file for its options and user, and reads the table that the file returns.
#include "script/filter.h"

#include "ami/event_class.h"
#include "base/memory.h"
#include "script/call_tables.h"
#include "script/suggest.h"
#include "script/task.h"
#include "script/unknown.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

unsigned script_line_of(const char *text, const char *key)
{
    size_t length = strlen(key);
    unsigned line = 1;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n') {
            line++;
            continue;
        }
        bool begins = at == text || !(isalnum((unsigned char)at[-1]) || at[-1] == '_' || at[-1] == '.');
        if (!begins || strncmp(at, key, length) != 0)
            continue;
        const char *after = at + length;
        after += strspn(after, " \t");
        if (after[0] == '=' && after[1] != '=')
            return line;
    }
    return 0;
}

void lua_push_value(lua_State *L, const struct script_value *value)
{
    luaL_checkstack(L, 4, "options too deep");
    switch (value->kind) {
    case SCRIPT_NIL:
        lua_pushnil(L);
        return;
    case SCRIPT_FLAG:
        lua_pushboolean(L, value->flag);
        return;
    case SCRIPT_NUMBER:
        if (value->number == (double)(lua_Integer)value->number)
            lua_pushinteger(L, (lua_Integer)value->number);
        else
            lua_pushnumber(L, value->number);
        return;
    case SCRIPT_TEXT:
        lua_pushstring(L, value->text);
        return;
    case SCRIPT_LIST:
    case SCRIPT_MAP:
        break;
    }
    lua_newtable(L);
    for (size_t i = 0; i < value->count; i++) {
        lua_push_value(L, &value->items[i]);
        if (value->kind == SCRIPT_LIST)
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        else
            lua_setfield(L, -2, value->keys[i]);
    }
}

/** Writes a value as a text that is the same for equal ones. */
static void write_value(FILE *out, const struct script_value *value)
{
    switch (value == NULL ? SCRIPT_NIL : value->kind) {
    case SCRIPT_NIL:
        (void)fputs("nil", out);
        return;
    case SCRIPT_FLAG:
        (void)fputs(value->flag ? "true" : "false", out);
        return;
    case SCRIPT_NUMBER:
        (void)fprintf(out, "%.17g", value->number);
        return;
    case SCRIPT_TEXT:
        (void)fprintf(out, "%zu:%s", strlen(value->text), value->text);
        return;
    case SCRIPT_LIST:
    case SCRIPT_MAP:
        break;
    }
    (void)fputc('{', out);
    for (size_t i = 0; i < value->count; i++) {
        if (value->kind == SCRIPT_MAP)
            (void)fprintf(out, "%zu:%s=", strlen(value->keys[i]), value->keys[i]);
        write_value(out, &value->items[i]);
        (void)fputc(',', out);
    }
    (void)fputc('}', out);
}

static char *text_of_value(const struct script_value *value)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL)
        return memory_text("");
    write_value(out, value);
    (void)fclose(out);
    return text;
}

static void push_classes(lua_State *L, uint32_t classes)
{
    static const char *const names[] = {"system", "call", "log",       "verbose",  "command",  "agent",     "user",
                                        "config", "dtmf", "reporting", "cdr",      "dialplan", "originate", "agi",
                                        "cc",     "aoc",  "test",      "security", "message"};
    lua_newtable(L);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        uint32_t bits;
        if (!event_class_find(span_of(names[i]), &bits) || (classes & bits) == 0)
            continue;
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, names[i]);
    }
}

static void push_user(lua_State *L, const struct script_user *user)
{
    if (user == NULL) {
        lua_pushnil(L);
        return;
    }
    lua_newtable(L);
    lua_pushstring(L, user->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, user->account);
    lua_setfield(L, -2, "account");
    lua_pushboolean(L, user->admin);
    lua_setfield(L, -2, "admin");
    push_classes(L, user->read);
    lua_setfield(L, -2, "read");
    push_classes(L, user->write);
    lua_setfield(L, -2, "write");
}

struct loading {
    struct script_filter *filter;
    const struct script_value *options;
    const struct script_user *user;
};

/** Raises an error that names the line in which `key` is set. */
static void fail_at(lua_State *L, const struct script_filter *filter, const char *key, const char *what)
{
    unsigned line = script_line_of(filter->file->text, key);
    if (line > 0)
        luaL_error(L, "%s:%d: %s: %s", filter->file->shown, (int)line, key, what);
    luaL_error(L, "%s: %s: %s", filter->file->shown, key, what);
}

static void check_keys(lua_State *L, int index, const struct script_filter *filter)
{
    static const char *const known[] = {"events", "where",  "otherwise", "message", "action",  "answers",
                                        "per",    "either", "stateful",  "save",    "restore", NULL};
    char what[SUGGEST_SIZE];

    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "%s: the returned table has names only", filter->file->shown);
        const char *key = lua_tostring(L, -2);
        if (!suggest_knows(key, known))
            fail_at(L, filter, key, suggest_about(what, "unknown key", key, known));
        lua_pop(L, 1);
    }
}

/** Makes a reference to the function `key` of the table; LUA_NOREF: there is none. */
static int read_function(lua_State *L, int index, const struct script_filter *filter, const char *key)
{
    if (lua_getfield(L, index, key) == LUA_TNIL) {
        lua_pop(L, 1);
        return LUA_NOREF;
    }
    if (!lua_isfunction(L, -1))
        fail_at(L, filter, key, "expected a function");
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

/** @return 1 or 0, -1 if the key is absent */
static int read_flag(lua_State *L, int index, const struct script_filter *filter, const char *key)
{
    int type = lua_getfield(L, index, key);
    int flag = lua_toboolean(L, -1);
    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        fail_at(L, filter, key, "expected true or false");
    lua_pop(L, 1);
    return type == LUA_TNIL ? -1 : flag;
}

static void read_table(lua_State *L, int index, struct script_filter *filter)
{
    check_keys(L, index, filter);
    lua_getfield(L, index, "per");
    if (!lua_isnil(L, -1) && (!lua_isstring(L, -1) ||
                              (strcmp(lua_tostring(L, -1), "class") != 0 && strcmp(lua_tostring(L, -1), "user") != 0)))
        fail_at(L, filter, "per", "expected \"user\" or \"class\"");
    filter->per_class = lua_isstring(L, -1) && strcmp(lua_tostring(L, -1), "class") == 0;
    lua_pop(L, 1);
    lua_read_conditions(L, index, &filter->conditions);
    filter->message = read_function(L, index, filter, "message");
    filter->action = read_function(L, index, filter, "action");
    filter->save = read_function(L, index, filter, "save");
    filter->restore = read_function(L, index, filter, "restore");
    filter->stateful = read_flag(L, index, filter, "stateful") == 1;
    filter->answers = read_flag(L, index, filter, "answers") == 1;
    filter->either = read_flag(L, index, filter, "either") == 1;
    int otherwise = read_flag(L, index, filter, "otherwise");
    bool has_conditions = filter->conditions.has_events || filter->conditions.clause_count > 0;
    filter->judges = has_conditions || filter->message != LUA_NOREF;
    if (filter->judges && filter->message == LUA_NOREF && otherwise < 0)
        luaL_error(L,
                   "%s: conditions without 'message' need 'otherwise': true to drop what they ask for, false to "
                   "drop all else",
                   filter->file->shown);
    if (filter->stateful && filter->answers)
        fail_at(L, filter, "answers", "answers come to one worker alone, so a stateful filter cannot judge them");
    if (!filter->judges && otherwise >= 0)
        fail_at(L, filter, "otherwise", "there is neither events nor where");
    filter->otherwise = otherwise != 0; // by default, messages that are not asked for pass
}

static int lua_load_filter(lua_State *L)
{
    struct loading *loading = lua_touserdata(L, 1);
    struct script_filter *filter = loading->filter;

    lua_rawgeti(L, LUA_REGISTRYINDEX, filter->file->chunk);
    if (loading->options == NULL || loading->options->kind == SCRIPT_NIL)
        lua_newtable(L);
    else
        lua_push_value(L, loading->options);
    push_user(L, loading->user);
    lua_call(L, 2, 1);
    if (!lua_istable(L, -1))
        return luaL_error(L, "%s: a filter returns a table, not a %s", filter->file->shown, luaL_typename(L, -1));
    read_table(L, lua_gettop(L), filter);
    return 0;
}

static struct script_filter *new_filter(struct script_state *state, const struct loaded *file, const char *user,
                                        char *options, bool observe)
{
    struct script_filter *filter = memory_zero(1, sizeof *filter);
    filter->state = state;
    filter->references = 1;
    filter->file = file;
    filter->user = memory_text(user);
    filter->options = options;
    filter->observe = observe;
    filter->message = filter->action = filter->save = filter->restore = LUA_NOREF;
    filter->failing = state->limits.pass_on_error ? SCRIPT_PASS : SCRIPT_FAIL;
    for (const struct script_filter *other = state->filters; user != NULL && other != NULL; other = other->next) {
        if (other->user != NULL && strcmp(other->user, user) != 0)
            break; // a user's filters are created one after the other
        filter->place += other->file == file && other->user != NULL;
    }
    filter->next = state->filters;
    state->filters = filter;
    return filter;
}

static void unlink_filter(struct script_filter *filter)
{
    struct script_filter **link = &filter->state->filters;
    while (*link != filter)
        link = &(*link)->next;
    *link = filter->next;
}

/** Frees a filter that is in the list no more. */
static void free_filter(struct script_filter *filter)
{
    struct script_state *state = filter->state;

    script_filters_forget(state);
    script_timers_forget(state, filter);
    script_call_tables_forget(state, filter);
    luaL_unref(state->L, LUA_REGISTRYINDEX, filter->message);
    luaL_unref(state->L, LUA_REGISTRYINDEX, filter->action);
    luaL_unref(state->L, LUA_REGISTRYINDEX, filter->save);
    luaL_unref(state->L, LUA_REGISTRYINDEX, filter->restore);
    conditions_fini(&filter->conditions);
    script_filter_set_quarantine(filter, false);
    free(filter->options);
    free(filter->user);
    free(filter);
}

static void destroy_filter(struct script_filter *filter)
{
    unlink_filter(filter);
    free_filter(filter);
}

static struct script_filter *find_shared(const struct script_state *state, const struct loaded *file,
                                         const char *options, bool observe)
{
    for (struct script_filter *filter = state->filters; filter != NULL; filter = filter->next)
        if (filter->file == file && filter->per_class && filter->user == NULL && filter->observe == observe &&
            strcmp(filter->options, options) == 0)
            return filter;
    return NULL;
}

static bool run_file(struct script_filter *filter, struct loading *loading, struct error *err)
{
    struct script_state *state = filter->state;
    struct owner before = state->main.owner;
    bool loading_before = state->loading;

    loading->filter = filter;
    state->main.owner = (struct owner){filter->file, filter};
    state->loading = true;
    bool loaded = script_protect(state, lua_load_filter, loading, err);
    state->loading = loading_before;
    state->main.owner = before;
    return loaded;
}

struct script_filter *script_filter_create(struct script_state *state, const char *name,
                                           const struct script_value *options, const struct script_user *user,
                                           bool observe, struct error *err)
{
    const struct loaded *file = script_file_find(state, SCRIPT_IS_FILTER, name);
    struct loading loading = {.options = options, .user = user};

    if (file == NULL) {
        error_set(err, "unknown filter '%s'", name);
        return NULL;
    }
    char *text = text_of_value(options);
    struct script_filter *shared = find_shared(state, file, text, observe);
    if (shared != NULL) {
        free(text);
        shared->references++;
        return shared;
    }
    struct script_filter *filter = new_filter(state, file, user == NULL ? NULL : user->name, text, observe);
    if (!run_file(filter, &loading, err)) {
        destroy_filter(filter);
        return NULL;
    }
    if (filter->per_class && user != NULL) { // once more, for all users
        destroy_filter(filter);
        return script_filter_create(state, name, options, NULL, observe, err);
    }
    script_warn_conditions(filter);
    return filter;
}

void script_filter_unref(struct script_filter *filter)
{
    if (filter != NULL && --filter->references == 0) {
        script_tasks_cancel(filter->state, (struct handle){0}, filter);
        destroy_filter(filter);
    }
}

void script_filters_fini(struct script_state *state)
{
    while (state->filters != NULL) {
        struct script_filter *filter = state->filters;
        state->filters = filter->next;
        free_filter(filter);
    }
}
