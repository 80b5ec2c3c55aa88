// core/script/lua_ask.c: what scripts ask of the program: amp.reload, amp.add_server and others. Each waits for an
// answer.
#include "script/call.h"
#include "script/lua_message.h"
#include "script/lua_token.h"

/** Asks the program; pushes the answer. Takes `arguments`, which may be NULL. */
static int lua_ask(lua_State *L, enum script_ask what, struct lua_answer *answer, struct message *arguments)
{
    struct task *task = thread_of(L)->task;
    struct script_state *state = state_of(L);

    if (state->host.ask == NULL)
        lua_answer_fail(answer, "not possible here");
    else
        state->host.ask(state->host.context, script_call_create(task, answer, state->limits.call_timeout_ms), what,
                        arguments);
    message_unref(arguments);
    return lua_answer_wait(L, task);
}

/** Asks the program with the headers of the table on top of the stack; `name` is the first one. Pushes the answer. */
static int lua_ask_with(lua_State *L, enum script_ask what, const char *name)
{
    const char *const first[] = {name, NULL};
    int table = lua_gettop(L);
    struct lua_answer *answer = lua_push_answer(L);

    return lua_ask(L, what, answer, lua_to_message(L, table, first, (struct span){NULL, 0}));
}

/*** amp.reload() -> answer: configuration, users, scripts and certificates. answer.reason says what is wrong. Waits. */
int lua_amp_reload(lua_State *L)
{
    (void)lua_check_task(L, "amp.reload");
    return lua_ask(L, SCRIPT_ASK_RELOAD, lua_push_answer(L), NULL);
}

/*** amp.cluster() -> answer: an event ClusterNode for each node, then a ClusterServer for each server. Waits. */
int lua_amp_cluster(lua_State *L)
{
    (void)lua_check_task(L, "amp.cluster");
    return lua_ask(L, SCRIPT_ASK_CLUSTER, lua_push_answer(L), NULL);
}

/*** amp.control{ Command = name, … } -> answer: what an operator asks for (hub/control.h); its events are the result.
 * Waits.
 */
int lua_amp_control(lua_State *L)
{
    (void)lua_check_task(L, "amp.control");
    lua_settop(L, 1);
    return lua_ask_with(L, SCRIPT_ASK_CONTROL, "Command");
}

/*** amp.add_server{ Server =, Port =, Username =, Secret =, Events = } -> answer. Waits. */
int lua_amp_add_server(lua_State *L)
{
    (void)lua_check_task(L, "amp.add_server");
    lua_settop(L, 1);
    return lua_ask_with(L, SCRIPT_ASK_ADD_SERVER, "Server");
}

/*** amp.drop_server(name) -> answer. Waits. */
int lua_amp_drop_server(lua_State *L)
{
    (void)lua_check_task(L, "amp.drop_server");
    luaL_checkstring(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "Server");
    return lua_ask_with(L, SCRIPT_ASK_DROP_SERVER, "Server");
}

/*** amp.close_session(id) -> answer: the session of that number, of whatever worker, ends at once. Waits. */
int lua_amp_close_session(lua_State *L)
{
    (void)lua_check_task(L, "amp.close_session");
    lua_Integer id = luaL_checkinteger(L, 1);
    luaL_argcheck(L, id > 0, 1, "a session's number is positive");
    lua_newtable(L);
    lua_pushinteger(L, id);
    lua_setfield(L, -2, "Session");
    return lua_ask_with(L, SCRIPT_ASK_CLOSE_SESSION, "Session");
}

/*** amp.revoke_token(user, label) -> answer: tokens of that label (`*`: any) made until now are valid no more. Waits
 * until that is on the disk. */
int lua_amp_revoke_token(lua_State *L)
{
    (void)lua_check_task(L, "amp.revoke_token");
    luaL_checkstring(L, 1);
    luaL_checkstring(L, 2);
    lua_newtable(L);
    lua_pushvalue(L, 1);
    lua_setfield(L, -2, "User");
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "Label");
    return lua_ask_with(L, SCRIPT_ASK_REVOKE_TOKEN, "User");
}
