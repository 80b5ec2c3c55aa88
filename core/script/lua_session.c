// core/script/lua_session.c: session.user, session:send(…) and the rest. The host carries them out.
#include "script/lua_session.h"

#include "script/lua_message.h"
#include "script/suggest.h"

static const char *const autofilters[] = {"off", "on", "unique", NULL};

void lua_push_session(lua_State *L, struct handle session)
{
    struct script_state *state = state_of(L);

    if (handle_is_none(session)) {
        lua_pushnil(L);
        return;
    }
    struct lua_session *object = lua_newuserdatauv(L, sizeof *object, 0);
    *object = (struct lua_session){.state = state, .session = session};
    list_add_first(&state->sessions, &object->of_state);
    luaL_setmetatable(L, "session");
}

void script_sessions_forget(struct script_state *state, struct handle session)
{
    for (struct lua_session *object = LIST_FIRST(&state->sessions, struct lua_session, of_state); object != NULL;
         object = LIST_NEXT(object, struct lua_session, of_state))
        if (handle_equals(object->session, session))
            object->session = (struct handle){0};
}

static struct lua_session *session_self(lua_State *L)
{
    struct lua_session *object = luaL_checkudata(L, 1, "session");
    if (handle_is_none(object->session))
        luaL_error(L, "the session is gone");
    return object;
}

static struct script_session_info info_of(lua_State *L, const struct lua_session *object)
{
    struct script_session_info info = {.user = NULL};
    const struct script_host *host = &object->state->host;
    if (host->session_info == NULL)
        LUA_RAISE(L, "sessions cannot be asked here");
    host->session_info(host->context, object->session, &info);
    return info;
}

/*** session:send{ Event = …, … }: a message for this session alone. */
static int lua_session_send(lua_State *L)
{
    static const char *const first[] = {"Event", "Response", NULL};
    const struct lua_session *object = session_self(L);
    const struct script_host *host = &object->state->host;

    if (host->session_send == NULL)
        return luaL_error(L, "session:send is not possible here");
    struct message *message = luaL_testudata(L, 2, "message") != NULL
                                  ? lua_check_message(L, 2)
                                  : lua_to_message(L, 2, first, (struct span){NULL, 0});
    if (message->kind != MESSAGE_EVENT && message->kind != MESSAGE_RESPONSE) {
        message_unref(message);
        return luaL_error(L, "a message for a session begins with Event or Response");
    }
    host->session_send(host->context, object->session, message);
    message_unref(message);
    return 0;
}

/*** session:close(): ends the session once everything was written. */
static int lua_session_close(lua_State *L)
{
    const struct lua_session *object = session_self(L);
    const struct script_host *host = &object->state->host;
    if (host->session_close == NULL)
        return luaL_error(L, "session:close is not possible here");
    host->session_close(host->context, object->session);
    return 0;
}

static int set_format(lua_State *L, bool output)
{
    const struct lua_session *object = session_self(L);
    const struct script_host *host = &object->state->host;
    bool (*set)(void *, struct handle, const char *) = output ? host->session_set_output : host->session_set_input;
    if (set == NULL)
        return luaL_error(L, "formats cannot be set here");
    lua_pushboolean(L, set(host->context, object->session, luaL_checkstring(L, 2)));
    return 1;
}

/*** session:set_output(format) -> boolean: is there such a format? */
static int lua_session_set_output(lua_State *L)
{
    return set_format(L, true);
}

/*** session:set_input(format) -> boolean: is there such a format? */
static int lua_session_set_input(lua_State *L)
{
    return set_format(L, false);
}

/*** session:set_autofilter("off" | "on" | "unique") */
static int lua_session_set_autofilter(lua_State *L)
{
    const struct lua_session *object = session_self(L);
    const struct script_host *host = &object->state->host;
    uint32_t mode = (uint32_t)lua_check_choice(L, 2, "unknown mode", autofilters);
    if (host->session_set_autofilter == NULL)
        return luaL_error(L, "session:set_autofilter is not possible here");
    host->session_set_autofilter(host->context, object->session, mode);
    return 0;
}

/*** session:set_resume(on) -> boolean: whether its messages carry ids; false: the configuration keeps nothing */
static int lua_session_set_resume(lua_State *L)
{
    const struct lua_session *object = session_self(L);
    const struct script_host *host = &object->state->host;
    bool on = lua_toboolean(L, 2) != 0;
    if (host->session_set_resume == NULL)
        return luaL_error(L, "session:set_resume is not possible here");
    lua_pushboolean(L, host->session_set_resume(host->context, object->session, on));
    return 1;
}

const char *const lua_session_fields[] = {"id",    "user",   "address", "ip",        "input", "output", "autofilter",
                                          "admin", "by_key", "token",   "encrypted", "alive", NULL};

/** Pushes the field of that place in lua_session_fields. */
static void push_field(lua_State *L, const struct script_session_info *info, int place)
{
    const char *const texts[] = {NULL, info->user, info->address, info->ip, info->input, info->output};

    if (place == 0)
        lua_pushinteger(L, (lua_Integer)info->id);
    else if (place <= 5)
        lua_pushstring(L, texts[place]);
    else if (place == 6)
        lua_pushstring(L, autofilters[info->autofilter <= 2 ? info->autofilter : 0]);
    else if (place == 9)
        lua_pushstring(L, info->token);
    else
        lua_pushboolean(L, place == 7 ? info->admin : place == 8 ? info->by_key : info->encrypted);
}

/*** session.id, .user, .address, .ip, .input, .output, .autofilter, .admin, .by_key, .token, .encrypted; session.alive
 * never raises. */
static int lua_session_index(lua_State *L)
{
    const struct lua_session *object = lua_touserdata(L, 1);
    const char *key = luaL_checkstring(L, 2);

    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    if (strcmp(key, "alive") == 0) {
        lua_pushboolean(L, !handle_is_none(object->session));
        return 1;
    }
    int place = lua_check_choice(L, 2, "unknown field of a session:", lua_session_fields);
    struct script_session_info info = info_of(L, session_self(L));
    push_field(L, &info, place);
    return 1;
}

static int lua_session_newindex(lua_State *L)
{
    return luaL_error(L, "a session's fields cannot be set");
}

static int lua_session_gc(lua_State *L)
{
    struct lua_session *object = lua_touserdata(L, 1);
    list_remove(&object->state->sessions, &object->of_state);
    return 0;
}

void lua_open_sessions(lua_State *L)
{
    static const luaL_Reg methods[] = {{"send", lua_session_send},
                                       {"close", lua_session_close},
                                       {"set_output", lua_session_set_output},
                                       {"set_input", lua_session_set_input},
                                       {"set_autofilter", lua_session_set_autofilter},
                                       {"set_resume", lua_session_set_resume},
                                       {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__newindex", lua_session_newindex}, {"__gc", lua_session_gc}, {NULL, NULL}};

    lua_make_metatable(L, "session", meta);
    luaL_getmetatable(L, "session");
    lua_push_functions(L, methods);
    lua_pushcclosure(L, lua_session_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
