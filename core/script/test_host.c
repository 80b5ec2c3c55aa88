// core/script/test_host.c: see test_host.h.
//
//   t.servers{ "pbx1", "pbx2" }                        -- what amp.servers() gives; all are up
//   t.call(function(a, server)                         -- answers amp.call: messages, or nil and a reason
//     return { { "Response: Success" }, { Event = "CoreShowChannel", Channel = "SIP/1" } }
//   end)
//   t.http(function(request) return { status = 200, body = "{}" } end)   -- answers amp.http, or nil and a reason
//   local answer = t.run({ "ProxyAction: X", "Phone: 100" }, { user = "dave", admin = true })   -- a list of messages
#include "script/test_host.h"

#include "script/lua_message.h"
#include "script/lua_set.h"
#include "script/suggest.h"
#include "script/task.h"

#include <stdio.h>

static const struct handle session = {UINT32_MAX, UINT32_MAX}; // the session of the test that runs

static struct test_host *host_of(lua_State *L)
{
    return state_of(L)->host.context;
}

// --- what the scripts ask -------------------------------------------------------------------------------------------

/** amp.call in a test. */
struct test_call {
    struct script_call *call;
    const char *server;
    struct message *action;
    char reason[200]; // empty: it was answered
};

static int lua_answer(lua_State *L)
{
    static const char *const first[] = {"Response", "Event", NULL};
    struct test_call *test = lua_touserdata(L, 1);

    if (lua_getfield(L, LUA_REGISTRYINDEX, "test call") == LUA_TNIL) {
        (void)snprintf(test->reason, sizeof test->reason,
                       "the test does not answer: t.call(function(a, server) … end)");
        return 0;
    }
    lua_push_message(L, test->action, false);
    lua_pushstring(L, test->server);
    lua_call(L, 2, 2);
    if (!lua_istable(L, -2)) {
        (void)snprintf(test->reason, sizeof test->reason, "%s", luaL_optstring(L, -1, "no answer"));
        return 0;
    }
    lua_Integer count = (lua_Integer)lua_rawlen(L, -2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -2, i);
        struct message *message = lua_to_message(L, -1, first, (struct span){NULL, 0});
        script_call_message(test->call, message);
        message_unref(message);
        lua_pop(L, 1);
    }
    return 0;
}

static void on_call(void *context, struct script_call *call, const char *server, struct message *action,
                    uint64_t timeout_ms)
{
    const struct test_host *host = context;
    struct test_call test = {.call = call, .server = server, .action = action};
    struct error err;
    (void)timeout_ms;

    if (!script_protect(host->state, lua_answer, &test, &err))
        (void)snprintf(test.reason, sizeof test.reason, "%.190s", err.text);
    script_call_end(call, test.reason[0] == '\0' ? NULL : test.reason);
}

/** amp.http in a test. */
struct test_fetch {
    struct script_call *call;
    const struct script_request *request;
    char reason[200]; // empty: it was answered
};

static int lua_fetch(lua_State *L)
{
    struct test_fetch *test = lua_touserdata(L, 1);
    struct span head = {"", 0}, body;

    if (lua_getfield(L, LUA_REGISTRYINDEX, "test http") == LUA_TNIL) {
        (void)snprintf(test->reason, sizeof test->reason, "the test does not answer: t.http(function(request) … end)");
        return 0;
    }
    lua_createtable(L, 0, 3);
    lua_pushstring(L, test->request->url);
    lua_setfield(L, -2, "url");
    lua_pushstring(L, test->request->method);
    lua_setfield(L, -2, "method");
    lua_pushlstring(L, test->request->body.bytes, test->request->body.length);
    lua_setfield(L, -2, "body");
    lua_call(L, 1, 2);
    if (!lua_istable(L, -2)) {
        (void)snprintf(test->reason, sizeof test->reason, "%s", luaL_optstring(L, -1, "no answer"));
        return 0;
    }
    int answer = lua_gettop(L) - 1;
    lua_getfield(L, answer, "status");
    unsigned status = (unsigned)luaL_optinteger(L, -1, 200);
    lua_getfield(L, answer, "body");
    body.bytes = luaL_optlstring(L, -1, "", &body.length);
    if (lua_getfield(L, answer, "headers") == LUA_TTABLE) {
        int headers = lua_gettop(L);
        lua_pushliteral(L, "");
        lua_pushnil(L);
        while (lua_next(L, headers) != 0) { // headers + 1: the lines, + 2: name, + 3: value
            lua_pushfstring(L, "%s%s: %s\r\n", lua_tostring(L, headers + 1), luaL_tolstring(L, headers + 2, NULL),
                            luaL_checkstring(L, headers + 3));
            lua_replace(L, headers + 1);
            lua_settop(L, headers + 2);
        }
        head.bytes = lua_tolstring(L, headers + 1, &head.length);
    }
    script_call_fetched(test->call, status, head, body);
    return 0;
}

static void on_http(void *context, struct script_call *call, const struct script_request *request)
{
    const struct test_host *host = context;
    struct test_fetch test = {.call = call, .request = request};
    struct error err;

    if (!script_protect(host->state, lua_fetch, &test, &err))
        (void)snprintf(test.reason, sizeof test.reason, "%.190s", err.text);
    script_call_end(call, test.reason[0] == '\0' ? NULL : test.reason);
}

static void on_each_server(void *context, void (*visit)(void *visitor, const struct script_server_info *),
                           void *visitor)
{
    const struct test_host *host = context;

    for (uint32_t i = 0; i < host->server_count; i++) {
        struct script_server_info info = {.name = host->servers[i],
                                          .host = "127.0.0.1",
                                          .address = "127.0.0.1",
                                          .user = "test",
                                          .events = "on",
                                          .port = 5038,
                                          .up = true};
        visit(visitor, &info);
    }
}

static void on_info(void *context, struct handle asked, struct script_session_info *info)
{
    const struct test_host *host = context;
    (void)asked;

    *info = (struct script_session_info){.id = 1,
                                         .user = host->user[0] == '\0' ? NULL : host->user,
                                         .address = host->address,
                                         .ip = host->ip,
                                         .input = host->input,
                                         .output = host->output,
                                         .write = UINT32_MAX,
                                         .admin = host->admin,
                                         .authenticated = true,
                                         .by_key = host->by_key,
                                         .encrypted = host->encrypted};
}

static void on_send(void *context, struct handle to, struct message *message)
{
    (void)context, (void)to, (void)message;
}

static bool on_format(void *context, struct handle of, const char *name)
{
    (void)context, (void)of, (void)name;
    return true;
}

static void on_autofilter(void *context, struct handle of, uint32_t mode)
{
    (void)context, (void)of, (void)mode;
}

static bool on_resume(void *context, struct handle of, bool on)
{
    (void)context, (void)of, (void)on;
    return true;
}

static void on_close(void *context, struct handle of)
{
    (void)context, (void)of;
}

void test_host_begin(struct test_host *host, struct script_state *state)
{
    *host = (struct test_host){.state = state, .before = state->host};
    state->host.context = host;
    state->host.call = on_call;
    state->host.http = on_http;
    state->host.leave = NULL;
    state->host.each_server = on_each_server;
    state->host.session_info = on_info;
    state->host.session_send = on_send;
    state->host.session_set_output = state->host.session_set_input = on_format;
    state->host.session_set_autofilter = on_autofilter;
    state->host.session_set_resume = on_resume;
    state->host.session_close = on_close;
    state->host.ask = NULL;
    state->host.each_session = NULL;
    state->host.each_stat = NULL;
    state->host.each_format = NULL;
    state->host.clock_ms = NULL;
    state->host.wall = NULL;
}

void test_host_end(struct test_host *host)
{
    script_session_gone(host->state, session);
    host->state->host = host->before;
}

// --- what the test says ---------------------------------------------------------------------------------------------

static void read_text(lua_State *L, int index, const char *key, char *text, size_t size)
{
    if (lua_istable(L, index) && lua_getfield(L, index, key) != LUA_TNIL)
        (void)snprintf(text, size, "%s", luaL_checkstring(L, -1));
}

static bool read_flag(lua_State *L, int index, const char *key)
{
    return lua_istable(L, index) && lua_getfield(L, index, key) != LUA_TNIL && lua_toboolean(L, -1) != 0;
}

struct handle lua_test_session(lua_State *L, int index, const char *user)
{
    static const char *const known[] = {"user",  "address", "ip",        "input", "output",
                                        "admin", "by_key",  "encrypted", NULL};
    struct test_host *host = host_of(L);
    int top = lua_gettop(L);

    if (!lua_isnoneornil(L, index)) {
        luaL_checktype(L, index, LUA_TTABLE);
        lua_check_keys(L, index, "a session of a test: unknown field", known);
    }
    (void)snprintf(host->user, sizeof host->user, "%s", user == NULL ? "" : user);
    (void)snprintf(host->address, sizeof host->address, "192.0.2.1:5000");
    (void)snprintf(host->ip, sizeof host->ip, "192.0.2.1");
    (void)snprintf(host->input, sizeof host->input, "standard");
    (void)snprintf(host->output, sizeof host->output, "standard");
    read_text(L, index, "user", host->user, sizeof host->user);
    read_text(L, index, "address", host->address, sizeof host->address);
    read_text(L, index, "ip", host->ip, sizeof host->ip);
    read_text(L, index, "input", host->input, sizeof host->input);
    read_text(L, index, "output", host->output, sizeof host->output);
    host->admin = read_flag(L, index, "admin");
    host->by_key = read_flag(L, index, "by_key");
    host->encrypted = read_flag(L, index, "encrypted");
    lua_settop(L, top);
    return session;
}

static int lua_test_call(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "test call");
    return 0;
}

static int lua_test_http(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, "test http");
    return 0;
}

static int lua_test_servers(lua_State *L)
{
    struct test_host *host = host_of(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    luaL_argcheck(L, count <= 16, 1, "at most 16 servers");
    host->server_count = 0;
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        (void)snprintf(host->servers[host->server_count++], 64, "%s", luaL_checkstring(L, -1));
        lua_pop(L, 1);
    }
    return 0;
}

void lua_add_test_host(lua_State *L)
{
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "test call");
    lua_pushnil(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "test http");
    lua_pushcfunction(L, lua_test_http);
    lua_setfield(L, -2, "http");
    lua_pushcfunction(L, lua_test_call);
    lua_setfield(L, -2, "call");
    lua_pushcfunction(L, lua_test_servers);
    lua_setfield(L, -2, "servers");
}

/** The answer of a proxy action, message by message. */
struct answer {
    struct message *messages[256];
    uint32_t count;
    bool final;
};

static void on_replied(void *context, struct handle to, struct message *message, bool final)
{
    struct answer *answer = context;
    (void)to;

    if (answer->count < sizeof answer->messages / sizeof answer->messages[0])
        answer->messages[answer->count++] = message_ref(message);
    answer->final = final;
}

static int lua_push_answers(lua_State *L)
{
    const struct answer *answer = lua_touserdata(L, 1);

    lua_createtable(L, (int)answer->count, 0);
    for (uint32_t i = 0; i < answer->count; i++) {
        lua_push_message(L, answer->messages[i], false);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int lua_test_run(lua_State *L)
{
    static const char *const first[] = {"ProxyAction", NULL};
    struct script_state *state = state_of(L);
    const char *file = lua_tostring(L, lua_upvalueindex(1));
    struct script_action *action = script_action_of_file(state, file);
    struct answer answer = {.count = 0};

    if (action == NULL)
        return luaL_error(L, "there is no proxy action of the file '%s'", file);
    lua_settop(L, 2);
    struct handle handle = lua_test_session(L, 2, "test");
    struct message *request = lua_to_message(L, 1, first, (struct span){NULL, 0});
    script_action_run(state, action, request, handle, on_replied, &answer);
    script_session_gone(state, handle); // what still waits ends silently
    message_unref(request);
    lua_pushcfunction(L, lua_push_answers);
    lua_pushlightuserdata(L, &answer);
    int status = lua_pcall(L, 1, 1, 0);
    for (uint32_t i = 0; i < answer.count; i++)
        message_unref(answer.messages[i]);
    if (status != LUA_OK)
        return lua_error(L);
    return answer.final ? 1 : luaL_error(L, "the proxy action waits: a test has nobody who wakes it");
}
