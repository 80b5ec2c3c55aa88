// core/script/lua_answer.c: amp.call, amp.call_all, amp.sleep, and what they return.
#include "ami/vocabulary.h"
#include "base/nearest.h"
#include "script/call.h"
#include "script/lua_message.h"
#include "script/lua_token.h"
#include "script/suggest.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define CALLS 256 // of one amp.call_all

uint64_t lua_check_duration(lua_State *L, int index)
{
    if (lua_type(L, index) == LUA_TNUMBER) {
        lua_Number seconds = lua_tonumber(L, index);
        if (!(seconds >= 0 && seconds <= 86400 * 365.0))
            luaL_error(L, "a duration is from 0 to a year");
        return (uint64_t)(seconds * 1000);
    }
    if (lua_type(L, index) == LUA_TSTRING) {
        static const struct {
            const char *unit;
            uint64_t ms;
        } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
        const char *text = lua_tostring(L, index);
        size_t digits = strspn(text, "0123456789");
        uint64_t number;
        bool is_number = span_number((struct span){text, digits}, 0, 31536000, &number);
        for (size_t i = 0; is_number && i < sizeof units / sizeof *units; i++)
            if (strcmp(text + digits, units[i].unit) == 0)
                return number * units[i].ms;
    }
    luaL_error(L, "a duration is written as \"500ms\", \"30s\", \"5m\", \"1h\", \"1d\" or as seconds");
    return 0;
}

struct lua_answer *lua_push_answer(lua_State *L)
{
    struct lua_answer *answer = lua_newuserdatauv(L, sizeof *answer, 0);
    *answer = (struct lua_answer){.state = state_of(L)};
    luaL_setmetatable(L, "answer");
    return answer;
}

void lua_answer_fail(struct lua_answer *answer, const char *reason)
{
    answer->done = true;
    (void)snprintf(answer->reason, sizeof answer->reason, "%s", reason);
}

/** The fields of a request that are not headers: their stack indexes, 0: absent. */
struct fields {
    int server, timeout;
};

const char *const lua_request_fields[] = {"server", "timeout", NULL};
const char *const lua_answer_fields[] = {"ok", "reason", "response", "count", "events", NULL};

/** Raises if a name in lower case is probably a mistyped field of a request: as a header, it would be sent. */
static void check_field(lua_State *L, const char *key)
{
    const char *meant = key[0] >= 'a' && key[0] <= 'z' && !vocabulary_has_header(span_of(key))
                            ? nearest_of(span_of(key), lua_request_fields, 2)
                            : NULL;
    if (meant != NULL)
        luaL_error(L, "unknown option '%s' of a request: did you mean '%s'?", key, meant);
}

/** Is the value on top the time limit of the call? `timeout` in lower case always is. In another spelling, a number is
 *  a header of the action instead (Originate has a `Timeout` in milliseconds). */
static bool is_limit(lua_State *L, const char *key)
{
    return strcmp(key, "timeout") == 0 ||
           (strcasecmp(key, "timeout") == 0 && lua_type(L, -1) == LUA_TSTRING && !lua_isnumber(L, -1));
}

/** Moves the value on top to the place of a field. */
static void take_field(lua_State *L, int *field, int at, const char *name)
{
    if (*field != 0)
        luaL_error(L, "'%s' is given twice in one request", name);
    lua_copy(L, -1, at);
    *field = at;
}

/** Pushes two places for the fields, then a copy of the request at `index` without the fields. */
static struct fields push_headers(lua_State *L, int index)
{
    struct fields fields = {0, 0};

    lua_pushnil(L);
    lua_pushnil(L);
    lua_newtable(L);
    int copy = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        if (strcasecmp(key, "server") == 0) {
            take_field(L, &fields.server, copy - 2, "server");
        } else if (is_limit(L, key)) {
            take_field(L, &fields.timeout, copy - 1, "timeout");
        } else {
            check_field(L, key);
            lua_pushvalue(L, -2);
            lua_pushvalue(L, -2);
            lua_rawset(L, copy);
        }
        lua_pop(L, 1);
    }
    return fields;
}

/** Returns the server that the request is for; NULL: the first that is up. The server may also be an entry of the list
 *  part of the request. Lent by the message or the stack. */
static const char *server_of(lua_State *L, const struct fields *fields, struct message *action)
{
    struct span value;
    bool is_header = message_find(action, "Server", &value);

    if (fields->server == 0 && !is_header)
        return NULL;
    if (is_header && fields->server != 0) {
        message_unref(action);
        luaL_error(L, "'server' is given twice in one request");
    }
    if (is_header)
        return lua_pushlstring(L, value.bytes, value.length);
    lua_pushvalue(L, fields->server);
    return lua_tostring(L, -1);
}

/** Sends the request at `index`. The caller has pushed its answer. */
static void send_call(lua_State *L, struct task *task, int index, struct lua_answer *answer)
{
    static const char *const first[] = {"Action", NULL};
    struct script_state *state = task->thread.state;
    uint64_t timeout_ms = state->limits.call_timeout_ms;

    index = lua_absindex(L, index);
    luaL_checkstack(L, 16, NULL);
    luaL_checktype(L, index, LUA_TTABLE);
    if (state->host.call == NULL)
        LUA_RAISE(L, "amp.call is not possible here");
    int top = lua_gettop(L);
    struct fields fields = push_headers(L, index);
    if (fields.timeout != 0)
        timeout_ms = lua_check_duration(L, fields.timeout);
    if (fields.server != 0 && lua_type(L, fields.server) != LUA_TSTRING)
        luaL_error(L, "a server's name is a text, not a %s", luaL_typename(L, fields.server));
    struct message *action = lua_to_message(L, -1, first, (struct span){NULL, 0});
    if (action->kind != MESSAGE_ACTION) {
        message_unref(action);
        luaL_error(L, "a request begins with Action");
    }
    const char *server = server_of(L, &fields, action);
    if (state->retired)
        lua_answer_fail(answer, "reloading");
    else
        state->host.call(state->host.context, script_call_create(task, answer, timeout_ms), server, action, timeout_ms);
    message_unref(action);
    lua_settop(L, top);
}

/** Returns the value on top when the wait is over: the answer, or the list of answers. */
static int lua_return_top(lua_State *L, int status, lua_KContext context)
{
    (void)L;
    (void)status;
    (void)context;
    return 1;
}

int lua_answer_wait(lua_State *L, const struct task *task)
{
    return task->pending == 0 ? 1 : lua_yieldk(L, 0, 0, lua_return_top);
}

/*** amp.call{ Action = …, server = name, timeout = "10s" } -> answer. Waits. Never raises because of an answer or of
 *   its absence: see answer.ok, answer.reason. */
int lua_amp_call(lua_State *L)
{
    struct task *task = lua_check_task(L, "amp.call");
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    send_call(L, task, 1, lua_push_answer(L));
    return lua_answer_wait(L, task);
}

/*** amp.call_all{ request, request, … } -> list of answers in the same order. One wait for all. */
int lua_amp_call_all(lua_State *L)
{
    struct task *task = lua_check_task(L, "amp.call_all");
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    if (count > CALLS)
        return luaL_error(L, "at most %d calls at once", CALLS);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        struct lua_answer *answer = lua_push_answer(L);
        lua_rawseti(L, 2, i);
        lua_rawgeti(L, 1, i);
        send_call(L, task, -1, answer);
        lua_pop(L, 1);
    }
    return lua_answer_wait(L, task);
}

/*** amp.sleep(duration): waits. */
int lua_amp_sleep(lua_State *L)
{
    struct task *task = lua_check_task(L, "amp.sleep");
    uint64_t ms = lua_check_duration(L, 1);
    lua_settop(L, 0);
    lua_pushboolean(L, 1);
    task->wake_ms = script_now(task->thread.state) + ms + 1;
    return lua_yieldk(L, 0, 0, lua_return_top);
}

static bool is_well(const struct lua_answer *answer)
{
    struct span response;
    if (answer->reason[0] != '\0')
        return false;
    return answer->count == 0 || !message_find(answer->messages[0], "Response", &response) ||
           !span_is(response, "Error");
}

static void push_reason(lua_State *L, const struct lua_answer *answer)
{
    struct span text;
    if (is_well(answer))
        lua_pushnil(L);
    else if (answer->reason[0] != '\0')
        lua_pushstring(L, answer->reason);
    else if (message_find(answer->messages[0], "Message", &text))
        lua_pushlstring(L, text.bytes, text.length);
    else
        lua_pushliteral(L, "Error");
}

/** Upvalues: answer, name or nil, index. */
static int lua_events_next(lua_State *L)
{
    const struct lua_answer *answer = lua_touserdata(L, lua_upvalueindex(1));
    uint32_t index = (uint32_t)lua_tointeger(L, lua_upvalueindex(3));
    struct span wanted = {NULL, 0};
    bool any = lua_isnil(L, lua_upvalueindex(2));

    if (!any)
        wanted.bytes = lua_tolstring(L, lua_upvalueindex(2), &wanted.length);
    for (; index < answer->count; index++) {
        struct message *message = answer->messages[index];
        if (message->kind != MESSAGE_EVENT || (!any && !span_equals_nocase(message_name(message), wanted)))
            continue;
        lua_pushinteger(L, index + 1);
        lua_replace(L, lua_upvalueindex(3));
        lua_push_kept_message(L, message);
        return 1;
    }
    return 0;
}

/*** for e in answer:events(name): the events of that name, of any name without one, in order. */
static int lua_answer_events(lua_State *L)
{
    luaL_checkudata(L, 1, "answer");
    if (!lua_isnoneornil(L, 2))
        luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, lua_events_next, 3);
    return 1;
}

/*** answer.ok, answer.reason (nil if ok), answer.response (message or nil), answer.count (of messages),
 * answer:events(). */
static int lua_answer_index(lua_State *L)
{
    const struct lua_answer *answer = lua_touserdata(L, 1);
    const char *key = luaL_checkstring(L, 2);

    if (strcmp(key, "events") == 0)
        lua_pushcfunction(L, lua_answer_events);
    else if (strcmp(key, "ok") == 0)
        lua_pushboolean(L, is_well(answer));
    else if (strcmp(key, "reason") == 0)
        push_reason(L, answer);
    else if (strcmp(key, "count") == 0)
        lua_pushinteger(L, answer->count);
    else if (strcmp(key, "response") != 0)
        lua_fail_unknown(L, "unknown field of an answer:", key, lua_answer_fields);
    else if (answer->count > 0 && answer->messages[0]->kind == MESSAGE_RESPONSE)
        lua_push_kept_message(L, answer->messages[0]);
    else
        lua_pushnil(L);
    return 1;
}

static int lua_answer_gc(lua_State *L)
{
    struct lua_answer *answer = lua_touserdata(L, 1);
    if (!answer->done)
        script_calls_drop(answer->state, answer);
    for (uint32_t i = 0; i < answer->count; i++)
        message_unref(answer->messages[i]);
    free(answer->messages);
    free(answer->head);
    free(answer->body);
    answer->head = answer->body = NULL;
    answer->state->answer_bytes -= answer->bytes;
    answer->messages = NULL;
    answer->count = 0;
    answer->bytes = 0;
    return 0;
}

void lua_open_answers(lua_State *L)
{
    static const luaL_Reg meta[] = {{"__index", lua_answer_index}, {"__gc", lua_answer_gc}, {NULL, NULL}};
    lua_make_metatable(L, "answer", meta);
}
