// core/script/lua_http.c: amp.http: requests to other hosts. The host decides to which.
#include "base/url.h"
#include "script/call.h"
#include "script/filter.h"
#include "script/suggest.h"

#include <strings.h>

#define HEADERS 64
#define HEADER_BYTES 8192
#define BODY_BYTES (1024 * 1024)
#define TIMEOUT_MS 60000 // longest time limit

static bool is_token(const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        if (strchr("!#$%&'*+-.^_`|~", *at) == NULL && !(*at >= '0' && *at <= '9') &&
            !((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z'))
            return false;
    return text[0] != '\0';
}

/** Is the header the program's own? Those are that say who asks, where a request goes or where it ends. */
static bool is_own_header(const char *name)
{
    static const char *const ours[] = {
        "Host", "Connection", "Content-Length", "Transfer-Encoding", "Expect",           "Upgrade",
        "TE",   "Trailer",    "User-Agent",     "Keep-Alive",        "Proxy-Connection", "Proxy-Authorization"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (strcasecmp(name, ours[i]) == 0)
            return true;
    return false;
}

/** Reads the field `headers` of the table at 1. Pushes the array, and each header as a text. */
static const char **push_headers(lua_State *L, size_t *count)
{
    const char **headers = lua_newuserdatauv(L, HEADERS * sizeof *headers, 0);

    *count = 0;
    if (lua_getfield(L, 1, "headers") == LUA_TNIL)
        return headers;
    if (!lua_istable(L, -1))
        luaL_error(L, "amp.http: 'headers': expected a table of names and values");
    int table = lua_gettop(L);
    luaL_checkstack(L, HEADERS + 8, NULL);
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        size_t length = 0;
        if (lua_type(L, -2) != LUA_TSTRING || !is_token(lua_tostring(L, -2)))
            luaL_error(L, "amp.http: 'headers': expected names of headers, not '%s'", luaL_tolstring(L, -2, NULL));
        const char *name = lua_tostring(L, -2), *value = lua_isstring(L, -1) ? lua_tolstring(L, -1, &length) : NULL;
        if (is_own_header(name))
            luaL_error(L, "amp.http: the header %s is the program's own", name);
        if (value == NULL || strcspn(value, "\r\n") != length || length > HEADER_BYTES)
            luaL_error(L, "amp.http: the header %s: expected a text of one line and at most %d bytes", name,
                       HEADER_BYTES);
        if (*count == HEADERS)
            luaL_error(L, "amp.http: at most %d headers", HEADERS);
        headers[(*count)++] = length == 0 ? lua_pushfstring(L, "%s;", name) : lua_pushfstring(L, "%s: %s", name, value);
        lua_insert(L, table + 1); // the texts stay between the table and the key, which lua_next() wants on top
        lua_pop(L, 1);
    }
    return headers;
}

static const char *read_text(lua_State *L, const char *name, const char *otherwise, size_t *length)
{
    *length = otherwise == NULL ? 0 : strlen(otherwise);
    if (lua_getfield(L, 1, name) == LUA_TNIL)
        return otherwise;
    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "amp.http: '%s': expected a text, not a %s", name, luaL_typename(L, -1));
    return lua_tolstring(L, -1, length);
}

/** Reads the table at 1. What it points to lies on the stack. */
static struct script_request read_request(lua_State *L)
{
    static const char *const known[] = {"url", "method", "headers", "body", "timeout", NULL};
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", NULL};
    struct script_request request = {.timeout_ms = state_of(L)->limits.call_timeout_ms};
    size_t length;

    lua_check_keys(L, 1, "amp.http: unknown option", known);
    request.url = read_text(L, "url", NULL, &length);
    if (request.url == NULL)
        LUA_RAISE(L, "amp.http: 'url' is missing");
    if (strlen(request.url) != length)
        request.url = ""; // a NUL is in no URL
    request.body.bytes = read_text(L, "body", NULL, &request.body.length);
    if (request.body.length > BODY_BYTES)
        luaL_error(L, "amp.http: 'body': expected at most 1 MiB");
    request.method = read_text(L, "method", request.body.bytes != NULL ? "POST" : "GET", &length);
    if (!suggest_knows(request.method, methods))
        lua_fail_unknown(L, "amp.http: unknown method", request.method, methods);
    if (request.body.bytes != NULL && (strcmp(request.method, "GET") == 0 || strcmp(request.method, "HEAD") == 0))
        luaL_error(L, "amp.http: a %s has no body", request.method);
    if (lua_getfield(L, 1, "timeout") != LUA_TNIL) {
        request.timeout_ms = lua_check_duration(L, -1);
        if (request.timeout_ms > TIMEOUT_MS)
            luaL_error(L, "amp.http: 'timeout': expected at most 60s");
    } else if (request.timeout_ms > TIMEOUT_MS) {
        request.timeout_ms = TIMEOUT_MS;
    }
    request.headers = push_headers(L, &request.header_count);
    return request;
}

/** Names the script and the user for which the request is. */
static void read_asker(lua_State *L, const struct task *task, struct script_request *request,
                       struct script_session_info *info)
{
    const struct owner *owner = &thread_of(L)->owner;
    const struct script_host *host = &state_of(L)->host;

    request->script = owner->file == NULL ? "" : owner->file->name;
    request->user = owner->filter == NULL ? NULL : owner->filter->user;
    if (request->user == NULL && !handle_is_none(task->session) && host->session_info != NULL) {
        host->session_info(host->context, task->session, info);
        request->user = info->user;
    }
}

/** Adds the header in `line` to the table on top; several of one name are joined (RFC 9110 5.3). */
static void add_header(lua_State *L, struct span line)
{
    const char *colon = line.length == 0 ? NULL : memchr(line.bytes, ':', line.length);
    luaL_Buffer buffer;

    if (colon == NULL || colon == line.bytes)
        return;
    size_t name = (size_t)(colon - line.bytes), start = name + 1, end = line.length;
    while (start < end && (line.bytes[start] == ' ' || line.bytes[start] == '\t'))
        start++;
    while (end > start && strchr(" \t\r\n", line.bytes[end - 1]) != NULL)
        end--;
    luaL_buffinit(L, &buffer);
    for (size_t i = 0; i < name; i++)
        luaL_addchar(&buffer,
                     (char)(line.bytes[i] >= 'A' && line.bytes[i] <= 'Z' ? line.bytes[i] + 32 : line.bytes[i]));
    luaL_pushresult(&buffer); // the name
    lua_pushvalue(L, -1);
    bool again = lua_rawget(L, -3) != LUA_TNIL;
    if (again)
        lua_pushliteral(L, ", ");
    lua_pushlstring(L, line.bytes + start, end - start);
    if (again)
        lua_concat(L, 3);
    else
        lua_remove(L, -2); // the nil
    lua_rawset(L, -3);
}

/** Pushes the results of amp.http: the answer that is at index 1, or nil and a reason. */
static int lua_return_fetched(lua_State *L, int status, lua_KContext context)
{
    const struct lua_answer *answer = lua_touserdata(L, 1);
    struct span head = {answer->head, answer->head_length};
    (void)status;
    (void)context;

    if (answer->reason[0] != '\0' || answer->status == 0) {
        lua_pushnil(L);
        lua_pushstring(L, answer->reason[0] != '\0' ? answer->reason : "no answer");
        return 2;
    }
    lua_createtable(L, 0, 3);
    lua_pushinteger(L, (lua_Integer)answer->status);
    lua_setfield(L, -2, "status");
    lua_newtable(L);
    while (head.length > 0) {
        const char *end = memchr(head.bytes, '\n', head.length);
        size_t length = end == NULL ? head.length : (size_t)(end - head.bytes) + 1;
        add_header(L, (struct span){head.bytes, length});
        head = (struct span){head.bytes + length, head.length - length};
    }
    lua_setfield(L, -2, "headers");
    lua_pushlstring(L, answer->body, answer->body_length);
    lua_setfield(L, -2, "body");
    return 1;
}

/*** amp.http{ url =, method =, headers = { Name = value }, body =, timeout = } -> { status =, headers =, body = }, or
 * nil and a reason. Waits. Names in the answer's headers are in lower case. Only to hosts of scripts.http; no redirect
 * is followed. */
int lua_amp_http(lua_State *L)
{
    struct task *task = lua_check_task(L, "amp.http");
    struct script_state *state = task->thread.state;
    struct script_session_info info = {.user = NULL};

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (state->host.http == NULL)
        return luaL_error(L, "amp.http is not possible here");
    struct script_request request = read_request(L);
    const char *fault = url_fault(request.url);
    struct lua_answer *answer = lua_push_answer(L);
    read_asker(L, task, &request, &info);
    if (state->retired || fault != NULL) {
        lua_answer_fail(answer, state->retired ? "reloading" : "");
        if (!state->retired)
            (void)snprintf(answer->reason, sizeof answer->reason, "expected %s", fault);
    } else {
        state->host.http(state->host.context, script_call_create(task, answer, request.timeout_ms), &request);
    }
    lua_replace(L, 1); // the answer
    lua_settop(L, 1);
    return task->pending == 0 ? lua_return_fetched(L, LUA_OK, 0) : lua_yieldk(L, 0, 0, lua_return_fetched);
}
