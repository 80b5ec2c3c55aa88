// core/script/lists.c: amp.servers, sessions, formats, stats, scripts, proxy_actions: each returns a list of tables.
// The host's visitors must not raise. So they copy what they visit, and it is pushed when the host has returned.
#include "script/lists.h"

#include "base/memory.h"
#include "script/action.h"
#include "script/call.h"
#include "script/filter.h"
#include "script/lua_token.h"
#include "script/suggest.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum field_kind { FIELD_TEXT, FIELD_INTEGER, FIELD_FLAG };

/** One field of an entry of the list; `entry` is the entry's number. */
struct field {
    uint32_t entry;
    enum field_kind kind;
    const char *name; // a constant of the program
    char *text;
    uint64_t integer;
};

struct list {
    uint32_t entries, count, capacity;
    struct field *fields;
};

static struct field *add_field(struct list *list, const char *name, enum field_kind kind)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->fields = memory_grow(list->fields, list->capacity * sizeof *list->fields);
    }
    struct field *field = &list->fields[list->count++];
    *field = (struct field){.entry = list->entries, .kind = kind, .name = name};
    return field;
}

static void add_text(struct list *list, const char *name, const char *text)
{
    if (text != NULL)
        add_field(list, name, FIELD_TEXT)->text = memory_text(text);
}

static void add_integer(struct list *list, const char *name, uint64_t value)
{
    add_field(list, name, FIELD_INTEGER)->integer = value;
}

static void add_flag(struct list *list, const char *name, bool value)
{
    add_field(list, name, FIELD_FLAG)->integer = value;
}

static int lua_push_list(lua_State *L)
{
    const struct list *list = lua_touserdata(L, 1);
    uint32_t at = 0;

    lua_createtable(L, (int)list->entries, 0);
    for (uint32_t entry = 1; entry <= list->entries; entry++) {
        lua_newtable(L);
        for (; at < list->count && list->fields[at].entry == entry; at++) {
            const struct field *field = &list->fields[at];
            if (field->kind == FIELD_TEXT)
                lua_pushstring(L, field->text);
            else if (field->kind == FIELD_INTEGER)
                lua_pushinteger(L, (lua_Integer)field->integer);
            else
                lua_pushboolean(L, field->integer != 0);
            lua_setfield(L, -2, field->name);
        }
        lua_rawseti(L, -2, entry);
    }
    return 1;
}

/** Pushes the list. Frees it, also if that raises. */
static int push_list(lua_State *L, struct list *list)
{
    lua_pushcfunction(L, lua_push_list);
    lua_pushlightuserdata(L, list);
    int status = lua_pcall(L, 1, 1, 0);
    for (uint32_t i = 0; i < list->count; i++)
        free(list->fields[i].text);
    free(list->fields);
    return status == LUA_OK ? 1 : lua_error(L);
}

static void on_server(void *visitor, const struct script_server_info *info)
{
    struct list *list = visitor;
    list->entries++;
    add_text(list, "name", info->name);
    add_text(list, "host", info->host);
    add_text(list, "address", info->address);
    add_text(list, "user", info->user);
    add_text(list, "events", info->events);
    add_integer(list, "port", info->port);
    add_flag(list, "up", info->up);
    if (info->node != NULL)
        add_text(list, "node", info->node);
}

/** server:action{ … }: amp.call to this server. */
static int lua_server_action(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, 2) != 0) {
        if (lua_type(L, -2) == LUA_TSTRING && strcasecmp(lua_tostring(L, -2), "server") == 0)
            return luaL_error(L, "'server' stands in a request to a server");
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, 3);
    }
    lua_pushliteral(L, "name");
    lua_rawget(L, 1);
    lua_setfield(L, 3, "server");
    lua_replace(L, 1);
    lua_settop(L, 1);
    return lua_amp_call(L);
}

/*** amp.servers() -> list of { name, host, address, port, user, events, up }, in the configured order; each has
 *   server:action{ … }, which is amp.call{ server = its name, … }. */
int lua_amp_servers(lua_State *L)
{
    const struct script_host *host = &state_of(L)->host;
    struct list list = {.entries = 0};

    if (host->each_server == NULL)
        return luaL_error(L, "amp.servers is not possible here");
    host->each_server(host->context, on_server, &list);
    (void)push_list(L, &list);
    lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        lua_pushcfunction(L, lua_server_action);
        lua_setfield(L, -2, "action");
        lua_pop(L, 1);
    }
    return 1;
}

static void on_session(void *visitor, const struct script_session_info *info)
{
    static const char *const autofilters[] = {"off", "on", "unique"};
    struct list *list = visitor;
    list->entries++;
    add_integer(list, "id", info->id);
    add_text(list, "user", info->user);
    add_text(list, "address", info->address);
    add_text(list, "ip", info->ip);
    add_text(list, "input", info->input);
    add_text(list, "output", info->output);
    add_text(list, "token", info->token);
    add_text(list, "action_id", info->action_id);
    add_text(list, "autofilter", autofilters[info->autofilter <= 2 ? info->autofilter : 0]);
    add_flag(list, "admin", info->admin);
    add_flag(list, "encrypted", info->encrypted);
    add_flag(list, "authenticated", info->authenticated);
    add_flag(list, "detached", info->detached);
}

/** Reads a positive integer of the table at index 1. @return `otherwise` if the table has none of that name */
static uint64_t check_number(lua_State *L, const char *name, uint64_t otherwise)
{
    int type = lua_getfield(L, 1, name), exact = 0;
    lua_Integer number = lua_tointegerx(L, -1, &exact);

    lua_pop(L, 1);
    if (type == LUA_TNIL)
        return otherwise;
    if (type != LUA_TNUMBER || !exact || number < 1)
        luaL_error(L, "amp.sessions: '%s': expected a whole number above 0", name);
    return (uint64_t)number;
}

/** Reads the table at index 1, which stays there: the name of the user is lent by it. */
static struct script_session_range check_session_range(lua_State *L)
{
    static const char *const known[] = {"user", "before", "most", NULL};
    struct script_session_range range = {.before = UINT64_MAX, .most = UINT32_MAX};
    uint64_t most;

    if (lua_isnoneornil(L, 1))
        return range;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_check_keys(L, 1, "amp.sessions: unknown field", known);
    range.before = check_number(L, "before", range.before);
    most = check_number(L, "most", range.most);
    range.most = most < UINT32_MAX ? (uint32_t)most : UINT32_MAX;
    if (lua_getfield(L, 1, "user") != LUA_TNIL && lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "amp.sessions: 'user': expected a text");
    range.user = lua_tostring(L, -1);
    return range;
}

/*** amp.sessions([{ user = name, before = id, most = number }]) -> list of { id, user, address, ip, input, output,
 *   action_id, autofilter, admin, encrypted, authenticated, detached } of all workers, newest first; none while files
 *   are loaded.
 *   The fields choose: sessions of one user, sessions older than `before`, at most so many. */
int lua_amp_sessions(lua_State *L)
{
    const struct script_host *host = &state_of(L)->host;
    struct script_session_range range = check_session_range(L);
    struct list list = {.entries = 0};

    if (host->each_session == NULL)
        return luaL_error(L, "amp.sessions is not possible here");
    if (!state_of(L)->loading) // a worker's files are loaded on another thread
        host->each_session(host->context, &range, on_session, &list);
    return push_list(L, &list);
}

static void on_format(void *visitor, const struct script_format_info *info)
{
    struct list *list = visitor;
    list->entries++;
    add_text(list, "name", info->name);
    add_flag(list, "input", info->input);
    add_flag(list, "output", info->output);
}

/*** amp.formats() -> list of { name, input, output } */
int lua_amp_formats(lua_State *L)
{
    const struct script_host *host = &state_of(L)->host;
    struct list list = {.entries = 0};

    if (host->each_format == NULL)
        return luaL_error(L, "amp.formats is not possible here");
    host->each_format(host->context, on_format, &list);
    return push_list(L, &list);
}

static void on_revoked(void *visitor, const char *user, const char *label, uint64_t made_us, uint64_t until_s)
{
    struct list *list = visitor;
    list->entries++;
    add_text(list, "user", user);
    add_text(list, "label", label);
    add_integer(list, "made", made_us / 1000000);
    add_integer(list, "until", until_s);
}

/*** amp.revoked_tokens() -> list of { user, label, made, until }; times are seconds since 1970 */
int lua_amp_revoked_tokens(lua_State *L)
{
    const struct script_host *host = &state_of(L)->host;
    struct list list = {.entries = 0};

    if (host->each_revoked == NULL)
        return luaL_error(L, "amp.revoked_tokens is not possible here");
    host->each_revoked(host->context, on_revoked, &list);
    return push_list(L, &list);
}

static void on_stat(void *visitor, const char *name, uint64_t value)
{
    struct list *list = visitor;
    list->entries++;
    add_text(list, "name", name);
    add_integer(list, "value", value);
}

/*** amp.stats() -> list of { name, value }: the program's counters (not while files are loaded), then
 *   those of amp.count of this worker */
int lua_amp_stats(lua_State *L)
{
    const struct script_state *state = state_of(L);
    struct list list = {.entries = 0};

    if (state->host.each_stat != NULL && !state->loading) // as in amp.sessions()
        state->host.each_stat(state->host.context, on_stat, &list);
    on_stat(&list, "ScriptMemory", state->memory_used);
    on_stat(&list, "ScriptsWaiting", state->task_count);
    script_state_counters(state, on_stat, &list);
    return push_list(L, &list);
}

struct script_report script_filter_report(const struct script_filter *filter)
{
    return (struct script_report){.name = filter->file->name,
                                  .kind = "filter",
                                  .user = filter->user,
                                  .seen = filter->seen,
                                  .entered = filter->entered,
                                  .passed = filter->passed,
                                  .dropped = filter->dropped,
                                  .changed = filter->changed,
                                  .failed = filter->failed,
                                  .observed = filter->observe,
                                  .quarantined = filter->quarantined};
}

void script_state_report(const struct script_state *state, void (*visit)(void *visitor, const struct script_report *),
                         void *visitor)
{
    for (const struct script_action *action = state->actions; action != NULL; action = action->next) {
        struct script_report report = {.name = action->name,
                                       .kind = "proxy action",
                                       .seen = action->runs,
                                       .entered = action->runs,
                                       .failed = action->failures};
        visit(visitor, &report);
    }
    for (const struct script_filter *filter = state->filters; filter != NULL; filter = filter->next) {
        struct script_report report = script_filter_report(filter);
        visit(visitor, &report);
    }
}

static void on_script(void *visitor, const struct script_report *report)
{
    struct list *list = visitor;
    list->entries++;
    add_text(list, "name", report->name);
    add_text(list, "kind", report->kind);
    add_text(list, "user", report->user);
    add_integer(list, "seen", report->seen);
    add_integer(list, "entered", report->entered);
    add_integer(list, "passed", report->passed);
    add_integer(list, "dropped", report->dropped);
    add_integer(list, "changed", report->changed);
    add_integer(list, "failed", report->failed);
    add_flag(list, "observed", report->observed);
    add_flag(list, "quarantined", report->quarantined);
}

/*** amp.scripts() -> list of { name, kind, user, seen, entered, passed, dropped, changed, failed, observed,
 *   quarantined } of this worker */
int lua_amp_scripts(lua_State *L)
{
    struct list list = {.entries = 0};
    script_state_report(state_of(L), on_script, &list);
    return push_list(L, &list);
}

/*** amp.proxy_actions() -> list of { name, summary, admin } */
int lua_amp_proxy_actions(lua_State *L)
{
    struct list list = {.entries = 0};
    for (const struct script_action *action = state_of(L)->actions; action != NULL; action = action->next) {
        list.entries++;
        add_text(&list, "name", action->name);
        add_text(&list, "summary", action->summary);
        add_flag(&list, "admin", action->info.admin);
    }
    return push_list(L, &list);
}
